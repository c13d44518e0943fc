//! The cases' own stays: what a scan looks for.
//!
//! A [`CaseStay`] holds a [`CaseIdx`], and only [`Cases`] gives those out: nobody else's stay can
//! be put in here. This is how "first degree only" (the Notice, measure 2) is a fact of the types.

use crate::base::geo::Coord;
use crate::base::texts::Interner;
use crate::base::time::{Instant, Span};
use crate::model::{At, CaseIdx, Cases, Ends, Interest, PlaceId, Places, RowRef, Stay, TakeStays};
use crate::search::open::{MayBeOpen, OpenRules};
use rayon::prelude::*;

/// A stay of a case, cut to as-of but not to its window.
#[derive(Debug, Clone, Copy)]
pub struct CaseStay {
    /// Whose.
    pub case: CaseIdx,
    /// When.
    pub span: Span,
    /// Whether only the dates of it are known.
    pub date_only: bool,
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
    /// Whether only the dates of it are known.
    pub date_only: bool,
    /// Number of the stay.
    pub stay: u32,
}

/// What one worker has gathered: the stays it was given that are a case's.
#[derive(Debug)]
pub struct Gathered<'c> {
    cases: &'c Cases,
    stays: Vec<Kept<u32>>,
    ids: Interner,
}

/// A stay with its place, and whether its end is still to be found out.
#[derive(Debug, Clone, Copy)]
struct Kept<P> {
    stay: CaseStay,
    place: Option<P>,
    open: bool,
}

/// What a stay says, but for its row: case, span, place, coordinate as bits, seat row, dates only.
type Said<P> = (CaseIdx, Span, Option<P>, Option<[u64; 2]>, Option<u32>, bool);

impl<P: Copy + Ord> Kept<P> {
    /// What it says, but for its row; first whose it is and when.
    fn said(&self) -> Said<P> {
        let CaseStay { case, span, date_only, coord, seat_row, .. } = self.stay;
        let bits = coord.map(|at| [at.lon, at.lat].map(|degrees| (degrees + 0.0).to_bits()));
        (case, span, self.place, bits, seat_row, date_only)
    }
}

impl<'c> Gathered<'c> {
    /// Nothing yet.
    pub fn new(cases: &'c Cases) -> Gathered<'c> {
        Gathered { cases, stays: Vec::new(), ids: Interner::default() }
    }
}

impl Gathered<'_> {
    /// Adds a stay of a case whose end is known, and the place that its row names.
    pub fn known(&mut self, case: CaseIdx, stay: CaseStay, place: Option<&str>) {
        let place = place.map(|id| self.ids.intern(id));
        self.stays.push(Kept { stay: CaseStay { case, ..stay }, place, open: false });
    }
}

impl Interest for Gathered<'_> {}

impl TakeStays for Gathered<'_> {
    fn stay(&mut self, stay: &Stay<'_>) {
        let Some(case) = self.cases.find(stay.person) else { return };
        let (coord, place) = match stay.at {
            At::Place(id) => (None, Some(self.ids.intern(id))),
            At::Coord(coord) => (Some(coord), None),
        };
        let Stay { span, seat_row, row, ends, .. } = *stay;
        let (date_only, open) = (ends == Ends::DateOnly, ends == Ends::Open);
        let stay = CaseStay { case, span, date_only, coord, seat_row, row };
        self.stays.push(Kept { stay, place, open });
    }
}

impl<P> MayBeOpen for Kept<P> {
    fn start(&self) -> Instant {
        self.stay.span.start
    }

    fn position(&self) -> Option<Coord> {
        self.stay.coord
    }

    fn is_open(&self) -> bool {
        self.open
    }

    fn has_no_hour(&self) -> bool {
        self.stay.date_only
    }

    fn lasts(&mut self, span: Span) {
        self.stay.span = span;
    }
}

/// All stays of all cases, and the places they were at.
#[derive(Debug, Clone, Default)]
pub struct CaseStays {
    stays: Vec<CaseStay>,
    visits: Vec<Visit>,
}

impl CaseStays {
    /// Joins what the workers gathered, and ends the open stays. Places that only stays name are
    /// added to `places`; none is wider than `widest`.
    pub fn new(
        gathered: Vec<Gathered<'_>>,
        places: &mut Places,
        rules: &OpenRules,
        widest: Option<f64>,
    ) -> CaseStays {
        // New places get their numbers in the order of their ids, whichever worker came first.
        let mut named: Vec<&str> = gathered.iter().flat_map(|worker| worker.ids.iter()).collect();
        named.sort_unstable();
        named.iter().for_each(|id| _ = places.intern(id));
        let mut all: Vec<Kept<PlaceId>> = Vec::new();
        for worker in gathered {
            let ids: Vec<PlaceId> = worker.ids.iter().map(|id| places.intern(id)).collect();
            all.extend(worker.stays.into_iter().map(|kept| {
                let Kept { stay, place, open } = kept;
                Kept { stay, place: place.map(|n| ids[n as usize]), open }
            }));
        }
        all.par_sort_unstable_by_key(|kept| (kept.stay.case, kept.stay.span.start, kept.stay.row));
        all.par_chunk_by_mut(|a, b| a.stay.case == b.stay.case)
            .for_each(|of_case| rules.end_all(of_case));
        // Rows alike say nothing more: the one whose reference comes first as text stands for all.
        all.par_sort_unstable_by(|a, b| {
            a.said().cmp(&b.said()).then_with(|| a.stay.row.as_text(b.stay.row))
        });
        all.dedup_by_key(|kept| kept.said());
        let some_coord = all.iter().any(|kept| kept.stay.coord.is_some());
        let (circles, circle_of) = places.circles(widest, |_| some_coord);
        let (mut stays, mut visits) = (Vec::with_capacity(all.len()), Vec::new());
        for (number, Kept { stay, place, .. }) in (0..).zip(all) {
            let CaseStay { case, span, date_only, coord, .. } = stay;
            let mut visit =
                |place| visits.push(Visit { case, place, span, date_only, stay: number });
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

    /// Stays that were joined before, by number; the places they were at are known elsewhere.
    pub(super) fn of(stays: Vec<CaseStay>) -> CaseStays {
        CaseStays { stays, visits: Vec::new() }
    }

    /// How many stays of each case lie in its window, by the number of the case.
    pub fn in_windows(&self, cases: &Cases) -> Vec<u64> {
        let mut counts = vec![0; cases.len()];
        for stay in &self.stays {
            let window = cases.window(stay.case);
            let within = window.is_some_and(|window| window.overlap(stay.span).is_some());
            counts[stay.case.position() as usize] += u64::from(within);
        }
        counts
    }

    /// The stays, by number.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &CaseStay> {
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
