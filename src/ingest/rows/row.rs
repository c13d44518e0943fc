//! A row: its cells, where it stands, and what is wrong with one that has not as many as the
//! header.
//!
//! Nothing is validated here. Cost: none; cells are slices.

use crate::ingest::rows::column::Column;

/// Before the first byte: where the cell before the first one ends.
pub const BEFORE: u32 = u32::MAX;

/// A row of as many cells as the header has.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    text: &'a [u8],
    /// Where the row before ends, and where each cell ends.
    ends: &'a [u32],
    /// The row as it stands in the file, when the text is another.
    raw: Option<&'a [u8]>,
    /// Whether cells may stand in quotes, with no quote between these.
    quoted: bool,
    /// Its line number.
    pub line: u64,
    /// Whether every byte of the chunk is ASCII.
    pub ascii: bool,
}

impl<'a> Row<'a> {
    /// A row of a text: `ends` is where the row before ends, and where each cell ends; `quoted` is
    /// whether cells may stand in quotes, with no quote inside.
    #[inline(always)]
    pub fn new(text: &'a [u8], ends: &'a [u32], quoted: bool, line: u64, ascii: bool) -> Row<'a> {
        Row { text, ends, raw: None, quoted, line, ascii }
    }

    /// The row as it stands in the file, without its line end.
    pub fn raw(&self) -> &'a [u8] {
        let to = *self.ends.last().expect("a row has cells") as usize;
        let raw = self.raw.unwrap_or_else(|| &self.text[self.ends[0].wrapping_add(1) as usize..to]);
        raw.trim_ascii_end()
    }

    /// How many cells it has.
    pub fn width(&self) -> usize {
        self.ends.len() - 1
    }

    /// The bytes of cell `number`, untrimmed.
    #[inline(always)]
    pub fn at(&self, number: usize) -> &'a [u8] {
        let mut from = self.ends[number].wrapping_add(1) as usize;
        let mut to = self.ends[number + 1] as usize;
        // Half of a line end `\r\n`: left to trimming, it would make every row an uncommon one.
        if number + 2 == self.ends.len() && to > from && self.text[to - 1] == b'\r' {
            to -= 1;
        }
        if self.quoted && to > from && self.text[from] == b'"' {
            (from, to) = (from + 1, to - 1);
        }
        &self.text[from..to]
    }

    /// The bytes of a cell, untrimmed; nothing for a column the file lacks.
    #[inline(always)]
    pub fn cell(&self, number: Option<usize>) -> &'a [u8] {
        match number {
            Some(number) => self.at(number),
            None => b"",
        }
    }
}

/// A row that is put together cell by cell.
#[derive(Debug, Default)]
pub struct Cells {
    text: Vec<u8>,
    ends: Vec<u32>,
}

impl Cells {
    /// The cells of a row of any width.
    pub fn of(row: &Row<'_>) -> Cells {
        let mut cells = Cells::default();
        cells.clear();
        for cell in 0..row.width() {
            cells.text().extend_from_slice(row.at(cell));
            cells.end();
        }
        cells
    }

    /// Begins a row.
    pub fn clear(&mut self) {
        self.text.clear();
        self.ends.clear();
        self.ends.push(BEFORE);
    }

    /// What a cell is written to, before it is ended.
    pub fn text(&mut self) -> &mut Vec<u8> {
        &mut self.text
    }

    /// Ends a cell.
    pub fn end(&mut self) {
        self.ends.push(self.text.len() as u32);
        self.text.push(b',');
    }

    /// Puts a row of some columns together.
    pub fn write(&mut self, columns: &[Column<'_>], row: usize) {
        self.clear();
        for column in columns {
            column.write(row, &mut self.text);
            self.end();
        }
    }

    /// Makes the row as wide as the header: with blank cells at its end.
    pub fn pad(&mut self, width: usize) {
        while self.count() < width {
            self.end();
        }
    }

    /// Makes the row as wide as the header: without the cells behind.
    pub fn cut(&mut self, width: usize) {
        self.ends.truncate(width + 1);
    }

    /// How many cells have ended.
    pub fn count(&self) -> usize {
        self.ends.len() - 1
    }

    /// The row on line `line`; `raw` is how it stands in the file, if it stands in one.
    pub fn row<'a>(&'a self, raw: Option<&'a [u8]>, line: u64, ascii: bool) -> Row<'a> {
        Row { text: &self.text, ends: &self.ends, raw, quoted: false, line, ascii }
    }
}

/// A row that has not as many cells as the header, is too long, or has a stray quote.
#[derive(Debug)]
pub struct BadRow {
    /// Its line number.
    pub line: u64,
    /// What is wrong.
    pub what: String,
}
