//! `report.html`: one page that opens offline, with everything a person looks at.
//!
//! The page is the files of `report/` and the findings as JSON. Nothing is fetched: a content
//! security policy allows the page's own style and script, by their hashes, and nothing else. The JSON
//! holds no `<`, so no name in it can end its element. Memory: the page as text, with no
//! more than 50 000 contacts; it says how many are left out.

use super::finished::{Finished, MeasureRow, PairRow, text};
use super::words::Lang;
use base64::Engine;
use hashbrown::HashMap;
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::io::{Result, Write};

const PAGE: &str = include_str!("page/page.html");
const STYLE: &str = include_str!("page/report.css");
const SCRIPT: &str = concat!(
    include_str!("page/words.js"),
    include_str!("page/table.js"),
    include_str!("page/charts.js"),
    include_str!("page/maps.js"),
    include_str!("page/page.js"),
);

/// Contacts that are shown, the first by rank.
const MOST_CONTACTS: u64 = 50_000;

/// Rejected rows that are shown.
const MOST_REJECTS: usize = 500;

/// Writes the page.
pub fn page(finished: &Finished, lang: Lang, out: &mut dyn Write) -> Result<()> {
    let data = data(finished)?.to_string().replace('<', "\\u003c");
    let lang = lang.pick("en", "zh");
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

fn data(finished: &Finished) -> Result<Value> {
    let summary = &finished.summary;
    let policy = &summary["policy"];
    let counts = &summary["counts"];
    let sum = |of: &Value, key: &str| -> u64 {
        let all = of.as_object().into_iter().flatten();
        all.filter(|(level, _)| *level != "county").filter_map(|(_, n)| n[key].as_u64()).sum()
    };
    let values: Vec<Value> = policy_table(policy)
        .into_iter()
        .map(|(name, value)| json!([name, value, policy["sources"][&name].as_str().unwrap_or("")]))
        .collect();
    let measures = counts["measures"].as_object().into_iter().flatten();
    let measures = measures.filter(|(kind, _)| policy[kind.as_str()].is_object());
    let measures: Vec<Value> =
        measures.map(|(kind, n)| json!([kind, n["active"], n["elapsed"]])).collect();
    let tables = summary["input"]["tables"].as_object().into_iter().flatten();
    let late: u64 = tables.filter_map(|(_, rows)| rows["after_as_of"].as_u64()).sum();
    let links = finished.rows::<PairRow>("links.csv")?;
    let links = links
        .map(|row| row.map(|row| json!([row.case_id, row.person_id, row.seconds / 60])))
        .collect::<Result<Vec<Value>>>()?;
    let (contacts, people) = contacts_and_people(finished)?;
    Ok(json!({
        "asOf": finished.as_of(),
        "policy": { "name": policy["name"], "title": policy["title"], "values": values },
        "counts": {
            "cases": counts["cases"],
            "close": counts["close_contacts"],
            "venue": counts["venue_exposed"],
            "high": sum(&counts["zones"], "high"),
            "released": sum(&counts["zones"], "low"),
            "active": sum(&counts["measures"], "active"),
            "links": counts["links"],
            "unknown": summary["cases_without_source"].as_array().map_or(0, Vec::len),
            "late": late,
        },
        "drawsZones": finished.draws_zones(),
        "changes": finished.kept["changes"],
        "curve": curve(finished),
        "zones": zones(finished)?,
        "points": finished.kept["points"],
        "names": finished.kept["names"],
        "contacts": contacts,
        "mostContacts": MOST_CONTACTS,
        "measures": measures,
        "people": people,
        "tests": finished.kept["tests"],
        "cases": cases(finished)?,
        "clusters": summary["clusters"],
        "links": links,
        "rows": rows(summary),
        "rejected": counts["rejects"].as_u64().unwrap_or(0)
            + counts["used_without_a_cell"].as_u64().unwrap_or(0),
        "rejects": rejects(finished)?,
        "checks": checks(finished)?,
    }))
}

/// The values of a policy by their names, as a person reads them.
pub fn policy_table(policy: &Value) -> Vec<(String, String)> {
    let mut values = Vec::new();
    policy_values("", policy, &mut values);
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

/// Cases by day: (day, onsets, confirmations).
pub fn curve(finished: &Finished) -> Vec<(&str, u64, u64)> {
    let mut days: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for case in finished.list("cases") {
        if let Some(onset) = case["onset"].as_str() {
            days.entry(onset).or_default().0 += 1;
        }
        let confirmed = text(&case["confirmed"]);
        days.entry(confirmed.get(..10).unwrap_or("")).or_default().1 += 1;
    }
    days.into_iter().map(|(day, (onsets, confirmed))| (day, onsets, confirmed)).collect()
}

fn zones(finished: &Finished) -> Result<Vec<Value>> {
    let row = |zone: super::finished::ZoneRow| {
        let cases: Vec<&str> = zone.case_ids.split(';').collect();
        json!([
            zone.zone_id,
            zone.level,
            zone.status,
            zone.county,
            zone.compound,
            zone.building,
            zone.unit,
            zone.place_id,
            zone.bases,
            cases,
            zone.residents,
            zone.present,
            zone.last_case_date,
            zone.downgrade_on,
            [zone.days, zone.minutes, zone.contacts, zone.secondary],
        ])
    };
    Ok(finished.zones()?.into_iter().map(row).collect())
}

#[derive(Deserialize)]
struct ContactRow {
    person_id: String,
    rank: u64,
    case_ids: String,
    last_exposure: String,
    minutes: u64,
    peak_minutes: u64,
    bases: String,
    places: String,
}

/// The contacts and the people of the page, from one reading of the measures.
fn contacts_and_people(finished: &Finished) -> Result<(Vec<Value>, Value)> {
    let mut shown = Vec::new();
    for row in finished.rows::<ContactRow>("contacts.csv")? {
        let row = row?;
        if row.rank <= MOST_CONTACTS {
            shown.push(row);
        }
    }
    shown.sort_unstable_by_key(|row| row.rank);
    // Until when, and whether that is still to come.
    let mut until: HashMap<&str, (String, &str)> =
        shown.iter().map(|row| (row.person_id.as_str(), (String::new(), "elapsed"))).collect();
    let people = people(finished, |row, state| {
        if let Some(of) = until.get_mut(row.person_id.as_str()) {
            *of = (row.release_on.clone(), state);
        }
    })?;
    let row = |row: &ContactRow| {
        let (release_on, state) = &until[row.person_id.as_str()];
        json!([
            row.rank,
            row.person_id,
            row.case_ids,
            row.last_exposure,
            row.minutes,
            row.peak_minutes,
            row.bases,
            row.places,
            release_on,
            state,
        ])
    };
    Ok((shown.iter().map(row).collect(), people))
}

/// People with a measure, those it is not over for first; the rest is counted. Calls `each` with
/// every one of them.
fn people(finished: &Finished, mut each: impl FnMut(&MeasureRow, &'static str)) -> Result<Value> {
    let (mut active, mut elapsed) = (Vec::new(), Vec::new());
    let mut left_out = 0;
    for row in finished.rows::<MeasureRow>("measures.csv")? {
        let row = row?;
        let (state, of_state) = match row.state.as_str() {
            "active" => ("isActive", &mut active),
            _ => ("elapsed", &mut elapsed),
        };
        each(&row, state);
        if of_state.len() as u64 >= MOST_CONTACTS {
            left_out += 1;
            continue;
        }
        of_state.push(json!([
            row.person_id,
            row.measure,
            state,
            row.phases,
            row.tests,
            row.release_on,
            row.case_ids,
            row.zone_ids,
        ]));
    }
    active.append(&mut elapsed);
    left_out += active.len().saturating_sub(MOST_CONTACTS as usize);
    active.truncate(MOST_CONTACTS as usize);
    Ok(json!({ "rows": active, "leftOut": left_out }))
}

/// The cases with the number of their close contacts.
fn cases(finished: &Finished) -> Result<Vec<Value>> {
    let mut contacts: HashMap<String, u64> = HashMap::new();
    for row in finished.rows::<PairRow>("exposures.csv")? {
        *contacts.entry(row?.case_id).or_default() += 1;
    }
    let with_contacts = |case: &Value| {
        let mut case = case.clone();
        case["contacts"] = contacts.get(text(&case["id"])).copied().unwrap_or(0).into();
        case
    };
    Ok(finished.list("cases").iter().map(with_contacts).collect())
}

fn rows(summary: &Value) -> Vec<Value> {
    let tables = summary["input"]["tables"].as_object().into_iter().flatten();
    let columns =
        ["rows", "used", "rejected", "repeated", "after_as_of", "inaccurate", "earlier_episode"];
    let row = |(table, of): (&String, &Value)| {
        let cells = columns.iter().map(|column| of[*column].clone());
        std::iter::once(table.as_str().into()).chain(cells).collect::<Value>()
    };
    tables.map(row).collect()
}

fn rejects(finished: &Finished) -> Result<Vec<Value>> {
    let rows = finished.table("rejects.csv")?.into_records().take(MOST_REJECTS);
    let row = |row: csv::Result<csv::StringRecord>| {
        let row = row?;
        let line: u64 = row[1].parse().unwrap_or(0);
        Ok(json!([row[0], line, row[2], row[3], row[4], row[5]]))
    };
    rows.map(row).collect()
}

/// What a person should look at: check, file, line, id, value, count.
fn checks(finished: &Finished) -> Result<Vec<Value>> {
    let rows = finished.table("checks.csv")?.into_records().take(MOST_REJECTS);
    let row = |row: csv::Result<csv::StringRecord>| {
        let row = row?;
        let number = |cell: usize| row[cell].parse::<u64>().unwrap_or(0);
        Ok(json!([row[0], row[2], number(3), row[4], row[5], number(6)]))
    };
    rows.map(row).collect()
}
