//! What an engine may count and leave where it is: predicate push-down.
//!
//! Rows that are ordinary: they have no fault, and no verdict depends on them. An engine may call
//! fewer rows ordinary than the reader does, never more. Cost: the hot places once.

use super::index_file::IndexFile;
use crate::base::error::Result;
use crate::base::time::{DAY, Instant, Span};
use crate::ingest::{StayLimits, Table, layout_of};
use serde::Serialize;
use std::collections::BTreeMap;

/// From here on a time zone must have one offset for its wall-clock times to be compared:
/// 1992-01-01, the first year in which China put no clock forward.
const STEADY: Instant = Instant(694_224_000);

/// 9999-12-31 23:59:59: the last moment that engines know.
const LAST: i64 = 253_402_300_799;

/// Ten years: for that long after as-of clocks must not change, for a stay may end after it.
const BEHIND: i64 = 10 * 365 * DAY;

/// Which rows of a table are needed. Times are seconds since 1970.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PushDown {
    /// For each column of the contract that the table has, what it is called there.
    pub columns: BTreeMap<&'static str, String>,
    /// Rows that name one of these are needed: hot places in trajectories, cases in co-locations.
    pub ids: Vec<String>,
    /// Rows that begin at this moment or later are needed: each is counted as what it is.
    pub before: i64,
    /// Stays at the places of `ids` are needed only where they end later than this.
    pub since: i64,
    /// Positions are needed only where they begin later than this.
    pub positions_since: i64,
    /// How many seconds wall-clock times are ahead of UTC; nothing where that changes.
    pub offset: Option<i64>,
    /// Rows that begin before this moment or end at `last` or later are needed: only between the
    /// two are clocks, and what engines make of times, certain.
    pub first: i64,
    /// See `first`.
    pub last: i64,
}

impl PushDown {
    /// Of a table whose rows are elsewhere; nothing where every row is needed: where ids stand for
    /// others.
    ///
    /// # Errors
    /// When the table lacks a column.
    pub fn new(of: &IndexFile, table: Table) -> Result<Option<PushDown>> {
        let settings = &of.request.settings;
        if !settings.identities.is_empty() {
            return Ok(None);
        }
        let Some(file) = of.elsewhere(table) else { return Ok(None) };
        let layout = layout_of(&file, settings)?;
        let named = table.columns().iter().zip(&layout.cells);
        let named = named.filter_map(|(column, cell)| Some((column.name, (*cell)?)));
        let columns = named.map(|(name, cell)| (name, layout.header[cell].clone())).collect();
        let index = &of.index;
        let ids = match table {
            Table::Colocations => {
                index.cases().iter().map(|(_, case)| case.id.to_string()).collect()
            }
            _ => index.hot_places().map(|(_, id)| id.to_owned()).collect(),
        };
        let before = settings.before(index.as_of());
        let limits = StayLimits::new(&of.request.policy, index.as_of());
        let last = (before.0.min(LAST) + BEHIND).min(LAST - DAY);
        let zone = settings.zone_of(table);
        let mut offsets =
            zone.pieces(Span { start: STEADY, end: Instant(last + DAY) }).map(|(_, offset)| offset);
        let offset = offsets.next().filter(|_| offsets.next().is_none());
        let since = index.reach().since.0;
        Ok(Some(PushDown {
            columns,
            ids,
            before: before.0.min(LAST),
            since: since.min(LAST),
            positions_since: index.positions_since().0.min(since).min(LAST)
                - limits.longest_position(),
            offset,
            first: STEADY.0 + DAY,
            last,
        }))
    }
}
