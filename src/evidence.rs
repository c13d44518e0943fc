//! Evidence: matches of cases and other people, and who was at the watched places.
//!
//! [`Evidence`] grows and merges in any order, on any number of threads or machines, and is in none
//! itself; [`Settled`] is the same in order, with the people numbered as their ids sort. Nothing is
//! judged here. Cost: `merge` is O(1) for each part; settling sorts, in parallel.

use crate::intern::{Interner, Ordered, Texts};
use crate::model::{CaseIdx, PlaceId, Places, RowRef};
use crate::time::{Instant, Span};
use rayon::prelude::*;
use std::cmp::{Ordering, Reverse};

/// By what rule two people match. In alphabetical order of their names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Basis {
    /// Two positions near each other.
    Gps,
    /// The same recorded residence.
    Household,
    /// A co-location row.
    Proximity,
    /// The same transport, a seat row missing: weak, for somebody to check.
    SeatUnknown,
    /// The same transport, seat rows near each other.
    Transport,
    /// The same enclosed or dense place.
    Venue,
}

impl Basis {
    /// All, in order.
    pub const ALL: [Basis; 6] = [
        Basis::Gps,
        Basis::Household,
        Basis::Proximity,
        Basis::SeatUnknown,
        Basis::Transport,
        Basis::Venue,
    ];

    /// The name in the output.
    pub fn name(self) -> &'static str {
        match self {
            Basis::Gps => "gps",
            Basis::Household => "household",
            Basis::Proximity => "proximity",
            Basis::SeatUnknown => "seat_unknown",
            Basis::Transport => "transport",
            Basis::Venue => "venue",
        }
    }
}

/// Number of a person: in a part of the evidence in order of first sight, in settled evidence in the
/// order of the ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PersonId(pub u32);

/// A match of a case and another person: one row of the evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Match {
    /// The case.
    pub case: CaseIdx,
    /// The other.
    pub person: PersonId,
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

impl Match {
    /// As `cmp`, and faster where most are of other pairs.
    fn order(&self, other: &Match) -> Ordering {
        let pair = |of: &Match| u64::from(of.case.0) << 32 | u64::from(of.person.0);
        pair(self).cmp(&pair(other)).then_with(|| self.cmp(other))
    }

    /// Where, when it is known.
    pub fn place(&self) -> Option<PlaceId> {
        (self.place != NO_PLACE).then_some(PlaceId(self.place))
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
}

/// What one scan found.
#[derive(Debug, Clone, Default)]
struct Part {
    persons: Interner,
    /// Places that only co-locations name.
    places: Interner,
    matches: Vec<Match>,
    /// By number of the watched area: who was in it, and went on to another one.
    presence: Vec<Presence>,
    /// By number of the person: the watched area he was last seen in, and the end of his last stay
    /// there. Most people are only ever seen in the one they live in.
    last_area: Vec<(u32, Instant)>,
    unnumbered: Unnumbered,
}

/// The last people seen, who get their numbers together: see [`Interner::intern_all`].
#[derive(Debug, Clone, Default)]
struct Unnumbered {
    people: Texts,
    /// The first match whose person is one of these; so are those of all after it.
    first_match: usize,
    /// Area, which of these people, and the end of the stay.
    notes: Vec<(u32, u32, Instant)>,
    /// Room for their numbers.
    numbers: Vec<u32>,
}

/// People who get their numbers together.
const TOGETHER: usize = 512;

impl Part {
    /// The place of somebody among those without a number. Rows of one person often stand together.
    fn unnumbered(&mut self, person: &[u8]) -> u32 {
        let count = self.unnumbered.people.len() as u32;
        if count > 0 && self.unnumbered.people.bytes(count - 1) == person {
            return count - 1;
        }
        if count as usize == TOGETHER {
            self.number();
        }
        self.unnumbered.people.push(person)
    }

    /// Gives everybody a number.
    fn number(&mut self) {
        let Unnumbered { people, first_match, notes, numbers } = &mut self.unnumbered;
        self.persons.intern_all(people, numbers);
        for found in &mut self.matches[*first_match..] {
            found.person = PersonId(numbers[found.person.0 as usize]);
        }
        self.last_area.resize(self.persons.len(), (NO_AREA, Instant(i64::MIN)));
        for (area, person, end) in notes.drain(..) {
            let person = PersonId(numbers[person as usize]);
            let last = &mut self.last_area[person.0 as usize];
            if last.0 == area {
                last.1 = end.max(last.1);
            } else {
                let (area, end) = std::mem::replace(last, (area, end));
                if area != NO_AREA {
                    of_area(&mut self.presence, area).note(person, end);
                }
            }
        }
        *first_match = self.matches.len();
        people.clear();
    }

    /// Gives everybody a number, and puts those who stayed in an area with those who went on.
    fn finish(&mut self) {
        self.number();
        for (person, (area, end)) in (0..).map(PersonId).zip(std::mem::take(&mut self.last_area)) {
            // What is there twice is put together when the parts are.
            if area != NO_AREA {
                of_area(&mut self.presence, area).people.push((person, end));
            }
        }
    }
}

/// Nobody was seen yet.
const NO_AREA: u32 = u32::MAX;

fn of_area(presence: &mut Vec<Presence>, area: u32) -> &mut Presence {
    let area = area as usize;
    if presence.len() <= area {
        presence.resize_with(area + 1, Presence::default);
    }
    &mut presence[area]
}

/// Who was in an area, and the end of the last stay there. A person is in it once or a few times.
#[derive(Debug, Clone, Default)]
struct Presence {
    people: Vec<(PersonId, Instant)>,
    /// How many of them there were when each was last in it once.
    once: usize,
}

impl Presence {
    fn note(&mut self, person: PersonId, end: Instant) {
        match self.people.last_mut() {
            Some((last, until)) if *last == person => *until = end.max(*until),
            _ => self.people.push((person, end)),
        }
        // Appending and tidying up now and then takes less time than a look-up for each row.
        if self.people.len() > 2 * self.once + 64 {
            once(&mut self.people);
            self.once = self.people.len();
        }
    }
}

/// Puts people into order, each once, with the latest end.
pub fn once(people: &mut Vec<(PersonId, Instant)>) {
    people.sort_unstable_by_key(|(person, _)| *person);
    people.dedup_by(|next, kept| {
        let same = next.0 == kept.0;
        if same {
            kept.1 = kept.1.max(next.1);
        }
        same
    });
}

/// What scans found, in no order.
#[derive(Debug, Clone, Default)]
pub struct Evidence {
    parts: Vec<Part>,
}

impl Evidence {
    fn part(&mut self) -> &mut Part {
        if self.parts.is_empty() {
            self.parts.push(Part::default());
        }
        &mut self.parts[0]
    }

    /// Enters a match of a case's row and a row of `person`.
    pub fn enter(
        &mut self,
        (case, case_row): (CaseIdx, RowRef),
        (person, person_row): (&[u8], RowRef),
        basis: Basis,
        at: Where<'_>,
        span: Span,
    ) {
        let part = self.part();
        let person = PersonId(part.unnumbered(person));
        let place = match at {
            Where::Unknown => NO_PLACE,
            Where::At(place) => place.0,
            Where::Named(id) => part.places.intern(id) | EXTRA,
        };
        part.matches.push(Match { case, person, span, basis, place, case_row, person_row });
    }

    /// Notes that somebody was in a watched area until `end`.
    pub fn note(&mut self, area: u32, person: &[u8], end: Instant) {
        let part = self.part();
        let person = part.unnumbered(person);
        part.unnumbered.notes.push((area, person, end));
    }

    /// Both together. Associative, and the order decides nothing.
    #[must_use]
    pub fn merge(mut self, other: Evidence) -> Evidence {
        self.parts.extend(other.parts);
        self
    }

    /// Puts it in order. Places that only co-locations name are added to `places`.
    pub fn settle(mut self, places: &mut Places) -> Settled {
        self.parts.par_iter_mut().for_each(Part::finish);
        let (people, numbers) = people(&self.parts);
        let extra: Vec<Vec<u32>> = self
            .parts
            .iter()
            .map(|part| part.places.iter().map(|id| places.intern(id).0).collect())
            .collect();
        let areas = self.parts.iter().map(|part| part.presence.len()).max().unwrap_or(0);
        let who_was_in = |area: usize| {
            let parts = self.parts.iter().zip(&numbers);
            let parts =
                parts.filter_map(|(part, numbers)| Some((part.presence.get(area)?, numbers)));
            let number = |numbers: &[u32], who: PersonId| PersonId(numbers[who.0 as usize]);
            let people = parts.flat_map(|(there, numbers)| {
                there.people.iter().map(move |&(who, end)| (number(numbers, who), end))
            });
            let mut people: Vec<(PersonId, Instant)> = people.collect();
            once(&mut people);
            people
        };
        let presence = (0..areas).into_par_iter().map(who_was_in).collect();
        let mut parts: Vec<(Vec<Match>, Vec<u32>, Vec<u32>)> = self
            .parts
            .into_iter()
            .zip(numbers)
            .zip(extra)
            .map(|((part, numbers), extra)| (part.matches, numbers, extra))
            .collect();
        for (matches, numbers, extra) in &mut parts {
            matches.par_iter_mut().for_each(|found| {
                found.person = PersonId(numbers[found.person.0 as usize]);
                if found.place != NO_PLACE && found.place & EXTRA != 0 {
                    found.place = extra[(found.place & !EXTRA) as usize];
                }
            });
        }
        // The longest list takes the others in: no more than those are held twice.
        parts.sort_unstable_by_key(|(matches, ..)| Reverse(matches.len()));
        let total = parts.iter().map(|(matches, ..)| matches.len()).sum::<usize>();
        let mut parts = parts.into_iter().map(|(matches, ..)| matches);
        let mut matches = parts.next().unwrap_or_default();
        matches.reserve_exact(total - matches.len());
        parts.for_each(|part| matches.extend(part));
        matches.par_sort_unstable_by(Match::order);
        Settled { people, matches, presence }
    }
}

/// Everybody in the parts by id, and for each part the number of each of its persons.
fn people(parts: &[Part]) -> (Ordered, Vec<Vec<u32>>) {
    struct Seen {
        /// The first eight bytes of the id, which decide nearly all comparisons.
        head: u64,
        part: u32,
        person: u32,
    }
    let bytes = |seen: &Seen| parts[seen.part as usize].persons.bytes(seen.person);
    let mut all = Vec::with_capacity(parts.iter().map(|part| part.persons.len()).sum());
    for (part, of_part) in (0..).zip(parts) {
        all.par_extend((0..of_part.persons.len() as u32).into_par_iter().map(|person| {
            let id = of_part.persons.bytes(person);
            let mut head = [0; 8];
            head[..id.len().min(8)].copy_from_slice(&id[..id.len().min(8)]);
            Seen { head: u64::from_be_bytes(head), part, person }
        }));
    }
    // Stable, for it makes use of what is in order already: the people of an export often are.
    all.par_sort_by(|a, b| a.head.cmp(&b.head).then_with(|| bytes(a).cmp(bytes(b))));
    // What is new in a piece, and the text of it: the texts lie all over memory.
    const PIECE: usize = 1 << 14;
    let is_new = |at: usize| {
        at == 0 || all[at - 1].head != all[at].head || bytes(&all[at - 1]) != bytes(&all[at])
    };
    let pieces: Vec<(Vec<bool>, Texts)> = (0..all.len().div_ceil(PIECE))
        .into_par_iter()
        .map(|piece| {
            let piece = piece * PIECE..all.len().min((piece + 1) * PIECE);
            let new: Vec<bool> = piece.clone().map(is_new).collect();
            let mut texts = Texts::default();
            let of_new = all[piece].iter().zip(&new).filter(|(_, new)| **new);
            of_new.for_each(|(seen, _)| _ = texts.push(bytes(seen)));
            (new, texts)
        })
        .collect();
    let mut people = Texts::default();
    let mut numbers: Vec<Vec<u32>> = parts.iter().map(|part| vec![0; part.persons.len()]).collect();
    for ((new, texts), all) in pieces.iter().zip(all.chunks(PIECE)) {
        // The number of the last person so far, and one.
        let mut next = people.len() as u32;
        for (seen, new) in all.iter().zip(new) {
            next += u32::from(*new);
            numbers[seen.part as usize][seen.person as usize] = next - 1;
        }
        people.append(texts);
    }
    (Ordered::new(people), numbers)
}

/// Evidence in order.
#[derive(Debug, Default)]
pub struct Settled {
    people: Ordered,
    matches: Vec<Match>,
    presence: Vec<Vec<(PersonId, Instant)>>,
}

impl Settled {
    /// The matches by case, person and time: those of a pair stand together.
    pub fn matches(&self) -> &[Match] {
        &self.matches
    }

    /// The id of a person.
    pub fn id(&self, person: PersonId) -> &str {
        self.people.get(person.0)
    }

    /// The bytes of the id of a person.
    pub fn id_bytes(&self, person: PersonId) -> &[u8] {
        self.people.bytes(person.0)
    }

    /// All ids, one behind the other.
    pub fn ids(&self) -> &[u8] {
        self.people.joined()
    }

    /// The number of a person, if he appears. O(log n).
    pub fn find(&self, id: &str) -> Option<PersonId> {
        self.people.find(id.as_bytes()).map(PersonId)
    }

    /// How many persons appear.
    pub fn persons(&self) -> usize {
        self.people.len()
    }

    /// Who was in the watched areas, and the end of the last stay there: by number of the area, and
    /// there in order and once for each person. There is nothing left of it then.
    pub fn take_presence(&mut self) -> Vec<Vec<(PersonId, Instant)>> {
        std::mem::take(&mut self.presence)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// (case, person, place by name, start) and (area, person, end).
    type Rows = Vec<(u32, String, Option<String>, i64, u32)>;

    fn evidence(rows: &[(u32, String, Option<String>, i64, u32)]) -> Evidence {
        let mut evidence = Evidence::default();
        for (case, person, place, start, area) in rows {
            let at = place.as_ref().map_or(Where::Unknown, |id| Where::Named(id.as_bytes()));
            let span = Span::new(Instant(*start), Instant(*start + 5)).unwrap();
            let row = RowRef::new(0, 1);
            let who = (person.as_bytes(), row);
            evidence.enter((CaseIdx(*case), row), who, Basis::Proximity, at, span);
            evidence.note(*area, person.as_bytes(), Instant(*start));
        }
        evidence
    }

    fn told(evidence: Evidence) -> (Vec<String>, Vec<String>) {
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
            .flat_map(|(area, people)| people.iter().map(move |&(who, end)| (area, who, end)));
        let told = |(area, who, end): (u32, _, _)| format!("{area} {} {end:?}", settled.id(who));
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
                rows.iter().filter(|r| r.4 == area && r.1 == person).map(|r| r.3).max()
            };
            for line in &whole.1 {
                let mut parts = line.split(' ');
                let (area, person) = (parts.next().unwrap().parse().unwrap(), parts.next().unwrap());
                let end = format!("{:?}", Instant(last(area, person).unwrap()));
                prop_assert!(line.ends_with(&end));
            }
        }
    }
}
