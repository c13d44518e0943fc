//! The index of the cases' stays: by place, by grid cell, and the watched places.
//!
//! Built from [`CaseStays`] only, and so from cases only. Each place or cell has a timeline. A
//! Bloom filter in front says no to nearly all places and positions at the cost of one hash.

mod file;
mod positions;
mod timelines;

use crate::base::geo::{Circles, Coord};
use crate::base::sieve::{Filter, IdRange, fingerprint};
use crate::base::texts::Texts;
use crate::base::time::{Instant, Span, TimeZone};
use crate::model::{CaseIdx, Cases, PlaceId, PlaceKind, Places, Reach};
use crate::policy::Exposure;
use crate::search::open::OpenRules;
use crate::search::own_stays::CaseStays;
use crate::search::watched::WatchedPlaces;
use hashbrown::{DefaultHashBuilder, HashMap, HashTable};
use positions::{Positions, one_case};
use std::hash::BuildHasher;
use std::ops::Range;
use std::sync::OnceLock;
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

/// A hot place: one where a case was in its window, or that is watched.
#[derive(Debug, Clone)]
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
    /// The case, if all stays there are one case's: nobody meets themselves.
    only: Option<CaseIdx>,
    /// From the first of the cases' stays there to the end of the last one. The end is before the
    /// start where there is none.
    busy: Span,
}

/// What a scan looks for. Can be built from cases only, and owns all it needs.
///
/// Made by [`CaseIndex::new`] or, from a file that another run wrote, by [`CaseIndex::read`].
#[derive(Debug, Clone)]
pub struct CaseIndex {
    content: Content,
    hot: Vec<CasePlace>,
    /// Their ids, by rank.
    ids: Texts,
    /// Hashes of their ids, and their numbers.
    table: HashTable<(u64, u32)>,
    /// Seeded at random: nobody can make ids that have one hash.
    hasher: DefaultHashBuilder,
    filter: Filter,
    at_places: Timelines,
    circles: Circles,
    /// The hot place of each circle.
    circle_of: Vec<u32>,
    positions: Positions,
    /// What [`reach`](CaseIndex::reach) says, once it was asked.
    reach: OnceLock<(IdRange, Instant)>,
    /// Two positions no farther apart than this match, in metres.
    pub gps_m: f64,
    /// Seat rows apart, at most.
    pub transport_rows: u32,
    /// A co-location farther apart than this is none, in metres.
    pub proximity_m: f64,
    /// A co-location with a weaker signal is none.
    pub min_rssi_dbm: Option<f64>,
    /// How long open stays last.
    pub open: OpenRules,
}

/// What an index is built from.
#[derive(Debug, Clone)]
struct Content {
    cases: Cases,
    stays: CaseStays,
    /// The hot places, in order of their ids.
    places: Vec<HotPlace>,
    policy: Exposure,
    zone: TimeZone,
    as_of: Instant,
}

/// A place where a case was in its window, or that is watched.
#[derive(Debug, Clone)]
struct HotPlace {
    id: Box<[u8]>,
    place: PlaceId,
    rule: Matching,
    watched: Option<(u32, Instant)>,
    /// Its centre and radius, when it is on the map.
    circle: Option<(Coord, f64)>,
    /// The cases' stays there that lie in a window, by number.
    stays: Vec<u32>,
}

impl CaseIndex {
    /// Builds the index of the cases' `stays` at `places`, some of which are watched; `zone` is the
    /// time zone of the days of the cases, and `as_of` the moment the analysis speaks for. O(n log
    /// n) over the cases' stays.
    pub fn new(
        cases: Cases,
        stays: CaseStays,
        places: &Places,
        watched: &WatchedPlaces,
        (policy, zone, as_of): (&Exposure, &TimeZone, Instant),
    ) -> CaseIndex {
        let mut by_place: HashMap<PlaceId, Vec<u32>> = HashMap::new();
        for place in watched.iter() {
            by_place.entry(place).or_default();
        }
        for visit in stays.visits() {
            let window = cases.window(visit.case);
            if window.and_then(|window| window.overlap(visit.span)).is_some() {
                by_place.entry(visit.place).or_default().push(visit.stay);
            }
        }
        let hot = by_place.into_iter().map(|(place, stays)| HotPlace {
            id: places.id_bytes(place).into(),
            place,
            rule: rule(places, place),
            watched: watched.of(place),
            circle: places.circle(place, policy.max_radius_m),
            stays,
        });
        let mut hot: Vec<HotPlace> = hot.collect();
        hot.sort_unstable_by(|a, b| a.id.cmp(&b.id));
        let (policy, zone) = (policy.clone(), zone.clone());
        CaseIndex::build(Content { cases, stays, places: hot, policy, zone, as_of })
    }

    fn build(content: Content) -> CaseIndex {
        let Content { cases, stays, places, policy, as_of, .. } = &content;
        let in_window = |number: u32| {
            let stay = stays.get(number);
            Some((cases.window(stay.case)?.overlap(stay.span)?, number))
        };
        let (mut at_places, mut ids) = (Timelines::default(), Texts::default());
        let mut hot = Vec::with_capacity(places.len());
        let (mut table, mut filter) = (HashTable::new(), Filter::new(places.len()));
        let hasher = DefaultHashBuilder::default();
        let (mut circles, mut circle_of) = (Circles::new(100.0), Vec::new());
        for (rank, place) in (0..).zip(places) {
            let mut spans: Vec<(Span, u32)> = match place.rule {
                Matching::Never => Vec::new(),
                _ => place.stays.iter().filter_map(|&number| in_window(number)).collect(),
            };
            let key = hasher.hash_one(&*place.id);
            filter.add(fingerprint(&place.id));
            ids.push(&place.id);
            table.insert_unique(key, (key, rank), |&(key, _)| key);
            spans.sort_unstable();
            let timeline = at_places.push(spans.into_iter());
            let busy = at_places.whole(&timeline);
            let only = one_case(place.stays.iter().map(|&number| stays.get(number).case));
            let HotPlace { place, rule, watched, circle, .. } = *place;
            hot.push(CasePlace { place, rank, rule, watched, timeline, only, busy });
            if let Some((centre, radius)) = circle {
                circles.add(centre, radius);
                circle_of.push(rank);
            }
        }
        let positions = (0..).zip(stays.iter()).filter_map(|(number, stay)| {
            let (span, number) = in_window(number)?;
            Some((stay.coord?, span, number, stay.case))
        });
        CaseIndex {
            hot,
            ids,
            table,
            hasher,
            filter,
            at_places,
            circles,
            circle_of,
            positions: Positions::new(positions, policy.gps_m),
            reach: OnceLock::new(),
            gps_m: policy.gps_m,
            transport_rows: policy.transport_rows,
            proximity_m: policy.proximity_m,
            min_rssi_dbm: policy.min_rssi_dbm,
            open: OpenRules::new(policy, *as_of),
            content,
        }
    }

    /// The cases it was built from.
    pub fn cases(&self) -> &Cases {
        &self.content.cases
    }

    /// The cases, when the index has done its work.
    pub fn into_cases(self) -> Cases {
        self.content.cases
    }

    /// Their stays.
    pub fn stays(&self) -> &CaseStays {
        &self.content.stays
    }

    /// The moment it speaks for.
    pub fn as_of(&self) -> Instant {
        self.content.as_of
    }

    /// The hot places, in order of their ids.
    pub fn case_places(&self) -> Vec<PlaceId> {
        self.hot.iter().map(|hot| hot.place).collect()
    }

    /// The hot places with their ids.
    pub fn hot_places(&self) -> impl Iterator<Item = (PlaceId, &str)> {
        (0..).zip(&self.hot).map(|(rank, hot)| (hot.place, self.ids.get(rank)))
    }

    /// The window of a case.
    pub fn window(&self, case: CaseIdx) -> Option<Span> {
        self.content.cases.window(case)
    }

    /// `false` only when `at` is in no hot place and near no position of a case during `span`.
    #[inline]
    pub fn may_be_near(&self, at: Coord, span: Span) -> bool {
        !self.circles.is_empty() || self.positions.may_be_near(at, span)
    }

    /// `false` only when an id is no hot place's (Bloom filter).
    #[inline(always)]
    pub fn may_be_hot(&self, id: &[u8]) -> bool {
        self.filter.may_have(fingerprint(id))
    }

    /// The hot places, and since when a stay at one matters. Readers ask for each row group: their
    /// ids are put in order once.
    pub fn reach(&self) -> Reach<'_> {
        let (places, since) = self.reach.get_or_init(|| {
            let ids = (0..self.hot.len() as u32).map(|rank| self.ids.bytes(rank));
            let watched = self.hot.iter().filter_map(|hot| Some(hot.watched?.1));
            let since = watched.chain(self.hot.iter().map(|hot| hot.busy.start)).min();
            (IdRange::new(ids), since.unwrap_or(Instant(i64::MAX)))
        });
        Reach { places, since: *since }
    }

    /// Since when a position can be near a case's; O(n) over the cases' stays.
    pub fn positions_since(&self) -> Instant {
        let at_coords = self.content.stays.iter().filter(|stay| stay.coord.is_some());
        let in_window = at_coords.filter_map(|stay| self.window(stay.case)?.overlap(stay.span));
        in_window.map(|span| span.start).min().unwrap_or(Instant(i64::MAX))
    }

    /// The hot place of an id.
    #[inline(always)]
    pub fn place(&self, id: &[u8]) -> Option<&CasePlace> {
        if !self.may_be_hot(id) {
            return None;
        }
        let key = self.hasher.hash_one(id);
        let same = |&(other, n): &(u64, u32)| other == key && self.ids.bytes(n) == id;
        self.table.find(key, same).map(|&(_, n)| &self.hot[n as usize])
    }

    /// Calls `each` with every hot place whose circle holds a coordinate.
    #[inline]
    pub fn places_at(&self, at: Coord, mut each: impl FnMut(&CasePlace)) {
        self.circles.holding(at, |circle| {
            each(&self.hot[self.circle_of[circle as usize] as usize]);
        });
    }

    /// Calls `each` with the cases' stays at a place that can overlap `span`; those of the case
    /// `but` may be left out.
    #[inline]
    pub fn near_at_place(
        &self,
        hot: &CasePlace,
        span: Span,
        but: Option<CaseIdx>,
        mut each: impl FnMut(u32),
    ) {
        let is_own = but.is_some() && hot.only == but;
        if !is_own && hot.busy.overlap(span).is_some() {
            self.at_places.near(&hot.timeline, span, |entry| each(entry.stay));
        }
    }

    /// Calls `each` with the cases' coordinate stays near `at` that can overlap `span`; those of
    /// the case `but` may be left out.
    #[inline]
    pub fn near_coord(&self, at: Coord, span: Span, but: Option<CaseIdx>, each: impl FnMut(u32)) {
        self.positions.near(at, span, but, each);
    }
}

fn rule(places: &Places, place: PlaceId) -> Matching {
    let place = places.get(place);
    match place.kind {
        PlaceKind::Transport => Matching::Transport,
        _ if place.enclosed || place.dense => Matching::Venue,
        _ => Matching::Never,
    }
}
