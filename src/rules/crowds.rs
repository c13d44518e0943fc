//! Crowds and shared positions: matches that say less than they seem to.
//!
//! To share a mall with a case is not close range, and people at the very same coordinate are at a
//! mast. These matches become weak: [`Basis::Crowd`], [`Basis::SharedPosition`]. Which they are is
//! known only once all are found. Rules: `docs/rules.md`. Cost: a look at each match, and a sort of
//! those at places where a case met more people than a room holds.

use crate::base::spans::union;
use crate::base::time::{Instant, Span};
use crate::model::{CaseIdx, Cases, PlaceId, Places};
use crate::policy::Exposure;
use crate::search::evidence::{Basis, Evidence, Match};
use hashbrown::{HashMap, HashSet};
use rayon::prelude::*;

/// Makes matches weak that are in a crowd, or at a coordinate that many share. Rules:
/// `docs/rules.md`, the policy's `room_persons` and `shared_position_persons`. O(n log n) over the
/// matches.
pub fn weaken(evidence: &mut Evidence, cases: &Cases, places: &Places, policy: &Exposure) {
    if let Some(most) = policy.shared_position_persons {
        let shared = shared_positions(evidence, cases, most as usize);
        if !shared.is_empty() {
            of_cases(evidence, |matches| share(matches, &shared));
        }
    }
    if let Some(most) = policy.room_persons {
        of_cases(evidence, |matches| crowd(matches, places, most as usize));
    }
}

/// Changes the matches of each case, in parallel; they are put in order again where `change` says
/// that it has changed some.
fn of_cases(evidence: &mut Evidence, change: impl Fn(&mut [Match]) -> bool + Sync) {
    let of_cases = evidence.matches_mut().par_chunk_by_mut(|a, b| a.case == b.case);
    of_cases.for_each(|matches| {
        if change(matches) {
            matches.sort_unstable();
        }
    });
}

/// The positions at which more than `most` people, cases included, have a match with somebody at
/// exactly the same one.
fn shared_positions(evidence: &Evidence, cases: &Cases, most: usize) -> HashSet<u32> {
    // A case counts once, also where it is the other person of a match.
    let persons = evidence.persons() as u32;
    let number = |case: CaseIdx| {
        let seen = evidence.find(&cases.get(case).id);
        seen.map_or_else(|| persons + case.position(), |person| person.0)
    };
    let mut numbers: HashMap<CaseIdx, u32> = HashMap::new();
    let mut there: Vec<(u32, u32)> = Vec::new();
    for found in evidence.matches() {
        let Some(position) = found.position().filter(|_| found.basis == Basis::Gps) else {
            continue;
        };
        there.push((position, found.person.0));
        there.push((position, *numbers.entry(found.case).or_insert_with(|| number(found.case))));
    }
    there.par_sort_unstable();
    there.dedup();
    let groups = there.chunk_by(|a, b| a.0 == b.0);
    groups.filter(|group| group.len() > most).map(|group| group[0].0).collect()
}

fn share(matches: &mut [Match], shared: &HashSet<u32>) -> bool {
    let mut changed = false;
    for found in matches.iter_mut().filter(|found| found.basis == Basis::Gps) {
        if found.position().is_some_and(|position| shared.contains(&position)) {
            found.basis = Basis::SharedPosition;
            changed = true;
        }
    }
    changed
}

/// Makes a crowd of one case's venue matches where, at some moment, more than `most` people had one
/// at the place with it.
fn crowd(matches: &mut [Match], places: &Places, most: usize) -> bool {
    if matches.len() <= most {
        return false;
    }
    let mut by_place: HashMap<PlaceId, Vec<u32>> = HashMap::new();
    for (n, found) in (0..).zip(matches.iter()) {
        let room = found.place().filter(|&place| !places.get(place).dense);
        if let Some(place) = room.filter(|_| found.basis == Basis::Venue) {
            by_place.entry(place).or_default().push(n);
        }
    }
    let mut changed = false;
    for there in by_place.into_values().filter(|there| there.len() > most) {
        let crowded = crowded(matches, &there, most);
        for n in there {
            let found = &mut matches[n as usize];
            let next = crowded.partition_point(|span| span.end <= found.span.start);
            if crowded.get(next).is_some_and(|span| span.start < found.span.end) {
                found.basis = Basis::Crowd;
                changed = true;
            }
        }
    }
    changed
}

/// When more than `most` people were there: disjoint, in order. The matches are in order of the
/// persons.
fn crowded(matches: &[Match], there: &[u32], most: usize) -> Vec<Span> {
    let of = |n: &u32| &matches[*n as usize];
    // Each comes and goes once, however many of their stays overlap; who goes counts first.
    let mut moves: Vec<(Instant, i32)> = Vec::with_capacity(there.len() * 2);
    for of_person in there.chunk_by(|a, b| of(a).person == of(b).person) {
        let mut spans: Vec<Span> = of_person.iter().map(|n| of(n).span).collect();
        union(&mut spans);
        moves.extend(spans.iter().flat_map(|span| [(span.start, 1), (span.end, -1)]));
    }
    moves.sort_unstable();
    let (mut people, mut crowded, mut since) = (0, Vec::new(), None);
    for (at, by) in moves {
        people += by as isize;
        match since {
            None if people > most as isize => since = Some(at),
            Some(start) if people <= most as isize => {
                crowded.extend(Span::new(start, at));
                since = None;
            }
            _ => {}
        }
    }
    crowded
}
