//! The cases' stays at coordinates by grid cell and slot of time.
//!
//! A position looks at the few stays that were in its cell within the same minutes. Where they are
//! many, they are parted once more, into spots of some metres, and only spots that can be near are
//! looked at. Where stays were to the metre is not decided here.

use super::timelines::Timelines;
use crate::base::geo::{Cell, Coord, Grid};
use crate::base::sieve::{Filter, MIX};
use crate::base::time::{Instant, Span};
use crate::model::CaseIdx;
use hashbrown::HashMap;
use rayon::prelude::*;
use std::ops::{Range, RangeInclusive};

/// The cell of what the grid cannot place: at the poles.
const ANYWHERE: Cell = Cell::MAX;

/// Seconds of a slot. Together with a cell it says no to nearly every position that only shares the
/// cell with a case of another hour, and makes the timelines short.
const SLOT: i64 = 600;

/// Slots of a stay at most; longer stays are in no slot.
const SLOTS: i64 = 12;

/// In place of a slot: the stays that are too long for slots. Before all slots.
const LONG: i64 = i64::MIN;

/// Stays at coordinates.
#[derive(Debug, Clone)]
pub struct Positions {
    grid: Grid,
    gps_m: f64,
    /// The cells and slots in order, each with its spots.
    keys: Vec<(Cell, i64, Range<u32>)>,
    /// The spots of a cell and slot, one behind the other.
    spots: Vec<Spot>,
    /// Where each cell and slot is in `keys`.
    numbers: HashMap<(Cell, i64), u32>,
    timelines: Timelines,
    /// The cells and slots once more, as a Bloom filter.
    filter: Filter,
    /// Whether some stay is too long for slots.
    long: bool,
    /// Whether some stay could not be placed in the grid.
    anywhere: bool,
}

/// Some metres, and the timeline of the stays there.
#[derive(Debug, Clone)]
struct Spot {
    timeline: Range<u32>,
    /// The least and the most longitude and latitude; `None` where the spot is the whole cell.
    corners: Option<[Coord; 2]>,
    /// The case, if all of them are one case's: nobody meets themselves.
    only: Option<CaseIdx>,
}

/// Stays of a cell and slot that are not parted into spots; tests part fewer.
const FEW: usize = if cfg!(test) { 4 } else { 64 };

/// Spots along the side of a cell.
const SIDE: f64 = 4.0;

/// Metres by which a corner may be farther away than it seems: a rectangle of degrees is bent.
const BENT: f64 = 1.0;

impl Spot {
    /// Whether it holds nothing that is near enough.
    fn is_far(&self, at: Coord, most_m: f64) -> bool {
        self.corners.is_some_and(|[least, most]| {
            let nearest = Coord {
                lon: at.lon.clamp(least.lon, most.lon),
                lat: at.lat.clamp(least.lat, most.lat),
            };
            nearest.distance_m(at) > most_m + BENT
        })
    }
}

/// A stay at a coordinate: where, when, its number, and whose it is.
pub type CasePosition = (Coord, Span, u32, CaseIdx);

/// A stay in a cell and a slot, by its position among all.
type InSlot = (Cell, i64, Span, u32);

/// The case that all are, if it is one.
pub fn one_case(mut cases: impl Iterator<Item = CaseIdx>) -> Option<CaseIdx> {
    let first = cases.next()?;
    cases.all(|case| case == first).then_some(first)
}

/// Parts the stays of a cell and slot into spots, where they are many.
fn part(
    group: &[InSlot],
    stays: &[CasePosition],
    fine: &Grid,
    timelines: &mut Timelines,
    spots: &mut Vec<Spot>,
) {
    let (of, number) = (|n: u32| stays[n as usize].0, |n: u32| stays[n as usize].2);
    // At the poles and where longitudes begin anew, a rectangle of degrees is none.
    let odd = |&(cell, .., stay): &InSlot| cell == ANYWHERE || of(stay).lon.abs() > 179.0;
    if group.len() <= FEW || group.iter().any(odd) {
        let spans = group.iter().map(|&(_, _, span, n)| (span, number(n)));
        let only = one_case(group.iter().map(|&(.., stay)| stays[stay as usize].3));
        spots.push(Spot { timeline: timelines.push(spans), corners: None, only });
        return;
    }
    let mut all: Vec<(Cell, Span, u32)> =
        group.iter().map(|&(_, _, span, stay)| (fine.cell(of(stay)), span, stay)).collect();
    all.sort_unstable();
    for spot in all.chunk_by(|a, b| a.0 == b.0) {
        let timeline = timelines.push(spot.iter().map(|&(_, span, n)| (span, number(n))));
        let corners = spot.iter().map(|&(_, _, stay)| of(stay)).fold(None, |corners, at| {
            let [least, most]: [Coord; 2] = corners.unwrap_or([at, at]);
            Some([
                Coord { lon: least.lon.min(at.lon), lat: least.lat.min(at.lat) },
                Coord { lon: most.lon.max(at.lon), lat: most.lat.max(at.lat) },
            ])
        });
        let only = one_case(spot.iter().map(|&(_, _, stay)| stays[stay as usize].3));
        spots.push(Spot { timeline, corners, only });
    }
}

impl Positions {
    /// Of stays at coordinates. O(n log n) over the cells and slots they are
    /// in.
    pub fn new(stays: impl Iterator<Item = CasePosition>, gps_m: f64) -> Positions {
        let grid = Grid::new(gps_m.max(5.0) * 2.0);
        let stays: Vec<CasePosition> = stays.collect();
        let mut all = Vec::new();
        for (n, &(at, span, ..)) in (0..).zip(&stays) {
            let cells = grid.cells_within(at, gps_m, 100_000).unwrap_or_else(|| vec![ANYWHERE]);
            for cell in cells {
                all.extend(own_slots(span).map(|slot| (cell, slot, span, n)));
            }
        }
        all.par_sort_unstable();
        let (mut timelines, mut keys, mut spots) = (Timelines::default(), Vec::new(), Vec::new());
        let fine = Grid::new(gps_m.max(5.0) * 2.0 / SIDE);
        for group in all.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
            let first = spots.len() as u32;
            part(group, &stays, &fine, &mut timelines, &mut spots);
            keys.push((group[0].0, group[0].1, first..spots.len() as u32));
        }
        let mut filter = Filter::new(keys.len());
        keys.iter().for_each(|&(cell, slot, _)| filter.add(slot_key(cell, slot)));
        let numbers = (0..).zip(&keys).map(|(n, &(cell, slot, _))| ((cell, slot), n)).collect();
        let long = keys.iter().any(|&(_, slot, _)| slot == LONG);
        let anywhere = keys.last().is_some_and(|&(cell, ..)| cell == ANYWHERE);
        Positions { grid, gps_m, keys, spots, numbers, timelines, filter, long, anywhere }
    }

    /// `false` only when no stay is near `at` and can overlap `span`.
    #[inline]
    pub fn may_be_near(&self, at: Coord, span: Span) -> bool {
        !self.keys.is_empty() && self.may_have(self.grid.cell(at), span)
    }

    #[inline]
    fn may_have(&self, cell: Cell, span: Span) -> bool {
        let may_have = |slot| self.filter.may_have(slot_key(cell, slot));
        self.anywhere || is_long(span) || slots(span).any(may_have) || self.long && may_have(LONG)
    }

    /// Calls `each` with the stays near `at` that can overlap `span`: with each that does, once.
    /// Those of the case `but` may be left out.
    #[inline]
    pub fn near(&self, at: Coord, span: Span, but: Option<CaseIdx>, mut each: impl FnMut(u32)) {
        let cell = self.grid.cell(at);
        if self.keys.is_empty() || !self.may_have(cell, span) {
            return;
        }
        let anywhere = self.anywhere.then_some(ANYWHERE);
        for cell in std::iter::once(cell).chain(anywhere) {
            let mut look = |(_, slot, range): &(Cell, i64, Range<u32>)| {
                for spot in &self.spots[range.start as usize..range.end as usize] {
                    let is_own = but.is_some() && spot.only == but;
                    if is_own || spot.is_far(at, self.gps_m) {
                        continue;
                    }
                    self.timelines.near(&spot.timeline, span, |entry| {
                        // A stay is in all its slots: the first that both are in counts.
                        if *slot == LONG || *slot == slot_of(entry.start.max(span.start)) {
                            each(entry.stay);
                        }
                    });
                }
            };
            if is_long(span) {
                let (first, last) = slots(span).into_inner();
                let from = self.keys.partition_point(|key| (key.0, key.1) < (cell, first));
                let of_cell = self.keys[from..].iter();
                of_cell.take_while(|key| key.0 == cell && key.1 <= last).for_each(&mut look);
            } else {
                let number = |slot| self.numbers.get(&(cell, slot));
                slots(span).filter_map(number).for_each(|&n| look(&self.keys[n as usize]));
            }
            if self.long
                && let Some(&number) = self.numbers.get(&(cell, LONG))
            {
                look(&self.keys[number as usize]);
            }
        }
    }
}

fn slot_of(at: Instant) -> i64 {
    at.0.div_euclid(SLOT)
}

/// The slots that a span touches.
fn slots(span: Span) -> RangeInclusive<i64> {
    slot_of(span.start)..=slot_of(Instant(span.end.0 - 1))
}

/// Whether it is too long for slots.
fn is_long(span: Span) -> bool {
    span.seconds() > SLOT * SLOTS
}

/// The slots that a case's stay is in.
fn own_slots(span: Span) -> RangeInclusive<i64> {
    if is_long(span) { LONG..=LONG } else { slots(span) }
}

/// Two odd constants, and the high bits of a product for the low ones: neighbouring cells and slots
/// spread at both ends.
fn slot_key(cell: Cell, slot: i64) -> u64 {
    let mixed = (cell ^ (slot as u64).rotate_left(20)).wrapping_mul(MIX);
    (mixed ^ (mixed >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::time::TimeZone;
    use crate::model::{Case, Cases, RowRef};
    use proptest::prelude::*;

    fn stay() -> impl Strategy<Value = (f64, f64, Span)> {
        let length = prop_oneof![1i64..90, 500i64..9000, 1i64..60_000];
        let lon = prop_oneof![9 => 0..40u32, 1 => Just(99)];
        (lon, prop_oneof![9 => 0..40u32, 1 => Just(99)], -40_000i64..40_000, length).prop_map(
            |(lon, lat, start, length)| {
                let lat = if lat == 99 { 89.95 } else { 31.2 + f64::from(lat) * 2e-5 };
                let span = Span::new(Instant(start), Instant(start + length)).unwrap();
                let lon = match (lon, start % 2) {
                    (99, 0) => 180.0,
                    (99, _) => -179.99997,
                    _ => 121.4 + f64::from(lon) * 2e-5,
                };
                (lon, lat, span)
            },
        )
    }

    fn two_cases() -> Cases {
        let case = |id: &str| Case {
            id: id.into(),
            onset: None,
            sampled: None,
            confirmed: Instant(0),
            isolated: None,
            imported: false,
            row: RowRef::new(0, 1),
        };
        let policy = crate::policy::Policy::preset("who").unwrap().exposure;
        let zone = TimeZone::get("UTC").unwrap();
        Cases::new(vec![case("a"), case("b")], &policy, &zone, Instant(0))
    }

    proptest! {
        #[test]
        fn each_stay_that_overlaps_nearby_is_named_once(
            stays in proptest::collection::vec(stay(), 0..300), asked in stay(), gps_m in 1.0..30.0f64,
            others in 0u32..6) {
            let cases = two_cases();
            let (first, second) = (cases.iter().next().unwrap().0, cases.iter().nth(1).unwrap().0);
            let whose = |n: u32| if n % 5 < others { second } else { first };
            let all = (0..).zip(&stays);
            let all = all.map(|(n, &(lon, lat, span))| (Coord { lon, lat }, span, n, whose(n)));
            let positions = Positions::new(all, gps_m);
            let (at, span) = (Coord { lon: asked.0, lat: asked.1 }, asked.2);
            let mut named = Vec::new();
            positions.near(at, span, Some(first), |stay| named.push(stay));
            let meets = |number: u32| {
                let (lon, lat, other) = stays[number as usize];
                other.overlap(span).is_some() && at.distance_m(Coord { lon, lat }) <= gps_m
            };
            named.retain(|&number| meets(number) && whose(number) == second);
            named.sort_unstable();
            let slow: Vec<u32> = (0..stays.len() as u32).filter(|&n| meets(n) && whose(n) == second).collect();
            prop_assert_eq!(named, slow);
        }
    }
}
