//! A light pass over some cells of a table, for what no rule needs: names, phones, counties.
//!
//! Rows are cut and not checked. What is read of millions of rows is kept only of those that are
//! looked for. Cost: that of finding the ends of cells.

use crate::base::error::Result;
use crate::ingest::books::Book;
use crate::ingest::cells;
use crate::ingest::contract::Table;
use crate::ingest::folder::Folder;
use crate::ingest::header::layout::Layout;
use crate::ingest::pass;
use crate::ingest::rows::row::Row;
use crate::ingest::rows::source::{Sought, TakeRows};
use crate::ingest::settings::{Settings, Silent};
use crate::model::RowRef;

/// What `look` finds in the rows of a table, in their order. It is given the cells that `choose`
/// names for each file, untrimmed, blank where the file lacks one.
///
/// # Errors
/// When a file cannot be read.
pub fn glance<T: Send>(
    folder: &Folder,
    (table, settings): (Table, &Settings),
    sought: Option<&Sought<'_>>,
    choose: impl Fn(&Layout) -> Vec<Option<usize>> + Sync,
    look: impl Fn(&[&[u8]]) -> Option<T> + Sync,
) -> Result<Vec<T>> {
    let start = || {
        let (cells, found, book) = (Vec::new(), Vec::new(), Book::default());
        Glance { choose: &choose, look: &look, cells, found, book }
    };
    let (takers, _) = pass::read(folder, table, (settings, &Silent as _), sought, start)?;
    let mut found: Vec<(RowRef, T)> = takers.into_iter().flat_map(|taker| taker.found).collect();
    found.sort_unstable_by_key(|(row, _)| *row);
    Ok(found.into_iter().map(|(_, found)| found).collect())
}

/// The text of a cell as it is shown; blank where its bytes are no text.
pub fn shown(cell: &[u8]) -> String {
    let cell = cells::trim(cell);
    let text = if cells::is_text(cell) { cell } else { b"" };
    String::from_utf8_lossy(text).into_owned()
}

/// Takes the rows of a worker.
struct Glance<'g, T, C, L> {
    choose: &'g C,
    look: &'g L,
    cells: Vec<Option<usize>>,
    found: Vec<(RowRef, T)>,
    book: Book,
}

impl<T, C, L> TakeRows for Glance<'_, T, C, L>
where
    C: Fn(&Layout) -> Vec<Option<usize>>,
    L: Fn(&[&[u8]]) -> Option<T>,
{
    fn begin(&mut self, file: u32, layout: &Layout) {
        self.book.begin(file, layout);
        self.cells = (self.choose)(layout);
    }

    fn book(&mut self) -> &mut Book {
        &mut self.book
    }

    fn row(&mut self, row: &Row<'_>) {
        let cells: Vec<&[u8]> = self.cells.iter().map(|cell| row.cell(*cell)).collect();
        let at = RowRef::new(self.book.file, row.line);
        self.found.extend((self.look)(&cells).map(|found| (at, found)));
    }
}
