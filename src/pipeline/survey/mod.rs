//! Looks at every row of the bulk tables, and keeps what shows whether an export is complete.
//!
//! By file: days, shapes of ids, what is open or coarse. Of a share of the persons and of the
//! coordinates: what hangs together. Merging is associative and order-free. Cost: a pass in which
//! every row matters; memory: bounded.

pub mod sampled;

use crate::base::geo::Coord;
use crate::base::sieve::fingerprint;
use crate::base::time::{Span, TimeZone};
use crate::model::{
    At, Cases, Colocation, Ends, Interest, Places, RowRef, Stay, TakeColocations, TakeStays,
};
use crate::pipeline::checks::alike::normal;
use crate::pipeline::checks::cases::LONG;
use hashbrown::{HashMap, HashSet};
use sampled::Sampled;
use std::collections::{BTreeMap, BTreeSet};

/// Persons and coordinates that are looked at more closely.
const PERSONS: usize = 20_000;
const COORDINATES: usize = 20_000;
const FIXED: usize = 5_000;
/// People at a coordinate that are told apart.
const PEOPLE: usize = 256;
/// Places that `places` lacks, of which the number is kept.
const UNKNOWN: usize = 1 << 20;

/// Rows of one person that are kept: the first ones in time.
const MOST_OF_ONE: usize = 4096;

/// Keeps the first `MOST_OF_ONE` of a list, sorted: a merge of two lists needs no others.
pub fn first_of<T: Ord>(list: &mut Vec<T>) {
    list.sort_unstable();
    list.truncate(MOST_OF_ONE);
}

/// The shape of an id: its length, whether it has a non-digit, a leading zero.
pub type Shape = (u8, bool, bool);

/// What the rows of a file are.
#[derive(Debug, Default)]
pub struct OfFile {
    /// Rows by day since 1970, in UTC.
    pub days: BTreeMap<i32, u64>,
    /// Stays.
    pub stays: u64,
    /// Of these, without an end.
    pub open: u64,
    /// At a place.
    pub at_place: u64,
    /// With a seat row.
    pub seated: u64,
    /// At a coordinate with at most three decimals.
    pub coarse: u64,
    /// Ids of persons by their shape.
    pub shapes: HashMap<Shape, u64>,
}

/// What was seen of a person: stays with a recorded end, and where.
pub type Whereabouts = Vec<(Span, u64)>;

/// Where a source says that a person was, as the bits of longitude and latitude: the file of a
/// position, or nothing for the centre of a place.
pub type Fix = (Span, [u64; 2], Option<u32>);

/// What was seen of all rows.
#[derive(Debug)]
pub struct Survey<'a> {
    cases: &'a Cases,
    zone: &'a TimeZone,
    /// Normal forms of the ids of cases.
    normal: &'a HashMap<String, String>,
    /// Normal forms of the ids of places where cases were.
    normal_places: &'a HashMap<String, String>,
    places: &'a Places,
    /// How many places are known: stays of cases name others.
    known: u32,
    /// The least and the most longitude and latitude of the places.
    among: Option<[Coord; 2]>,
    /// By number of the file.
    pub files: BTreeMap<u32, OfFile>,
    /// How many stays are at places that `places` lacks.
    pub unknown_stays: u64,
    /// Hashes of these places.
    pub unknown: HashSet<u64>,
    /// Persons.
    pub persons: Sampled<Box<[u8]>, Whereabouts>,
    /// Persons, and where they were on the map.
    pub fixes: Sampled<Box<[u8]>, Vec<Fix>>,
    /// Coordinates, and the people at each.
    pub coordinates: Sampled<[u64; 2], BTreeSet<u64>>,
    /// Ids that look like that of a case: the case's, and the other.
    pub alike: BTreeSet<(String, String)>,
    /// Places that look like one where a case was: the case's, and the other.
    pub places_alike: BTreeSet<(String, String)>,
    /// Stays that last for days on end: the first row of one, and how many.
    pub long: (Option<RowRef>, u64),
    /// Positions that lie among the places once longitude and latitude are exchanged.
    pub exchanged: u64,
    /// Ids that are words for anybody, and their stays.
    pub anybody: BTreeMap<String, u64>,
}

/// Words for anybody.
const ANYBODY: [&str; 12] = [
    "visitor",
    "guest",
    "anonymous",
    "unknown",
    "test",
    "admin",
    "访客",
    "游客",
    "匿名",
    "测试",
    "来访人员",
    "某某",
];

impl<'a> Survey<'a> {
    /// Nothing seen yet.
    pub fn new(
        (cases, zone): (&'a Cases, &'a TimeZone),
        [normal, normal_places]: [&'a HashMap<String, String>; 2],
        (places, known): (&'a Places, u32),
    ) -> Survey<'a> {
        Survey {
            cases,
            zone,
            normal,
            normal_places,
            places,
            known,
            among: among(places),
            files: BTreeMap::new(),
            unknown_stays: 0,
            unknown: HashSet::new(),
            persons: Sampled::new(PERSONS),
            fixes: Sampled::new(FIXED),
            coordinates: Sampled::new(COORDINATES),
            alike: BTreeSet::new(),
            places_alike: BTreeSet::new(),
            long: (None, 0),
            exchanged: 0,
            anybody: BTreeMap::new(),
        }
    }

    /// Adds what another has seen.
    pub fn merge(mut self, other: Survey<'a>) -> Survey<'a> {
        for (file, of) in other.files {
            let own = self.files.entry(file).or_default();
            of.days.into_iter().for_each(|(day, rows)| *own.days.entry(day).or_default() += rows);
            of.shapes.into_iter().for_each(|(id, rows)| *own.shapes.entry(id).or_default() += rows);
            own.stays += of.stays;
            own.open += of.open;
            own.at_place += of.at_place;
            own.seated += of.seated;
            own.coarse += of.coarse;
        }
        self.unknown_stays += other.unknown_stays;
        self.unknown.extend(other.unknown);
        self.persons = self.persons.merge(other.persons, |own, other| {
            own.extend(other);
            first_of(own);
        });
        self.fixes = self.fixes.merge(other.fixes, |own, other| {
            own.extend(other);
            first_of(own);
        });
        self.coordinates = self.coordinates.merge(other.coordinates, |own, other| {
            own.extend(other);
            while own.len() > PEOPLE {
                own.pop_last();
            }
        });
        self.alike.extend(other.alike);
        self.exchanged += other.exchanged;
        self.places_alike.extend(other.places_alike);
        let first = [self.long.0, other.long.0].into_iter().flatten().min();
        self.long = (first, self.long.1 + other.long.1);
        for (id, stays) in other.anybody {
            *self.anybody.entry(id).or_default() += stays;
        }
        self
    }

    /// Looks at the id of a person.
    fn id(&mut self, file: u32, id: &[u8], at: Span) {
        let of = self.files.entry(file).or_default();
        *of.days.entry(self.zone.date(at.start).0).or_default() += 1;
        *of.shapes.entry(shape(id)).or_default() += 1;
        let text = String::from_utf8_lossy(id);
        if ANYBODY.iter().any(|word| text.eq_ignore_ascii_case(word)) {
            *self.anybody.entry(text.to_string()).or_default() += 1;
        }
        if self.cases.find(id).is_none()
            && let Some(case) = self.normal.get(&normal(&text))
        {
            self.alike.insert((case.clone(), text.into_owned()));
        }
    }
}

impl Survey<'_> {
    /// Keeps where a person was on the map.
    fn fix(&mut self, stay: &Stay<'_>, at: Coord, file: Option<u32>) {
        if let Some(fixes) = self.fixes.get(fingerprint(stay.person), || stay.person.into()) {
            fixes.push((stay.span, [at.lon.to_bits(), at.lat.to_bits()], file));
            if fixes.len() > 2 * MOST_OF_ONE {
                first_of(fixes);
            }
        }
    }
}

/// Between which longitudes and latitudes the places lie, and half a degree more.
fn among(places: &Places) -> Option<[Coord; 2]> {
    const MORE: f64 = 0.5;
    let centres = places.iter().filter_map(|(place, _)| Some(places.circle(place, None)?.0));
    centres.fold(None, |all: Option<[Coord; 2]>, at| {
        let [least, most] = all.unwrap_or([
            Coord { lon: at.lon - MORE, lat: at.lat - MORE },
            Coord { lon: at.lon + MORE, lat: at.lat + MORE },
        ]);
        Some([
            Coord { lon: least.lon.min(at.lon - MORE), lat: least.lat.min(at.lat - MORE) },
            Coord { lon: most.lon.max(at.lon + MORE), lat: most.lat.max(at.lat + MORE) },
        ])
    })
}

fn is_within(at: Coord, [least, most]: [Coord; 2]) -> bool {
    (least.lon..=most.lon).contains(&at.lon) && (least.lat..=most.lat).contains(&at.lat)
}

/// The shape of an id.
fn shape(id: &[u8]) -> Shape {
    let letters = id.iter().any(|b| !b.is_ascii_digit());
    (id.len().min(255) as u8, letters, id.first() == Some(&b'0'))
}

/// Whether a number of degrees has at most three decimals: some hundred metres.
fn is_coarse(degrees: f64) -> bool {
    let thousandths = degrees * 1000.0;
    (thousandths - thousandths.round()).abs() < 1e-6
}

impl Interest for Survey<'_> {}

impl TakeStays for Survey<'_> {
    fn stay(&mut self, stay: &Stay<'_>) {
        let file = stay.row.file();
        self.id(file, stay.person, stay.span);
        let of = self.files.entry(file).or_default();
        of.stays += 1;
        of.open += u64::from(stay.ends == Ends::Open);
        of.seated += u64::from(stay.seat_row.is_some());
        if stay.ends == Ends::Recorded && stay.span.seconds() > LONG {
            let first = self.long.0.into_iter().chain([stay.row]).min();
            self.long = (first, self.long.1 + 1);
        }
        let place = match stay.at {
            At::Place(id) => {
                of.at_place += 1;
                let text = String::from_utf8_lossy(id);
                if let Some(place) = self.normal_places.get(&normal(&text))
                    && **place != *text
                {
                    self.places_alike.insert((place.clone(), text.into_owned()));
                }
                let hash = fingerprint(id);
                let known = self.places.find(id).filter(|place| place.0 < self.known);
                if let Some((centre, _)) = known.and_then(|place| self.places.circle(place, None)) {
                    self.fix(stay, centre, None);
                }
                if known.is_none() {
                    self.unknown_stays += 1;
                    if self.unknown.len() < UNKNOWN {
                        self.unknown.insert(hash);
                    }
                }
                hash
            }
            At::Coord(at) => {
                of.coarse += u64::from(is_coarse(at.lon) && is_coarse(at.lat));
                let swapped = Coord { lon: at.lat, lat: at.lon };
                let is_among = |at: Coord| self.among.is_some_and(|among| is_within(at, among));
                self.exchanged += u64::from(!is_among(at) && is_among(swapped));
                self.fix(stay, at, Some(file));
                let bits = [at.lon.to_bits(), at.lat.to_bits()];
                let hash = fingerprint(&[bits[0].to_le_bytes(), bits[1].to_le_bytes()].concat());
                if let Some(people) = self.coordinates.get(hash, || bits) {
                    people.insert(fingerprint(stay.person));
                    if people.len() > PEOPLE {
                        people.pop_last();
                    }
                }
                return;
            }
        };
        if stay.ends == Ends::Recorded {
            let hash = fingerprint(stay.person);
            if let Some(seen) = self.persons.get(hash, || stay.person.into()) {
                seen.push((stay.span, place));
                if seen.len() > 2 * MOST_OF_ONE {
                    first_of(seen);
                }
            }
        }
    }
}

impl TakeColocations for Survey<'_> {
    fn colocation(&mut self, row: &Colocation<'_>) {
        let file = row.row.file();
        self.id(file, row.person_a, row.span);
        self.id(file, row.person_b, row.span);
    }
}
