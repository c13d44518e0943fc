//! A pass over a table: on all threads, each worker takes rows until there are no more; or in
//! order.
//!
//! Which worker gets which rows is left to chance; whatever the workers gather must be merged by an
//! operation that does not mind.

use crate::base::error::{Error, Result};
use crate::ingest::account::{Account, Tally};
use crate::ingest::books::Book;
use crate::ingest::contract::Table;
use crate::ingest::folder::Folder;
use crate::ingest::input::InputFile;
use crate::ingest::open;
use crate::ingest::rejects::Rejects;
use crate::ingest::rows::source::{Sought, Source, TakeRows};
use crate::ingest::settings::{Progress, Settings};
use std::sync::{Mutex, OnceLock, PoisonError};

/// Reads all rows of a table on all threads of the current pool, or those that are sought; `start`
/// makes what takes those of a worker. Returns the takers, in no order, and the account, which is
/// of no use where only some rows were sought.
///
/// # Errors
/// The first error in order of the files.
pub fn read<T: TakeRows + Send>(
    folder: &Folder,
    table: Table,
    (settings, progress): (&Settings, &dyn Progress),
    sought: Option<&Sought<'_>>,
    start: impl Fn() -> T + Sync,
) -> Result<(Vec<T>, Account)> {
    let files: Vec<&InputFile> = folder.of(table).collect();
    let pass = Pass {
        sources: files.iter().map(|_| OnceLock::new()).collect(),
        files,
        tallies: Mutex::default(),
        failures: Mutex::default(),
        settings,
        progress,
        sought,
    };
    let workers = rayon::broadcast(|context| {
        let mut taker = start();
        let rejects = pass.work(context.index(), context.num_threads(), &mut taker);
        (taker, rejects)
    });
    let (mut takers, mut rejects) = (Vec::new(), Rejects::default());
    for (taker, of_worker) in workers {
        takers.push(taker);
        rejects.append(of_worker);
    }
    Ok((takers, pass.account(rejects)?))
}

/// Reads all rows of a table in their order, on one thread.
///
/// # Errors
/// The first error.
pub fn read_in_order(
    folder: &Folder,
    table: Table,
    (settings, progress): (&Settings, &dyn Progress),
    taker: &mut dyn TakeRows,
) -> Result<Account> {
    let mut account = Account::default();
    for file in folder.of(table) {
        let source = open::open(file, settings)?;
        let tally = read_file(&*source, file, None, (settings, progress), taker);
        file.unchanged()?;
        let tally = tally?;
        account.files.push(source.account(tally));
        account.rejects.append(std::mem::take(&mut taker.book().rejects));
    }
    Ok(account)
}

/// Takes what no other worker takes of a file.
fn read_file(
    source: &dyn Source,
    file: &InputFile,
    sought: Option<&Sought<'_>>,
    (settings, progress): (&Settings, &dyn Progress),
    taker: &mut dyn TakeRows,
) -> Result<Tally> {
    taker.begin(file.number, source.layout());
    taker.book().rejects.keep(settings.max_reject_rows);
    if settings.pseudonyms.is_some() {
        taker.book().rejects.hide_values();
    }
    let mut rows = source.rows(sought)?;
    while let Some(bytes) = rows.next(taker)? {
        progress.advance(bytes);
    }
    let Book { tally, rejects, .. } = taker.book();
    if sought.is_some() {
        rejects.clear();
    }
    Ok(std::mem::take(tally))
}

/// What the workers of a pass share.
struct Pass<'p, 's> {
    files: Vec<&'p InputFile>,
    sources: Vec<OnceLock<Result<Box<dyn Source>>>>,
    tallies: Mutex<Vec<(usize, Tally)>>,
    failures: Mutex<Vec<(usize, Error)>>,
    settings: &'p Settings,
    progress: &'p dyn Progress,
    sought: Option<&'p Sought<'s>>,
}

impl Pass<'_, '_> {
    /// Takes what no other worker takes, of all files until one fails. Returns the rejects.
    fn work(&self, worker: usize, workers: usize, taker: &mut dyn TakeRows) -> Rejects {
        for step in 0..self.files.len() {
            // Workers begin at different files, so that several packed files unpack at once.
            let number = (worker * self.files.len() / workers + step) % self.files.len();
            let file = self.files[number];
            let source = self.sources[number].get_or_init(|| open::open(file, self.settings));
            let Ok(source) = source else { break };
            match read_file(&**source, file, self.sought, (self.settings, self.progress), taker) {
                Ok(tally) => locked(&self.tallies).push((number, tally)),
                Err(error) => {
                    locked(&self.failures).push((number, error));
                    break;
                }
            }
        }
        std::mem::take(&mut taker.book().rejects)
    }

    fn account(self, rejects: Rejects) -> Result<Account> {
        let mut failures = self.failures.into_inner().unwrap_or_else(PoisonError::into_inner);
        let mut account = Account { files: Vec::new(), rejects };
        let mut sums = vec![Tally::default(); self.files.len()];
        // A file may seem wrong only because somebody is writing to it: that is said first.
        self.files.iter().try_for_each(|file| file.unchanged())?;
        for (number, tally) in self.tallies.into_inner().unwrap_or_else(PoisonError::into_inner) {
            sums[number].add(&tally);
        }
        for (number, (source, tally)) in self.sources.into_iter().zip(sums).enumerate() {
            match source.into_inner() {
                Some(Ok(source)) => account.files.push(source.account(tally)),
                Some(Err(error)) => failures.push((number, error)),
                None => {}
            }
        }
        match failures.into_iter().min_by_key(|(number, _)| *number) {
            Some((_, error)) => Err(error),
            None => Ok(account),
        }
    }
}

fn locked<T>(shared: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}
