//! The scan: (index of the cases' stays) × (rows) → evidence.
//!
//! Evidence merges in any order, so a scan can be cut into any number of chunks on any number of
//! threads or machines. A row is compared with cases only. Rules: SPEC section 3. Cost: one look-up a
//! row, and the overlaps it has.

use crate::evidence::{Basis, Evidence, Where};
use crate::geo::Coord;
use crate::index::{CaseIndex, HotPlace, Rule};
use crate::ingest::{At, Colocation, Reach, Stay, TakeColocations, TakeStays};
use crate::model::{CaseIdx, Cases, PlaceId, RowRef};
use crate::register::Persons;
use crate::time::Span;
use hashbrown::HashMap;

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

    /// The hot place of a stay at one.
    #[inline(always)]
    fn hot(&self, stay: &Stay<'_>) -> Option<&'a HotPlace> {
        match stay.at {
            At::Place(id) => self.index.place(id),
            At::Coord(_) => None,
        }
    }

    /// Compares a stay with the cases', once its place is looked up.
    #[inline(always)]
    fn compare(&mut self, hot: Option<&HotPlace>, stay: &Stay<'_>) {
        match (hot, stay.at) {
            (Some(hot), _) => self.at_place(hot, *stay),
            (None, At::Coord(at)) => self.at_coord(at, *stay),
            (None, At::Place(_)) => {}
        }
    }

    #[inline(never)]
    fn at_coord(&mut self, at: Coord, stay: Stay<'_>) {
        let index = self.index;
        index.places_at(at, |hot| self.at_place(hot, stay));
        if stay.protected {
            return;
        }
        let person = index.cases().find(stay.person);
        index.near_coord(at, stay.span, |number| {
            let own = index.stays().get(number);
            let near = own.coord.is_some_and(|c| c.distance_m(at) <= index.gps_m);
            if near {
                self.found_match(number, (&stay, person), Basis::Gps, Where::Unknown);
            }
        });
    }

    // By value: a stay that is only looked at need not be in memory.
    #[inline(never)]
    fn at_place(&mut self, hot: &HotPlace, stay: Stay<'_>) {
        let person = self.index.cases().find(stay.person);
        if let Some((area, since)) = hot.watched
            && stay.span.end > since
            && person.is_none()
        {
            self.found.note(area, stay.person, stay.span.end);
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
            self.found_match(number, (&stay, person), basis, Where::At(hot.place));
        });
    }

    /// Enters a match of a case's stay and that of `person`, who may be a case as well, if it lies in the
    /// window and the two are not one.
    fn found_match(
        &mut self,
        number: u32,
        (stay, person): (&Stay<'_>, Option<CaseIdx>),
        basis: Basis,
        at: Where<'_>,
    ) {
        let own = self.index.stays().get(number);
        let window = self.index.window(own.case).filter(|_| person != Some(own.case));
        let span = window.and_then(|window| own.span.overlap(stay.span)?.overlap(window));
        let Some(span) = span else { return };
        self.found.enter((own.case, own.row), (stay.person, stay.row), basis, at, span);
    }

    // By value, as in `at_place`.
    #[inline(never)]
    fn near_cases(&mut self, row: Colocation<'_>, found: [Option<CaseIdx>; 2]) {
        let far = row.distance_m.is_some_and(|distance| distance > self.index.proximity_m);
        let Some(span) = row.span.filter(|_| !row.protected && !far) else { return };
        for (case, other) in found.into_iter().zip([row.person_b, row.person_a]) {
            let window = case.and_then(|case| self.index.window(case));
            let Some((case, span)) = case.zip(window.and_then(|window| window.overlap(span)))
            else {
                continue;
            };
            let at = match row.place {
                b"" => Where::Unknown,
                id => self.index.places().find(id).map_or(Where::Named(id), Where::At),
            };
            self.found.enter((case, row.row), (other, row.row), Basis::Proximity, at, span);
        }
    }
}

impl TakeColocations for Scan<'_> {
    #[inline(always)]
    fn passes_by(&self, persons: [&[u8]; 2]) -> bool {
        !persons.iter().any(|person| self.index.cases().may_have(person))
    }

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
    #[inline(always)]
    fn passes_by(&self, at: At<'_>, span: Span) -> bool {
        match at {
            At::Place(id) => !self.index.may_be_hot(id),
            At::Coord(at) => !self.index.may_be_near(at, span),
        }
    }

    fn reach(&self) -> Option<Reach<'_>> {
        Some(self.index.reach())
    }

    /// Compares one stay with the cases'.
    #[inline(always)]
    fn stay(&mut self, stay: &Stay<'_>) {
        self.compare(self.hot(stay), stay);
    }

    /// Compares several, and looks their places up before: the processor then waits for many lines of
    /// memory at once.
    fn stays(&mut self, stays: &[Stay<'_>]) {
        const TOGETHER: usize = 16;
        for stays in stays.chunks(TOGETHER) {
            let mut places = [None; TOGETHER];
            places.iter_mut().zip(stays).for_each(|(place, stay)| *place = self.hot(stay));
            places.into_iter().zip(stays).for_each(|(place, stay)| self.compare(place, stay));
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
            let (own, other) = ((case, case_row), (id.as_bytes(), person.row));
            found.enter(own, other, Basis::Household, Where::At(residence), span);
        }
    }
    found
}
