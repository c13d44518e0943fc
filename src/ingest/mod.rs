//! An export folder in: tables found by name, read in any of their forms, every row accounted for.
//!
//! The small tables become [`crate::model`] values; the bulk tables are handed on chunk by chunk and
//! never kept. A bad row becomes a [`Reject`]; only what makes a file unusable is an error. What the
//! rows mean for anybody is not decided here.

mod batch;
#[cfg(feature = "parquet")]
mod bounds;
mod bulk;
pub mod cells;
mod chunks;
#[cfg(feature = "parquet")]
mod columnar;
mod columns;
mod folder;
#[cfg(feature = "parquet")]
mod pages;
#[cfg(feature = "parquet")]
mod parquet;
mod quotes;
mod rejects;
mod rows;
mod small;
mod source;
mod structure;
mod text;
mod times;

mod cases;
mod colocations;
mod labels;
pub mod numbers;
mod persons;
mod places;
mod stay_rows;
mod stays;

pub use bulk::Account;
pub use cases::{Episode, latest as latest_episodes};
pub use columns::{Aliases, Column, Layout, Table};
pub use folder::{Folder, InputFile, Packing};
pub use labels::{Label, read as read_labels};
pub use rejects::{Fate, FileAccount, Reason, Reject, Tally};
pub use stays::StayRules;
pub use text::{Encoding, Format};

use crate::error::{Error, Result};
use crate::filter::Wanted;
use crate::model::{Places, TakeColocations, TakeStays};
use crate::policy::Exposure;
use crate::register::Persons;
use crate::time::{Instant, Zone};
use structure::Detail;
use times::Times;

/// How to read.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Times without an offset are in this zone.
    pub zone: Zone,
    /// The encoding of every file without a mark; detected per file when `None`.
    pub encoding: Option<Encoding>,
    /// Names of one's own for columns.
    pub aliases: Aliases,
    /// The share of rejected rows in a table above which it cannot be used.
    pub max_rejects: f64,
}

/// Told how far reading is.
pub trait Progress: Sync {
    /// A pass over `bytes` bytes on disk begins.
    fn begin(&self, what: &str, bytes: u64);
    /// So many bytes more were read.
    fn advance(&self, bytes: u64);
    /// The pass has ended.
    fn end(&self);
}

/// Tells nobody.
pub struct Silent;

impl Progress for Silent {
    fn begin(&self, _: &str, _: u64) {}
    fn advance(&self, _: u64) {}
    fn end(&self) {}
}

/// The small tables.
#[derive(Debug)]
pub struct SmallTables {
    /// The illnesses of each person in `cases`: [`latest_episodes`] says which one counts.
    pub cases: Vec<Episode>,
    /// The places of the table, and those persons live at.
    pub places: Places,
    /// The persons.
    pub persons: Persons,
    /// What became of the rows.
    pub account: Account,
}

/// Reads `cases`, `places` and `persons`.
///
/// # Errors
/// When a file cannot be used.
pub fn read_small(
    folder: &Folder,
    settings: &Settings,
    policy: &Exposure,
    progress: &dyn Progress,
) -> Result<SmallTables> {
    let small = [Table::Cases, Table::Places, Table::Persons];
    let bytes = small.iter().flat_map(|&table| folder.of(table)).map(|file| file.bytes).sum();
    progress.begin("cases, places, persons", bytes);
    let (cases, mut account) = cases::read(folder, settings, policy, progress)?;
    // Places are read by one thread, in their order; persons by whichever threads are free.
    let (places, persons) = rayon::join(
        || places::read(folder, settings, progress),
        || persons::read(folder, settings, progress),
    );
    let (mut places, of_places) = places?;
    let (gathered, of_persons) = persons?;
    account.add(of_places);
    account.add(of_persons);
    let persons = persons::join(gathered, &mut places, &mut account);
    progress.end();
    Ok(SmallTables { cases, places, persons, account })
}

/// A pass over `trajectories` on all threads of the current pool, every row checked.
///
/// `start` makes what takes a worker's stays; they come back in no order. `told` is who hears of it, and
/// what they hear.
///
/// # Errors
/// When a file cannot be used.
pub fn read_stays<T: TakeStays + Send>(
    folder: &Folder,
    settings: &Settings,
    rules: &StayRules,
    told: (&dyn Progress, &str),
    start: impl Fn() -> T + Sync,
) -> Result<(Vec<T>, Account)> {
    pass(folder, settings, rules, told, None, start)
}

/// A pass over `trajectories` for the stays of `wanted` persons. Nothing else is looked at, so it
/// keeps no account: [`read_stays`] does.
///
/// # Errors
/// When a file cannot be used.
pub fn read_stays_of<T: TakeStays + Send>(
    folder: &Folder,
    settings: &Settings,
    rules: &StayRules,
    told: (&dyn Progress, &str),
    wanted: &Wanted<'_>,
    start: impl Fn() -> T + Sync,
) -> Result<Vec<T>> {
    Ok(pass(folder, settings, rules, told, Some(wanted), start)?.0)
}

/// A pass over the files of `trajectories`, for the `wanted` persons or for all.
fn pass<T: TakeStays + Send>(
    folder: &Folder,
    settings: &Settings,
    rules: &StayRules,
    (progress, what): (&dyn Progress, &str),
    wanted: Option<&Wanted<'_>>,
    start: impl Fn() -> T + Sync,
) -> Result<(Vec<T>, Account)> {
    let (texts, columnar) = stay_files(folder);
    progress.begin(what, texts.iter().chain(&columnar).map(|file| file.bytes).sum());
    let detail = if wanted.is_some() { Detail::Lines } else { Detail::Cells };
    let read = || {
        let (mut takers, mut account) =
            read_columnar(&columnar, settings, rules, progress, wanted, &start)?;
        let start = || (Times::new(&settings.zone), start());
        let (of_texts, rest) = bulk::read(
            &texts,
            settings,
            progress,
            detail,
            start,
            |state, reader, chunk, scratch, book| {
                let (times, taker) = state;
                let (format, layout) = (reader.format(), reader.layout());
                let mut rows =
                    stay_rows::StayRows::new((layout, reader.file()), times, rules, book, taker);
                let Some(wanted) = wanted else {
                    return rows::for_each(chunk, format, layout, scratch, &mut rows);
                };
                let person = layout.cells[0].expect("a column that must be there");
                rows::for_each_of(chunk, format, layout, scratch, (person, wanted), &mut rows);
                *book = bulk::Book::default();
            },
        )?;
        takers.extend(of_texts.into_iter().map(|(_, taker)| taker));
        account.add(rest);
        Ok((takers, account))
    };
    let read = read();
    progress.end();
    read
}

/// The files of `trajectories` that are text, and those that are read by columns.
fn stay_files(folder: &Folder) -> (Vec<InputFile>, Vec<InputFile>) {
    let by_columns =
        |file: &InputFile| cfg!(feature = "parquet") && file.packing == Packing::Parquet;
    folder.of(Table::Trajectories).cloned().partition(|file| !by_columns(file))
}

#[cfg(feature = "parquet")]
use columnar::read as read_columnar;

/// Without the feature no file is read by columns.
#[cfg(not(feature = "parquet"))]
fn read_columnar<T>(
    _: &[InputFile],
    _: &Settings,
    _: &StayRules,
    _: &dyn Progress,
    _: Option<&Wanted<'_>>,
    _: impl Fn() -> T,
) -> Result<(Vec<T>, Account)> {
    Ok((Vec::new(), Account::default()))
}

/// A pass over `colocations`, as [`read_stays`].
///
/// # Errors
/// When a file cannot be used.
pub fn read_colocations<T: TakeColocations + Send>(
    folder: &Folder,
    settings: &Settings,
    as_of: Instant,
    progress: &dyn Progress,
    start: impl Fn() -> T + Sync,
) -> Result<(Vec<T>, Account)> {
    let files: Vec<InputFile> = folder.of(Table::Colocations).cloned().collect();
    progress.begin("co-locations", files.iter().map(|file| file.bytes).sum());
    let (start, detail) = (|| (Times::new(&settings.zone), start()), Detail::Cells);
    let read = bulk::read(
        &files,
        settings,
        progress,
        detail,
        start,
        |state, reader, chunk, scratch, book| {
            let (times, taker) = state;
            let mut rows = colocations::ColocationRows::new(reader, times, as_of, book, taker);
            rows::for_each(chunk, reader.format(), reader.layout(), scratch, &mut rows);
        },
    );
    progress.end();
    let (states, account) = read?;
    Ok((states.into_iter().map(|(_, taker)| taker).collect(), account))
}

/// Rows of a table in which a few may be bad whatever their share.
const SMALL_TABLE: u64 = 100;

/// So many.
const FEW_ROWS: u64 = 5;

impl Account {
    /// The sum over the files of a table.
    pub fn of(&self, table: Table) -> Tally {
        let mut sum = Tally::default();
        for file in self.files.iter().filter(|file| file.table == table) {
            sum.add(&file.tally);
        }
        sum
    }

    /// Puts files and rejects into the order of names and lines.
    pub fn sort(&mut self) {
        self.files.sort_by_key(|file| file.file);
        self.rejects.sort_unstable_by(|a, b| {
            let key = |reject: &Reject| (reject.file, reject.line, reject.fate);
            key(a).cmp(&key(b)).then_with(|| a.cmp(b))
        });
        // A row that is left out needs no word about one of its cells.
        self.rejects.dedup_by(|next, kept| {
            (next.file, next.line) == (kept.file, kept.line) && next.fate == Fate::Used
        });
    }

    /// Whether every table has few enough rejects.
    ///
    /// # Errors
    /// `TooManyRejects` for the first table that has not; it names the most frequent reason.
    pub fn check(&self, folder: &Folder, max_rejects: f64) -> Result<()> {
        for table in Table::ALL {
            let tally = self.of(table);
            let lost = tally.rejected - tally.duplicates;
            // A few bad rows of a small table are no sign of a wrong export.
            let few = tally.rows < SMALL_TABLE && lost <= FEW_ROWS && max_rejects > 0.0;
            if few || lost as f64 <= max_rejects * tally.rows as f64 {
                continue;
            }
            let files: Vec<u32> = folder.of(table).map(|file| file.number).collect();
            let of_table = self.rejects.iter().filter(|reject| {
                let lost = reject.fate == Fate::LeftOut && !reject.reason.is_duplicate();
                lost && files.contains(&reject.file)
            });
            let mut reasons = std::collections::BTreeMap::<Reason, (u64, &Reject)>::new();
            for reject in of_table {
                reasons.entry(reject.reason).or_insert((0, reject)).0 += 1;
            }
            let Some((reason, (count, first))) = reasons.iter().max_by_key(|(_, (n, _))| *n) else {
                continue;
            };
            let name = &folder.files[first.file as usize].name;
            return Err(Error::too_many_rejects(format!(
                "table `{}`: {} of {} rows were rejected, more than {} %; most often `{}` ({count} rows), \
                 first in {name}:{} column `{}`: `{}`",
                table.name(),
                lost,
                tally.rows,
                max_rejects * 100.0,
                reason.code(),
                first.line,
                first.column,
                first.value,
            ))
            .hint(format!(
                "{}; `trace run` lists all of them in `OUTPUT.rejects.csv`; --max-rejects PERCENT \
                 lets more pass",
                reason.hint()
            )));
        }
        Ok(())
    }
}
