//! Neighbouring rows, column by column: what every format hands over.
//!
//! Most rows of a bulk table are ordinary, and are about nobody who matters. To find that out a
//! column at a time, for some hundred rows, takes two thirds of the time of doing it row by row: a
//! loop over one column keeps what it needs in registers, and its rows do not wait for each other.
//! What a loop does not take for ordinary goes the way of single rows, so nothing is decided here.

use crate::ingest::cells;
use crate::ingest::rows::column::Column;
use crate::ingest::rows::row::{Cells, Row};

/// Rows of a batch at most.
pub const ROWS: usize = 256;

/// Rows that follow each other, each as wide as the header.
#[derive(Debug, Clone, Copy)]
pub struct Batch<'a> {
    form: Form<'a>,
    rows: usize,
    /// Line number of the first.
    line: u64,
    /// Whether every byte is known to be ASCII, and none to be NUL.
    ascii: bool,
}

#[derive(Debug, Clone, Copy)]
enum Form<'a> {
    Text(Text<'a>),
    Columns(&'a [Column<'a>]),
}

/// Rows as they stand in a text.
#[derive(Debug, Clone, Copy)]
struct Text<'a> {
    text: &'a [u8],
    /// Where the row before ends, and where each cell of each row ends.
    ends: &'a [u32],
    width: usize,
    /// How many bytes before each line end belong to it.
    half_end: u32,
    /// Whether cells may stand in quotes, with no quote between these.
    quoted: bool,
}

/// The cells of a column, untrimmed. A trait, so that a loop over a column of a text is made for
/// that alone.
pub trait ColumnCells<'a>: Copy {
    /// The cell of a row.
    fn get(&self, row: usize) -> &'a [u8];
    /// The length of a row's cell, and text that begins with it: not cutting it is faster.
    #[inline(always)]
    fn begin(&self, row: usize) -> (u32, &'a [u8]) {
        let cell = self.get(row);
        (cell.len() as u32, cell)
    }
}

/// A column of rows that stand in a text without quotes.
#[derive(Debug, Clone, Copy)]
pub struct TextCells<'a> {
    text: &'a [u8],
    /// From the end of the cell before the first row's cell on.
    ends: &'a [u32],
    width: usize,
    half_end: u32,
}

impl<'a> ColumnCells<'a> for TextCells<'a> {
    #[inline(always)]
    fn get(&self, row: usize) -> &'a [u8] {
        let at = row * self.width;
        let (from, to) = (self.ends[at].wrapping_add(1), self.ends[at + 1] - self.half_end);
        &self.text[from as usize..to as usize]
    }

    #[inline(always)]
    fn begin(&self, row: usize) -> (u32, &'a [u8]) {
        let at = row * self.width;
        let from = self.ends[at].wrapping_add(1);
        let length = (self.ends[at + 1] - self.half_end).wrapping_sub(from);
        (length, &self.text[from as usize..])
    }
}

/// A column of rows of any form.
#[derive(Debug, Clone, Copy)]
pub enum AnyCells<'a> {
    /// In a text.
    Text(TextCells<'a>),
    /// In a text, in quotes or not.
    Quoted(TextCells<'a>),
    /// One by one.
    Listed(&'a [&'a [u8]]),
    /// All of them blank.
    Blank,
    /// What they say is not at hand: see [`Column::Told`] and [`Column::Times`].
    Unknown,
}

impl<'a> ColumnCells<'a> for AnyCells<'a> {
    #[inline(always)]
    fn get(&self, row: usize) -> &'a [u8] {
        match self {
            AnyCells::Text(cells) => cells.get(row),
            AnyCells::Quoted(cells) => match cells.get(row) {
                [b'"', inside @ .., _] => inside,
                cell => cell,
            },
            AnyCells::Listed(cells) => cells[row],
            AnyCells::Blank => b"",
            // Neither blank nor without blanks around it: in no ordinary row.
            AnyCells::Unknown => b" ",
        }
    }
}

impl<'a> Batch<'a> {
    /// The rows that end at `newlines`, if each has `width` cells and `ends` begins with these;
    /// else `None`. `ascii`: whether the text is ASCII; `quoted`: whether cells may stand in
    /// quotes, with no quote inside.
    pub fn of_text(
        (text, ascii, quoted): (&'a [u8], bool, bool),
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
        let form = Form::Text(Text { text, ends, width, half_end, quoted });
        whole.then_some(Batch { form, rows: newlines.len(), line, ascii })
    }

    /// `rows` rows, of which these are the columns.
    pub fn of_columns(columns: &'a [Column<'a>], rows: usize, line: u64) -> Batch<'a> {
        Batch { form: Form::Columns(columns), rows, line, ascii: false }
    }

    /// How many rows.
    pub fn len(&self) -> usize {
        self.rows
    }

    /// The line number of a row.
    #[inline(always)]
    pub fn line(&self, row: usize) -> u64 {
        self.line + row as u64
    }

    /// The cells of a column.
    #[inline(always)]
    pub fn cells(&self, column: usize) -> AnyCells<'a> {
        match self.form {
            Form::Text(Text { text, ends, width, half_end, quoted }) => {
                let half_end = if column + 1 == width { half_end } else { 0 };
                let cells = TextCells { text, ends: &ends[column..], width, half_end };
                if quoted { AnyCells::Quoted(cells) } else { AnyCells::Text(cells) }
            }
            Form::Columns(columns) => match columns[column] {
                Column::Blank => AnyCells::Blank,
                Column::Cells(cells) => AnyCells::Listed(cells),
                Column::Told | Column::Times(..) => AnyCells::Unknown,
            },
        }
    }

    /// The cell of each row in a column.
    #[inline(always)]
    pub fn column(&self, column: usize) -> impl Iterator<Item = &'a [u8]> {
        let cells = self.cells(column);
        (0..self.rows).map(move |row| cells.get(row))
    }

    /// The times of a column that holds no cells but times: see [`Column::Times`].
    pub fn times(&self, column: usize) -> Option<(&'a [i64], bool)> {
        match self.form {
            Form::Columns(columns) => match columns[column] {
                Column::Times(times, instants) => Some((times, instants)),
                _ => None,
            },
            Form::Text(_) => None,
        }
    }

    /// Whether a column was not read: see [`Column::Told`].
    pub fn is_told(&self, column: usize) -> bool {
        matches!(self.form, Form::Columns(columns) if matches!(columns[column], Column::Told))
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
            rows.iter_mut().zip(self.column(column)).for_each(|(row, cell)| *row &= fits(cell));
        }
    }

    /// Leaves in `rows` only those whose cells in all of the columns are blank.
    pub fn only_blank(&self, columns: impl IntoIterator<Item = usize>, rows: &mut [bool; ROWS]) {
        for column in columns {
            match self.cells(column) {
                AnyCells::Text(cells) => leave(rows, self.rows, cells, <[u8]>::is_empty),
                cells => leave(rows, self.rows, cells, <[u8]>::is_empty),
            }
        }
    }

    /// Leaves in `rows` only those whose cells in a column are text, not blank, and have no blanks
    /// around them.
    pub fn only_solid(&self, column: usize, rows: &mut [bool; ROWS]) {
        match self.cells(column) {
            AnyCells::Text(cells) if self.ascii => leave(rows, self.rows, cells, cells::is_solid),
            cells => leave(rows, self.rows, cells, |cell| self.is_solid(cell)),
        }
    }

    /// Whether these are all of its rows.
    pub fn are_all(&self, rows: &[bool; ROWS]) -> bool {
        // In most batches they are, which many at once say faster than one by one.
        rows[..self.rows].iter().fold(true, |all, &is| all & is)
    }

    /// Writes the cell of a row as it stands in a text.
    pub fn write(&self, row: usize, column: usize, out: &mut Vec<u8>) {
        out.clear();
        match self.form {
            Form::Text(_) => out.extend_from_slice(self.cells(column).get(row)),
            Form::Columns(columns) => columns[column].write(row, out),
        }
    }

    /// Whether a cell of a row is text, blank or not.
    #[inline(always)]
    pub fn is_text(&self, cell: &[u8]) -> bool {
        self.ascii || cells::is_text(cell)
    }

    /// Calls `each` with the rows that are none of these.
    #[inline(always)]
    pub fn others(&self, rows: &[bool; ROWS], mut each: impl FnMut(&Row<'_>)) {
        if !self.are_all(rows) {
            (0..self.rows).filter(|&row| !rows[row]).for_each(|row| self.with_row(row, &mut each));
        }
    }

    /// Calls `each` with one of the rows.
    pub fn with_row(&self, row: usize, each: impl FnOnce(&Row<'_>)) {
        match self.form {
            Form::Text(Text { text, ends, width, quoted, .. }) => {
                let ends = &ends[row * width..=(row + 1) * width];
                each(&Row::new(text, ends, quoted, self.line(row), self.ascii));
            }
            Form::Columns(columns) => {
                let mut cells = Cells::default();
                cells.write(columns, row);
                each(&cells.row(None, self.line(row), false));
            }
        }
    }
}

/// Leaves in `rows` only those of so many whose cells fit.
#[inline(always)]
fn leave<'a>(
    rows: &mut [bool; ROWS],
    count: usize,
    cells: impl ColumnCells<'a>,
    fits: impl Fn(&[u8]) -> bool,
) {
    let cells = (0..count).map(|row| cells.get(row));
    rows.iter_mut().zip(cells).for_each(|(row, cell)| *row &= fits(cell));
}
