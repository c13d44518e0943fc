//! The whole way from an export folder to findings: prepare → scan → conclude.
//!
//! The one place where reading and the pure core meet. Memory grows with what touches a case; the
//! bulk tables are read in blocks and not kept.

pub mod checks;
mod conclude;
#[cfg(feature = "parquet")]
pub mod distributed;
mod end;
pub mod follow;
mod inspect;
pub mod looks_alike;
mod lookup;
pub mod looser;
pub mod many;
mod parameters;
mod particulars;
mod passes;
mod prepare;
mod proof;
mod request;
pub mod rows_of;
mod scan;
pub mod stays_at;
mod survey;

pub use conclude::conclude;
pub use inspect::{Inspection, inspect};
pub use lookup::lookup;
pub use parameters::Parameters;
pub use particulars::{KeyPerson, particulars, shown};
pub use prepare::{Prepared, prepare};
pub use request::{Analysis, Looser, Outcome, Rejected, Request, Timings};
pub use scan::{Scanned, scan};

use crate::base::error::Result;
use crate::ingest::{Folder, Progress};
use std::time::Instant;

/// Runs an analysis on the threads of the current rayon pool: [`prepare`], [`scan`] and
/// [`conclude`] in a row.
///
/// # Errors
/// When the input cannot be used, or no case is confirmed by as-of.
pub fn analyse(folder: Folder, request: Request, progress: &dyn Progress) -> Result<Outcome> {
    let begin = Instant::now();
    let prepared = match prepare(folder, request, progress)? {
        Outcome::Done(prepared) => prepared,
        Outcome::TooManyRejects(rejected) => return Ok(Outcome::TooManyRejects(rejected)),
    };
    let scanning = Instant::now();
    let scanned = scan(&prepared.folder, &prepared.request, &prepared.index, progress)?;
    let laps = [("prepare", scanning - begin), ("scan", scanning.elapsed())];
    end::end(*prepared, scanned, laps, progress)
}
