//! Parquet files as a stream of CSV text, so that every row goes the same way as any other.
//!
//! Only the columns a table knows are read. A row's line number is its position plus one, as if the
//! file had a header line. Timestamps with a time zone, and the old 96-bit ones, are instants; those
//! without are wall-clock times. Line breaks in cells become blanks. Cost: the columns are decoded
//! and written as text once a pass, on the file's own thread.

use super::columns::{Aliases, Table};
use super::folder::InputFile;
use crate::error::{Error, Result};
use crate::time::{DAY, Date};
use arrow_array::cast::AsArray;
use arrow_array::types::{
    TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType,
    TimestampSecondType,
};
use arrow_array::{Array, RecordBatch};
use arrow_cast::display::{ArrayFormatter, FormatOptions};
use arrow_schema::{ArrowError, DataType, TimeUnit};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use parquet::basic::Type as PhysicalType;
use std::fs::File;
use std::io::{self, Read, Write};

/// Rows decoded at a time.
const BATCH: usize = 8192;

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
        let raw = File::open(&file.path).map_err(|e| Error::read(&file.path, e))?;
        let damaged = |e: parquet::errors::ParquetError| {
            Error::read(&file.path, io::Error::other(e))
                .hint("this is not Parquet, or it is damaged: copy or export it again")
        };
        let builder = ParquetRecordBatchReaderBuilder::try_new(raw).map_err(damaged)?;
        let names: Vec<String> =
            builder.schema().fields().iter().map(|field| field.name().clone()).collect();
        let known = |table: Table, name: &str| aliases.matched(table, std::iter::once(name)) > 0;
        let kept: Vec<usize> = (0..names.len()).filter(|&n| known(file.table, &names[n])).collect();
        // With no known column at all the header is kept whole, to be named in the message.
        let kept = if kept.is_empty() { (0..names.len()).collect() } else { kept };
        let columns = builder.parquet_schema();
        let flat = columns.num_columns() == names.len();
        let is_old = |&n: &usize| flat && columns.column(n).physical_type() == PhysicalType::INT96;
        let old_instants = kept.iter().map(is_old).collect();
        let mask = ProjectionMask::roots(columns, kept.iter().copied());
        let mut ready = Vec::new();
        for (n, &column) in kept.iter().enumerate() {
            if n > 0 {
                ready.push(b',');
            }
            write_cell(names[column].as_bytes(), &mut ready);
        }
        ready.push(b'\n');
        let batches =
            builder.with_projection(mask).with_batch_size(BATCH).build().map_err(damaged)?;
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
enum Column<'a> {
    Text(Box<dyn Fn(usize) -> &'a str + 'a>),
    /// Seconds since 1970, and whether they are an instant or a wall-clock time.
    Time(Box<dyn Fn(usize) -> i64 + 'a>, bool),
    Other(ArrayFormatter<'a>),
}

fn column<'a>(
    array: &'a dyn Array,
    old_instant: bool,
    options: &'a FormatOptions<'a>,
) -> std::result::Result<Column<'a>, ArrowError> {
    Ok(match array.data_type() {
        DataType::Utf8 => {
            let texts = array.as_string::<i32>();
            Column::Text(Box::new(move |row| texts.value(row)))
        }
        DataType::LargeUtf8 => {
            let texts = array.as_string::<i64>();
            Column::Text(Box::new(move |row| texts.value(row)))
        }
        DataType::Utf8View => {
            let texts = array.as_string_view();
            Column::Text(Box::new(move |row| texts.value(row)))
        }
        DataType::Timestamp(unit, zone) => {
            Column::Time(seconds(array, *unit), zone.is_some() || old_instant)
        }
        _ => Column::Other(ArrayFormatter::try_new(array, options)?),
    })
}

/// The seconds of a column of timestamps; fractions are cut off.
fn seconds<'a>(array: &'a dyn Array, unit: TimeUnit) -> Box<dyn Fn(usize) -> i64 + 'a> {
    match unit {
        TimeUnit::Second => {
            let times = array.as_primitive::<TimestampSecondType>();
            Box::new(move |row| times.value(row))
        }
        TimeUnit::Millisecond => {
            let times = array.as_primitive::<TimestampMillisecondType>();
            Box::new(move |row| times.value(row).div_euclid(1_000))
        }
        TimeUnit::Microsecond => {
            let times = array.as_primitive::<TimestampMicrosecondType>();
            Box::new(move |row| times.value(row).div_euclid(1_000_000))
        }
        TimeUnit::Nanosecond => {
            let times = array.as_primitive::<TimestampNanosecondType>();
            Box::new(move |row| times.value(row).div_euclid(1_000_000_000))
        }
    }
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
    let columns = batch
        .columns()
        .iter()
        .zip(old_instants)
        .map(|(array, &old)| Ok((array, column(array.as_ref(), old, &options)?)))
        .collect::<std::result::Result<Vec<_>, ArrowError>>()?;
    for row in 0..batch.num_rows() {
        for (n, (array, column)) in columns.iter().enumerate() {
            if n > 0 {
                out.push(b',');
            }
            if array.is_null(row) {
                continue;
            }
            match column {
                Column::Text(value) => write_cell(value(row).as_bytes(), out),
                Column::Time(value, true) => write!(out, "{}", value(row))?,
                Column::Time(value, false) => write_wall(value(row), out),
                Column::Other(value) => write_cell(value.value(row).to_string().as_bytes(), out),
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
