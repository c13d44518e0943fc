//! The beginning, where the rows are not here: the cases' own stays come from an engine.
//!
//! Cost: the small tables, and the rows of the cases.

use super::rows::Parts;
use crate::base::error::Result;
use crate::ingest::{self, Folder, Progress, Table};
use crate::pipeline::prepare::{Prepared, prepare_with};
use crate::pipeline::request::{Outcome, Request};
use arrow_array::RecordBatch;
use std::collections::BTreeSet;

/// The ids under which rows of the people in `cases` may stand: their own, and their aliases.
///
/// # Errors
/// When a table cannot be used.
pub fn ids_of_cases(
    folder: &Folder,
    request: &Request,
    progress: &dyn Progress,
) -> Result<BTreeSet<String>> {
    let small = ingest::read_small(folder, &request.settings, &request.policy, progress)?;
    let mut ids: BTreeSet<String> =
        small.cases.iter().map(|episode| episode.case.id.to_string()).collect();
    let is_case = |id: &[u8]| std::str::from_utf8(id).is_ok_and(|id| ids.contains(id));
    let text = |id: &[u8]| String::from_utf8_lossy(id).into_owned();
    let aliases: Vec<String> = small.identities.aliases(is_case).map(text).collect();
    ids.extend(aliases);
    Ok(ids)
}

/// As [`prepare`](crate::pipeline::prepare()), with the rows of the cases in `trajectories` given:
/// all of them, or more.
///
/// # Errors
/// When a table cannot be used, or no case is confirmed by as-of.
pub fn prepare_rows(
    folder: Folder,
    request: Request,
    rows: &[RecordBatch],
    progress: &dyn Progress,
) -> Result<Outcome<Prepared>> {
    let mut parts = Parts::of_folder(&folder, Table::Trajectories);
    let files = rows.iter().map(|batch| parts.of(batch)).collect::<Result<Vec<_>>>()?.concat();
    let here = Folder::of_parts(files);
    prepare_with(folder, request, progress, |cases, input| input.over(&here).own_stays(cases))
}
