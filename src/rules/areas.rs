//! Areas, and where cases live and go.
//!
//! What depends on the cases and their own stays only, and is known before anybody else's row is
//! looked at. What makes a zone of an area is in [`crate::rules::zones`]. Source: the Notice,
//! measure 4 (unit or building, not to be widened at will).

use crate::base::time::{DAY, Instant, Span, TimeZone};
use crate::model::persons::Persons;
use crate::model::{CaseIdx, Cases, Place, PlaceId, Places};
use crate::search::own_stays::{CaseStays, Visit};
use hashbrown::HashSet;
use rayon::prelude::*;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// The smallest area a place lies in that a zone may be drawn around. Numbers are those of
/// [`Places::text`]; 0 is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Area {
    /// 单元.
    Unit {
        /// 县区.
        county: u32,
        /// 小区.
        compound: u32,
        /// 楼栋.
        building: u32,
        /// 单元.
        unit: u32,
    },
    /// 楼栋.
    Building {
        /// 县区.
        county: u32,
        /// 小区.
        compound: u32,
        /// 楼栋.
        building: u32,
    },
    /// A place of which no building is known.
    Place(PlaceId),
}

impl Area {
    /// The area of a place: its unit if unit and building are known, or the policy says that a
    /// unit of such a place stands alone (a class, a workshop); else its building, else itself.
    pub fn of(places: &Places, id: PlaceId) -> Area {
        let Place { county, compound, building, unit, unit_alone, .. } = *places.get(id);
        match (building, unit) {
            (0, 1..) if unit_alone => Area::Unit { county, compound, building, unit },
            (0, _) => Area::Place(id),
            (_, 0) => Area::Building { county, compound, building },
            _ => Area::Unit { county, compound, building, unit },
        }
    }

    /// Whether it is a unit of a known building, to which it can be raised.
    pub fn is_unit(self) -> bool {
        matches!(self, Area::Unit { building: 1.., .. })
    }

    /// The names of its county and compound, its building and unit; blank where none is known.
    pub fn parts(self, places: &Places) -> [&str; 4] {
        let parts = match self {
            Area::Unit { county, compound, building, unit } => [county, compound, building, unit],
            Area::Building { county, compound, building } => [county, compound, building, 0],
            // A unit says nothing without its building.
            Area::Place(place) => {
                let place = places.get(place);
                [place.county, place.compound, 0, 0]
            }
        };
        parts.map(|part| places.text(part))
    }

    /// Its id in the output: `county/compound/building/unit`, a blank part written `-`, or
    /// `place:ID`.
    pub fn id(self, places: &Places) -> String {
        let part = |number| match places.text(number) {
            "" => "-",
            text => text,
        };
        match self {
            Area::Unit { county, compound, building, unit } => {
                let [a, b, c, d] = [county, compound, building, unit].map(part);
                format!("{a}/{b}/{c}/{d}")
            }
            Area::Building { county, compound, building } => {
                let [a, b, c] = [county, compound, building].map(part);
                format!("{a}/{b}/{c}")
            }
            Area::Place(place) => format!("place:{}", places.id(place)),
        }
    }

    /// Its grain: `unit`, `building` or `place`.
    pub fn level(self) -> &'static str {
        match self {
            Area::Unit { .. } => "unit",
            Area::Building { .. } => "building",
            Area::Place(_) => "place",
        }
    }

    /// The building an area is or is in.
    pub fn building(self) -> Option<Area> {
        match self {
            Area::Unit { building: 0, .. } => None,
            Area::Unit { county, compound, building, .. }
            | Area::Building { county, compound, building } => {
                Some(Area::Building { county, compound, building })
            }
            Area::Place(_) => None,
        }
    }
}

/// How a residence is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResidenceSource {
    /// It stands in `persons`.
    Recorded,
    /// The place of most nights.
    Inferred,
}

/// Where a case lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Residence {
    /// The place.
    pub place: PlaceId,
    /// How it is known.
    pub source: ResidenceSource,
}

/// The least time at one place between 00:00 and 06:00, over all nights, that makes a residence.
const NIGHT_SECONDS: i64 = 3 * 3600;

/// Where each case lives: recorded; else where it spent most seconds between 00:00 and 06:00, at
/// least 3 hours (ties: the smallest place id); else unknown.
pub fn residences(
    cases: &Cases,
    persons: &Persons,
    stays: &CaseStays,
    places: &Places,
    zone: &TimeZone,
) -> Vec<Option<Residence>> {
    let of_case = |visits: &[Visit]| {
        let mut nights: BTreeMap<PlaceId, Vec<Span>> = BTreeMap::new();
        for visit in visits.iter().filter(|visit| !visit.date_only) {
            nights.entry(visit.place).or_default().push(visit.span);
        }
        let seconds = nights.into_iter().map(|(place, mut spans)| {
            crate::base::spans::union(&mut spans);
            (spans.iter().map(|&span| night_seconds(span, zone)).sum::<i64>(), place)
        });
        let enough = seconds.filter(|(seconds, _)| *seconds >= NIGHT_SECONDS);
        let most = enough.max_by_key(|&(seconds, place)| (seconds, Reverse(places.id(place))));
        most.map(|(_, place)| (visits[0].case, place))
    };
    // Visits are in the order of the cases.
    let of_cases = stays.visits().par_chunk_by(|a, b| a.case == b.case);
    let inferred: BTreeMap<CaseIdx, PlaceId> = of_cases.filter_map(of_case).collect();
    let of = |(case, row): (CaseIdx, &crate::model::Case)| {
        let recorded = persons.find(&row.id).and_then(|person| person.residence);
        let recorded = recorded.map(|place| Residence { place, source: ResidenceSource::Recorded });
        recorded.or_else(|| {
            let &place = inferred.get(&case)?;
            Some(Residence { place, source: ResidenceSource::Inferred })
        })
    };
    cases.iter().map(of).collect()
}

/// Whether a residence is recorded for more people than a household has and names no building: a
/// district, a village or a word for unknown is no home to draw a zone around.
pub fn is_too_wide(persons: &Persons, places: &Places, place: PlaceId, most: Option<u32>) -> bool {
    persons.is_home_of_many(place, most) && places.get(place).building == 0
}

/// Seconds of a span that lie between 00:00 and 06:00 local. The cost does not grow with the
/// nights: real exports have rows that start in the year 1.
fn night_seconds(span: Span, zone: &TimeZone) -> i64 {
    const NIGHT: i64 = 6 * 3600;
    // Night seconds up to a local second.
    let until = |local: i64| local.div_euclid(DAY) * NIGHT + local.rem_euclid(DAY).min(NIGHT);
    let of_piece =
        |(piece, offset): (Span, i64)| until(piece.end.0 + offset) - until(piece.start.0 + offset);
    zone.pieces(span).map(of_piece).sum()
}

/// A case at a place inside its window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct There {
    /// Who.
    pub case: CaseIdx,
    /// When.
    pub span: Span,
    /// Whether only the dates of it are known: it counts for days and not for minutes.
    pub date_only: bool,
}

/// What the cases did in an area, inside their windows.
#[derive(Debug, Clone, Default)]
pub struct Presence {
    /// Their stays, in no order.
    pub stays: Vec<There>,
}

/// How often one case was in an area.
#[derive(Debug, Clone, Copy)]
pub struct Attendance {
    /// Who.
    pub case: CaseIdx,
    /// Distinct local dates.
    pub days: u64,
    /// Length of the union of the stays, cut to whole minutes.
    pub minutes: u64,
}

impl Presence {
    /// How often each case was there.
    pub fn of_cases(&self, zone: &TimeZone) -> Vec<Attendance> {
        let mut by_case: BTreeMap<CaseIdx, (Vec<Span>, Vec<Span>)> = BTreeMap::new();
        for &There { case, span, date_only } in &self.stays {
            let (days, times) = by_case.entry(case).or_default();
            let (first, last) = (zone.date(span.start), zone.last_date(span.end));
            days.extend(Span::new(Instant(first.0.into()), Instant(i64::from(last.0) + 1)));
            times.extend((!date_only).then_some(span));
        }
        let attendance = |(case, (mut days, mut times)): (CaseIdx, (Vec<Span>, Vec<Span>))| {
            let days = crate::base::spans::union(&mut days) as u64;
            let minutes = (crate::base::spans::union(&mut times) / 60) as u64;
            Attendance { case, days, minutes }
        };
        by_case.into_iter().map(attendance).collect()
    }

    /// The earliest instant one of some cases was there.
    pub fn since(&self, is_one: impl Fn(CaseIdx) -> bool) -> Option<Instant> {
        self.stays.iter().filter(|there| is_one(there.case)).map(|there| there.span.start).min()
    }
}

/// The areas that cases live in or frequent.
#[derive(Debug, Clone)]
pub struct CaseAreas {
    /// Where each case lives.
    pub residences: Vec<Option<Residence>>,
    /// What cases did at each place they were at inside their windows.
    pub by_place: BTreeMap<PlaceId, Presence>,
    /// Recorded residences of cases.
    pub homes: HashSet<PlaceId>,
}

impl CaseAreas {
    /// From the cases and their stays.
    pub fn new(
        cases: &Cases,
        persons: &Persons,
        stays: &CaseStays,
        places: &Places,
        zone: &TimeZone,
    ) -> CaseAreas {
        let residences = residences(cases, persons, stays, places, zone);
        let recorded = residences.iter().flatten();
        let recorded = recorded.filter(|of| of.source == ResidenceSource::Recorded);
        let homes = recorded.map(|of| of.place).collect();
        let mut by_place: BTreeMap<PlaceId, Presence> = BTreeMap::new();
        for visit in stays.visits() {
            let inside = cases.window(visit.case).and_then(|window| window.overlap(visit.span));
            if let Some(span) = inside {
                let there = There { case: visit.case, span, date_only: visit.date_only };
                by_place.entry(visit.place).or_default().stays.push(there);
            }
        }
        CaseAreas { residences, by_place, homes }
    }
}
