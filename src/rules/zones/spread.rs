//! Who was met, and which links were made, at each place: the risk of spread there.

use crate::model::{CaseIdx, PlaceId};
use crate::rules::exposure::Pair;
use crate::rules::facts::Facts;
use crate::rules::graph::ExposureGraph;
use crate::search::evidence::{Evidence, PersonId};
use rayon::prelude::*;
use std::collections::BTreeMap;

/// Who was met and linked at each place; each list in order and without repeats.
pub struct Spread {
    contacts: BTreeMap<PlaceId, Vec<PersonId>>,
    secondary: BTreeMap<PlaceId, Vec<(CaseIdx, CaseIdx)>>,
}

impl Spread {
    /// Of all matches of contacts and links. O(n log n).
    pub fn new(facts: &Facts<'_>, evidence: &Evidence, graph: &ExposureGraph) -> Spread {
        let at = |pair: &Pair| {
            let matches = pair.matches(evidence).iter();
            matches.filter(|m| m.basis.counts()).filter_map(|m| m.place())
        };
        let of_contacts = graph.of_contacts();
        let met = of_contacts.flat_map_iter(|pair| at(pair).map(|place| (place, pair.person)));
        let mut linked = Vec::new();
        for (case, exposed, pair) in graph.links() {
            if facts.cases.anchor(exposed) > facts.cases.anchor(case) {
                linked.extend(at(pair).map(|place| (place, (case, exposed))));
            }
        }
        // As one number they are compared faster, and they are many.
        let number =
            |&(place, who): &(PlaceId, PersonId)| u64::from(place.0) << 32 | u64::from(who.0);
        Spread { contacts: by_place(met.collect(), number), secondary: by_place(linked, |&of| of) }
    }

    /// Distinct close contacts and links with a match at one of `at`.
    pub fn count(&self, at: &[PlaceId]) -> (u64, u64) {
        (distinct(&self.contacts, at), distinct(&self.secondary, at))
    }

    pub fn places(&self) -> impl Iterator<Item = PlaceId> {
        self.contacts.keys().chain(self.secondary.keys()).copied()
    }
}

fn distinct<T: Copy + Ord>(of: &BTreeMap<PlaceId, Vec<T>>, at: &[PlaceId]) -> u64 {
    let mut all: Vec<T> = at.iter().filter_map(|place| of.get(place)).flatten().copied().collect();
    if at.len() > 1 {
        all.sort_unstable();
        all.dedup();
    }
    all.len() as u64
}

/// Sorted by `key`, which orders as the pairs themselves do.
fn by_place<T: Copy + Ord + Send, K: Ord>(
    mut met: Vec<(PlaceId, T)>,
    key: impl Fn(&(PlaceId, T)) -> K + Sync,
) -> BTreeMap<PlaceId, Vec<T>> {
    met.par_sort_unstable_by_key(key);
    met.dedup();
    let groups = met.chunk_by(|a, b| a.0 == b.0);
    groups.map(|group| (group[0].0, group.iter().map(|&(_, who)| who).collect())).collect()
}
