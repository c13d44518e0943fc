//! The whole way from an export folder to findings: prepare → scan → conclude.
//!
//! The one place where reading and the pure core meet. Memory grows with what touches a case; the bulk
//! tables are read in blocks and not kept.

mod conclude;
mod inspect;
mod passes;
mod prepare;
mod request;
mod scan;

pub use inspect::inspect;
pub use prepare::Prepared;
pub use request::{Analysis, Outcome, Request, Timings};

use crate::base::error::Result;
use crate::ingest::{self, Folder, Progress};
use conclude::conclude;
use prepare::prepare;
use request::Stopwatch;
use scan::scan;

/// Runs an analysis on the threads of the current rayon pool.
///
/// # Errors
/// When the input cannot be used, or no case is confirmed by as-of.
pub fn analyse(folder: Folder, request: Request, progress: &dyn Progress) -> Result<Outcome> {
    let mut laps = Stopwatch { since: std::time::Instant::now(), timings: Timings::default() };
    let (settings, exposure) = (&request.settings, &request.policy.exposure);
    let mut small = ingest::read_small(&folder, settings, exposure, progress)?;
    if let Err(error) = small.account.check(&folder, settings.max_rejects) {
        small.account.sort();
        return Ok(Outcome::TooManyRejects(error, folder, small.account));
    }
    let mut prepared = prepare((folder, request), small, progress, &mut laps)?;
    let (evidence, case_places) = scan(&mut prepared, progress, &mut laps)?;
    prepared.account.sort();
    let max_rejects = prepared.request.settings.max_rejects;
    if let Err(error) = prepared.account.check(&prepared.folder, max_rejects) {
        return Ok(Outcome::TooManyRejects(error, prepared.folder, prepared.account));
    }
    Ok(Outcome::Done(Box::new(conclude(prepared, evidence, case_places, laps)?)))
}
