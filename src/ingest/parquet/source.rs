//! A Parquet file of any table: row group by row group over all threads.
//!
//! Only the columns that are asked for are read, after a look at the first rows of all. The first
//! row is on line 2, as if the file had a header line. Rows that are sought are found by their
//! column, and of the other columns only these rows are taken. Row groups that by their statistics
//! cannot matter are not read whole (row-group pruning). Cost: the columns are decoded once a pass;
//! memory for each worker: the unpacked columns of a row group; of a large one, a page of each.

use crate::base::error::Result;
use crate::base::sieve::Wanted;
use crate::ingest::account::{FileAccount, Tally};
use crate::ingest::cells::ids;
use crate::ingest::header::layout::Layout;
use crate::ingest::header::sample::Sample;
use crate::ingest::input::InputFile;
use crate::ingest::parquet::columns::{Values, each_batch};
use crate::ingest::parquet::file::{BoxedError, Described, SharedFile, damaged};
use crate::ingest::parquet::footer;
use crate::ingest::parquet::headers;
use crate::ingest::parquet::pages::{PageValues, PlainColumn};
use crate::ingest::rows::batch::Batch;
use crate::ingest::rows::column::Column;
use crate::ingest::rows::source::{PassOver, Rows, Sought, Source, Statistics, TakeRows};
use crate::ingest::settings::Settings;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use parquet::file::metadata::RowGroupMetaData;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Rows decoded at a time.
const DECODED: usize = 8192;

/// A file with its header matched.
pub struct ParquetFile {
    file: InputFile,
    described: Described,
    layout: Layout,
    /// The cells that the table knows, and those that are to go along.
    cells: Vec<usize>,
    /// The position of the first row of each row group.
    first_rows: Vec<u64>,
    /// The next row group that nobody has had.
    next: AtomicUsize,
    /// Behind the last one that is read.
    end: usize,
    /// How many times their size pages may unpack to.
    most_unpacked: u64,
    /// Whether a page without a checksum was met.
    unchecked: AtomicBool,
}

impl ParquetFile {
    /// Opens a file and matches its columns.
    ///
    /// # Errors
    /// An input error when it is no Parquet file, or lacks a column.
    pub fn open(file: &InputFile, settings: &Settings) -> Result<ParquetFile> {
        keep_freed_memory();
        let described = Described::new(file)?;
        let name = format!("`{}`", file.name);
        let sample = Sample::new(|| first_rows(file, &described, settings.most_unpacked));
        let layout = Layout::new(file.table, &described.names, settings, &name, &sample)?;
        drop(sample);
        let cells = layout.cells_read(&settings.keep);
        let sizes = described.metadata.metadata().row_groups().iter();
        let groups = file.piece.groups(sizes.map(|group| group.compressed_size().max(0) as u64));
        let (next, end) = (AtomicUsize::new(groups.start), groups.end);
        let mut first = 0;
        let groups = described.metadata.metadata().row_groups().iter();
        let first_rows = groups.map(|group| {
            let begins = first;
            first += group.num_rows().max(0) as u64;
            begins
        });
        Ok(ParquetFile {
            file: file.clone(),
            layout,
            cells,
            first_rows: first_rows.collect(),
            next,
            end,
            most_unpacked: settings.most_unpacked,
            unchecked: AtomicBool::new(false),
            described,
        })
    }
}

/// Bytes that the cells of a column that is looked at have on average, at most: a picture of
/// somebody says nothing of what a column is.
const MOST_OF_A_CELL: i64 = 1000;

/// Whether the cells of a column are short enough for a look at the first rows.
fn is_short(described: &Described, cell: usize) -> bool {
    let (metadata, columns) = (described.metadata.metadata(), described.metadata.parquet_schema());
    let group = metadata.row_group(0);
    let leaves = (0..columns.num_columns()).filter(|&n| columns.get_column_root_idx(n) == cell);
    let bytes: i64 = leaves.map(|leaf| group.column(leaf).uncompressed_size()).sum();
    bytes / MOST_OF_A_CELL <= group.num_rows().max(1)
}

/// The first rows as texts; blank where a column cannot be read, which whoever reads it all will
/// say.
fn first_rows(file: &InputFile, described: &Described, most: u64) -> Vec<Vec<String>> {
    let Ok(raw) = SharedFile::open(file) else { return Vec::new() };
    let has_rows = described.metadata.metadata().num_row_groups() > 0;
    let cells = (0..described.names.len()).filter(|_| has_rows).map(|cell| {
        if !is_short(described, cell) {
            return Vec::new();
        }
        let examined = headers::examine(described, (file, &raw), (0, cell), most);
        let values = examined.ok().and_then(|_| described.first_values(&raw, cell).ok());
        values.unwrap_or_default()
    });
    let mut cells: Vec<_> = cells.map(Vec::into_iter).collect();
    let rows = cells.iter().map(|values| values.len()).max().unwrap_or(0);
    let mut row = || cells.iter_mut().map(|values| values.next().unwrap_or_default()).collect();
    (0..rows).map(|_| row()).collect()
}

/// Has the GNU allocator keep the memory of pages that are done with for the next ones, instead of
/// giving it back and asking anew, which costs a quarter of the time: once a large block was freed,
/// it takes blocks up to that size for ordinary ones. Elsewhere it does nothing.
fn keep_freed_memory() {
    const MOST: usize = (32 << 20) - (1 << 16);
    drop(std::hint::black_box(Vec::<u8>::with_capacity(MOST)));
}

impl Source for ParquetFile {
    fn layout(&self) -> &Layout {
        &self.layout
    }

    fn layout_mut(&mut self) -> &mut Layout {
        &mut self.layout
    }

    fn rows<'s, 'w: 's>(&'s self, sought: Option<&'s Sought<'w>>) -> Result<Box<dyn Rows + 's>> {
        let raw = SharedFile::open(&self.file)?;
        Ok(Box::new(GroupRows { of: self, raw, sought, searched: None }))
    }

    fn account(&self, tally: Tally) -> FileAccount {
        let unchecked = self.unchecked.load(Ordering::Relaxed);
        FileAccount { unchecked, ..FileAccount::of_cells(&self.file, &self.layout, tally) }
    }
}

/// The row groups of a file on their way to one worker.
struct GroupRows<'s, 'w> {
    of: &'s ParquetFile,
    raw: SharedFile,
    sought: Option<&'s Sought<'w>>,
    /// The column of a row group that was searched last: the group, the cell, and what was read.
    searched: Option<(usize, usize, Option<PlainColumn>)>,
}

impl Rows for GroupRows<'_, '_> {
    fn next(&mut self, taker: &mut dyn TakeRows) -> Result<Option<u64>> {
        let group = self.of.next.fetch_add(1, Ordering::Relaxed);
        if group >= self.of.end {
            return Ok(None);
        }
        match self.sought {
            Some(sought) => self.some(group, sought, taker)?,
            None => self.all(group, taker)?,
        }
        let bytes = self.of.described.metadata.metadata().row_group(group).compressed_size();
        Ok(Some(bytes.max(0) as u64))
    }
}

impl GroupRows<'_, '_> {
    fn about(&self, group: usize) -> About<'_> {
        let described = &self.of.described;
        About { described, group: described.metadata.metadata().row_group(group) }
    }

    /// Lines count from 1, and the first is the header that a text would have.
    fn line(&self, group: usize, row: usize) -> u64 {
        self.of.first_rows[group] + row as u64 + 2
    }

    /// Hands all rows of a row group on.
    fn all(&self, group: usize, taker: &mut dyn TakeRows) -> Result<()> {
        let how = taker.pass_over(&self.about(group));
        if let Some(how) = how
            && self.can_pass(group, &how, taker)?
        {
            taker.book().tally.rows += self.about(group).rows();
            return Ok(());
        }
        self.each(group, &self.of.cells, &|_| true, |_, batch| {
            taker.batch(batch);
            true
        })
    }

    /// Whether a row group can be passed over.
    fn can_pass(&self, group: usize, how: &PassOver, taker: &mut dyn TakeRows) -> Result<bool> {
        let (mut passed, mut cells) = (0, how.cells.clone());
        cells.sort_unstable();
        self.each(group, &cells, &|_| true, |_, batch| {
            let can_pass = taker.can_pass(batch, how);
            passed += if can_pass { batch.len() as u64 } else { 0 };
            can_pass
        })?;
        Ok(passed == self.about(group).rows())
    }

    /// Hands the sought rows of a row group on.
    fn some(&mut self, group: usize, sought: &Sought<'_>, taker: &mut dyn TakeRows) -> Result<()> {
        let cell = sought.cell(&self.of.layout);
        if self.about(group).texts(cell).is_some_and(|bounds| !sought.may_be_between(bounds)) {
            return Ok(());
        }
        self.searched = Some((group, cell, self.pages(group, cell)?));
        let found = self.find(group, cell, sought.wanted)?;
        if found.is_empty() {
            return Ok(());
        }
        let within = |rows: Range<usize>| {
            let from = found.partition_point(|&row| row < rows.start);
            found[from..].iter().take_while(move |&&row| row < rows.end)
        };
        let wants = |rows: Range<usize>| within(rows).next().is_some();
        self.each(group, &self.of.cells, &wants, |first, batch| {
            for row in within(first..first + batch.len()) {
                batch.with_row(row - first, |row| taker.row(row));
            }
            true
        })
    }

    /// The positions of the rows of a row group whose cell is one of the wanted.
    fn find(&self, group: usize, cell: usize, wanted: &Wanted<'_>) -> Result<Vec<usize>> {
        let (mut found, mut text) = (Vec::new(), Vec::new());
        let column = self.pages(group, cell)?;
        if let Some(mut values) = column.as_ref().map(PlainColumn::values)
            && values.instants().is_none()
        {
            let mut row = 0;
            let whole = values.each(self.about(group).rows() as usize, |id, ahead| {
                // Most are told by the bytes they begin with.
                if wanted.may_begin(ahead, 0) {
                    text.clear();
                    Column::Cells(&[id]).write(0, &mut text);
                    found.extend(ids::is_wanted(&text, wanted).then_some(row));
                }
                row += 1;
            });
            let cut = || damaged(&self.of.file, "a page is shorter than its values");
            return whole.map(|()| found).ok_or_else(cut);
        }
        self.each(group, &[cell], &|_| true, |first, batch| {
            for row in 0..batch.len() {
                batch.write(row, cell, &mut text);
                found.extend(ids::is_wanted(&text, wanted).then_some(first + row));
            }
            true
        })?;
        Ok(found)
    }

    /// Calls `each` with batches of the rows of a row group that somebody wants and the numbers of
    /// their first rows, until it says no. Of the other cells nothing is read.
    fn each(
        &self,
        group: usize,
        cells: &[usize],
        wants: &dyn Fn(Range<usize>) -> bool,
        mut each: impl FnMut(usize, &Batch<'_>) -> bool,
    ) -> Result<()> {
        let (described, about) = (&self.of.described, self.about(group));
        let damaged = |error: BoxedError| damaged(&self.of.file, error);
        let mut fixed: Vec<Values<'static>> =
            (0..self.of.layout.width).map(|_| Values::Told).collect();
        let (mut pages, mut arrays) = (Vec::new(), Vec::new());
        pages.resize_with(fixed.len(), || None);
        for &cell in cells {
            if about.is_blank(cell) {
                fixed[cell] = Values::Blank;
                continue;
            }
            pages[cell] = self.pages(group, cell)?;
            match &pages[cell] {
                Some(_) => fixed[cell] = Values::Pages,
                None => arrays.push(cell),
            }
        }
        let mut pages: Vec<Option<PageValues<'_>>> =
            pages.iter().map(|column| column.as_ref().map(PlainColumn::values)).collect();
        let (mut first, mut go_on) = (0, true);
        let mut hand_on = |columns: &[Values<'_>], rows: usize| {
            let wants = |rows: Range<usize>| wants(first + rows.start..first + rows.end);
            each_batch(columns, &mut pages, rows, wants, |at, rows, columns| {
                let line = self.line(group, first + at);
                go_on = go_on && each(first + at, &Batch::of_columns(columns, rows, line));
            })
            .ok_or_else(|| damaged("a page is shorter than its values".into()))?;
            first += rows;
            Ok(go_on)
        };
        if arrays.is_empty() {
            return hand_on(&fixed, about.rows() as usize).map(|_| ());
        }
        for batch in self.batches(group, &arrays)? {
            let batch = batch.map_err(|e| damaged(e.into()))?;
            let mut columns: Vec<Values<'_>> = fixed.clone();
            for (&cell, array) in arrays.iter().zip(batch.columns()) {
                let values = Values::new(array.as_ref(), described.old_instants[cell]);
                columns[cell] = values.map_err(|e| damaged(e.into()))?;
            }
            if !hand_on(&columns, batch.num_rows())? {
                break;
            }
        }
        Ok(())
    }

    /// The values of a cell off the pages, if they can be read like that. Whoever reads a cell
    /// begins here: the pages are held against what the end of the file says.
    fn pages(&self, group: usize, cell: usize) -> Result<Option<PlainColumn>> {
        if let Some((of, searched, read)) = &self.searched
            && (*of, *searched) == (group, cell)
        {
            return Ok(read.clone());
        }
        let (described, raw) = (&self.of.described, (&self.of.file, &self.raw));
        if !headers::examine(described, raw, (group, cell), self.of.most_unpacked)? {
            self.of.unchecked.store(true, Ordering::Relaxed);
        }
        let Some(column) = described.column(cell) else { return Ok(None) };
        let read = PlainColumn::read(&self.raw, self.about(group).group, column);
        read.map_err(|e| damaged(&self.of.file, e))
    }

    fn batches(&self, group: usize, cells: &[usize]) -> Result<ParquetRecordBatchReader> {
        let described = &self.of.described;
        let (raw, metadata) = (self.raw.clone(), described.metadata.clone());
        ParquetRecordBatchReaderBuilder::new_with_metadata(raw, metadata)
            .with_row_groups(vec![group])
            .with_projection(described.mask(cells))
            .with_batch_size(DECODED)
            .build()
            .map_err(|e| damaged(&self.of.file, e))
    }
}

/// What the end of a file says of a row group.
struct About<'s> {
    described: &'s Described,
    group: &'s RowGroupMetaData,
}

impl Statistics for About<'_> {
    fn rows(&self) -> u64 {
        self.group.num_rows().max(0) as u64
    }

    fn is_blank(&self, cell: usize) -> bool {
        let column = self.described.column(cell);
        column.is_some_and(|(at, _)| footer::is_blank(self.group, at))
    }

    fn texts(&self, cell: usize) -> Option<[&[u8]; 2]> {
        let (at, given_as) = self.described.column(cell)?;
        footer::texts(self.group.column(at), given_as)
    }

    fn latest(&self, cell: usize) -> Option<(i64, bool)> {
        let (at, given_as) = self.described.column(cell)?;
        footer::latest(self.group.column(at), given_as)
    }
}

#[cfg(test)]
mod tests;
