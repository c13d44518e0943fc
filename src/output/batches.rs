//! Arrow batches as a Parquet file: evidence on its way to whoever puts it together.
//!
//! Only its owner can read it. Cost: its rows.

use super::folder::write_private;
use crate::base::error::Result;
use crate::search::evidence::wire::schema;
use arrow_array::RecordBatch;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use std::path::Path;

/// Writes evidence, whole or not at all.
///
/// # Errors
/// When it cannot be written.
pub fn write_batches(path: &Path, batches: &[RecordBatch]) -> Result<()> {
    write_private(path, |out| {
        let packed = Compression::ZSTD(ZstdLevel::default());
        let how = WriterProperties::builder().set_compression(packed).build();
        let mut writer = ArrowWriter::try_new(out, schema(), Some(how))?;
        batches.iter().try_for_each(|batch| writer.write(batch))?;
        writer.close()?;
        Ok(())
    })
}
