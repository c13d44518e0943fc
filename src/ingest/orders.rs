//! What was ordered: zones and measures as they were decided, for an audit.
//!
//! Lists in the shape of `zones.csv` and `measures.csv`, in any form that tables of an export may
//! have; other columns are kept for those who read what the audit finds. Cost: the list, in order.

use crate::base::error::Result;
use crate::base::time::{Date, Instant};
use crate::ingest::account::Account;
use crate::ingest::cells::Bare;
use crate::ingest::contract::Table;
use crate::ingest::folder::Folder;
use crate::ingest::settings::{Settings, Silent};
use crate::ingest::tables::records;
use crate::model::RowRef;
use std::path::Path;

/// A zone that was ordered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderedZone {
    /// Which.
    pub zone_id: String,
    /// As it is written.
    pub status: String,
    /// When it was announced.
    pub announced: Option<Instant>,
    /// Its row.
    pub row: RowRef,
}

/// A measure that was ordered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderedMeasure {
    /// For whom.
    pub person_id: String,
    /// As it is written.
    pub measure: String,
    /// As it is written.
    pub state: String,
    /// From when it is counted.
    pub day0: Option<Date>,
    /// When it ends.
    pub release_on: Option<Date>,
    /// Its row.
    pub row: RowRef,
}

/// What was read of a list.
#[derive(Debug)]
pub struct Orders<T> {
    /// Its rows, in order.
    pub rows: Vec<T>,
    /// What became of all rows: those that cannot be used are rejects.
    pub account: Account,
    /// The files.
    pub folder: Folder,
}

/// Reads the zones that were ordered.
///
/// # Errors
/// When the file cannot be used.
pub fn zones(path: &Path, settings: &Settings) -> Result<Orders<OrderedZone>> {
    let table = Table::OrderedZones;
    let folder = Folder::of_one(path, table, &settings.aliases)?;
    let (rows, account) = records::read(&folder, table, settings, &Silent, |record| {
        let zone_id = record.must("zone_id")?.to_owned();
        let announced = record.time("announced", Bare::Start);
        let (announced, status) = (record.or(announced, None), record.text("status").to_owned());
        Ok(OrderedZone { zone_id, status, announced, row: record.row })
    })?;
    Ok(Orders { rows, account, folder })
}

/// Reads the measures that were ordered.
///
/// # Errors
/// When the file cannot be used.
pub fn measures(path: &Path, settings: &Settings) -> Result<Orders<OrderedMeasure>> {
    let table = Table::OrderedMeasures;
    let folder = Folder::of_one(path, table, &settings.aliases)?;
    let (rows, account) = records::read(&folder, table, settings, &Silent, |record| {
        let person_id = record.must("person_id")?.to_owned();
        let mut day = |column, bare| {
            let read = record.time(column, bare);
            record.or(read, None)
        };
        let day0 = day("day0", Bare::Start).map(|at| settings.zone.date(at));
        let release_on = day("release_on", Bare::Start).map(|at| settings.zone.date(at));
        let release_on =
            release_on.or_else(|| day("to", Bare::End).map(|end| settings.zone.free_from(end)));
        let [measure, state] = ["measure", "state"].map(|column| record.text(column).to_owned());
        Ok(OrderedMeasure { person_id, measure, state, day0, release_on, row: record.row })
    })?;
    Ok(Orders { rows, account, folder })
}
