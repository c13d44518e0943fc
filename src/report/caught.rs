//! The workbook library stops the thread where a file of its own cannot be written. That is an
//! error like any other: the disk is full.

use std::cell::Cell;
use std::io::{Error, ErrorKind, Result};
use std::panic::{AssertUnwindSafe, catch_unwind};

thread_local! {
    static CAUGHT: Cell<bool> = const { Cell::new(false) };
}

/// Whether a panic of this thread is an error that is told otherwise.
pub fn is_caught() -> bool {
    CAUGHT.get()
}

/// What `write` gives, or the error of a full disk where it panics: what it was writing is thrown
/// away then.
pub fn caught<T>(write: impl FnOnce() -> Result<T>) -> Result<T> {
    let before = CAUGHT.replace(true);
    let done = catch_unwind(AssertUnwindSafe(write));
    CAUGHT.set(before);
    let full = || Error::new(ErrorKind::StorageFull, "a workbook could not be put together");
    done.unwrap_or_else(|_| Err(full()))
}
