//! Close contacts and venue-exposed people, read off the exposure graph.
//!
//! A person with a qualifying pair is a close contact (密切接触者); one with some match and no such
//! pair is venue-exposed (涉疫场所暴露人员). The two are never merged: the second are not isolated.
//! Source: 9th edition; ranks put frequent and long contact first.

use crate::exposure::{Bases, Pair};
use crate::graph::ExposureGraph;
use crate::model::{CaseIdx, PlaceId};
use crate::scan::{Basis, Evidence, PersonId};
use crate::time::Instant;
use rayon::slice::ParallelSliceMut;

/// A person exposed to cases, over the pairs that make him what he is.
#[derive(Debug, Clone)]
pub struct Exposed<'g> {
    /// Who.
    pub person: PersonId,
    /// The pairs: the qualifying ones of a close contact, all of a venue-exposed person.
    pub pairs: Vec<&'g Pair>,
    /// Sum over the pairs.
    pub seconds: i64,
    /// The largest of the pairs.
    pub peak_seconds: i64,
    /// Earliest start.
    pub first: Instant,
    /// Latest end.
    pub last: Instant,
    /// By what rules.
    pub bases: Bases,
    /// Where, distinct.
    pub places: Vec<PlaceId>,
}

impl<'g> Exposed<'g> {
    fn new(person: PersonId, pairs: Vec<&'g Pair>, last: impl Fn(&Pair) -> Instant) -> Exposed<'g> {
        let mut bases = Bases::default();
        pairs.iter().for_each(|pair| bases.extend(pair.bases));
        let mut places: Vec<PlaceId> =
            pairs.iter().flat_map(|pair| pair.places.iter().copied()).collect();
        places.sort_unstable();
        places.dedup();
        Exposed {
            person,
            seconds: pairs.iter().map(|pair| pair.seconds).sum(),
            peak_seconds: pairs.iter().map(|pair| pair.peak_seconds).max().unwrap_or(0),
            first: pairs.iter().map(|pair| pair.first).min().expect("a pair"),
            last: pairs.iter().map(|pair| last(pair)).max().expect("a pair"),
            bases,
            places,
            pairs,
        }
    }

    /// The cases he was exposed to, in order.
    pub fn cases(&self) -> impl Iterator<Item = CaseIdx> {
        self.pairs.iter().map(|pair| pair.case)
    }
}

/// Who was exposed, in two classes.
#[derive(Debug)]
pub struct Contacts<'g> {
    /// Close contacts by rank, the first to be called first.
    pub close: Vec<Exposed<'g>>,
    /// Venue-exposed people by id.
    pub venue_exposed: Vec<Exposed<'g>>,
}

impl<'g> Contacts<'g> {
    /// Reads both classes off the graph. O(n log n).
    pub fn new(graph: &'g ExposureGraph, evidence: &Evidence) -> Contacts<'g> {
        let (mut close, mut venue_exposed) = (Vec::new(), Vec::new());
        for (person, pairs) in graph.exposed() {
            let qualifying: Vec<&Pair> =
                pairs.iter().copied().filter(|pair| pair.qualifies).collect();
            if qualifying.is_empty() {
                venue_exposed.push(Exposed::new(person, pairs, |pair| pair.last_any));
            } else {
                close.push(Exposed::new(person, qualifying, |pair| pair.last));
            }
        }
        close.par_sort_unstable_by(|a, b| {
            let household = |c: &Exposed<'_>| c.bases.contains(Basis::Household);
            (household(b), b.seconds, b.pairs.len())
                .cmp(&(household(a), a.seconds, a.pairs.len()))
                .then_with(|| evidence.rank(a.person).cmp(&evidence.rank(b.person)))
        });
        venue_exposed.par_sort_unstable_by_key(|exposed| evidence.rank(exposed.person));
        Contacts { close, venue_exposed }
    }
}
