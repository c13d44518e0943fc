//! The end of an analysis: conclude, and what needs the rows again.
//!
//! The same for a run in one process and for one in pieces. Cost: that of
//! [`conclude`](super::conclude()); passes over the rows where orders, visitors or looser practices
//! are asked for.

use super::conclude::conclude;
use super::follow;
use super::looser;
use super::prepare::Prepared;
use super::request::{Outcome, Timings};
use super::scan::Scanned;
use crate::base::error::Result;
use crate::ingest::Progress;
use std::time::{Duration, Instant};

/// Concludes from what was prepared and scanned; `laps` say how long.
///
/// # Errors
/// When a file has changed since it was listed, or cannot be read any more.
pub(super) fn end(
    prepared: Prepared,
    scanned: Scanned,
    laps: [(&'static str, Duration); 2],
    progress: &dyn Progress,
) -> Result<Outcome> {
    let concluding = Instant::now();
    prepared.folder.unchanged()?;
    // The index is let go as soon as it has been scanned with.
    let own = prepared.request.looser.then(|| prepared.index.stays().clone());
    let mut outcome = conclude(prepared, scanned)?;
    if let Outcome::Done(analysis) = &mut outcome {
        let own_lap = ("conclude", concluding.elapsed());
        analysis.timings = Timings(laps.into_iter().chain([own_lap]).collect());
        follow::follow(analysis, progress)?;
        if let Some(own) = own {
            let begin = Instant::now();
            analysis.looser = Some(looser::looser(analysis, &own, progress)?);
            analysis.timings.0.push(("looser practices", begin.elapsed()));
        }
    }
    Ok(outcome)
}
