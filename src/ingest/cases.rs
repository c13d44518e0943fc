//! `cases`: who is a case, and when. One row a person is kept.

use super::bulk::Account;
use super::cells::{Bare, Clock};
use super::columns::Table;
use super::folder::Folder;
use super::rejects::{Fault, Reason};
use super::small::{self, Record, Verdict};
use super::stays::{Bad, truth};
use super::{Progress, Settings};
use crate::error::Result;
use crate::model::{Case, RowRef};
use hashbrown::HashMap;
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
struct CaseRow<'a> {
    person_id: &'a [u8],
    onset: &'a [u8],
    sampled: &'a [u8],
    confirmed: &'a [u8],
    isolated: &'a [u8],
    imported: &'a [u8],
}

fn parse<'r>(record: &Record<'r>, clock: &mut Clock<'_>) -> std::result::Result<Case, Bad<'r>> {
    let row: CaseRow<'r> = record.row();
    let id = small::required(row.person_id, "person_id")?.into();
    let onset = small::moment(clock, row.onset, "onset", Bare::Start)?;
    let sampled = small::moment(clock, row.sampled, "sampled", Bare::Start)?;
    small::required(row.confirmed, "confirmed")?;
    let confirmed = small::moment(clock, row.confirmed, "confirmed", Bare::Start)?;
    let isolated = small::moment(clock, row.isolated, "isolated", Bare::End)?;
    let imported = truth(row.imported, "imported", false)?;
    Ok(Case { id, onset, sampled, confirmed: confirmed.expect("required"), isolated, imported })
}

/// A kept row, with what decides between two rows of one person.
struct Kept {
    case: Case,
    raw: Box<[u8]>,
    row: RowRef,
}

/// Reads the table. Of several rows of one person the one with the earliest `confirmed` is kept,
/// then the earliest anchor, then the smallest row by bytes; exact repeats are dropped.
///
/// # Errors
/// When a file cannot be read.
pub fn read(
    folder: &Folder,
    settings: &Settings,
    progress: &dyn Progress,
) -> Result<(Vec<Case>, Account)> {
    let mut kept: HashMap<Box<str>, Kept> = HashMap::new();
    let mut others: Vec<(Box<str>, Box<[u8]>, RowRef)> = Vec::new();
    let mut account = small::read(folder, Table::Cases, settings, progress, |record, clock| {
        let case = match parse(record, clock) {
            Ok(case) => case,
            Err(bad) => return Verdict::Rejected(bad),
        };
        let new = Kept { case, raw: record.raw.into(), row: record.row };
        let Some(old) = kept.get_mut(&new.case.id) else {
            kept.insert(new.case.id.clone(), new);
            return Verdict::Used;
        };
        let order = |k: &Kept| {
            let anchor = k.case.anchor(clock.zone());
            (k.case.confirmed, anchor, k.raw.clone(), k.row)
        };
        let loser = if order(&new) < order(old) { std::mem::replace(old, new) } else { new };
        others.push((loser.case.id, loser.raw, loser.row));
        Verdict::Used
    })?;
    for (id, raw, row) in others {
        let fault = Fault { column: "person_id", reason: Reason::DuplicateCase };
        account.take_back(row, id.as_bytes(), kept[&id].raw == raw, fault);
    }
    Ok((kept.into_values().map(|kept| kept.case).collect(), account))
}
