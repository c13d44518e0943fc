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
use crate::ingest::tables::records::{Moments, Record, SideNotes, Verdict};
use crate::ingest::tables::stays::{Bad, fault, number};
use crate::model::registers::Arrival;
use serde::Deserialize;

#[derive(Deserialize, Default)]
#[serde(default)]
struct ArrivalRow<'a> {
    person_id: &'a [u8],
    entered: &'a [u8],
    sampled: &'a [u8],
    ct: &'a [u8],
    retested: &'a [u8],
    retest_ct: &'a [u8],
}

/// Ct values beyond this are slips of the pen: cyclers stop at 45.
const MOST_CT: f64 = 60.0;

fn parse<'r>(
    record: &Record<'r>,
    moments: &mut Moments<'_, '_, 'r>,
    latest: Instant,
) -> std::result::Result<(Arrival, SideNotes<'r>), Bad<'r>> {
    let row: ArrivalRow<'r> = record.row();
    let person = records::required(row.person_id, "person_id")?.into();
    records::required(row.entered, "entered")?;
    let entered = moments.read(row.entered, "entered", Bare::Start)?.expect("it is not blank");
    if entered > latest {
        return fault("entered", Reason::InFuture, row.entered);
    }
    let mut notes = record.side_notes();
    let sampled = notes.or(moments.read(row.sampled, "sampled", Bare::Start), None);
    let retested = notes.or(moments.read(row.retested, "retested", Bare::Start), None);
    // A Ct value that cannot be read must not pass for a negative one: that sample is none.
    let mut sample = |at: Option<Instant>, cell, column| match number(cell, column, 0.0, MOST_CT) {
        Ok(ct) => (at, ct),
        bad => (None, notes.or(bad, None)),
    };
    let (sampled, ct) = sample(sampled, row.ct, "ct");
    let (retested, retest_ct) = sample(retested, row.retest_ct, "retest_ct");
    let row = record.row;
    Ok((Arrival { person, entered, sampled, ct, retested, retest_ct, row }, notes))
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
    let (table, mut arrivals) = (Table::Arrivals, Vec::new());
    let account = records::read(folder, table, settings, progress, |record, clock| {
        let mut moments = Moments::new(clock, table, record);
        match parse(record, &mut moments, settings.latest_start()) {
            Err(bad) => Verdict::Rejected(bad),
            Ok((arrival, notes)) => {
                match records::person(settings, &arrival.person, arrival.entered) {
                    None => Verdict::Nobody,
                    Some(person) => {
                        arrivals.push(Arrival { person, ..arrival });
                        notes.verdict()
                    }
                }
            }
        }
    })?;
    Ok((arrivals, account))
}
