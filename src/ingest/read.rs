//! The tables of a folder: the small ones as values, the bulk ones handed on.
//!
//! Cost: a pass over the files that are asked for, on all threads of the current pool.

use crate::base::error::Result;
use crate::base::time::Instant;
use crate::ingest::account::Account;
use crate::ingest::contract::Table;
use crate::ingest::folder::Folder;
use crate::ingest::pass;
use crate::ingest::rows::source::{Sought, TakeRows};
use crate::ingest::settings::{Progress, Settings};
use crate::ingest::tables::cases::Episode;
use crate::ingest::tables::colocations::ColocationRows;
use crate::ingest::tables::stay_rows::StayRows;
use crate::ingest::tables::stays::StayLimits;
use crate::ingest::tables::{cases, persons, places};
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

/// A pass over `trajectories` on all threads of the current pool. Every row is checked, unless
/// whoever takes the stays has [`Interest::persons`](crate::model::Interest::persons); then the
/// account is of no use.
///
/// `start` makes what takes a worker's stays; they come back in no order. `told` is who hears of
/// it, and what they hear.
///
/// # Errors
/// When a file cannot be used.
pub fn read_stays<T: TakeStays + Send>(
    folder: &Folder,
    settings: &Settings,
    limits: &StayLimits,
    told: (&dyn Progress, &str),
    start: impl Fn() -> T + Sync,
) -> Result<(Vec<T>, Account)> {
    let (table, asked) = (Table::Trajectories, start());
    let column = table.column("person_id");
    let sought = asked.persons().map(|wanted| Sought::new(column, wanted));
    let start = || StayRows::new(settings.reading(table), limits, start());
    let (takers, account) = whole(folder, table, settings, told, sought.as_ref(), start)?;
    Ok((takers.into_iter().map(StayRows::taker).collect(), account))
}

/// A pass over `colocations`, as [`read_stays`]; persons are not asked for.
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
    let start = || ColocationRows::new(settings.reading(Table::Colocations), as_of, start());
    let told = (progress, "co-locations");
    let (takers, account) = whole(folder, Table::Colocations, settings, told, None, start)?;
    Ok((takers.into_iter().map(ColocationRows::taker).collect(), account))
}

/// A pass that somebody is told of.
fn whole<T: TakeRows + Send>(
    folder: &Folder,
    table: Table,
    settings: &Settings,
    (progress, what): (&dyn Progress, &str),
    sought: Option<&Sought<'_>>,
    start: impl Fn() -> T + Sync,
) -> Result<(Vec<T>, Account)> {
    progress.begin(what, folder.of(table).map(|file| file.bytes).sum());
    let read = pass::read(folder, table, (settings, progress), sought, start);
    progress.end();
    read
}
