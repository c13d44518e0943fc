//! Where rows end in a text with quotes (RFC 4180): the exact, slow way.
//!
//! A quote opens only at the beginning of a cell; inside, two quotes are one; what follows a
//! closing quote on its line is read as it stands. All this as the `csv` crate does it, held to it
//! by a test.
//!
//! A stray quote is not allowed to swallow rows. A row of several lines counts only if it is beyond
//! doubt: as many cells as the header, nothing behind a closing quote, line breaks only in columns
//! of free text. Any other is a bad row of its first line alone, and reading goes on at the next
//! line.

/// How rows of a file are cut.
#[derive(Debug, Clone, Copy)]
pub struct Quoting<'l> {
    /// Between cells.
    pub separator: u8,
    /// After rows.
    pub newline: u8,
    /// Cells of a row.
    pub width: usize,
    /// Cells that never hold a line break.
    pub one_line: &'l [(usize, &'static str)],
}

/// The longest row, in bytes; what is longer is rejected.
pub const MAX_ROW: usize = 1 << 20;

/// The most lines of a header.
const MAX_HEADER_LINES: usize = 10;

/// Where a row ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowEnd {
    /// The next row begins here.
    Whole(usize),
    /// A quote makes no sense of the row: its first line is bad, and the next line begins here.
    FirstLine(usize),
    /// The text ends before it can be told.
    Incomplete,
}

enum Next {
    /// A separator; the next cell begins here.
    Cell(usize),
    /// A line end; the next row begins here.
    Row(usize),
    /// The text ends first, outside quotes.
    Unfinished,
    /// The text ends first, inside quotes.
    Open,
}

/// A cell: what comes after it, and the end of its quoted part, if it is quoted.
fn cell_end(text: &[u8], start: usize, separator: u8, newline: u8) -> (Next, Option<usize>) {
    let (mut at, mut quoted) = (start, None);
    if text.get(at) == Some(&b'"') {
        loop {
            match memchr::memchr(b'"', &text[at + 1..]) {
                None => return (Next::Open, None),
                Some(found) => at += 1 + found,
            }
            if text.get(at + 1) != Some(&b'"') {
                break;
            }
            at += 1;
        }
        at += 1;
        quoted = Some(at);
    }
    let next = match memchr::memchr2(separator, newline, &text[at..]) {
        None => Next::Unfinished,
        Some(found) if text[at + found] == newline => Next::Row(at + found + 1),
        Some(found) => Next::Cell(at + found + 1),
    };
    (next, quoted)
}

/// The end of the row that begins at `start`. `last` says that no text follows; it then ends with a
/// line end.
pub fn row_end(text: &[u8], start: usize, quoting: Quoting<'_>, last: bool) -> RowEnd {
    let Quoting { separator, newline, width, one_line } = quoting;
    let (mut at, mut cells, mut breaks, mut doubtful) = (start, 0, 0, false);
    let too_long = || text.len() - start > MAX_ROW;
    loop {
        let (next, quoted) = cell_end(text, at, separator, newline);
        if let Some(end) = quoted {
            let inside = memchr::memchr_iter(newline, &text[at..end]).count();
            let behind = match next {
                Next::Cell(next) | Next::Row(next) => text[end..next - 1].trim_ascii().is_empty(),
                Next::Unfinished | Next::Open => true,
            };
            doubtful |= !behind;
            breaks += inside;
            if inside > 0 && one_line.iter().any(|(cell, _)| *cell == cells) {
                let inner = crate::ingest::cells::trim(&text[at + 1..end - 1]);
                doubtful |= memchr::memchr(newline, inner).is_some();
            }
        }
        cells += 1;
        match next {
            Next::Cell(next) => at = next,
            Next::Row(next) => {
                let bad = doubtful || cells != width;
                let swallows = breaks > 0 && (bad || next - start > MAX_ROW);
                return if swallows {
                    first_line(text, start, newline, last)
                } else {
                    RowEnd::Whole(next)
                };
            }
            Next::Unfinished if breaks == 0 || !too_long() => return RowEnd::Incomplete,
            Next::Open if !last && !too_long() => return RowEnd::Incomplete,
            Next::Unfinished | Next::Open => return first_line(text, start, newline, last),
        }
    }
}

fn first_line(text: &[u8], start: usize, newline: u8, last: bool) -> RowEnd {
    match memchr::memchr(newline, &text[start..]) {
        Some(at) => RowEnd::FirstLine(start + at + 1),
        None if last => RowEnd::FirstLine(text.len()),
        None => RowEnd::Incomplete,
    }
}

/// The end of the last row of a text that begins with a row.
pub fn last_row_end(text: &[u8], quoting: Quoting<'_>, last: bool) -> usize {
    let mut at = 0;
    while at < text.len() {
        match row_end(text, at, quoting, last) {
            RowEnd::Whole(next) | RowEnd::FirstLine(next) => at = next,
            RowEnd::Incomplete => break,
        }
    }
    at
}

/// The end of the header at the beginning of a text: of its first line, or of a few lines when
/// quotes hold line breaks. `None` when a quote makes no sense, or nothing ends.
pub fn header_end(text: &[u8], separator: u8, newline: u8) -> Option<usize> {
    let mut at = 0;
    loop {
        let (next, quoted) = cell_end(text, at, separator, newline);
        let (Next::Cell(next) | Next::Row(next)) = next else { return None };
        let behind = quoted.map_or(&b""[..], |end| &text[end..next - 1]);
        let ends = text[next - 1] == newline;
        let lines = memchr::memchr_iter(newline, &text[..next]).count();
        if lines > MAX_HEADER_LINES
            || (lines > usize::from(ends) && !behind.trim_ascii().is_empty())
        {
            return None;
        }
        if ends {
            return Some(next);
        }
        at = next;
    }
}

/// Splits a row: calls `cell` with each cell's bytes, unquoted into `scratch` when they are quoted.
pub fn split_row(
    row: &[u8],
    quoting: Quoting<'_>,
    mut cell: impl FnMut(&[u8]),
    scratch: &mut Vec<u8>,
) {
    let mut at = 0;
    loop {
        let (next, _) = cell_end(row, at, quoting.separator, quoting.newline);
        let (end, next) = match next {
            Next::Cell(next) => (next - 1, Some(next)),
            Next::Row(next) => (next - 1, None),
            Next::Unfinished | Next::Open => (row.len(), None),
        };
        let raw = &row[at..end];
        if raw.first() == Some(&b'"') {
            unquote(raw, scratch);
            cell(scratch);
        } else {
            cell(raw);
        }
        match next {
            Some(next) => at = next,
            None => return,
        }
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

    const TWO: Quoting<'_> =
        Quoting { separator: b',', newline: b'\n', width: 2, one_line: &[(0, "id")] };

    /// The rows of a text, each with whether it is whole.
    fn rows(text: &[u8]) -> Vec<(bool, &[u8])> {
        let (mut rows, mut at) = (Vec::new(), 0);
        while at < text.len() {
            let (whole, next) = match row_end(text, at, TWO, true) {
                RowEnd::Whole(next) => (true, next),
                RowEnd::FirstLine(next) => (false, next),
                RowEnd::Incomplete => panic!("a last text is complete"),
            };
            rows.push((whole, &text[at..next]));
            at = next;
        }
        rows
    }

    proptest! {
        #[test]
        fn a_row_is_split_as_the_csv_crate_splits_it(row in "[a\", 甲]{1,30}") {
            let line = format!("{row}\n");
            prop_assume!(header_end(line.as_bytes(), b',', b'\n') == Some(line.len()));
            let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(row.as_bytes());
            let theirs = reader.byte_records().next().unwrap().unwrap();
            let (mut ours, mut scratch) = (csv::ByteRecord::new(), Vec::new());
            split_row(row.as_bytes(), TWO, |cell| ours.push_field(cell), &mut scratch);
            prop_assert_eq!(ours, theirs);
        }

        #[test]
        fn a_cut_is_between_rows(text in "[a\",\n]{0,40}\n", extra in "[a\",\n]{0,10}\n") {
            let all = [text.as_bytes(), extra.as_bytes()].concat();
            let cut = last_row_end(text.as_bytes(), TWO, false);
            let parts = [rows(&all[..cut]), rows(&all[cut..])].concat();
            prop_assert_eq!(parts, rows(&all));
        }

        #[test]
        fn no_line_is_lost(text in "[a\",\n]{0,60}\n") {
            let all: Vec<u8> = rows(text.as_bytes()).iter().flat_map(|(_, row)| row.to_vec()).collect();
            prop_assert_eq!(all, text.as_bytes());
        }
    }

    #[test]
    fn a_stray_quote_costs_its_own_line() {
        let whole = |text: &'static str| -> Vec<(bool, &str)> {
            let shown = |row| std::str::from_utf8(row).unwrap();
            rows(text.as_bytes()).into_iter().map(|(whole, row)| (whole, shown(row))).collect()
        };
        // Open to the end; closed by a stray one; a line break in an id; text behind a quote.
        assert_eq!(whole("a,\"b\nc,d\n"), [(false, "a,\"b\n"), (true, "c,d\n")]);
        let stray = whole("a,\"b\nc,d\ne,\"f\n");
        assert_eq!(stray, [(false, "a,\"b\n"), (true, "c,d\n"), (false, "e,\"f\n")]);
        assert_eq!(whole("\"a\nb\",c\n"), [(false, "\"a\n"), (true, "b\",c\n")]);
        assert_eq!(whole("a,\"b\nc\" d\n"), [(false, "a,\"b\n"), (true, "c\" d\n")]);
        // Beyond doubt: free text of two lines, an id that merely ends with a break.
        assert_eq!(whole("a,\"b\nc\"\n"), [(true, "a,\"b\nc\"\n")]);
        assert_eq!(whole("\"a\n\",c\n"), [(true, "\"a\n\",c\n")]);
    }

    #[test]
    fn a_header_may_have_line_breaks_in_quotes() {
        let end = |text: &str| header_end(text.as_bytes(), b',', b'\n');
        assert_eq!(end("a,b\nc,d\n"), Some(4));
        assert_eq!(end("a,\"b\nb\"\nc,d\n"), Some(8));
        assert_eq!(end("a,size 5\"\nc,d\n"), Some(10));
        assert_eq!(end("a,\"b\nc,d\n"), None);
        assert_eq!(end("a,\"b\nc,\"d\" e\n"), None);
    }
}
