//! Scan: everybody's rows against the cases' stays.
//!
//! Cost: a pass over the bulk tables; where an open stay may match, one more over the rows of the people
//! concerned.

use super::passes::Input;
use super::prepare::Prepared;
use super::request::Stopwatch;
use crate::base::error::Result;
use crate::ingest::{Progress, Table};
use crate::model::PlaceId;
use crate::search::evidence::Evidence;
use crate::search::index::CaseIndex;
use crate::search::open::OpenRules;

/// Everybody's rows against the cases' stays: pass B, and pass C where open stays may match. What was found,
/// and the places of the index in their order.
///
/// # Errors
/// When a file cannot be used.
pub fn scan(
    prepared: &mut Prepared,
    progress: &dyn Progress,
    laps: &mut Stopwatch,
) -> Result<(Evidence, Vec<PlaceId>)> {
    let Prepared { request, folder, as_of, cases, places, stays, watch, account, .. } = prepared;
    let exposure = &request.policy.exposure;
    let open = OpenRules::new(exposure, *as_of);
    let index = CaseIndex::new(cases, stays, places, &watch.places, exposure, open);
    laps.lap("index");
    let input = Input::new(folder, request, *as_of, progress);
    let evidence = input.scan_all(&index, account)?;
    laps.lap("scan");
    let rows = account.of(Table::Trajectories).rows;
    let evidence = input.end_opens(&index, evidence, rows)?;
    laps.lap("open stays");
    Ok((evidence, index.case_places()))
}
