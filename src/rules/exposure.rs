//! From matches to exposure: unions, the sliding window, and whether a pair qualifies.
//!
//! Pure arithmetic on spans. Rules: `docs/rules.md`. Cost: a sort of a pair's matches, then linear.

use crate::base::spans::{peak, union};
use crate::base::time::{Instant, Span};
use crate::model::{CaseIdx, PlaceId, Places};
use crate::policy;
use crate::search::evidence::{Bases, Basis, Evidence, Match, PersonId};
use rayon::prelude::*;
use std::ops::Range;

/// A case and another person, and the sum of what lies between them.
#[derive(Debug, Clone)]
pub struct Pair {
    /// The case.
    pub case: CaseIdx,
    /// The other, who may be a case, too.
    pub person: PersonId,
    /// Whether the exposure makes a close contact (密切接触者), or a link between cases.
    pub qualifies: bool,
    /// Length of the union of the matched overlaps.
    pub seconds: i64,
    /// The most of it inside one sliding window.
    pub peak_seconds: i64,
    /// Unbroken intervals of it.
    pub encounters: u32,
    /// Earliest start of a match, weak ones apart; of any match when all are weak.
    pub first: Instant,
    /// Latest end of a match, weak ones apart; of any match when all are weak.
    pub last: Instant,
    /// Latest end of any match.
    pub last_any: Instant,
    /// By what rules.
    pub bases: Bases,
    /// The place of all of its matches, if that is one: most people met in one place only.
    place: Option<PlaceId>,
    /// Its matches, as a range of [`Evidence::matches`].
    matches: Range<u32>,
}

impl Pair {
    /// Its matches.
    pub fn matches<'e>(&self, evidence: &'e Evidence) -> &'e [Match] {
        &evidence.matches()[self.matches.start as usize..self.matches.end as usize]
    }

    /// The unions of its times: of all that counts, and of what does at places where people crowd.
    pub fn together(&self, evidence: &Evidence, places: &Places) -> [Vec<Span>; 2] {
        let (mut all, mut crowded) = (Vec::new(), Vec::new());
        for found in self.matches(evidence).iter().filter(|found| found.basis.counts()) {
            all.push(found.span);
            let dense = found.place().is_some_and(|place| places.get(place).dense);
            crowded.extend(dense.then_some(found.span));
        }
        union(&mut all);
        union(&mut crowded);
        [all, crowded]
    }

    /// Where they were, in no order; a place may come again.
    pub fn places<'e>(&self, evidence: &'e Evidence) -> impl Iterator<Item = PlaceId> + use<'e> {
        let several = if self.place.is_some() { &[] } else { self.matches(evidence) };
        self.place.into_iter().chain(several.iter().filter_map(Match::place))
    }
}

/// By what a pair qualifies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ground {
    /// The same recorded residence.
    Household,
    /// Time together inside one sliding window: `min_minutes`.
    Minutes,
    /// Time together where people crowd: `dense_min_minutes`.
    DenseMinutes,
}

/// By what a pair qualifies that has these bases, and these most seconds in one window: everywhere,
/// and where people crowd; `None` when it does not. Rules: `docs/rules.md`.
pub fn ground(
    bases: Bases,
    [peak, dense_peak]: [i64; 2],
    policy: &policy::Exposure,
) -> Option<Ground> {
    let reaches = |peak: i64, minutes: u32| peak > 0 && peak >= i64::from(minutes) * 60;
    if bases.contains(Basis::Household) {
        Some(Ground::Household)
    } else if reaches(peak, policy.min_minutes) {
        Some(Ground::Minutes)
    } else if reaches(dense_peak, policy.dense_min_minutes) {
        Some(Ground::DenseMinutes)
    } else {
        None
    }
}

/// Sums up every pair of evidence, in parallel: the union of their times in seconds, the most of it
/// in one window, and whether they qualify. In the order of the cases and the persons. Rules:
/// `docs/rules.md`, the policy's `exposure`. O(n log n) over the matches of each pair.
pub fn pairs(evidence: &Evidence, places: &Places, policy: &policy::Exposure) -> Vec<Pair> {
    let mut ranges = Vec::new();
    let mut start = 0;
    for group in evidence.matches().chunk_by(|a, b| (a.case, a.person) == (b.case, b.person)) {
        let end = start + u32::try_from(group.len()).expect("fewer than 2^32 matches");
        ranges.push(start..end);
        start = end;
    }
    let scratch = || [Vec::new(), Vec::new()];
    let sum = |spans: &mut [Vec<Span>; 2], range| pair(evidence, range, places, policy, spans);
    ranges.into_par_iter().map_init(scratch, sum).collect()
}

fn pair(
    evidence: &Evidence,
    range: Range<u32>,
    places: &Places,
    policy: &policy::Exposure,
    [exposed, crowded]: &mut [Vec<Span>; 2],
) -> Pair {
    let group = &evidence.matches()[range.start as usize..range.end as usize];
    let counts = |m: &&Match| m.basis.counts();
    let dense = |m: &&Match| m.place().is_some_and(|place| places.get(place).dense);
    exposed.clear();
    crowded.clear();
    exposed.extend(group.iter().filter(counts).map(|m| m.span));
    crowded.extend(group.iter().filter(counts).filter(dense).map(|m| m.span));
    let seconds = union(exposed);
    union(crowded);
    let window_s = i64::from(policy.window_hours) * 3600;
    let (peak_seconds, dense_peak) = (peak(exposed, window_s), peak(crowded, window_s));
    let mut bases = Bases::default();
    group.iter().for_each(|m| bases.insert(m.basis));
    let qualifies = ground(bases, [peak_seconds, dense_peak], policy).is_some();
    let strong = || group.iter().filter(|m| !m.basis.is_weak());
    let first = strong().map(|m| m.span.start).min();
    let last = strong().map(|m| m.span.end).max();
    let last_any = group.iter().map(|m| m.span.end).max().expect("a group is not empty");
    let place = group[0].place();
    Pair {
        case: group[0].case,
        person: group[0].person,
        qualifies,
        seconds,
        peak_seconds,
        encounters: exposed.len() as u32,
        first: first.unwrap_or(group[0].span.start),
        last: last.unwrap_or(last_any),
        last_any,
        bases,
        place: place.filter(|_| group.iter().all(|m| m.place() == place)),
        matches: range,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_peak_is_that_of_trying_every_second(
            raw in proptest::collection::vec((0i64..60, 1i64..12), 0..8), window in 0i64..70) {
            let mut spans: Vec<Span> = raw
                .iter()
                .map(|&(start, length)| Span::new(Instant(start), Instant(start + length)).unwrap())
                .collect();
            let mut inside = [false; 80];
            for span in &spans {
                inside[span.start.0 as usize..span.end.0 as usize].fill(true);
            }
            let seconds = union(&mut spans);
            prop_assert_eq!(seconds, inside.iter().filter(|i| **i).count() as i64);
            let slow = if window == 0 {
                inside.split(|i| !i).map(<[bool]>::len).max().unwrap_or(0)
            } else {
                (-70i64..80).map(|start| {
                    let at = |second: i64| (0..80).contains(&second) && inside[second as usize];
                    (start..start + window).filter(|&second| at(second)).count()
                }).max().unwrap_or(0)
            };
            prop_assert_eq!(peak(&spans, window), slow as i64);
            let at = crate::base::spans::peak_window(&spans, window);
            prop_assert_eq!(at.map_or(0, |(_, seconds)| seconds), slow as i64);
        }
    }
}
