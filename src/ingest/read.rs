//! The tables of a folder: the small ones as values, the bulk ones handed on.
//!
//! Cost: a pass over the files that are asked for, on all threads of the current pool.

use crate::base::error::Result;
use crate::base::sieve::Wanted;
use crate::base::time::Instant;
use crate::ingest::account::Account;
use crate::ingest::cells::times::Times;
use crate::ingest::contract::Table;
use crate::ingest::folder::{Folder, InputFile, Packing};
#[cfg(feature = "parquet")]
use crate::ingest::parquet::stays::read as read_columnar;
use crate::ingest::settings::{Progress, Settings};
use crate::ingest::tables::cases::Episode;
use crate::ingest::tables::stays::StayLimits;
use crate::ingest::tables::{cases, colocations, persons, places, stay_rows};
use crate::ingest::text::cell_ends::Find;
use crate::ingest::text::cut;
use crate::ingest::{account, pass};
use crate::model::persons::Persons;
use crate::model::{Places, TakeColocations, TakeStays};
use crate::policy::Exposure;

/// The small tables.
#[derive(Debug)]
pub struct SmallTables {
    /// The illnesses of each person in `cases`: [`cases::latest`] says which one counts.
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
    rules: &StayLimits,
    told: (&dyn Progress, &str),
    start: impl Fn() -> T + Sync,
) -> Result<(Vec<T>, Account)> {
    stays_pass(folder, settings, rules, told, None, start)
}

/// A pass over `trajectories` for the stays of `wanted` persons. Nothing else is looked at, so it
/// keeps no account: [`read_stays`] does.
///
/// # Errors
/// When a file cannot be used.
pub fn read_stays_of<T: TakeStays + Send>(
    folder: &Folder,
    settings: &Settings,
    rules: &StayLimits,
    told: (&dyn Progress, &str),
    wanted: &Wanted<'_>,
    start: impl Fn() -> T + Sync,
) -> Result<Vec<T>> {
    Ok(stays_pass(folder, settings, rules, told, Some(wanted), start)?.0)
}

/// A pass over the files of `trajectories`, for the `wanted` persons or for all.
fn stays_pass<T: TakeStays + Send>(
    folder: &Folder,
    settings: &Settings,
    rules: &StayLimits,
    (progress, what): (&dyn Progress, &str),
    wanted: Option<&Wanted<'_>>,
    start: impl Fn() -> T + Sync,
) -> Result<(Vec<T>, Account)> {
    let (texts, columnar) = stay_files(folder);
    progress.begin(what, texts.iter().chain(&columnar).map(|file| file.bytes).sum());
    let detail = if wanted.is_some() { Find::Lines } else { Find::Cells };
    let read = || {
        let (mut takers, mut account) =
            read_columnar(&columnar, settings, rules, progress, wanted, &start)?;
        let start = || (Times::new(&settings.zone), start());
        let (of_texts, rest) = pass::read(
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
                    return cut::for_each(chunk, format, layout, scratch, &mut rows);
                };
                let person = layout.cells[0].expect("a column that must be there");
                cut::for_each_of(chunk, format, layout, scratch, (person, wanted), &mut rows);
                *book = account::Book::default();
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

/// Without the feature no file is read by columns.
#[cfg(not(feature = "parquet"))]
fn read_columnar<T>(
    _: &[InputFile],
    _: &Settings,
    _: &StayLimits,
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
    let (start, detail) = (|| (Times::new(&settings.zone), start()), Find::Cells);
    let read = pass::read(
        &files,
        settings,
        progress,
        detail,
        start,
        |state, reader, chunk, scratch, book| {
            let (times, taker) = state;
            let mut rows = colocations::ColocationRows::new(reader, times, as_of, book, taker);
            cut::for_each(chunk, reader.format(), reader.layout(), scratch, &mut rows);
        },
    );
    progress.end();
    let (states, account) = read?;
    Ok((states.into_iter().map(|(_, taker)| taker).collect(), account))
}
