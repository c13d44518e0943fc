//! Where rows end in a text with quotes (RFC 4180): the exact, slow way.
//!
//! A quote opens only at the beginning of a cell; inside, two quotes are one; what follows a closing
//! quote is read as it stands. The same reading as the `csv` crate's, held to it by a test.

/// The bytes that matter besides the quote.
#[derive(Debug, Clone, Copy)]
pub struct Quoting {
    /// Between cells.
    pub separator: u8,
    /// After rows.
    pub newline: u8,
}

/// Where a text is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cut {
    /// After the last whole row.
    pub end: usize,
    /// Where the row begins whose quote is still open at the end of the text, or was open for longer
    /// than a row may be.
    pub open: Option<usize>,
}

enum Cell {
    /// Ended by a separator; the next begins here.
    Ends(usize),
    /// Ended by a line end; the next row begins here.
    RowEnds(usize),
    /// The text ends first.
    Unfinished,
    /// The text ends inside the quotes.
    Open,
}

/// The end of the cell that begins at `start`.
fn cell_end(text: &[u8], start: usize, quoting: Quoting) -> Cell {
    let Quoting { separator, newline } = quoting;
    let mut at = start;
    if text.get(at) == Some(&b'"') {
        loop {
            match memchr::memchr(b'"', &text[at + 1..]) {
                None => return Cell::Open,
                Some(found) => at += 1 + found,
            }
            if text.get(at + 1) != Some(&b'"') {
                break;
            }
            at += 1;
        }
        at += 1;
    }
    match memchr::memchr2(separator, newline, &text[at..]) {
        None => Cell::Unfinished,
        Some(found) if text[at + found] == newline => Cell::RowEnds(at + found + 1),
        Some(found) => Cell::Ends(at + found + 1),
    }
}

/// The end of the last whole row of `text[from..]`, which begins with a row. Stops at a row longer
/// than `longest` bytes whose quotes are why.
pub fn last_row_end(text: &[u8], from: usize, quoting: Quoting, longest: usize) -> Cut {
    let (mut row, mut at) = (from, from);
    loop {
        match cell_end(text, at, quoting) {
            Cell::Ends(next) => at = next,
            Cell::RowEnds(next) if next - row > longest => {
                return Cut { end: row, open: Some(row) };
            }
            Cell::RowEnds(next) => (row, at) = (next, next),
            Cell::Unfinished => return Cut { end: row, open: None },
            Cell::Open => return Cut { end: row, open: Some(row) },
        }
    }
}

/// The end of the first row, or of the text.
pub fn first_row_end(text: &[u8], quoting: Quoting) -> usize {
    let mut at = 0;
    loop {
        match cell_end(text, at, quoting) {
            Cell::Ends(next) => at = next,
            Cell::RowEnds(next) => return next,
            Cell::Unfinished | Cell::Open => return text.len(),
        }
    }
}

/// Splits the row that begins at `start`: calls `cell` with each cell's bytes, unquoted into
/// `scratch` when they are quoted. Returns where the next row begins.
pub fn split_row(
    text: &[u8],
    start: usize,
    quoting: Quoting,
    mut cell: impl FnMut(&[u8]),
    scratch: &mut Vec<u8>,
) -> usize {
    let mut at = start;
    loop {
        let (end, next, last) = match cell_end(text, at, quoting) {
            Cell::Ends(next) => (next - 1, next, false),
            Cell::RowEnds(next) => (next - 1, next, true),
            Cell::Unfinished | Cell::Open => (text.len(), text.len(), true),
        };
        let raw = &text[at..end];
        if raw.first() == Some(&b'"') {
            unquote(raw, scratch);
            cell(scratch);
        } else {
            cell(raw);
        }
        if last {
            return next;
        }
        at = next;
    }
}

fn unquote(raw: &[u8], into: &mut Vec<u8>) {
    into.clear();
    let mut rest = &raw[1..];
    while let Some(at) = memchr::memchr(b'"', rest) {
        into.extend_from_slice(&rest[..at]);
        rest = &rest[at + 1..];
        if rest.first() == Some(&b'"') {
            into.push(b'"');
            rest = &rest[1..];
        } else {
            break;
        }
    }
    into.extend_from_slice(rest);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const COMMA: Quoting = Quoting { separator: b',', newline: b'\n' };

    fn theirs(text: &[u8]) -> Vec<Vec<Vec<u8>>> {
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .terminator(csv::Terminator::Any(b'\n'))
            .from_reader(text);
        let records = reader.byte_records().map(|r| r.unwrap());
        records.map(|r| r.iter().map(<[u8]>::to_vec).collect()).collect()
    }

    fn ours(text: &[u8]) -> Vec<Vec<Vec<u8>>> {
        let (mut rows, mut at, mut scratch) = (Vec::new(), 0, Vec::new());
        while at < text.len() {
            let mut row = Vec::new();
            at = split_row(text, at, COMMA, |cell| row.push(cell.to_vec()), &mut scratch);
            // The csv crate skips lines of no bytes at all.
            if row != [Vec::<u8>::new()] {
                rows.push(row);
            }
        }
        rows
    }

    proptest! {
        #[test]
        fn rows_are_those_of_the_csv_crate(text in "[a\",\n\r 甲]{0,40}\n") {
            // The one difference: a lone quoted nothing on a line is a row there, a blank line here.
            prop_assume!(!text.split('\n').any(|line| line == "\"\""));
            prop_assert_eq!(ours(text.as_bytes()), theirs(text.as_bytes()));
        }

        #[test]
        fn a_cut_is_between_rows(text in "[a\",\n]{0,40}", extra in "[a\",\n]{0,10}") {
            let all = [text.as_bytes(), extra.as_bytes()].concat();
            let cut = last_row_end(text.as_bytes(), 0, COMMA, usize::MAX);
            let mut rows = ours(&all[..cut.end]);
            rows.extend(ours(&all[cut.end..]));
            prop_assert_eq!(rows, ours(&all));
        }
    }

    #[test]
    fn an_open_quote_is_told_with_its_row() {
        let cut = last_row_end(b"a,b\nc,\"d\ne,f\n", 0, COMMA, 100);
        assert_eq!(cut, Cut { end: 4, open: Some(4) });
        let cut = last_row_end(b"a,b\nc,\"d\ne,f\n\",\n", 0, COMMA, 8);
        assert_eq!(cut, Cut { end: 4, open: Some(4) });
    }
}
