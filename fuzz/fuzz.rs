//! One target at a time, by name: `TRACE_FUZZ=times`.
#![no_main]

use std::sync::LazyLock;

mod targets;
mod worlds;

static TARGET: LazyLock<fn(&[u8])> = LazyLock::new(|| {
    let name = std::env::var("TRACE_FUZZ").expect("TRACE_FUZZ names a target");
    let targets = targets::ALL.iter().chain([&("worlds", worlds::worlds as fn(&[u8]))]);
    targets.into_iter().find(|(of, _)| *of == name).expect("a target").1
});

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| TARGET(bytes));
