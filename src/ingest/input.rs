//! A file of a table, and what was asked for besides the folder it is in.

use crate::base::error::Result;
use crate::base::problem::Problem;
use crate::ingest::contract::Table;
use crate::ingest::header::aliases::Aliases;
use crate::ingest::names::Packing;
use crate::ingest::text::context::Context;
use crate::ingest::workbook::merged::Spans;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::SystemTime;

/// A file of a table.
#[derive(Debug, Clone)]
pub struct InputFile {
    /// Its number in the folder.
    pub number: u32,
    /// Path relative to the input folder, with `/`.
    pub name: String,
    /// Where it is.
    pub path: PathBuf,
    /// Its size on disk.
    pub bytes: u64,
    /// What it was when it was found.
    stamp: Option<Stamp>,
    /// How it is packed.
    pub packing: Packing,
    /// Of a workbook: the sheet.
    pub sheet: Option<String>,
    /// The table it is part of.
    pub table: Table,
    /// The texts of the folder.
    pub context: Arc<Context>,
    /// Of a sheet: its merged cells, once somebody has looked.
    pub(in crate::ingest) spans: Arc<OnceLock<Spans>>,
}

/// By what a file is known to be as it was: its size, when it was written, and which it is.
type Stamp = (u64, Option<SystemTime>, u64);

fn stamp(path: &Path) -> Option<Stamp> {
    let about = std::fs::metadata(path).ok()?;
    #[cfg(unix)]
    let number = std::os::unix::fs::MetadataExt::ino(&about);
    #[cfg(not(unix))]
    let number = 0;
    Some((about.len(), about.modified().ok(), number))
}

impl InputFile {
    /// A file as it is now; it has no number yet.
    pub(in crate::ingest) fn new(
        name: String,
        path: &Path,
        (packing, sheet): (Packing, Option<String>),
        table: Table,
    ) -> InputFile {
        let stamp = stamp(path);
        InputFile {
            number: 0,
            name,
            path: path.to_owned(),
            bytes: stamp.map_or(0, |(bytes, ..)| bytes),
            stamp,
            packing,
            sheet,
            table,
            context: Arc::default(),
            spans: Arc::default(),
        }
    }

    /// Holds the file against what it was when it was found.
    ///
    /// # Errors
    /// When it has been written to, or is another one: what was read of it is of no one moment.
    pub fn unchanged(&self) -> Result<()> {
        if stamp(&self.path) == self.stamp {
            return Ok(());
        }
        Err(Problem::FileChanged { file: format!("`{}`", self.name) }.into())
    }
}

/// What was asked for besides a folder.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// Names of one's own for columns: they tell a sheet of a table from another.
    pub aliases: Aliases,
    /// Files that were named outright for tables: paths or patterns (`parts/*.csv`), in the folder
    /// or anywhere. Such a table has no other files.
    pub tables: Vec<(Table, String)>,
}
