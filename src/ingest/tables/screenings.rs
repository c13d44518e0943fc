//! `screenings`: who was tested in which zone, and how (the Notice, measure 4).
//!
//! Cost: the table, in order.

use crate::base::error::Result;
use crate::base::time::Instant;
use crate::ingest::account::Account;
use crate::ingest::cells::Bare;
use crate::ingest::contract::Table;
use crate::ingest::folder::Folder;
use crate::ingest::rejects::Reason;
use crate::ingest::settings::{Progress, Settings};
use crate::ingest::tables::records;
use crate::ingest::tables::records::{Moments, Record, SideNotes, Verdict};
use crate::ingest::tables::stays::{Bad, fault};
use crate::model::Places;
use crate::model::registers::Screening;
use serde::Deserialize;

#[derive(Deserialize, Default)]
#[serde(default)]
struct ScreeningRow<'a> {
    zone_id: &'a [u8],
    place_id: &'a [u8],
    person_id: &'a [u8],
    date: &'a [u8],
    result: &'a [u8],
}

/// What results are called, and whether they are positive.
const RESULTS: [(&str, bool); 12] = [
    ("negative", false),
    ("neg", false),
    ("n", false),
    ("未检出", false),
    ("0", false),
    ("阴性", false),
    ("阴", false),
    ("positive", true),
    ("pos", true),
    ("1", true),
    ("阳性", true),
    ("阳", true),
];

fn parse<'r>(
    record: &Record<'r>,
    moments: &mut Moments<'_, '_, 'r>,
    (places, settings): (&mut Places, &Settings),
) -> std::result::Result<(Screening, Instant, SideNotes<'r>), Bad<'r>> {
    let row: ScreeningRow<'r> = record.row();
    if row.place_id.is_empty() {
        records::required(row.zone_id, "zone_id")?;
    }
    let person = records::required(row.person_id, "person_id")?.into();
    records::required(row.date, "date")?;
    let at = moments.read(row.date, "date", Bare::Start)?.expect("it is not blank");
    if at > settings.latest_start() {
        return fault("date", Reason::InFuture, row.date);
    }
    let result = records::required(row.result, "result")?.to_lowercase();
    let Some((_, positive)) = RESULTS.into_iter().find(|(name, _)| *name == result) else {
        return fault("result", Reason::BadValue, row.result);
    };
    let place = (!row.place_id.is_empty()).then(|| places.intern(row.place_id));
    let zone = (!row.zone_id.is_empty()).then(|| records::text(row.zone_id).into());
    let date = settings.zone.date(at);
    let screening = Screening { zone, place, person, date, positive, row: record.row };
    Ok((screening, at, record.side_notes()))
}

/// Reads the table. Places that `places` lacks are added to it.
///
/// # Errors
/// When a file cannot be read.
pub fn read(
    folder: &Folder,
    settings: &Settings,
    places: &mut Places,
    progress: &dyn Progress,
) -> Result<(Vec<Screening>, Account)> {
    let (table, mut screenings) = (Table::Screenings, Vec::new());
    let account = records::read(folder, table, settings, progress, |record, clock| {
        let mut moments = Moments::new(clock, table, record);
        match parse(record, &mut moments, (places, settings)) {
            Err(bad) => Verdict::Rejected(bad),
            Ok((screening, at, notes)) => match records::person(settings, &screening.person, at) {
                None => Verdict::Nobody,
                Some(person) => {
                    screenings.push(Screening { person, ..screening });
                    notes.verdict()
                }
            },
        }
    })?;
    Ok((screenings, account))
}
