//! What the files of an output are called.

/// The table of rejected rows.
pub const REJECTS: &str = "rejects.csv";

/// What a report needs and no table has.
pub const REPORT_DATA: &str = "report.json";

/// The file that says a folder is one of ours.
pub const MARK: &str = "summary.json";

/// The tables of findings.
const TABLES: [&str; 9] = [
    "contacts",
    "exposures",
    "evidence",
    "links",
    "venue_exposed",
    "zones",
    "measures",
    "presence",
    "checks",
];

/// The tables of a finished folder, without `.csv`.
pub fn table_names() -> impl Iterator<Item = &'static str> {
    TABLES.into_iter().chain(["rejects"])
}

/// Files made from no one table.
const OTHERS: [&str; 8] = [
    MARK,
    REPORT_DATA,
    "report.html",
    "report.xlsx",
    "zones.geojson",
    "graph.graphml",
    "graph.dot",
    "tests.ics",
];

/// Whether a run or a report writes a file of this name.
pub fn is_ours(name: &str) -> bool {
    let made_from = |prefix: &str, ends: &str| name.starts_with(prefix) && name.ends_with(ends);
    let of_table = |table: &str| {
        let ends = name.strip_prefix(table);
        ends.is_some_and(|ends| [".csv", ".parquet", ".excel.csv"].contains(&ends))
    };
    OTHERS.contains(&name)
        || table_names().any(of_table)
        || made_from("picture-", ".svg")
        || made_from("handover-", ".xlsx")
}
