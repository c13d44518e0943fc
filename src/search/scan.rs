//! The scan: (index of the cases' stays) × (rows) → evidence.
//!
//! Evidence merges in any order, so a scan can be cut into any number of chunks on any number of
//! threads or machines. A row is compared with cases only. Rules: `docs/rules.md`. Cost: one
//! look-up a row, and the overlaps it has.

use crate::base::geo::Coord;
use crate::base::time::Span;
use crate::model::persons::Persons;
use crate::model::{
    At, CaseIdx, Cases, Colocation, Ends, Interest, PlaceId, Reach, RowRef, Stay, TakeColocations,
    TakeStays,
};
use crate::search::evidence::{Basis, Found, Seen, Where};
use crate::search::index::{CaseIndex, CasePlace, Matching};
use crate::search::next_rows::OrderedOpens;
use crate::search::open::Next;
use crate::search::own_stays::CaseStay;
use hashbrown::HashMap;
use rayon::prelude::*;
use std::cell::{Cell, RefCell};

/// Looks for the cases of an index in the rows it is given.
#[derive(Debug)]
pub struct Scan<'a> {
    index: &'a CaseIndex,
    found: Found,
}

impl<'a> Scan<'a> {
    /// A scan that has found nothing yet.
    pub fn new(index: &'a CaseIndex) -> Scan<'a> {
        Scan { index, found: Found::default() }
    }

    /// What it found.
    pub fn finish(self) -> Found {
        self.found
    }

    /// The hot place of a stay at one.
    #[inline(always)]
    fn hot(&self, stay: &Stay<'_>) -> Option<&'a CasePlace> {
        match stay.at {
            At::Place(id) => self.index.place(id),
            At::Coord(_) => None,
        }
    }

    /// Compares a stay with the cases', once its place is looked up.
    #[inline(always)]
    fn compare(&mut self, hot: Option<&CasePlace>, stay: &Stay<'_>) {
        if stay.ends == Ends::Open {
            return self.open(hot, *stay);
        }
        match (hot, stay.at) {
            (Some(hot), _) => self.at_place(hot, *stay),
            (None, At::Coord(at)) => self.at_coord(at, *stay),
            (None, At::Place(_)) => {}
        }
    }

    /// Keeps an open stay if something may come of it, however long it turns out to last.
    #[inline(never)]
    fn open(&mut self, hot: Option<&CasePlace>, stay: Stay<'_>) {
        let index = self.index;
        let person = index.cases().find(stay.person);
        let may_match = Cell::new(false);
        let look = |hot: &CasePlace| {
            if watched(hot, &stay, person).is_some() {
                may_match.set(true);
            }
            at_place(index, hot, &stay, person, |_, _, _| may_match.set(true));
        };
        match (hot, stay.at) {
            (Some(hot), _) => look(hot),
            (None, At::Coord(at)) => {
                index.places_at(at, look);
                at_coord(index, at, &stay, person, |_, _, _| may_match.set(true));
            }
            (None, At::Place(_)) => {}
        }
        if may_match.get() {
            self.found.keep_open(&stay);
        }
    }

    #[inline(never)]
    fn at_coord(&mut self, at: Coord, stay: Stay<'_>) {
        let index = self.index;
        index.places_at(at, |hot| self.at_place(hot, stay));
        let person = index.cases().find(stay.person);
        at_coord(index, at, &stay, person, |own, basis, span| {
            let exactly = own.coord == Some(at);
            let at = if exactly { Where::Exactly(at) } else { Where::Unknown };
            self.found.add_match((own.case, own.row), (stay.person, stay.row), basis, at, span);
        });
    }

    // By value: a stay that is only looked at need not be in memory.
    #[inline(never)]
    fn at_place(&mut self, hot: &CasePlace, stay: Stay<'_>) {
        let index = self.index;
        let person = index.cases().find(stay.person);
        if let Some(area) = watched(hot, &stay, person) {
            let Span { start, end } = stay.span;
            let seen = Seen { end, start, place: hot.rank, row: stay.row };
            self.found.add_visit(area, stay.person, seen);
        }
        at_place(index, hot, &stay, person, |own, basis, span| {
            let at = Where::At(hot.place);
            self.found.add_match((own.case, own.row), (stay.person, stay.row), basis, at, span);
        });
    }

    // By value, as in `at_place`.
    #[inline(never)]
    fn near_cases(&mut self, row: Colocation<'_>, found: [Option<CaseIdx>; 2]) {
        let index = self.index;
        let far = row.distance_m.is_some_and(|distance| distance > index.proximity_m);
        let faint = row.rssi_dbm.zip(index.min_rssi_dbm).is_some_and(|(rssi, min)| rssi < min);
        if row.protected || far || faint {
            return;
        }
        for (case, other) in found.into_iter().zip([row.person_b, row.person_a]) {
            let Some(case) = case else { continue };
            if !row.is_sighting {
                self.near(case, other, row.place, row.span, row.row);
            } else if let Some(window) = index.window(case)
                && window.overlap(index.open.longest_sighting(row.span.start)).is_some()
            {
                self.found.keep_sighting(case, other, &row);
            }
        }
    }

    /// Enters a co-location of a case and another person, if it lies in the window.
    fn near(&mut self, case: CaseIdx, other: &[u8], place: &[u8], span: Span, row: RowRef) {
        let Some(span) = self.index.window(case).and_then(|window| window.overlap(span)) else {
            return;
        };
        let at = match place {
            b"" => Where::Unknown,
            id => self.index.place(id).map_or(Where::Named(id), |hot| Where::At(hot.place)),
        };
        self.found.add_match((case, row), (other, row), Basis::Proximity, at, span);
    }
}

/// The watched area that a stay at a hot place is noted for: of somebody who is no case, if it can
/// matter.
#[inline(always)]
fn watched(hot: &CasePlace, stay: &Stay<'_>, person: Option<CaseIdx>) -> Option<u32> {
    let (area, since) = hot.watched?;
    (stay.span.end > since && person.is_none()).then_some(area)
}

/// Calls `each` with the stays of cases that a stay of somebody, who may be a case as well, matches
/// at a hot place: by what rule, and their overlap inside the window.
#[inline(always)]
fn at_place(
    index: &CaseIndex,
    hot: &CasePlace,
    stay: &Stay<'_>,
    person: Option<CaseIdx>,
    mut each: impl FnMut(&CaseStay, Basis, Span),
) {
    if stay.protected {
        return;
    }
    index.near_at_place(hot, stay.span, person, |number| {
        let own = index.stays().get(number);
        let basis = match hot.rule {
            Matching::Venue => Basis::Venue,
            Matching::Transport => match (own.seat_row, stay.seat_row) {
                (Some(a), Some(b)) if a.abs_diff(b) > index.transport_rows => return,
                (Some(_), Some(_)) => Basis::Transport,
                _ => Basis::SeatUnknown,
            },
            Matching::Never => return,
        };
        overlap(index, own, (stay, person), basis, &mut each);
    });
}

/// The same for a stay at a coordinate, by distance.
#[inline(always)]
fn at_coord(
    index: &CaseIndex,
    at: Coord,
    stay: &Stay<'_>,
    person: Option<CaseIdx>,
    mut each: impl FnMut(&CaseStay, Basis, Span),
) {
    if stay.protected {
        return;
    }
    index.near_coord(at, stay.span, person, |number| {
        let own = index.stays().get(number);
        // Nobody meets themselves; and that is known before any distance is.
        let is_other = person != Some(own.case);
        if is_other && own.coord.is_some_and(|coord| coord.distance_m(at) <= index.gps_m) {
            overlap(index, own, (stay, person), Basis::Gps, &mut each);
        }
    });
}

/// Calls `each` if two stays overlap inside the window and the two people are not one.
#[inline(always)]
fn overlap(
    index: &CaseIndex,
    own: &CaseStay,
    (stay, person): (&Stay<'_>, Option<CaseIdx>),
    basis: Basis,
    each: &mut impl FnMut(&CaseStay, Basis, Span),
) {
    let window = index.window(own.case).filter(|_| person != Some(own.case));
    let span = window.and_then(|window| own.span.overlap(stay.span)?.overlap(window));
    let Some(span) = span else { return };
    // That a seat is not known is weak enough.
    let undated = own.date_only || stay.ends == Ends::DateOnly;
    let basis = if undated && basis.counts() { Basis::DateOnly } else { basis };
    each(own, basis, span);
}

/// Compares what was open with the cases once the ends are known, in parallel.
pub fn settle_opens(index: &CaseIndex, opens: &OrderedOpens, next: &[Next]) -> Found {
    let piece = opens.len().div_ceil(rayon::current_num_threads()).max(1);
    let pieces = (0..opens.len().div_ceil(piece)).into_par_iter();
    let found = pieces.map(|n| {
        // Both are called in turn, and each needs the scan.
        let scan = RefCell::new(Scan::new(index));
        opens.settled(
            n * piece..opens.len().min((n + 1) * piece),
            next,
            &index.open,
            |stay| scan.borrow_mut().stay(stay),
            |case, other, place, span, row| scan.borrow_mut().near(case, other, place, span, row),
        );
        scan.into_inner().finish()
    });
    found.reduce(Found::default, Found::merge)
}

impl Interest for Scan<'_> {
    #[inline(always)]
    fn may_matter(&self, at: At<'_>, span: Span) -> bool {
        match at {
            At::Place(id) => self.index.may_be_hot(id),
            At::Coord(at) => self.index.may_be_near(at, span),
        }
    }

    fn reach(&self) -> Option<Reach<'_>> {
        Some(self.index.reach())
    }

    #[inline(always)]
    fn may_matter_to(&self, persons: [&[u8]; 2]) -> bool {
        persons.iter().any(|person| self.index.cases().may_have(person))
    }
}

impl TakeColocations for Scan<'_> {
    /// Compares one co-location with the cases: each side may be one.
    #[inline(always)]
    fn colocation(&mut self, row: &Colocation<'_>) {
        let cases = self.index.cases();
        let found = [cases.find(row.person_a), cases.find(row.person_b)];
        if found.iter().any(Option::is_some) {
            self.near_cases(*row, found);
        }
    }
}

impl TakeStays for Scan<'_> {
    /// Compares one stay with the cases'.
    #[inline(always)]
    fn stay(&mut self, stay: &Stay<'_>) {
        self.compare(self.hot(stay), stay);
    }

    /// Compares several, and looks their places up before: the processor then waits for many lines
    /// of memory at once.
    fn stays(&mut self, stays: &[Stay<'_>]) {
        const TOGETHER: usize = 16;
        for stays in stays.chunks(TOGETHER) {
            let mut places = [None; TOGETHER];
            places.iter_mut().zip(stays).for_each(|(place, stay)| *place = self.hot(stay));
            places.into_iter().zip(stays).for_each(|(place, stay)| self.compare(place, stay));
        }
    }
}

/// Persons with the same recorded residence as a case, over the whole of its window; nobody where
/// more than `most` people are recorded at it: that is no household.
pub fn households(cases: &Cases, persons: &Persons, most: Option<u32>) -> Found {
    let mut found = Found::default();
    let mut at_home: HashMap<PlaceId, Vec<(CaseIdx, RowRef)>> = HashMap::new();
    for (case, row) in cases.iter() {
        if let Some(person) = persons.find(&row.id)
            && let Some(residence) = person.residence
            && !persons.is_home_of_many(residence, most)
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
            let (own, other) = ((case, case_row), (id.as_bytes(), person.row));
            found.add_match(own, other, Basis::Household, Where::At(residence), span);
        }
    }
    found
}
