//! The index of the cases' stays: by place, by grid cell, and the watched places.
//!
//! Built from [`CaseStays`] only, and so from cases only. Each place or cell has a timeline: its
//! intervals by start, with the latest end so far, so that a look-up is a binary search and a walk
//! over what overlaps. A bit filter in front says no to nearly all places at the cost of one hash.

use crate::areas::Watch;
use crate::filter::{Filter, fingerprint};
use crate::geo::{Cell, Circles, Coord, Grid};
use crate::model::{CaseIdx, Cases, Kind, PlaceId, Places};
use crate::policy::Policy;
use crate::stays::CaseStays;
use crate::time::{Instant, Span};
use hashbrown::{HashMap, HashTable};
use std::ops::Range;

/// How two people at one place match.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// By being there.
    Venue,
    /// By seat rows.
    Transport,
    /// Not at all: open air, and nobody crowds.
    Never,
}

/// An interval of a timeline.
#[derive(Debug, Clone, Copy)]
struct Entry {
    start: Instant,
    /// The latest end of this interval and all before it.
    latest: Instant,
    stay: u32,
}

/// Intervals by start.
#[derive(Debug, Default)]
struct Timelines {
    entries: Vec<Entry>,
}

impl Timelines {
    /// Appends a timeline made of `(span, stay)`.
    fn push(&mut self, spans: &mut [(Span, u32)]) -> Range<u32> {
        spans.sort_unstable();
        let first = self.entries.len() as u32;
        let mut latest = Instant(i64::MIN);
        for &(span, stay) in &*spans {
            latest = latest.max(span.end);
            self.entries.push(Entry { start: span.start, latest, stay });
        }
        first..self.entries.len() as u32
    }

    /// Calls `each` with the stays of a timeline that can overlap `span`.
    #[inline]
    fn near(&self, range: &Range<u32>, span: Span, mut each: impl FnMut(u32)) {
        let entries = &self.entries[range.start as usize..range.end as usize];
        let before = entries.partition_point(|entry| entry.start < span.end);
        for entry in entries[..before].iter().rev() {
            if entry.latest <= span.start {
                break;
            }
            each(entry.stay);
        }
    }
}

/// A place where a case was in its window, or that is watched.
#[derive(Debug)]
pub struct HotPlace {
    /// Which place.
    pub place: PlaceId,
    /// How people match there.
    pub rule: Rule,
    /// Number of the watched area it lies in, and since when a stay there matters.
    pub watched: Option<(u32, Instant)>,
    timeline: Range<u32>,
}

/// What a scan looks for. Can be built from cases only.
#[derive(Debug)]
pub struct CaseIndex<'a> {
    cases: &'a Cases,
    places: &'a Places,
    stays: &'a CaseStays,
    hot: Vec<HotPlace>,
    table: HashTable<u32>,
    filter: Filter,
    at_places: Timelines,
    circles: Circles,
    /// The hot place of each circle.
    circle_of: Vec<u32>,
    cells: CellIndex,
    /// Two positions no farther apart than this match.
    pub gps_m: f64,
    /// Seat rows apart, at most.
    pub transport_rows: u32,
    /// A co-location farther apart than this is none.
    pub proximity_m: f64,
}

impl<'a> CaseIndex<'a> {
    /// Builds the index. Cost: the cases' stays, sorted.
    pub fn new(
        cases: &'a Cases,
        stays: &'a CaseStays,
        places: &'a Places,
        watch: &Watch,
        policy: &Policy,
    ) -> CaseIndex<'a> {
        let mut by_place: HashMap<PlaceId, Vec<(Span, u32)>> = HashMap::new();
        for place in watch.places() {
            by_place.entry(place).or_default();
        }
        for visit in stays.visits() {
            let window = cases.window(visit.case);
            if let Some(span) = window.and_then(|window| window.overlap(visit.span)) {
                by_place.entry(visit.place).or_default().push((span, visit.stay));
            }
        }
        let mut at_places = Timelines::default();
        let mut hot = Vec::with_capacity(by_place.len());
        let (mut table, mut filter) = (HashTable::new(), Filter::new(by_place.len()));
        let mut by_place: Vec<_> = by_place.into_iter().collect();
        by_place.sort_unstable_by_key(|(place, _)| *place);
        for (place, mut spans) in by_place {
            let rule = rule(places, place);
            if rule == Rule::Never {
                spans.clear();
            }
            let (number, key) = (hot.len() as u32, fingerprint(places.id_bytes(place)));
            filter.add(key);
            table.insert_unique(key, number, |&n: &u32| {
                let other: &HotPlace = &hot[n as usize];
                fingerprint(places.id_bytes(other.place))
            });
            let timeline = at_places.push(&mut spans);
            hot.push(HotPlace { place, rule, watched: watch.of(place), timeline });
        }
        let numbers: HashMap<PlaceId, u32> = (0..).zip(&hot).map(|(n, h)| (h.place, n)).collect();
        let (circles, circle_of) = places.circles(|place| numbers.contains_key(&place));
        let circle_of = circle_of.iter().map(|place| numbers[place]).collect();
        let gps_m = policy.exposure.gps_m;
        let cells = CellIndex::new(cases, stays, gps_m);
        CaseIndex {
            cases,
            places,
            stays,
            hot,
            table,
            filter,
            at_places,
            circles,
            circle_of,
            cells,
            gps_m,
            transport_rows: policy.exposure.transport_rows,
            proximity_m: policy.exposure.proximity_m,
        }
    }

    /// The cases it was built from.
    pub fn cases(&self) -> &'a Cases {
        self.cases
    }

    /// Their stays.
    pub fn stays(&self) -> &'a CaseStays {
        self.stays
    }

    /// The places.
    pub fn places(&self) -> &'a Places {
        self.places
    }

    /// The window of a case.
    pub fn window(&self, case: CaseIdx) -> Option<Span> {
        self.cases.window(case)
    }

    /// `false` when `at` is in no hot place and near no case's position that can overlap `span`.
    #[inline]
    pub fn may_be_near(&self, at: Coord, span: Span) -> bool {
        !self.circles.is_empty() || self.cells.may_be_near(at, span)
    }

    /// `false` when an id is none of a hot place.
    #[inline(always)]
    pub fn may_be_hot(&self, id: &[u8]) -> bool {
        self.filter.may_have(fingerprint(id))
    }

    /// The hot place of an id.
    #[inline(always)]
    pub fn place(&self, id: &[u8]) -> Option<&HotPlace> {
        let key = fingerprint(id);
        if !self.filter.may_have(key) {
            return None;
        }
        let same = |&n: &u32| self.places.id_bytes(self.hot[n as usize].place) == id;
        self.table.find(key, same).map(|&n| &self.hot[n as usize])
    }

    /// Calls `each` with every hot place whose circle holds a coordinate.
    #[inline]
    pub fn places_at(&self, at: Coord, mut each: impl FnMut(&HotPlace)) {
        self.circles.holding(at, |circle| {
            each(&self.hot[self.circle_of[circle as usize] as usize]);
        });
    }

    /// Calls `each` with the cases' stays at a place that can overlap `span`.
    #[inline]
    pub fn near_at_place(&self, hot: &HotPlace, span: Span, each: impl FnMut(u32)) {
        self.at_places.near(&hot.timeline, span, each);
    }

    /// Calls `each` with the cases' coordinate stays near `at` that can overlap `span`.
    #[inline]
    pub fn near_coord(&self, at: Coord, span: Span, each: impl FnMut(u32)) {
        self.cells.near(at, span, each);
    }
}

fn rule(places: &Places, place: PlaceId) -> Rule {
    let place = places.get(place);
    match place.kind {
        Kind::Transport => Rule::Transport,
        _ if place.enclosed || place.dense => Rule::Venue,
        _ => Rule::Never,
    }
}

/// The cell of what the grid cannot place: at the poles.
const ANYWHERE: Cell = Cell::MAX;

/// Seconds of a slot. Together with a cell it says no to nearly every position that only shares the
/// cell with a case of another hour.
const SLOT: i64 = 600;

/// Slots of a stay in the filter at most; longer stays are in it by their cell alone.
const SLOTS: i64 = 24;

/// In place of a slot: at any time.
const ALWAYS: i64 = i64::MIN;

/// The cases' coordinate stays by grid cell.
#[derive(Debug)]
struct CellIndex {
    grid: Grid,
    by_cell: HashMap<Cell, Range<u32>>,
    timelines: Timelines,
    /// Which cells have a case in which slot.
    filter: Filter,
    /// Whether some stay is too long for slots.
    always: bool,
    /// Whether some stay is not in a cell of its own.
    anywhere: bool,
}

impl CellIndex {
    fn new(cases: &Cases, stays: &CaseStays, gps_m: f64) -> CellIndex {
        let grid = Grid::new(gps_m.max(5.0) * 2.0);
        let mut by_cell: HashMap<Cell, Vec<(Span, u32)>> = HashMap::new();
        let (mut keys, mut always) = (Vec::new(), false);
        for (number, stay) in (0..).zip(stays.iter()) {
            let inside = cases.window(stay.case).and_then(|window| window.overlap(stay.span));
            let (Some(span), Some(at)) = (inside, stay.coord) else { continue };
            always |= slots(span).contains(&ALWAYS);
            let cells = grid.cells_within(at, gps_m, 100_000).unwrap_or_else(|| vec![ANYWHERE]);
            for cell in cells {
                by_cell.entry(cell).or_default().push((span, number));
                keys.extend(slots(span).map(|slot| slot_key(cell, slot)));
            }
        }
        keys.sort_unstable();
        keys.dedup();
        let mut filter = Filter::new(keys.len());
        keys.into_iter().for_each(|key| filter.add(key));
        let anywhere = by_cell.contains_key(&ANYWHERE);
        let mut timelines = Timelines::default();
        let ranges =
            by_cell.into_iter().map(|(cell, mut spans)| (cell, timelines.push(&mut spans)));
        CellIndex { grid, by_cell: ranges.collect(), timelines, filter, always, anywhere }
    }

    #[inline]
    fn may_be_near(&self, at: Coord, span: Span) -> bool {
        if self.by_cell.is_empty() {
            return false;
        }
        let cell = self.grid.cell(at);
        let may_have = |slot| self.filter.may_have(slot_key(cell, slot));
        self.anywhere
            || span.seconds() > SLOT * SLOTS
            || slots(span).any(may_have)
            || self.always && may_have(ALWAYS)
    }

    #[inline]
    fn near(&self, at: Coord, span: Span, mut each: impl FnMut(u32)) {
        if !self.may_be_near(at, span) {
            return;
        }
        let anywhere = self.anywhere.then_some(ANYWHERE);
        for cell in std::iter::once(self.grid.cell(at)).chain(anywhere) {
            if let Some(range) = self.by_cell.get(&cell) {
                self.timelines.near(range, span, &mut each);
            }
        }
    }
}

/// The slots of a stay, or [`ALWAYS`] when they are too many.
fn slots(span: Span) -> std::ops::RangeInclusive<i64> {
    if span.seconds() > SLOT * SLOTS {
        return ALWAYS..=ALWAYS;
    }
    span.start.0.div_euclid(SLOT)..=(span.end.0 - 1).div_euclid(SLOT)
}

/// Two odd constants and the high bits of a product: neighbouring cells and slots spread.
fn slot_key(cell: Cell, slot: i64) -> u64 {
    let mixed = (cell ^ (slot as u64).rotate_left(20)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed ^ (mixed >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9)
}
