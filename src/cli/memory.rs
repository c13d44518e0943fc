//! The system's allocator, whose failure ends the process with a sentence.
//!
//! Without it Rust aborts when there is no memory: a core dump would hold people's data, and stages
//! would stay behind. Cost: a comparison per allocation.

#![allow(unsafe_code)]

use super::guard;
use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// The system's allocator.
pub struct OrEnd;

/// Memory to end with.
static RESERVE: Mutex<Option<Vec<u8>>> = Mutex::new(None);

/// Whether the end has begun.
static ENDING: AtomicBool = AtomicBool::new(false);

/// Puts some memory by.
pub fn reserve() {
    if let Ok(mut reserve) = RESERVE.lock() {
        *reserve = Some(vec![1; 1 << 20]);
    }
}

// SAFETY: every call goes to the system's allocator as it came, and its answer comes back, unless
// it is null: then nothing comes back at all.
unsafe impl GlobalAlloc for OrEnd {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promises are the ones asked for.
        got(unsafe { System.alloc(layout) })
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as above.
        got(unsafe { System.alloc_zeroed(layout) })
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: as above.
        got(unsafe { System.realloc(memory, layout, size) })
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { System.dealloc(memory, layout) }
    }
}

#[inline(always)]
fn got(memory: *mut u8) -> *mut u8 {
    if memory.is_null() {
        end();
    }
    memory
}

#[cold]
fn end() {
    if !ENDING.swap(true, Ordering::SeqCst) {
        if let Ok(mut reserve) = RESERVE.try_lock() {
            *reserve = None;
        }
        guard::no_memory();
    }
    // Another thread ends the process; or this one needs memory to end, and gets none: a minute
    // later it is over all the same.
    std::thread::sleep(Duration::from_secs(60));
    std::process::abort();
}
