//! Row groups of stays whose values stand one behind the other: row by row off the pages.
//!
//! As by way of arrow, and in two thirds of the time: nothing is made of a value but the stay it belongs
//! to. A row group is read like this only as a whole.

use crate::base::error::{Error, Result};
use crate::base::sieve::Wanted;
use crate::base::time::Instant;
use crate::ingest::cells;
use crate::ingest::cells::Clock;
use crate::ingest::parquet::file::damaged;
use crate::ingest::parquet::pages;
use crate::ingest::parquet::pages::{PlainColumn, Value, Values};
use crate::ingest::parquet::stay_file::{NEEDED, StayFile, blank_line_breaks, moment, take_plain};
use crate::ingest::parquet::text::write_time;
use crate::ingest::rows::batch::TakeRows;
use crate::ingest::rows::row::Cells;
use crate::ingest::tables::stay_rows::StayRows;
use crate::model::TakeStays;

/// A column of a row group, unless it is for arrow.
pub(in crate::ingest) fn column(
    file: &StayFile<'_>,
    group: usize,
    column: usize,
) -> Result<Option<PlainColumn>> {
    let Some(at) = file.column(column) else { return Ok(None) };
    PlainColumn::read(&file.opened.raw, file.about(group), at).map_err(|e| damaged(file.file, e))
}

/// The positions of the rows of `wanted` persons.
pub(in crate::ingest) fn rows_of(
    file: &StayFile<'_>,
    persons: &PlainColumn,
    wanted: &Wanted<'_>,
) -> Result<Vec<usize>> {
    let (mut found, mut cell, mut values) = (Vec::new(), Vec::new(), persons.values());
    for row in 0..persons.rows() {
        // Behind its length.
        let text = values.ahead().get(4..);
        let may_be = text.is_none_or(|text| wanted.may_begin(text, 0));
        let value = values.next().ok_or_else(|| cut(file))?;
        if may_be || !matches!(value, Value::Text(_)) {
            cell.clear();
            write(value, &mut cell);
            if wanted.is(cells::trim(&cell)) {
                found.push(row);
            }
        }
    }
    Ok(found)
}

/// The columns of a row group all of whose rows can be read like this.
pub(in crate::ingest) struct PlainStays<'f> {
    file: &'f StayFile<'f>,
    columns: [PlainColumn; NEEDED],
}

impl<'f> PlainStays<'f> {
    /// Reads the columns, of which that of the persons may have been read before; `None` when one is
    /// for arrow.
    ///
    /// # Errors
    /// When the file is damaged.
    pub fn new(
        file: &'f StayFile<'_>,
        group: usize,
        persons: Option<PlainColumn>,
    ) -> Result<Option<PlainStays<'f>>> {
        let may_be_plain = |at| pages::may_be_plain(file.about(group), at);
        let plain = (0..NEEDED).all(|column| file.column(column).is_some_and(may_be_plain));
        if !plain || !file.others_are_blank(group) {
            return Ok(None);
        }
        let persons = match persons {
            None => column(file, group, 0)?,
            some => some,
        };
        let (start, end, place) =
            (column(file, group, 1)?, column(file, group, 2)?, column(file, group, 3)?);
        let (Some(persons), Some(start), Some(end), Some(place)) = (persons, start, end, place)
        else {
            return Ok(None);
        };
        Ok(Some(PlainStays { file, columns: [persons, start, end, place] }))
    }

    /// Takes the chosen rows; all when there is no choice.
    ///
    /// # Errors
    /// When the file is damaged.
    pub fn take<T: TakeStays>(
        &self,
        chosen: Option<&[usize]>,
        line: impl Fn(usize) -> u64,
        rows: &mut StayRows<'_, '_, T>,
    ) -> Result<()> {
        let mut columns = self.columns.each_ref().map(PlainColumn::values);
        let mut cells = Cells::default();
        let mut take = |row: usize, columns: &mut [Values<'_>; NEEDED]| {
            let [persons, starts, ends, places] = columns;
            let values = [persons.next()?, starts.next()?, ends.next()?, places.next()?];
            let [person, start, end, place] = values;
            let times =
                |clock: &mut Clock<'_>| Some([moment_of(start, clock)?, moment_of(end, clock)?]);
            let taken = match (person, place) {
                (Value::Text(person), Value::Text(place)) => {
                    take_plain([person, place], times, line(row), rows)
                }
                _ => false,
            };
            if !taken {
                self.as_text(values, line(row), &mut cells, rows);
            }
            Some(())
        };
        let mut next = 0;
        let mut take_chosen = |chosen: &[usize]| {
            for &row in chosen {
                columns.iter_mut().try_for_each(|values| values.pass(row - next))?;
                take(row, &mut columns)?;
                next = row + 1;
            }
            Some(())
        };
        let taken = match chosen {
            Some(chosen) => take_chosen(chosen),
            None => (0..self.columns[0].rows()).try_for_each(|row| take(row, &mut columns)),
        };
        taken.ok_or_else(|| cut(self.file))
    }

    /// Takes a row as if it stood in a text.
    #[cold]
    fn as_text<T: TakeStays>(
        &self,
        values: [Value<'_>; NEEDED],
        line: u64,
        cells: &mut Cells,
        rows: &mut StayRows<'_, '_, T>,
    ) {
        cells.clear();
        for kept in 0..self.file.opened.kept.len() {
            let of_table = self.file.layout.cells.iter().position(|&cell| cell == Some(kept));
            if let Some(&value) = of_table.and_then(|column| values.get(column)) {
                write(value, cells.text());
            }
            cells.end();
        }
        rows.row(&cells.row(None, line, false));
    }
}

#[cold]
fn cut(file: &StayFile<'_>) -> Error {
    damaged(file.file, "a page is shorter than its values")
}

/// The moment of a value.
#[inline(always)]
fn moment_of(value: Value<'_>, clock: &mut Clock<'_>) -> Option<Instant> {
    match value {
        Value::Text(text) => clock.read_common(text),
        Value::Time(seconds, instant) => moment(seconds, instant, clock),
    }
}

/// Appends a value as a cell; line breaks become blanks, as in the text of a file.
fn write(value: Value<'_>, cell: &mut Vec<u8>) {
    let from = cell.len();
    match value {
        Value::Text(text) => cell.extend_from_slice(text),
        Value::Time(seconds, instant) => {
            write_time(seconds, instant, cell).expect("memory takes all");
        }
    }
    blank_line_breaks(&mut cell[from..]);
}
