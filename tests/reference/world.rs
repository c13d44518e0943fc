//! A random small world, and its export folder.

use std::fmt::Write;
use std::path::Path;

/// A random number generator of three lines; what bytes say comes before what chance says.
pub struct Rng {
    state: u64,
    /// The last one is the next.
    bytes: Vec<u8>,
}

impl Rng {
    pub fn new(seed: u64) -> Rng {
        Rng { state: seed, bytes: Vec::new() }
    }

    /// Numbers that bytes say, two of them each.
    pub fn of_bytes(bytes: &[u8]) -> Rng {
        Rng { bytes: bytes.iter().rev().copied().collect(), ..Rng::new(1) }
    }

    pub fn below(&mut self, n: u64) -> u64 {
        if let (Some(high), Some(low)) = (self.bytes.pop(), self.bytes.pop()) {
            return ((u64::from(high) << 8 | u64::from(low)) * n) >> 16;
        }
        self.state = self.state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        ((self.state >> 33) * n) >> 31
    }

    pub fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }

    pub fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len() as u64) as usize]
    }
}

#[derive(Debug, Clone)]
pub struct CaseRow {
    pub id: String,
    pub onset: Option<i64>,
    pub sampled: Option<i64>,
    pub confirmed: i64,
    pub isolated: Option<i64>,
    pub imported: bool,
}

#[derive(Debug, Clone)]
pub struct StayRow {
    pub person: String,
    pub start: i64,
    pub end: Option<i64>,
    pub place: Option<String>,
    pub coord: Option<(f64, f64)>,
    pub accuracy: Option<f64>,
    pub seat: Option<i64>,
    pub protected: bool,
    /// In place of the times: the first day since 1970, and the last one.
    pub dates: Option<(i64, Option<i64>)>,
}

#[derive(Debug, Clone)]
pub struct ColocationRow {
    pub a: String,
    pub b: String,
    pub start: i64,
    pub seconds: i64,
    pub place: Option<String>,
    pub distance: Option<f64>,
    pub rssi: Option<f64>,
    pub protected: bool,
}

#[derive(Debug, Clone, Default)]
pub struct PlaceRow {
    pub id: String,
    pub kind: String,
    pub unit: String,
    pub building: String,
    pub compound: String,
    pub county: String,
    pub circle: Option<(f64, f64, f64)>,
    pub enclosed: bool,
    pub dense: bool,
}

#[derive(Debug, Clone)]
pub struct PersonRow {
    pub id: String,
    pub residence: Option<String>,
    /// A day since 1970.
    pub closed_loop_end: Option<i64>,
}

#[derive(Debug, Clone)]
pub struct World {
    pub cases: Vec<CaseRow>,
    pub stays: Vec<StayRow>,
    pub colocations: Vec<ColocationRow>,
    pub places: Vec<PlaceRow>,
    pub persons: Vec<PersonRow>,
    pub as_of: Option<i64>,
}

/// 2022-11-01T00:00:00Z.
pub const START: i64 = 1_667_260_800;
const DAY: u64 = 86_400;

impl World {
    pub fn random(seed: u64, people: u64, rows: u64) -> World {
        World::drawn(Rng::new(seed), people, rows)
    }

    pub fn drawn(mut rng: Rng, people: u64, rows: u64) -> World {
        let ids: Vec<String> = (0..people).map(|n| format!("P{n}")).collect();
        let places = places(&mut rng);
        // One place in six is not in the table.
        let mut place_ids: Vec<String> = places.iter().map(|place| place.id.clone()).collect();
        place_ids.push("elsewhere".to_owned());
        let persons = ids
            .iter()
            .filter_map(|id| {
                let residence = (!rng.one_in(3)).then(|| rng.pick(&place_ids).clone());
                let day = START / 86_400 + rng.below(14) as i64;
                let closed_loop_end = rng.one_in(5).then_some(day);
                let kept = !rng.one_in(6);
                kept.then(|| PersonRow { id: id.clone(), residence, closed_loop_end })
            })
            .collect();
        let mut cases: Vec<CaseRow> = Vec::new();
        for id in &ids {
            if rng.one_in(3) || cases.is_empty() {
                cases.push(case(&mut rng, id));
                while rng.one_in(4) {
                    cases.push(again(&mut rng, id));
                }
            }
        }
        let mut stays: Vec<StayRow> = (0..rows).map(|_| stay(&mut rng, &ids, &place_ids)).collect();
        for _ in 0..rows / 12 {
            log(&mut rng, &ids, &place_ids, &mut stays);
        }
        let mut colocations: Vec<ColocationRow> =
            (0..rows / 6).map(|_| colocation(&mut rng, &ids, &place_ids)).collect();
        for _ in 0..rows / 30 {
            sightings(&mut rng, &ids, &mut colocations);
        }
        // Exports repeat their rows.
        for _ in 0..rows / 20 {
            let row = rng.pick(&stays).clone();
            stays.push(row);
        }
        let last = cases.iter().map(|case| case.confirmed).max().unwrap();
        let of_now = |confirmed: &i64| *confirmed >= START;
        let first = cases.iter().map(|case| case.confirmed).filter(of_now).min().unwrap_or(START);
        let last = last.min(START + 14 * DAY as i64).max(first);
        let at_random = first + rng.below((last - first + 200_000) as u64) as i64;
        // Often just when a case is confirmed.
        let as_of = match rng.below(6) {
            0 => Some(at_random),
            1 => Some(rng.pick(&cases).confirmed.clamp(first, last)),
            _ => None,
        };
        World { cases, stays, colocations, places, persons, as_of }
    }

    /// Adds three groups of people: so many in a hall with the case P0, at one coordinate with it,
    /// and at its home.
    pub fn together(&mut self, hall: usize, mast: usize, home: usize) {
        let at = self.cases[0].confirmed - 86_400;
        let stay = |person: String, start: i64, place: Option<&str>| StayRow {
            person,
            start,
            end: Some(start + 1200),
            place: place.map(str::to_owned),
            coord: place.is_none().then_some((120.0, 30.0)),
            accuracy: None,
            seat: None,
            protected: false,
            dates: None,
        };
        let of = |group: &str, n: usize| (0..n).map(|n| format!("{group}{n}")).collect::<Vec<_>>();
        for person in of("H", hall).into_iter().chain(["P0".to_owned()]) {
            self.stays.push(stay(person, at, Some("hall")));
        }
        for person in of("M", mast).into_iter().chain(["P0".to_owned()]) {
            self.stays.push(stay(person, at + 3600, None));
        }
        for id in of("R", home).into_iter().chain(["P0".to_owned()]) {
            let residence = Some("home".to_owned());
            self.persons.push(PersonRow { id, residence, closed_loop_end: None });
        }
    }

    pub fn write(&self, dir: &Path) {
        let opt = |n: Option<i64>| n.map(|n| n.to_string()).unwrap_or_default();
        let num = |n: Option<f64>| n.map(|n| n.to_string()).unwrap_or_default();
        let mut text = "person_id,onset,sampled,confirmed,isolated,imported\n".to_owned();
        for c in &self.cases {
            writeln!(text, "{}", c.text()).unwrap();
        }
        std::fs::write(dir.join("cases.csv"), text).unwrap();
        let header = "person_id,start,end,place_id,lon,lat,accuracy_m,seat_row,protected\n";
        let mut text = header.to_owned();
        for s in &self.stays {
            let (lon, lat) = (num(s.coord.map(|c| c.0)), num(s.coord.map(|c| c.1)));
            let place = s.place.clone().unwrap_or_default();
            let (accuracy, seat) = (num(s.accuracy), opt(s.seat));
            let (mut start, mut end, protected) =
                (s.start.to_string(), opt(s.end), u8::from(s.protected));
            if let Some((first, last)) = s.dates {
                start = super::slow::date(first);
                end = last.map(super::slow::date).unwrap_or_default();
            }
            writeln!(
                text,
                "{},{start},{end},{place},{lon},{lat},{accuracy},{seat},{protected}",
                s.person
            )
            .unwrap();
        }
        std::fs::write(dir.join("trajectories.csv"), text).unwrap();
        let header = "person_a,person_b,start,seconds,place_id,distance_m,protected,rssi\n";
        let mut text = header.to_owned();
        for c in &self.colocations {
            let (place, distance) = (c.place.clone().unwrap_or_default(), num(c.distance));
            let (protected, rssi) = (u8::from(c.protected), num(c.rssi));
            writeln!(
                text,
                "{},{},{},{},{place},{distance},{protected},{rssi}",
                c.a, c.b, c.start, c.seconds
            )
            .unwrap();
        }
        std::fs::write(dir.join("colocations.csv"), text).unwrap();
        let header =
            "place_id,kind,unit,building,compound,county,lon,lat,radius_m,enclosed,dense\n";
        let mut text = header.to_owned();
        for p in &self.places {
            let (lon, lat, radius) = p.circle.map_or_else(Default::default, |(x, y, r)| {
                (x.to_string(), y.to_string(), r.to_string())
            });
            let PlaceRow { id, kind, unit, building, compound, county, .. } = p;
            let (enclosed, dense) = (u8::from(p.enclosed), u8::from(p.dense));
            writeln!(
                text,
                "{id},{kind},{unit},{building},{compound},{county},{lon},{lat},{radius},{enclosed},{dense}"
            )
            .unwrap();
        }
        std::fs::write(dir.join("places.csv"), text).unwrap();
        let mut text = "person_id,residence,closed_loop_end\n".to_owned();
        for p in &self.persons {
            let end = p.closed_loop_end.map(super::slow::date).unwrap_or_default();
            writeln!(text, "{},{},{end}", p.id, p.residence.clone().unwrap_or_default()).unwrap();
        }
        std::fs::write(dir.join("persons.csv"), text).unwrap();
    }
}

impl CaseRow {
    /// The row as it is written.
    pub fn text(&self) -> String {
        let opt = |n: Option<i64>| n.map(|n| n.to_string()).unwrap_or_default();
        let (onset, sampled, isolated) = (opt(self.onset), opt(self.sampled), opt(self.isolated));
        let (id, confirmed, imported) = (&self.id, self.confirmed, u8::from(self.imported));
        format!("{id},{onset},{sampled},{confirmed},{isolated},{imported}")
    }
}

fn places(rng: &mut Rng) -> Vec<PlaceRow> {
    (0..3 + rng.below(8))
        .map(|n| {
            let addressed = rng.one_in(2);
            let blank = |rng: &mut Rng, of: &[&str]| {
                if rng.one_in(4) { String::new() } else { (*rng.pick(of)).to_owned() }
            };
            let circle = rng.one_in(2).then(|| {
                let (lon, lat) = coord(rng);
                (lon, lat, if rng.one_in(8) { 150.0 } else { rng.below(60) as f64 })
            });
            PlaceRow {
                id: format!("V{n}"),
                kind: (*rng.pick(&["", "shop", "transport", "medical", "residence"])).to_owned(),
                unit: if addressed { blank(rng, &["1", "2", "3"]) } else { String::new() },
                building: if addressed { blank(rng, &["1", "2"]) } else { String::new() },
                compound: blank(rng, &["East"]),
                county: blank(rng, &["Binjiang", "西湖区"]),
                circle,
                enclosed: !rng.one_in(4),
                dense: rng.one_in(4),
            }
        })
        .collect()
}

/// One of a few hundred points some metres apart.
fn coord(rng: &mut Rng) -> (f64, f64) {
    let step = |n: u64| n as f64 * 0.00004;
    let round = |x: f64| (x * 1e6).round() / 1e6;
    (round(120.0 + step(rng.below(6))), round(30.0 + step(rng.below(6))))
}

/// Often on a full hour, and often at midnight somewhere.
fn moment(rng: &mut Rng, days: u64) -> i64 {
    let day = rng.below(days) * DAY;
    let second = match rng.below(4) {
        0 => 16 * 3600,
        1 => rng.below(24) * 3600,
        2 => rng.below(288) * 300,
        _ => rng.below(DAY),
    };
    START + (day + second) as i64
}

fn case(rng: &mut Rng, id: &str) -> CaseRow {
    let confirmed = moment(rng, 12);
    let before = |rng: &mut Rng| match rng.below(12) {
        // Slips of the pen: another year, and a day that is still to come.
        0 => confirmed - 365 * DAY as i64,
        1 => confirmed + rng.below(2 * DAY) as i64,
        2 => confirmed - (29 * DAY + rng.below(3 * DAY)) as i64,
        _ => confirmed - rng.below(4 * DAY) as i64,
    };
    let isolated = match rng.below(12) {
        0 => 86_399,
        // 2099-12-31 and 2100-01-01 somewhere.
        1 => 4_102_444_800 - 40_000 + rng.below(80_000) as i64,
        2 => 253_402_214_400,
        _ => confirmed + rng.below(DAY) as i64 - 20_000,
    };
    CaseRow {
        id: id.to_owned(),
        onset: (!rng.one_in(3)).then(|| before(rng)),
        sampled: (!rng.one_in(3)).then(|| before(rng)),
        confirmed,
        isolated: (!rng.one_in(3)).then_some(isolated),
        imported: rng.one_in(4),
    }
}

/// Another row of a case: of the same illness or of another one, months ago or still to come.
fn again(rng: &mut Rng, id: &str) -> CaseRow {
    let days = *rng.pick(&[0, 0, -88, -90, -92, -120, -200, 91]) * DAY as i64;
    let row = case(rng, id);
    let moved = |at: Option<i64>| at.map(|at| at + days);
    CaseRow {
        onset: moved(row.onset),
        sampled: moved(row.sampled),
        confirmed: row.confirmed + days,
        isolated: moved(row.isolated),
        ..row
    }
}

fn stay(rng: &mut Rng, ids: &[String], places: &[String]) -> StayRow {
    let start = moment(rng, 13);
    let length = match rng.below(5) {
        0 => 0,
        1 => rng.below(1200),
        2 => 600,
        3 => rng.below(10 * 3600),
        _ => 8 * 3600,
    };
    let at_place = !rng.one_in(3);
    let day = start / DAY as i64;
    StayRow {
        person: rng.pick(ids).clone(),
        start,
        end: (!rng.one_in(3)).then_some(start + length as i64),
        place: at_place.then(|| rng.pick(places).clone()),
        coord: (!at_place || rng.one_in(5)).then(|| coord(rng)),
        accuracy: rng.one_in(3).then(|| *rng.pick(&[5.0, 50.0, 50.5, -1.0])),
        seat: (!rng.one_in(3)).then(|| rng.below(9) as i64),
        protected: rng.one_in(8),
        dates: rng.one_in(12).then(|| (day, rng.one_in(3).then(|| day + rng.below(3) as i64))),
    }
}

/// The log of a phone or of doors: some people in step, every minute to every twenty, who stay or
/// move on.
fn log(rng: &mut Rng, ids: &[String], places: &[String], stays: &mut Vec<StayRow>) {
    let (begin, step) = (moment(rng, 12), *rng.pick(&[60, 61, 240, 299, 300, 600, 601, 1200]));
    let (at, place) = (coord(rng), rng.pick(places).clone());
    let by_door = rng.one_in(4);
    for _ in 0..1 + rng.below(3) {
        let person = rng.pick(ids).clone();
        let late = *rng.pick(&[0, 0, 1, 30, 150]);
        for n in 0..2 + rng.below(5) as i64 {
            if rng.one_in(6) {
                continue;
            }
            let moved = if rng.one_in(5) { coord(rng) } else { at };
            let elsewhere = rng.one_in(8).then(|| rng.pick(places).clone());
            let place = if by_door { Some(place.clone()) } else { elsewhere };
            stays.push(StayRow {
                person: person.clone(),
                start: begin + late + n * step,
                end: rng.one_in(9).then_some(begin + late + n * step),
                coord: (place.is_none()).then_some(if rng.one_in(30) { (0.0, 0.0) } else { moved }),
                place,
                accuracy: rng.one_in(12).then_some(60.0),
                seat: None,
                protected: rng.one_in(20),
                dates: None,
            });
            // Two rows of one moment, here and there.
            if rng.one_in(6) {
                let again = stays.last().unwrap().clone();
                let elsewhere = again.coord.map(|_| coord(rng));
                stays.push(StayRow { coord: elsewhere, ..again });
            }
        }
    }
}

fn colocation(rng: &mut Rng, ids: &[String], places: &[String]) -> ColocationRow {
    let a = rng.below(ids.len() as u64);
    let b = (a + 1 + rng.below(ids.len() as u64 - 1)) % ids.len() as u64;
    ColocationRow {
        a: ids[a as usize].clone(),
        b: ids[b as usize].clone(),
        start: moment(rng, 13),
        seconds: *rng.pick(&[0, 20, 59, 60, 300, 599, 600, 900, 7200]),
        place: rng.one_in(2).then(|| match rng.below(6) {
            0 => "unseen".to_owned(),
            _ => rng.pick(places).clone(),
        }),
        distance: rng.one_in(2).then(|| *rng.pick(&[0.0, 1.0, 1.5, 2.0, 2.01])),
        rssi: rng.one_in(3).then(|| *rng.pick(&[-69.0, -70.0, -70.5, -95.0])),
        protected: rng.one_in(8),
    }
}

/// Two phones that see each other again and again, in either order.
fn sightings(rng: &mut Rng, ids: &[String], rows: &mut Vec<ColocationRow>) {
    let first = colocation(rng, ids, &["unseen".to_owned()]);
    let step = *rng.pick(&[4, 60, 120, 599, 600, 601]);
    for n in 0..2 + rng.below(8) as i64 {
        let (a, b) = (first.a.clone(), first.b.clone());
        let (a, b) = if rng.one_in(2) { (a, b) } else { (b, a) };
        let seconds = if rng.one_in(8) { 30 } else { 0 };
        let start = first.start + n * step;
        let rssi = Some(*rng.pick(&[-60.0, -60.0, -60.0, -80.0]));
        rows.push(ColocationRow { a, b, start, seconds, rssi, ..first.clone() });
    }
}
