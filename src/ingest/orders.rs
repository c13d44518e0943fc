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
use crate::ingest::tables::records::{Moments, Verdict};
use crate::model::RowRef;
use serde::Deserialize;
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

#[derive(Deserialize, Default)]
#[serde(default)]
struct ZoneRow<'a> {
    zone_id: &'a [u8],
    status: &'a [u8],
    announced: &'a [u8],
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct MeasureRow<'a> {
    person_id: &'a [u8],
    measure: &'a [u8],
    state: &'a [u8],
    day0: &'a [u8],
    release_on: &'a [u8],
    to: &'a [u8],
}

fn text(cell: &[u8]) -> String {
    records::text(cell).to_owned()
}

/// Reads the zones that were ordered.
///
/// # Errors
/// When the file cannot be used.
pub fn zones(path: &Path, settings: &Settings) -> Result<Orders<OrderedZone>> {
    let table = Table::OrderedZones;
    let folder = Folder::of_one(path, table, &settings.aliases)?;
    let mut rows = Vec::new();
    let account = records::read(&folder, table, settings, &Silent, |record, clock| {
        let row: ZoneRow<'_> = record.row();
        if let Err(bad) = records::required(row.zone_id, "zone_id") {
            return Verdict::Rejected(bad);
        }
        let mut notes = record.side_notes();
        let mut moments = Moments::new(clock, table, record);
        let announced = notes.or(moments.read(row.announced, "announced", Bare::Start), None);
        let (zone_id, status) = (text(row.zone_id), text(row.status));
        rows.push(OrderedZone { zone_id, status, announced, row: record.row });
        notes.verdict()
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
    let mut rows = Vec::new();
    let account = records::read(&folder, table, settings, &Silent, |record, clock| {
        let row: MeasureRow<'_> = record.row();
        if let Err(bad) = records::required(row.person_id, "person_id") {
            return Verdict::Rejected(bad);
        }
        let mut notes = record.side_notes();
        let mut moments = Moments::new(clock, table, record);
        let mut day = |cell, column, bare| {
            let at = notes.or(moments.read(cell, column, bare), None);
            at.map(|at| settings.zone.date(at))
        };
        let day0 = day(row.day0, "day0", Bare::Start);
        let release_on = day(row.release_on, "release_on", Bare::Start);
        // A last day is over at its midnight: they are released on the next one.
        let release_on = release_on.or_else(|| day(row.to, "to", Bare::End));
        rows.push(OrderedMeasure {
            person_id: text(row.person_id),
            measure: text(row.measure),
            state: text(row.state),
            day0,
            release_on,
            row: record.row,
        });
        notes.verdict()
    })?;
    Ok(Orders { rows, account, folder })
}
