//! Evidence: matches of cases and other people, and who was at the watched places.
//!
//! [`Found`] grows and merges in any order, on any number of threads or machines, and has no order
//! itself; [`Evidence`] is the same in order, with the people numbered as their ids sort. Nothing
//! is judged here. Cost: `merge` is O(1) for each part; settling sorts, in parallel.

mod basis;
mod presence;
mod settled;
#[cfg(feature = "parquet")]
pub mod wire;

pub use basis::{Bases, Basis};
pub use presence::{Seen, keep_latest};
pub use settled::Evidence;

use crate::base::geo::Coord;
use crate::base::texts::{Interner, Texts};
use crate::base::time::Span;
use crate::model::{CaseIdx, Colocation, PlaceId, RowRef, Stay};
use crate::search::opens::Opens;
use presence::Presence;
use std::cmp::Ordering;

/// Number of a person in settled evidence, in the order of the ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PersonId(pub u32);

/// Number of a person in a part of what was found, in order of first sight; of those who have none
/// yet, their place among these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct LocalPerson(u32);

/// A match of a case and another person: one row of the evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Match<P = PersonId> {
    /// The case.
    pub case: CaseIdx,
    /// The other.
    pub person: P,
    /// Their overlap inside the case's window.
    pub span: Span,
    /// By what rule.
    pub basis: Basis,
    place: u32,
    /// The case's row.
    pub case_row: RowRef,
    /// The other's row.
    pub person_row: RowRef,
}

const NO_PLACE: u32 = u32::MAX;
/// Marks numbers of places that only co-locations name.
const EXTRA: u32 = 1 << 31;
/// Marks numbers of positions in place of places: two people were at the very same coordinate.
const POSITION: u32 = 1 << 30;

impl Match<LocalPerson> {
    /// The same in settled evidence, by the numbers there of the part's persons, places and
    /// positions.
    fn settled(self, persons: &[u32], places: &[u32], positions: &[u32]) -> Match {
        let Match { case, person, span, basis, place, case_row, person_row } = self;
        let place = match place {
            NO_PLACE => NO_PLACE,
            place if place & EXTRA != 0 => places[(place & !EXTRA) as usize],
            place if place & POSITION != 0 => positions[(place & !POSITION) as usize],
            place => place,
        };
        let person = PersonId(persons[person.0 as usize]);
        Match { case, person, span, basis, place, case_row, person_row }
    }
}

impl Match {
    /// As `cmp`, and faster where most are of other pairs.
    fn order(&self, other: &Match) -> Ordering {
        let pair = |of: &Match| u64::from(of.case.position()) << 32 | u64::from(of.person.0);
        pair(self).cmp(&pair(other)).then_with(|| self.cmp(other))
    }

    /// Where, when it is known.
    pub fn place(&self) -> Option<PlaceId> {
        (self.place & POSITION == 0).then_some(PlaceId(self.place))
    }

    /// The number of the coordinate at which exactly both were, if they were at one.
    pub fn position(&self) -> Option<u32> {
        let is_one = self.place != NO_PLACE && self.place & POSITION != 0;
        is_one.then_some(self.place & !POSITION)
    }
}

/// Where a match is.
#[derive(Debug, Clone, Copy)]
pub enum Where<'a> {
    /// Not known.
    Unknown,
    /// At a place.
    At(PlaceId),
    /// At a place that only a co-location names.
    Named(&'a [u8]),
    /// Both at exactly this coordinate.
    Exactly(Coord),
}

/// What one scan found.
#[derive(Debug, Clone, Default)]
struct Part {
    persons: Interner,
    /// Places that only co-locations name.
    places: Interner,
    /// Coordinates at which somebody was exactly where a case was.
    positions: Interner,
    matches: Vec<Match<LocalPerson>>,
    /// By number of the watched area: who was in it, and went on to another one.
    presence: Vec<Presence>,
    /// By number of the person: the watched area they were last seen in, and their last stay there.
    /// Most people are only ever seen in the one they live in.
    last_area: Vec<(u32, Seen)>,
    /// What may match once its end is known.
    opens: Opens,
    pending: Pending,
}

/// The last people seen, who get their numbers together: see [`Interner::intern_all`].
#[derive(Debug, Clone, Default)]
struct Pending {
    people: Texts,
    /// The first match whose person is one of these; so are those of all after it.
    first_match: usize,
    /// Area, which of these people, and the stay.
    notes: Vec<(u32, u32, Seen)>,
    /// Room for their numbers.
    numbers: Vec<u32>,
}

/// People who get their numbers together.
const TOGETHER: usize = 512;

impl Part {
    /// The place of somebody among those without a number. Rows of one person often stand together.
    fn pending(&mut self, person: &[u8]) -> u32 {
        let count = self.pending.people.len() as u32;
        if count > 0 && self.pending.people.bytes(count - 1) == person {
            return count - 1;
        }
        if count as usize == TOGETHER {
            self.number();
        }
        self.pending.people.push(person)
    }

    /// Gives everybody a number.
    fn number(&mut self) {
        let Pending { people, first_match, notes, numbers } = &mut self.pending;
        self.persons.intern_all(people, numbers);
        for found in &mut self.matches[*first_match..] {
            found.person = LocalPerson(numbers[found.person.0 as usize]);
        }
        self.last_area.resize(self.persons.len(), (NO_AREA, Seen::NEVER));
        for (area, person, seen) in notes.drain(..) {
            let person = LocalPerson(numbers[person as usize]);
            let last = &mut self.last_area[person.0 as usize];
            if last.0 == area {
                last.1 = last.1.last(seen);
            } else {
                let (area, seen) = std::mem::replace(last, (area, seen));
                if area != NO_AREA {
                    of_area(&mut self.presence, area).add_visit(person, seen);
                }
            }
        }
        *first_match = self.matches.len();
        people.clear();
    }

    /// Gives everybody a number, and puts those who stayed in an area with those who went on.
    fn finish(&mut self) {
        self.number();
        for (person, (area, seen)) in
            (0..).map(LocalPerson).zip(std::mem::take(&mut self.last_area))
        {
            // What is there twice is put together when the parts are.
            if area != NO_AREA {
                of_area(&mut self.presence, area).people.push((person, seen));
            }
        }
    }
}

/// In place of an area: the person was not seen yet.
const NO_AREA: u32 = u32::MAX;

fn of_area(presence: &mut Vec<Presence>, area: u32) -> &mut Presence {
    let area = area as usize;
    if presence.len() <= area {
        presence.resize_with(area + 1, Presence::default);
    }
    &mut presence[area]
}

/// What scans found, in no order.
#[derive(Debug, Clone, Default)]
pub struct Found {
    parts: Vec<Part>,
}

impl Found {
    fn part(&mut self) -> &mut Part {
        if self.parts.is_empty() {
            self.parts.push(Part::default());
        }
        &mut self.parts[0]
    }

    /// Enters a match of a case's row and a row of `person`.
    pub fn add_match(
        &mut self,
        (case, case_row): (CaseIdx, RowRef),
        (person, person_row): (&[u8], RowRef),
        basis: Basis,
        at: Where<'_>,
        span: Span,
    ) {
        let part = self.part();
        let person = LocalPerson(part.pending(person));
        let place = match at {
            Where::Unknown => NO_PLACE,
            Where::At(place) => place.0,
            Where::Named(id) => part.places.intern(id) | EXTRA,
            Where::Exactly(at) => part.positions.intern(position_text(at)) | POSITION,
        };
        part.matches.push(Match { case, person, span, basis, place, case_row, person_row });
    }

    /// Notes that somebody was in a watched area.
    pub fn add_visit(&mut self, area: u32, person: &[u8], seen: Seen) {
        let part = self.part();
        let person = part.pending(person);
        part.pending.notes.push((area, person, seen));
    }

    /// Keeps an open stay that may match once its end is known.
    pub fn keep_open(&mut self, stay: &Stay<'_>) {
        self.part().opens.add_stay(stay);
    }

    /// Keeps a sighting of `other` by a case.
    pub fn keep_sighting(&mut self, case: CaseIdx, other: &[u8], sighting: &Colocation<'_>) {
        self.part().opens.add_sighting(case, other, sighting);
    }

    /// Whether something is open.
    pub fn has_opens(&self) -> bool {
        self.parts.iter().any(|part| !part.opens.is_empty())
    }

    /// Takes out what is open. What is found when its ends are known is to be merged in.
    pub fn take_opens(&mut self) -> Opens {
        let mut opens = self.parts.iter_mut().map(|part| std::mem::take(&mut part.opens));
        let mut all = opens.next().unwrap_or_default();
        opens.for_each(|other| all.take_in(&other));
        all
    }

    /// Both together. Associative, and the order decides nothing.
    #[must_use]
    pub fn merge(mut self, other: Found) -> Found {
        self.parts.extend(other.parts);
        self
    }
}

/// A coordinate as hexadecimal digits; equal coordinates give the same.
fn position_text(at: Coord) -> String {
    // 0.0 and -0.0 are one number.
    let bits = |degrees: f64| (degrees + 0.0).to_bits();
    format!("{:016x}{:016x}", bits(at.lon), bits(at.lat))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::time::{Instant, TimeZone};
    use crate::model::{Case, Cases, Places};
    use proptest::prelude::*;

    /// (case, person, place by name, start) and (area, person, end).
    type Rows = Vec<(u32, String, Option<String>, i64, u32)>;

    fn some_cases() -> Cases {
        let case = |n: u32| Case {
            id: format!("C{n}").into(),
            onset: None,
            sampled: None,
            confirmed: Instant(0),
            isolated: None,
            imported: false,
            row: RowRef::new(0, 1),
        };
        let policy = crate::policy::Policy::preset("who").unwrap().exposure;
        let zone = TimeZone::get("UTC").unwrap();
        Cases::new((0..3).map(case).collect(), &policy, &zone, Instant(0))
    }

    fn seen(start: i64) -> Seen {
        // Of two that end together the one that begins first is kept.
        let (end, start) = (Instant(start / 2), Instant(start));
        Seen { end, start, place: 0, row: RowRef::new(0, 1) }
    }

    fn evidence(rows: &[(u32, String, Option<String>, i64, u32)]) -> Found {
        let mut evidence = Found::default();
        let cases = some_cases();
        for (case, person, place, start, area) in rows {
            let at = place.as_ref().map_or(Where::Unknown, |id| Where::Named(id.as_bytes()));
            let span = Span::new(Instant(*start), Instant(*start + 5)).unwrap();
            let row = RowRef::new(0, 1);
            let who = (person.as_bytes(), row);
            let case = cases.iter().nth(*case as usize).expect("one of three").0;
            evidence.add_match((case, row), who, Basis::Proximity, at, span);
            evidence.add_visit(*area, person.as_bytes(), seen(*start));
        }
        evidence
    }

    fn told(evidence: Found) -> (Vec<String>, Vec<String>) {
        let mut places = Places::default();
        let mut settled = evidence.settle(&mut places);
        let presence = settled.take_presence();
        let matches = settled.matches().iter().map(|m| {
            let place = m.place().map(|place| places.id(place));
            format!("{:?} {} {place:?} {:?}", m.case, settled.id(m.person), m.span)
        });
        let mut matches: Vec<String> = matches.collect();
        // Places are numbered as they come; what is left is in order already.
        matches.sort();
        let presence = (0..)
            .zip(&presence)
            .flat_map(|(area, people)| people.iter().map(move |&(who, seen)| (area, who, seen)));
        let told = |(area, who, seen): (u32, _, Seen)| {
            format!("{area} {} {}", settled.id(who), seen.start.0)
        };
        (matches, presence.map(told).collect())
    }

    proptest! {
        #[test]
        fn parts_and_their_order_decide_nothing(
            rows in proptest::collection::vec(
                (0u32..3, "[ab甲]{1,12}", proptest::option::of("[xy]"), 0i64..4, 0u32..2), 0..30),
            cut in 0usize..30, second in 0usize..30) {
            let rows: Rows = rows;
            let whole = told(evidence(&rows));
            let (a, rest) = rows.split_at(cut.min(rows.len()));
            let (b, c) = rest.split_at(second.min(rest.len()));
            let [a, b, c] = [a, b, c].map(evidence);
            let left = a.clone().merge(b.clone()).merge(c.clone());
            prop_assert_eq!(&told(left), &whole);
            prop_assert_eq!(&told(c.merge(a.merge(b))), &whole);
            let last = |area: u32, person: &str| {
                let there = rows.iter().filter(|r| r.4 == area && r.1 == person);
                there.map(|r| r.3).max_by_key(|&start| (start / 2, -start))
            };
            for line in &whole.1 {
                let mut parts = line.split(' ');
                let (area, person) = (parts.next().unwrap().parse().unwrap(), parts.next().unwrap());
                let start = last(area, person).unwrap().to_string();
                prop_assert_eq!(parts.next(), Some(start.as_str()));
            }
        }
    }
}
