//! A Parquet file as Arrow batches, for evidence that comes back.
//!
//! Cost: the file, in memory.

use crate::base::error::{Error, Result};
use arrow_array::RecordBatch;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

/// The Parquet files of some paths: of a folder all that an engine wrote into it.
///
/// # Errors
/// When a folder cannot be read.
pub fn evidence_files(paths: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for path in paths {
        if !path.is_dir() {
            files.push(path.clone());
            continue;
        }
        let entries = std::fs::read_dir(path).map_err(|e| Error::read(path, e))?;
        for entry in entries {
            let file = entry.map_err(|e| Error::read(path, e))?.path();
            let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if name.ends_with(".parquet") && !name.starts_with(['.', '_']) {
                files.push(file);
            }
        }
    }
    files.sort();
    Ok(files)
}

/// All batches of a file.
///
/// # Errors
/// When it cannot be read, or is no Parquet file.
pub fn read_batches(path: &Path) -> Result<Vec<RecordBatch>> {
    let failed = |e: &dyn std::fmt::Display| {
        Error::read(path, io::Error::other(e.to_string()))
            .hint("this is not Parquet, or it is damaged: scan again")
    };
    let file = File::open(path).map_err(|e| Error::read(path, e))?;
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).map_err(|e| failed(&e))?;
    let reader = reader.with_batch_size(1 << 16).build().map_err(|e| failed(&e))?;
    reader.map(|batch| batch.map_err(|e| failed(&e))).collect()
}
