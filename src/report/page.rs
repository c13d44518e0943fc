//! `report.html`: one page that opens offline, with everything a person looks at.
//!
//! The page is the files of `page/` and the findings as JSON, large lists packed. Nothing is
//! fetched: a content security policy allows the page's own style and script, by their hashes, and
//! nothing else. The JSON holds no `<`, so no name in it can end its element. Memory: the page.

use super::brief::brief;
use super::finished::{Finished, PairRow, text};
use super::page_notice;
use super::page_parts::{Parts, packed};
use super::page_people::{PagePeople, people};
use super::page_rows::{
    Changed, Check, CurveDay, Link, MeasureCount, PolicyValue, Price, Reject, Rows, Tests, ToDo,
    Zone,
};
use super::todo::ToDo as Today;
use super::words::{Lang, phase_of};
use crate::base::time::Date;
use base64::Engine;
use hashbrown::{HashMap, HashSet};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::io::{Result, Write};

const PAGE: &str = include_str!("page/page.html");
const STYLE: &str = concat!(
    include_str!("page/report.css"),
    include_str!("page/charts.css"),
    include_str!("page/media.css"),
);
/// Made from the modules beside it by `tests/eyes/build`.
const SCRIPT: &str = include_str!("page/built/report.js");

/// Rows of a table that are shown of those that nobody works through on a page.
const MOST_ROWS: usize = 1000;

/// Changes that are shown, people first.
const MOST_CHANGES: usize = 10_000;

/// Writes the page.
pub fn page(finished: &Finished, lang: Lang, out: &mut dyn Write) -> Result<()> {
    let mut parts = Parts::default();
    let data = data(finished, &mut parts)?.to_string().replace('<', "\\u003c");
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
            "parts" => {
                parts.write(out)?;
                ""
            }
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

fn data(finished: &Finished, parts: &mut Parts) -> Result<Value> {
    let summary = &finished.summary;
    let (policy, counts) = (&summary["policy"], &summary["counts"]);
    let people = people(finished, parts)?;
    let mut checks = first_rows::<Check>(finished, "checks.csv")?;
    let known = finished.people()?;
    checks.iter_mut().for_each(|check| check.id = known.ids(&check.id));
    let links = links(finished, &people)?;
    let notice = page_notice::tables(finished)?;
    let today = Today::of(finished)?;
    let tasks = today.tasks.iter().map(|(task, rows)| (task.as_str(), rows.len()));
    let tasks: serde_json::Map<String, Value> =
        tasks.map(|(task, count)| (task.to_owned(), count.into())).collect();
    let todo = today.tasks.iter().flat_map(|(_, rows)| rows).map(|row| ToDo::of(row, &people));
    parts.add("today", todo)?;
    let (changed, changed_left_out) = changed(finished, &people)?;
    let number = |id: &str| people.number(id).map(Value::from);
    let zones = finished.zones()?.into_iter();
    let zones = zones.map(|row| Zone::of(row, |ids| ids.split(';').filter_map(number).collect()));
    let prices = finished.rows::<Price>("zone_options.csv")?.collect::<Result<Vec<Price>>>()?;
    let clusters = summary["clusters"].as_array().into_iter().flatten();
    let members = |of: &Value| -> Value {
        of.as_array().into_iter().flatten().filter_map(|id| number(text(id))).collect()
    };
    Ok(json!({
        "asOf": finished.as_of(),
        "words": words(policy, &checks, &notice),
        "brief": briefs(finished)?,
        "policy": { "name": policy["name"], "title": policy["title"] },
        "values": packed(policy_values_of(policy)),
        "counts": tiles(finished),
        "held": held(finished)?,
        "rests": { "household": people.household_only, "one": people.one_match },
        "avoided": summary["avoided"],
        "leftOut": {
            "cases": people.cases_left_out,
            "changed": changed_left_out,
            "people": people.left_out,
            "contacts": people.contacts_left_out,
            "proof": people.without_proof,
        },
        "drawsZones": finished.draws_zones(),
        "zoneRules": policy["zone"],
        "tasks": tasks,
        "changes": finished.kept["changes"],
        "changed": packed(changed),
        "curve": packed(curve_days(finished)),
        "zones": packed(zones),
        "keyGroups": page_notice::key_groups(finished)?,
        "prices": packed(prices),
        "points": finished.kept["points"],
        "names": finished.kept["names"],
        "measures": packed(measures(policy, counts)),
        "tests": packed(finished.list("tests").iter().map(Tests::of)),
        "cases": cases(finished, &people)?,
        "clusters": clusters.map(members).collect::<Value>(),
        "links": packed(links),
        "rows": packed(rows(summary)),
        "rejected": counts["rejects"].as_u64().unwrap_or(0)
            + counts["used_without_a_cell"].as_u64().unwrap_or(0),
        "rejects": packed(first_rows::<Reject>(finished, "rejects.csv")?),
        "checks": packed(checks),
        "checked": counts["checks"],
        "unanswered": page_notice::in_all_languages(summary),
        "notice": notice,
    }))
}

/// The links between cases that are in the page; links to other cases are left out.
fn links(finished: &Finished, people: &PagePeople) -> Result<Vec<Link>> {
    let of_row = |row: Result<PairRow>| match row {
        Err(error) => Some(Err(error)),
        Ok(PairRow { case_id, person_id, seconds, .. }) => {
            let (earlier, later) = (people.number(&case_id)?, people.number(&person_id)?);
            Some(Ok(Link { earlier, later, minutes: seconds / 60 }))
        }
    };
    finished.rows::<PairRow>("links.csv")?.filter_map(of_row).collect()
}

/// The brief in every language.
fn briefs(finished: &Finished) -> Result<BTreeMap<&'static str, Vec<String>>> {
    let of_lang = |lang: Lang| Ok((lang.code(), brief(finished, lang)?));
    Lang::ALL.into_iter().map(of_lang).collect()
}

/// What changed since the earlier output, people first, and how much is left out; nothing where
/// there is none.
fn changed(finished: &Finished, people: &PagePeople) -> Result<(Vec<Changed>, usize)> {
    if finished.kept["changes"].is_null() {
        return Ok((Vec::new(), 0));
    }
    let rows = finished.rows::<Changed>("changes.csv")?.collect::<Result<Vec<_>>>()?;
    let mut rows: Vec<Changed> = rows.into_iter().map(|row| row.of(people)).collect();
    rows.sort_by_key(|row| row.rank());
    let left_out = rows.len().saturating_sub(MOST_CHANGES);
    rows.truncate(MOST_CHANGES);
    Ok((rows, left_out))
}

/// Who is held where on the day: people, and the days of theirs from then on.
fn held(finished: &Finished) -> Result<BTreeMap<String, [u64; 2]>> {
    let mut held: BTreeMap<String, [u64; 2]> = BTreeMap::new();
    let Some(today) = Date::parse(finished.as_of()) else { return Ok(held) };
    for row in finished.rows::<super::finished::MeasureRow>("measures.csv")? {
        let row = row?;
        let mut now = None;
        let phases = row.phases.split(';').filter(|_| row.state == "active");
        for (kind, from, to) in phases.filter_map(phase_of) {
            if to < today {
                continue;
            }
            // Before the first day of the plan somebody is where it begins.
            now = now.or(Some(kind));
            let days = i64::from(to.0) - i64::from(from.max(today).0) + 1;
            held.entry(kind.to_owned()).or_default()[1] += u64::try_from(days).unwrap_or(0);
        }
        if let Some(kind) = now {
            held.entry(kind.to_owned()).or_default()[0] += 1;
        }
    }
    Ok(held)
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
        "high": sum(&counts["zones"], "high"),
        "active": sum(&counts["measures"], "active"),
        "unknown": summary["cases_without_source"].as_array().map_or(0, Vec::len),
        "late": late,
    })
}

/// The words of the page in every language, by its code, with the texts of the policy and
/// of what to look at.
fn words(
    policy: &Value,
    checks: &[Check],
    notice: &[Value],
) -> BTreeMap<&'static str, BTreeMap<String, String>> {
    let title = text(&policy["title"]).to_owned();
    let texts = policy_values_of(policy).flat_map(|of| [of.key, of.source]);
    let texts: Vec<String> = texts.chain([title]).filter(|text| !text.is_empty()).collect();
    let of_lang = |lang: Lang| {
        let mut words = lang.page().clone();
        // The button names the language that comes next.
        let next = Lang::ALL.iter().cycle().skip_while(|other| **other != lang).nth(1);
        words.insert("other".to_owned(), next.map_or("", |next| next.name()).to_owned());
        let own = texts.iter().map(|text| (text, lang.of_policy(text)));
        words.extend(own.filter(|(a, b)| a != b).map(|(a, b)| (a.clone(), b.to_owned())));
        for what in checks.iter().map(|check| &check.what) {
            words.entry(what.clone()).or_insert_with(|| lang.translated(what));
        }
        words.extend(page_notice::words(notice, lang));
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
    // The page says the words itself, for it speaks two languages.
    let values = policy_table(policy, Lang::En).into_iter();
    values.map(move |(key, value)| PolicyValue { source: source(&key), key, value })
}

/// The values of a policy by their names, as a person reads them.
pub fn policy_table(policy: &Value, lang: Lang) -> Vec<(String, String)> {
    let mut values = Vec::new();
    policy_values("", policy, lang, &mut values);
    let text = |name: &str| name.starts_with("sources") || name == "name" || name == "title";
    values.retain(|(name, _)| !text(name));
    values
}

/// The leaves of a policy by their names: `exposure.min_minutes`; lists are one value.
fn policy_values(prefix: &str, value: &Value, lang: Lang, found: &mut Vec<(String, String)>) {
    match value {
        Value::Object(object) => {
            for (key, value) in object {
                let name = if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
                policy_values(&name, value, lang, found);
            }
        }
        Value::Null => {}
        Value::String(text) => found.push((prefix.to_owned(), text.clone())),
        Value::Array(phases) => {
            let phase = |phase: &Value| {
                let tests = phase["tests"].as_array().map_or(0, Vec::len);
                let kind = lang.cell(phase["kind"].as_str().unwrap_or(""));
                lang.fill("{} {} d, {} tests", &[&kind, &phase["days"], &tests])
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

/// A bar for each day of the curve: by whether a source is known.
fn curve_days(finished: &Finished) -> Vec<CurveDay> {
    let without: HashSet<&str> = finished.summary["cases_without_source"]
        .as_array()
        .map_or_else(HashSet::new, |ids| ids.iter().map(text).collect());
    let mut days: BTreeMap<(String, bool), [u64; 2]> = BTreeMap::new();
    for case in finished.list("cases") {
        let known = usize::from(!without.contains(text(&case["id"])));
        let confirmed = text(&case["confirmed"]).get(..10).unwrap_or("");
        let onset = text(&case["onset"]);
        for (day, of_onset) in [(confirmed, false), (onset, true)] {
            if !day.is_empty() {
                days.entry((day.to_owned(), of_onset)).or_default()[known] += 1;
            }
        }
    }
    let day = |((day, onset), [unknown, known]): ((String, bool), [u64; 2])| CurveDay {
        day,
        onset,
        known,
        unknown,
    };
    days.into_iter().map(day).collect()
}

/// The cases with the number of their close contacts, by the numbers of people.
fn cases(finished: &Finished, people: &PagePeople) -> Result<Vec<Value>> {
    let mut contacts: HashMap<String, u64> = HashMap::new();
    for row in finished.rows::<PairRow>("exposures.csv")? {
        *contacts.entry(row?.case_id).or_default() += 1;
    }
    let of = |(case, number): (&Value, &usize)| {
        let mut own = case.clone();
        own["contacts"] = contacts.get(text(&case["id"])).copied().unwrap_or(0).into();
        own["id"] = (*number).into();
        own
    };
    Ok(finished.list("cases").iter().zip(&people.cases).map(of).collect())
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
            others: ["blank", "header_again", "totals", "nobody", "no_case"]
                .map(count)
                .iter()
                .sum(),
        }
    })
}

/// The first rows of a table.
fn first_rows<T: DeserializeOwned>(finished: &Finished, table: &str) -> Result<Vec<T>> {
    finished.rows::<T>(table)?.take(MOST_ROWS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::Table;

    #[test]
    fn every_table_of_an_export_has_a_name_on_the_page() {
        for (lang, table) in Lang::ALL.into_iter().flat_map(|lang| Table::ALL.map(|t| (lang, t))) {
            let word = format!("input_{}", table.name());
            assert!(lang.page().contains_key(&word), "{word} in {}", lang.code());
        }
    }
}
