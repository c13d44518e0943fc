//! Rows of a chunk, cut into cells.
//!
//! Without quotes in the chunk the cells are slices found by [`super::structure`]; with quotes the
//! rows are cut one by one and unquoted. Either way a [`Row`] looks the same. Blank lines are no
//! rows. Nothing is validated here but the number of cells.

use super::chunks::{Chunk, MAX_ROW};
use super::quotes::{self, Quoting};
use super::structure::Structure;
use super::text::Format;

/// A row of as many cells as the header has.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    text: &'a [u8],
    start: usize,
    end: usize,
    separators: &'a [u32],
    /// Its line number.
    pub line: u64,
    /// Whether every byte of the chunk is ASCII.
    pub ascii: bool,
}

impl<'a> Row<'a> {
    /// The bytes of a cell, untrimmed; nothing for a column the file lacks.
    #[inline]
    pub fn cell(&self, number: Option<usize>) -> &'a [u8] {
        let Some(number) = number else { return b"" };
        let from = if number == 0 { self.start } else { self.separators[number - 1] as usize + 1 };
        let to = self.separators.get(number).map_or(self.end, |&at| at as usize);
        &self.text[from..to]
    }
}

/// A row that has not as many cells as the header, or is too long.
#[derive(Debug)]
pub struct BadRow {
    /// Its line number.
    pub line: u64,
    /// What is wrong.
    pub what: String,
    /// How many more lines it takes in.
    pub more_lines: u64,
}

/// Room that is used again for every chunk.
#[derive(Debug, Default)]
pub struct Scratch {
    structure: Structure,
    text: Vec<u8>,
    cell: Vec<u8>,
    separators: Vec<u32>,
}

/// Calls `each` with every row of a chunk, in order.
pub fn for_each(
    chunk: &Chunk,
    format: Format,
    width: usize,
    scratch: &mut Scratch,
    each: impl FnMut(Result<Row<'_>, BadRow>),
) {
    if chunk.quotes {
        quoted(chunk, format, width, scratch, each);
    } else {
        plain(chunk, format, width, scratch, each);
    }
}

fn plain(
    chunk: &Chunk,
    format: Format,
    width: usize,
    scratch: &mut Scratch,
    mut each: impl FnMut(Result<Row<'_>, BadRow>),
) {
    let text = chunk.text();
    scratch.structure.find(text, format.separator, format.newline);
    let (separators, newlines) = (scratch.structure.separators(), scratch.structure.newlines());
    let inner = width - 1;
    let (mut start, mut first, mut line) = (0, 0, chunk.line);
    for &newline in newlines {
        let end = newline as usize;
        let next = first + inner;
        // The row is whole when its last separator lies before the line end, the next one behind.
        let enough = inner == 0 || separators.get(next - 1).is_some_and(|&at| at < newline);
        let no_more = separators.get(next).is_none_or(|&at| at > newline);
        if enough && no_more && end - start <= MAX_ROW && (inner > 0 || !blank(&text[start..end])) {
            let separators = &separators[first..next];
            each(Ok(Row { text, start, end, separators, line, ascii: chunk.ascii }));
            first = next;
        } else {
            let count = separators[first..].iter().take_while(|&&at| at < newline).count();
            first += count;
            if count > 0 || !blank(&text[start..end]) {
                each(Err(bad_row(&text[start..end], count + 1, width, line, 0)));
            }
        }
        start = end + 1;
        line += 1;
    }
}

fn quoted(
    chunk: &Chunk,
    format: Format,
    width: usize,
    scratch: &mut Scratch,
    mut each: impl FnMut(Result<Row<'_>, BadRow>),
) {
    let text = chunk.text();
    let quoting = Quoting { separator: format.separator, newline: format.newline };
    let Scratch { text: cells, cell, separators, .. } = scratch;
    let (mut start, mut line) = (0, chunk.line);
    while start < text.len() {
        cells.clear();
        separators.clear();
        let add = |cell: &[u8]| {
            cells.extend_from_slice(cell);
            separators.push(cells.len() as u32);
            cells.push(format.separator);
        };
        let next = quotes::split_row(text, start, quoting, add, cell);
        let raw = &text[start..next];
        let lines = memchr::memchr_iter(format.newline, raw).count() as u64;
        separators.pop();
        let count = separators.len() + 1;
        if count == 1 && blank(raw) {
            // A blank line.
        } else if count != width || raw.len() > MAX_ROW {
            each(Err(bad_row(raw, count, width, line, lines.saturating_sub(1))));
        } else {
            let (start, end, ascii) = (0, cells.len() - 1, chunk.ascii);
            each(Ok(Row { text: cells, start, end, separators, line, ascii }));
        }
        start = next;
        line += lines;
    }
}

fn blank(text: &[u8]) -> bool {
    super::cells::trim(text).is_empty()
}

fn bad_row(raw: &[u8], count: usize, width: usize, line: u64, more_lines: u64) -> BadRow {
    let what = if raw.len() > MAX_ROW {
        format!("too long: {}", String::from_utf8_lossy(&raw[..100]))
    } else if more_lines > 0 {
        format!("{count} fields, not {width}, in {} lines", more_lines + 1)
    } else {
        format!("{count} fields, not {width}")
    };
    BadRow { line, what, more_lines }
}
