//! The tables of the Notice's other measures on the page, and what a run could not answer.
//!
//! People stand in the cells as they are shown, by name and id. Places, words and days are put into
//! a language by the page. Cost: a pass over each table; memory: its first rows.

use super::finished::{Finished, text};
use super::words::Lang;
use crate::output::{CellKind, is_of_people, kind};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::Result;

/// Rows of each table that stand in the page.
const MOST_ROWS: usize = 500;

/// Columns whose cells are words of the tables.
const WORDS: [&str; 15] = [
    "state",
    "reasons",
    "next_step",
    "there",
    "may_leave",
    "because",
    "verdict",
    "late",
    "near",
    "kind",
    "what",
    "how",
    "needs",
    "code",
    "edge",
];

/// Rows of the input, which the page does not quote here.
fn is_row(column: &str) -> bool {
    column == "row" || column.ends_with("_row")
}

/// The tables that are there: name, columns with their kinds, the first rows, how many there are.
pub fn tables(finished: &Finished) -> Result<Vec<Value>> {
    let people = finished.people()?;
    let mut all = Vec::new();
    for name in finished.other_lists() {
        let mut reader = finished.table(&format!("{name}.csv"))?;
        let columns: Vec<String> = reader.headers()?.iter().map(str::to_owned).collect();
        let shown: Vec<usize> = (0..columns.len()).filter(|&at| !is_row(&columns[at])).collect();
        let cell = |column: &str, cell: &str| match column {
            column if is_of_people(column) => match people.find(cell) {
                Some(of) if !of.name.is_empty() => format!("{} {}", of.name, people.id(cell)),
                _ => people.ids(cell),
            },
            _ => cell.to_owned(),
        };
        let (mut rows, mut count) = (Vec::new(), 0);
        for record in reader.records() {
            let record = record?;
            count += 1;
            if count <= MOST_ROWS {
                let cells = shown.iter().map(|&at| cell(&columns[at], &record[at]));
                rows.push(cells.collect::<Vec<String>>());
            }
        }
        let kinds = shown.iter().map(|&at| {
            let name = columns[at].as_str();
            let how = match kind(name) {
                _ if name == "phases" || name == "tests" => name,
                _ if name == "place_id" => "places",
                _ if WORDS.contains(&name) => "words",
                CellKind::Number => "number",
                CellKind::Date => "date",
                CellKind::Instant => "time",
                CellKind::Text => "text",
            };
            json!([name, how])
        });
        let kinds: Vec<Value> = kinds.collect();
        all.push(json!({ "name": name, "columns": kinds, "rows": rows, "all": count }));
    }
    Ok(all)
}

/// The key groups of each high-risk zone, with how many people live there: of `needs.csv`, where it
/// is.
pub fn key_groups(finished: &Finished) -> Result<BTreeMap<String, Vec<(String, u64)>>> {
    let mut groups: BTreeMap<String, Vec<(String, u64)>> = BTreeMap::new();
    if finished.other_lists().any(|name| name == "needs") {
        for row in finished.rows::<Need>("needs.csv")? {
            let row = row?;
            groups.entry(row.zone_id).or_default().push((row.group, row.people));
        }
    }
    Ok(groups)
}

/// A row of `needs.csv`.
#[derive(Deserialize)]
struct Need {
    zone_id: String,
    group: String,
    people: u64,
}

/// What the page calls these tables, their columns and words in a language.
pub fn words(tables: &[Value], lang: Lang) -> BTreeMap<String, String> {
    let mut words = BTreeMap::new();
    let said = |own: &str| own.replace('_', " ");
    for table in tables {
        let name = text(&table["name"]);
        words.insert(format!("table_{name}"), said(lang.cell(name)));
        let columns: Vec<&Value> = table["columns"].as_array().into_iter().flatten().collect();
        for column in &columns {
            let name = text(&column[0]);
            words.insert(format!("column_{name}"), said(lang.column(name)));
        }
        for row in table["rows"].as_array().into_iter().flatten() {
            for (column, cell) in columns.iter().zip(row.as_array().into_iter().flatten()) {
                for word in text(cell).split(';').filter(|_| column[1] == "words") {
                    words.insert(format!("cell_{word}"), said(lang.cell(word)));
                }
            }
        }
    }
    words
}

/// What a run could not answer, by language.
pub fn in_all_languages(summary: &Value) -> BTreeMap<&'static str, Vec<[String; 2]>> {
    let of_lang = |lang: Lang| (lang.code(), unanswered(summary, lang));
    Lang::ALL.into_iter().map(of_lang).collect()
}

/// What a run could not answer, in a language: what, and what it needs.
pub fn unanswered(summary: &Value, lang: Lang) -> Vec<[String; 2]> {
    let all = summary["not_answered"].as_array().into_iter().flatten();
    let say = |of: &Value| lang.translated(text(of));
    all.map(|of| [say(&of["what"]), say(&of["needs"])]).collect()
}
