//! Where rows come from, and who takes them: a file of any format, and a table.
//!
//! A format is a [`Source`]: it matches its header, and gives rows to any number of workers at
//! once. A table is a [`TakeRows`]. What rows mean is known to the table alone; what a format can
//! skip (predicate push-down, row-group pruning) it learns by asking.

use crate::base::error::Result;
use crate::base::sieve::{IdRange, Wanted};
use crate::base::time::Instant;
use crate::ingest::account::{FileAccount, Tally};
use crate::ingest::books::Book;
use crate::ingest::header::layout::Layout;
use crate::ingest::rows::batch::{Batch, ROWS};
use crate::ingest::rows::row::{BadRow, Row};
use std::sync::OnceLock;

/// Only the rows matter whose cell in a column of the table is one of these.
pub struct Sought<'s> {
    column: usize,
    /// What is sought.
    pub wanted: &'s Wanted<'s>,
    /// It in order, once that is needed.
    sorted: OnceLock<IdRange>,
}

impl<'s> Sought<'s> {
    /// In the column with this number in the contract, one that must be there.
    pub fn new(column: usize, wanted: &'s Wanted<'s>) -> Sought<'s> {
        Sought { column, wanted, sorted: OnceLock::new() }
    }

    /// `false` only when no cell within the bounds is sought, however it is written: see
    /// [`IdRange`].
    pub fn may_be_between(&self, bounds: [&[u8]; 2]) -> bool {
        let sorted = self.sorted.get_or_init(|| self.wanted.sorted());
        sorted.may_be_between(bounds) || sorted.may_be_marked_between(bounds)
    }

    /// The cell of the column in the rows of a file.
    pub fn cell(&self, layout: &Layout) -> usize {
        layout.cells[self.column].expect("a column that must be there")
    }
}

/// A file that is being read.
pub trait Source: Send + Sync {
    /// Which cell is which column.
    fn layout(&self) -> &Layout;
    /// To be settled further.
    fn layout_mut(&mut self) -> &mut Layout;
    /// Hands rows to one of many workers; all rows, or those that are sought.
    ///
    /// # Errors
    /// When the file cannot be opened.
    fn rows<'s, 'w: 's>(&'s self, sought: Option<&'s Sought<'w>>) -> Result<Box<dyn Rows + 's>>;
    /// The account of the file with the given tally.
    fn account(&self, tally: Tally) -> FileAccount;
}

/// Rows of a file on their way to one worker.
pub trait Rows {
    /// Hands some of the rows that no worker has had yet to `taker`; `None` after the last. Returns
    /// how many bytes on disk were read for them.
    ///
    /// # Errors
    /// When reading or unpacking fails.
    fn next(&mut self, taker: &mut dyn TakeRows) -> Result<Option<u64>>;
}

/// What a file says of some of its rows before they are read, by the number of the cell.
pub trait Statistics {
    /// How many rows.
    fn rows(&self) -> u64;
    /// Whether no row has a value in a cell.
    fn is_blank(&self, cell: usize) -> bool;
    /// Between which two all values of a cell lie as bytes, when all are texts, none is blank, and
    /// none begins with a blank.
    fn texts(&self, cell: usize) -> Option<[&[u8]; 2]>;
    /// The latest value of a cell of times, in seconds since 1970, and whether it is an instant or
    /// a wall-clock time.
    fn latest(&self, cell: usize) -> Option<(i64, bool)>;
}

/// Takes the rows of a table.
pub trait TakeRows {
    /// The rows to come are of this file.
    fn begin(&mut self, file: u32, layout: &Layout);
    /// Where it writes down what becomes of them.
    fn book(&mut self) -> &mut Book;
    /// A row as wide as the header.
    fn row(&mut self, row: &Row<'_>);
    /// A row that is not as wide as the header, or bad in another way.
    fn bad_row(&mut self, row: BadRow) {
        self.book().bad_row(&row);
    }
    /// Takes rows of a batch that are ordinary, all together, and says which.
    fn ordinary(&mut self, _batch: &Batch<'_>) -> [bool; ROWS] {
        [false; ROWS]
    }
    /// Neighbouring rows: the ordinary ones together, the others one by one.
    fn batch(&mut self, batch: &Batch<'_>) {
        let ordinary = self.ordinary(batch);
        batch.others(&ordinary, |row| self.row(row));
    }
    /// What to read to show that rows with these statistics can be passed over; `None` when
    /// something may come of them.
    fn pass_over(&mut self, _about: &dyn Statistics) -> Option<PassOver> {
        None
    }
    /// Whether the rows of a batch, of which only these cells are read, can be passed over.
    fn can_pass(&mut self, _batch: &Batch<'_>, _how: &PassOver) -> bool {
        false
    }
}

/// What must be true of rows that nothing comes of.
#[derive(Debug)]
pub struct PassOver {
    /// The cells to be read.
    pub cells: Vec<usize>,
    /// No row may end later, if there is such a moment.
    pub since: Option<Instant>,
}
