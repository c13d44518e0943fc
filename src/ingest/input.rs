//! A file of a table, and what was asked for besides the folder it is in.

use crate::base::error::Result;
use crate::base::problem::Problem;
use crate::ingest::contract::Table;
use crate::ingest::header::aliases::Aliases;
use crate::ingest::names::Packing;
#[cfg(feature = "parquet")]
use crate::ingest::parquet::piece::Piece;
#[cfg(feature = "parquet")]
use crate::ingest::rows::held::HeldRows;
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
    /// Its rows, when they are in memory, and no file.
    #[cfg(feature = "parquet")]
    pub(in crate::ingest) held: Option<Arc<HeldRows>>,
    /// Which piece of it is read, of a Parquet file.
    #[cfg(feature = "parquet")]
    pub piece: Piece,
    /// Of a sheet: its merged cells, once somebody has looked.
    pub(in crate::ingest) spans: Arc<OnceLock<Spans>>,
}

/// What shows that a file is unchanged: its size, when it was written, and its inode.
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
    pub fn new(
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
            #[cfg(feature = "parquet")]
            held: None,
            #[cfg(feature = "parquet")]
            piece: Piece::WHOLE,
            spans: Arc::default(),
        }
    }

    /// A table in memory, by what it is called.
    #[cfg(feature = "parquet")]
    pub fn held(name: String, table: Table, rows: Arc<HeldRows>) -> InputFile {
        // Whatever lies here under that name is something else.
        let of = (Packing::Parquet, None);
        let file = InputFile::new(name, Path::new(""), of, table);
        InputFile { path: PathBuf::from(&file.name), held: Some(rows), ..file }
    }

    /// A table of which only the columns are known here: its rows are elsewhere.
    #[cfg(feature = "parquet")]
    pub fn elsewhere(name: String, table: Table, columns: Vec<String>) -> InputFile {
        InputFile::held(name, table, Arc::new(HeldRows::elsewhere(columns)))
    }

    /// How many rows a table in memory has; `None` for any other.
    pub fn held_count(&self) -> Option<u64> {
        #[cfg(feature = "parquet")]
        return self.held.as_ref().and_then(|held| held.count());
        #[cfg(not(feature = "parquet"))]
        None
    }

    /// The names of the columns of a table that is no file.
    pub fn held_columns(&self) -> Option<&[String]> {
        #[cfg(feature = "parquet")]
        return self.held.as_ref().map(|held| held.names());
        #[cfg(not(feature = "parquet"))]
        None
    }

    /// Whether its rows are neither here nor in a file.
    pub fn is_elsewhere(&self) -> bool {
        #[cfg(feature = "parquet")]
        return self.held.as_ref().is_some_and(|held| held.is_elsewhere());
        #[cfg(not(feature = "parquet"))]
        false
    }

    /// Whether it is no file: its rows are in memory, or elsewhere.
    pub fn is_held(&self) -> bool {
        #[cfg(feature = "parquet")]
        return self.held.is_some();
        #[cfg(not(feature = "parquet"))]
        false
    }

    /// Holds the file against what it was when it was found.
    ///
    /// # Errors
    /// When it has been written to, or is another one: what was read of it is of no one moment.
    pub fn unchanged(&self) -> Result<()> {
        if self.is_held() || stamp(&self.path) == self.stamp {
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
