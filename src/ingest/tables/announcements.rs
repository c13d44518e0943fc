//! `announcements`: when zones were announced (the Notice, section 3(2); Shanxi: within 5 hours).
//!
//! Cost: the table, in order.

use crate::base::error::Result;
use crate::ingest::account::Account;
use crate::ingest::contract::Table;
use crate::ingest::folder::Folder;
use crate::ingest::settings::{Progress, Settings};
use crate::ingest::tables::records;
use crate::model::registers::Announcement;

/// Reads the table.
///
/// # Errors
/// When a file cannot be read.
pub fn read(
    folder: &Folder,
    settings: &Settings,
    progress: &dyn Progress,
) -> Result<(Vec<Announcement>, Account)> {
    records::read(folder, Table::Announcements, settings, progress, |record| {
        let zone = record.must("zone_id")?.into();
        Ok(Announcement { zone, at: record.must_time("announced")?, row: record.row })
    })
}
