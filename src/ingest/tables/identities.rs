//! `identities`: the numbers by which other systems know a person, and when they did.
//!
//! A phone, a device or a card stands for its person in every other table. A number of two persons
//! at one time stands for nobody. Cost: a map of all aliases; none without the table.

use crate::base::error::Result;
use crate::base::time::Span;
use crate::ingest::account::Account;
use crate::ingest::cells::Bare;
use crate::ingest::contract::Table;
use crate::ingest::folder::Folder;
use crate::ingest::identities::{EVER, Identities, Validity};
use crate::ingest::rejects::{Fault, Reason};
use crate::ingest::settings::{Progress, Settings};
use crate::ingest::tables::records;
use crate::ingest::tables::records::{Moments, Verdict};
use crate::ingest::tables::stays::fault;
use hashbrown::HashMap;
use serde::Deserialize;

#[derive(Deserialize, Default)]
#[serde(default)]
struct IdentityRow<'a> {
    alias: &'a [u8],
    person_id: &'a [u8],
    from: &'a [u8],
    to: &'a [u8],
}

/// Reads the table.
///
/// # Errors
/// When a file cannot be read.
pub fn read(
    folder: &Folder,
    settings: &Settings,
    progress: &dyn Progress,
) -> Result<(Identities, Account)> {
    let mut aliases: HashMap<Box<[u8]>, Vec<Validity>> = HashMap::new();
    let mut account =
        records::read(folder, Table::Identities, settings, progress, |record, clock| {
            let row: IdentityRow<'_> = record.row();
            let mut moments = Moments::new(clock, Table::Identities, record);
            let mut notes = record.side_notes();
            let ids = records::required(row.alias, "alias")
                .and_then(|_| records::required(row.person_id, "person_id"));
            if let Err(bad) = ids {
                return Verdict::Rejected(bad);
            }
            let from = notes.or(moments.read(row.from, "from", Bare::Start), None);
            let to = notes.or(moments.read(row.to, "to", Bare::End), None);
            let (start, end) = (from.unwrap_or(EVER.start), to.unwrap_or(EVER.end));
            if start >= end {
                let bad = fault::<()>("to", Reason::EndBeforeStart, row.to);
                return Verdict::Rejected(bad.expect_err("a fault"));
            }
            let (span, person) = (Span { start, end }, Some(row.person_id.into()));
            let validity = Validity { span, person, row: record.row };
            let of_alias = aliases.entry(row.alias.into()).or_default();
            if row.alias != row.person_id {
                of_alias.push(validity);
            }
            notes.verdict()
        })?;
    aliases.retain(|_, validities| !validities.is_empty());
    for (alias, validities) in &mut aliases {
        // Rows of one person may overlap as they like.
        validities.sort_by_key(|validity| (validity.span.start, validity.row));
        let ambiguous = |one: usize| {
            let Validity { span, person, .. } = &validities[one];
            let meets = |other: &Validity| {
                other.person != *person
                    && span.start < other.span.end
                    && other.span.start < span.end
            };
            validities.iter().any(meets)
        };
        let ambiguous: Vec<usize> = (0..validities.len()).filter(|&one| ambiguous(one)).collect();
        for one in ambiguous {
            let fault = Fault { column: "alias", reason: Reason::AmbiguousAlias };
            account.reject(validities[one].row, fault, alias);
            validities[one].person = None;
        }
        // What is ambiguous comes first where several are valid.
        validities.sort_by_key(|validity| validity.person.is_some());
    }
    Ok((Identities::new(aliases, settings.pseudonyms.clone()), account))
}
