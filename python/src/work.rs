//! Work on threads of its own, while Python goes on.
//!
//! The calling thread waits, and asks Python some times a second whether somebody pressed Ctrl-C.
//! Then the work is unwound at the next block of rows: what it has written so far goes away with
//! it.

use crate::error::{TraceError, raised};
use pyo3::prelude::*;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;
use trace::base::error::Result;
use trace::ingest::Progress;

/// How often Python is asked.
const ASK_AFTER: Duration = Duration::from_millis(50);

/// Why work was unwound: nobody waits for it any more.
struct Stopped;

/// Stops the work when it is asked to.
#[derive(Debug, Clone, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Unwinds if the work is to stop.
    pub fn look(&self) {
        if self.0.load(Ordering::Relaxed) {
            resume_unwind(Box::new(Stopped));
        }
    }
}

impl Progress for Stop {
    fn begin(&self, _: &str, _: u64) {
        self.look();
    }

    fn advance(&self, _: u64) {
        self.look();
    }

    fn end(&self) {
        self.look();
    }
}

/// Does some work on a pool of `threads` threads (0: all cores), without Python's lock.
///
/// # Errors
/// What the work fails with; `KeyboardInterrupt`; for a panic, which is a fault of ours,
/// `TraceError`.
pub fn work<T: Send>(
    py: Python<'_>,
    threads: usize,
    job: impl FnOnce(&Stop) -> Result<T> + Send,
) -> PyResult<T> {
    let stop = Stop::default();
    let own = stop.clone();
    let (done, wait) = channel();
    let (result, asked) = py.detach(move || {
        std::thread::scope(|scope| {
            scope.spawn(move || {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
                let result =
                    pool.map(|pool| catch_unwind(AssertUnwindSafe(|| pool.install(|| job(&own)))));
                // Whoever waited may have gone.
                let _ = done.send(result);
            });
            let mut asked: PyResult<()> = Ok(());
            loop {
                match wait.recv_timeout(ASK_AFTER) {
                    Ok(result) => return (Some(result), asked),
                    Err(RecvTimeoutError::Disconnected) => return (None, asked),
                    Err(RecvTimeoutError::Timeout) if asked.is_ok() => {
                        asked = Python::attach(|py| py.check_signals());
                        stop.0.store(asked.is_err(), Ordering::Relaxed);
                    }
                    Err(RecvTimeoutError::Timeout) => {}
                }
            }
        })
    });
    asked?;
    match result {
        Some(Ok(Ok(result))) => result.map_err(|error| raised(py, &error)),
        Some(Ok(Err(panic))) => Err(fault(&*panic)),
        Some(Err(error)) => Err(TraceError::new_err(format!("cannot start threads: {error}"))),
        None => Err(TraceError::new_err("the work ended without a word")),
    }
}

/// A panic, which is a fault of ours.
fn fault(panic: &(dyn std::any::Any + Send)) -> PyErr {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("a panic");
    TraceError::new_err(format!("a fault of trace itself: {text}\nhint: please report this"))
}
