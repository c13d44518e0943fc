//! A random small world, and its export folder.

use std::fmt::Write;
use std::path::Path;

/// A random number generator of three lines.
pub struct Rng(pub u64);

impl Rng {
    pub fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        ((self.0 >> 33) * n) >> 31
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
}

#[derive(Debug, Clone)]
pub struct ColocationRow {
    pub a: String,
    pub b: String,
    pub start: i64,
    pub seconds: i64,
    pub place: Option<String>,
    pub distance: Option<f64>,
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
        let mut rng = Rng(seed);
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
            }
        }
        let stays = (0..rows).map(|_| stay(&mut rng, &ids, &place_ids)).collect();
        let colocations = (0..rows / 6).map(|_| colocation(&mut rng, &ids, &place_ids)).collect();
        let last = cases.iter().map(|case| case.confirmed).max().unwrap();
        let first = cases.iter().map(|case| case.confirmed).min().unwrap();
        let as_of =
            rng.one_in(3).then(|| first + rng.below((last - first + 200_000) as u64) as i64);
        World { cases, stays, colocations, places, persons, as_of }
    }

    pub fn write(&self, dir: &Path) {
        let opt = |n: Option<i64>| n.map(|n| n.to_string()).unwrap_or_default();
        let num = |n: Option<f64>| n.map(|n| n.to_string()).unwrap_or_default();
        let mut text = "person_id,onset,sampled,confirmed,isolated,imported\n".to_owned();
        for c in &self.cases {
            let (onset, sampled, isolated) = (opt(c.onset), opt(c.sampled), opt(c.isolated));
            let imported = u8::from(c.imported);
            writeln!(text, "{},{onset},{sampled},{},{isolated},{imported}", c.id, c.confirmed)
                .unwrap();
        }
        std::fs::write(dir.join("cases.csv"), text).unwrap();
        let header = "person_id,start,end,place_id,lon,lat,accuracy_m,seat_row,protected\n";
        let mut text = header.to_owned();
        for s in &self.stays {
            let (lon, lat) = (num(s.coord.map(|c| c.0)), num(s.coord.map(|c| c.1)));
            let place = s.place.clone().unwrap_or_default();
            let (accuracy, seat) = (num(s.accuracy), opt(s.seat));
            let (start, end, protected) = (s.start, opt(s.end), u8::from(s.protected));
            writeln!(
                text,
                "{},{start},{end},{place},{lon},{lat},{accuracy},{seat},{protected}",
                s.person
            )
            .unwrap();
        }
        std::fs::write(dir.join("trajectories.csv"), text).unwrap();
        let mut text = "person_a,person_b,start,seconds,place_id,distance_m,protected\n".to_owned();
        for c in &self.colocations {
            let (place, distance) = (c.place.clone().unwrap_or_default(), num(c.distance));
            let protected = u8::from(c.protected);
            writeln!(
                text,
                "{},{},{},{},{place},{distance},{protected}",
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

fn places(rng: &mut Rng) -> Vec<PlaceRow> {
    (0..3 + rng.below(8))
        .map(|n| {
            let addressed = rng.one_in(2);
            let blank = |rng: &mut Rng, of: &[&str]| {
                if rng.one_in(4) { String::new() } else { (*rng.pick(of)).to_owned() }
            };
            let circle = rng.one_in(2).then(|| {
                let (lon, lat) = coord(rng);
                (lon, lat, rng.below(60) as f64)
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
    let before = |rng: &mut Rng| confirmed - rng.below(4 * DAY) as i64;
    CaseRow {
        id: id.to_owned(),
        onset: (!rng.one_in(3)).then(|| before(rng)),
        sampled: (!rng.one_in(3)).then(|| before(rng)),
        confirmed,
        isolated: (!rng.one_in(3)).then(|| confirmed + rng.below(DAY) as i64 - 20_000),
        imported: rng.one_in(4),
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
    StayRow {
        person: rng.pick(ids).clone(),
        start,
        end: (!rng.one_in(3)).then_some(start + length as i64),
        place: at_place.then(|| rng.pick(places).clone()),
        coord: (!at_place || rng.one_in(5)).then(|| coord(rng)),
        accuracy: rng.one_in(3).then(|| *rng.pick(&[5.0, 50.0, 50.5])),
        seat: (!rng.one_in(3)).then(|| rng.below(9) as i64),
        protected: rng.one_in(8),
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
        protected: rng.one_in(8),
    }
}
