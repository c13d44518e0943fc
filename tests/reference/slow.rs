//! The rules of exposure, slowly: every case's row against every other row, and sets of seconds.
//!
//! Nothing of the program's own algorithms is used: times are those of `jiff`, policies are plain
//! numbers read from the same TOML.

use super::world::{PlaceRow, StayRow, World};
use std::collections::{BTreeMap, BTreeSet};
use trace::policy::Policy;

pub const EARTH: f64 = 6_371_008.8;

/// `2022-11-09` of a day since 1970.
pub fn date(day: i64) -> String {
    jiff::civil::date(1970, 1, 1).checked_add(jiff::Span::new().days(day)).unwrap().to_string()
}

/// Civil time in a zone.
pub struct Time(pub jiff::tz::TimeZone);

impl Time {
    fn zoned(&self, at: i64) -> jiff::Zoned {
        jiff::Timestamp::from_second(at).unwrap().to_zoned(self.0.clone())
    }

    /// The local day of an instant.
    pub fn day(&self, at: i64) -> i64 {
        let epoch = jiff::civil::date(1970, 1, 1);
        i64::from((self.zoned(at).date() - epoch).get_days())
    }

    /// An hour of a local day.
    pub fn hour(&self, day: i64, hour: i8) -> i64 {
        let date: jiff::civil::Date = date(day).parse().unwrap();
        date.at(hour, 0, 0, 0).to_zoned(self.0.clone()).unwrap().timestamp().as_second()
    }

    pub fn midnight(&self, day: i64) -> i64 {
        self.hour(day, 0)
    }

    pub fn show(&self, at: i64) -> String {
        self.zoned(at).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
    }
}

/// A stay with a length, cut to as-of, and the places it is at.
#[derive(Debug, Clone)]
pub struct Stay {
    pub person: String,
    pub start: i64,
    pub end: i64,
    pub places: Vec<String>,
    pub coord: Option<(f64, f64)>,
    pub seat: Option<i64>,
    pub protected: bool,
    pub line: usize,
}

#[derive(Debug, Clone)]
pub struct Case {
    pub id: String,
    pub anchor: i64,
    pub window: (i64, i64),
    pub confirmed: i64,
}

#[derive(Debug, Clone)]
pub struct Hit {
    pub basis: &'static str,
    pub place: Option<String>,
    pub start: i64,
    pub end: i64,
    pub rows: (String, String),
}

pub struct Pair {
    pub hits: Vec<Hit>,
    pub seconds: i64,
    pub peak: i64,
    pub encounters: usize,
    pub qualifies: bool,
    pub household: bool,
    pub first: i64,
    pub last: i64,
    pub last_any: i64,
}

/// Everything up to the pairs.
pub struct Known<'w> {
    pub world: &'w World,
    pub policy: &'w Policy,
    pub time: Time,
    pub as_of: i64,
    pub cases: BTreeMap<String, Case>,
    pub stays: Vec<Stay>,
    pub pairs: BTreeMap<(String, String), Pair>,
}

pub fn metres(a: (f64, f64), b: (f64, f64)) -> f64 {
    let (la, lb) = (a.1.to_radians(), b.1.to_radians());
    let (dla, dlo) = ((lb - la) / 2.0, (b.0 - a.0).to_radians() / 2.0);
    let h = dla.sin().powi(2) + la.cos() * lb.cos() * dlo.sin().powi(2);
    2.0 * EARTH * h.sqrt().min(1.0).asin()
}

impl<'w> Known<'w> {
    pub fn new(world: &'w World, policy: &'w Policy) -> Known<'w> {
        let time = Time(jiff::tz::TimeZone::get(&policy.timezone).unwrap());
        let last = world.cases.iter().map(|case| case.confirmed).max().unwrap();
        let as_of = world.as_of.unwrap_or_else(|| time.midnight(time.day(last) + 1));
        let mut cases = BTreeMap::new();
        for row in world.cases.iter().filter(|row| row.confirmed <= as_of) {
            let anchor = time.day(row.onset.or(row.sampled).unwrap_or(row.confirmed));
            let start = time.midnight(anchor - i64::from(policy.exposure.lookback_days));
            let mut end = as_of;
            if let Some(isolated) = row.isolated {
                end = end.min(isolated);
            }
            if let Some(days) = policy.exposure.after_days {
                end = end.min(time.midnight(anchor + i64::from(days) + 1));
            }
            let (id, confirmed) = (row.id.clone(), row.confirmed);
            cases.insert(id.clone(), Case { id, anchor, window: (start, end), confirmed });
        }
        let stays = stays(world, policy, as_of);
        let mut known = Known { world, policy, time, as_of, cases, stays, pairs: BTreeMap::new() };
        let mut hits: BTreeMap<(String, String), Vec<Hit>> = BTreeMap::new();
        for case in known.cases.values() {
            known.hits_of_stays(case, &mut hits);
            known.hits_of_rows(case, &mut hits);
            known.hits_of_households(case, &mut hits);
        }
        for (key, hits) in hits {
            let pair = known.pair(hits);
            known.pairs.insert(key, pair);
        }
        known
    }

    pub fn place(&self, id: &str) -> PlaceRow {
        let known = self.world.places.iter().find(|place| place.id == id);
        let unknown = PlaceRow { id: id.to_owned(), enclosed: true, ..PlaceRow::default() };
        known.cloned().unwrap_or(unknown)
    }

    pub fn residence(&self, person: &str) -> Option<String> {
        self.world.persons.iter().find(|p| p.id == person)?.residence.clone()
    }

    fn hits_of_stays(&self, case: &Case, hits: &mut BTreeMap<(String, String), Vec<Hit>>) {
        let e = &self.policy.exposure;
        for s in self.stays.iter().filter(|s| s.person == case.id) {
            for t in self.stays.iter().filter(|t| t.person != case.id && !t.protected) {
                let start = s.start.max(t.start).max(case.window.0);
                let end = s.end.min(t.end).min(case.window.1);
                if start >= end {
                    continue;
                }
                let rows = (
                    format!("trajectories.csv:{}", s.line),
                    format!("trajectories.csv:{}", t.line),
                );
                let mut hit = |basis, place| {
                    let rows = rows.clone();
                    let key = (case.id.clone(), t.person.clone());
                    hits.entry(key).or_default().push(Hit { basis, place, start, end, rows });
                };
                for place in s.places.iter().filter(|place| t.places.contains(place)) {
                    let known = self.place(place);
                    if known.kind == "transport" {
                        match (s.seat, t.seat) {
                            (Some(a), Some(b)) if (a - b).abs() <= i64::from(e.transport_rows) => {
                                hit("transport", Some(place.clone()));
                            }
                            (Some(_), Some(_)) => {}
                            _ => hit("seat_unknown", Some(place.clone())),
                        }
                    } else if known.enclosed || known.dense {
                        hit("venue", Some(place.clone()));
                    }
                }
                if let (Some(a), Some(b)) = (s.coord, t.coord)
                    && metres(a, b) <= e.gps_m
                {
                    hit("gps", None);
                }
            }
        }
    }

    fn hits_of_rows(&self, case: &Case, hits: &mut BTreeMap<(String, String), Vec<Hit>>) {
        for (n, row) in self.world.colocations.iter().enumerate() {
            let other = if row.a == case.id {
                &row.b
            } else if row.b == case.id {
                &row.a
            } else {
                continue;
            };
            let near = row.distance.is_none_or(|d| d <= self.policy.exposure.proximity_m);
            let start = row.start.max(case.window.0);
            let end = (row.start + row.seconds).min(case.window.1);
            if near && !row.protected && start < end {
                let line = format!("colocations.csv:{}", n + 2);
                let hit = Hit {
                    basis: "proximity",
                    place: row.place.clone(),
                    start,
                    end,
                    rows: (line.clone(), line),
                };
                hits.entry((case.id.clone(), other.clone())).or_default().push(hit);
            }
        }
    }

    fn hits_of_households(&self, case: &Case, hits: &mut BTreeMap<(String, String), Vec<Hit>>) {
        let persons = &self.world.persons;
        let Some(own) = persons.iter().position(|p| p.id == case.id) else { return };
        if persons[own].residence.is_none() || case.window.0 >= case.window.1 {
            return;
        }
        for (n, other) in persons.iter().enumerate() {
            if other.id != case.id && other.residence == persons[own].residence {
                let line = |n| format!("persons.csv:{}", n + 2);
                let hit = Hit {
                    basis: "household",
                    place: other.residence.clone(),
                    start: case.window.0,
                    end: case.window.1,
                    rows: (line(own), line(n)),
                };
                hits.entry((case.id.clone(), other.id.clone())).or_default().push(hit);
            }
        }
    }

    fn pair(&self, hits: Vec<Hit>) -> Pair {
        let e = &self.policy.exposure;
        let counted = |hit: &&Hit| !["household", "seat_unknown"].contains(&hit.basis);
        let dense = |hit: &&Hit| hit.place.as_ref().is_some_and(|place| self.place(place).dense);
        let all = intervals(hits.iter().filter(counted));
        let crowded = intervals(hits.iter().filter(counted).filter(dense));
        let peak = peak(&all, i64::from(e.window_hours) * 3600);
        let dense_peak = self::peak(&crowded, i64::from(e.window_hours) * 3600);
        let household = hits.iter().any(|hit| hit.basis == "household");
        let reaches = |peak: i64, minutes: u32| peak > 0 && peak >= 60 * i64::from(minutes);
        let qualifies =
            household || reaches(peak, e.min_minutes) || reaches(dense_peak, e.dense_min_minutes);
        let strong: Vec<&Hit> = hits.iter().filter(|hit| hit.basis != "seat_unknown").collect();
        Pair {
            seconds: all.iter().map(|(start, end)| end - start).sum(),
            peak,
            encounters: all.len(),
            qualifies,
            household,
            first: strong.iter().map(|hit| hit.start).min().unwrap_or(0),
            last: strong.iter().map(|hit| hit.end).max().unwrap_or(0),
            last_any: hits.iter().map(|hit| hit.end).max().unwrap(),
            hits,
        }
    }
}

fn stays(world: &World, policy: &Policy, as_of: i64) -> Vec<Stay> {
    let e = &policy.exposure;
    let mut stays = Vec::new();
    for (n, row) in world.stays.iter().enumerate() {
        let StayRow { person, start, seat, protected, .. } = row.clone();
        let coord = if row.place.is_some() { None } else { row.coord };
        if coord.is_some() && row.accuracy.is_some_and(|a| a > e.max_accuracy_m) {
            continue;
        }
        let length = if coord.is_some() {
            i64::from(e.ping_seconds)
        } else {
            i64::from(e.checkin_minutes) * 60
        };
        let end = row.end.filter(|&end| end != start).unwrap_or(start + length).min(as_of);
        if start >= as_of {
            continue;
        }
        let places = match (&row.place, coord) {
            (Some(place), _) => vec![place.clone()],
            (None, Some(at)) => world
                .places
                .iter()
                .filter(|p| p.circle.is_some_and(|(x, y, r)| metres((x, y), at) <= r))
                .map(|p| p.id.clone())
                .collect(),
            (None, None) => unreachable!("a stay is somewhere"),
        };
        stays.push(Stay { person, start, end, places, coord, seat, protected, line: n + 2 });
    }
    stays
}

/// The union of hits, as disjoint intervals: by looking at every boundary.
pub fn intervals<'a>(hits: impl Iterator<Item = &'a Hit>) -> Vec<(i64, i64)> {
    union(&hits.map(|hit| (hit.start, hit.end)).collect::<Vec<_>>())
}

pub fn union(spans: &[(i64, i64)]) -> Vec<(i64, i64)> {
    let edges: BTreeSet<i64> = spans.iter().flat_map(|&(a, b)| [a, b]).collect();
    let edges: Vec<i64> = edges.into_iter().collect();
    let mut joined: Vec<(i64, i64)> = Vec::new();
    for pair in edges.windows(2) {
        let (a, b) = (pair[0], pair[1]);
        if !spans.iter().any(|&(start, end)| start <= a && b <= end) {
            continue;
        }
        match joined.last_mut() {
            Some(last) if last.1 == a => last.1 = b,
            _ => joined.push((a, b)),
        }
    }
    joined
}

/// The most seconds inside a window: every window that begins or ends at an edge is tried.
fn peak(spans: &[(i64, i64)], window: i64) -> i64 {
    if window == 0 {
        return spans.iter().map(|(a, b)| b - a).max().unwrap_or(0);
    }
    let edges = spans.iter().flat_map(|&(a, b)| [a, b, a - window, b - window]);
    let inside = |from: i64| -> i64 {
        spans.iter().map(|&(a, b)| (b.min(from + window) - a.max(from)).max(0)).sum()
    };
    edges.map(inside).max().unwrap_or(0)
}
