//! A Parquet file before its columns are read: its schema, and the columns that its table knows.
//!
//! Text columns are given as views. Many threads read at positions of their own. Cost: the end of
//! the file.

use crate::base::error::{Error, Result};
use crate::base::texts::beginning;
use crate::ingest::header::aliases::Aliases;
use crate::ingest::header::sample;
use crate::ingest::input::InputFile;
use crate::ingest::read_at::read_at;
use arrow_cast::display::{ArrayFormatter, FormatOptions};
use arrow_schema::{DataType, Fields, Schema};
use bytes::Bytes;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder,
};
use parquet::basic::Type as PhysicalType;
use parquet::errors::ParquetError;
use parquet::file::metadata::{ColumnChunkMetaData, RowGroupMetaData};
use parquet::file::reader::{ChunkReader, Length};
use std::fs::File;
use std::io::{self, Read};
use std::sync::Arc;

/// Bytes of a cell that are looked at to tell what a column is: a thousand rows of it are held.
const CELL: usize = 1000;

/// What is known of a Parquet file before its columns are read.
pub(in crate::ingest) struct Described {
    pub(in crate::ingest) metadata: ArrowReaderMetadata,
    /// The columns that the table knows; all of them when it knows none.
    pub(in crate::ingest) kept: Vec<usize>,
    /// Their names.
    pub(in crate::ingest) names: Vec<String>,
    /// Which of them are instants although their type does not say so.
    pub(in crate::ingest) old_instants: Vec<bool>,
    /// Whether no column is made of others.
    pub(in crate::ingest) flat: bool,
}

impl Described {
    /// Reads the end of a file, where its columns are described. Text columns are given as views.
    ///
    /// # Errors
    /// An input error when it is no Parquet file.
    pub(in crate::ingest) fn new(file: &InputFile, aliases: &Aliases) -> Result<Described> {
        let raw = SharedFile::open(file)?;
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
        let about = metadata.metadata();
        let rows: i64 = about.row_groups().iter().map(RowGroupMetaData::num_rows).sum();
        if rows != about.file_metadata().num_rows() {
            return Err(damaged(file, "its row groups have other rows than the file"));
        }
        let schema = metadata.schema();
        let all: Vec<String> = schema.fields().iter().map(|field| field.name().clone()).collect();
        // A dictionary, too: written out, a few kilobytes of it may be gigabytes of text.
        let views = schema.fields().iter().map(|field| match is_text(field.data_type()) {
            true => Arc::new(field.as_ref().clone().with_data_type(DataType::Utf8View)),
            false => Arc::clone(field),
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
        Ok(Described { metadata, kept, names, old_instants, flat })
    }

    /// The first rows, as texts.
    ///
    /// # Errors
    /// When they cannot be read.
    pub(in crate::ingest) fn first_rows(
        &self,
        file: &InputFile,
    ) -> std::result::Result<Vec<Vec<String>>, BoxedError> {
        let raw = SharedFile::open(file)?;
        let cells: Vec<usize> = (0..self.kept.len()).collect();
        let builder =
            ParquetRecordBatchReaderBuilder::new_with_metadata(raw, self.metadata.clone());
        // Of the first row group only: its pages have been looked at.
        let first = (0..self.metadata.metadata().num_row_groups().min(1)).collect();
        let reader = builder
            .with_row_groups(first)
            .with_projection(self.mask(&cells))
            .with_limit(sample::ROWS)
            .build()?;
        let mut rows = Vec::new();
        for batch in reader {
            let batch = batch?;
            // Nested columns are given in the order of the file, as the kept ones are.
            let options = FormatOptions::default();
            let columns = batch.columns().iter();
            let shown: Vec<_> = columns
                .map(|column| ArrayFormatter::try_new(column.as_ref(), &options))
                .collect::<std::result::Result<_, _>>()?;
            rows.extend((0..batch.num_rows()).map(|row| {
                shown
                    .iter()
                    .map(|column| beginning(&column.value(row).to_string(), CELL).to_owned())
                    .collect::<Vec<_>>()
            }));
        }
        Ok(rows)
    }

    /// The columns of some cells.
    pub(in crate::ingest) fn mask(&self, cells: &[usize]) -> ProjectionMask {
        let columns = cells.iter().map(|&cell| self.kept[cell]);
        ProjectionMask::roots(self.metadata.parquet_schema(), columns)
    }

    /// Which column of the file a cell is, and what arrow makes of it; `None` when columns are made
    /// of others.
    pub(in crate::ingest) fn column(&self, cell: usize) -> Option<(usize, &DataType)> {
        let at = self.kept[cell];
        self.flat.then(|| (at, self.metadata.schema().field(at).data_type()))
    }
}

/// Whether values are texts, each as it is or by its number in a dictionary.
fn is_text(kind: &DataType) -> bool {
    match kind {
        DataType::Utf8 | DataType::LargeUtf8 => true,
        DataType::Dictionary(_, values) => is_text(values),
        _ => false,
    }
}

/// A file that many threads read at positions of their own.
#[derive(Clone)]
pub(in crate::ingest) struct SharedFile {
    file: Arc<File>,
    bytes: u64,
}

impl SharedFile {
    /// Opens a file.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub(in crate::ingest) fn open(file: &InputFile) -> Result<SharedFile> {
        let raw = File::open(&file.path).map_err(|e| Error::read(&file.path, e))?;
        Ok(SharedFile { file: Arc::new(raw), bytes: file.bytes })
    }
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
pub(in crate::ingest) struct At {
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
pub(in crate::ingest) fn damaged(file: &InputFile, error: impl Into<BoxedError>) -> Error {
    Error::read(&file.path, io::Error::other(error))
        .hint("this is not Parquet, or it is damaged: copy or export it again")
}

/// Any error.
pub(in crate::ingest) type BoxedError = Box<dyn std::error::Error + Send + Sync>;
