//! The register of persons: where people live, and when a closed loop ended.
//!
//! Any number of workers gather rows, each in [`PersonRows`] of its own; [`Persons`] keeps the
//! first row of each person, wherever it was read. Looked up by a hash, with the id compared. Cost:
//! about 32 bytes a person and the id; one parallel sort of the hashes; O(1) a look-up.

use crate::base::texts::{Interner, Texts};
use crate::base::time::Date;
use crate::model::{PlaceId, Places, RowRef};
use hashbrown::DefaultHashBuilder;
use rayon::prelude::*;
use std::hash::BuildHasher;
use std::mem::take;

/// A person as far as the rules need.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Person {
    /// Recorded residence.
    pub residence: Option<PlaceId>,
    /// Last day of work in a closed loop.
    pub closed_loop_end: Option<Date>,
    /// Its row.
    pub row: RowRef,
}

/// A gathered row. A residence is a number of the worker's own until all are joined.
#[derive(Debug, Clone, Copy)]
struct Gathered {
    residence: u32,
    closed_loop_end: i32,
    row: RowRef,
}

/// In place of a residence: there is none.
const NOWHERE: u32 = u32::MAX;
/// In place of a residence: an earlier row of the person counts.
const DROPPED: u32 = u32::MAX - 1;
/// In place of the end of a closed loop: there was none.
const NEVER: i32 = i32::MIN;

/// Where a person is found.
#[derive(Debug, Clone, Copy)]
struct Entry {
    /// The leading bits of a hash of the id: enough to sort by, and the id is compared anyway.
    hash: u32,
    part: u32,
    number: u32,
}

fn leading(hasher: &DefaultHashBuilder, id: &str) -> u32 {
    (hasher.hash_one(id.as_bytes()) >> 32) as u32
}

/// The rows that one worker gathers.
#[derive(Debug, Clone, Default)]
pub struct PersonRows {
    hasher: DefaultHashBuilder,
    residences: Interner,
    ids: Texts,
    rows: Vec<Gathered>,
    entries: Vec<Entry>,
    /// A hash of each row, to tell a repeat of a row from another one. 64 bits decide only what a
    /// dropped row is called, never which is kept.
    raw: Vec<u64>,
    /// The rows that say that the home is not fit for isolation: a few.
    unfit: Vec<RowRef>,
}

impl PersonRows {
    /// No rows yet. All that are to be joined are clones of one.
    pub fn new() -> PersonRows {
        PersonRows::default()
    }

    /// Adds a row, which reads `raw`. Panics past 4 GiB of ids.
    pub fn add(
        &mut self,
        id: &str,
        residence: Option<&[u8]>,
        closed_loop_end: Option<Date>,
        (row, raw): (RowRef, &[u8]),
    ) {
        let number = self.ids.push(id.as_bytes());
        let residence = residence.map_or(NOWHERE, |id| self.residences.intern(id));
        let closed_loop_end = closed_loop_end.map_or(NEVER, |date| date.0);
        self.rows.push(Gathered { residence, closed_loop_end, row });
        self.entries.push(Entry { hash: leading(&self.hasher, id), part: 0, number });
        self.raw.push(self.hasher.hash_one(raw));
    }
}

impl PersonRows {
    /// The home of the row that was added last is not fit for isolation (不具备居家隔离条件).
    pub fn last_home_is_unfit(&mut self) {
        self.unfit.extend(self.rows.last().map(|gathered| gathered.row));
    }
}

/// A row that does not count, because an earlier one has its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dropped<'a> {
    /// The row.
    pub row: RowRef,
    /// The person.
    pub id: &'a [u8],
    /// Whether it reads like the row that counts.
    pub repeats: bool,
}

/// The persons of the table by id.
#[derive(Debug, Clone, Default)]
pub struct Persons {
    parts: Vec<PersonRows>,
    /// By hash.
    index: Vec<Entry>,
    /// Where in the index the hashes begin that have the same leading bits.
    starts: Vec<u32>,
    shift: u32,
    /// How many people are recorded at each place, by its number.
    recorded: Vec<u32>,
    /// The rows that say that a home is not fit for isolation, in order.
    unfit: Vec<RowRef>,
}

impl Persons {
    /// Joins what was gathered; `dropped` is told of each row that does not count. Residences that
    /// `places` lacks are added to it.
    pub fn new(
        mut parts: Vec<PersonRows>,
        places: &mut Places,
        dropped: impl FnMut(Dropped<'_>),
    ) -> Persons {
        for part in &mut parts {
            let residences = take(&mut part.residences);
            let places: Vec<u32> = residences.iter().map(|id| places.intern(id).0).collect();
            part.rows.par_iter_mut().filter(|row| row.residence != NOWHERE).for_each(|row| {
                row.residence = places[row.residence as usize];
            });
        }
        let mut index = parts.first_mut().map_or_else(Vec::new, |part| take(&mut part.entries));
        index.reserve_exact(parts.iter().map(|part| part.entries.len()).sum());
        for (number, part) in (1..).zip(parts.iter_mut().skip(1)) {
            let entries = take(&mut part.entries).into_iter();
            index.extend(entries.map(|entry| Entry { part: number, ..entry }));
        }
        let row = |entry: &Entry| parts[entry.part as usize].rows[entry.number as usize].row;
        index.par_sort_unstable_by(|a: &Entry, b: &Entry| {
            a.hash.cmp(&b.hash).then_with(|| row(a).cmp(&row(b)))
        });
        first_rows(&mut parts, &mut index, dropped);
        parts.iter_mut().for_each(|part| part.raw = Vec::new());
        // Some four entries to a start.
        let bits = (index.len() / 4).max(1).ilog2().clamp(1, 31);
        let (mut starts, shift) = (Vec::with_capacity((1 << bits) + 1), 32 - bits);
        for (position, entry) in (0..).zip(&index) {
            while starts.len() <= (entry.hash >> shift) as usize {
                starts.push(position);
            }
        }
        starts.resize((1 << bits) + 1, index.len() as u32);
        let mut recorded = Vec::new();
        let homes = parts.iter().flat_map(|part| &part.rows).map(|row| row.residence);
        for home in homes.filter(|&home| home != NOWHERE && home != DROPPED) {
            if recorded.len() <= home as usize {
                recorded.resize(home as usize + 1, 0);
            }
            recorded[home as usize] += 1;
        }
        let mut unfit: Vec<RowRef> =
            parts.iter_mut().flat_map(|part| take(&mut part.unfit)).collect();
        unfit.sort_unstable();
        Persons { parts, index, starts, shift, recorded, unfit }
    }

    /// Whether the home of somebody is recorded as not fit for isolation: then they are isolated
    /// centrally instead (the Notice, section 3(1)).
    pub fn is_home_unfit(&self, id: &str) -> bool {
        let says = |person: Person| self.unfit.binary_search(&person.row).is_ok();
        !self.unfit.is_empty() && self.find(id).is_some_and(says)
    }

    /// Whether more people have a place as their recorded residence than a household has, if there
    /// is such a number.
    pub fn is_home_of_many(&self, place: PlaceId, household_max: Option<u32>) -> bool {
        household_max.is_some_and(|most| self.recorded_at(place) > most)
    }

    /// How many people have a place as their recorded residence.
    pub fn recorded_at(&self, place: PlaceId) -> u32 {
        self.recorded.get(place.0 as usize).copied().unwrap_or(0)
    }

    fn person(row: &Gathered) -> Person {
        Person {
            residence: (row.residence != NOWHERE).then_some(PlaceId(row.residence)),
            closed_loop_end: (row.closed_loop_end != NEVER).then_some(Date(row.closed_loop_end)),
            row: row.row,
        }
    }

    /// What is recorded of a person.
    pub fn find(&self, id: &str) -> Option<Person> {
        let hash = leading(&self.parts.first()?.hasher, id);
        let bucket = (hash >> self.shift) as usize;
        let entries = &self.index[self.starts[bucket] as usize..self.starts[bucket + 1] as usize];
        let part = |entry: &Entry| &self.parts[entry.part as usize];
        let is_it = |entry: &&Entry| {
            entry.hash == hash && part(entry).ids.bytes(entry.number) == id.as_bytes()
        };
        let entry = entries.iter().find(is_it)?;
        Some(Persons::person(&part(entry).rows[entry.number as usize]))
    }

    /// All of them, in no order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Person)> {
        self.parts.iter().flat_map(|part| {
            let rows = (0..).zip(&part.rows).filter(|(_, row)| row.residence != DROPPED);
            rows.map(|(number, row)| (part.ids.get(number), Persons::person(row)))
        })
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.index.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.index.is_empty()
    }
}

/// Keeps the first entry of each person in an index by hash and row.
fn first_rows(
    parts: &mut [PersonRows],
    index: &mut Vec<Entry>,
    mut dropped: impl FnMut(Dropped<'_>),
) {
    let (mut kept, mut group) = (0, 0);
    for at in 0..index.len() {
        let entry = index[at];
        if kept > 0 && index[kept - 1].hash != entry.hash {
            group = kept;
        }
        // Those before it with its hash: nearly always none, and seldom another person.
        let id = |entry: &Entry| parts[entry.part as usize].ids.bytes(entry.number);
        let first = index[group..kept].iter().find(|first| id(first) == id(&entry)).copied();
        let Some(first) = first else {
            index[kept] = entry;
            kept += 1;
            continue;
        };
        let raw = |entry: &Entry| parts[entry.part as usize].raw[entry.number as usize];
        let row = parts[entry.part as usize].rows[entry.number as usize].row;
        dropped(Dropped { row, id: id(&entry), repeats: raw(&entry) == raw(&first) });
        parts[entry.part as usize].rows[entry.number as usize].residence = DROPPED;
    }
    index.truncate(kept);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashMap;

    proptest! {
        /// Against a map that is filled row by row, however the rows are spread over workers.
        #[test]
        fn the_first_row_counts(
            rows in proptest::collection::vec(("[ab甲]{1,2}", proptest::option::of("[xyz]"), 0u8..3), 0..40),
            workers in 1usize..4, seed in 0usize..100) {
            let mut expected: HashMap<&str, (usize, u64)> = HashMap::new();
            let mut told = Vec::new();
            let mut parts = vec![PersonRows::new(); 1];
            parts = vec![parts.remove(0); workers];
            let raw = |n: usize| format!("{:?}", rows[n]);
            let mut order: Vec<usize> = (0..rows.len()).collect();
            order.rotate_left(seed % rows.len().max(1));
            for n in order {
                let (id, residence, end) = &rows[n];
                let end = (*end > 0).then(|| Date(i32::from(*end)));
                let residence = residence.as_ref().map(|id| id.as_bytes());
                let row = RowRef::new(0, n as u64 + 2);
                parts[n * 7 % workers].add(id, residence, end, (row, raw(n).as_bytes()));
            }
            for (n, row) in rows.iter().enumerate() {
                match expected.get(row.0.as_str()) {
                    None => { expected.insert(&row.0, (n, 0)); }
                    Some(&(first, _)) => told.push((n as u64 + 2, raw(n) == raw(first))),
                }
            }
            let (mut places, mut heard) = (Places::default(), Vec::new());
            let persons = Persons::new(parts, &mut places, |dropped| {
                heard.push((dropped.row.line(), dropped.repeats));
            });
            heard.sort_unstable();
            prop_assert_eq!(heard, told);
            prop_assert_eq!(persons.len(), expected.len());
            prop_assert_eq!(persons.iter().count(), expected.len());
            for (id, (n, _)) in expected {
                let person = persons.find(id).unwrap();
                prop_assert_eq!(person.row.line(), n as u64 + 2);
                let residence = person.residence.map(|place| places.id(place).to_owned());
                prop_assert_eq!(&residence, &rows[n].1);
                prop_assert_eq!(person.closed_loop_end.map_or(0, |end| end.0), i32::from(rows[n].2));
                prop_assert!(persons.iter().any(|(other, same)| other == id && same == person));
            }
            prop_assert_eq!(persons.find("nobody"), None);
        }
    }
}
