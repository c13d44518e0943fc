//! Progress bars on stderr: bytes done, rate, time left. On a terminal only.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::sync::{Mutex, PoisonError};
use trace::ingest::Progress;
use trace::report::Lang;

/// One bar after the other.
pub struct Bars {
    quiet: bool,
    lang: Lang,
    bar: Mutex<ProgressBar>,
}

impl Bars {
    /// Bars, or nothing when `quiet` or when stderr is no terminal.
    pub fn new(quiet: bool, lang: Lang) -> Bars {
        Bars { quiet, lang, bar: Mutex::new(ProgressBar::hidden()) }
    }

    fn with(&self, act: impl FnOnce(&mut ProgressBar)) {
        act(&mut self.bar.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

impl Progress for Bars {
    fn begin(&self, what: &str, bytes: u64) {
        if self.quiet {
            return;
        }
        let style =
            "{msg:24} {wide_bar} {bytes:>11} of {total_bytes:11} {bytes_per_sec:12} {eta:>4} left";
        let style = ProgressStyle::with_template(style).expect("a valid template");
        let what = self.lang.say(what).to_owned();
        // indicatif hides a bar by itself where stderr is no terminal.
        let bar =
            ProgressBar::with_draw_target(Some(bytes), ProgressDrawTarget::stderr_with_hz(10));
        self.with(|shown| *shown = bar.with_style(style).with_message(what));
    }

    fn advance(&self, bytes: u64) {
        self.with(|bar| bar.inc(bytes));
    }

    fn end(&self) {
        self.with(|bar| bar.finish_and_clear());
    }
}
