//! Rows of a chunk, cut into cells.
//!
//! Where there are no quotes, or only tidy ones around whole cells, the cells are slices found by
//! [`crate::ingest::text::cell_ends`], and rows as wide as the header go on by the batch; else rows
//! are cut one by one and unquoted. Either way a [`Row`] looks the same. Blank lines are no rows.
//! Nothing is validated here but the number of cells.

use crate::base::error::Result;
use crate::base::sieve::Wanted;
use crate::ingest::account::{FileAccount, Tally};
use crate::ingest::books::Book;
use crate::ingest::cells::{self, ids};
use crate::ingest::header::layout::Layout;
use crate::ingest::rows::batch::{Batch, ROWS};
use crate::ingest::rows::row::{BadRow, Cells, Row};
use crate::ingest::rows::source::{Rows, Sought, Source, TakeRows};
use crate::ingest::text::blocks::FileReader;
use crate::ingest::text::cell_ends::{CellEnds, Find};
use crate::ingest::text::chunk::Chunk;
use crate::ingest::text::quotes;
use crate::ingest::text::quotes::{MAX_ROW, RowEnd};
use crate::ingest::text::sniff::Format;
use std::ops::Range;

impl Source for FileReader {
    fn layout(&self) -> &Layout {
        &self.layout
    }

    fn layout_mut(&mut self) -> &mut Layout {
        &mut self.layout
    }

    fn rows<'s, 'w: 's>(&'s self, sought: Option<&'s Sought<'w>>) -> Result<Box<dyn Rows + 's>> {
        let sought = sought.map(|sought| (sought.cell(&self.layout), sought.wanted));
        let (chunk, scratch) = (Chunk::default(), Scratch::default());
        Ok(Box::new(TextRows { reader: self, sought, chunk, scratch }))
    }

    fn account(&self, tally: Tally) -> FileAccount {
        self.account(tally)
    }
}

/// The rows of a file on their way to one worker.
struct TextRows<'s> {
    reader: &'s FileReader,
    /// Only the rows whose cell with this number is one of these.
    sought: Option<(usize, &'s Wanted<'s>)>,
    chunk: Chunk,
    scratch: Scratch,
}

/// Room that is used again for every chunk.
#[derive(Debug, Default)]
struct Scratch {
    structure: CellEnds,
    cells: Cells,
    cell: Vec<u8>,
    ends: Vec<u32>,
}

impl Rows for TextRows<'_> {
    fn next(&mut self, taker: &mut dyn TakeRows) -> Result<Option<u64>> {
        let TextRows { reader, sought, chunk, scratch } = self;
        let detail = if sought.is_some() { Find::Lines } else { Find::Cells };
        let Some(bytes) = reader.next(chunk, detail)? else { return Ok(None) };
        taker.book().broken_rows(&chunk.broken);
        let (format, layout, line) = (reader.format(), &reader.layout, chunk.line);
        match *sought {
            Some((column, wanted)) if chunk.quotes => {
                let taker = &mut Only { column, wanted, taker };
                Cutter { chunk, format, layout, line, taker }.all(scratch);
            }
            Some(sought) => {
                Cutter { chunk, format, layout, line, taker }.sought(sought, scratch);
            }
            None => Cutter { chunk, format, layout, line, taker }.all(scratch),
        }
        Ok(Some(bytes))
    }
}

/// Cuts the rows of a chunk.
struct Cutter<'c, 't> {
    chunk: &'c Chunk,
    format: Format,
    layout: &'c Layout,
    /// Line number of the next row.
    line: u64,
    taker: &'t mut dyn TakeRows,
}

impl Cutter<'_, '_> {
    /// Hands every row on, in order.
    fn all(&mut self, scratch: &mut Scratch) {
        let (block, structure, body) = self.chunk.body();
        if self.chunk.quotes {
            self.quoted(scratch);
            return self.block(block, structure, body, true);
        }
        self.piece(self.chunk.head(), &mut scratch.structure);
        self.block(block, structure, body, false);
        self.piece(self.chunk.tail(), &mut scratch.structure);
    }

    /// Rows of a text that is not a block and has not been looked at: one row, or a block that was
    /// recoded.
    fn piece(&mut self, text: &[u8], found: &mut CellEnds) {
        found.find(text, self.format.separator, self.format.newline, Find::Cells);
        self.block(text, found, 0..text.len(), false);
    }

    /// Rows of the part `body` of a text in which every line is a row; `body` begins where a line
    /// does. `quoted`: whether cells may stand in quotes, with no quote inside.
    fn block(&mut self, text: &[u8], structure: &CellEnds, body: Range<usize>, quoted: bool) {
        let (ends, newlines) = (structure.ends(), structure.newlines());
        let before = |at: usize| newlines.partition_point(|&newline| (newline as usize) < at);
        // The number of the cell end before the row: the last one before the body, or BEFORE.
        let mut first = ends[1..].partition_point(|&end| (end as usize) < body.start);
        let newlines = &newlines[before(body.start)..before(body.end)];
        let width = self.layout.width;
        // Then no row is too long.
        let batched = width > 1 && text.len() <= MAX_ROW;
        let text = (text, self.chunk.ascii, quoted);
        for newlines in newlines.chunks(ROWS) {
            let batch = || Batch::of_text(text, &ends[first..], newlines, width, self.line);
            if let Some(batch) = batched.then(batch).flatten() {
                self.taker.batch(&batch);
                first += width * newlines.len();
                self.line += newlines.len() as u64;
            } else {
                first += self.singly(text, newlines, &ends[first..]);
            }
        }
    }

    /// Rows one by one, whatever their width: those that end at `newlines`, where `ends` begins
    /// with their cells. How many cells they have.
    fn singly(
        &mut self,
        (text, ascii, quoted): (&[u8], bool, bool),
        newlines: &[u32],
        ends: &[u32],
    ) -> usize {
        let (mut first, width) = (0, self.layout.width);
        for &newline in newlines {
            let start = ends[first].wrapping_add(1);
            // Line ends are cell ends: the row is whole when its last cell is the one that ends
            // there.
            let last = ends.get(first + width);
            let whole = last == Some(&newline) && (newline - start) as usize <= MAX_ROW;
            if whole && (width > 1 || !blank(&text[start as usize..newline as usize])) {
                let ends = &ends[first..=first + width];
                self.taker.row(&Row::new(text, ends, quoted, self.line, ascii));
                first += width;
            } else {
                let count = ends[first + 1..].iter().take_while(|&&end| end <= newline).count();
                let raw = &text[start as usize..newline as usize];
                let row = Row::new(text, &ends[first..=first + count], quoted, self.line, ascii);
                first += count;
                if count > 1 || !blank(raw) {
                    self.ragged(&mut Cells::of(&row), raw, self.line);
                }
            }
            self.line += 1;
        }
        first
    }

    /// A row that has not as many cells as the header, or is too long: used if nothing is lost by
    /// it, as spreadsheets leave blank cells at the end out, or add some.
    fn ragged(&mut self, cells: &mut Cells, raw: &[u8], line: u64) {
        let (count, width) = (cells.count(), self.layout.width);
        let row = cells.row(Some(raw), line, self.chunk.ascii);
        let spare = (width.min(count)..count).all(|cell| blank(row.at(cell)));
        let optional = count >= self.layout.optional_from;
        if raw.len() > MAX_ROW || !spare || (count < width && !optional) {
            return self.taker.bad_row(bad_row(raw, count, width, line));
        }
        cells.pad(width);
        cells.cut(width);
        self.taker.row(&cells.row(Some(raw), line, self.chunk.ascii));
    }

    /// Hands the rows on whose cell `column`, trimmed, is `wanted`. All others are passed over at
    /// the cost of the first bytes of that cell, bad rows too; of the chunk, only the lines need be
    /// known, and there are no quotes.
    fn sought(&mut self, (column, wanted): (usize, &Wanted<'_>), scratch: &mut Scratch) {
        let Scratch { structure: found, ends, .. } = scratch;
        let (format, chunk, width) = (self.format, self.chunk, self.layout.width);
        let mut rows = |text: &[u8], lines: &CellEnds, body: Range<usize>| {
            let newlines = lines.newlines();
            let before = |at: usize| newlines.partition_point(|&newline| (newline as usize) < at);
            let newlines = &newlines[before(body.start)..before(body.end)];
            let (mut start, mut next) = (body.start, 0);
            let cell = (column, format.separator);
            while let Some((passed, begin)) =
                next_wanted(text, start, &newlines[next..], cell, wanted)
            {
                let row = next + passed;
                let end = newlines[row] as usize;
                (start, next) = (end + 1, row + 1);
                ends.clear();
                ends.push((begin as u32).wrapping_sub(1));
                let found = memchr::memchr_iter(format.separator, &text[begin..end]);
                ends.extend(found.map(|at| (begin + at) as u32).chain([end as u32]));
                let line = self.line + row as u64;
                let row = Row::new(text, ends, false, line, chunk.ascii);
                if column >= row.width() || !ids::is_wanted(row.at(column), wanted) {
                    continue;
                }
                if row.width() == width && end - begin <= MAX_ROW {
                    self.taker.row(&row);
                } else {
                    self.ragged(&mut Cells::of(&row), &text[begin..end], line);
                }
            }
            self.line += newlines.len() as u64;
        };
        found.find(chunk.head(), format.separator, format.newline, Find::Lines);
        rows(chunk.head(), found, 0..chunk.head().len());
        let (block, structure, body) = chunk.body();
        rows(block, structure, body);
        found.find(chunk.tail(), format.separator, format.newline, Find::Lines);
        rows(chunk.tail(), found, 0..chunk.tail().len());
    }

    /// Rows of the first piece, in which quotes may mean anything, one by one.
    fn quoted(&mut self, scratch: &mut Scratch) {
        let (text, width) = (self.chunk.head(), self.layout.width);
        let quoting = self.format.quoting(self.layout);
        let Scratch { cells, cell, .. } = scratch;
        let mut start = 0;
        while start < text.len() {
            let (whole, next) = match quotes::row_end(text, start, quoting, true) {
                RowEnd::Whole(next) => (true, next),
                RowEnd::FirstLine(next) => (false, next),
                RowEnd::Incomplete => (true, text.len()),
            };
            let raw = &text[start..next];
            let line_text = raw.strip_suffix(&[self.format.newline]).unwrap_or(raw);
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
                self.taker.bad_row(BadRow { line: self.line, what });
            } else if count == 1 && blank(raw) {
                // A blank line.
            } else if count != width || line_text.len() > MAX_ROW {
                self.ragged(cells, line_text, self.line);
            } else {
                self.taker.row(&cells.row(Some(raw), self.line, self.chunk.ascii));
            }
            start = next;
            self.line += memchr::memchr_iter(self.format.newline, raw).count() as u64;
        }
    }
}

/// The number of the first row that may be wanted, and where it begins; the rows begin at `start`
/// and end at `newlines`. A function of its own, so that the loop stays in registers.
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
    fn begin(&mut self, file: u32, layout: &Layout) {
        self.taker.begin(file, layout);
    }

    fn book(&mut self) -> &mut Book {
        self.taker.book()
    }

    fn row(&mut self, row: &Row<'_>) {
        if ids::is_wanted(row.at(self.column), self.wanted) {
            self.taker.row(row);
        }
    }

    fn bad_row(&mut self, _: BadRow) {}
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
    use crate::ingest::contract::Table;
    use crate::ingest::input::InputFile;
    use crate::ingest::names::Packing;
    use crate::ingest::settings::Settings;
    use crate::ingest::text::blocks::FileReader;
    use proptest::prelude::*;

    /// (line, cells) of rows as wide as the header; `None` for others.
    type Found = Vec<(u64, Option<Vec<String>>)>;

    fn ours(text: &[u8], packing: Packing) -> Found {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("places.csv");
        let bytes = match packing {
            Packing::Zstd => zstd::bulk::compress(text, 1).unwrap(),
            _ => text.to_vec(),
        };
        std::fs::write(&path, &bytes).unwrap();
        let name = "places.csv".to_owned();
        let file = InputFile::new(name, &path, (packing, None), Table::Places);
        let zone = crate::base::time::TimeZone::get("UTC").unwrap();
        let settings = Settings::new(zone);
        let reader = FileReader::open(&file, &settings).unwrap();
        let (mut source, mut taken) = (reader.rows(None).unwrap(), Taken::default());
        while source.next(&mut taken).unwrap().is_some() {}
        let broken = taken.book.rejects.iter().map(|reject| (reject.line, None));
        taken.rows.extend(broken);
        taken.rows.sort();
        taken.rows
    }

    /// Remembers the rows.
    #[derive(Default)]
    struct Taken {
        rows: Found,
        book: Book,
    }

    impl TakeRows for Taken {
        fn begin(&mut self, _: u32, _: &Layout) {}

        fn book(&mut self) -> &mut Book {
            &mut self.book
        }

        fn row(&mut self, row: &Row<'_>) {
            let text = |n| String::from_utf8_lossy(cells::trim(row.at(n))).into_owned();
            self.rows.push((row.line, Some((0..3).map(text).collect())));
        }
    }

    /// The same by the `csv` crate, whose reader takes the whole text at once. Only the first
    /// column must be filled.
    fn theirs(text: &[u8]) -> Found {
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
            let mut cells: Vec<String> = record.iter().map(text).collect();
            let nothing_lost = cells.iter().skip(3).all(String::is_empty);
            cells.resize(3, String::new());
            rows.push((line, nothing_lost.then_some(cells)));
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

        /// Cells in quotes as programs write them, now and then with a quote or a line break
        /// inside.
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
