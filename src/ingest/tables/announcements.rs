//! `announcements`: when zones were announced (the Notice, section 3(2); Shanxi: within 5 hours).
//!
//! Cost: the table, in order.

use crate::base::error::Result;
use crate::ingest::account::Account;
use crate::ingest::cells::Bare;
use crate::ingest::contract::Table;
use crate::ingest::folder::Folder;
use crate::ingest::settings::{Progress, Settings};
use crate::ingest::tables::records;
use crate::ingest::tables::records::{Moments, Record, Verdict};
use crate::ingest::tables::stays::Bad;
use crate::model::registers::Announcement;
use serde::Deserialize;

#[derive(Deserialize, Default)]
#[serde(default)]
struct AnnouncementRow<'a> {
    zone_id: &'a [u8],
    announced: &'a [u8],
}

fn parse<'r>(
    record: &Record<'r>,
    moments: &mut Moments<'_, '_, 'r>,
) -> std::result::Result<Announcement, Bad<'r>> {
    let row: AnnouncementRow<'r> = record.row();
    let zone = records::required(row.zone_id, "zone_id")?.into();
    records::required(row.announced, "announced")?;
    let at = moments.read(row.announced, "announced", Bare::Start)?.expect("it is not blank");
    Ok(Announcement { zone, at, row: record.row })
}

/// Reads the table.
///
/// # Errors
/// When a file cannot be read.
pub fn read(
    folder: &Folder,
    settings: &Settings,
    progress: &dyn Progress,
) -> Result<(Vec<Announcement>, Account)> {
    let (table, mut announcements) = (Table::Announcements, Vec::new());
    let account = records::read(folder, table, settings, progress, |record, clock| {
        match parse(record, &mut Moments::new(clock, table, record)) {
            Err(bad) => Verdict::Rejected(bad),
            Ok(announcement) => {
                announcements.push(announcement);
                record.side_notes().verdict()
            }
        }
    })?;
    Ok((announcements, account))
}
