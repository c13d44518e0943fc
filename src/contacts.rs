//! Close contacts and venue-exposed people, read off the exposure graph.
//!
//! A person with a qualifying pair is a close contact (密切接触者); one with some match and no such
//! pair is venue-exposed (涉疫场所暴露人员). The two are never merged: the second are not isolated.
//! Source: 9th edition; ranks put frequent and long contact first.

use crate::evidence::{Basis, PersonId};
use crate::exposure::{Bases, Pair};
use crate::graph::{ExposureGraph, PairId, PairIds};
use crate::model::CaseIdx;
use crate::time::Instant;
use rayon::prelude::*;

/// A person exposed to cases, over the pairs that make him what he is.
#[derive(Debug, Clone)]
pub struct Exposed {
    /// Who.
    pub person: PersonId,
    /// The pairs: the qualifying ones of a close contact, all of a venue-exposed person.
    pub pairs: PairIds,
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
    /// Whether this is a close contact.
    close: bool,
}

impl Exposed {
    /// Of somebody and all his pairs.
    fn new(graph: &ExposureGraph, (person, mut pairs): (PersonId, PairIds)) -> Exposed {
        let qualifies = |&pair: &PairId| graph.pair(pair).qualifies;
        let close = pairs.iter().any(qualifies);
        if close {
            pairs.retain(|pair| qualifies(pair));
        }
        let last = |pair: &Pair| if close { pair.last } else { pair.last_any };
        let (mut seconds, mut peak_seconds, mut bases) = (0, 0, Bases::default());
        let (mut first, mut latest) = (Instant(i64::MAX), Instant(i64::MIN));
        for pair in pairs.iter().map(|&pair| graph.pair(pair)) {
            seconds += pair.seconds;
            peak_seconds = pair.peak_seconds.max(peak_seconds);
            (first, latest) = (pair.first.min(first), last(pair).max(latest));
            bases.extend(pair.bases);
        }
        Exposed { person, pairs, seconds, peak_seconds, first, last: latest, bases, close }
    }

    /// The pairs that make him what he is.
    pub fn pairs<'g>(&self, graph: &'g ExposureGraph) -> impl Iterator<Item = &'g Pair> {
        self.pairs.iter().map(|&pair| graph.pair(pair))
    }

    /// The cases he was exposed to, in order.
    pub fn cases(&self, graph: &ExposureGraph) -> impl Iterator<Item = CaseIdx> {
        self.pairs(graph).map(|pair| pair.case)
    }
}

/// Who was exposed, in two classes.
#[derive(Debug)]
pub struct Contacts {
    /// Close contacts by rank, the first to be called first.
    pub close: Vec<Exposed>,
    /// Venue-exposed people by id.
    pub venue_exposed: Vec<Exposed>,
}

impl Contacts {
    /// Reads both classes off the graph, in parallel. O(n log n).
    pub fn new(graph: &ExposureGraph) -> Contacts {
        // A list as long as all people, and then the same one without the gaps: no other is held.
        let people = graph.people().map(|of_person| Some(Exposed::new(graph, of_person?)));
        let people: Vec<Option<Exposed>> = people.collect();
        let mut close: Vec<Exposed> = people.into_iter().flatten().collect();
        close.par_sort_unstable_by(|a, b| {
            let rank = |c: &Exposed| {
                c.close.then(|| (c.bases.contains(Basis::Household), c.seconds, c.pairs.len()))
            };
            rank(b).cmp(&rank(a)).then_with(|| a.person.cmp(&b.person))
        });
        let venue_exposed = close.split_off(close.partition_point(|exposed| exposed.close));
        Contacts { close, venue_exposed }
    }
}
