//! The small tables as records, in the order of their lines (`csv` and `serde`).
//!
//! Chunks come from the same reader as those of the bulk tables, so encodings, packing, broken
//! quotes and line numbers are settled in one place. One thread; memory: a chunk.

use super::bulk::{Account, Book};
use super::cells::{self, Clock};
use super::chunks::{Chunk, FileReader, MAX_ROW};
use super::columns::Table;
use super::folder::{Folder, InputFile};
use super::rejects::{Fault, Reason};
use super::rows::BadRow;
use super::stays::{Bad, fault, is_text};
use super::{Progress, Settings};
use crate::error::Result;
use crate::model::RowRef;
use csv::ByteRecord;

/// A record that has as many cells as the header, with cells trimmed and their text checked.
pub struct Record<'a> {
    /// The cells.
    pub cells: &'a ByteRecord,
    /// The names of the cells in the contract; blank for columns that mean nothing here.
    pub header: &'a ByteRecord,
    /// The row as it stands in the file, without its line end.
    pub raw: &'a [u8],
    /// Its row.
    pub row: RowRef,
}

/// What becomes of a record.
pub enum Verdict<'a> {
    /// It counts.
    Used,
    /// It repeats a kept row exactly.
    Repeated,
    /// It is rejected.
    Rejected(Bad<'a>),
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
    mut each: impl for<'r> FnMut(&Record<'r>, &mut Clock<'_>) -> Verdict<'r>,
) -> Result<Account> {
    let mut account = Account::default();
    let mut clock = Clock::new(&settings.zone);
    for file in folder.of(table) {
        let (reader, mut chunk) = (FileReader::open(file, settings)?, Chunk::default());
        let header = canonical_header(&reader, table);
        let mut book = Book::default();
        while let Some(bytes) = reader.next(&mut chunk)? {
            book.open_chunk(&chunk);
            let mut each = |record: &Record<'_>, book: &mut Book| match each(record, &mut clock) {
                Verdict::Used => {}
                Verdict::Repeated => book.tally.repeated += 1,
                Verdict::Rejected((fault, value)) => {
                    book.reject(file.number, record.row.line(), fault, value);
                }
            };
            records(&reader, &chunk, &header, file, table, &mut book, &mut each);
            progress.advance(bytes);
        }
        account.files.push(reader.account(book.tally));
        account.rejects.extend(book.rejects);
    }
    Ok(account)
}

fn canonical_header(reader: &FileReader, table: Table) -> ByteRecord {
    let layout = reader.layout();
    let mut names = vec![""; layout.width];
    for (cell, column) in layout.cells.iter().zip(table.columns()) {
        if let Some(cell) = cell {
            names[*cell] = column.name;
        }
    }
    ByteRecord::from(names)
}

fn records(
    reader: &FileReader,
    chunk: &Chunk,
    header: &ByteRecord,
    file: &InputFile,
    table: Table,
    book: &mut Book,
    each: &mut dyn FnMut(&Record<'_>, &mut Book),
) {
    let (format, text) = (reader.format(), &chunk.text()[..]);
    let mut records = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(format.separator)
        .terminator(csv::Terminator::Any(format.newline))
        .from_reader(text);
    let mut record = ByteRecord::new();
    let (mut counted, mut line) = (0, chunk.line);
    while records.read_byte_record(&mut record).unwrap_or(false) {
        let end = records.position().byte() as usize;
        // The reader passes over lines of no bytes before a record.
        let before =
            counted + text[counted..end].iter().take_while(|b| **b == format.newline).count();
        line += (before - counted) as u64;
        let raw = text[before..end].strip_suffix(&[format.newline]).unwrap_or(&text[before..end]);
        let raw = raw.strip_suffix(b"\r").unwrap_or(raw);
        let lines = memchr::memchr_iter(format.newline, &text[before..end]).count() as u64;
        let row = RowRef::new(file.number, line);
        counted = end;
        line += lines;
        if record.len() == 1 && cells::trim(raw).is_empty() {
            continue;
        }
        if record.len() != header.len() || raw.len() > MAX_ROW {
            let more_lines = lines.saturating_sub(1);
            let what = format!("{} fields, not {}", record.len(), header.len());
            let what = if more_lines > 0 { format!("{what}, in {lines} lines") } else { what };
            book.bad_row(file.number, &BadRow { line: row.line(), what, more_lines });
            continue;
        }
        let broken = |(cell, _): &&(usize, &str)| record[*cell].contains(&format.newline);
        if let Some((_, column)) =
            reader.layout().one_line.iter().filter(|_| lines > 1).find(broken)
        {
            book.bad_row(file.number, &BadRow::line_break(column, row.line(), lines));
            continue;
        }
        book.tally.rows += 1;
        let trimmed: ByteRecord = record.iter().map(cells::trim).collect();
        let known = trimmed.iter().zip(header).filter(|(_, name)| !name.is_empty());
        let bad =
            if chunk.ascii { None } else { known.into_iter().find(|(cell, _)| !is_text(cell)) };
        if let Some((cell, name)) = bad {
            let column = table.columns().iter().find(|c| c.name.as_bytes() == name);
            let column = column.map_or("", |c| c.name);
            book.reject(
                file.number,
                row.line(),
                Fault { column, reason: Reason::BadEncoding },
                cell,
            );
            continue;
        }
        each(&Record { cells: &trimmed, header, raw, row }, book);
    }
}

impl<'r> Record<'r> {
    /// The record as a row of a table.
    pub fn row<T: serde::Deserialize<'r>>(&self) -> T {
        // Every field is bytes with a default, so there is nothing that can fail.
        self.cells.deserialize(Some(self.header)).expect("fields of bytes")
    }
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

/// A moment, if the cell is not blank.
pub fn moment<'a>(
    clock: &mut Clock<'_>,
    value: &'a [u8],
    column: &'static str,
    bare: cells::Bare,
) -> std::result::Result<Option<crate::time::Instant>, Bad<'a>> {
    match value {
        b"" => Ok(None),
        _ => match clock.read(value, bare) {
            None => fault(column, Reason::BadTime, value),
            some => Ok(some),
        },
    }
}
