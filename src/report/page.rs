//! `report.html`: one page that opens offline, with everything a person looks at.
//!
//! The page is the files of `report/` and the findings as JSON. Nothing is fetched: a content
//! security policy allows the page's own style and script, by their hashes, and nothing else. The
//! JSON holds no `<`, so no name in it can end its element. Memory: the page as text, with no more
//! than 50 000 contacts; it says how many are left out.

use super::finished::{Finished, MeasureRow, PairRow, text};
use super::page_rows::{
    Check, Contact, CurveDay, Link, MeasureCount, People, Person, PolicyValue, Price, Reject, Rows,
    Tests, Zone, packed,
};
use super::words::Lang;
use base64::Engine;
use hashbrown::HashMap;
use serde::Deserialize;
use serde::de::DeserializeOwned;
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
    let lang = lang.code();
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
    let links = finished.rows::<PairRow>("links.csv")?;
    let links = links.map(|row| {
        let PairRow { case_id: earlier, person_id: later, seconds, .. } = row?;
        Ok(Link { earlier, later, minutes: seconds / 60 })
    });
    let links = links.collect::<Result<Vec<Link>>>()?;
    let (contacts, people) = contacts_and_people(finished)?;
    let curve = curve(finished).into_iter();
    let curve = curve.map(|(day, onset, confirmed)| CurveDay { day, onset, confirmed });
    Ok(json!({
        "asOf": finished.as_of(),
        "words": words(),
        "policy": { "name": policy["name"], "title": policy["title"] },
        "values": packed(policy_values_of(policy)),
        "counts": tiles(finished),
        "drawsZones": finished.draws_zones(),
        "changes": finished.kept["changes"],
        "curve": packed(curve),
        "zones": packed(finished.zones()?.into_iter().map(Zone::from)),
        "prices": packed(first_rows::<Price>(finished, "zone_options.csv")?),
        "points": finished.kept["points"],
        "names": finished.kept["names"],
        "contacts": packed(contacts),
        "mostContacts": MOST_CONTACTS,
        "measures": packed(measures(policy, counts)),
        "people": packed(people.rows),
        "peopleLeftOut": people.left_out,
        "tests": packed(finished.list("tests").iter().map(Tests::of)),
        "cases": cases(finished)?,
        "clusters": summary["clusters"],
        "links": packed(links),
        "rows": packed(rows(summary)),
        "rejected": counts["rejects"].as_u64().unwrap_or(0)
            + counts["used_without_a_cell"].as_u64().unwrap_or(0),
        "rejects": packed(first_rows::<Reject>(finished, "rejects.csv")?),
        "checks": packed(first_rows::<Check>(finished, "checks.csv")?),
    }))
}

/// The numbers at the top.
fn tiles(finished: &Finished) -> Value {
    let summary = &finished.summary;
    let counts = &summary["counts"];
    let sum = |of: &Value, key: &str| -> u64 {
        let all = of.as_object().into_iter().flatten();
        all.filter(|(level, _)| *level != "county").filter_map(|(_, n)| n[key].as_u64()).sum()
    };
    let tables = summary["input"]["tables"].as_object().into_iter().flatten();
    let late: u64 = tables.filter_map(|(_, rows)| rows["after_as_of"].as_u64()).sum();
    json!({
        "cases": counts["cases"],
        "close": counts["close_contacts"],
        "venue": counts["venue_exposed"],
        "high": sum(&counts["zones"], "high"),
        "released": sum(&counts["zones"], "low"),
        "active": sum(&counts["measures"], "active"),
        "links": counts["links"],
        "unknown": summary["cases_without_source"].as_array().map_or(0, Vec::len),
        "late": late,
    })
}

/// The words of the page in every language, by its code.
fn words() -> BTreeMap<&'static str, BTreeMap<String, String>> {
    let of_lang = |lang: Lang| {
        let mut words = lang.page().clone();
        // The button names the language that comes next.
        let next = Lang::ALL.iter().cycle().skip_while(|other| **other != lang).nth(1);
        words.insert("other".to_owned(), next.map_or("", |next| next.name()).to_owned());
        (lang.code(), words)
    };
    Lang::ALL.into_iter().map(of_lang).collect()
}

/// How many people have each measure that the policy has.
fn measures<'f>(policy: &'f Value, counts: &'f Value) -> impl Iterator<Item = MeasureCount<'f>> {
    let measures = counts["measures"].as_object().into_iter().flatten();
    let measures = measures.filter(|(kind, _)| policy[kind.as_str()].is_object());
    measures.map(|(measure, n)| MeasureCount {
        measure,
        active: n["active"].as_u64().unwrap_or(0),
        elapsed: n["elapsed"].as_u64().unwrap_or(0),
    })
}

/// The values of a policy with their sources.
fn policy_values_of(policy: &Value) -> impl Iterator<Item = PolicyValue> {
    let source = move |key: &str| policy["sources"][key].as_str().unwrap_or("").to_owned();
    let values = policy_table(policy).into_iter();
    values.map(move |(key, value)| PolicyValue { source: source(&key), key, value })
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
fn contacts_and_people(finished: &Finished) -> Result<(Vec<Contact>, People)> {
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
    let contact = |row: &ContactRow| {
        let (release_on, state) = &until[row.person_id.as_str()];
        Contact {
            rank: row.rank,
            person: row.person_id.clone(),
            cases: row.case_ids.clone(),
            last: row.last_exposure.clone(),
            minutes: row.minutes,
            peak: row.peak_minutes,
            bases: row.bases.clone(),
            places: row.places.clone(),
            release_on: release_on.clone(),
            state,
        }
    };
    Ok((shown.iter().map(contact).collect(), people))
}

/// People with a measure, those it is not over for first; the rest is counted. Calls `each` with
/// every one of them.
fn people(finished: &Finished, mut each: impl FnMut(&MeasureRow, &'static str)) -> Result<People> {
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
        of_state.push(Person {
            person: row.person_id,
            measure: row.measure,
            state,
            phases: row.phases,
            tests: row.tests,
            release_on: row.release_on,
            cases: row.case_ids,
            zones: row.zone_ids,
        });
    }
    active.append(&mut elapsed);
    left_out += active.len().saturating_sub(MOST_CONTACTS as usize);
    active.truncate(MOST_CONTACTS as usize);
    Ok(People { rows: active, left_out })
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

fn rows(summary: &Value) -> impl Iterator<Item = Rows<'_>> {
    let tables = summary["input"]["tables"].as_object().into_iter().flatten();
    tables.map(|(table, of)| {
        let count = |name: &str| of[name].as_u64().unwrap_or(0);
        Rows {
            table,
            rows: count("rows"),
            used: count("used"),
            rejected: count("rejected"),
            repeated: count("repeated"),
            after_as_of: count("after_as_of"),
            inaccurate: count("inaccurate"),
            earlier_episode: count("earlier_episode"),
        }
    })
}

/// The first rows of a table.
fn first_rows<T: DeserializeOwned>(finished: &Finished, table: &str) -> Result<Vec<T>> {
    finished.rows::<T>(table)?.take(MOST_REJECTS).collect()
}
