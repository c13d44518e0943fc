//! `colocations`: rows that say two people were near each other.
//!
//! Checked like the rows of [`super::stays`]. A row is cut to as-of; one that is empty then, or was
//! empty from the start, is still a row.

use super::bulk::Book;
use super::cells::{self, Bare, Clock};
use super::chunks::{Chunk, FileReader};
use super::columns::{Layout, Table};
use super::rejects::Reason;
use super::rows::{self, Row, Scratch};
use super::stays::{Bad, fault, number, text, truth};
use crate::model::RowRef;
use crate::time::{Instant, Span};

/// Two people near each other.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Colocation<'a> {
    /// One of them.
    pub person_a: &'a [u8],
    /// The other.
    pub person_b: &'a [u8],
    /// When; nothing when it lasted no time.
    pub span: Option<Span>,
    /// Where, when known; else blank.
    pub place: &'a [u8],
    /// How near, when known.
    pub distance_m: Option<f64>,
    /// Effective protection.
    pub protected: bool,
    /// Its row.
    pub row: RowRef,
}

#[derive(Debug, Clone, Copy)]
struct Columns {
    all: [Option<usize>; 8],
}

impl Columns {
    fn new(layout: &Layout) -> Columns {
        let all = layout.cells[..].try_into().expect("the eight columns of colocations");
        Columns { all }
    }
}

/// Calls `each` with the valid rows of a chunk; the others go into the book.
pub fn for_each(
    reader: &FileReader,
    chunk: &Chunk,
    scratch: &mut Scratch,
    clock: &mut Clock<'_>,
    as_of: Instant,
    book: &mut Book,
    mut each: impl FnMut(Colocation<'_>),
) {
    let columns = Columns::new(reader.layout());
    let file = reader.file().number;
    rows::for_each(chunk, reader.format(), reader.layout(), scratch, |row| {
        let row = match row {
            Ok(row) => row,
            Err(bad) => return book.bad_row(file, &bad),
        };
        book.tally.rows += 1;
        match colocation(&row, &columns, clock, as_of, file) {
            Ok(Some(colocation)) => each(colocation),
            Ok(None) => book.tally.after_as_of += 1,
            Err((fault, value)) => book.reject(file, row.line, fault, value),
        }
    });
}

#[inline]
fn colocation<'a>(
    row: &Row<'a>,
    columns: &Columns,
    clock: &mut Clock<'_>,
    as_of: Instant,
    file: u32,
) -> Result<Option<Colocation<'a>>, Bad<'a>> {
    if !row.ascii {
        for (&cell, column) in columns.all.iter().zip(Table::Colocations.columns()) {
            text(row, column.name, cell)?;
        }
    }
    let [a, b, start, end, seconds, place, distance, protected] =
        columns.all.map(|cell| cells::trim(row.cell(cell)));
    if a.is_empty() {
        return fault("person_a", Reason::MissingValue, a);
    }
    if b.is_empty() {
        return fault("person_b", Reason::MissingValue, b);
    }
    if start.is_empty() {
        return fault("start", Reason::MissingValue, start);
    }
    let Some(from) = clock.read(start, Bare::Start) else {
        return fault("start", Reason::BadTime, start);
    };
    let until = match end {
        b"" if seconds.is_empty() => return fault("end", Reason::MissingValue, end),
        b"" => None,
        _ => match clock.read(end, Bare::End) {
            None => return fault("end", Reason::BadTime, end),
            Some(until) if until < from => return fault("end", Reason::EndBeforeStart, end),
            until => until,
        },
    };
    let length = number(seconds, "seconds", 0.0, f64::MAX)?.unwrap_or(0.0);
    let distance_m = number(distance, "distance_m", 0.0, f64::MAX)?;
    let protected = truth(protected, "protected", false)?;
    if a == b {
        return fault("person_b", Reason::SelfContact, b);
    }
    if from >= as_of {
        return Ok(None);
    }
    // A million years is as good as for ever, and does not overflow.
    let until = until.unwrap_or(Instant(from.0 + length.min(3e13) as i64));
    let span = Span::new(from, until.min(as_of));
    let row = RowRef::new(file, row.line);
    Ok(Some(Colocation { person_a: a, person_b: b, span, place, distance_m, protected, row }))
}
