//! A Parquet file before its columns are read: its schema, and its first rows.
//!
//! Text columns are given as views. Many threads read at positions of their own. Cost: the end of
//! the file.

use crate::base::error::{Error, Result};
use crate::ingest::header::sample;
use crate::ingest::input::InputFile;
use crate::ingest::read_at::read_at;
use crate::ingest::rows::held::texts;
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

/// What is known of a Parquet file before its columns are read. Its cells are its columns, those
/// that are made of others as one.
pub(in crate::ingest) struct Described {
    pub(in crate::ingest) metadata: ArrowReaderMetadata,
    /// What the columns are called.
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
    pub(in crate::ingest) fn new(file: &InputFile) -> Result<Described> {
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
        let names: Vec<String> = schema.fields().iter().map(|field| field.name().clone()).collect();
        // A dictionary, too: written out, a few kilobytes of it may be gigabytes of text.
        let views = schema.fields().iter().map(|field| match is_text(field.data_type()) {
            true => Arc::new(field.as_ref().clone().with_data_type(DataType::Utf8View)),
            false => Arc::clone(field),
        });
        let views = Schema::new_with_metadata(views.collect::<Fields>(), schema.metadata().clone());
        let options = ArrowReaderOptions::new().with_schema(Arc::new(views));
        metadata = ArrowReaderMetadata::try_new(Arc::clone(metadata.metadata()), options)
            .map_err(|e| damaged(file, e))?;
        let columns = metadata.parquet_schema();
        let flat = columns.num_columns() == names.len();
        let is_old = |n: usize| flat && columns.column(n).physical_type() == PhysicalType::INT96;
        let old_instants = (0..names.len()).map(is_old).collect();
        Ok(Described { metadata, names, old_instants, flat })
    }

    /// The first values of a cell, as texts.
    ///
    /// # Errors
    /// When they cannot be read.
    pub(in crate::ingest) fn first_values(
        &self,
        raw: &SharedFile,
        cell: usize,
    ) -> std::result::Result<Vec<String>, BoxedError> {
        // Of the first row group only: its pages have been looked at.
        let reader =
            ParquetRecordBatchReaderBuilder::new_with_metadata(raw.clone(), self.metadata.clone());
        let reader = reader
            .with_row_groups(vec![0])
            .with_projection(self.mask(&[cell]))
            .with_limit(sample::ROWS)
            .build()?;
        let mut values = Vec::new();
        for batch in reader {
            values.extend(texts(&batch?, sample::ROWS)?.into_iter().flatten());
        }
        Ok(values)
    }

    /// The columns of some cells.
    pub(in crate::ingest) fn mask(&self, cells: &[usize]) -> ProjectionMask {
        ProjectionMask::roots(self.metadata.parquet_schema(), cells.iter().copied())
    }

    /// A cell, and what arrow makes of it; `None` when columns are made of others.
    pub(in crate::ingest) fn column(&self, cell: usize) -> Option<(usize, &DataType)> {
        self.flat.then(|| (cell, self.metadata.schema().field(cell).data_type()))
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
