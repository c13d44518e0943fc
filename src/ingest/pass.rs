//! A bulk table over all threads: each worker takes chunks until there are no more.
//!
//! Which worker sees which chunk is left to chance; whatever a worker gathers must be merged by an
//! operation that does not mind.

use crate::base::error::{Error, Result};
use crate::ingest::account::{Account, Book, Tally};
use crate::ingest::folder::InputFile;
use crate::ingest::settings::{Progress, Settings};
use crate::ingest::text::blocks::FileReader;
use crate::ingest::text::cell_ends::Find;
use crate::ingest::text::chunk::Chunk;
use crate::ingest::text::cut::Scratch;
use std::sync::{Mutex, OnceLock, PoisonError};

/// Reads all chunks of `files` on all threads of the current pool. `start` makes a worker's state;
/// `each` takes a chunk. Returns the states, in no order, and the account.
///
/// # Errors
/// The first error in order of the files.
pub fn read<W: Send>(
    files: &[InputFile],
    settings: &Settings,
    progress: &dyn Progress,
    detail: Find,
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
                        book.broken_rows(&chunk.broken);
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
