//! `NAME.excel.csv`: the tables as CSV that a spreadsheet opens well.
//!
//! A byte-order mark, so that Chinese is Chinese; moments without an offset, so that they are
//! dates; and a tab before every text that a spreadsheet would take for a formula, a number or a
//! date. These files are for reading: the tables beside them are the ones to read back. Cost: a
//! pass over each.

use super::finished::Finished;
use crate::base::error::Result;
use crate::output::description::TableShape;
use crate::output::{CellKind, Stage};
use rayon::prelude::*;
use std::io::Write;

/// Writes all of them.
pub fn write(finished: &Finished, stage: &Stage<'_>) -> Result<()> {
    let names: Vec<&str> = finished.tables().collect();
    names.par_iter().try_for_each(|name| {
        stage.file(&format!("{name}.excel.csv"), |out| {
            let mut reader = finished.table(&format!("{name}.csv"))?;
            let shape = TableShape::of(name);
            let kinds: Vec<CellKind> =
                (0..reader.headers()?.len()).map(|at| shape.kind(at)).collect();
            out.write_all("\u{feff}".as_bytes())?;
            let mut table = csv::WriterBuilder::new()
                .terminator(csv::Terminator::CRLF)
                .from_writer(out as &mut dyn Write);
            table.write_record(reader.headers()?)?;
            for record in reader.records() {
                let record = record?;
                let cells = record.iter().zip(&kinds).map(|(cell, &kind)| harmless(cell, kind));
                table.write_record(cells.collect::<Vec<_>>())?;
            }
            table.flush()
        })
    })
}

/// A cell as a spreadsheet should take it.
fn harmless(cell: &str, kind: CellKind) -> String {
    match kind {
        CellKind::Number | CellKind::Date => cell.to_owned(),
        // `2022-11-09T08:30:00+08:00` is text to a spreadsheet, `2022-11-09 08:30:00` a date.
        CellKind::Instant => cell.get(..19).unwrap_or(cell).replace('T', " "),
        CellKind::Text => {
            let cell = if is_risky(cell) { format!("\t{cell}") } else { cell.to_owned() };
            within(&cell)
        }
    }
}

/// A text with a tab before what would be a formula where a spreadsheet splits cells at `;`, as
/// many do in Europe.
fn within(cell: &str) -> String {
    let mut parts = cell.split(';');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let first = part.trim_start_matches([' ', '"', '\u{a0}', '\u{3000}']).chars().next();
        let formula = first.is_some_and(|first| "=+-@＝＋－＠".contains(first));
        text.push_str(if formula { ";\t" } else { ";" });
        text.push_str(part);
    }
    text
}

/// Whether a spreadsheet could make something else of a text: only what begins with a letter is
/// safe, and not even that when it reads like a month or a truth.
fn is_risky(cell: &str) -> bool {
    let Some(first) = cell.chars().next() else { return false };
    if !first.is_alphabetic() {
        return true;
    }
    let head: String = cell.chars().take(3).collect::<String>().to_ascii_lowercase();
    let months =
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let ends_in_digit = cell.ends_with(|c: char| c.is_ascii_digit());
    (months.contains(&head.as_str()) && ends_in_digit)
        || ["true", "false"].contains(&cell.to_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_spreadsheet_leaves_alone_is_left_alone() {
        for cell in [
            "=1+1",
            "+1",
            "-1",
            "@a",
            "\tx",
            "＝1",
            "007",
            "110101199003070011",
            "1E5",
            "MAR1",
            "Sept 2022",
            "TRUE",
            "1-2",
            "3/4",
            " a",
        ] {
            assert_eq!(harmless(cell, CellKind::Text), format!("\t{cell}"));
        }
        for cell in ["", "P0000007", "甲一", "Garden 1", "marker", "household;venue"] {
            assert_eq!(harmless(cell, CellKind::Text), cell);
        }
        assert_eq!(harmless("C1;=1+1;P2", CellKind::Text), "C1;\t=1+1;P2");
        assert_eq!(harmless("a; \"@x", CellKind::Text), "a;\t \"@x");
        assert_eq!(harmless("2022-11-09T08:30:00+08:00", CellKind::Instant), "2022-11-09 08:30:00");
        assert_eq!(harmless("-3", CellKind::Number), "-3");
    }
}
