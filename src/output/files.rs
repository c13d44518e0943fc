//! The files of an output: who writes the tables, and what is ours.

use super::names::{BEFORE, CHANGES, MARK, PACKAGE, PROBE, REJECTS, REPORT_DATA};
use super::row_writer::Findings;
use super::{checks, notice, options, people, tables, today};
use std::io::Write;

/// Writes a table.
pub(super) type WriteTable = fn(&Findings<'_>, &mut (dyn Write + Send)) -> std::io::Result<()>;

/// The tables of findings, the largest first: it takes one thread longer than all the small ones.
pub(super) const TABLES: [(&str, WriteTable); 12] = [
    ("evidence.csv", tables::evidence),
    ("exposures.csv", tables::exposures),
    ("contacts.csv", tables::contacts),
    ("measures.csv", tables::measures),
    ("venue_exposed.csv", tables::venue_exposed),
    ("links.csv", tables::links),
    ("zones.csv", tables::zones),
    ("zone_options.csv", options::zone_options),
    ("presence.csv", tables::presence),
    ("checks.csv", checks::checks),
    ("people.csv", people::people),
    ("today.csv", today::today),
];

/// The tables that a finished folder can have, without `.csv`.
pub fn table_names() -> impl Iterator<Item = &'static str> {
    let further = notice::TABLES.iter().map(|(file, ..)| *file);
    let files = TABLES.iter().map(|(file, _)| *file).chain(further).chain([REJECTS]);
    files.map(|file| file.strip_suffix(".csv").expect("a table is a CSV file"))
}

/// Files made from no one table.
const OTHERS: [&str; 19] = [
    MARK,
    PACKAGE,
    REPORT_DATA,
    CHANGES,
    BEFORE,
    "report.html",
    "report.xlsx",
    "zones.geojson",
    "zones-public.csv",
    "graph.graphml",
    "graph.dot",
    "tests.ics",
    "epiverse_linelist.csv",
    "epiverse_contacts.csv",
    "godata_cases.csv",
    "godata_contacts.csv",
    "sormas_contacts.csv",
    "odk_contacts.csv",
    "dhis2.json",
];

/// Whether a run or a report writes a file of this name.
pub fn is_ours(name: &str) -> bool {
    let made_from = |prefix: &str, ends: &str| name.starts_with(prefix) && name.ends_with(ends);
    let of_table = |table: &str| {
        let ends = name.strip_prefix(table);
        ends.is_some_and(|ends| [".csv", ".parquet", ".excel.csv"].contains(&ends))
    };
    OTHERS.contains(&name)
        || name == PROBE
        || table_names().any(of_table)
        || made_from("picture-", ".svg")
        || made_from("handover-", ".xlsx")
}
