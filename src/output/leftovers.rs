//! What must be taken away when the process is told to end: stages and spooled input hold people's
//! data.
//!
//! Whoever swaps an output in holds the list meanwhile, so that a signal waits for it. Cost: none
//! but the lock.

use super::private::remove_stage;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

static LIVE: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// The list, held.
pub(super) struct Held(MutexGuard<'static, Vec<PathBuf>>);

impl Held {
    /// Leaves one where it is, whatever happens.
    pub(super) fn forget(&mut self, path: &Path) {
        self.0.retain(|live| live != path);
    }
}

/// Holds the list: nothing is taken away meanwhile.
pub(super) fn hold() -> Held {
    Held(LIVE.lock().unwrap_or_else(PoisonError::into_inner))
}

/// Makes a file or folder that must not outlive the process, and enters it: no signal comes in
/// between.
///
/// # Errors
/// When it cannot be made.
pub fn make<T>(make: impl FnOnce() -> io::Result<(T, PathBuf)>) -> io::Result<T> {
    let mut held = hold();
    let (made, path) = make()?;
    held.0.push(path);
    Ok(made)
}

/// Takes a file or folder off the list: somebody has taken it away, or it may stay.
pub fn forget(path: &Path) {
    hold().forget(path);
}

/// Takes away all that is on the list, once nobody holds it. For the end of the process.
pub fn take_away() {
    let held = hold();
    remove(&held.0);
    // The process ends: nobody begins anything new.
    std::mem::forget(held);
}

/// As [`take_away`], but for when waiting could be for ever; whether it was done.
pub fn try_take_away() -> bool {
    LIVE.try_lock().is_ok_and(|live| {
        remove(&live);
        true
    })
}

fn remove(live: &[PathBuf]) {
    for path in live {
        // Other threads may still be writing into it.
        for _ in 0..100 {
            let _ = if path.is_dir() { remove_stage(path) } else { fs::remove_file(path) };
            if !path.exists() {
                break;
            }
        }
    }
}
