//! `arrivals`: who came from abroad, and how their samples were (the Notice, measures 9 and 10).
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
use crate::ingest::tables::records::Record;
use crate::ingest::tables::stays::fault;
use crate::model::registers::Arrival;

/// Ct values beyond this are slips of the pen: cyclers stop at 45.
const MOST_CT: f64 = 60.0;

/// When a sample was taken and its Ct value. One that cannot be read must not pass for a negative
/// one: that sample is none.
fn sample(
    record: &mut Record<'_, '_, '_>,
    at: Option<Instant>,
    ct: &'static str,
) -> (Option<Instant>, Option<f64>) {
    match record.number(ct, 0.0, MOST_CT) {
        Ok(ct) => (at, ct),
        bad => (None, record.or(bad, None)),
    }
}

/// Reads the table.
///
/// # Errors
/// When a file cannot be read.
pub fn read(
    folder: &Folder,
    settings: &Settings,
    progress: &dyn Progress,
) -> Result<(Vec<Arrival>, Account)> {
    records::read(folder, Table::Arrivals, settings, progress, |record| {
        let id = record.must("person_id")?;
        let entered = record.must_time("entered")?;
        if entered > settings.latest_start() {
            fault("entered", Reason::InFuture, record.cell("entered"))?;
        }
        let mut moment = |column| {
            let read = record.time(column, Bare::Start);
            record.or(read, None)
        };
        let (sampled, retested) = (moment("sampled"), moment("retested"));
        let (sampled, ct) = sample(record, sampled, "ct");
        let (retested, retest_ct) = sample(record, retested, "retest_ct");
        let person = records::person(settings, id, entered)?;
        Ok(Arrival { person, entered, sampled, ct, retested, retest_ct, row: record.row })
    })
}
