//! Which output a new one is compared with.
//!
//! Cost: a look at the summaries of the folders beside it, and the states of the one that is taken.

use super::folder::OutputFolder;
use super::names::MARK;
use super::states::{State, States, What};
use crate::base::error::Result;
use crate::base::time::{Instant, TimeZone};
use crate::ingest::cells::{Bare, TimeReader};
use crate::pipeline::Analysis;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// The states to compare a new output with: those of a folder that was named; else the newest that
/// has an earlier as-of: the replaced output, what that was compared with, or an output beside it;
/// else those of the replaced output. An output beside it must share more than half of its cases
/// with the new one, and the replaced one a case: else it is another outbreak or another county, or
/// has other names for people. One that was named is compared if people have the same names.
///
/// # Errors
/// When a folder was named and is no output.
pub(super) fn earlier(
    folder: &OutputFolder,
    named: Option<&Path>,
    analysis: &Analysis,
) -> Result<Option<Earlier>> {
    let is_known = |case: &&State| analysis.cases.find(&case.id).is_some();
    let shared = |states: &States| {
        let cases = || states.iter().filter(|state| state.what == What::Case);
        (cases().filter(is_known).count(), cases().count())
    };
    let shares_case = |states: &States| shared(states).0 > 0;
    let shares_most = |states: &States| shared(states).0 * 2 > shared(states).1;
    let of_folder = |states: States, dir: &Path| {
        let name = dir.file_name().map(|name| name.to_string_lossy().into_owned());
        Earlier { states, folder: name.filter(|_| dir != folder.path()) }
    };
    if let Some(named) = named {
        let states = States::read(named)?;
        // No id may get beside pseudonyms.
        let may_be = analysis.request.settings.pseudonyms.is_none() || shares_case(&states);
        return Ok(Some(of_folder(states, named)).filter(|_| may_be));
    }
    let place = folder.path();
    let mut dirs: Vec<(Instant, PathBuf)> = Vec::new();
    for dir in beside(place).into_iter().chain([place.to_owned()]) {
        dirs.extend(as_of(&dir).filter(|at| *at < analysis.as_of).map(|at| (at, dir)));
    }
    dirs.sort();
    let before = States::before(place).filter(|states| at(states) < Some(analysis.as_of));
    while let Some((at_dir, dir)) = dirs.pop() {
        if before.as_ref().and_then(at).is_some_and(|at| at >= at_dir) {
            break;
        }
        let fits = |states: &States| {
            if dir == place { shares_case(states) } else { shares_most(states) }
        };
        if let Some(states) = States::read(&dir).ok().filter(fits) {
            return Ok(Some(of_folder(states, &dir)));
        }
    }
    let before = before.filter(shares_case);
    let states = before.or_else(|| States::read(place).ok().filter(shares_case));
    Ok(states.map(|states| of_folder(states, place)))
}

/// The output that a new one is compared with.
#[derive(Debug)]
pub(super) struct Earlier {
    /// What everybody and every zone was.
    pub states: States,
    /// The name of its folder, where it is another than that of the new output.
    pub folder: Option<String>,
}

/// The moment that states speak for.
fn at(states: &States) -> Option<Instant> {
    instant(states.run().0)
}

/// The moment that an output speaks for.
fn as_of(dir: &Path) -> Option<Instant> {
    let summary: Value = serde_json::from_slice(&std::fs::read(dir.join(MARK)).ok()?).ok()?;
    instant(summary["as_of"].as_str()?)
}

fn instant(text: &str) -> Option<Instant> {
    let utc = TimeZone::get("UTC").ok()?;
    TimeReader::new(&utc).read(text.as_bytes(), Bare::Start)
}

/// Other outputs in the same folder, in order.
fn beside(place: &Path) -> Vec<PathBuf> {
    let entries = place.parent().and_then(|parent| std::fs::read_dir(parent).ok());
    let dirs = entries.into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path()));
    // What is being written is hidden.
    let is_hidden =
        |dir: &Path| dir.file_name().is_none_or(|name| name.to_string_lossy().starts_with('.'));
    let dirs = dirs.filter(|dir| dir != place && !is_hidden(dir) && dir.join(MARK).is_file());
    let mut dirs: Vec<PathBuf> = dirs.collect();
    dirs.sort();
    dirs
}
