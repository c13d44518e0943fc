//! `report.html`: one page that opens offline, with everything a person looks at.
//!
//! The page is three files of `report/` and the findings as JSON. Nothing is fetched: a content
//! security policy allows the page's own style and script, by their hashes, and nothing else. The JSON
//! holds no `<`, so no name in it can end its element. Memory: the page as text.

use super::Findings;
use super::tables::level;
use crate::areas::Area;
use crate::ingest::Table;
use crate::measures::MeasureKind;
use crate::model::CaseIdx;
use crate::scan::Basis;
use crate::time::Date;
use crate::zones::zone_of;
use base64::Engine;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{Result, Write};

const PAGE: &str = include_str!("report/page.html");
const STYLE: &str = include_str!("report/report.css");
const SCRIPT: &str = include_str!("report/report.js");

/// The language a page opens in; it holds both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lang {
    /// English.
    En,
    /// 中文.
    Zh,
}

/// Stays of one case that are drawn.
const MOST_STAYS: usize = 200;

/// Rejected rows that are shown.
const MOST_REJECTS: usize = 500;

/// Writes the page.
pub fn report(findings: &Findings<'_>, lang: Lang, out: &mut dyn Write) -> Result<()> {
    let data = data(findings).to_string().replace('<', "\\u003c");
    let lang = match lang {
        Lang::En => "en",
        Lang::Zh => "zh",
    };
    let (style, script) = (hash(STYLE), hash(SCRIPT));
    let mut rest = PAGE;
    while let Some((before, after)) = rest.split_once("{{") {
        let (name, after) = after.split_once("}}").expect("a placeholder ends");
        out.write_all(before.as_bytes())?;
        let part = match name {
            "lang" => lang,
            "style_hash" => &style,
            "script_hash" => &script,
            "style" => STYLE,
            "script" => SCRIPT,
            _ => &data,
        };
        out.write_all(part.as_bytes())?;
        rest = after;
    }
    out.write_all(rest.as_bytes())
}

fn hash(text: &str) -> String {
    base64::engine::general_purpose::STANDARD.encode(Sha256::digest(text.as_bytes()))
}

fn data(findings: &Findings<'_>) -> Value {
    let analysis = findings.analysis;
    let policy = &analysis.request.policy;
    let id = |case: CaseIdx| &*analysis.cases.get(case).id;
    let clusters = analysis.graph.clusters().into_iter().filter(|cluster| cluster.len() > 1);
    let clusters: Vec<Vec<&str>> =
        clusters.map(|cluster| cluster.into_iter().map(id).collect()).collect();
    let links: Vec<Value> = findings
        .links
        .iter()
        .map(|&(infector, infectee, pair)| json!([id(infector), id(infectee), pair.seconds / 60]))
        .collect();
    let high = analysis.zones.iter().filter(|zone| zone.high).count();
    let active = analysis.measures.iter().filter(|measure| measure.schedule.active).count();
    let values: Vec<Value> = policy_table(policy)
        .into_iter()
        .map(|(name, value)| {
            let source = policy.sources.get(&name).cloned().unwrap_or_default();
            json!([name, value, source])
        })
        .collect();
    json!({
        "asOf": analysis.zone().show(analysis.as_of),
        "policy": { "name": policy.name, "title": policy.title, "values": values },
        "counts": {
            "cases": analysis.cases.len(),
            "close": findings.contacts.close.len(),
            "venue": findings.contacts.venue_exposed.len(),
            "high": high,
            "released": analysis.zones.len() - high,
            "active": active,
            "links": findings.links.len(),
            "unknown": analysis.graph.without_source(&analysis.cases).len(),
        },
        "curve": curve(findings),
        "zones": zones(findings),
        "contacts": contacts(findings),
        "measures": measures(findings),
        "tests": tests(findings),
        "cases": cases(findings),
        "clusters": clusters,
        "links": links,
        "rows": rows(findings),
        "rejected": analysis.account.rejects.len(),
        "rejects": rejects(findings),
    })
}

/// The values of a policy by their names, as a person reads them.
pub fn policy_table(policy: &crate::policy::Policy) -> Vec<(String, String)> {
    let mut values = Vec::new();
    policy_values("", &serde_json::to_value(policy).unwrap_or_default(), &mut values);
    let text = |name: &str| name.starts_with("sources") || name == "name" || name == "title";
    values.retain(|(name, _)| !text(name));
    values
}

/// The leaves of a policy by their names: `exposure.min_minutes`; lists are one value.
fn policy_values(prefix: &str, value: &Value, found: &mut Vec<(String, String)>) {
    match value {
        Value::Object(object) => {
            for (key, value) in object {
                let name = if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
                policy_values(&name, value, found);
            }
        }
        Value::Null => {}
        Value::String(text) => found.push((prefix.to_owned(), text.clone())),
        Value::Array(phases) => {
            let phase = |phase: &Value| {
                let tests = phase["tests"].as_array().map_or(0, Vec::len);
                format!(
                    "{} {} d, {tests} tests",
                    phase["kind"].as_str().unwrap_or(""),
                    phase["days"]
                )
            };
            found
                .push((prefix.to_owned(), phases.iter().map(phase).collect::<Vec<_>>().join("; ")));
        }
        other => found.push((prefix.to_owned(), other.to_string())),
    }
}

fn curve(findings: &Findings<'_>) -> Vec<Value> {
    let zone = findings.analysis.zone();
    let mut days: BTreeMap<Date, (u64, u64)> = BTreeMap::new();
    for (_, case) in findings.analysis.cases.iter() {
        if let Some(onset) = case.onset {
            days.entry(zone.date(onset)).or_default().0 += 1;
        }
        days.entry(zone.date(case.confirmed)).or_default().1 += 1;
    }
    days.into_iter().map(|(day, (a, b))| json!([day.to_string(), a, b])).collect()
}

fn zones(findings: &Findings<'_>) -> Vec<Value> {
    let analysis = findings.analysis;
    let places = &analysis.places;
    let row = |zone: &crate::zones::RiskZone| {
        let text = |number| places.text(number);
        let [compound, building, unit, place] = match zone.area {
            Area::Unit(_, compound, building, unit) => {
                [text(compound), text(building), text(unit), ""]
            }
            Area::Building(_, compound, building) => [text(compound), text(building), "", ""],
            Area::Place(place) => ["", "", "", places.id(place)],
        };
        let bases: Vec<&str> = zone.bases.iter().map(|basis| basis.name()).collect();
        let cases: Vec<&str> =
            zone.cases.iter().map(|&case| &*analysis.cases.get(case).id).collect();
        json!([
            zone.id(places),
            level(zone),
            if zone.high { "high" } else { "low" },
            text(zone.county(places)),
            compound,
            building,
            unit,
            place,
            bases.join(";"),
            cases,
            zone.residents,
            zone.present,
            zone.last_case.to_string(),
            zone.downgrade_on.to_string(),
        ])
    };
    analysis.zones.iter().map(row).collect()
}

fn contacts(findings: &Findings<'_>) -> Vec<Value> {
    let analysis = findings.analysis;
    let row = |(n, contact): (usize, &crate::contacts::Exposed)| {
        let person = analysis.evidence.id(contact.person);
        let measure = analysis.measures.binary_search_by(|m| (*m.person).cmp(person)).ok();
        let schedule = measure.map(|n| &analysis.measures[n].schedule);
        let cases: Vec<&str> =
            contact.cases(&analysis.graph).map(|case| &*analysis.cases.get(case).id).collect();
        let mut places: Vec<&str> =
            contact.places.iter().map(|&place| analysis.places.id(place)).collect();
        places.sort_unstable();
        let state = if schedule.is_some_and(|s| s.active) { "isActive" } else { "elapsed" };
        json!([
            n + 1,
            person,
            cases.join(";"),
            analysis.zone().show(contact.last),
            contact.seconds / 60,
            contact.peak_seconds / 60,
            contact.bases.iter().map(Basis::name).collect::<Vec<_>>().join(";"),
            places.join(";"),
            schedule.map(|s| s.release_on.to_string()).unwrap_or_default(),
            state,
        ])
    };
    findings.contacts.close.iter().enumerate().map(row).collect()
}

fn measures(findings: &Findings<'_>) -> Vec<Value> {
    let of = |kind: MeasureKind| {
        let measures = || findings.analysis.measures.iter().filter(move |m| m.kind == kind);
        let active = measures().filter(|m| m.schedule.active).count();
        json!([kind.name(), active, measures().count() - active])
    };
    MeasureKind::ALL.into_iter().map(of).collect()
}

/// How many people are tested on each day from as-of on, by the county they live in.
fn tests(findings: &Findings<'_>) -> Vec<Value> {
    let analysis = findings.analysis;
    let today = analysis.zone().date(analysis.as_of);
    let mut counts: BTreeMap<(Date, &str), u64> = BTreeMap::new();
    for measure in analysis.measures.iter().filter(|measure| measure.schedule.active) {
        let home = analysis.persons.find(&measure.person).and_then(|person| person.residence);
        let county = home.map_or("", |home| analysis.places.text(analysis.places.get(home).county));
        for &day in measure.schedule.tests.iter().filter(|day| **day >= today) {
            *counts.entry((day, county)).or_default() += 1;
        }
    }
    counts.into_iter().map(|((day, county), n)| json!([day.to_string(), county, n])).collect()
}

fn cases(findings: &Findings<'_>) -> Vec<Value> {
    let analysis = findings.analysis;
    let zone = analysis.zone();
    let mut met = BTreeSet::new();
    let mut contacts: BTreeMap<CaseIdx, u64> = BTreeMap::new();
    for pair in &findings.pairs {
        met.extend(pair.places.iter().map(|&place| (pair.case, place)));
        *contacts.entry(pair.case).or_default() += 1;
    }
    let mut stays: BTreeMap<CaseIdx, Vec<_>> = BTreeMap::new();
    for (&place, presence) in &analysis.frequented.by_place {
        for &(case, span) in &presence.stays {
            stays.entry(case).or_default().push((span, place));
        }
    }
    let row = |(case, row): (CaseIdx, &crate::model::Case)| {
        let mut own = stays.get(&case).cloned().unwrap_or_default();
        own.sort_unstable();
        let own: Vec<Value> = own
            .into_iter()
            .take(MOST_STAYS)
            .map(|(span, place)| {
                let (start, end) = (zone.show(span.start), zone.show(span.end));
                json!([analysis.places.id(place), start, end, met.contains(&(case, place))])
            })
            .collect();
        let start = analysis.cases.window_start(case);
        let end = analysis.cases.window(case).map_or(start, |window| window.end);
        json!({
            "id": row.id,
            "onset": row.onset.map(|at| zone.date(at).to_string()),
            "confirmed": zone.show(row.confirmed),
            "anchor": analysis.cases.anchor(case).to_string(),
            "window": [zone.show(start), zone.show(end)],
            "contacts": contacts.get(&case).copied().unwrap_or(0),
            "stays": own,
        })
    };
    analysis.cases.iter().map(row).collect()
}

fn rows(findings: &Findings<'_>) -> Vec<Value> {
    let (account, folder) = (&findings.analysis.account, &findings.analysis.folder);
    let tables = Table::ALL.into_iter().filter(|&table| folder.of(table).next().is_some());
    let row = |table: Table| {
        let t = account.of(table);
        json!([table.name(), t.rows, t.used(), t.rejected, t.repeated, t.after_as_of, t.inaccurate])
    };
    tables.map(row).collect()
}

fn rejects(findings: &Findings<'_>) -> Vec<Value> {
    let analysis = findings.analysis;
    let row = |reject: &crate::ingest::Reject| {
        let file = &analysis.folder.files[reject.file as usize].name;
        json!([file, reject.line, reject.column, reject.value, reject.reason.code()])
    };
    analysis.account.rejects.iter().take(MOST_REJECTS).map(row).collect()
}

/// `zones.geojson`: the places of each zone that have coordinates, as points.
pub fn geojson(findings: &Findings<'_>, out: &mut dyn Write) -> Result<()> {
    let analysis = findings.analysis;
    let places = &analysis.places;
    let number = analysis.zones.iter().map(|zone| zone.area).zip(0..).collect();
    let mut points: BTreeMap<usize, Vec<Value>> = BTreeMap::new();
    for (id, place) in places.iter() {
        let Some((centre, _)) = place.circle else { continue };
        if let Some(zone) = zone_of(&number, Area::of(places, id)) {
            points.entry(zone).or_default().push(json!([centre.lon, centre.lat]));
        }
    }
    let feature = |(n, zone): (usize, &crate::zones::RiskZone)| {
        let geometry = points.get(&n).map(|at| json!({ "type": "MultiPoint", "coordinates": at }));
        let mut properties = Map::new();
        properties.insert("zone_id".into(), zone.id(places).into());
        properties.insert("level".into(), level(zone).into());
        properties.insert("status".into(), if zone.high { "high" } else { "low" }.into());
        properties.insert("cases".into(), zone.cases.len().into());
        properties.insert("residents".into(), zone.residents.into());
        properties.insert("downgrade_on".into(), zone.downgrade_on.to_string().into());
        json!({ "type": "Feature", "geometry": geometry, "properties": properties })
    };
    let features: Vec<Value> = analysis.zones.iter().enumerate().map(feature).collect();
    serde_json::to_writer(
        &mut *out,
        &json!({ "type": "FeatureCollection", "features": features }),
    )?;
    out.write_all(b"\n")
}
