//! Parquet files as a stream of CSV text, so that every row goes the same way as any other.
//!
//! Only the columns a table knows are read. A row's line number is its position plus one, as if the
//! file had a header line. Timestamps with a time zone, and the old 96-bit ones, are instants; those
//! without are wall-clock times. Line breaks in cells become blanks. Cost: the columns are decoded
//! and written as text once a pass, on the file's own thread; stays have a shorter way in
//! [`crate::ingest::parquet::stays`].

use crate::base::error::Result;
use crate::base::time::{DAY, Date};
use crate::ingest::contract::Aliases;
use crate::ingest::folder::InputFile;
use crate::ingest::parquet::file::{BATCH, Opened, damaged};
use crate::ingest::parquet::footer::whole_seconds;
use arrow_array::cast::AsArray;
use arrow_array::types::{
    TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType,
    TimestampSecondType,
};
use arrow_array::{Array, RecordBatch, StringViewArray};
use arrow_cast::display::{ArrayFormatter, FormatOptions};
use arrow_schema::{ArrowError, DataType, TimeUnit};
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use std::io::{self, Read, Write};

/// A Parquet file as text.
pub struct ParquetText {
    batches: ParquetRecordBatchReader,
    /// Columns that are instants although their type does not say so.
    old_instants: Vec<bool>,
    ready: Vec<u8>,
    given: usize,
}

impl ParquetText {
    /// Opens a file and projects it to the columns of its table.
    ///
    /// # Errors
    /// An input error when it is no Parquet file.
    pub fn open(file: &InputFile, aliases: &Aliases) -> Result<ParquetText> {
        let opened = Opened::new(file, aliases)?;
        let mask = opened.mask(0..opened.kept.len());
        let mut ready = Vec::new();
        for (n, name) in opened.names.iter().enumerate() {
            if n > 0 {
                ready.push(b',');
            }
            write_cell(name.as_bytes(), &mut ready);
        }
        ready.push(b'\n');
        let Opened { raw, metadata, old_instants, .. } = opened;
        let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(raw, metadata);
        let batches = builder.with_projection(mask).with_batch_size(BATCH).build();
        let batches = batches.map_err(|e| damaged(file, e))?;
        Ok(ParquetText { batches, old_instants, ready, given: 0 })
    }
}

impl Read for ParquetText {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.given == self.ready.len() {
            let Some(batch) = self.batches.next() else { return Ok(0) };
            let batch = batch.map_err(io::Error::other)?;
            self.ready.clear();
            self.given = 0;
            write_batch(&batch, &self.old_instants, &mut self.ready).map_err(io::Error::other)?;
        }
        let count = out.len().min(self.ready.len() - self.given);
        out[..count].copy_from_slice(&self.ready[self.given..self.given + count]);
        self.given += count;
        Ok(count)
    }
}

/// How the cells of a column become text.
pub(in crate::ingest) enum Column<'a> {
    Text(&'a StringViewArray),
    /// Seconds since 1970, and whether they are an instant or a wall-clock time.
    Time(Vec<i64>, bool),
    Other(ArrayFormatter<'a>),
}

impl<'a> Column<'a> {
    pub(in crate::ingest) fn new(
        array: &'a dyn Array,
        old_instant: bool,
        options: &'a FormatOptions<'a>,
    ) -> std::result::Result<Column<'a>, ArrowError> {
        Ok(match array.data_type() {
            DataType::Utf8View => Column::Text(array.as_string_view()),
            DataType::Timestamp(unit, zone) => {
                Column::Time(seconds(array, *unit), zone.is_some() || old_instant)
            }
            _ => Column::Other(ArrayFormatter::try_new(array, options)?),
        })
    }

    /// All columns of a batch, each with its array.
    pub(in crate::ingest) fn all(
        batch: &'a RecordBatch,
        old_instants: &[bool],
        options: &'a FormatOptions<'a>,
    ) -> std::result::Result<Vec<(&'a dyn Array, Column<'a>)>, ArrowError> {
        let arrays = batch.columns().iter().map(AsRef::as_ref).zip(old_instants);
        arrays.map(|(array, &old)| Ok((array, Column::new(array, old, options)?))).collect()
    }

    /// Appends a cell that is there, as it is.
    pub(in crate::ingest) fn write(&self, row: usize, out: &mut Vec<u8>) -> io::Result<()> {
        match self {
            Column::Text(texts) => out.extend_from_slice(texts.value(row).as_bytes()),
            Column::Time(times, instant) => write_time(times[row], *instant, out)?,
            Column::Other(value) => {
                out.extend_from_slice(value.value(row).to_string().as_bytes());
            }
        }
        Ok(())
    }
}

/// The seconds of a column of timestamps, valid or not; fractions are cut off.
pub(in crate::ingest) fn seconds(array: &dyn Array, unit: TimeUnit) -> Vec<i64> {
    let times = match unit {
        TimeUnit::Second => array.as_primitive::<TimestampSecondType>().values(),
        TimeUnit::Millisecond => array.as_primitive::<TimestampMillisecondType>().values(),
        TimeUnit::Microsecond => array.as_primitive::<TimestampMicrosecondType>().values(),
        TimeUnit::Nanosecond => array.as_primitive::<TimestampNanosecondType>().values(),
    };
    times.iter().map(|&time| whole_seconds(time, unit)).collect()
}

/// Writes a time as the cell of a text: an instant as seconds, a wall-clock time as one.
pub(in crate::ingest) fn write_time(
    seconds: i64,
    instant: bool,
    out: &mut Vec<u8>,
) -> io::Result<()> {
    if instant {
        return write!(out, "{seconds}");
    }
    write_wall(seconds, out);
    Ok(())
}

/// Writes the wall-clock time `2022-11-09 08:30:00`.
fn write_wall(seconds: i64, out: &mut Vec<u8>) {
    let days = seconds.div_euclid(DAY).clamp(i32::MIN.into(), i32::MAX.into());
    Date(days as i32).write(out);
    let second = seconds.rem_euclid(DAY);
    for (mark, value) in [(b' ', second / 3600), (b':', second / 60 % 60), (b':', second % 60)] {
        out.extend_from_slice(&[mark, b'0' + (value / 10) as u8, b'0' + (value % 10) as u8]);
    }
}

fn write_batch(
    batch: &RecordBatch,
    old_instants: &[bool],
    out: &mut Vec<u8>,
) -> std::result::Result<(), ArrowError> {
    let options = FormatOptions::default();
    let columns = Column::all(batch, old_instants, &options)?;
    let mut cell = Vec::new();
    for row in 0..batch.num_rows() {
        for (n, (array, column)) in columns.iter().enumerate() {
            if n > 0 {
                out.push(b',');
            }
            if array.is_valid(row) {
                cell.clear();
                column.write(row, &mut cell)?;
                write_cell(&cell, out);
            }
        }
        out.push(b'\n');
    }
    Ok(())
}

fn write_cell(cell: &[u8], out: &mut Vec<u8>) {
    if !cell.iter().any(|b| matches!(b, b',' | b'"' | b'\n' | b'\r')) {
        out.extend_from_slice(cell);
        return;
    }
    out.push(b'"');
    for &byte in cell {
        match byte {
            b'"' => out.extend_from_slice(b"\"\""),
            b'\n' | b'\r' => out.push(b' '),
            other => out.push(other),
        }
    }
    out.push(b'"');
}
