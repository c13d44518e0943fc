//! Parquet files as a stream of CSV text, so that every row goes the same way as any other.
//!
//! Only the columns a table knows are read. A row's line number is its position plus one, as if the
//! file had a header line. Timestamps with a time zone, and the old 96-bit ones, are instants; those
//! without are wall-clock times. Line breaks in cells become blanks. Cost: the columns are decoded
//! and written as text once a pass, on the file's own thread; stays have a shorter way in
//! [`super::columnar`].

use super::columns::Aliases;
use super::folder::InputFile;
use super::source::read_at;
use crate::error::{Error, Result};
use crate::time::{DAY, Date};
use arrow_array::cast::AsArray;
use arrow_array::types::{
    TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType,
    TimestampSecondType,
};
use arrow_array::{Array, RecordBatch, StringViewArray};
use arrow_cast::display::{ArrayFormatter, FormatOptions};
use arrow_schema::{ArrowError, DataType, Fields, Schema, TimeUnit};
use bytes::Bytes;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader,
    ParquetRecordBatchReaderBuilder,
};
use parquet::basic::Type as PhysicalType;
use parquet::errors::ParquetError;
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::reader::{ChunkReader, Length};
use std::fs::File;
use std::io::{self, Read, Write};
use std::sync::Arc;

/// Rows decoded at a time.
pub(super) const BATCH: usize = 8192;

/// What is known of a Parquet file before its columns are read.
pub(super) struct Opened {
    pub(super) raw: SharedFile,
    pub(super) metadata: ArrowReaderMetadata,
    /// The columns that the table knows; all of them when it knows none.
    pub(super) kept: Vec<usize>,
    /// Their names.
    pub(super) names: Vec<String>,
    /// Which of them are instants although their type does not say so.
    pub(super) old_instants: Vec<bool>,
    /// Whether no column is made of others.
    pub(super) flat: bool,
}

impl Opened {
    /// Reads the end of a file, where its columns are described. Text columns are given as views.
    ///
    /// # Errors
    /// An input error when it is no Parquet file.
    pub(super) fn new(file: &InputFile, aliases: &Aliases) -> Result<Opened> {
        let raw = File::open(&file.path).map_err(|e| Error::read(&file.path, e))?;
        let raw = SharedFile { file: Arc::new(raw), bytes: file.bytes };
        let mut metadata = ArrowReaderMetadata::load(&raw, ArrowReaderOptions::new())
            .map_err(|e| damaged(file, e))?;
        // The library takes it for granted that no column begins or ends before the file.
        let groups = metadata.metadata().row_groups().iter();
        let in_file = |chunk: &ColumnChunkMetaData| {
            let start = chunk.dictionary_page_offset().unwrap_or(chunk.data_page_offset());
            start >= 0 && chunk.compressed_size() >= 0
        };
        if !groups.flat_map(|group| group.columns()).all(in_file) {
            return Err(damaged(file, "a column is not in the file"));
        }
        let schema = metadata.schema();
        let all: Vec<String> = schema.fields().iter().map(|field| field.name().clone()).collect();
        let views = schema.fields().iter().map(|field| match field.data_type() {
            DataType::Utf8 | DataType::LargeUtf8 => {
                Arc::new(field.as_ref().clone().with_data_type(DataType::Utf8View))
            }
            _ => Arc::clone(field),
        });
        let views = Schema::new_with_metadata(views.collect::<Fields>(), schema.metadata().clone());
        let options = ArrowReaderOptions::new().with_schema(Arc::new(views));
        metadata = ArrowReaderMetadata::try_new(Arc::clone(metadata.metadata()), options)
            .map_err(|e| damaged(file, e))?;
        let known = |name: &str| aliases.matched(file.table, std::iter::once(name)) > 0;
        let kept: Vec<usize> = (0..all.len()).filter(|&n| known(&all[n])).collect();
        // With no known column at all the header is kept whole, to be named in the message.
        let kept = if kept.is_empty() { (0..all.len()).collect() } else { kept };
        let columns = metadata.parquet_schema();
        let flat = columns.num_columns() == all.len();
        let is_old = |&n: &usize| flat && columns.column(n).physical_type() == PhysicalType::INT96;
        let old_instants = kept.iter().map(is_old).collect();
        let names = kept.iter().map(|&n| all[n].clone()).collect();
        Ok(Opened { raw, metadata, kept, names, old_instants, flat })
    }

    /// The columns with these positions among the kept ones.
    pub(super) fn mask(&self, of_kept: impl Iterator<Item = usize>) -> ProjectionMask {
        ProjectionMask::roots(self.metadata.parquet_schema(), of_kept.map(|n| self.kept[n]))
    }
}

/// A file that many threads read at positions of their own.
#[derive(Clone)]
pub(super) struct SharedFile {
    file: Arc<File>,
    bytes: u64,
}

impl Length for SharedFile {
    fn len(&self) -> u64 {
        self.bytes
    }
}

impl ChunkReader for SharedFile {
    type T = io::BufReader<At>;

    fn get_read(&self, start: u64) -> parquet::errors::Result<Self::T> {
        Ok(io::BufReader::new(At { of: self.clone(), position: start }))
    }

    fn get_bytes(&self, start: u64, length: usize) -> parquet::errors::Result<Bytes> {
        if start.checked_add(length as u64).is_none_or(|end| end > self.bytes) {
            return Err(ParquetError::EOF("a column is not in the file".to_owned()));
        }
        let mut bytes = vec![0; length];
        read_at(&self.file, &mut bytes, start)?;
        Ok(bytes.into())
    }
}

/// Reads on from a position.
pub(super) struct At {
    of: SharedFile,
    position: u64,
}

impl Read for At {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let left = self.of.bytes.saturating_sub(self.position);
        let count = out.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        read_at(&self.of.file, &mut out[..count], self.position)?;
        self.position += count as u64;
        Ok(count)
    }
}

/// The error of a file that cannot be read as Parquet.
pub(super) fn damaged(file: &InputFile, error: impl Into<BoxedError>) -> Error {
    Error::read(&file.path, io::Error::other(error))
        .hint("this is not Parquet, or it is damaged: copy or export it again")
}

type BoxedError = Box<dyn std::error::Error + Send + Sync>;

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
pub(super) enum Column<'a> {
    Text(&'a StringViewArray),
    /// Seconds since 1970, and whether they are an instant or a wall-clock time.
    Time(Vec<i64>, bool),
    Other(ArrayFormatter<'a>),
}

impl<'a> Column<'a> {
    pub(super) fn new(
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
    pub(super) fn all(
        batch: &'a RecordBatch,
        old_instants: &[bool],
        options: &'a FormatOptions<'a>,
    ) -> std::result::Result<Vec<(&'a dyn Array, Column<'a>)>, ArrowError> {
        let arrays = batch.columns().iter().map(AsRef::as_ref).zip(old_instants);
        arrays.map(|(array, &old)| Ok((array, Column::new(array, old, options)?))).collect()
    }

    /// Appends a cell that is there, as it is.
    pub(super) fn write(&self, row: usize, out: &mut Vec<u8>) -> io::Result<()> {
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
pub(super) fn seconds(array: &dyn Array, unit: TimeUnit) -> Vec<i64> {
    let times = match unit {
        TimeUnit::Second => array.as_primitive::<TimestampSecondType>().values(),
        TimeUnit::Millisecond => array.as_primitive::<TimestampMillisecondType>().values(),
        TimeUnit::Microsecond => array.as_primitive::<TimestampMicrosecondType>().values(),
        TimeUnit::Nanosecond => array.as_primitive::<TimestampNanosecondType>().values(),
    };
    times.iter().map(|&time| whole_seconds(time, unit)).collect()
}

/// The seconds of a time; fractions are cut off. Divisions by numbers that are known: a third of the time
/// of any other.
#[inline(always)]
pub(super) fn whole_seconds(time: i64, unit: TimeUnit) -> i64 {
    match unit {
        TimeUnit::Second => time,
        TimeUnit::Millisecond => time.div_euclid(1_000),
        TimeUnit::Microsecond => time.div_euclid(1_000_000),
        TimeUnit::Nanosecond => time.div_euclid(1_000_000_000),
    }
}

/// Writes a time as the cell of a text: an instant as seconds, a wall-clock time as one.
pub(super) fn write_time(seconds: i64, instant: bool, out: &mut Vec<u8>) -> io::Result<()> {
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
