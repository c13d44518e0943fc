//! The validated tables: cases and places, and the numbers that stand for them.
//!
//! Plain data. Text has become numbers ([`PlaceId`], [`CaseIdx`]), times have become instants. How
//! the tables are read is in [`crate::ingest`].

mod colocation;
mod interest;
pub mod persons;
pub mod registers;
mod sink;
mod stay;

pub use colocation::Colocation;
pub use interest::{Interest, Reach};
pub use sink::{TakeColocations, TakeStays};
pub use stay::{At, Ends, Stay};

use crate::base::geo::{Circles, Coord};
use crate::base::sieve::{Filter, fingerprint};
use crate::base::texts::Interner;
use crate::base::time::{Date, Instant, Span, TimeZone};
use crate::policy::Exposure;
use std::cmp::Ordering;

/// Position of a case in [`Cases`], which alone gives them out: what is searched from is a case.
///
/// ```compile_fail
/// // Nobody else can make one.
/// let somebody = trace::model::CaseIdx(7);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CaseIdx(u32);

impl CaseIdx {
    /// The position, from 0, in the order of the ids.
    #[inline(always)]
    pub fn position(self) -> u32 {
        self.0
    }
}

/// Number of a place in [`Places`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PlaceId(pub u32);

/// A row of the input: the file's number and the line as an editor counts it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RowRef(u64);

impl RowRef {
    /// The first line of the first file.
    pub const FIRST: RowRef = RowRef(1);

    /// The order of `FILE:LINE` as text: files as they are numbered, lines by their digits.
    pub fn as_text(self, other: RowRef) -> Ordering {
        let line = |row: RowRef| row.line().to_string();
        self.file().cmp(&other.file()).then_with(|| line(self).cmp(&line(other)))
    }

    /// File `file`, line `line` (from 1).
    pub fn new(file: u32, line: u64) -> RowRef {
        RowRef((u64::from(file) << 44) | line)
    }

    /// Number of the file.
    pub fn file(self) -> u32 {
        (self.0 >> 44) as u32
    }

    /// The line, from 1.
    pub fn line(self) -> u64 {
        self.0 & ((1 << 44) - 1)
    }
}

/// A case (感染者) as its row says.
#[derive(Debug, Clone)]
pub struct Case {
    /// Person id.
    pub id: Box<str>,
    /// Onset of symptoms.
    pub onset: Option<Instant>,
    /// When the first positive sample was taken.
    pub sampled: Option<Instant>,
    /// When the case was confirmed.
    pub confirmed: Instant,
    /// When the case was isolated.
    pub isolated: Option<Instant>,
    /// Infected abroad.
    pub imported: bool,
    /// Its row.
    pub row: RowRef,
}

/// The local midnight that begins the year 2100: systems write later ones for "not yet".
const FOR_EVER: (i64, i64, i64) = (2100, 1, 1);

impl Case {
    /// Whether an onset or a sampling can be one: not after the day of confirmation, and no more
    /// than `max_onset_days` before it. A mistyped year must neither empty a window nor open it for
    /// a year.
    fn can_be(&self, at: Instant, policy: &Exposure, zone: &TimeZone) -> bool {
        let days = zone.date(self.confirmed).0 - zone.date(at).0;
        days >= 0 && policy.max_onset_days.is_none_or(|most| days <= i32::from(most))
    }

    /// The onset, unless it cannot be one.
    pub fn plausible_onset(&self, policy: &Exposure, zone: &TimeZone) -> Option<Instant> {
        self.onset.filter(|&at| self.can_be(at, policy, zone))
    }

    /// The day the window is counted from: onset, else sampling, else confirmation (9th edition),
    /// of those that can be.
    pub fn anchor(&self, policy: &Exposure, zone: &TimeZone) -> Date {
        let dates = [self.onset, self.sampled].into_iter().flatten();
        let first = dates.into_iter().find(|&at| self.can_be(at, policy, zone));
        zone.date(first.unwrap_or(self.confirmed))
    }

    /// When the case was isolated, if that can be: after the window opens, and before the year
    /// 2100.
    fn isolation(&self, policy: &Exposure, zone: &TimeZone) -> Option<Instant> {
        let (year, month, day) = FOR_EVER;
        let for_ever = zone.midnight(Date::from_civil(year, month, day).expect("a date"));
        let start = self.window_start(policy, zone);
        self.isolated.filter(|&at| at > start && at < for_ever)
    }

    /// The dates that cannot be and are set aside, by the names of their columns.
    pub fn set_aside(&self, policy: &Exposure, zone: &TimeZone) -> Vec<(&'static str, Instant)> {
        let cannot_be = |at: Option<Instant>| at.filter(|&at| !self.can_be(at, policy, zone));
        let isolated = self.isolated.filter(|_| self.isolation(policy, zone).is_none());
        let dates = [
            ("isolated", isolated),
            ("onset", cannot_be(self.onset)),
            ("sampled", cannot_be(self.sampled)),
        ];
        dates.into_iter().filter_map(|(column, at)| Some((column, at?))).collect()
    }

    /// The infectious window: from `lookback_days` before the anchor until isolation, or else
    /// `unisolated_days` after the confirmation; no later than `after_days` after the anchor and
    /// than as-of. `None` exposes nobody.
    pub fn window(&self, policy: &Exposure, zone: &TimeZone, as_of: Instant) -> Option<Span> {
        let end_of = |date: Date, days: u16| zone.midnight(date.plus(i64::from(days) + 1));
        let after = policy.after_days.map(|days| end_of(self.anchor(policy, zone), days));
        let unisolated = || Some(end_of(zone.date(self.confirmed), policy.unisolated_days?));
        let isolated = self.isolation(policy, zone).or_else(unisolated);
        let end = [isolated, after].into_iter().flatten().fold(as_of, Instant::min);
        Span::new(self.window_start(policy, zone), end)
    }

    /// When the infectious window opens.
    pub fn window_start(&self, policy: &Exposure, zone: &TimeZone) -> Instant {
        let back = i64::from(policy.lookback_days);
        zone.midnight(self.anchor(policy, zone).plus(-back))
    }
}

/// The cases of an analysis, by id, with what follows from their dates. The only source of
/// [`CaseIdx`]: who is not in here can never be searched from.
#[derive(Debug, Clone)]
pub struct Cases {
    cases: Vec<Case>,
    anchors: Vec<Date>,
    starts: Vec<Instant>,
    windows: Vec<Option<Span>>,
    by_id: Interner,
    filter: Filter,
}

impl Cases {
    /// The cases confirmed no later than `as_of`, in order of their ids.
    pub fn new(mut cases: Vec<Case>, policy: &Exposure, zone: &TimeZone, as_of: Instant) -> Cases {
        cases.retain(|case| case.confirmed <= as_of);
        cases.sort_by(|a, b| a.id.cmp(&b.id));
        let anchors = cases.iter().map(|case| case.anchor(policy, zone)).collect();
        let starts = cases.iter().map(|case| case.window_start(policy, zone)).collect();
        let windows = cases.iter().map(|case| case.window(policy, zone, as_of)).collect();
        let (mut by_id, mut filter) = (Interner::default(), Filter::new(cases.len()));
        for case in &cases {
            by_id.intern(&*case.id);
            filter.add(fingerprint(case.id.as_bytes()));
        }
        Cases { cases, anchors, starts, windows, by_id, filter }
    }

    /// The case of a person id, if that person is one.
    #[inline(always)]
    pub fn find(&self, id: impl AsRef<[u8]>) -> Option<CaseIdx> {
        let id = id.as_ref();
        if self.may_have(id) { self.look_up(id) } else { None }
    }

    /// `false` only when an id is no case's; `true` for a few others, too (Bloom filter).
    #[inline(always)]
    pub fn may_have(&self, id: &[u8]) -> bool {
        self.filter.may_have(fingerprint(id))
    }

    #[inline(never)]
    fn look_up(&self, id: &[u8]) -> Option<CaseIdx> {
        self.by_id.find(id).map(CaseIdx)
    }

    /// All of them, in order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = (CaseIdx, &Case)> + Clone {
        (0..).map(CaseIdx).zip(&self.cases)
    }

    /// The case at a position.
    pub fn at(&self, position: u32) -> Option<CaseIdx> {
        ((position as usize) < self.cases.len()).then_some(CaseIdx(position))
    }

    /// The row of a case.
    pub fn get(&self, case: CaseIdx) -> &Case {
        &self.cases[case.0 as usize]
    }

    /// The day the window is counted from.
    pub fn anchor(&self, case: CaseIdx) -> Date {
        self.anchors[case.0 as usize]
    }

    /// The infectious window; `None` exposes nobody.
    pub fn window(&self, case: CaseIdx) -> Option<Span> {
        self.windows[case.0 as usize]
    }

    /// When the infectious window opens, whether or not it is empty.
    pub fn window_start(&self, case: CaseIdx) -> Instant {
        self.starts[case.0 as usize]
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.cases.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.cases.is_empty()
    }
}

/// The kinds of place that have a meaning of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PlaceKind {
    /// Judged by seat rows.
    Transport,
    /// Never an activity place.
    Medical,
    /// Any other.
    #[default]
    Other,
}

/// A place. Text is numbers of [`Places::text`]; 0 is blank.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    /// What kind it is.
    pub kind: PlaceKind,
    /// Where people crowd.
    pub dense: bool,
    /// A closed room, or not known to be open air.
    pub enclosed: bool,
    /// 单元.
    pub unit: u32,
    /// 楼栋.
    pub building: u32,
    /// 小区.
    pub compound: u32,
    /// 县区.
    pub county: u32,
    /// Whether its unit is an area of its own where no building is known: a class, a workshop.
    pub unit_alone: bool,
    /// Where it is and how far it reaches, when all three are known.
    pub circle: Option<(Coord, f64)>,
}

impl Default for Place {
    /// A place with nothing known.
    fn default() -> Self {
        let (unit, building, compound, county) = (0, 0, 0, 0);
        let (kind, dense, enclosed, circle) = (PlaceKind::Other, false, true, None);
        let unit_alone = false;
        Place { kind, dense, enclosed, unit, building, compound, county, unit_alone, circle }
    }
}

/// The places of the table, then those that only other tables name.
#[derive(Debug, Clone)]
pub struct Places {
    ids: Interner,
    places: Vec<Place>,
    text: Interner,
}

impl Default for Places {
    fn default() -> Self {
        let mut text = Interner::default();
        text.intern("");
        Places { ids: Interner::default(), places: Vec::new(), text }
    }
}

impl Places {
    /// Room for so many places.
    pub fn reserve(&mut self, places: usize) {
        self.ids.reserve(places);
        self.places.reserve(places);
    }

    /// Adds a place of the table.
    ///
    /// # Errors
    /// The number of the place that has the id already.
    pub fn add(&mut self, id: &str, place: Place) -> Result<(), u32> {
        let number = self.ids.intern(id);
        if number as usize != self.places.len() {
            return Err(number);
        }
        self.places.push(place);
        Ok(())
    }

    /// The number of a place, which is one with nothing known when the table lacks it.
    pub fn intern(&mut self, id: impl AsRef<[u8]>) -> PlaceId {
        let number = self.ids.intern(id);
        if number as usize == self.places.len() {
            self.places.push(Place::default());
        }
        PlaceId(number)
    }

    /// The number of a place that was seen before.
    pub fn find(&self, id: impl AsRef<[u8]>) -> Option<PlaceId> {
        self.ids.find(id).map(PlaceId)
    }

    /// The id of a place.
    pub fn id(&self, place: PlaceId) -> &str {
        self.ids.get(place.0)
    }

    /// The id of a place as bytes.
    pub fn id_bytes(&self, place: PlaceId) -> &[u8] {
        self.ids.bytes(place.0)
    }

    /// All ids, one behind the other.
    pub fn ids(&self) -> &[u8] {
        self.ids.joined()
    }

    /// What is known of a place.
    pub fn get(&self, place: PlaceId) -> &Place {
        &self.places[place.0 as usize]
    }

    /// All places with their numbers.
    pub fn iter(&self) -> impl Iterator<Item = (PlaceId, &Place)> {
        (0..).map(PlaceId).zip(&self.places)
    }

    /// The number of a text (a county, a compound, …) for a [`Place`]; blank is 0.
    pub fn intern_text(&mut self, text: &str) -> u32 {
        self.text.intern(text)
    }

    /// A text of a [`Place`].
    pub fn text(&self, number: u32) -> &str {
        self.text.get(number)
    }

    /// The circle of a place, no wider than `widest`, when it is on the map.
    pub fn circle(&self, place: PlaceId, widest: Option<f64>) -> Option<(Coord, f64)> {
        let (centre, radius) = self.get(place).circle?;
        Some((centre, widest.map_or(radius, |widest| radius.min(widest))))
    }

    /// The circles of the `chosen` places, none wider than `widest`, and which place each circle
    /// is.
    pub fn circles(
        &self,
        widest: Option<f64>,
        mut chosen: impl FnMut(PlaceId) -> bool,
    ) -> (Circles, Vec<PlaceId>) {
        let mut circles = Circles::new(100.0);
        let mut of = Vec::new();
        for (id, _) in self.iter() {
            if let Some((centre, radius)) = self.circle(id, widest).filter(|_| chosen(id)) {
                circles.add(centre, radius);
                of.push(id);
            }
        }
        (circles, of)
    }
}
