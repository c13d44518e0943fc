//! A bulk table over all threads: each worker takes chunks until there are no more.
//!
//! Which worker sees which chunk is left to chance; whatever a worker gathers must be merged by an
//! operation that does not mind.

use super::chunks::{Chunk, FileReader};
use super::folder::InputFile;
use super::rejects::{Fate, Fault, FileAccount, Reason, Reject, Tally};
use super::rows::{BadRow, Scratch};
use super::structure::Detail;
use super::{Progress, Settings};
use crate::error::{Error, Result};
use crate::model::RowRef;
use std::sync::{Mutex, OnceLock, PoisonError};

/// What reading a table leaves besides its rows.
#[derive(Debug, Default)]
pub struct Account {
    /// The files, by number.
    pub files: Vec<FileAccount>,
    /// The rejected rows, in no order.
    pub rejects: Vec<Reject>,
}

impl Account {
    /// Takes a used row back because another with its id counts: as a repeat of that, or rejected.
    pub fn take_back(&mut self, row: RowRef, id: &[u8], repeats: bool, fault: Fault) {
        let of_file = self.files.iter_mut().find(|of_file| of_file.file == row.file());
        let tally = &mut of_file.expect("the file of the row").tally;
        if repeats {
            tally.repeated += 1;
        } else {
            tally.rejected += 1;
            tally.duplicates += 1;
            self.rejects.push(Reject::new(row.file(), row.line(), fault, id));
        }
    }

    /// Takes a used row back because it speaks of an earlier illness of the case.
    pub fn earlier_episode(&mut self, row: RowRef) {
        let of_file = self.files.iter_mut().find(|of_file| of_file.file == row.file());
        of_file.expect("the file of the row").tally.earlier_episode += 1;
    }

    /// Adds what another table left.
    pub fn add(&mut self, other: Account) {
        self.files.extend(other.files);
        self.rejects.extend(other.rejects);
    }
}

/// The book a worker keeps for one chunk's file.
#[derive(Debug, Default)]
pub struct Book {
    /// What became of the rows.
    pub tally: Tally,
    /// The rejected ones.
    pub rejects: Vec<Reject>,
}

impl Book {
    /// Enters the rows of a batch that are ordinary.
    pub fn ordinary(&mut self, ordinary: &[bool]) {
        self.tally.rows += ordinary.iter().map(|&is| u64::from(is)).sum::<u64>();
    }

    /// Enters a row that could not be cut into cells.
    pub fn bad_row(&mut self, file: u32, row: &BadRow) {
        self.tally.rows += 1;
        let fault = Fault { column: "", reason: Reason::BadRow };
        self.reject(file, row.line, fault, row.what.as_bytes());
    }

    /// Enters a bad cell of a row that counts without it.
    pub fn blank(&mut self, file: u32, line: u64, fault: Fault, value: &[u8]) {
        let reject = Reject::new(file, line, fault, value);
        self.rejects.push(Reject { fate: Fate::Used, ..reject });
    }

    /// Enters a rejected row that is counted as read already.
    pub fn reject(&mut self, file: u32, line: u64, fault: Fault, value: &[u8]) {
        self.tally.rejected += 1;
        self.rejects.push(Reject::new(file, line, fault, value));
    }

    /// Enters what cutting the chunk already cost.
    pub fn open_chunk(&mut self, chunk: &Chunk) {
        let broken = chunk.broken.len() as u64;
        self.tally.rows += broken;
        self.tally.rejected += broken;
        self.rejects.extend_from_slice(&chunk.broken);
    }
}

/// Reads all chunks of `files` on all threads of the current pool. `start` makes a worker's state;
/// `each` takes a chunk. Returns the states, in no order, and the account.
///
/// # Errors
/// The first error in order of the files.
pub fn read<W: Send>(
    files: &[InputFile],
    settings: &Settings,
    progress: &dyn Progress,
    detail: Detail,
    start: impl Fn() -> W + Sync,
    each: impl Fn(&mut W, &FileReader, &Chunk, &mut Scratch, &mut Book) + Sync,
) -> Result<(Vec<W>, Account)> {
    let readers: Vec<OnceLock<Result<FileReader>>> =
        files.iter().map(|_| OnceLock::new()).collect();
    let failures: Mutex<Vec<(usize, Error)>> = Mutex::default();
    let tallies: Mutex<Vec<Tally>> = Mutex::new(vec![Tally::default(); files.len()]);
    let fail = |number, error| {
        failures.lock().unwrap_or_else(PoisonError::into_inner).push((number, error));
    };
    let work = |worker: usize, workers: usize| {
        let (mut state, mut chunk, mut scratch) = (start(), Chunk::default(), Scratch::default());
        let mut book = Book::default();
        for step in 0..files.len() {
            // Workers begin at different files, so that several packed files unpack at once.
            let number = (worker * files.len() / workers + step) % files.len();
            let Ok(reader) =
                readers[number].get_or_init(|| FileReader::open(&files[number], settings))
            else {
                return (state, book.rejects);
            };
            loop {
                match reader.next(&mut chunk, detail) {
                    Ok(Some(bytes)) => {
                        book.open_chunk(&chunk);
                        each(&mut state, reader, &chunk, &mut scratch, &mut book);
                        progress.advance(bytes);
                    }
                    Ok(None) => break,
                    Err(error) => {
                        fail(number, error);
                        return (state, book.rejects);
                    }
                }
            }
            let tally = std::mem::take(&mut book.tally);
            tallies.lock().unwrap_or_else(PoisonError::into_inner)[number].add(&tally);
        }
        (state, book.rejects)
    };
    let workers = rayon::broadcast(|context| work(context.index(), context.num_threads()));
    let mut failures = failures.into_inner().unwrap_or_else(PoisonError::into_inner);
    let mut account = Account::default();
    let tallies = tallies.into_inner().unwrap_or_else(PoisonError::into_inner);
    for (number, (reader, tally)) in readers.into_iter().zip(tallies).enumerate() {
        match reader.into_inner() {
            Some(Ok(reader)) => account.files.push(reader.account(tally)),
            Some(Err(error)) => failures.push((number, error)),
            None => {}
        }
    }
    if let Some((_, error)) = failures.into_iter().min_by_key(|(number, _)| *number) {
        return Err(error);
    }
    let mut states = Vec::new();
    for (state, rejects) in workers {
        states.push(state);
        account.rejects.extend(rejects);
    }
    Ok((states, account))
}
