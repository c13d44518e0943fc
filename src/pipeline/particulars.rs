//! What the people are called whom a run shows, and how they are reached.
//!
//! No rule asks for it: it is read when a run is written. Cost: a light pass over `persons`.

use super::request::Analysis;
use crate::base::error::Result;
use crate::base::sieve::Wanted;
use crate::ingest::{self, Particulars};
use hashbrown::HashSet;

/// The ids of everybody whom the tables of a run have a row for: cases, close contacts,
/// venue-exposed people, people with a measure.
pub fn shown(analysis: &Analysis) -> HashSet<&[u8]> {
    let cases = analysis.cases.iter().map(|(_, case)| case.id.as_bytes());
    let contacts = analysis.contacts.close.iter().chain(&analysis.contacts.venue_exposed);
    let contacts = contacts.map(|of| analysis.evidence.id_bytes(of.person));
    let measures = analysis.measures.list.iter();
    let measures = measures.map(|of| of.person(&analysis.evidence).as_bytes());
    cases.chain(contacts).chain(measures).collect()
}

/// What is known of them. Nothing where names are not to be read, or people have pseudonyms.
///
/// # Errors
/// When the input cannot be read any more.
pub fn particulars(analysis: &Analysis) -> Result<Particulars> {
    let shown = shown(analysis);
    let is_shown = |id: &[u8]| shown.contains(id);
    let wanted = Wanted::new(shown.iter().copied(), &is_shown);
    let (folder, settings) = (&analysis.folder, &analysis.request.settings);
    ingest::read_particulars(folder, settings, &analysis.account, &wanted)
}
