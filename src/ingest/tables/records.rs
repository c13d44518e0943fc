//! The small tables as records, in the order of their lines.
//!
//! One thread; memory: what the reader of the file needs.

use crate::base::error::Result;
use crate::base::time::Instant;
use crate::ingest::account::Account;
use crate::ingest::books::Book;
use crate::ingest::cells;
use crate::ingest::cells::time_style::TimeStyle;
use crate::ingest::cells::{Bare, TimeReader};
use crate::ingest::contract::{Column, Table};
use crate::ingest::folder::Folder;
use crate::ingest::header::layout::Layout;
use crate::ingest::names::Packing;
use crate::ingest::pass;
use crate::ingest::pseudonyms::NO_PSEUDONYM;
use crate::ingest::rejects::{Fault, Reason};
use crate::ingest::rows::row::Row;
use crate::ingest::rows::source::TakeRows;
use crate::ingest::settings::{Progress, Settings};
use crate::ingest::tables::stays;
use crate::ingest::tables::stays::{Bad, fault, number, truth};
use crate::model::RowRef;
use csv::ByteRecord;
use std::io::Read;

/// The cells of a row by the columns of the table, trimmed, their text checked, their ids read.
pub struct Record<'r, 'c, 'z> {
    table: Table,
    cells: &'r ByteRecord,
    /// The row as it stands in the file, without its line end.
    pub raw: &'r [u8],
    /// Its row.
    pub row: RowRef,
    /// How the times of its columns are written.
    styles: &'r [TimeStyle],
    clock: &'c mut TimeReader<'z>,
    /// The first bad cell without which the row counts.
    bad: Option<Bad<'r>>,
}

/// Why a record gives nothing.
pub enum Left<'r> {
    /// It is left out for a fault.
    Rejected(Bad<'r>),
    /// It is left out, for another row with its id counts.
    Duplicate(Bad<'r>),
    /// It repeats a kept row exactly.
    Repeated,
    /// Its id stands for nobody.
    Nobody,
    /// It says itself that the person is no case.
    NoCase,
}

impl<'r> From<Bad<'r>> for Left<'r> {
    fn from(bad: Bad<'r>) -> Left<'r> {
        Left::Rejected(bad)
    }
}

/// What `read` makes of every record of a small table, in order.
///
/// # Errors
/// When a file cannot be read.
pub fn read<T>(
    folder: &Folder,
    table: Table,
    settings: &Settings,
    progress: &dyn Progress,
    read: impl for<'r> FnMut(&mut Record<'r, '_, '_>) -> std::result::Result<T, Left<'r>>,
) -> Result<(Vec<T>, Account)> {
    let (clock, book) = (TimeReader::new(settings.zone_of(table)), Book::default());
    let mut taker = Taker { table, reader: None, clock, book, read, found: Vec::new() };
    let account = pass::read_in_order(folder, table, (settings, progress), &mut taker)?;
    Ok((taker.found, account))
}

/// Makes records of rows, and of these what is asked for.
struct Taker<'z, T, F> {
    table: Table,
    reader: Option<RecordReader>,
    clock: TimeReader<'z>,
    book: Book,
    read: F,
    found: Vec<T>,
}

impl<T, F> TakeRows for Taker<'_, T, F>
where
    F: for<'r> FnMut(&mut Record<'r, '_, '_>) -> std::result::Result<T, Left<'r>>,
{
    fn begin(&mut self, file: u32, layout: &Layout) {
        self.book.begin(file, layout);
        self.reader = Some(RecordReader::new(self.table, layout));
    }

    fn book(&mut self) -> &mut Book {
        &mut self.book
    }

    fn row(&mut self, row: &Row<'_>) {
        self.book.tally.rows += 1;
        if self.book.no_row(row) {
            return;
        }
        let reader = self.reader.as_mut().expect("a file was begun");
        let record = reader.read(row, self.book.file, &mut self.clock);
        let read = record.map_err(Left::Rejected).and_then(|mut record| {
            let found = (self.read)(&mut record)?;
            Ok((found, record.bad))
        });
        self.found.extend(settle(&mut self.book, row.line, read));
    }
}

/// Enters what became of a record into a book, and gives what it is: a bad cell without which it
/// counts is told.
pub fn settle<'r, T>(
    book: &mut Book,
    line: u64,
    read: std::result::Result<(T, Option<Bad<'r>>), Left<'r>>,
) -> Option<T> {
    match read {
        Ok((found, bad)) => {
            if let Some((fault, value)) = bad {
                book.blank(line, fault, value);
            }
            return Some(found);
        }
        Err(Left::Nobody) => book.tally.nobody += 1,
        Err(Left::NoCase) => book.tally.no_case += 1,
        Err(Left::Repeated) => book.tally.repeated += 1,
        Err(Left::Duplicate((fault, value))) => {
            book.tally.duplicates += 1;
            book.reject(line, fault, value);
        }
        Err(Left::Rejected((fault, value))) => book.reject(line, fault, value),
    }
    None
}

/// About how many rows the plain files of a table have, by the first lines of each.
pub fn rows_about(folder: &Folder, table: Table) -> usize {
    let mut rows = 0;
    for file in folder.of(table).filter(|file| file.packing == Packing::Plain) {
        let mut begins = Vec::new();
        let read = std::fs::File::open(&file.path)
            .and_then(|raw| raw.take(1 << 16).read_to_end(&mut begins));
        if read.is_ok_and(|bytes| bytes > 0) {
            let lines = memchr::memchr_iter(b'\n', &begins).count() as u64;
            rows += file.bytes / begins.len() as u64 * lines;
        }
    }
    usize::try_from(rows).unwrap_or(0)
}

/// Makes records of rows.
pub struct RecordReader {
    table: Table,
    cells: Vec<Option<usize>>,
    record: ByteRecord,
    /// How the times of each column are written.
    styles: Vec<TimeStyle>,
    /// Room for an id that is not as it stands.
    id: Vec<u8>,
}

/// Columns of free text, where a word for nothing is a word.
fn is_free_text(column: &Column) -> bool {
    matches!(column.name, "name" | "groups")
}

impl RecordReader {
    /// For the rows of a file.
    pub fn new(table: Table, layout: &Layout) -> RecordReader {
        let (cells, styles) = (layout.cells.clone(), layout.times.clone());
        RecordReader { table, cells, record: ByteRecord::new(), styles, id: Vec::new() }
    }

    /// A row of a file as a record.
    ///
    /// # Errors
    /// The first cell that must be filled and is no text, or no id.
    pub fn read<'r, 'c, 'z>(
        &'r mut self,
        row: &Row<'r>,
        file: u32,
        clock: &'c mut TimeReader<'z>,
    ) -> std::result::Result<Record<'r, 'c, 'z>, Bad<'r>> {
        let RecordReader { table, cells, record, styles, id } = self;
        let mut bad = None;
        record.clear();
        for (&cell, column) in cells.iter().zip(table.columns()) {
            let cell = row.cell(cell);
            let value = if is_free_text(column) { cells::trim(cell) } else { cells::value(cell) };
            let found = if !row.ascii && !cells::is_text(value) {
                Err((Fault { column: column.name, reason: Reason::BadEncoding }, value))
            } else if column.is_id() {
                stays::id(cell, column.name, id).map_err(|(fault, _)| (fault, value))
            } else {
                Ok(value)
            };
            match found {
                Ok(value) => record.push_field(value),
                Err(found) if column.required => return Err(found),
                Err(found) => {
                    bad.get_or_insert(found);
                    record.push_field(b"");
                }
            }
        }
        let (raw, row) = (row.raw(), RowRef::new(file, row.line));
        Ok(Record { table: *table, cells: record, raw, row, styles, clock, bad })
    }
}

impl<'r> Record<'r, '_, '_> {
    /// A cell; blank where the file lacks the column.
    pub fn cell(&self, column: &str) -> &'r [u8] {
        &self.cells[self.table.column(column)]
    }

    /// A cell as text.
    pub fn text(&self, column: &str) -> &'r str {
        text(self.cell(column))
    }

    /// A cell that must not be blank.
    pub fn must(&self, column: &'static str) -> std::result::Result<&'r str, Bad<'r>> {
        match self.cell(column) {
            b"" => fault(column, Reason::MissingValue, b""),
            value => Ok(text(value)),
        }
    }

    /// The moment in a cell, if it is not blank.
    pub fn time(
        &mut self,
        column: &'static str,
        bare: Bare,
    ) -> std::result::Result<Option<Instant>, Bad<'r>> {
        let style = self.styles[self.table.column(column)];
        match self.cell(column) {
            b"" => Ok(None),
            value => match self.clock.read_as(value, bare, style) {
                None => fault(column, Reason::BadTime, value),
                Some((at, _)) => Ok(Some(at)),
            },
        }
    }

    /// The moment in a cell that must not be blank; of a date alone its 00:00.
    pub fn must_time(&mut self, column: &'static str) -> std::result::Result<Instant, Bad<'r>> {
        self.must(column)?;
        Ok(self.time(column, Bare::Start)?.expect("it is not blank"))
    }

    /// The number in a cell, if it is not blank.
    pub fn number(
        &self,
        column: &'static str,
        least: f64,
        most: f64,
    ) -> std::result::Result<Option<f64>, Bad<'r>> {
        number(self.cell(column), column, least, most)
    }

    /// The truth in a cell, or `blank`.
    pub fn truth(&self, column: &'static str, blank: bool) -> std::result::Result<bool, Bad<'r>> {
        truth(self.cell(column), column, blank)
    }

    /// What a cell says, or `blank` if it is bad: the row counts without it, and that is told of
    /// the first such cell.
    pub fn or<T>(&mut self, cell: std::result::Result<T, Bad<'r>>, blank: T) -> T {
        cell.unwrap_or_else(|bad| {
            self.bad.get_or_insert(bad);
            blank
        })
    }

    /// The first bad cell without which the row counts.
    pub fn bad(&self) -> Option<Bad<'r>> {
        self.bad
    }
}

/// The person of an id in a row of a moment, as they are called from here on.
///
/// # Errors
/// When it stands for nobody.
pub fn person<'r>(
    settings: &Settings,
    id: &str,
    at: Instant,
) -> std::result::Result<Box<str>, Left<'r>> {
    let mut room = NO_PSEUDONYM;
    let person = settings.identities.at(id.as_bytes(), at).ok_or(Left::Nobody)?;
    Ok(text(settings.identities.called(person, &mut room)).into())
}

/// The text of a checked cell.
pub fn text(value: &[u8]) -> &str {
    std::str::from_utf8(value).expect("text was checked")
}
