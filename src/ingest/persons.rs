//! `persons`: where people live, and when a closed loop ended. The first row of a person is kept.

use super::bulk::Account;
use super::cells::{Bare, Clock};
use super::columns::Table;
use super::folder::Folder;
use super::places::FirstRows;
use super::rejects::{Fault, Reason};
use super::small::{self, Record, Verdict};
use super::stays::Bad;
use super::{Progress, Settings};
use crate::error::Result;
use crate::model::{Person, Persons, Places};
use serde::Deserialize;

#[derive(Deserialize, Default)]
#[serde(default)]
struct PersonRow<'a> {
    person_id: &'a [u8],
    residence: &'a [u8],
    closed_loop_end: &'a [u8],
}

fn parse<'r>(
    record: &Record<'r>,
    clock: &mut Clock<'_>,
    places: &mut Places,
) -> std::result::Result<(&'r [u8], Person), Bad<'r>> {
    let row: PersonRow<'r> = record.row();
    small::required(row.person_id, "person_id")?;
    let end = small::moment(clock, row.closed_loop_end, "closed_loop_end", Bare::Start)?;
    let closed_loop_end = end.map(|end| clock.zone().date(end));
    let residence = (!row.residence.is_empty()).then(|| places.intern(row.residence));
    Ok((row.person_id, Person { residence, closed_loop_end, row: record.row }))
}

/// Reads the table; residences that `places` lacks are added to it.
///
/// # Errors
/// When a file cannot be read.
pub fn read(
    folder: &Folder,
    settings: &Settings,
    progress: &dyn Progress,
    places: &mut Places,
) -> Result<(Persons, Account)> {
    let mut persons = Persons::default();
    let mut first = FirstRows::default();
    persons.reserve(small::rows_about(folder, Table::Persons));
    let account = small::read(folder, Table::Persons, settings, progress, |record, clock| {
        match parse(record, clock, places) {
            Err(bad) => Verdict::Rejected(bad),
            Ok((id, person)) => {
                let kept = persons.add(small::text(id), person);
                let fault = Fault { column: "person_id", reason: Reason::DuplicatePerson };
                first.verdict(kept, id, record.raw, fault)
            }
        }
    })?;
    Ok((persons, account))
}
