//! The index of the cases' stays: by place, by grid cell, and the watched places.
//!
//! Built from [`CaseStays`] only, and so from cases only. Each place or cell has a timeline. A bit
//! filter in front says no to nearly all places and positions at the cost of one hash.

mod positions;
mod timelines;

use crate::base::geo::{Circles, Coord};
use crate::base::sieve::{Filter, IdRange, fingerprint};
use crate::base::time::{Instant, Span};
use crate::model::{CaseIdx, Cases, Kind, PlaceId, Places, Reach};
use crate::policy::Exposure;
use crate::search::open::OpenRules;
use crate::search::own_stays::CaseStays;
use crate::search::watched::WatchedPlaces;
use hashbrown::{HashMap, HashTable};
use positions::Positions;
use std::ops::Range;
use timelines::Timelines;

/// How two people at one place match.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Matching {
    /// By being there.
    Venue,
    /// By seat rows.
    Transport,
    /// Not at all: open air, and nobody crowds.
    Never,
}

/// A place where a case was in its window, or that is watched.
#[derive(Debug)]
pub struct CasePlace {
    /// Which place.
    pub place: PlaceId,
    /// Its position among the hot places, which are in order of their ids.
    pub rank: u32,
    /// How people match there.
    pub rule: Matching,
    /// Number of the watched area it lies in, and since when a stay there matters.
    pub watched: Option<(u32, Instant)>,
    timeline: Range<u32>,
    /// From the first of the cases' stays there to the end of the last one. The end is before the start
    /// where there is none.
    busy: Span,
}

/// What a scan looks for. Can be built from cases only.
#[derive(Debug)]
pub struct CaseIndex<'a> {
    cases: &'a Cases,
    places: &'a Places,
    stays: &'a CaseStays,
    hot: Vec<CasePlace>,
    /// Fingerprints of their ids, and their numbers.
    table: HashTable<(u64, u32)>,
    filter: Filter,
    at_places: Timelines,
    circles: Circles,
    /// The hot place of each circle.
    circle_of: Vec<u32>,
    positions: Positions,
    /// Two positions no farther apart than this match.
    pub gps_m: f64,
    /// Seat rows apart, at most.
    pub transport_rows: u32,
    /// A co-location farther apart than this is none.
    pub proximity_m: f64,
    /// A co-location with a weaker signal is none.
    pub min_rssi_dbm: Option<f64>,
    /// How long open stays last.
    pub open: OpenRules,
}

impl<'a> CaseIndex<'a> {
    /// Builds the index. Cost: the cases' stays, sorted.
    pub fn new(
        cases: &'a Cases,
        stays: &'a CaseStays,
        places: &'a Places,
        watched: &WatchedPlaces,
        policy: &Exposure,
        open: OpenRules,
    ) -> CaseIndex<'a> {
        let mut by_place: HashMap<PlaceId, Vec<(Span, u32)>> = HashMap::new();
        for place in watched.iter() {
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
        by_place.sort_unstable_by_key(|(place, _)| places.id_bytes(*place));
        for (place, mut spans) in by_place {
            let rule = rule(places, place);
            if rule == Matching::Never {
                spans.clear();
            }
            let (number, key) = (hot.len() as u32, fingerprint(places.id_bytes(place)));
            filter.add(key);
            table.insert_unique(key, (key, number), |&(key, _)| key);
            spans.sort_unstable();
            let timeline = at_places.push(spans.into_iter());
            let busy = at_places.whole(&timeline);
            let watched = watched.of(place);
            hot.push(CasePlace { place, rank: number, rule, watched, timeline, busy });
        }
        let numbers: HashMap<PlaceId, u32> = (0..).zip(&hot).map(|(n, h)| (h.place, n)).collect();
        let (circles, circle_of) =
            places.circles(policy.max_radius_m, |place| numbers.contains_key(&place));
        let circle_of = circle_of.iter().map(|place| numbers[place]).collect();
        let gps_m = policy.gps_m;
        let positions = (0..).zip(stays.iter()).filter_map(|(number, stay)| {
            let span = cases.window(stay.case)?.overlap(stay.span)?;
            Some((stay.coord?, span, number))
        });
        let positions = Positions::new(positions, gps_m);
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
            positions,
            gps_m,
            transport_rows: policy.transport_rows,
            proximity_m: policy.proximity_m,
            min_rssi_dbm: policy.min_rssi_dbm,
            open,
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

    /// The hot places, in order of their ids.
    pub fn case_places(&self) -> Vec<PlaceId> {
        self.hot.iter().map(|hot| hot.place).collect()
    }

    /// The window of a case.
    pub fn window(&self, case: CaseIdx) -> Option<Span> {
        self.cases.window(case)
    }

    /// `false` when `at` is in no hot place and near no case's position that can overlap `span`.
    #[inline]
    pub fn may_be_near(&self, at: Coord, span: Span) -> bool {
        !self.circles.is_empty() || self.positions.may_be_near(at, span)
    }

    /// `false` when an id is none of a hot place.
    #[inline(always)]
    pub fn may_be_hot(&self, id: &[u8]) -> bool {
        self.filter.may_have(fingerprint(id))
    }

    /// The hot places, and since when a stay at one matters. Cost: their ids, sorted.
    pub fn reach(&self) -> Reach<'_> {
        let ids = self.hot.iter().map(|hot| self.places.id_bytes(hot.place));
        let watched = self.hot.iter().filter_map(|hot| Some(hot.watched?.1));
        let since = watched.chain(self.hot.iter().map(|hot| hot.busy.start)).min();
        Reach { places: IdRange::new(ids), since: since.unwrap_or(Instant(i64::MAX)) }
    }

    /// The hot place of an id.
    #[inline(always)]
    pub fn place(&self, id: &[u8]) -> Option<&CasePlace> {
        let key = fingerprint(id);
        if !self.filter.may_have(key) {
            return None;
        }
        let same = |&(other, n): &(u64, u32)| {
            other == key && self.places.id_bytes(self.hot[n as usize].place) == id
        };
        self.table.find(key, same).map(|&(_, n)| &self.hot[n as usize])
    }

    /// Calls `each` with every hot place whose circle holds a coordinate.
    #[inline]
    pub fn places_at(&self, at: Coord, mut each: impl FnMut(&CasePlace)) {
        self.circles.holding(at, |circle| {
            each(&self.hot[self.circle_of[circle as usize] as usize]);
        });
    }

    /// Calls `each` with the cases' stays at a place that can overlap `span`.
    #[inline]
    pub fn near_at_place(&self, hot: &CasePlace, span: Span, mut each: impl FnMut(u32)) {
        if hot.busy.overlap(span).is_some() {
            self.at_places.near(&hot.timeline, span, |entry| each(entry.stay));
        }
    }

    /// Calls `each` with the cases' coordinate stays near `at` that can overlap `span`.
    #[inline]
    pub fn near_coord(&self, at: Coord, span: Span, each: impl FnMut(u32)) {
        self.positions.near(at, span, each);
    }
}

fn rule(places: &Places, place: PlaceId) -> Matching {
    let place = places.get(place);
    match place.kind {
        Kind::Transport => Matching::Transport,
        _ if place.enclosed || place.dense => Matching::Venue,
        _ => Matching::Never,
    }
}
