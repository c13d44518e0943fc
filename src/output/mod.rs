//! What a run writes: the tables, the summary, and the folder they are swapped in with.
//!
//! The only part that knows how findings look on disk.

mod cells;
mod folder;
mod graphml;
mod report;
mod summary;
pub mod tables;
mod workbook;

pub use cells::Findings;
pub use folder::OutputFolder;
pub use report::Lang;
pub use summary::summary;

use crate::analysis::Analysis;
use crate::error::Result;
use crate::ingest::{Account, Folder};
use rayon::prelude::*;
use std::io::Write;

/// The table of rejected rows.
const REJECTS: &str = "rejects.csv";

type WriteTable = fn(&Findings<'_>, &mut dyn Write) -> std::io::Result<()>;

const TABLES: [(&str, WriteTable); 7] = [
    ("contacts.csv", tables::contacts),
    ("exposures.csv", tables::exposures),
    ("evidence.csv", tables::evidence),
    ("links.csv", tables::links),
    ("venue_exposed.csv", tables::venue_exposed),
    ("zones.csv", tables::zones),
    ("measures.csv", tables::measures),
];

/// What may be written beside the tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extra {
    /// `report.html`, opening in a language.
    Html(Lang),
    /// `report.xlsx`, with headers in a language.
    Xlsx(Lang),
    /// `zones.geojson`.
    Geojson,
    /// `graph.graphml`.
    Graphml,
}

impl Extra {
    fn name(self) -> &'static str {
        match self {
            Extra::Html(_) => "report.html",
            Extra::Xlsx(_) => "report.xlsx",
            Extra::Geojson => "zones.geojson",
            Extra::Graphml => "graph.graphml",
        }
    }

    fn write(self, findings: &Findings<'_>, out: &mut dyn Write) -> std::io::Result<()> {
        match self {
            Extra::Html(lang) => report::report(findings, lang, out),
            Extra::Xlsx(lang) => workbook::workbook(findings, lang, out),
            Extra::Geojson => report::geojson(findings, out),
            Extra::Graphml => graphml::graphml(findings, out),
        }
    }
}

/// Every file a run may write.
const FILES: [&str; 13] = [
    "report.xlsx",
    "report.html",
    "zones.geojson",
    "graph.graphml",
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

/// Writes all tables, the `extras` and the summary, and swaps the folder in.
///
/// # Errors
/// When something cannot be written; the previous output is then as it was.
pub fn write(
    analysis: &Analysis,
    extras: &[Extra],
    folder: &OutputFolder,
) -> Result<serde_json::Value> {
    let stage = folder.stage()?;
    let findings = Findings::new(analysis);
    TABLES
        .par_iter()
        .try_for_each(|(name, table)| stage.file(name, |out| table(&findings, out)))?;
    extras
        .par_iter()
        .try_for_each(|extra| stage.file(extra.name(), |out| extra.write(&findings, out)))?;
    let rejects = &analysis.account.rejects;
    stage.file(REJECTS, |out| tables::rejects(&analysis.folder, rejects, out))?;
    let summary = summary(&findings);
    stage.file("summary.json", |out| {
        serde_json::to_writer_pretty(&mut *out, &summary)?;
        out.write_all(b"\n")
    })?;
    stage.commit()?;
    Ok(summary)
}

/// Writes `rejects.csv` alone, for a run that stopped at too many of them.
///
/// # Errors
/// When it cannot be written.
pub fn write_rejects(input: &Folder, account: &Account, folder: &OutputFolder) -> Result<()> {
    folder.write_only(REJECTS, |out| tables::rejects(input, &account.rejects, out))
}
