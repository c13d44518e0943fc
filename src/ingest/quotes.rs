//! Rows as they stand in the input, for whoever has to show on what something rests.
//!
//! A light pass over the files that hold them: rows are cut and not read. Cost: that of finding the
//! ends of lines and cells; memory: the rows that are asked for.

use crate::base::error::Result;
use crate::ingest::books::Book;
use crate::ingest::cells;
use crate::ingest::contract::Table;
use crate::ingest::folder::Folder;
use crate::ingest::header::layout::Layout;
use crate::ingest::pass;
use crate::ingest::rows::batch::{Batch, ROWS};
use crate::ingest::rows::row::Row;
use crate::ingest::rows::source::TakeRows;
use crate::ingest::settings::{Progress, Settings, Silent};
use crate::model::RowRef;
use std::collections::{BTreeMap, BTreeSet};

/// A row of the input as it stands there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quote {
    /// Its table.
    pub table: Table,
    /// The cells that are not blank, each with what its column is called in the file.
    pub cells: Vec<(String, String)>,
    /// Whether it is a row of a bulk table without an end: its end is blank or the start again, and
    /// its length is blank or zero.
    pub says_no_end: bool,
}

/// Those of some rows in which nobody wrote down an end. Keeps no cells.
///
/// # Errors
/// When a file cannot be read.
pub fn without_end(
    folder: &Folder,
    settings: &Settings,
    rows: &BTreeSet<RowRef>,
) -> Result<BTreeSet<RowRef>> {
    let quotes = quotes(folder, settings, rows, false)?.into_iter();
    Ok(quotes.filter(|(_, quote)| quote.says_no_end).map(|(row, _)| row).collect())
}

/// These rows of a folder; one that is not there any more is left out.
///
/// # Errors
/// When a file cannot be read.
pub fn quote(
    folder: &Folder,
    settings: &Settings,
    rows: &BTreeSet<RowRef>,
) -> Result<BTreeMap<RowRef, Quote>> {
    quotes(folder, settings, rows, true)
}

fn quotes(
    folder: &Folder,
    settings: &Settings,
    rows: &BTreeSet<RowRef>,
    with_cells: bool,
) -> Result<BTreeMap<RowRef, Quote>> {
    let files: BTreeSet<u32> = rows.iter().map(|row| row.file()).collect();
    let mut part = folder.clone();
    part.files.retain(|file| files.contains(&file.number));
    let mut quotes = BTreeMap::new();
    let tables: BTreeSet<Table> = part.files.iter().map(|file| file.table).collect();
    for table in tables {
        let to = (settings, &Silent as &dyn Progress);
        let start = || Quoting::new(table, rows, with_cells);
        let (takers, _) = pass::read(&part, table, to, None, start)?;
        quotes.extend(takers.into_iter().flat_map(|taker| taker.found));
    }
    Ok(quotes)
}

/// Keeps the rows that are asked for.
struct Quoting<'r> {
    table: Table,
    rows: &'r BTreeSet<RowRef>,
    with_cells: bool,
    header: Vec<String>,
    /// The columns of the contract that the file has, and their cells.
    columns: Vec<(&'static str, Option<usize>)>,
    found: Vec<(RowRef, Quote)>,
    book: Book,
}

impl<'r> Quoting<'r> {
    fn new(table: Table, rows: &'r BTreeSet<RowRef>, with_cells: bool) -> Quoting<'r> {
        let (header, columns, found) = (Vec::new(), Vec::new(), Vec::new());
        Quoting { table, rows, with_cells, header, columns, found, book: Book::default() }
    }

    fn keep(&mut self, row: &Row<'_>) {
        let at = RowRef::new(self.book.file, row.line);
        if !self.rows.contains(&at) {
            return;
        }
        let text = |cell| String::from_utf8_lossy(cells::trim(row.at(cell))).into_owned();
        let width = if self.with_cells { row.width().min(self.header.len()) } else { 0 };
        let cells = (0..width).map(|cell| (self.header[cell].clone(), text(cell)));
        let value = |name: &str| {
            let column = self.columns.iter().find(|(column, _)| *column == name);
            cells::value(row.cell(column.and_then(|(_, cell)| *cell)))
        };
        let (start, end, seconds) = (value("start"), value("end"), value("seconds"));
        let is_zero = |cell: &[u8]| cell.iter().all(|byte| matches!(byte, b'0' | b'.'));
        let timed = self.table.is_bulk();
        let says_no_end = timed && (end.is_empty() || end == start) && is_zero(seconds);
        let quote = Quote {
            table: self.table,
            cells: cells.filter(|(_, cell)| !cell.is_empty()).collect(),
            says_no_end,
        };
        self.found.push((at, quote));
    }
}

impl TakeRows for Quoting<'_> {
    fn begin(&mut self, file: u32, layout: &Layout) {
        self.book.begin(file, layout);
        self.header.clone_from(&layout.header);
        let columns = self.table.columns().iter().map(|column| column.name);
        self.columns = columns.zip(layout.cells.iter().copied()).collect();
    }

    fn book(&mut self) -> &mut Book {
        &mut self.book
    }

    fn row(&mut self, row: &Row<'_>) {
        self.keep(row);
    }

    fn ordinary(&mut self, batch: &Batch<'_>) -> [bool; ROWS] {
        let at = |row| RowRef::new(self.book.file, batch.line(row));
        let asked: Vec<u64> =
            self.rows.range(at(0)..at(batch.len())).map(|row| row.line()).collect();
        for line in asked {
            batch.with_row((line - batch.line(0)) as usize, |row| self.keep(row));
        }
        [true; ROWS]
    }
}
