//! What a run writes: the tables, the summary, and the folder they are swapped in with.
//!
//! The only part that knows how findings look on disk.

mod cells;
pub mod checks;
mod folder;
mod kept;
mod summary;
pub mod tables;

pub use cells::Findings;
pub use folder::{OutputFolder, Stage};
pub use summary::summary;

use crate::analysis::Analysis;
use crate::error::Result;
use crate::ingest::{Account, Folder};
use rayon::prelude::*;
use std::io::Write;
use std::path::PathBuf;

/// The table of rejected rows.
pub const REJECTS: &str = "rejects.csv";

/// What a report needs and no table has.
pub const KEPT: &str = "report.json";

type WriteTable = fn(&Findings<'_>, &mut (dyn Write + Send)) -> std::io::Result<()>;

/// The tables of findings, the largest first: it takes one thread longer than all the small ones.
const TABLES: [(&str, WriteTable); 9] = [
    ("evidence.csv", tables::evidence),
    ("exposures.csv", tables::exposures),
    ("contacts.csv", tables::contacts),
    ("measures.csv", tables::measures),
    ("venue_exposed.csv", tables::venue_exposed),
    ("links.csv", tables::links),
    ("zones.csv", tables::zones),
    ("presence.csv", tables::presence),
    ("checks.csv", checks::checks),
];

/// The tables of a finished folder, without `.csv`.
pub fn table_names() -> impl Iterator<Item = &'static str> {
    let files = TABLES.iter().map(|(file, _)| *file).chain([REJECTS]);
    files.map(|file| file.strip_suffix(".csv").expect("a table is a CSV file"))
}

/// Files made from no one table.
const OTHERS: [&str; 8] = [
    folder::MARK,
    KEPT,
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

/// Writes all tables, the summary and what a report needs into a stage that is not yet swapped in.
///
/// # Errors
/// When something cannot be written; the previous output is then as it was.
pub fn write<'f>(
    analysis: &Analysis,
    folder: &'f OutputFolder,
) -> Result<(Stage<'f>, serde_json::Value)> {
    let stage = folder.stage()?;
    let findings = Findings::new(analysis);
    let tables = || {
        let write =
            |(name, table): &(&str, WriteTable)| stage.file(name, |out| table(&findings, out));
        TABLES.par_iter().try_for_each(write)
    };
    let others = || {
        let rejects = &analysis.account.rejects;
        stage.file(REJECTS, |out| tables::rejects(&analysis.folder, rejects, out))?;
        stage.file(KEPT, |out| {
            serde_json::to_writer(&mut *out, &kept::Kept::new(&findings, folder.path()))?;
            out.write_all(b"\n")
        })?;
        Ok(summary(&findings))
    };
    let (tables, summary) = rayon::join(tables, others);
    tables?;
    let summary = summary?;
    // The mark of a finished folder comes last.
    stage.file(folder::MARK, |out| {
        serde_json::to_writer_pretty(&mut *out, &summary)?;
        out.write_all(b"\n")
    })?;
    Ok((stage, summary))
}

/// Writes the rejects beside the folder, for a run that stopped at too many of them; what is in the
/// folder stays. Returns where they are.
///
/// # Errors
/// When they cannot be written.
pub fn write_rejects(input: &Folder, account: &Account, folder: &OutputFolder) -> Result<PathBuf> {
    folder.write_beside(REJECTS, |out| tables::rejects(input, &account.rejects, out))
}
