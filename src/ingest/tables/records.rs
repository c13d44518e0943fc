//! The small tables as records, in the order of their lines (`csv` and `serde`).
//!
//! One thread; memory: what the reader of the file needs.

use crate::base::error::Result;
use crate::base::time::Instant;
use crate::ingest::account::Account;
use crate::ingest::books::Book;
use crate::ingest::cells;
use crate::ingest::cells::TimeReader;
use crate::ingest::cells::time_style::TimeStyle;
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
use crate::ingest::tables::stays::{Bad, fault};
use crate::model::RowRef;
use csv::ByteRecord;
use std::io::Read;

/// The cells of a row by the columns of the table, trimmed, their text checked, their ids read.
pub struct Record<'a> {
    /// The cells.
    pub cells: &'a ByteRecord,
    /// The names of the cells: the columns of the table, in the contract's order.
    pub header: &'a ByteRecord,
    /// The row as it stands in the file, without its line end.
    pub raw: &'a [u8],
    /// Its row.
    pub row: RowRef,
    /// How the times of its columns are written.
    styles: &'a [TimeStyle],
    /// The first cell that is no text, in a column that need not be filled; it is blank here.
    bad: Option<Bad<'a>>,
}

/// Bad cells of a row that counts without them: the first one is told.
pub struct SideNotes<'a>(Option<Bad<'a>>);

impl<'a> SideNotes<'a> {
    /// What a cell says, or `blank` if it is bad.
    pub fn or<T>(&mut self, cell: std::result::Result<T, Bad<'a>>, blank: T) -> T {
        cell.unwrap_or_else(|bad| {
            self.0.get_or_insert(bad);
            blank
        })
    }

    /// The first bad cell.
    pub fn first(self) -> Option<Bad<'a>> {
        self.0
    }

    /// What becomes of the row.
    pub fn verdict(self) -> Verdict<'a> {
        self.0.map_or(Verdict::Used, Verdict::UsedWithout)
    }
}

/// What becomes of a record.
pub enum Verdict<'a> {
    /// It counts.
    Used,
    /// It counts, but for a cell.
    UsedWithout(Bad<'a>),
    /// It repeats a kept row exactly.
    Repeated,
    /// It is left out, for another row with its id counts.
    Duplicate(Bad<'a>),
    /// It is left out for a fault.
    Rejected(Bad<'a>),
    /// Its id stands for nobody.
    Nobody,
    /// It says itself that the person is no case.
    NoCase,
}

/// Calls `each` with every record of a small table.
///
/// # Errors
/// When a file cannot be read.
pub fn read(
    folder: &Folder,
    table: Table,
    settings: &Settings,
    progress: &dyn Progress,
    each: impl for<'r> FnMut(&Record<'r>, &mut TimeReader<'_>) -> Verdict<'r>,
) -> Result<Account> {
    let (clock, book) = (TimeReader::new(settings.zone_of(table)), Book::default());
    let mut taker = Taker { table, reader: None, clock, book, each };
    pass::read_in_order(folder, table, (settings, progress), &mut taker)
}

/// Makes records of rows and does as it is told with them.
struct Taker<'z, F> {
    table: Table,
    reader: Option<RecordReader>,
    clock: TimeReader<'z>,
    book: Book,
    each: F,
}

impl<F> TakeRows for Taker<'_, F>
where
    F: for<'r> FnMut(&Record<'r>, &mut TimeReader<'_>) -> Verdict<'r>,
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
        let verdict = match reader.read(row, self.book.file) {
            Ok(record) => (self.each)(&record, &mut self.clock),
            Err(bad) => Verdict::Rejected(bad),
        };
        match verdict {
            Verdict::Used => {}
            Verdict::UsedWithout((fault, value)) => self.book.blank(row.line, fault, value),
            Verdict::Nobody => self.book.tally.nobody += 1,
            Verdict::NoCase => self.book.tally.no_case += 1,
            Verdict::Repeated => self.book.tally.repeated += 1,
            Verdict::Duplicate((fault, value)) => {
                self.book.tally.duplicates += 1;
                self.book.reject(row.line, fault, value);
            }
            Verdict::Rejected((fault, value)) => self.book.reject(row.line, fault, value),
        }
    }
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
    header: ByteRecord,
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
        let names: Vec<&str> = table.columns().iter().map(|column| column.name).collect();
        let (header, cells) = (ByteRecord::from(names), layout.cells.clone());
        let (record, styles, id) = (ByteRecord::new(), layout.times.clone(), Vec::new());
        RecordReader { table, cells, header, record, styles, id }
    }

    /// A row of a file as a record.
    ///
    /// # Errors
    /// The first cell that must be filled and is no text, or no id.
    pub fn read<'r>(
        &'r mut self,
        row: &Row<'r>,
        file: u32,
    ) -> std::result::Result<Record<'r>, Bad<'r>> {
        let RecordReader { table, cells, header, record, styles, id } = self;
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
        Ok(Record { cells: record, header, raw, row, styles, bad })
    }
}

impl<'r> Record<'r> {
    /// The record as a row of a table.
    pub fn row<T: serde::Deserialize<'r>>(&self) -> T {
        // Every field is bytes with a default, so there is nothing that can fail.
        self.cells.deserialize(Some(self.header)).expect("fields of bytes")
    }

    /// The bad cells so far that the row counts without.
    pub fn side_notes(&self) -> SideNotes<'r> {
        SideNotes(self.bad)
    }
}

/// The person of an id in a row of a moment, as they are called from here on; `None` where it
/// stands for nobody.
pub fn person(settings: &Settings, id: &str, at: Instant) -> Option<Box<str>> {
    let mut room = NO_PSEUDONYM;
    let person = settings.identities.at(id.as_bytes(), at)?;
    Some(text(settings.identities.called(person, &mut room)).into())
}

/// A cell that must not be blank.
pub fn required<'a>(
    value: &'a [u8],
    column: &'static str,
) -> std::result::Result<&'a str, Bad<'a>> {
    if value.is_empty() {
        return fault(column, Reason::MissingValue, value);
    }
    Ok(text(value))
}

/// The text of a checked cell.
pub fn text(value: &[u8]) -> &str {
    std::str::from_utf8(value).expect("text was checked")
}

/// Reads the moments of a record.
pub struct Moments<'c, 'z, 'r> {
    clock: &'c mut TimeReader<'z>,
    table: Table,
    styles: &'r [TimeStyle],
}

impl<'c, 'z, 'r> Moments<'c, 'z, 'r> {
    /// Of a record of a table.
    pub fn new(clock: &'c mut TimeReader<'z>, table: Table, record: &Record<'r>) -> Self {
        Moments { clock, table, styles: record.styles }
    }

    /// A moment, if the cell is not blank.
    pub fn read<'a>(
        &mut self,
        value: &'a [u8],
        column: &'static str,
        bare: cells::Bare,
    ) -> std::result::Result<Option<Instant>, Bad<'a>> {
        let style = self.styles[self.table.column(column)];
        match value {
            b"" => Ok(None),
            _ => match self.clock.read_as(value, bare, style) {
                None => fault(column, Reason::BadTime, value),
                Some((at, _)) => Ok(Some(at)),
            },
        }
    }
}
