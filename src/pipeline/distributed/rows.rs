//! Rows that an engine hands over, as parts of the files of an export.
//!
//! A column `_file` says which file a row is of, as the engine or the index calls it, and `_row`
//! which row of it, counted from 0; without them the rows are those of the one table, in order.
//! Cost: a look at these columns.

use super::index_file::IndexFile;
use crate::base::error::{Error, Result};
use crate::base::problem::Problem;
use crate::ingest::{Folder, HeldRows, InputFile, Table};
use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{Array, RecordBatch, StringArray, UInt64Array};
use arrow_cast::cast;
use arrow_schema::DataType;
use arrow_select::take::take_record_batch;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The column that says which file a row is of.
pub const FILE: &str = "_file";

/// The column that says which row of it.
pub const ROW: &str = "_row";

/// Rows of a file at most: a reference to a row has room for this many.
const MOST_ROWS: i64 = 1 << 43;

/// Rows of a part at most.
const PART: usize = 1 << 16;

/// Cuts batches of a table into parts of files.
#[derive(Debug)]
pub(super) struct Parts {
    /// The files of the table: their numbers and names.
    files: Vec<(u32, String)>,
    table: Table,
    /// The next row where no column says which one it is.
    next: u64,
}

impl Parts {
    /// Of the files of an index.
    pub fn of_index(of: &IndexFile, table: Table) -> Parts {
        let files = of.bulk().filter(|(_, listed)| listed.is_of(table));
        let files = files.map(|(number, listed)| (number, listed.name.clone()));
        Parts { files: files.collect(), table, next: 0 }
    }

    /// Of the files of an export.
    pub fn of_folder(folder: &Folder, table: Table) -> Parts {
        let files = folder.of(table).map(|file| (file.number, file.name.clone()));
        Parts { files: files.collect(), table, next: 0 }
    }

    /// The parts of a batch.
    ///
    /// # Errors
    /// When `_file` or `_row` cannot be read, or `_file` names no file of the table.
    pub fn of(&mut self, batch: &RecordBatch) -> Result<Vec<InputFile>> {
        let count = batch.num_rows();
        let column = |name: &str, of: &DataType| -> Result<_> {
            let found = batch.column_by_name(name).map(|column| cast(column, of));
            found.transpose().map_err(|e| unreadable(name, &e.to_string()))
        };
        let files = column(FILE, &DataType::Utf8)?;
        let rows = column(ROW, &DataType::Int64)?;
        if files.iter().chain(&rows).any(|column| column.null_count() > 0) {
            return Err(unreadable(FILE, "it has blank cells"));
        }
        let kept = batch.schema_ref().fields().iter().enumerate();
        let kept = kept.filter(|(_, field)| ![FILE, ROW].contains(&field.name().as_str()));
        let kept: Vec<usize> = kept.map(|(at, _)| at).collect();
        let batch = batch.project(&kept).expect("columns that are there");
        let lines: Vec<u64> = match &rows {
            Some(rows) => {
                let rows = rows.as_primitive::<Int64Type>().values().iter();
                if rows.clone().any(|row| !(0..MOST_ROWS).contains(row)) {
                    return Err(unreadable(ROW, "a row is counted from 0, and below 2^43"));
                }
                rows.map(|&row| row as u64 + 2).collect()
            }
            None => (self.next..).take(count).map(|row| row + 2).collect(),
        };
        self.next += count as u64;
        let files = files.as_ref().map(|files| files.as_string::<i32>());
        let one = |files: &StringArray| (1..count).all(|row| files.value(row) == files.value(0));
        let mut parts = Vec::new();
        let Some(files) = files.filter(|files| !one(files)) else {
            let name = files.filter(|_| count > 0).map(|files| files.value(0));
            self.part(name, &batch, lines, &mut parts)?;
            return Ok(parts);
        };
        // Rows of many files one among another, as they come out of a join: each file's together.
        let mut rows_of: BTreeMap<&str, Vec<u64>> = BTreeMap::new();
        (0..)
            .zip(files.iter().flatten())
            .for_each(|(row, of)| rows_of.entry(of).or_default().push(row));
        for (name, rows) in rows_of {
            let own = rows.iter().map(|&row| lines[row as usize]).collect();
            let batch = take_record_batch(&batch, &UInt64Array::from(rows));
            let batch = batch.map_err(|e| unreadable(FILE, &e.to_string()))?;
            self.part(Some(name), &batch, own, &mut parts)?;
        }
        Ok(parts)
    }

    /// Adds the parts of rows of one file.
    fn part(
        &self,
        name: Option<&str>,
        batch: &RecordBatch,
        lines: Vec<u64>,
        parts: &mut Vec<InputFile>,
    ) -> Result<()> {
        let count = batch.num_rows();
        for from in (0..count).step_by(PART) {
            let to = count.min(from + PART);
            let (number, listed) = self.file(name)?;
            let held = HeldRows::part(&batch.slice(from, to - from), lines[from..to].to_vec())?;
            let mut file = InputFile::held(listed, self.table, Arc::new(held));
            file.number = number;
            parts.push(file);
        }
        Ok(())
    }

    /// The number and the name of a file of the table.
    fn file(&self, name: Option<&str>) -> Result<(u32, String)> {
        let found = match name {
            None => self.files.first().map(|(number, of)| (*number, &**of)),
            Some(name) => called(self.files.iter().map(|(number, of)| (*number, &**of)), name),
        };
        let name = name.unwrap_or(self.table.name()).to_owned();
        let found = found.map(|(number, name)| (number, name.to_owned()));
        found.ok_or_else(|| Problem::FileNotOfIndex { file: name }.into())
    }
}

/// The file that an engine calls so: by its name, or by a path or address that ends with it.
pub(super) fn called<'f>(
    files: impl Iterator<Item = (u32, &'f str)>,
    said: &str,
) -> Option<(u32, &'f str)> {
    let is_called = |name: &str| {
        let rest = said.strip_suffix(name);
        rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('/'))
    };
    // Of two that end alike the longer one: a folder in a folder.
    files.filter(|(_, name)| is_called(name)).max_by_key(|(_, name)| name.len())
}

#[cold]
fn unreadable(column: &str, what: &str) -> Error {
    Problem::ColumnUnreadable { column: column.to_owned(), what: what.to_owned() }.into()
}
