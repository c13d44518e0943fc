//! `report.json`: what a report shows and no table has, so that it can be made again without the
//! input.
//!
//! The cases and their stays, tests by day and county, where zones are on the map, and what changed
//! since the output that this one is compared with. Cost: the cases' stays and the people with a
//! measure.

use super::Findings;
use crate::base::geo::Coord;
use crate::base::time::Date;
use crate::model::{CaseIdx, Place, PlaceId};
use crate::pipeline::Analysis;
use crate::rules::areas::Area;
use crate::rules::exposure::Pair;
use crate::rules::measures::Measure;
use crate::rules::zones::zone_of;
use rayon::prelude::*;
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Stays of one case that are kept.
const MOST_STAYS: usize = 200;

/// Points of one zone that are kept.
const MOST_POINTS: usize = 2000;

/// All of it.
#[derive(Serialize)]
pub struct ReportData<'f> {
    cases: Vec<Value>,
    tests: Vec<Value>,
    points: Map<String, Value>,
    names: BTreeMap<&'f str, Value>,
    changes: Option<Value>,
}

impl<'f> ReportData<'f> {
    /// What to keep of `findings`, and what changed since an earlier output.
    pub fn new(findings: &'f Findings<'_>, changes: Option<Value>) -> ReportData<'f> {
        ReportData {
            cases: cases(findings),
            tests: tests(findings),
            points: points(findings),
            names: names(findings),
            changes,
        }
    }
}

fn cases(findings: &Findings<'_>) -> Vec<Value> {
    let analysis = findings.analysis;
    let (zone, policy) = (analysis.zone(), &analysis.request.policy.exposure);
    let of_cases = findings.pairs.par_chunk_by(|a, b| a.case == b.case);
    let met_at = |pairs: &[&Pair]| {
        let mut places: Vec<PlaceId> =
            pairs.iter().flat_map(|pair| pair.places(&analysis.evidence)).collect();
        places.sort_unstable();
        places.dedup();
        (pairs[0].case, places)
    };
    let met: BTreeMap<CaseIdx, Vec<PlaceId>> = of_cases.map(met_at).collect();
    let mut stays: BTreeMap<CaseIdx, Vec<_>> = BTreeMap::new();
    for (&place, presence) in &analysis.frequented.by_place {
        for there in &presence.stays {
            stays.entry(there.case).or_default().push((there.span, place, there.date_only));
        }
    }
    let row = |(case, row): (CaseIdx, &crate::model::Case)| {
        let mut own = stays.remove(&case).unwrap_or_default();
        own.sort_unstable_by_key(|&(span, place, date_only)| {
            (span, analysis.places.id_bytes(place), date_only)
        });
        let met = met.get(&case).map_or(&[][..], |places| places);
        let shown = own.iter().take(MOST_STAYS).map(|&(span, place, date_only)| {
            let (start, end) = (zone.show(span.start), zone.show(span.end));
            let met = met.binary_search(&place).is_ok();
            json!([analysis.places.id(place), start, end, met, date_only])
        });
        let start = analysis.cases.window_start(case);
        let end = analysis.cases.window(case).map_or(start, |window| window.end);
        json!({
            "id": row.id,
            "onset": row.plausible_onset(policy, zone).map(|at| zone.date(at).to_string()),
            "confirmed": zone.show(row.confirmed),
            "sampled": row.sampled.map(|at| zone.show(at)),
            "isolated": row.isolated.map(|at| zone.show(at)),
            "anchor": analysis.cases.anchor(case).to_string(),
            "window": [zone.show(start), zone.show(end)],
            "stays": shown.collect::<Vec<_>>(),
            "more_stays": own.len().saturating_sub(MOST_STAYS),
        })
    };
    analysis.cases.iter().map(row).collect()
}

/// The recorded residence of somebody with a measure.
fn home<'a>(analysis: &'a Analysis, measure: &Measure) -> Option<&'a Place> {
    let residence = analysis.persons.find(measure.person(&analysis.evidence))?.residence?;
    Some(analysis.places.get(residence))
}

/// How many people are tested on each day from as-of on, by the county they live in.
fn tests(findings: &Findings<'_>) -> Vec<Value> {
    let analysis = findings.analysis;
    let today = analysis.zone().date(analysis.as_of);
    let mut counts: BTreeMap<(Date, &str), u64> = BTreeMap::new();
    for measure in &analysis.measures.list {
        let schedule = analysis.measures.schedule(measure);
        if !schedule.active {
            continue;
        }
        let county = home(analysis, measure).map_or("", |home| analysis.places.text(home.county));
        for &day in schedule.tests.iter().filter(|day| **day >= today) {
            *counts.entry((day, county)).or_default() += 1;
        }
    }
    counts.into_iter().map(|((day, county), n)| json!([day.to_string(), county, n])).collect()
}

/// The coordinates of the places in each zone.
fn points(findings: &Findings<'_>) -> Map<String, Value> {
    let analysis = findings.analysis;
    let places = &analysis.places;
    let number = analysis.zones.iter().map(|zone| zone.area).zip(0..).collect();
    let mut points: BTreeMap<usize, Vec<Value>> = BTreeMap::new();
    // Every place of a zone has its label read.
    let at = analysis.labels.iter().filter_map(|(id, label)| Some((places.find(id)?, label.at?)));
    let mut at: Vec<(PlaceId, Coord)> = at.collect();
    at.sort_unstable_by_key(|(place, _)| places.id_bytes(*place));
    for (place, at) in at {
        let Some(zone) = zone_of(&number, Area::of(places, place)) else { continue };
        let of_zone = points.entry(zone).or_default();
        if of_zone.len() < MOST_POINTS {
            of_zone.push(json!([at.lon, at.lat]));
        }
    }
    let of_id = |(n, at): (usize, Vec<Value>)| (analysis.zones[n].id(places), at.into());
    points.into_iter().map(of_id).collect()
}

/// What the places are called that are shown: their names, or else compound, building and unit.
fn names<'f>(findings: &'f Findings<'_>) -> BTreeMap<&'f str, Value> {
    let places = &findings.analysis.places;
    let name = |(id, label): (&'f String, &crate::ingest::Label)| {
        let place = places.find(id).map(|place| places.get(place));
        let address = place.map(|place| [place.compound, place.building, place.unit]);
        let parts = address.map(|parts| parts.map(|part| places.text(part)));
        let parts = parts.filter(|parts| parts.iter().any(|part| !part.is_empty()));
        let name = match label.name.as_str() {
            "" => json!(parts?),
            name => json!(name),
        };
        Some((id.as_str(), name))
    };
    findings.analysis.labels.iter().filter_map(name).collect()
}
