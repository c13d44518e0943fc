//! The next row of each open stay and sighting that may match.
//!
//! All rows of cases are known. For others with an open stay that may match, a pass over their rows
//! finds it ([`NextRows`]). Cost: some 60 bytes an open stay that may match; one look-up a row of
//! these people.

use super::open::{Next, OpenRules};
#[cfg(feature = "parquet")]
use super::opens::OpenGroup;
use super::opens::{Open, OpenAt, Opens};
#[cfg(feature = "parquet")]
use crate::base::geo::Coord;
use crate::base::sieve::{Filter, MIX, fingerprint};
use crate::base::time::{Instant, Span};
use crate::model::{
    At, CaseIdx, Cases, Colocation, Ends, Interest, RowRef, Stay, TakeColocations, TakeStays,
};
use rayon::prelude::*;
use std::ops::Range;

impl Opens {
    /// Puts them in order, so that the next rows can be looked for.
    pub fn ordered(mut self, rules: &OpenRules) -> OrderedOpens {
        self.all.par_sort_unstable_by_key(|open| {
            (open.person, key(open.with, open.start), open.at.order())
        });
        let alike = |a: &Open, b: &Open| {
            (a.person, a.with, a.start, a.position()) == (b.person, b.with, b.start, b.position())
        };
        let mut first = vec![0; self.people.len() + 1];
        let mut filter = Filter::new(self.all.len() * 2);
        let (mut keys, mut group) = (Vec::new(), Vec::with_capacity(self.all.len()));
        let mut groups: Vec<u32> = Vec::new();
        for (n, open) in self.all.iter().enumerate() {
            if n > 0 && alike(open, &self.all[n - 1]) {
                group.push(groups.len() as u32 - 1);
                continue;
            }
            group.push(groups.len() as u32);
            groups.push(n as u32);
            keys.push(key(open.with, open.start));
            first[open.person as usize + 1] = groups.len();
            if open.with.is_none() {
                let person = fingerprint(self.people.bytes(open.person));
                let last = Instant(open.start.0 + rules.longest_stay());
                for slot in slot_of(open.start)..=slot_of(last) {
                    filter.add(slot_key(person, slot));
                }
            }
        }
        OrderedOpens { opens: self, first, keys, groups, group, filter }
    }
}

/// By what the open stays of one person are sorted: the case of a sighting, and the start.
fn key(with: Option<CaseIdx>, start: Instant) -> (u32, Instant) {
    (with.map_or(0, |case| case.position() + 1), start)
}

/// Seconds of a slot of the filter.
const SLOT: i64 = 1024;

fn slot_of(at: Instant) -> i64 {
    at.0.div_euclid(SLOT)
}

/// A fingerprint of a person and a slot.
#[inline(always)]
fn slot_key(person: u64, slot: i64) -> u64 {
    let mixed = (person ^ (slot as u64).rotate_left(40)).wrapping_mul(MIX);
    mixed ^ (mixed >> 31)
}

/// Open stays and sightings by person, case and start.
#[derive(Debug)]
pub struct OrderedOpens {
    opens: Opens,
    /// The sort keys of the groups, close together because they are searched. Those of one person,
    /// case, start and position are a group: they have the same next row.
    keys: Vec<(u32, Instant)>,
    /// The first open stay of each group.
    groups: Vec<u32>,
    /// The group of each.
    group: Vec<u32>,
    /// Where the groups of each person begin.
    first: Vec<usize>,
    /// Who has an open stay in which slot of time: a Bloom filter.
    filter: Filter,
}

impl OrderedOpens {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.opens.all.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.opens.is_empty()
    }

    /// A hash of all groups that does not depend on their order.
    #[cfg(feature = "parquet")]
    pub fn digest(&self) -> u64 {
        let group = |&n: &u32| {
            let open = &self.opens.all[n as usize];
            let at = open.position().map_or(OpenAt::Nowhere, OpenAt::Coord).order();
            let of = (open.with.map_or(0, |case| case.position() + 1), open.start.0);
            let person = fingerprint(self.opens.people.bytes(open.person));
            let mix = |sum: u64, part: u64| (sum ^ part).wrapping_mul(MIX).rotate_left(29);
            [u64::from(of.0), of.1 as u64, at.1, at.2].into_iter().fold(person, mix)
        };
        self.groups.iter().map(group).fold(0, u64::wrapping_add)
    }

    /// Whether there is an open stay, and whether a sighting.
    pub fn kinds(&self) -> (bool, bool) {
        let all = &self.opens.all;
        (all.iter().any(|open| open.with.is_none()), all.iter().any(|open| open.with.is_some()))
    }

    /// The people concerned.
    pub fn people(&self) -> impl Iterator<Item = &[u8]> {
        (0..self.opens.people.len() as u32).map(|person| self.opens.people.bytes(person))
    }

    /// Whether somebody is one of them.
    pub fn concerns(&self, person: &[u8]) -> bool {
        self.opens.people.find(person).is_some()
    }

    /// The groups for which a row at `start` of a person (and a case) would be the next one, if any
    /// is: the ones that begin last before it. Every row of the person is seen, also those that are
    /// open themselves, so none that begins earlier can have it for its next.
    fn before(&self, person: &[u8], with: Option<CaseIdx>, start: Instant) -> Range<usize> {
        let Some(person) = self.opens.people.find(person) else { return 0..0 };
        let (from, to) = (self.first[person as usize], self.first[person as usize + 1]);
        let (keys, own) = (&self.keys[from..to], key(with, start));
        let end = keys.partition_point(|&key| key < own);
        match keys[..end].last() {
            Some(&last) if last.0 == own.0 => {
                let same = keys[..end].iter().rev().take_while(|&&key| key == last).count();
                from + end - same..from + end
            }
            _ => 0..0,
        }
    }

    #[cfg(feature = "parquet")]
    fn group_of(&self, of: &OpenGroup<'_>) -> Option<usize> {
        let person = self.opens.people.find(of.person.as_bytes())? as usize;
        let (from, to) = (self.first[person], self.first[person + 1]);
        let own = key(of.with, of.start);
        let first = from + self.keys[from..to].partition_point(|&key| key < own);
        let at = |at: Option<Coord>| at.map_or(OpenAt::Nowhere, OpenAt::Coord).order();
        let mut same = (first..to).take_while(|&n| self.keys[n] == own);
        same.find(|&n| at(self.opens.all[self.groups[n] as usize].position()) == at(of.position))
    }

    /// `false` only when a row of somebody that begins at `start` is the next of no open stay.
    #[inline(always)]
    fn may_be_next(&self, person: &[u8], start: Instant) -> bool {
        self.filter.may_have(slot_key(fingerprint(person), slot_of(start)))
    }

    /// Calls `stay` with each of them from `range` once its end is known, and `sighting` with the
    /// case, the other, the place, the span and the row of each sighting.
    pub fn settled(
        &self,
        range: Range<usize>,
        next: &[Next],
        rules: &OpenRules,
        mut stay: impl FnMut(&Stay<'_>),
        mut sighting: impl FnMut(CaseIdx, &[u8], &[u8], Span, RowRef),
    ) {
        for (open, &group) in self.opens.all[range.clone()].iter().zip(&self.group[range]) {
            let next = next[group as usize];
            let person = self.opens.people.bytes(open.person);
            let at = match open.at {
                OpenAt::Place(place) => At::Place(self.opens.places.bytes(place)),
                OpenAt::Coord(at) => At::Coord(at),
                OpenAt::Nowhere => At::Place(b""),
            };
            let Open { seat_row, protected, row, start, .. } = *open;
            if let Some(case) = open.with {
                let At::Place(place) = at else { continue };
                sighting(case, person, place, rules.sighting(start, next), row);
                continue;
            }
            let span = rules.stay(start, matches!(at, At::Coord(_)), next);
            stay(&Stay { person, at, span, ends: Ends::Recorded, seat_row, protected, row });
        }
    }
}

/// Looks for the next row of each open stay and sighting. Merges in any order.
#[derive(Debug)]
pub struct NextRows<'o> {
    opens: &'o OrderedOpens,
    cases: &'o Cases,
    rules: OpenRules,
    next: Vec<Next>,
}

impl<'o> NextRows<'o> {
    /// Nothing was seen yet.
    pub fn new(opens: &'o OrderedOpens, cases: &'o Cases, rules: OpenRules) -> NextRows<'o> {
        NextRows { opens, cases, rules, next: vec![Next::NONE; opens.groups.len()] }
    }

    /// Both together.
    #[must_use]
    pub fn merge(mut self, other: NextRows<'_>) -> NextRows<'o> {
        self.next.iter_mut().zip(other.next).for_each(|(a, b)| *a = b.min(*a));
        self
    }

    /// The next starts that were found, and of what.
    #[cfg(feature = "parquet")]
    pub fn found(&self) -> impl Iterator<Item = (OpenGroup<'_>, Next)> {
        let found = self.next.iter().enumerate().filter(|(_, next)| **next != Next::NONE);
        found.map(|(n, next)| {
            let open = &self.opens.opens.all[self.opens.groups[n] as usize];
            let person = self.opens.opens.people.get(open.person);
            let (with, start, position) = (open.with, open.start, open.position());
            (OpenGroup { person, with, start, position }, *next)
        })
    }

    /// Enters a next start that was found elsewhere; nothing when it is of nothing that is open.
    #[cfg(feature = "parquet")]
    pub fn enter(&mut self, of: &OpenGroup<'_>, next: Next) -> Option<()> {
        let n = self.opens.group_of(of)?;
        self.next[n] = self.next[n].min(next);
        Some(())
    }

    /// The next start of each group.
    pub fn finish(self) -> Vec<Next> {
        self.next
    }

    fn see(&mut self, (person, with): (&[u8], Option<CaseIdx>), start: Instant, at: At<'_>) {
        for n in self.opens.before(person, with, start) {
            let open = &self.opens.opens.all[self.opens.groups[n] as usize];
            let near = self.rules.is_near(open.position(), at);
            self.next[n] = self.next[n].min(Next::new(start.0 - open.start.0, near));
        }
    }
}

impl Interest for NextRows<'_> {
    const ASKS_WHO: bool = true;

    #[inline(always)]
    fn may_concern(&self, person: &[u8], start: Instant) -> bool {
        self.opens.may_be_next(person, start)
    }

    #[inline(always)]
    fn may_matter_to(&self, persons: [&[u8]; 2]) -> bool {
        persons.iter().any(|person| self.cases.may_have(person))
    }
}

impl TakeStays for NextRows<'_> {
    fn stay(&mut self, stay: &Stay<'_>) {
        let may_be_next = self.opens.may_be_next(stay.person, stay.span.start);
        if stay.ends != Ends::DateOnly && may_be_next {
            self.see((stay.person, None), stay.span.start, stay.at);
        }
    }
}

impl TakeColocations for NextRows<'_> {
    fn colocation(&mut self, row: &Colocation<'_>) {
        for (case, other) in [(row.person_a, row.person_b), (row.person_b, row.person_a)] {
            if let Some(case) = self.cases.find(case) {
                self.see((other, Some(case)), row.span.start, At::Place(row.place));
            }
        }
    }
}
