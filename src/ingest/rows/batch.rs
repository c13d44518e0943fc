//! Neighbouring rows, column by column.
//!
//! Most rows of a bulk table are ordinary, and are about nobody who matters. To find that out a column
//! at a time, for some hundred rows, takes two thirds of the time of doing it row by row: a loop over
//! one column keeps what it needs in registers, and its rows do not wait for each other. What a loop
//! does not take for ordinary goes the way of single rows, so nothing is decided here.

use crate::ingest::cells;
use crate::ingest::rows::row::{BadRow, Row};

/// Rows of a batch at most.
pub const ROWS: usize = 256;

/// Rows that follow each other in a text without quotes, each as wide as the header.
#[derive(Debug, Clone, Copy)]
pub struct Batch<'a> {
    text: &'a [u8],
    /// Whether every byte of the text is ASCII, and none is NUL.
    ascii: bool,
    /// Where the row before ends, and where each cell of each row ends.
    ends: &'a [u32],
    width: usize,
    /// Line number of the first.
    line: u64,
    /// How many bytes before each line end belong to it.
    half_end: u32,
}

impl<'a> Batch<'a> {
    /// The rows that end at `newlines`, when `ends` begins with their cells, and each has `width`; and
    /// whether the text is ASCII.
    pub fn new(
        (text, ascii): (&'a [u8], bool),
        ends: &'a [u32],
        newlines: &[u32],
        width: usize,
        line: u64,
    ) -> Option<Batch<'a>> {
        let ends = ends.get(..=newlines.len() * width)?;
        let of_rows = ends[width..].iter().step_by(width);
        let whole =
            of_rows.zip(newlines).fold(true, |whole, (end, newline)| whole & (end == newline));
        let half = |newline: &u32| *newline > 0 && text[*newline as usize - 1] == b'\r';
        let half_end = u32::from(newlines.first().is_some_and(half));
        let whole = whole && (half_end == 0 || newlines.iter().all(half));
        whole.then_some(Batch { text, ascii, ends, width, line, half_end })
    }

    /// How many rows.
    pub fn len(&self) -> usize {
        self.ends.len() / self.width
    }

    /// One of them.
    pub fn row(&self, number: usize) -> Row<'a> {
        let first = number * self.width;
        let ends = &self.ends[first..=first + self.width];
        Row::new(self.text, ends, false, self.line + number as u64, self.ascii)
    }

    /// The cell of each row in a column, untrimmed.
    #[inline(always)]
    pub fn column(&self, column: usize) -> impl Iterator<Item = &'a [u8]> {
        let Batch { text, ends, width, .. } = *self;
        let half_end = if column + 1 == width { self.half_end } else { 0 };
        (0..self.len()).map(move |row| {
            let at = row * width + column;
            let (from, to) = (ends[at].wrapping_add(1), ends[at + 1] - half_end);
            &text[from as usize..to as usize]
        })
    }

    /// The length of the cell of each row in a column, and the text from its first byte on.
    #[inline(always)]
    pub fn beginnings(&self, column: usize) -> impl Iterator<Item = (u32, &'a [u8])> {
        let Batch { text, ends, width, .. } = *self;
        let half_end = if column + 1 == width { self.half_end } else { 0 };
        (0..self.len()).map(move |row| {
            let at = row * width + column;
            let from = ends[at].wrapping_add(1);
            ((ends[at + 1] - half_end).wrapping_sub(from), &text[from as usize..])
        })
    }

    /// Whether a cell of a row is text, not blank, and has no blanks around it.
    #[inline(always)]
    pub fn is_solid(&self, cell: &[u8]) -> bool {
        cells::is_solid_text(cell, self.ascii)
    }

    /// Leaves in `rows` only those whose cells in all of the columns fit.
    #[inline(always)]
    pub fn only(
        &self,
        columns: impl IntoIterator<Item = usize>,
        rows: &mut [bool; ROWS],
        fits: impl Fn(&[u8]) -> bool,
    ) {
        for column in columns {
            for (row, cell) in rows.iter_mut().zip(self.column(column)) {
                *row &= fits(cell);
            }
        }
    }

    /// The rows that are none of these.
    pub fn others(&self, rows: &[bool; ROWS]) -> impl Iterator<Item = Row<'a>> {
        // In most batches there is none, which many at once say faster than one by one.
        let none = rows[..self.len()].iter().fold(true, |all, &is| all & is);
        let numbers = if none { 0..0 } else { 0..self.len() };
        numbers.filter(|&number| !rows[number]).map(|number| self.row(number))
    }
}

/// Takes rows one by one. A trait and not a closure, so that the hot ones can be inlined: handed
/// through memory, a row costs more than reading it.
pub trait TakeRows {
    /// A row as wide as the header.
    fn row(&mut self, row: &Row<'_>);
    /// Another.
    fn bad_row(&mut self, row: BadRow);
    /// Takes rows of a batch that are ordinary, all together, and says which.
    fn ordinary(&mut self, _batch: &Batch<'_>) -> [bool; ROWS] {
        [false; ROWS]
    }
    /// Neighbouring rows as wide as the header: the ordinary ones together, the others one by one.
    #[inline(always)]
    fn batch(&mut self, batch: &Batch<'_>) {
        let ordinary = self.ordinary(batch);
        batch.others(&ordinary).for_each(|row| self.row(&row));
    }
}

impl<F: FnMut(Result<&Row<'_>, BadRow>)> TakeRows for F {
    fn row(&mut self, row: &Row<'_>) {
        self(Ok(row));
    }

    fn bad_row(&mut self, row: BadRow) {
        self(Err(row));
    }
}
