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
use crate::ingest::tables::stays::fault;
use hashbrown::HashMap;

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
    let table = Table::Identities;
    let (_, mut account) = records::read(folder, table, settings, progress, |record| {
        let (alias, person) = (record.must("alias")?, record.must("person_id")?);
        let mut moment = |column, bare| {
            let read = record.time(column, bare);
            record.or(read, None)
        };
        let (from, to) = (moment("from", Bare::Start), moment("to", Bare::End));
        let (start, end) = (from.unwrap_or(EVER.start), to.unwrap_or(EVER.end));
        if start >= end {
            fault("to", Reason::EndBeforeStart, record.cell("to"))?;
        }
        let of_alias = aliases.entry(alias.as_bytes().into()).or_default();
        if alias != person {
            let (span, person) = (Span { start, end }, Some(person.as_bytes().into()));
            of_alias.push(Validity { span, person, row: record.row });
        }
        Ok(())
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
