//! What a column that is missing may be called in a file: a guess for a message, never for a
//! verdict.
//!
//! A cell is guessed for the column that it is most like of all the table's, and never for a start
//! when it speaks of an end, or the other way round. Cost: a comparison with each name.

use crate::base::problem::Guess;
use crate::ingest::contract::{Column, Table};
use crate::ingest::header::aliases::plain;

/// Words of an end, and of a start.
const ENDS: &[&str] = &[
    "end", "to", "until", "till", "left", "leav", "depart", "out", "exit", "finish", "stop",
    "last", "结束", "离开", "终", "止", "退", "出", "完",
];
const STARTS: &[&str] = &[
    "start", "from", "begin", "since", "in", "enter", "arriv", "first", "开始", "进入", "到达",
    "起", "入", "始",
];

/// How like two names are, from 0 to 1.
fn likeness(name: &str, cell: &str) -> f64 {
    let (name, cell) = (plain(name), plain(cell));
    let short = name.chars().count().min(cell.chars().count());
    let within = short > 2 && (name.contains(&cell) || cell.contains(&name));
    // A name that holds another in whole is more like it than its letters say.
    strsim::jaro_winkler(&name, &cell).max(if within { 0.85 } else { 0.0 })
}

/// How like a cell is to a column.
fn score(column: &Column, cell: &str) -> f64 {
    let is_time = plain(cell).contains("time") || cell.contains(['时', '日']);
    match (column.name, speaks_of(cell)) {
        ("start", Some(ENDS)) | ("end", Some(STARTS)) => return 0.0,
        ("start", Some(STARTS)) | ("end", Some(ENDS)) if is_time => return 0.95,
        _ => {}
    }
    let names = std::iter::once(&column.name).chain(column.aliases).chain(column.spare);
    names.map(|name| likeness(name, cell)).fold(0.0, f64::max)
}

/// The list of words that a cell has one of, if it has: of an end first.
fn speaks_of(cell: &str) -> Option<&'static [&'static str]> {
    let words = words_of(cell);
    // `to` and `in` stand in many words.
    let alone = |rest: &str| matches!(rest, "" | "at" | "on" | "time" | "date" | "datetime");
    let is = |word: &String, known: &str| match word.strip_prefix(known) {
        Some(rest) if known.is_ascii() && known.len() < 4 => alone(rest),
        _ => known.len() > 3 && word.contains(known) || !known.is_ascii() && word.contains(known),
    };
    let says = |list: &[&str]| words.iter().any(|word| list.iter().any(|known| is(word, known)));
    [ENDS, STARTS].into_iter().find(|list| says(list))
}

/// The words of a name: at blanks, marks, and where a capital follows a small letter.
fn words_of(cell: &str) -> Vec<String> {
    let (mut words, mut word, mut small) = (Vec::new(), String::new(), false);
    for c in cell.chars() {
        if !c.is_alphanumeric() || (small && c.is_uppercase()) {
            words.push(std::mem::take(&mut word));
        }
        if c.is_alphanumeric() {
            word.extend(c.to_lowercase());
        }
        small = c.is_lowercase();
    }
    words.push(word);
    words
}

/// The guess for a column that is missing, of the cells that mean nothing yet.
pub fn guess(table: Table, column: &Column, unknown: &[String]) -> Guess {
    let is_best = |cell: &String, own: f64| {
        table.columns().iter().all(|other| other.name == column.name || score(other, cell) <= own)
    };
    let nearest = unknown
        .iter()
        .map(|cell| (score(column, cell), cell))
        .filter(|(score, cell)| *score > 0.7 && is_best(cell, *score))
        .max_by(|a, b| a.0.total_cmp(&b.0));
    match nearest {
        Some((_, cell)) => {
            Guess::Is { cell: cell.clone(), table: table.name(), column: column.name }
        }
        None => {
            let names: Vec<&str> = column.aliases.iter().chain(column.spare).copied().collect();
            Guess::Names(names.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guessed(table: Table, column: &str, cells: &[&str]) -> Option<String> {
        let cells: Vec<String> = cells.iter().map(|&cell| cell.to_owned()).collect();
        match guess(table, &table.columns()[table.column(column)], &cells) {
            Guess::Is { cell, .. } => Some(cell),
            Guess::Names(_) => None,
        }
    }

    #[test]
    fn an_end_is_never_named_for_a_start() {
        let start = |cells: &[&str]| guessed(Table::Trajectories, "start", cells);
        assert_eq!(start(&["toTime", "fromTime"]).as_deref(), Some("fromTime"));
        assert_eq!(start(&["toTime"]), None);
        assert_eq!(start(&["离开时刻", "time_out", "EndDateTime"]), None);
        assert_eq!(start(&["startt"]).as_deref(), Some("startt"));
        let end = |cells: &[&str]| guessed(Table::Colocations, "end", cells);
        assert_eq!(end(&["startTime"]), None);
        assert_eq!(end(&["stopTime"]).as_deref(), Some("stopTime"));
    }

    #[test]
    fn a_cell_is_guessed_for_what_it_is_most_like() {
        assert_eq!(
            guessed(Table::Cases, "confirmed", &["confirmd", "note"]).as_deref(),
            Some("confirmd")
        );
        assert_eq!(guessed(Table::Cases, "confirmed", &["onset_day"]), None);
        assert_eq!(
            guessed(Table::Cases, "person_id", &["persons_id"]).as_deref(),
            Some("persons_id")
        );
    }
}
