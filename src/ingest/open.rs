//! Where a file is opened: the one place that knows which formats there are.

use crate::base::error::Result;
use crate::ingest::folder::InputFile;
use crate::ingest::names::Packing;
#[cfg(feature = "parquet")]
use crate::ingest::parquet::source::ParquetFile;
use crate::ingest::rows::source::Source;
use crate::ingest::settings::Settings;
use crate::ingest::text::blocks::FileReader;
use crate::ingest::workbook::source::SheetFile;

/// Opens a file and matches its header.
///
/// # Errors
/// An input error when it cannot be read, is not what its name says, or lacks a column.
pub fn open(file: &InputFile, settings: &Settings) -> Result<Box<dyn Source>> {
    match file.packing {
        Packing::Plain | Packing::Gzip | Packing::Zstd => {
            Ok(Box::new(FileReader::open(file, settings)?))
        }
        Packing::Workbook => {
            let sheet = file.sheet.as_deref().unwrap_or_default();
            Ok(Box::new(SheetFile::open(file, sheet, settings)?))
        }
        #[cfg(feature = "parquet")]
        Packing::Parquet => Ok(Box::new(ParquetFile::open(file, settings)?)),
        #[cfg(not(feature = "parquet"))]
        Packing::Parquet => {
            Err(crate::base::problem::Problem::ParquetNotRead { file: file.name.clone() }.into())
        }
    }
}
