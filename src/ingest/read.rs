//! The tables of a folder: the small ones as values, the bulk ones handed on.
//!
//! Cost: a pass over the files that are asked for, on all threads of the current pool.

use crate::base::error::Result;
use crate::base::sieve::Wanted;
use crate::base::time::Instant;
use crate::ingest::account::Account;
use crate::ingest::contract::Table;
use crate::ingest::folder::Folder;
use crate::ingest::identities::Identities;
use crate::ingest::pass;
use crate::ingest::resolve::Resolving;
use crate::ingest::rows::source::{Sought, TakeRows};
use crate::ingest::settings::{Progress, Settings};
use crate::ingest::tables::cases::Episode;
use crate::ingest::tables::colocations::ColocationRows;
use crate::ingest::tables::stay_rows::StayRows;
use crate::ingest::tables::stays::StayLimits;
use crate::ingest::tables::{
    announcements, arrivals, cases, identities, orders, persons, places, screenings,
};
use crate::model::persons::Persons;
use crate::model::registers::Registers;
use crate::model::{Places, TakeColocations, TakeStays};
use crate::policy::Policy;
use std::sync::Arc;

/// The small tables.
#[derive(Debug)]
pub struct SmallTables {
    /// The illnesses of each person in `cases`: [`cases::latest`] says which one counts.
    pub cases: Vec<Episode>,
    /// The places of the table, and those that other small tables name.
    pub places: Places,
    /// The persons.
    pub persons: Persons,
    /// What else there is.
    pub registers: Registers,
    /// Who stands behind which other number: to be set in the settings before bulk tables are
    /// read.
    pub identities: Arc<Identities>,
    /// What became of the rows.
    pub account: Account,
}

/// Reads all tables but `trajectories` and `colocations`.
///
/// # Errors
/// When a file cannot be used.
pub fn read_small(
    folder: &Folder,
    settings: &Settings,
    policy: &Policy,
    progress: &dyn Progress,
) -> Result<SmallTables> {
    let small = Table::ALL.into_iter().filter(|table| !table.is_bulk());
    let bytes = small.flat_map(|table| folder.of(table)).map(|file| file.bytes).sum();
    progress.begin("cases, places, persons", bytes);
    let (identities, mut account) = identities::read(folder, settings, progress)?;
    let identities = Arc::new(identities);
    let settings = &Settings { identities: Arc::clone(&identities), ..settings.clone() };
    let (cases, of_cases) = cases::read(folder, settings, &policy.exposure, progress)?;
    account.add(of_cases);
    // Places are read by one thread, in their order; persons by whichever threads are free.
    let (places, persons) = rayon::join(
        || places::read(folder, settings, policy, progress),
        || persons::read(folder, settings, progress),
    );
    let (mut places, of_places) = places?;
    let (gathered, of_persons) = persons?;
    account.add(of_places);
    account.add(of_persons);
    let persons = persons::join(gathered, &mut places, &mut account);
    let (registers, of_registers) = registers(folder, settings, &mut places, progress)?;
    account.add(of_registers);
    progress.end();
    Ok(SmallTables { cases, places, persons, registers, identities, account })
}

/// Reads the tables that need not be there.
fn registers(
    folder: &Folder,
    settings: &Settings,
    places: &mut Places,
    progress: &dyn Progress,
) -> Result<(Registers, Account)> {
    let (arrivals, mut account) = arrivals::read(folder, settings, progress)?;
    let (orders, of_orders) = orders::read(folder, settings, places, progress)?;
    let (screenings, of_screenings) = screenings::read(folder, settings, places, progress)?;
    let (announcements, of_announcements) = announcements::read(folder, settings, progress)?;
    for more in [of_orders, of_screenings, of_announcements] {
        account.add(more);
    }
    Ok((Registers { arrivals, orders, screenings, announcements }, account))
}

/// A pass over `trajectories` on all threads of the current pool. Every row is checked, unless
/// whoever takes the stays has [`Interest::persons`](crate::model::Interest::persons); then the
/// account is of no use.
///
/// `start` makes what takes a worker's stays; they come back in no order. `told` is who hears of
/// the progress, and what the pass is called.
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
    let (column, reading) = (table.column("person_id"), settings.reading(table));
    let (identities, persons) = (&*settings.identities, asked.persons());
    if identities.is_empty() {
        let sought = persons.map(|wanted| Sought::new(column, wanted));
        let start = || StayRows::new(reading, limits, start());
        let (takers, account) = whole(folder, table, settings, told, sought.as_ref(), start)?;
        return Ok((takers.into_iter().map(StayRows::taker).collect(), account));
    }
    let is = |id: &[u8]| persons.is_some_and(|of| identities.may_be(id, |person| of.is(person)));
    let with_aliases = |of: &Wanted<'_>| {
        let aliases = identities.aliases(|person| of.is(person)).map(<[u8]>::to_vec);
        of.ids().map(<[u8]>::to_vec).chain(aliases).collect::<Vec<_>>()
    };
    // No row holds a pseudonym: where there are any, every row is looked at.
    let persons = persons.filter(|_| !identities.gives_pseudonyms());
    let ids = persons.map(with_aliases);
    let wanted = ids.as_ref().map(|ids| Wanted::new(ids.iter().map(|id| &id[..]), &is));
    let sought = wanted.as_ref().map(|wanted| Sought::new(column, wanted));
    let start = || StayRows::new(reading, limits, Resolving::new(identities, start()));
    let (takers, mut account) = whole(folder, table, settings, told, sought.as_ref(), start)?;
    let takers = takers.into_iter().map(|rows| rows.taker().finish(&mut account)).collect();
    Ok((takers, account))
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
    let (table, told) = (Table::Colocations, (progress, "co-locations"));
    let (reading, identities) = (settings.reading(table), &*settings.identities);
    if identities.is_empty() {
        let start = || ColocationRows::new(reading, as_of, start());
        let (takers, account) = whole(folder, table, settings, told, None, start)?;
        return Ok((takers.into_iter().map(ColocationRows::taker).collect(), account));
    }
    let start = || ColocationRows::new(reading, as_of, Resolving::new(identities, start()));
    let (takers, mut account) = whole(folder, table, settings, told, None, start)?;
    let takers = takers.into_iter().map(|rows| rows.taker().finish(&mut account)).collect();
    Ok((takers, account))
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
