//! The end of the process before its time: a signal, an error of the program itself, no memory.
//!
//! Whatever it is, people's data does not stay behind: what is unfinished is taken away, and no
//! core dump is written. Cost: none until then.

use std::io::Write;
use std::process::exit;
use trace::output::leftovers;
use trace::report::{self, Lang};

/// What is said of an error of the program itself: where, and no value.
const OWN_ERROR: &str = "error: trace stopped at an error of its own ({}); nothing was replaced";
const REPORT_IT: &str = "hint: please report the place in brackets, and what the input was like";
const INTERRUPTED: &str = "interrupted: the previous output is as it was";

/// Watches over the process from now on.
pub fn install(lang: Lang) {
    no_core_dumps();
    panics(lang);
    signals(lang);
}

/// Writes a line to stderr, if it can be written.
pub fn tell(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

#[cfg(unix)]
fn no_core_dumps() {
    use rustix::process::{Resource, Rlimit, setrlimit};
    let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
}

#[cfg(not(unix))]
fn no_core_dumps() {}

fn panics(lang: Lang) {
    std::panic::set_hook(Box::new(move |panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        // What is caught is told as what it is: a disk that is full.
        let of_library = place.contains("rust_xlsxwriter")
            || report::is_caught() && place.contains("/library/std/");
        if !of_library {
            tell(&lang.fill(OWN_ERROR, &[&place]));
            tell(&format!("\n{}", lang.say(REPORT_IT)));
        }
    }));
}

/// Has the process end at a signal, unless it was told to take no notice of it (`nohup`).
#[cfg(unix)]
fn signals(lang: Lang) {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::iterator::Signals;
    let ignored = ignored();
    let watched = [SIGHUP, SIGINT, SIGTERM].into_iter();
    let watched = watched.filter(|signal| ignored & (1 << (signal - 1)) == 0);
    let Ok(mut signals) = Signals::new(watched) else { return };
    // Without memory for a thread signals end the process as ever.
    let _ = std::thread::Builder::new().spawn(move || {
        if let Some(signal) = signals.forever().next() {
            leftovers::take_away();
            tell(&format!("\n{}", lang.say(INTERRUPTED)));
            exit(128 + signal);
        }
    });
}

#[cfg(not(unix))]
fn signals(_: Lang) {}

/// The signals that were to be ignored when the process began, a bit each.
#[cfg(unix)]
fn ignored() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0)
}

/// Ends the process where there is no memory left to go on with.
pub fn no_memory() -> ! {
    leftovers::try_take_away();
    tell("error: there is not enough memory; nothing was replaced\n");
    tell("hint: use a larger machine, or fewer --threads, or leave formats out");
    exit(1)
}
