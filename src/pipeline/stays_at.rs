//! Everybody's stays at some places, by person.
//!
//! For questions about a compound. Cost: a pass over the stays; memory: those at the places.

use super::passes::Input;
use super::request::Analysis;
use crate::base::error::Result;
use crate::base::sieve::IdRange;
use crate::base::time::Instant;
use crate::ingest::Progress;
use crate::model::{At, Interest, Reach, Stay, TakeStays};
use crate::search::open::OpenRules;
use crate::search::person_stay::{ByPerson, PersonStay};
use hashbrown::HashSet;
use std::collections::BTreeMap;

/// The stays at the places of these ids, of each person in order, with their ends. An open stay
/// ends no later than the next one at one of these places.
///
/// # Errors
/// When the input cannot be read any more.
pub fn stays_at(
    analysis: &Analysis,
    places: &HashSet<&[u8]>,
    progress: &dyn Progress,
) -> Result<BTreeMap<Box<str>, Vec<PersonStay>>> {
    let input = Input::new(&analysis.folder, &analysis.request, analysis.as_of, progress);
    let range = IdRange::new(places.iter().copied());
    let start = || There { places, range: &range, stays: ByPerson::default() };
    let found = input.all_stays("stays of the compound", start)?;
    let rules = OpenRules::new(&analysis.request.policy.exposure, analysis.as_of);
    let stays = ByPerson::ended(found.into_iter().map(|worker| worker.stays), &rules);
    analysis.folder.unchanged()?;
    Ok(stays)
}

/// Keeps stays at some places.
struct There<'a> {
    places: &'a HashSet<&'a [u8]>,
    range: &'a IdRange,
    stays: ByPerson,
}

impl Interest for There<'_> {
    fn reach(&self) -> Option<Reach<'_>> {
        Some(Reach { places: self.range, since: Instant(i64::MIN) })
    }
}

impl TakeStays for There<'_> {
    fn stay(&mut self, stay: &Stay<'_>) {
        let (At::Place(place), Ok(person)) = (stay.at, std::str::from_utf8(stay.person)) else {
            return;
        };
        if self.places.contains(place) {
            self.stays.keep(person, stay);
        }
    }
}
