//! Parquet files of stays: row group by row group over all threads, column by column, no text.
//!
//! The common row (two ids, two times, nothing else) is taken from the columns as it is. Every other
//! row is written out as cells and goes the way of the rows of a text. A pass for a few persons reads
//! their column first, and of the others only the rows of these persons. Row groups whose statistics
//! say that it need not be are not read as a whole: see `pruning`.

use crate::base::error::Result;
use crate::base::sieve::{IdRange, Wanted};
use crate::ingest::account::{Account, Book, FileAccount, Tally};
use crate::ingest::cells::Clock;
use crate::ingest::cells::times::Times;
use crate::ingest::folder::InputFile;
use crate::ingest::parquet::file::damaged;
use crate::ingest::parquet::plain::PlainStays;
use crate::ingest::parquet::stay_file::{Moments, StayFile, take_plain, write_cell};
use crate::ingest::parquet::text::Column;
use crate::ingest::parquet::{plain, pruning};
use crate::ingest::rows::batch::TakeRows;
use crate::ingest::rows::row::Cells;
use crate::ingest::settings::{Progress, Settings};
use crate::ingest::tables::stay_rows::StayRows;
use crate::ingest::tables::stays::StayLimits;
use crate::ingest::text::encoding::Encoding;
use crate::ingest::text::sniff::Format;
use crate::model::{Reach, TakeStays};
use arrow_array::cast::AsArray;
use arrow_array::{Array, RecordBatch, StringViewArray};
use arrow_cast::display::FormatOptions;
use arrow_schema::ArrowError;
use parquet::arrow::arrow_reader::RowSelection;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// What a pass looks for.
enum Sought<'s> {
    /// The stays of these persons.
    Persons(&'s Wanted<'s>, IdRange<'s>),
    /// All stays; something can come only of those in reach, if that is known.
    Stays(Option<Reach<'s>>),
}

/// Reads the stays of Parquet files on all threads of the current pool; with `wanted`, only those of
/// these persons, and then the account is of no use.
///
/// # Errors
/// The first error in order of the files.
pub fn read<T: TakeStays + Send>(
    files: &[InputFile],
    settings: &Settings,
    rules: &StayLimits,
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
        Sought::Stays(Some(reach)) if pruning::all(file, group, reach, &mut rows)? => {
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
