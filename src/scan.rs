//! The scan: (index of the cases' stays) × (rows) → evidence, and the merge of evidence.
//!
//! `merge` is associative and does not mind order, so a scan can be cut into any number of chunks on
//! any number of threads or machines. A row is compared with cases only. Rules: SPEC section 3.
//! Cost: one look-up a row, and the overlaps it has.

use crate::geo::Coord;
use crate::index::{CaseIndex, HotPlace, Rule};
use crate::ingest::{At, Colocation, Stay, TakeStays};
use crate::intern::Interner;
use crate::model::{CaseIdx, Cases, Persons, PlaceId, Places, RowRef};
use crate::time::{Instant, Span};
use hashbrown::HashMap;
use rayon::slice::ParallelSliceMut;

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

/// Number of a person in the [`Evidence`] he appears in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PersonId(pub u32);

/// A match of a case and another person: one row of the evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Match {
    /// The case.
    pub case: CaseIdx,
    /// The other.
    pub person: PersonId,
    /// By what rule.
    pub basis: Basis,
    /// Number of the place in [`Evidence::place`]; blank for positions and some co-locations.
    place: u32,
    /// Their overlap inside the case's window.
    pub span: Span,
    /// The case's row.
    pub case_row: RowRef,
    /// The other's row.
    pub person_row: RowRef,
}

const NO_PLACE: u32 = u32::MAX;
/// Marks numbers of places that only co-locations name.
const EXTRA: u32 = 1 << 31;

impl Match {
    /// Where, when it is known; all places of finished evidence are numbers of [`Places`].
    pub fn place(&self) -> Option<PlaceId> {
        (self.place != NO_PLACE).then_some(PlaceId(self.place))
    }
}

/// What a scan found.
#[derive(Debug, Clone, Default)]
pub struct Evidence {
    persons: Interner,
    /// Places that only co-locations name.
    extra_places: Interner,
    matches: Vec<Match>,
    /// (number of a watched area, person) → the end of the last stay there.
    presence: HashMap<(u32, PersonId), Instant>,
    /// For each person the position of the id among all, once settled.
    ranks: Vec<u32>,
}

/// Looks for the cases of an index in the rows it is given.
#[derive(Debug)]
pub struct Scan<'a> {
    index: &'a CaseIndex<'a>,
    found: Evidence,
}

impl<'a> Scan<'a> {
    /// A scan that has found nothing yet.
    pub fn new(index: &'a CaseIndex<'a>) -> Scan<'a> {
        Scan { index, found: Evidence::default() }
    }

    /// What it found.
    pub fn finish(self) -> Evidence {
        self.found
    }

    #[inline(never)]
    fn at_coord(&mut self, at: Coord, stay: &Stay<'_>) {
        let index = self.index;
        index.places_at(at, |hot| self.at_place(hot, stay));
        if stay.protected {
            return;
        }
        index.near_coord(at, stay.span, |number| {
            let own = index.stays().get(number);
            let near = own.coord.is_some_and(|c| c.distance_m(at) <= index.gps_m);
            if near {
                self.found_match(number, stay, Basis::Gps, NO_PLACE);
            }
        });
    }

    #[inline(never)]
    fn at_place(&mut self, hot: &HotPlace, stay: &Stay<'_>) {
        if let Some((area, since)) = hot.watched
            && stay.span.end > since
            && self.index.cases().find(stay.person).is_none()
        {
            let person = PersonId(self.found.persons.intern(stay.person));
            let last = self.found.presence.entry((area, person)).or_insert(stay.span.end);
            *last = stay.span.end.max(*last);
        }
        if stay.protected {
            return;
        }
        let index = self.index;
        index.near_at_place(hot, stay.span, |number| {
            let basis = match hot.rule {
                Rule::Venue => Basis::Venue,
                Rule::Transport => match (index.stays().get(number).seat_row, stay.seat_row) {
                    (Some(a), Some(b)) if a.abs_diff(b) > index.transport_rows => return,
                    (Some(_), Some(_)) => Basis::Transport,
                    _ => Basis::SeatUnknown,
                },
                Rule::Never => return,
            };
            self.found_match(number, stay, basis, hot.place.0);
        });
    }

    /// Enters a match with a case's stay, if it lies in the window and is not the case's own.
    fn found_match(&mut self, number: u32, stay: &Stay<'_>, basis: Basis, place: u32) {
        let own = self.index.stays().get(number);
        let window = self.index.window(own.case);
        let span = window.and_then(|window| own.span.overlap(stay.span)?.overlap(window));
        let Some(span) = span else { return };
        if self.index.cases().get(own.case).id.as_bytes() == stay.person {
            return;
        }
        let person = PersonId(self.found.persons.intern(stay.person));
        let (case, case_row, person_row) = (own.case, own.row, stay.row);
        self.found.matches.push(Match { case, person, basis, place, span, case_row, person_row });
    }

    /// Compares one co-location with the cases: each side may be one.
    #[inline]
    pub fn colocation(&mut self, row: &Colocation<'_>) {
        let far = row.distance_m.is_some_and(|distance| distance > self.index.proximity_m);
        let Some(span) = row.span.filter(|_| !row.protected && !far) else { return };
        for (a, b) in [(row.person_a, row.person_b), (row.person_b, row.person_a)] {
            let Some(case) = self.index.cases().find(a) else { continue };
            let Some(span) = self.index.window(case).and_then(|window| window.overlap(span)) else {
                continue;
            };
            let place = match row.place {
                b"" => NO_PLACE,
                id => match self.index.places().find(id) {
                    Some(place) => place.0,
                    None => self.found.extra_places.intern(id) | EXTRA,
                },
            };
            let person = PersonId(self.found.persons.intern(b));
            let (basis, case_row, person_row) = (Basis::Proximity, row.row, row.row);
            self.found.matches.push(Match {
                case,
                person,
                basis,
                place,
                span,
                case_row,
                person_row,
            });
        }
    }
}

impl TakeStays for Scan<'_> {
    /// Compares one stay with the cases'.
    #[inline(always)]
    fn stay(&mut self, stay: &Stay<'_>) {
        let index = self.index;
        match stay.at {
            At::Place(id) => {
                if let Some(hot) = index.place(id) {
                    self.at_place(hot, stay);
                }
            }
            At::Coord(at) => self.at_coord(at, stay),
        }
    }
}

/// Persons with the same recorded residence as a case, over the whole of its window.
pub fn households(cases: &Cases, persons: &Persons) -> Evidence {
    let mut found = Evidence::default();
    let mut at_home: HashMap<PlaceId, Vec<(CaseIdx, RowRef)>> = HashMap::new();
    for (case, row) in cases.iter() {
        if let Some(person) = persons.find(&row.id)
            && let Some(residence) = person.residence
        {
            at_home.entry(residence).or_default().push((case, person.row));
        }
    }
    for (id, person) in persons.iter() {
        let Some(residence) = person.residence else { continue };
        for &(case, case_row) in at_home.get(&residence).map_or(&[][..], |cases| cases) {
            let Some(span) = cases.window(case).filter(|_| *cases.get(case).id != *id) else {
                continue;
            };
            let of = PersonId(found.persons.intern(id));
            let (basis, place, person_row) = (Basis::Household, residence.0, person.row);
            found.matches.push(Match {
                case,
                person: of,
                basis,
                place,
                span,
                case_row,
                person_row,
            });
        }
    }
    found
}

impl Evidence {
    /// Both together. Associative; the order decides nothing but numbers of persons.
    #[must_use]
    pub fn merge(mut self, mut other: Evidence) -> Evidence {
        if other.matches.len() + other.presence.len() > self.matches.len() + self.presence.len() {
            std::mem::swap(&mut self, &mut other);
        }
        let persons: Vec<u32> = other.persons.iter().map(|id| self.persons.intern(id)).collect();
        let places: Vec<u32> =
            other.extra_places.iter().map(|id| self.extra_places.intern(id) | EXTRA).collect();
        self.matches.extend(other.matches.into_iter().map(|mut found| {
            found.person = PersonId(persons[found.person.0 as usize]);
            if found.place != NO_PLACE && found.place & EXTRA != 0 {
                found.place = places[(found.place & !EXTRA) as usize];
            }
            found
        }));
        for ((area, person), end) in other.presence {
            let key = (area, PersonId(persons[person.0 as usize]));
            let last = self.presence.entry(key).or_insert(end);
            *last = end.max(*last);
        }
        self
    }

    /// Gives every place a number of `places`, and puts the matches into order.
    pub fn settle(&mut self, places: &mut Places) {
        let extra: Vec<PlaceId> = self.extra_places.iter().map(|id| places.intern(id)).collect();
        for found in &mut self.matches {
            if found.place != NO_PLACE && found.place & EXTRA != 0 {
                found.place = extra[(found.place & !EXTRA) as usize].0;
            }
        }
        self.extra_places = Interner::default();
        let mut order: Vec<u32> = (0..self.persons.len() as u32).collect();
        order.par_sort_unstable_by_key(|&person| self.persons.bytes(person));
        self.ranks = vec![0; order.len()];
        for (rank, person) in (0..).zip(order) {
            self.ranks[person as usize] = rank;
        }
        self.matches.par_sort_unstable_by_key(|m| {
            (m.case, m.person, m.span, m.basis, m.place, m.case_row, m.person_row)
        });
    }

    /// The matches; after [`settle`](Evidence::settle) those of a pair stand together.
    pub fn matches(&self) -> &[Match] {
        &self.matches
    }

    /// The id of a person.
    pub fn id(&self, person: PersonId) -> &str {
        self.persons.get(person.0)
    }

    /// The position of a person's id among all that appear, once settled.
    pub fn rank(&self, person: PersonId) -> u32 {
        self.ranks[person.0 as usize]
    }

    /// The number of a person, if he appears.
    pub fn find(&self, id: &str) -> Option<PersonId> {
        self.persons.find(id).map(PersonId)
    }

    /// How many persons appear.
    pub fn persons(&self) -> usize {
        self.persons.len()
    }

    /// Who was last where, among the watched areas: (number of the area, person, end).
    pub fn presence(&self) -> impl Iterator<Item = (u32, PersonId, Instant)> {
        self.presence.iter().map(|(&(area, person), &end)| (area, person, end))
    }
}
