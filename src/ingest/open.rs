//! Where a file is opened: each format has its arm here. Which ending is which format says
//! [`crate::ingest::names`].

use crate::base::error::Result;
use crate::ingest::account::{FileAccount, Tally};
use crate::ingest::books::Book;
use crate::ingest::cells;
use crate::ingest::cells::time_style::{Order, day_and_month};
use crate::ingest::header::layout::Layout;
use crate::ingest::input::InputFile;
#[cfg(feature = "parquet")]
use crate::ingest::memory::HeldTable;
use crate::ingest::names::Packing;
#[cfg(feature = "parquet")]
use crate::ingest::parquet::source::ParquetFile;
use crate::ingest::rows::row::{BadRow, Row};
use crate::ingest::rows::source::{Source, TakeRows};
use crate::ingest::settings::Settings;
use crate::ingest::text::blocks::FileReader;
use crate::ingest::text::encoding::Encoding;
use crate::ingest::workbook::source::SheetFile;

/// Opens a file and matches its header. Where the first rows do not show whether days or months
/// come first, all rows are read to find out.
///
/// # Errors
/// An input error when it cannot be read, is not what its name says, or lacks a column.
pub fn open(file: &InputFile, settings: &Settings) -> Result<Box<dyn Source>> {
    let mut source = open_as_named(file, settings)?;
    if !source.layout().unsettled.is_empty() {
        let (orders, example) = orders(&*source)?;
        source = open_as_named(file, settings)?;
        source.layout_mut().settle(&orders, &example, &format!("`{}`", file.name))?;
    }
    Ok(source)
}

fn open_as_named(file: &InputFile, settings: &Settings) -> Result<Box<dyn Source>> {
    #[cfg(feature = "parquet")]
    if let Some(rows) = &file.held {
        return Ok(Box::new(HeldTable::open(file, rows, settings)?));
    }
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

/// The account of a file whose rows were read elsewhere: with what was found there, the tally, the
/// encoding, and whether some pages had no checksum.
///
/// # Errors
/// When the file cannot be opened.
pub fn account_of(
    file: &InputFile,
    settings: &Settings,
    (tally, encoding, unchecked): (Tally, Encoding, bool),
) -> Result<FileAccount> {
    let source = open(file, settings)?;
    Ok(FileAccount { encoding, unchecked, ..source.account(tally) })
}

/// Which cell of a file is which column.
///
/// # Errors
/// When the file cannot be opened, or lacks a column.
pub fn layout_of(file: &InputFile, settings: &Settings) -> Result<Layout> {
    Ok(open(file, settings)?.layout().clone())
}

/// What the rows of a file say of the columns that are not settled.
fn orders(source: &dyn Source) -> Result<(Vec<Order>, String)> {
    let layout = source.layout();
    let cells: Vec<Option<usize>> =
        layout.unsettled.iter().map(|&column| layout.cells[column]).collect();
    let orders = vec![Order::default(); cells.len()];
    let mut taker = Orders { cells, orders, example: String::new(), book: Book::default() };
    let mut rows = source.rows(None)?;
    while rows.next(&mut taker)?.is_some() {}
    Ok((taker.orders, taker.example))
}

/// Looks at the dates of rows.
struct Orders {
    cells: Vec<Option<usize>>,
    orders: Vec<Order>,
    /// The first of these dates.
    example: String,
    book: Book,
}

impl TakeRows for Orders {
    fn begin(&mut self, _: u32, _: &Layout) {}

    fn book(&mut self) -> &mut Book {
        &mut self.book
    }

    fn row(&mut self, row: &Row<'_>) {
        for (cell, order) in self.cells.iter().zip(&mut self.orders) {
            let value = cells::value(row.cell(*cell));
            order.look(value);
            if self.example.is_empty() && day_and_month(value).is_some() {
                self.example = format!("`{}` in line {}", String::from_utf8_lossy(value), row.line);
            }
        }
    }

    fn bad_row(&mut self, _: BadRow) {}
}
