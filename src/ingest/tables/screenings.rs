//! `screenings`: who was tested in which zone, and how (the Notice, measure 4).
//!
//! Cost: the table, in order.

use crate::base::error::Result;
use crate::ingest::account::Account;
use crate::ingest::contract::Table;
use crate::ingest::folder::Folder;
use crate::ingest::rejects::Reason;
use crate::ingest::settings::{Progress, Settings};
use crate::ingest::tables::records;
use crate::ingest::tables::stays::fault;
use crate::model::Places;
use crate::model::registers::Screening;

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
    records::read(folder, Table::Screenings, settings, progress, |record| {
        let place = record.cell("place_id");
        if place.is_empty() {
            record.must("zone_id")?;
        }
        let id = record.must("person_id")?;
        let at = record.must_time("date")?;
        if at > settings.latest_start() {
            fault("date", Reason::InFuture, record.cell("date"))?;
        }
        let result = record.must("result")?.to_lowercase();
        let known = RESULTS.into_iter().find(|(name, _)| *name == result);
        let Some((_, positive)) = known else {
            return Ok(fault("result", Reason::BadValue, record.cell("result"))?);
        };
        let place = (!place.is_empty()).then(|| places.intern(place));
        let zone = Some(record.text("zone_id")).filter(|zone| !zone.is_empty());
        let person = records::person(settings, id, at)?;
        let (zone, date) = (zone.map(Into::into), settings.zone.date(at));
        Ok(Screening { zone, place, person, date, positive, row: record.row })
    })
}
