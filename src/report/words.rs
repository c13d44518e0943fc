//! What the columns of the tables are, and how a person reads their cells.
//!
//! The words themselves stand in the dictionaries; the tables are the same in any language.

pub use crate::base::words::Lang;

/// What the cells of a column are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CellKind {
    /// Text, ids among it.
    Text,
    /// A whole number.
    Number,
    /// A day.
    Date,
    /// A moment.
    Instant,
}

/// What the cells of a column are.
pub fn kind(column: &str) -> CellKind {
    match column {
        "rank" | "cases" | "minutes" | "peak_minutes" | "encounters" | "count" | "seconds"
        | "peak_seconds" | "serial_days" | "days" | "contacts" | "secondary" | "residents"
        | "present" | "line" | "people" | "resident_days" | "spillover" | "spillover_days"
        | "smaller_residents" | "larger_residents" => CellKind::Number,
        "last_case_date" | "downgrade_on" | "day0" | "release_on" | "day" => CellKind::Date,
        "first_exposure" | "last_exposure" | "start" | "end" | "risk_from" | "announce_by" => {
            CellKind::Instant
        }
        _ => CellKind::Text,
    }
}

/// A cell of a table as a person reads it.
pub fn shown(column: &str, cell: &str, lang: Lang) -> String {
    let words = ["measure", "state", "status", "level", "bases", "basis", "row", "check", "what"];
    if !words.contains(&column) {
        return cell.to_owned();
    }
    cell.split(';').map(|word| lang.cell(word)).collect::<Vec<_>>().join(";")
}
