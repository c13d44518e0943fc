//! Parquet files of stays: row group by row group over all threads, column by column, no text.
//!
//! The common row (two ids, two times, nothing else) is taken from the columns as it is. Every other
//! row is written out as cells and goes the way of the rows of a text. A pass for a few persons reads
//! their column first, and of the others only the rows of these persons. Row groups whose statistics
//! say that it need not be are not read as a whole: see [`out_of_reach`].

use self::plain::PlainStays;
use super::bulk::{Account, Book};
use super::cells::{self, Clock};
use super::columns::Layout;
use super::folder::InputFile;
use super::parquet::{BATCH, Column, Opened, damaged, seconds};
use super::rejects::{FileAccount, Tally};
use super::rows::{Cells, TakeRows};
use super::stay_rows::StayRows;
use super::stays::StayRules;
use super::text::{Encoding, Format};
use super::times::Times;
use super::{Progress, Settings, bounds};
use crate::error::Result;
use crate::filter::{Sorted, Wanted};
use crate::model::{Reach, TakeStays};
use crate::time::Instant;
use arrow_array::cast::AsArray;
use arrow_array::{Array, RecordBatch, StringViewArray};
use arrow_cast::display::FormatOptions;
use arrow_schema::{ArrowError, DataType};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder, RowSelection,
};
use parquet::file::metadata::RowGroupMetaData;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

mod out_of_reach;
mod plain;

/// Person, start, end and place, and no other column that is not blank: the columns of a common row.
const NEEDED: usize = 4;

/// What a pass looks for.
enum Sought<'s> {
    /// The stays of these persons.
    Persons(&'s Wanted<'s>, Sorted<'s>),
    /// All stays; something can come only of those in reach, if that is known.
    Stays(Option<Reach<'s>>),
}

/// A file with its header matched.
struct StayFile<'f> {
    file: &'f InputFile,
    opened: Opened,
    layout: Layout,
}

impl<'f> StayFile<'f> {
    fn open(file: &'f InputFile, settings: &Settings) -> Result<StayFile<'f>> {
        let opened = Opened::new(file, &settings.aliases)?;
        let name = format!("`{}`", file.name);
        let layout = Layout::new(file.table, &opened.names, &settings.aliases, &name)?;
        Ok(StayFile { file, opened, layout })
    }

    /// Where one of the table's columns is in the file, and what arrow would make of it.
    fn column(&self, column: usize) -> Option<(usize, &DataType)> {
        let at = self.opened.kept[self.layout.cells[column].filter(|_| self.opened.flat)?];
        Some((at, self.opened.metadata.schema().field(at).data_type()))
    }

    /// What the end of the file tells of a row group.
    fn about(&self, group: usize) -> &RowGroupMetaData {
        self.opened.metadata.metadata().row_group(group)
    }

    /// Whether it tells that no row has a value in any column but the needed ones.
    fn others_are_blank(&self, group: usize) -> bool {
        let blank = |(at, _)| bounds::is_blank(self.about(group), at);
        (NEEDED..self.layout.cells.len()).all(|column| self.column(column).is_none_or(blank))
    }

    /// Between which two the ids of a column of a row group lie, if none of them is blank; see
    /// [`bounds::texts`].
    fn ids(&self, group: usize, column: usize) -> Option<[&[u8]; 2]> {
        let (at, given_as) = self.column(column)?;
        bounds::texts(self.about(group).column(at), given_as)
    }

    fn batches(
        &self,
        group: usize,
        mask: ProjectionMask,
        selection: Option<RowSelection>,
    ) -> Result<ParquetRecordBatchReader> {
        let (raw, metadata) = (self.opened.raw.clone(), self.opened.metadata.clone());
        let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(raw, metadata)
            .with_row_groups(vec![group])
            .with_projection(mask)
            .with_batch_size(BATCH);
        let builder = match selection {
            Some(selection) => builder.with_row_selection(selection),
            None => builder,
        };
        builder.build().map_err(|e| damaged(self.file, e))
    }

    /// The positions in a row group of the rows of `wanted` persons.
    fn rows_of(&self, group: usize, wanted: &Wanted<'_>) -> Result<Vec<usize>> {
        let person = self.layout.cells[0].expect("a column that must be there");
        let mask = self.opened.mask(std::iter::once(person));
        let (mut found, mut first, mut cell) = (Vec::new(), 0, Vec::new());
        let options = FormatOptions::default();
        for batch in self.batches(group, mask, None)? {
            let batch = batch.map_err(|e| damaged(self.file, e))?;
            let persons = batch.column(0);
            let column = Column::new(persons, self.opened.old_instants[person], &options);
            let column = column.map_err(|e| damaged(self.file, e))?;
            let texts = persons.as_string_view_opt();
            let blanks = persons.null_count() > 0;
            for row in 0..persons.len() {
                if blanks && persons.is_null(row) {
                    continue;
                }
                if texts
                    .and_then(|texts| short(texts.views()[row]))
                    .is_some_and(|id| !wanted.may_be(id))
                {
                    continue;
                }
                let is_wanted = match texts.map(|texts| texts.value(row).as_bytes()) {
                    Some(text) if cells::is_plain(text) => wanted.is(text),
                    _ => {
                        cell.clear();
                        write_cell(&column, row, &mut cell).map_err(|e| damaged(self.file, e))?;
                        wanted.is(cells::trim(&cell))
                    }
                };
                if is_wanted {
                    found.push(first + row);
                }
            }
            first += persons.len();
        }
        Ok(found)
    }
}

/// Reads the stays of Parquet files on all threads of the current pool; with `wanted`, only those of
/// these persons, and then the account is of no use.
///
/// # Errors
/// The first error in order of the files.
pub fn read<T: TakeStays + Send>(
    files: &[InputFile],
    settings: &Settings,
    rules: &StayRules,
    progress: &dyn Progress,
    wanted: Option<&Wanted<'_>>,
    start: impl Fn() -> T + Sync,
) -> Result<(Vec<T>, Account)> {
    let files: Vec<StayFile<'_>> =
        files.iter().map(|file| StayFile::open(file, settings)).collect::<Result<_>>()?;
    if files.is_empty() {
        return Ok((Vec::new(), Account::default()));
    }
    keep_freed_memory();
    // (file, row group, position of its first row)
    let mut groups = Vec::new();
    for (number, file) in files.iter().enumerate() {
        let mut first = 0;
        for (group, about) in file.opened.metadata.metadata().row_groups().iter().enumerate() {
            groups.push((number, group, first));
            first += about.num_rows() as u64;
        }
    }
    let one = start();
    let sought = match wanted {
        Some(wanted) => Sought::Persons(wanted, wanted.sorted()),
        None => Sought::Stays(one.reach()),
    };
    let (next, tallies) = (AtomicUsize::new(0), Mutex::new(vec![Tally::default(); files.len()]));
    let work = || {
        let (mut taker, mut times) = (start(), Times::new(&settings.zone));
        let (mut book, mut failure) = (Book::default(), None);
        while let Some(&(number, group, first)) = groups.get(next.fetch_add(1, Ordering::Relaxed)) {
            let file = &files[number];
            let rows =
                StayRows::new((&file.layout, file.file), &mut times, rules, &mut book, &mut taker);
            if let Err(error) = read_group(file, group, first, &sought, rows) {
                failure = Some((number, error));
                break;
            }
            let tally = std::mem::take(&mut book.tally);
            tallies.lock().unwrap_or_else(PoisonError::into_inner)[number].add(&tally);
            progress.advance(file.about(group).compressed_size().max(0) as u64);
        }
        (taker, book.rejects, failure)
    };
    let workers = rayon::broadcast(|_| work());
    let (mut takers, mut account, mut failures) = (Vec::new(), Account::default(), Vec::new());
    for (taker, rejects, failure) in workers {
        takers.push(taker);
        account.rejects.extend(rejects);
        failures.extend(failure);
    }
    if let Some((_, error)) = failures.into_iter().min_by_key(|(number, _)| *number) {
        return Err(error);
    }
    let tallies = tallies.into_inner().unwrap_or_else(PoisonError::into_inner);
    account.files.extend(files.into_iter().zip(tallies).map(|(file, tally)| FileAccount {
        file: file.file.number,
        table: file.file.table,
        encoding: Encoding::Utf8,
        format: Format { separator: b',', newline: b'\n' },
        layout: file.layout,
        tally,
    }));
    Ok((takers, account))
}

/// Has the GNU allocator keep the memory of pages that are done with for the next ones, instead of
/// giving it back and asking anew, which costs a quarter of the time: once a large block was freed,
/// it takes blocks up to that size for ordinary ones. Elsewhere it does nothing.
fn keep_freed_memory() {
    const MOST: usize = (32 << 20) - (1 << 16);
    drop(std::hint::black_box(Vec::<u8>::with_capacity(MOST)));
}

fn read_group<T: TakeStays>(
    file: &StayFile<'_>,
    group: usize,
    first: u64,
    sought: &Sought<'_>,
    mut rows: StayRows<'_, '_, T>,
) -> Result<()> {
    let (mut chosen, mut persons) = (None, None);
    match sought {
        Sought::Persons(wanted, sorted) => {
            if file.ids(group, 0).is_some_and(|bounds| !sorted.may_be_between(bounds)) {
                return Ok(());
            }
            persons = plain::column(file, group, 0)?;
            let found = match &persons {
                Some(persons) => plain::rows_of(file, persons, wanted)?,
                None => file.rows_of(group, wanted)?,
            };
            if found.is_empty() {
                return Ok(());
            }
            chosen = Some(found);
        }
        Sought::Stays(Some(reach)) if out_of_reach::all(file, group, reach, &mut rows)? => {
            return Ok(());
        }
        Sought::Stays(_) => {}
    }
    // Lines count from 1, and the first is the header that a text would have.
    let line_of = |row: usize| first + row as u64 + 2;
    if let Some(stays) = PlainStays::new(file, group, persons)? {
        return stays.take(chosen.as_deref(), line_of, &mut rows);
    }
    let total = file.about(group).num_rows() as usize;
    let selection = chosen.as_ref().map(|rows| {
        RowSelection::from_consecutive_ranges(rows.iter().map(|&row| row..row + 1), total)
    });
    let mask = file.opened.mask(0..file.opened.kept.len());
    let mut done = 0;
    let line = |n: usize| line_of(chosen.as_ref().map_or(n, |rows| rows[n]));
    for batch in file.batches(group, mask, selection)? {
        let batch = batch.map_err(|e| damaged(file.file, e))?;
        let times = StayColumns::new(&batch, file);
        let mut others = Vec::new();
        for row in 0..batch.num_rows() {
            let taken =
                times.as_ref().is_some_and(|times| times.take(row, line(done + row), &mut rows));
            if !taken {
                others.push(row);
            }
        }
        as_text(&batch, file, &others, |row| line(done + row), &mut rows)
            .map_err(|e| damaged(file.file, e))?;
        done += batch.num_rows();
    }
    Ok(())
}

/// A column of times, as seconds.
enum Moments<'a> {
    Instants(Vec<i64>),
    Walls(Vec<i64>),
    Texts(&'a StringViewArray),
}

/// The last second of a moment in eleven digits, and the years of four digits as local seconds.
const INSTANTS: std::ops::Range<i64> = 0..100_000_000_000;
const WALLS: std::ops::Range<i64> = -62_135_596_800..253_402_300_800;

impl<'a> Moments<'a> {
    fn new(array: &'a dyn Array, old_instant: bool) -> Option<Moments<'a>> {
        match array.data_type() {
            DataType::Utf8View => Some(Moments::Texts(array.as_string_view())),
            DataType::Timestamp(unit, zone) => {
                let all = seconds(array, *unit);
                let instants = zone.is_some() || old_instant;
                Some(if instants { Moments::Instants(all) } else { Moments::Walls(all) })
            }
            _ => None,
        }
    }

    /// The time of a row that has one.
    #[inline(always)]
    fn get(&self, row: usize, clock: &mut Clock<'_>) -> Option<Instant> {
        match self {
            Moments::Instants(all) => moment(all[row], true, clock),
            Moments::Walls(all) => moment(all[row], false, clock),
            Moments::Texts(all) => clock.read_common(all.value(row).as_bytes()),
        }
    }
}

/// The moment of an instant or of a wall-clock time.
#[inline(always)]
fn moment(seconds: i64, instant: bool, clock: &mut Clock<'_>) -> Option<Instant> {
    if instant {
        return INSTANTS.contains(&seconds).then_some(Instant(seconds));
    }
    WALLS.contains(&seconds).then(|| clock.local(seconds))
}

/// Takes a plain stay; `false` when it is none.
#[inline(always)]
fn take_plain<T: TakeStays>(
    ids: [&[u8]; 2],
    times: impl FnOnce(&mut Clock<'_>) -> Option<[Instant; 2]>,
    line: u64,
    rows: &mut StayRows<'_, '_, T>,
) -> bool {
    ids.iter().all(|id| cells::is_plain(id))
        && times(rows.clock()).is_some_and(|times| rows.plain(line, ids, times))
}

/// The columns of a plain stay.
struct StayColumns<'a> {
    person: &'a StringViewArray,
    place: &'a StringViewArray,
    start: Moments<'a>,
    end: Moments<'a>,
    /// Those of the four columns that have blanks.
    blanks: Vec<&'a dyn Array>,
    /// Columns that must be blank, and are not all the way.
    others: Vec<&'a dyn Array>,
}

impl<'a> StayColumns<'a> {
    /// `None` when no row of the batch can be a plain one.
    fn new(batch: &'a RecordBatch, file: &StayFile<'_>) -> Option<StayColumns<'a>> {
        let of = |column: usize| file.layout.cells[column].map(|n| (n, batch.column(n).as_ref()));
        let (person, place) = (of(0)?.1.as_string_view_opt()?, of(3)?.1.as_string_view_opt()?);
        let time = |column| {
            let (n, array) = of(column)?;
            Moments::new(array, file.opened.old_instants[n])
        };
        let (start, end) = (time(1)?, time(2)?);
        let columns = |range: std::ops::Range<usize>| range.filter_map(|n| Some(of(n)?.1));
        let blanks = columns(0..4).filter(|array| array.null_count() > 0).collect();
        let others = columns(4..file.layout.cells.len());
        let others = others.filter(|array| array.null_count() < array.len()).collect();
        Some(StayColumns { person, place, start, end, blanks, others })
    }

    #[inline(always)]
    fn take<T: TakeStays>(&self, row: usize, line: u64, rows: &mut StayRows<'_, '_, T>) -> bool {
        if self.blanks.iter().any(|column| column.is_null(row))
            || self.others.iter().any(|column| column.is_valid(row))
        {
            return false;
        }
        let ids = [self.person, self.place].map(|texts| texts.value(row).as_bytes());
        let times =
            |clock: &mut Clock<'_>| Some([self.start.get(row, clock)?, self.end.get(row, clock)?]);
        take_plain(ids, times, line, rows)
    }
}

/// The bytes of a text that is short enough to stand in its view, the first one lowest, then zeros.
#[inline(always)]
fn short(view: u128) -> Option<u128> {
    (view as u32 <= 12).then_some(view >> 32)
}

/// Writes a cell; line breaks become blanks, as in the text of a file.
fn write_cell(column: &Column<'_>, row: usize, out: &mut Vec<u8>) -> std::io::Result<()> {
    let from = out.len();
    column.write(row, out)?;
    blank_line_breaks(&mut out[from..]);
    Ok(())
}

fn blank_line_breaks(cell: &mut [u8]) {
    for byte in cell {
        if matches!(*byte, b'\n' | b'\r') {
            *byte = b' ';
        }
    }
}

/// Takes rows as if they stood in a text.
fn as_text<T: TakeStays>(
    batch: &RecordBatch,
    file: &StayFile<'_>,
    rows: &[usize],
    line: impl Fn(usize) -> u64,
    taker: &mut StayRows<'_, '_, T>,
) -> std::result::Result<(), ArrowError> {
    if rows.is_empty() {
        return Ok(());
    }
    let options = FormatOptions::default();
    let columns = Column::all(batch, &file.opened.old_instants, &options)?;
    let mut cells = Cells::default();
    for &row in rows {
        cells.clear();
        for (array, column) in &columns {
            if array.is_valid(row) {
                write_cell(column, row, cells.text())?;
            }
            cells.end();
        }
        taker.row(&cells.row(None, line(row), false));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
