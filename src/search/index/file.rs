//! The index as a file: for a worker that scans elsewhere, or for a later run.
//!
//! Lines of JSON: a header with the version, the policy's rules of exposure, the time zone and
//! as-of; then the cases, their stays and the hot places, one a line; and at the end the SHA-256 of
//! all before. A file that is damaged, cut short or of another version is an error, never a
//! verdict. It holds ids and whereabouts of cases: whoever makes the file sees to it that others
//! cannot read it. Cost: O(n), and the building of the index when it is read.

use super::{CaseIndex, Content, HotPlace, Matching};
use crate::base::error::{Error, Result};
use crate::base::geo::Coord;
use crate::base::problem::Problem;
use crate::base::sealed::{Lines, line, opened, seal};
use crate::base::time::{Instant, Span, TimeZone};
use crate::model::{Case, Cases, PlaceId, RowRef};
use crate::policy::Exposure;
use crate::search::own_stays::{CaseStay, CaseStays};
use serde::{Deserialize, Serialize};
use std::io::{Read, Write};

/// The version that is written, and the only one that is read.
const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    trace_index: u32,
    as_of: i64,
    zone: String,
    policy: Exposure,
    cases: usize,
    stays: usize,
    places: usize,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CaseLine {
    id: Box<str>,
    onset: Option<i64>,
    sampled: Option<i64>,
    confirmed: i64,
    isolated: Option<i64>,
    imported: bool,
    /// Number of the file, and the line.
    row: (u32, u64),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StayLine {
    /// Position of the case.
    case: u32,
    start: i64,
    end: i64,
    date_only: bool,
    /// Longitude and latitude.
    at: Option<(f64, f64)>,
    seat_row: Option<u32>,
    row: (u32, u64),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PlaceLine {
    id: Box<str>,
    /// Its number in the run that wrote the index.
    place: u32,
    rule: String,
    watched: Option<(u32, i64)>,
    /// Longitude, latitude and radius in metres.
    circle: Option<(f64, f64, f64)>,
    stays: Vec<u32>,
}

impl Matching {
    const ALL: [(Matching, &str); 3] = [
        (Matching::Venue, "venue"),
        (Matching::Transport, "transport"),
        (Matching::Never, "never"),
    ];

    fn name(self) -> &'static str {
        Matching::ALL.iter().find(|(rule, _)| *rule == self).expect("all are listed").1
    }

    fn of(name: &str) -> Option<Matching> {
        Matching::ALL.iter().find(|(_, other)| *other == name).map(|(rule, _)| *rule)
    }
}

fn of_row(row: RowRef) -> (u32, u64) {
    (row.file(), row.line())
}

impl CaseIndex {
    /// Writes the index.
    ///
    /// # Errors
    /// When `out` takes no more.
    pub fn write(&self, mut out: impl Write) -> Result<()> {
        let Content { cases, stays, places, policy, zone, as_of } = &self.content;
        let mut text = Vec::new();
        let header = Header {
            trace_index: VERSION,
            as_of: as_of.0,
            zone: zone.name().to_owned(),
            policy: policy.clone(),
            cases: cases.len(),
            stays: stays.iter().len(),
            places: places.len(),
        };
        line(&header, &mut text);
        for (_, case) in cases.iter() {
            let Case { id, onset, sampled, confirmed, isolated, imported, row } = case.clone();
            let at = |at: Option<Instant>| at.map(|at| at.0);
            let (onset, sampled, isolated) = (at(onset), at(sampled), at(isolated));
            let (confirmed, row) = (confirmed.0, of_row(row));
            let case = CaseLine { id, onset, sampled, confirmed, isolated, imported, row };
            line(&case, &mut text);
        }
        for stay in stays.iter() {
            let CaseStay { case, span, date_only, coord, seat_row, row } = *stay;
            let (case, row) = (case.position(), of_row(row));
            let (Span { start, end }, at) = (span, coord.map(|at| (at.lon, at.lat)));
            let (start, end) = (start.0, end.0);
            line(&StayLine { case, start, end, date_only, at, seat_row, row }, &mut text);
        }
        for hot in places {
            let place = PlaceLine {
                id: std::str::from_utf8(&hot.id).expect("ids are text").into(),
                place: hot.place.0,
                rule: hot.rule.name().to_owned(),
                watched: hot.watched.map(|(area, since)| (area, since.0)),
                circle: hot.circle.map(|(at, radius)| (at.lon, at.lat, radius)),
                stays: hot.stays.clone(),
            };
            line(&place, &mut text);
        }
        seal(&mut text);
        out.write_all(&text).map_err(|e| Error::write("the index".as_ref(), e))
    }

    /// Reads an index that [`write`](CaseIndex::write) wrote.
    ///
    /// # Errors
    /// An input error when it is damaged, cut short, or of another version.
    pub fn read(mut from: impl Read) -> Result<CaseIndex> {
        let mut text = Vec::new();
        from.read_to_end(&mut text).map_err(|e| Error::read("the index".as_ref(), e))?;
        let mut lines = Lines::new(opened(&text)?.0);
        let version: serde_json::Value = lines.clone().read()?;
        if version["trace_index"] != VERSION {
            let version = version["trace_index"].to_string();
            return Err(Problem::IndexOfOtherVersion { version, known: VERSION }.into());
        }
        let header: Header = lines.read()?;
        header.policy.check().map_err(|what| lines.bad(&what))?;
        let (zone, as_of) = (TimeZone::get(&header.zone)?, Instant(header.as_of));
        let case_of = |lines: &mut Lines<'_>| {
            let line = lines.read()?;
            case(line).ok_or_else(|| lines.bad("a time that cannot be"))
        };
        let cases = (0..header.cases).map(|_| case_of(&mut lines)).collect::<Result<_>>()?;
        let cases = Cases::new(cases, &header.policy, &zone, as_of);
        let stay = |lines: &mut Lines<'_>| {
            let stay = lines.read()?;
            of_case(&cases, &stay).ok_or_else(|| lines.bad("no stay of a case"))
        };
        let stays = (0..header.stays).map(|_| stay(&mut lines)).collect::<Result<_>>()?;
        let stays = CaseStays::of(stays);
        let place = |lines: &mut Lines<'_>| {
            let place = lines.read()?;
            hot_place(place, &stays).ok_or_else(|| lines.bad("no place of the cases"))
        };
        let places = (0..header.places).map(|_| place(&mut lines));
        let places: Vec<HotPlace> = places.collect::<Result<_>>()?;
        let is_whole = cases.len() == header.cases
            && places.is_sorted_by(|a, b| a.id < b.id)
            && lines.rest.iter().all(|&byte| byte == b'\n');
        if !is_whole {
            return Err(Problem::IndexContradicts.into());
        }
        let policy = header.policy;
        Ok(CaseIndex::build(Content { cases, stays, places, policy, zone, as_of }))
    }
}

fn case(line: CaseLine) -> Option<Case> {
    let CaseLine { id, onset, sampled, confirmed, isolated, imported, row } = line;
    let all = [onset, sampled, isolated, Some(confirmed)];
    all.into_iter().flatten().all(|at| moment(at).is_some()).then_some(())?;
    let at = |at: Option<i64>| at.map(Instant);
    let (onset, sampled, isolated) = (at(onset), at(sampled), at(isolated));
    let row = RowRef::new(row.0, row.1);
    Some(Case { id, onset, sampled, confirmed: Instant(confirmed), isolated, imported, row })
}

/// A moment that can be reckoned with.
fn moment(seconds: i64) -> Option<Instant> {
    (-(1 << 40)..1 << 40).contains(&seconds).then_some(Instant(seconds))
}

/// A position, if it is one.
fn on_earth((lon, lat): (f64, f64)) -> Option<Coord> {
    let is = (-180.0..=180.0).contains(&lon) && (-90.0..=90.0).contains(&lat);
    is.then_some(Coord { lon, lat })
}

/// The stay of a line: of a case, for only [`Cases`] knows who one is.
fn of_case(cases: &Cases, line: &StayLine) -> Option<CaseStay> {
    let case = cases.at(line.case)?;
    let span = Span::new(moment(line.start)?, moment(line.end)?)?;
    let coord = match line.at {
        Some(at) => Some(on_earth(at)?),
        None => None,
    };
    let (date_only, seat_row) = (line.date_only, line.seat_row);
    Some(CaseStay {
        case,
        span,
        date_only,
        coord,
        seat_row,
        row: RowRef::new(line.row.0, line.row.1),
    })
}

fn hot_place(line: PlaceLine, stays: &CaseStays) -> Option<HotPlace> {
    let PlaceLine { id, place, rule, watched, circle, stays: at } = line;
    at.iter().all(|&number| (number as usize) < stays.iter().len()).then_some(())?;
    Some(HotPlace {
        id: id.as_bytes().into(),
        place: PlaceId(place),
        rule: Matching::of(&rule)?,
        watched: watched.map(|(area, since)| (area, Instant(since))),
        circle: match circle {
            Some((lon, lat, radius)) if (0.0..=1e6).contains(&radius) => {
                Some((on_earth((lon, lat))?, radius))
            }
            Some(_) => return None,
            None => None,
        },
        stays: at,
    })
}
