//! A file of a table, and what was asked for besides the folder it is in.

use crate::ingest::contract::Table;
use crate::ingest::header::aliases::Aliases;
use crate::ingest::names::Packing;
use crate::ingest::text::context::Context;
use crate::ingest::workbook::merged::Spans;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

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

/// What was asked for besides a folder.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// Names of one's own for columns: they tell a sheet of a table from another.
    pub aliases: Aliases,
    /// Files that were named outright for tables: paths or patterns (`parts/*.csv`), in the folder
    /// or anywhere. Such a table has no other files.
    pub tables: Vec<(Table, String)>,
}
