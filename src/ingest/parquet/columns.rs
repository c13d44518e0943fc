//! What Parquet's arrays hold as columns of cells and times.
//!
//! Timestamps with a time zone, and the old 96-bit ones, are instants; those without are wall-clock
//! times. What is neither text nor a time is written as text. Cost: some slices for each batch of
//! rows.

use crate::ingest::parquet::footer::whole_seconds;
use crate::ingest::parquet::pages::PageValues;
use crate::ingest::rows::batch::ROWS;
use crate::ingest::rows::column::{Column, NONE};
use arrow_array::cast::AsArray;
use arrow_array::types::{
    TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType,
    TimestampSecondType,
};
use arrow_array::{Array, StringViewArray};
use arrow_cast::display::{ArrayFormatter, FormatOptions};
use arrow_schema::{ArrowError, DataType, TimeUnit};
use std::io::Write;
use std::ops::Range;

/// Bytes of text that some thousand numbers, truths or lists are at most.
const MOST_WRITTEN: usize = 256 << 20;

/// A column of many rows.
#[derive(Clone)]
pub enum Values<'a> {
    /// No row has a value.
    Blank,
    /// Not read: see [`Column::Told`].
    Told,
    /// Texts.
    Texts(&'a StringViewArray),
    /// Times: the array, how its values are to be read, and whether they are instants.
    Times(&'a dyn Array, &'a [i64], TimeUnit, bool),
    /// Off the pages: not here.
    Pages,
    /// Anything else, written as text: each value up to its end.
    Written(Vec<u8>, Vec<usize>),
}

impl<'a> Values<'a> {
    /// The values of an array; `old_instant` if they are instants although their type does not say
    /// so.
    ///
    /// # Errors
    /// When a value cannot be shown.
    pub fn new(array: &'a dyn Array, old_instant: bool) -> Result<Values<'a>, ArrowError> {
        if array.null_count() == array.len() {
            return Ok(Values::Blank);
        }
        Ok(match array.data_type() {
            DataType::Utf8View => Values::Texts(array.as_string_view()),
            DataType::Timestamp(unit, zone) => {
                let values = match unit {
                    TimeUnit::Second => array.as_primitive::<TimestampSecondType>().values(),
                    TimeUnit::Millisecond => {
                        array.as_primitive::<TimestampMillisecondType>().values()
                    }
                    TimeUnit::Microsecond => {
                        array.as_primitive::<TimestampMicrosecondType>().values()
                    }
                    TimeUnit::Nanosecond => {
                        array.as_primitive::<TimestampNanosecondType>().values()
                    }
                };
                Values::Times(array, values, *unit, zone.is_some() || old_instant)
            }
            _ => {
                let options = FormatOptions::default();
                let formatter = ArrayFormatter::try_new(array, &options)?;
                let (mut text, mut ends) = (Vec::new(), Vec::with_capacity(array.len()));
                for row in 0..array.len() {
                    if array.is_valid(row) {
                        write!(text, "{}", formatter.value(row)).expect("memory takes all");
                    }
                    if text.len() > MOST_WRITTEN {
                        return Err(ArrowError::MemoryError("a column is too large".to_owned()));
                    }
                    ends.push(text.len());
                }
                Values::Written(text, ends)
            }
        })
    }

    /// Puts the cells or times of some rows into `cells` or `times`.
    fn read<'c>(&'c self, rows: Range<usize>, cells: &mut Vec<&'c [u8]>, times: &mut Vec<i64>) {
        match self {
            Values::Blank | Values::Told | Values::Pages => {}
            Values::Texts(texts) if texts.null_count() == 0 => {
                cells.extend(rows.map(|row| texts.value(row).as_bytes()));
            }
            Values::Texts(texts) => cells.extend(
                rows.map(|row| if texts.is_valid(row) { texts.value(row).as_bytes() } else { b"" }),
            ),
            Values::Times(array, values, unit, _) => {
                times.extend(values[rows.clone()].iter().map(|&time| whole_seconds(time, *unit)));
                if array.null_count() > 0 {
                    let blanks = times.iter_mut().zip(rows).filter(|(_, row)| array.is_null(*row));
                    blanks.for_each(|(time, _)| *time = NONE);
                }
            }
            Values::Written(text, ends) => cells.extend(rows.map(|row| {
                let from = row.checked_sub(1).map_or(0, |before| ends[before]);
                &text[from..ends[row]]
            })),
        }
    }
}

/// Calls `each` with neighbouring rows of some columns: the number of the first, how many, and
/// their columns; none of the rows that nobody `wants`. `pages` are the columns that are read off
/// the pages. `None` when one of them ends too early.
pub fn each_batch(
    columns: &[Values<'_>],
    pages: &mut [Option<PageValues<'_>>],
    rows: usize,
    wants: impl Fn(Range<usize>) -> bool,
    mut each: impl FnMut(usize, usize, &[Column<'_>]),
) -> Option<()> {
    let mut cells: Vec<Vec<&[u8]>> = vec![Vec::with_capacity(ROWS); columns.len()];
    let mut times: Vec<Vec<i64>> = vec![Vec::with_capacity(ROWS); columns.len()];
    for first in (0..rows).step_by(ROWS) {
        let last = rows.min(first + ROWS);
        if !wants(first..last) {
            let mut pages = pages.iter_mut().flatten();
            pages.try_for_each(|pages| pages.pass(last - first))?;
            continue;
        }
        for (n, values) in columns.iter().enumerate() {
            cells[n].clear();
            times[n].clear();
            match &mut pages[n] {
                Some(pages) => pages.read(last - first, &mut cells[n], &mut times[n])?,
                None => values.read(first..last, &mut cells[n], &mut times[n]),
            }
        }
        let of = |n: usize| match (&columns[n], pages[n].as_ref().map(PageValues::instants)) {
            (_, Some(Some(instants))) => Column::Times(&times[n], instants),
            (Values::Times(.., instants), _) => Column::Times(&times[n], *instants),
            (Values::Blank, _) => Column::Blank,
            (Values::Told, _) => Column::Told,
            (Values::Texts(_) | Values::Written(..) | Values::Pages, _) => Column::Cells(&cells[n]),
        };
        let batch: Vec<Column<'_>> = (0..columns.len()).map(of).collect();
        each(first, last - first, &batch);
    }
    Some(())
}
