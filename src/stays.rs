//! The cases' own stays: what a scan looks for.
//!
//! A [`CaseStay`] holds a [`CaseIdx`], and only [`Cases`] gives those out: nobody else's stay can be
//! put in here. This is how "first degree only" (the Notice, measure 2) is a fact of the types.

use crate::geo::Coord;
use crate::ingest::{At, Stay, TakeStays};
use crate::intern::Interner;
use crate::model::{CaseIdx, Cases, PlaceId, Places, RowRef};
use crate::time::Span;
use rayon::prelude::*;

/// A stay of a case, cut to as-of but not to its window.
#[derive(Debug, Clone, Copy)]
pub struct CaseStay {
    /// Whose.
    pub case: CaseIdx,
    /// When.
    pub span: Span,
    /// The coordinate, when the row gives one and no place.
    pub coord: Option<Coord>,
    /// On transport.
    pub seat_row: Option<u32>,
    /// Its row.
    pub row: RowRef,
}

/// A case at a place: by the row's `place_id`, or because a coordinate lies in the place's circle.
#[derive(Debug, Clone, Copy)]
pub struct Visit {
    /// Who.
    pub case: CaseIdx,
    /// Where.
    pub place: PlaceId,
    /// When.
    pub span: Span,
    /// Number of the stay.
    pub stay: u32,
}

/// What one worker has gathered: the stays it was given that are a case's.
#[derive(Debug)]
pub struct Gathered<'c> {
    cases: &'c Cases,
    stays: Vec<(CaseStay, Option<u32>)>,
    ids: Interner,
}

impl<'c> Gathered<'c> {
    /// Nothing yet.
    pub fn new(cases: &'c Cases) -> Gathered<'c> {
        Gathered { cases, stays: Vec::new(), ids: Interner::default() }
    }
}

impl TakeStays for Gathered<'_> {
    fn stay(&mut self, stay: &Stay<'_>) {
        let Some(case) = self.cases.find(stay.person) else { return };
        let (coord, place) = match stay.at {
            At::Place(id) => (None, Some(self.ids.intern(id))),
            At::Coord(coord) => (Some(coord), None),
        };
        let Stay { span, seat_row, row, .. } = *stay;
        self.stays.push((CaseStay { case, span, coord, seat_row, row }, place));
    }
}

/// All stays of all cases, and the places they were at.
#[derive(Debug, Clone, Default)]
pub struct CaseStays {
    stays: Vec<CaseStay>,
    visits: Vec<Visit>,
}

impl CaseStays {
    /// Joins what the workers gathered. Places that only stays name are added to `places`.
    pub fn new(gathered: Vec<Gathered<'_>>, places: &mut Places) -> CaseStays {
        let mut all = Vec::new();
        for worker in gathered {
            let ids: Vec<PlaceId> = worker.ids.iter().map(|id| places.intern(id)).collect();
            let stays = worker.stays.into_iter();
            all.extend(stays.map(|(stay, place)| (stay, place.map(|n| ids[n as usize]))));
        }
        all.par_sort_unstable_by_key(|(stay, _)| (stay.case, stay.span, stay.row));
        let (circles, circle_of) =
            places.circles(|_| all.iter().any(|(stay, _)| stay.coord.is_some()));
        let (mut stays, mut visits) = (Vec::with_capacity(all.len()), Vec::new());
        for (number, (stay, place)) in (0..).zip(all) {
            let CaseStay { case, span, coord, .. } = stay;
            let mut visit = |place| visits.push(Visit { case, place, span, stay: number });
            if let Some(place) = place {
                visit(place);
            }
            if let Some(at) = coord {
                circles.holding(at, |circle| visit(circle_of[circle as usize]));
            }
            stays.push(stay);
        }
        CaseStays { stays, visits }
    }

    /// The stays, by number.
    pub fn iter(&self) -> impl Iterator<Item = &CaseStay> {
        self.stays.iter()
    }

    /// A stay.
    pub fn get(&self, number: u32) -> &CaseStay {
        &self.stays[number as usize]
    }

    /// The visits.
    pub fn visits(&self) -> &[Visit] {
        &self.visits
    }
}
