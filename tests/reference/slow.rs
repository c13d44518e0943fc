//! The rules of exposure, slowly: every case's row against every other row, and sets of seconds.
//!
//! Nothing of the program's own algorithms is used: times are those of `jiff`, policies are plain
//! numbers read from the same TOML.

use super::world::{CaseRow, ColocationRow, PlaceRow, StayRow, World};
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

/// Which rules are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rules {
    /// Those of today.
    Today,
    /// Those before open stays, crowds and the like: what is open lasts as long as the policy says,
    /// every place is a room, and a home a household.
    Earlier,
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
    pub date_only: bool,
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
    /// The coordinate that both were at, number for number.
    pub exactly: Option<(f64, f64)>,
}

/// Whether a match is for somebody to check only.
pub fn is_weak(hit: &Hit) -> bool {
    ["crowd", "date_only", "seat_unknown", "shared_position"].contains(&hit.basis)
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
    pub rules: Rules,
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
    pub fn new(world: &'w World, policy: &'w Policy, rules: Rules) -> Known<'w> {
        let time = Time(jiff::tz::TimeZone::get(&policy.timezone).unwrap());
        let episodes = episodes(world, policy, &time);
        let last = episodes.iter().map(|row| row.confirmed).max().unwrap();
        let as_of = world.as_of.unwrap_or_else(|| time.midnight(time.day(last) + 1));
        let mut cases = BTreeMap::new();
        // Of a person the last illness stays.
        for row in episodes.iter().filter(|row| row.confirmed <= as_of) {
            let case = case(row, policy, &time, as_of);
            cases.insert(row.id.clone(), case);
        }
        let stays = stays(world, policy, &time, as_of, rules);
        let pairs = BTreeMap::new();
        let mut known = Known { world, policy, rules, time, as_of, cases, stays, pairs };
        let mut hits: BTreeMap<(String, String), Vec<Hit>> = BTreeMap::new();
        for case in known.cases.values() {
            known.hits_of_stays(case, &mut hits);
            known.hits_of_rows(case, &mut hits);
            known.hits_of_households(case, &mut hits);
        }
        if rules == Rules::Today {
            known.share_positions(&mut hits);
            known.crowd(&mut hits);
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
                let exactly = s.coord.filter(|_| s.coord == t.coord);
                let mut hit = |basis, place| {
                    let rows = rows.clone();
                    let key = (case.id.clone(), t.person.clone());
                    let undated = (s.date_only || t.date_only) && basis != "seat_unknown";
                    let basis = if undated { "date_only" } else { basis };
                    let hit = Hit { basis, place, start, end, rows, exactly };
                    hits.entry(key).or_default().push(hit);
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
            let e = &self.policy.exposure;
            let near = row.distance.is_none_or(|d| d <= e.proximity_m)
                && !row.rssi.is_some_and(|rssi| e.min_rssi_dbm.is_some_and(|min| rssi < min));
            let start = row.start.max(case.window.0);
            let end = self.end_of_row(row).min(case.window.1);
            if near && !row.protected && start < end && row.start < self.as_of {
                let line = format!("colocations.csv:{}", n + 2);
                let hit = Hit {
                    basis: "proximity",
                    place: row.place.clone(),
                    start,
                    end,
                    rows: (line.clone(), line),
                    exactly: None,
                };
                hits.entry((case.id.clone(), other.clone())).or_default().push(hit);
            }
        }
    }

    /// When a co-location ends: a sighting is held until the next row of the two, if that comes
    /// soon.
    fn end_of_row(&self, row: &ColocationRow) -> i64 {
        if row.seconds > 0 || self.rules == Rules::Earlier {
            return row.start + row.seconds;
        }
        let e = &self.policy.exposure;
        let two = |row: &ColocationRow| BTreeSet::from([row.a.clone(), row.b.clone()]);
        let rows = self.world.colocations.iter().filter(|other| two(other) == two(row));
        let later = rows.map(|other| other.start).filter(|&at| at > row.start && at < self.as_of);
        match later.min() {
            Some(next) if next - row.start <= 60 * i64::from(e.ping_gap_minutes) => next,
            _ => row.start + i64::from(e.ping_seconds),
        }
    }

    fn hits_of_households(&self, case: &Case, hits: &mut BTreeMap<(String, String), Vec<Hit>>) {
        let persons = &self.world.persons;
        let Some(own) = persons.iter().position(|p| p.id == case.id) else { return };
        if persons[own].residence.is_none() || case.window.0 >= case.window.1 {
            return;
        }
        let home = persons.iter().filter(|p| p.residence == persons[own].residence).count();
        let most = self.policy.exposure.household_max;
        if self.rules == Rules::Today && most.is_some_and(|most| home > most as usize) {
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
                    exactly: None,
                };
                hits.entry((case.id.clone(), other.id.clone())).or_default().push(hit);
            }
        }
    }

    /// Positions at which very many people are exactly.
    fn share_positions(&self, hits: &mut BTreeMap<(String, String), Vec<Hit>>) {
        let Some(most) = self.policy.exposure.shared_position_persons else { return };
        let bits = |at: (f64, f64)| (at.0.to_bits(), at.1.to_bits());
        let mut there: BTreeMap<(u64, u64), BTreeSet<String>> = BTreeMap::new();
        for ((case, person), hits) in hits.iter() {
            for at in hits.iter().filter(|hit| hit.basis == "gps").filter_map(|hit| hit.exactly) {
                there.entry(bits(at)).or_default().extend([case.clone(), person.clone()]);
            }
        }
        for hit in hits.values_mut().flatten().filter(|hit| hit.basis == "gps") {
            if hit.exactly.is_some_and(|at| there[&bits(at)].len() > most as usize) {
                hit.basis = "shared_position";
            }
        }
    }

    /// Places at which, at some moment, very many people are together with one case.
    fn crowd(&self, hits: &mut BTreeMap<(String, String), Vec<Hit>>) {
        let Some(most) = self.policy.exposure.room_persons else { return };
        type Visit = (String, i64, i64);
        let mut rooms: BTreeMap<(String, String), Vec<Visit>> = BTreeMap::new();
        for ((case, person), hits) in hits.iter() {
            for hit in hits.iter().filter(|hit| hit.basis == "venue") {
                let room = (case.clone(), hit.place.clone().unwrap());
                rooms.entry(room).or_default().push((person.clone(), hit.start, hit.end));
            }
        }
        for ((case, _), hits) in hits.iter_mut() {
            for hit in hits.iter_mut().filter(|hit| hit.basis == "venue") {
                let place = hit.place.clone().unwrap();
                if self.place(&place).dense {
                    continue;
                }
                let room = &rooms[&(case.clone(), place)];
                // There are most people right after somebody came.
                let moments = room.iter().map(|(_, start, _)| *start);
                let crowded = moments.filter(|at| (hit.start..hit.end).contains(at)).any(|at| {
                    let there = room.iter().filter(|(_, start, end)| (*start..*end).contains(&at));
                    there.map(|(person, ..)| person).collect::<BTreeSet<_>>().len() > most as usize
                });
                if crowded {
                    hit.basis = "crowd";
                }
            }
        }
    }

    fn pair(&self, hits: Vec<Hit>) -> Pair {
        let e = &self.policy.exposure;
        let counted = |hit: &&Hit| hit.basis != "household" && !is_weak(hit);
        let dense = |hit: &&Hit| hit.place.as_ref().is_some_and(|place| self.place(place).dense);
        let all = intervals(hits.iter().filter(counted));
        let crowded = intervals(hits.iter().filter(counted).filter(dense));
        let peak = peak(&all, i64::from(e.window_hours) * 3600);
        let dense_peak = self::peak(&crowded, i64::from(e.window_hours) * 3600);
        let household = hits.iter().any(|hit| hit.basis == "household");
        let reaches = |peak: i64, minutes: u32| peak > 0 && peak >= 60 * i64::from(minutes);
        let qualifies =
            household || reaches(peak, e.min_minutes) || reaches(dense_peak, e.dense_min_minutes);
        let strong: Vec<&Hit> = hits.iter().filter(|hit| !is_weak(hit)).collect();
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

/// Whether an onset or a sampling can be one.
fn can_be(at: &i64, confirmed: i64, policy: &Policy, time: &Time) -> bool {
    let days = time.day(confirmed) - time.day(*at);
    days >= 0 && policy.exposure.max_onset_days.is_none_or(|most| days <= i64::from(most))
}

fn anchor(row: &CaseRow, policy: &Policy, time: &Time) -> i64 {
    let fits = |at: &i64| can_be(at, row.confirmed, policy, time);
    time.day(row.onset.filter(fits).or(row.sampled.filter(fits)).unwrap_or(row.confirmed))
}

/// For each person the rows that count of each illness, one after the other.
fn episodes(world: &World, policy: &Policy, time: &Time) -> Vec<CaseRow> {
    let mut kept = Vec::new();
    let people: BTreeSet<&String> = world.cases.iter().map(|row| &row.id).collect();
    for person in people {
        let mut rows: Vec<&CaseRow> = world.cases.iter().filter(|row| row.id == *person).collect();
        rows.sort_by_key(|row| anchor(row, policy, time));
        while let Some(first) = rows.first().map(|row| anchor(row, policy, time)) {
            let apart = policy.exposure.reinfection_days.map_or(i64::MAX, i64::from);
            let is_same = |row: &&&CaseRow| anchor(row, policy, time) - first < apart;
            let of_one: Vec<&CaseRow> = rows.iter().filter(is_same).copied().collect();
            rows.retain(|row| !is_same(&row));
            let key = |row: &&&CaseRow| (row.confirmed, anchor(row, policy, time), row.text());
            kept.push((*of_one.iter().min_by_key(key).unwrap()).clone());
        }
    }
    kept
}

fn case(row: &CaseRow, policy: &Policy, time: &Time, as_of: i64) -> Case {
    let e = &policy.exposure;
    let anchor = anchor(row, policy, time);
    let start = time.midnight(anchor - i64::from(e.lookback_days));
    // 2100-01-01 is day 47 482.
    let isolated = row.isolated.filter(|&at| at > start && at < time.midnight(47_482));
    let closed = isolated.or_else(|| {
        Some(time.midnight(time.day(row.confirmed) + i64::from(e.unisolated_days?) + 1))
    });
    let after = e.after_days.map(|days| time.midnight(anchor + i64::from(days) + 1));
    let end = [closed, after].into_iter().flatten().fold(as_of, i64::min);
    Case { id: row.id.clone(), anchor, window: (start, end), confirmed: row.confirmed }
}

/// A row of a stay that is used: its start, its end if it has one, and whether only dates are
/// known.
struct Used<'w> {
    row: &'w StayRow,
    line: usize,
    start: i64,
    end: Option<i64>,
    date_only: bool,
    coord: Option<(f64, f64)>,
}

fn used<'w>(world: &'w World, policy: &Policy, time: &Time, as_of: i64) -> Vec<Used<'w>> {
    let e = &policy.exposure;
    let mut used = Vec::new();
    for (n, row) in world.stays.iter().enumerate() {
        let coord = if row.place.is_some() { None } else { row.coord };
        let inaccurate = |a: f64| a < 0.0 || a > e.max_accuracy_m;
        if coord == Some((0.0, 0.0)) || coord.is_some() && row.accuracy.is_some_and(inaccurate) {
            continue;
        }
        let (mut start, mut end) = (row.start, row.end.filter(|&end| end != row.start));
        if let Some((first, last)) = row.dates {
            (start, end) = (time.midnight(first), Some(time.midnight(last.unwrap_or(first) + 1)));
        }
        let date_only = row.dates.is_some() && !e.date_only_counts;
        if start < as_of {
            used.push(Used { row, line: n + 2, start, end, date_only, coord });
        }
    }
    used
}

/// When a stay without an end ends: where the person is next, and no later than it lasts; a
/// position is held until a next one that is near and comes soon.
fn open_end(stay: &Used<'_>, used: &[Used<'_>], policy: &Policy, rules: Rules) -> i64 {
    let e = &policy.exposure;
    let most = stay.start
        + if stay.coord.is_some() {
            i64::from(e.ping_seconds)
        } else {
            60 * i64::from(e.checkin_minutes)
        };
    let person = &stay.row.person;
    let others = used.iter().filter(|other| other.row.person == *person && !other.date_only);
    let later: Vec<&Used<'_>> = others.filter(|other| other.start > stay.start).collect();
    let next = later.iter().map(|other| other.start).min();
    let Some(next) = next.filter(|_| rules == Rules::Today) else { return most };
    let near = later.iter().filter(|other| other.start == next).any(|other| {
        let both = stay.coord.zip(other.coord);
        both.is_some_and(|(a, b)| metres(a, b) <= e.gps_m)
    });
    let soon = next - stay.start <= 60 * i64::from(e.ping_gap_minutes);
    if near && soon { next } else { most.min(next) }
}

fn stays(world: &World, policy: &Policy, time: &Time, as_of: i64, rules: Rules) -> Vec<Stay> {
    let used = used(world, policy, time, as_of);
    let widest = policy.exposure.max_radius_m.filter(|_| rules == Rules::Today);
    let mut stays = Vec::new();
    for stay in &used {
        let end = stay.end.unwrap_or_else(|| open_end(stay, &used, policy, rules)).min(as_of);
        let holds = |p: &&PlaceRow| {
            let reach = |r: f64| widest.map_or(r, |widest| r.min(widest));
            let inside = |(x, y, r)| metres((x, y), stay.coord.unwrap()) <= reach(r);
            p.circle.is_some_and(inside)
        };
        let places = match &stay.row.place {
            Some(place) => vec![place.clone()],
            None => world.places.iter().filter(holds).map(|p| p.id.clone()).collect(),
        };
        let StayRow { person, seat, protected, .. } = stay.row.clone();
        let Used { start, date_only, coord, line, .. } = *stay;
        stays.push(Stay { person, start, end, places, coord, seat, protected, date_only, line });
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
