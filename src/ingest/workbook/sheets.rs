//! A workbook: which sheets it has, and their rows one after the other.
//!
//! The rows of .xlsx and .xlsm are streamed: memory is what their shared texts take. A sheet of
//! .xls or .ods is held in memory as a whole. What a file is, its first bytes say, not its name.

use crate::base::error::{Error, Result};
use crate::base::problem::Problem;
use crate::ingest::workbook::cell::Cell;
use calamine::{Data, Dimensions, Ods, OdsError, Range, Reader, SheetType, SheetVisible};
use calamine::{Xls, XlsError, Xlsx, XlsxError};
use std::fs::File;
use std::io::{BufReader, Read, Seek};
use std::path::Path;

/// A workbook.
pub enum Spreadsheet {
    /// .xlsx, .xlsm.
    Xlsx(Box<Xlsx<BufReader<File>>>),
    /// .xls.
    Xls(Box<Xls<BufReader<File>>>),
    /// .ods.
    Ods(Box<Ods<BufReader<File>>>),
}

/// A sheet.
#[derive(Debug, Clone)]
pub struct About {
    /// Its name.
    pub name: String,
    /// Whether a person sees it.
    pub visible: bool,
}

/// What the first bytes of a file say that it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    /// A zip: .xlsx, .xlsm, .ods, or any other.
    Zip,
    /// A compound file: .xls, or a workbook that is locked with a password.
    Compound,
    /// `gzip`.
    Gzip,
    /// `zstd`.
    Zstd,
    /// Parquet.
    Parquet,
    /// Anything else.
    Other,
}

/// What a file is by its first bytes.
///
/// # Errors
/// When it cannot be read.
pub fn content(path: &Path) -> Result<Content> {
    let mut begins = Vec::new();
    let read = File::open(path).and_then(|file| file.take(8).read_to_end(&mut begins));
    read.map_err(|e| Error::read(path, e))?;
    Ok(match begins[..] {
        [b'P', b'K', 3, 4, ..] => Content::Zip,
        [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1] => Content::Compound,
        [0x1f, 0x8b, ..] => Content::Gzip,
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Content::Zstd,
        [b'P', b'A', b'R', b'1', ..] => Content::Parquet,
        _ => Content::Other,
    })
}

/// The error of a workbook that cannot be read; `name` is the file in the input folder.
fn damaged(name: &str, what: impl std::fmt::Display) -> Error {
    Problem::WorkbookDamaged { file: name.to_owned(), what: what.to_string() }.into()
}

fn locked(name: &str) -> Error {
    Problem::WorkbookLocked { file: name.to_owned() }.into()
}

impl Spreadsheet {
    /// Opens a workbook; `name` is the file in the input folder, as messages have it.
    ///
    /// # Errors
    /// An input error when it cannot be read, is locked, or is none.
    pub fn open(path: &Path, name: &str) -> Result<Spreadsheet> {
        let open = || File::open(path).map(BufReader::new).map_err(|e| Error::read(path, e));
        if content(path)? == Content::Compound {
            return match Xls::new(open()?) {
                Ok(book) => Ok(Spreadsheet::Xls(Box::new(book))),
                Err(XlsError::Password) => Err(locked(name)),
                Err(error) => Err(match Xlsx::new(open()?) {
                    Err(XlsxError::Password) => locked(name),
                    _ => damaged(name, error),
                }),
            };
        }
        if is_open_document(&mut open()?) {
            return match Ods::new(open()?) {
                Ok(book) => Ok(Spreadsheet::Ods(Box::new(book))),
                Err(OdsError::Password) => Err(locked(name)),
                Err(error) => Err(damaged(name, error)),
            };
        }
        match Xlsx::new(open()?) {
            Ok(book) => Ok(Spreadsheet::Xlsx(Box::new(book))),
            Err(XlsxError::Password) => Err(locked(name)),
            Err(XlsxError::FileNotFound(_) | XlsxError::RelationshipNotFound) => {
                Err(Problem::ZipNotText { file: name.to_owned() }.into())
            }
            Err(error) => Err(damaged(name, error)),
        }
    }

    /// Its sheets of cells, in their order.
    pub fn sheets(&self) -> Vec<About> {
        let all = match self {
            Spreadsheet::Xlsx(book) => book.sheets_metadata(),
            Spreadsheet::Xls(book) => book.sheets_metadata(),
            Spreadsheet::Ods(book) => book.sheets_metadata(),
        };
        let of_cells = all.iter().filter(|sheet| sheet.typ == SheetType::WorkSheet);
        let about = |sheet: &calamine::Sheet| About {
            name: sheet.name.clone(),
            visible: sheet.visible == SheetVisible::Visible,
        };
        of_cells.map(about).collect()
    }

    /// The merged cells of a sheet. In .ods they are not known.
    pub fn merged(&mut self, sheet: &str) -> Vec<Dimensions> {
        match self {
            Spreadsheet::Xlsx(book) => book.merge_cells_by_sheet_name(sheet).unwrap_or_default(),
            Spreadsheet::Xls(book) => book.merge_cells_by_sheet_name(sheet).unwrap_or_default(),
            Spreadsheet::Ods(_) => Vec::new(),
        }
    }

    /// Calls `each` with the rows of a sheet that have cells, from the top, by their number from 0,
    /// until it says `false`. `file` is named in errors.
    ///
    /// # Errors
    /// An input error when the sheet is damaged.
    pub fn rows(
        &mut self,
        (file, sheet): (&str, &str),
        each: &mut dyn FnMut(u32, &mut Vec<Cell>) -> bool,
    ) -> Result<()> {
        match self {
            Spreadsheet::Xlsx(book) => stream(book, sheet, each).map_err(|e| damaged(file, e)),
            Spreadsheet::Xls(book) => {
                let range = book.worksheet_range(sheet).map_err(|e| damaged(file, e))?;
                of_range(&range, each);
                Ok(())
            }
            Spreadsheet::Ods(book) => {
                let range = book.worksheet_range(sheet).map_err(|e| damaged(file, e))?;
                of_range(&range, each);
                Ok(())
            }
        }
    }
}

/// Whether a zip is an OpenDocument: its first entry says so, uncompressed.
fn is_open_document(file: &mut impl Read) -> bool {
    let mut begins = Vec::new();
    let read = file.take(128).read_to_end(&mut begins);
    read.is_ok() && memchr::memmem::find(&begins, b"mimetypeapplication/vnd.oasis").is_some()
}

/// The most columns of a sheet.
const COLUMNS: usize = 16_384;

fn stream(
    book: &mut Xlsx<impl Read + Seek>,
    sheet: &str,
    each: &mut dyn FnMut(u32, &mut Vec<Cell>) -> bool,
) -> std::result::Result<(), XlsxError> {
    let mut cells = book.worksheet_cells_reader(sheet)?;
    let (mut row, mut number) = (Vec::new(), 0);
    while let Some(cell) = cells.next_cell_with_formula_metadata()? {
        let (at, column) = cell.pos;
        if at != number {
            if !row.is_empty() && !each(number, &mut row) {
                return Ok(());
            }
            row.clear();
            number = at;
        }
        let value = Cell::of(cell.value, cell.formula.is_some());
        let column = column as usize;
        if !value.is_blank() && column < COLUMNS {
            if row.len() <= column {
                row.resize(column + 1, Cell::Blank);
            }
            row[column] = value;
        }
    }
    if !row.is_empty() {
        each(number, &mut row);
    }
    Ok(())
}

fn of_range(range: &Range<Data>, each: &mut dyn FnMut(u32, &mut Vec<Cell>) -> bool) {
    let (first, before) = range.start().unwrap_or_default();
    for (number, data) in (first..).zip(range.rows()) {
        let blanks = std::iter::repeat_n(Cell::Blank, before as usize);
        let mut row: Vec<Cell> = blanks.chain(data.iter().map(Cell::of_data)).collect();
        while row.last().is_some_and(Cell::is_blank) {
            row.pop();
        }
        if !row.is_empty() && !each(number, &mut row) {
            return;
        }
    }
}
