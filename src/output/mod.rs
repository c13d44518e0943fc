//! What a run writes: the tables, the summary, and the folder they are swapped in with.
//!
//! The only part that knows how findings look on disk.

mod folder;
mod summary;
pub mod tables;

pub use folder::OutputFolder;
pub use summary::summary;

use crate::analysis::Analysis;
use crate::error::{Error, Result};
use crate::ingest::{Account, Folder};
use std::io::Write;

/// The table of rejected rows.
const REJECTS: &str = "rejects.csv";

type WriteTable = fn(&Analysis, &mut dyn Write) -> csv::Result<()>;

const TABLES: [(&str, WriteTable); 7] = [
    ("contacts.csv", tables::contacts),
    ("exposures.csv", tables::exposures),
    ("evidence.csv", tables::evidence),
    ("links.csv", tables::links),
    ("venue_exposed.csv", tables::venue_exposed),
    ("zones.csv", tables::zones),
    ("measures.csv", tables::measures),
];

/// Every file a run may write.
const FILES: [&str; 9] = [
    "contacts.csv",
    "exposures.csv",
    "evidence.csv",
    "links.csv",
    "venue_exposed.csv",
    "zones.csv",
    "measures.csv",
    REJECTS,
    "summary.json",
];

fn csv_error(name: &str, error: csv::Error) -> Error {
    let source = match error.into_kind() {
        csv::ErrorKind::Io(source) => source,
        other => std::io::Error::other(format!("{other:?}")),
    };
    Error::write(std::path::Path::new(name), source)
}

/// Writes all tables and the summary, and swaps the folder in.
///
/// # Errors
/// When something cannot be written; the previous output is then as it was.
pub fn write(analysis: &Analysis, folder: &OutputFolder) -> Result<serde_json::Value> {
    let stage = folder.stage()?;
    for (name, table) in TABLES {
        stage.file(name, |out| table(analysis, out).map_err(|e| csv_error(name, e)))?;
    }
    stage.file(REJECTS, |out| {
        let rejects = &analysis.account.rejects;
        tables::rejects(&analysis.folder, rejects, out).map_err(|e| csv_error(REJECTS, e))
    })?;
    let summary = summary(analysis);
    stage.file("summary.json", |out| {
        let failed = |e| Error::write(std::path::Path::new("summary.json"), e);
        serde_json::to_writer_pretty(&mut *out, &summary).map_err(|e| failed(e.into()))?;
        out.write_all(b"\n").map_err(failed)
    })?;
    stage.commit()?;
    Ok(summary)
}

/// Writes `rejects.csv` alone, for a run that stopped at too many of them.
///
/// # Errors
/// When it cannot be written.
pub fn write_rejects(input: &Folder, account: &Account, folder: &OutputFolder) -> Result<()> {
    folder.write_only(REJECTS, |out| {
        tables::rejects(input, &account.rejects, out).map_err(|e| csv_error(REJECTS, e))
    })
}
