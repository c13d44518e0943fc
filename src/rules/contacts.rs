//! Close contacts and venue-exposed people, read off the exposure graph.
//!
//! A person with a qualifying pair is a close contact (密切接触者); one with some match and no such
//! pair is venue-exposed (涉疫场所暴露人员). The two are never merged: the second are not isolated.
//! Source: 9th edition; ranks put frequent and long contact first.

use crate::base::time::Instant;
use crate::model::CaseIdx;
use crate::rules::exposure::Pair;
use crate::rules::graph::{ExposureGraph, PairRef};
use crate::search::evidence::{Bases, Basis, PersonId};
use rayon::prelude::*;

/// A person exposed to cases, over the pairs that make them what they are: the qualifying ones of a
/// close contact, all of a venue-exposed person.
#[derive(Debug, Clone)]
pub struct ExposedPerson {
    /// Who.
    pub person: PersonId,
    /// Their node in the graph.
    node: u32,
    /// The number of these pairs: one for each case.
    pub pairs: u32,
    /// Sum over the pairs.
    pub seconds: i64,
    /// Latest end.
    pub last: Instant,
    /// By what rules.
    pub bases: Bases,
    /// Whether this is a close contact.
    close: bool,
}

impl ExposedPerson {
    /// Of somebody and all their pairs.
    fn new(graph: &ExposureGraph, person: PersonId, node: u32) -> ExposedPerson {
        let close = graph.exposures(node).any(|(_, exposure)| exposure.qualifies());
        let (bases, last) = (Bases::default(), Instant(i64::MIN));
        let mut exposed = ExposedPerson { person, node, pairs: 0, seconds: 0, last, bases, close };
        for (_, exposure) in counted(graph, node, close) {
            let pair = graph.pair(exposure);
            exposed.pairs += 1;
            exposed.seconds += pair.seconds;
            exposed.last = exposed.last.max(if close { pair.last } else { pair.last_any });
            exposed.bases.extend(pair.bases);
        }
        exposed
    }

    /// The pairs that make them what they are, in order of the cases.
    pub fn pairs<'g>(&self, graph: &'g ExposureGraph) -> impl Iterator<Item = &'g Pair> {
        counted(graph, self.node, self.close).map(|(_, exposure)| graph.pair(exposure))
    }

    /// The cases they were exposed to, in order.
    pub fn cases(&self, graph: &ExposureGraph) -> impl Iterator<Item = CaseIdx> {
        counted(graph, self.node, self.close).map(|(case, _)| case)
    }

    /// Earliest start.
    pub fn first(&self, graph: &ExposureGraph) -> Option<Instant> {
        self.pairs(graph).map(|pair| pair.first).min()
    }

    /// The most seconds inside one sliding window, of the pair that has most.
    pub fn peak_seconds(&self, graph: &ExposureGraph) -> i64 {
        self.pairs(graph).map(|pair| pair.peak_seconds).max().unwrap_or(0)
    }
}

/// The exposures of a node's person that count: the qualifying ones of a close contact, all of
/// another.
fn counted(
    graph: &ExposureGraph,
    node: u32,
    close: bool,
) -> impl Iterator<Item = (CaseIdx, PairRef)> {
    graph.exposures(node).filter(move |(_, exposure)| exposure.qualifies() || !close)
}

/// Who was exposed, in two classes.
#[derive(Debug)]
pub struct Contacts {
    /// Close contacts by id.
    pub close: Vec<ExposedPerson>,
    /// The rank of each of them: 1 is the first to be called.
    pub ranks: Vec<u32>,
    /// Venue-exposed people by id.
    pub venue_exposed: Vec<ExposedPerson>,
}

impl Contacts {
    /// Reads both classes off the graph, in parallel: close contacts (密切接触者, the 9th edition) with
    /// their ranks, and venue-exposed people (涉疫场所暴露人员, the Notice, measure 2). O(n log n).
    pub fn new(graph: &ExposureGraph) -> Contacts {
        let people = graph.people().map(|(person, node)| ExposedPerson::new(graph, person, node));
        let mut close: Vec<ExposedPerson> = people.collect();
        let venue_exposed = close.iter().filter(|exposed| !exposed.close).cloned().collect();
        close.retain(|exposed| exposed.close);
        let ranks = ranks(&close);
        Contacts { close, ranks, venue_exposed }
    }
}

/// Household contacts first, then more time, then more cases; ties by id.
fn ranks(close: &[ExposedPerson]) -> Vec<u32> {
    // One number each, the smaller the earlier, and the position in its last bits: a sort of
    // numbers takes half the time of one of tuples.
    let key = |(contact, position): (&ExposedPerson, u32)| {
        let later = u128::from(!contact.bases.contains(Basis::Household)) << 127;
        let shorter = (i64::MAX - contact.seconds) as u128;
        later | shorter << 64 | u128::from(!contact.pairs) << 32 | u128::from(position)
    };
    let mut order: Vec<u128> = close.iter().zip(0..).map(key).collect();
    order.par_sort_unstable();
    let mut ranks = vec![0; close.len()];
    for (key, rank) in order.into_iter().zip(1..) {
        ranks[key as u32 as usize] = rank;
    }
    ranks
}
