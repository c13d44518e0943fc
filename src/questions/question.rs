//! A question: all that a run finds, and the stays of the cases, which a run lets go.

use crate::base::error::Result;
use crate::base::time::Instant;
use crate::ingest::{Folder, Progress};
use crate::pipeline::follow::follow;
use crate::pipeline::{Analysis, Outcome, Request, conclude, prepare, scan};
use crate::search::own_stays::CaseStays;

/// What answers are made from.
#[derive(Debug)]
pub struct Question {
    /// All that a run finds.
    pub analysis: Analysis,
    /// The stays of the cases.
    pub own: CaseStays,
}

impl Question {
    /// The person whom an id names at as-of: a phone, a card or a device stands for whose it is.
    pub fn person_of<'a>(&'a self, id: &'a str) -> &'a str {
        let identities = &self.analysis.request.settings.identities;
        let person = identities.at(id.as_bytes(), Instant(self.analysis.as_of.0 - 1));
        person.and_then(|person| std::str::from_utf8(person).ok()).unwrap_or(id)
    }
}

/// Runs an analysis to be asked: [`prepare`], [`scan`] and [`conclude`] in a row.
///
/// # Errors
/// When the input cannot be used, or no case is confirmed by as-of.
pub fn ask(folder: Folder, request: Request, progress: &dyn Progress) -> Result<Outcome<Question>> {
    let prepared = match prepare(folder, request, progress)? {
        Outcome::Done(prepared) => prepared,
        Outcome::TooManyRejects(rejected) => return Ok(Outcome::TooManyRejects(rejected)),
    };
    let own = prepared.index.stays().clone();
    let scanned = scan(&prepared.folder, &prepared.request, &prepared.index, progress)?;
    prepared.folder.unchanged()?;
    Ok(match conclude(*prepared, scanned)? {
        Outcome::Done(mut analysis) => {
            follow(&mut analysis, progress)?;
            Outcome::Done(Box::new(Question { analysis: *analysis, own }))
        }
        Outcome::TooManyRejects(rejected) => Outcome::TooManyRejects(rejected),
    })
}
