//! Rows of a chunk, cut into cells.
//!
//! Without quotes in the chunk the cells are slices found by [`crate::ingest::text::cell_ends`]; with quotes the
//! rows are cut one by one and unquoted. Either way a [`Row`] looks the same. Blank lines are no
//! rows. Nothing is validated here but the number of cells.

use crate::base::sieve::Wanted;
use crate::ingest::cells;
use crate::ingest::contract::Layout;
use crate::ingest::rows::batch::{Batch, ROWS, TakeRows};
use crate::ingest::rows::row::{BadRow, Cells, Row};
use crate::ingest::text::cell_ends::{CellEnds, Find};
use crate::ingest::text::chunk::Chunk;
use crate::ingest::text::quotes;
use crate::ingest::text::quotes::{MAX_ROW, RowEnd};
use crate::ingest::text::sniff::Format;
use std::ops::Range;

/// Room that is used again for every chunk.
#[derive(Debug, Default)]
pub struct Scratch {
    structure: CellEnds,
    cells: Cells,
    cell: Vec<u8>,
    ends: Vec<u32>,
}

/// Hands every row of a chunk to `taker`, in order.
#[inline(always)]
pub fn for_each(
    chunk: &Chunk,
    format: Format,
    layout: &Layout,
    scratch: &mut Scratch,
    taker: &mut impl TakeRows,
) {
    let (mut line, ascii, width) = (chunk.line, chunk.ascii, layout.width);
    if chunk.quotes {
        quoted(chunk, format, layout, scratch, &mut line, taker);
        let (block, structure, body) = chunk.body();
        return plain::<true>(block, structure, body, width, &mut line, ascii, taker);
    }
    let found = &mut scratch.structure;
    piece(chunk.head(), format, width, found, &mut line, ascii, taker);
    let (block, structure, body) = chunk.body();
    plain::<false>(block, structure, body, width, &mut line, ascii, taker);
    piece(chunk.tail(), format, width, found, &mut line, ascii, taker);
}

/// Rows of a text that is not a block and has not been looked at: one row, or a block that was recoded.
fn piece(
    text: &[u8],
    format: Format,
    width: usize,
    found: &mut CellEnds,
    line: &mut u64,
    ascii: bool,
    taker: &mut dyn TakeRows,
) {
    found.find(text, format.separator, format.newline, Find::Cells);
    plain::<false>(text, found, 0..text.len(), width, line, ascii, taker);
}

/// Rows of a block in which every line is one, in the part `body` of it, which begins where a line does.
#[inline(always)]
fn plain<const QUOTED: bool>(
    text: &[u8],
    structure: &CellEnds,
    body: Range<usize>,
    width: usize,
    line: &mut u64,
    ascii: bool,
    taker: &mut (impl TakeRows + ?Sized),
) {
    let (ends, newlines) = (structure.ends(), structure.newlines());
    let before = |at: usize| newlines.partition_point(|&newline| (newline as usize) < at);
    // The number of the cell end before the row: the last one before the body, or BEFORE.
    let mut first = ends[1..].partition_point(|&end| (end as usize) < body.start);
    let newlines = &newlines[before(body.start)..before(body.end)];
    // Then no row is too long.
    let batched = !QUOTED && width > 1 && text.len() <= MAX_ROW;
    for newlines in newlines.chunks(ROWS) {
        let batch = || Batch::new((text, ascii), &ends[first..], newlines, width, *line);
        if let Some(batch) = batched.then(batch).flatten() {
            taker.batch(&batch);
            first += width * newlines.len();
            *line += newlines.len() as u64;
            continue;
        }
        let of_these = (newlines, &ends[first..]);
        first += singly::<QUOTED>(text, of_these, width, line, ascii, taker);
    }
}

/// Rows one by one, whatever their width: those that end at `newlines`, where `ends` begins with their
/// cells. How many cells they have.
#[inline(always)]
fn singly<const QUOTED: bool>(
    text: &[u8],
    (newlines, ends): (&[u32], &[u32]),
    width: usize,
    line: &mut u64,
    ascii: bool,
    taker: &mut (impl TakeRows + ?Sized),
) -> usize {
    let mut first = 0;
    for &newline in newlines {
        let start = ends[first].wrapping_add(1);
        // Line ends are cell ends: the row is whole when its last cell is the one that ends there.
        let last = ends.get(first + width);
        let whole = last == Some(&newline) && (newline - start) as usize <= MAX_ROW;
        if whole && (width > 1 || !blank(&text[start as usize..newline as usize])) {
            let ends = &ends[first..=first + width];
            taker.row(&Row::new(text, ends, QUOTED, *line, ascii));
            first += width;
        } else {
            let count = ends[first + 1..].iter().take_while(|&&end| end <= newline).count();
            first += count;
            let raw = &text[start as usize..newline as usize];
            if count > 1 || !blank(raw) {
                taker.bad_row(bad_row(raw, count, width, *line));
            }
        }
        *line += 1;
    }
    first
}

/// Hands the rows of a chunk on whose cell `column`, trimmed, is `wanted`. All others are passed over
/// at the cost of the first bytes of that cell, bad rows too; of the chunk, only the lines need be
/// known.
pub fn for_each_of(
    chunk: &Chunk,
    format: Format,
    layout: &Layout,
    scratch: &mut Scratch,
    (column, wanted): (usize, &Wanted<'_>),
    taker: &mut dyn TakeRows,
) {
    if chunk.quotes {
        let (mut taker, mut line) = (Only { column, wanted, taker }, chunk.line);
        quoted(chunk, format, layout, scratch, &mut line, &mut taker);
        let ((block, structure, body), width) = (chunk.body(), layout.width);
        return plain::<true>(block, structure, body, width, &mut line, chunk.ascii, &mut taker);
    }
    let mut line = chunk.line;
    let Scratch { structure: found, ends, .. } = scratch;
    let (block, structure, body) = chunk.body();
    let (head, tail) = (chunk.head(), chunk.tail());
    let mut look = |text: &[u8], start: usize, end: usize, line: u64| {
        ends.clear();
        ends.push((start as u32).wrapping_sub(1));
        let found = memchr::memchr_iter(format.separator, &text[start..end]);
        ends.extend(found.map(|at| (start + at) as u32).chain([end as u32]));
        if ends.len() == layout.width + 1 && end - start <= MAX_ROW {
            let row = Row::new(text, ends, false, line, chunk.ascii);
            if wanted.is(cells::value(row.at(column))) {
                taker.row(&row);
            }
        }
    };
    let mut rows = |text: &[u8], lines: &CellEnds, body: Range<usize>| {
        let newlines = lines.newlines();
        let before = |at: usize| newlines.partition_point(|&newline| (newline as usize) < at);
        let newlines = &newlines[before(body.start)..before(body.end)];
        let (mut start, mut next) = (body.start, 0);
        let cell = (column, format.separator);
        while let Some((passed, begin)) = next_wanted(text, start, &newlines[next..], cell, wanted)
        {
            let row = next + passed;
            let end = newlines[row] as usize;
            look(text, begin, end, line + row as u64);
            (start, next) = (end + 1, row + 1);
        }
        line += newlines.len() as u64;
    };
    found.find(head, format.separator, format.newline, Find::Lines);
    rows(head, found, 0..head.len());
    rows(block, structure, body);
    found.find(tail, format.separator, format.newline, Find::Lines);
    rows(tail, found, 0..tail.len());
}

/// Of rows, the first of which begins at `start` and that end at `newlines`, the number of the first that
/// may be wanted, and where it begins. Apart from what is done with that one, so that nothing is kept in
/// memory meanwhile.
#[inline(never)]
fn next_wanted(
    text: &[u8],
    mut start: usize,
    newlines: &[u32],
    (column, separator): (usize, u8),
    wanted: &Wanted<'_>,
) -> Option<(usize, usize)> {
    newlines.iter().enumerate().find_map(|(row, &newline)| {
        let (begin, end) = (start, newline as usize);
        start = end + 1;
        let mut from = begin;
        for _ in 0..column {
            from = (cell_end(text, from, end, separator) + 1).min(end);
        }
        wanted.may_begin(text, from).then_some((row, begin))
    })
}

/// Where the cell that begins at `from` ends: at a separator, or at the `end` of its row.
fn cell_end(text: &[u8], from: usize, end: usize, separator: u8) -> usize {
    memchr::memchr(separator, &text[from..end]).map_or(end, |at| from + at)
}

/// Takes the rows with a wanted cell only.
struct Only<'t> {
    column: usize,
    wanted: &'t Wanted<'t>,
    taker: &'t mut dyn TakeRows,
}

impl TakeRows for Only<'_> {
    fn row(&mut self, row: &Row<'_>) {
        if self.wanted.is(cells::value(row.at(self.column))) {
            self.taker.row(row);
        }
    }

    fn bad_row(&mut self, _: BadRow) {}
}

/// Rows of the first piece of a chunk, one by one.
fn quoted(
    chunk: &Chunk,
    format: Format,
    layout: &Layout,
    scratch: &mut Scratch,
    line: &mut u64,
    taker: &mut dyn TakeRows,
) {
    let (text, width) = (chunk.head(), layout.width);
    let quoting = format.quoting(layout);
    let Scratch { cells, cell, .. } = scratch;
    let mut start = 0;
    while start < text.len() {
        let (whole, next) = match quotes::row_end(text, start, quoting, true) {
            RowEnd::Whole(next) => (true, next),
            RowEnd::FirstLine(next) => (false, next),
            RowEnd::Incomplete => (true, text.len()),
        };
        let raw = &text[start..next];
        let line_text = raw.strip_suffix(&[format.newline]).unwrap_or(raw);
        cells.clear();
        let add = |cell: &[u8]| {
            cells.text().extend_from_slice(cell);
            cells.end();
        };
        quotes::split_row(raw, quoting, add, cell);
        let count = cells.count();
        if !whole {
            let mut what = b"a stray quote: ".to_vec();
            what.extend_from_slice(&raw[..raw.len().min(100)]);
            let what = String::from_utf8_lossy(what.trim_ascii_end()).into_owned();
            taker.bad_row(BadRow { line: *line, what });
        } else if count == 1 && blank(raw) {
            // A blank line.
        } else if count != width || line_text.len() > MAX_ROW {
            taker.bad_row(bad_row(line_text, count, width, *line));
        } else {
            taker.row(&cells.row(Some(raw), *line, chunk.ascii));
        }
        start = next;
        *line += memchr::memchr_iter(format.newline, raw).count() as u64;
    }
}

fn blank(text: &[u8]) -> bool {
    cells::trim(text).is_empty()
}

fn bad_row(raw: &[u8], count: usize, width: usize, line: u64) -> BadRow {
    let what = if raw.len() > MAX_ROW {
        format!("too long: {}", String::from_utf8_lossy(&raw[..100]))
    } else {
        format!("{count} fields, not {width}")
    };
    BadRow { line, what }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::cells;
    use crate::ingest::contract::{Aliases, Table};
    use crate::ingest::folder::{InputFile, Packing};
    use crate::ingest::settings::Settings;
    use crate::ingest::text::blocks::FileReader;
    use proptest::prelude::*;

    /// (line, cells) of rows as wide as the header; `None` for others.
    type Rows = Vec<(u64, Option<Vec<String>>)>;

    fn ours(text: &[u8], packing: Packing) -> Rows {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("places.csv");
        let bytes = match packing {
            Packing::Zstd => zstd::bulk::compress(text, 1).unwrap(),
            _ => text.to_vec(),
        };
        std::fs::write(&path, &bytes).unwrap();
        let (name, table) = ("places.csv".to_owned(), Table::Places);
        let file = InputFile { number: 0, name, path, bytes: bytes.len() as u64, packing, table };
        let zone = crate::base::time::Zone::get("UTC").unwrap();
        let aliases = Aliases::default();
        let settings = Settings { zone, encoding: None, aliases, max_rejects: 0.0 };
        let reader = FileReader::open(&file, &settings).unwrap();
        let (mut rows, mut chunk, mut scratch) = (Vec::new(), Chunk::default(), Scratch::default());
        while reader.next(&mut chunk, Find::Cells).unwrap().is_some() {
            rows.extend(chunk.broken.iter().map(|reject| (reject.line, None)));
            let (format, layout) = (reader.format(), reader.layout());
            for_each(&chunk, format, layout, &mut scratch, &mut |row: Result<&Row<'_>, BadRow>| {
                let text = |row: &Row<'_>, n| {
                    String::from_utf8_lossy(cells::trim(row.cell(Some(n)))).into_owned()
                };
                rows.push(match row {
                    Ok(row) => (row.line, Some((0..layout.width).map(|n| text(row, n)).collect())),
                    Err(bad) => (bad.line, None),
                });
            });
        }
        rows.sort();
        rows
    }

    /// The same by the `csv` crate, whose reader takes the whole text at once.
    fn theirs(text: &[u8]) -> Rows {
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .terminator(csv::Terminator::Any(b'\n'))
            .from_reader(text);
        let (mut rows, mut record) = (Vec::new(), csv::ByteRecord::new());
        let (mut at, mut line, mut counted) = (0, 1, 0);
        while reader.read_byte_record(&mut record).unwrap() {
            let start = at + text[at..].iter().take_while(|b| **b == b'\n').count();
            at = reader.position().byte() as usize;
            line += text[counted..start].iter().filter(|b| **b == b'\n').count() as u64;
            counted = start;
            let blank = record.len() == 1 && cells::trim(&text[start..at]).is_empty();
            if start == 0 || blank {
                continue;
            }
            let text = |cell: &[u8]| String::from_utf8_lossy(cells::trim(cell)).into_owned();
            rows.push((line, (record.len() == 3).then(|| record.iter().map(text).collect())));
        }
        rows
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

        /// Small texts, repeated until they cross the borders of blocks. Quotes are as RFC 4180 has
        /// them, or in the middle of a cell; stray ones are tested in `quotes`.
        #[test]
        fn rows_are_those_of_the_csv_crate(
            rows in proptest::collection::vec(
                "(([a甲 ]|[a;\"]{1,3}){0,4}|\"[a,]{0,3}(\"\"[b,]{0,5})?\")\
                 (,(\"[a,\n甲]{0,9}(\"\"[b,\n]{0,5})?\"|a[a\"]{0,6})?,[ab\r]{0,3}|,[ab]{0,2})\r?\n",
                1..20)
                .prop_map(|rows| rows.into_iter().filter(|row| {
                    // Rows of several lines have three cells, or they are no rows here.
                    let lines = row.matches('\n').count();
                    lines == 1 || !row.starts_with(['"', ' ']) && row.contains(",\"")
                }).filter(|row| !row.starts_with('"') || row.starts_with("\"\"") || row[1..].contains('"'))
                .collect::<String>()),
            times in 1usize..9000, tail in "(a,b,c|\"a\"\"\",b,c)?") {
            let mut text = "place_id,name,note\n".to_owned();
            for _ in 0..times.min(300_000 / rows.len().max(1)) {
                text.push_str(&rows);
            }
            text.push_str(&tail);
            let doubtful = text.split_inclusive('\n').any(|line| line.starts_with('"')
                && quotes::header_end(line.as_bytes(), b',', b'\n').is_none());
            prop_assume!(!doubtful);
            let expected = theirs(text.as_bytes());
            prop_assert_eq!(&ours(text.as_bytes(), Packing::Plain), &expected);
            prop_assert_eq!(&ours(text.as_bytes(), Packing::Zstd), &expected);
        }

        /// Cells in quotes as programs write them, now and then with a quote or a line break inside.
        #[test]
        fn rows_of_quoted_cells_are_those_of_the_csv_crate(
            rows in proptest::collection::vec(
                "(\"[a,甲 ]{0,9}\",){2}(\"[b,]{0,9}\"|[bc]{0,3}|b\"c)(,\"d\")?\r?\n", 1..20),
            messy in "(\"a\",\"b\",\"c(\"\"|\n| )d\"\n)?", times in 1usize..9000, tail in "(\"a\",\"b\",\"c\")?") {
            let rows: String = rows.concat();
            let times = times.min(600_000 / rows.len());
            let mut text = "\"place_id\",name,\"note\"\n".to_owned();
            (0..times).for_each(|_| text.push_str(&rows));
            text.push_str(&messy);
            (0..times).for_each(|_| text.push_str(&rows));
            text.push_str(&tail);
            let expected = theirs(text.as_bytes());
            prop_assert_eq!(&ours(text.as_bytes(), Packing::Plain), &expected);
        }
    }
}
