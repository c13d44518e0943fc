//! The command line: parses, calls the library, prints, and exits.
//!
//! Nothing is decided here that the library does not decide. Data goes to stdout or files; messages
//! and progress go to stderr.

mod cli;

use clap::{CommandFactory, FromArgMatches};
use cli::flags::Cli;
use cli::{commands, config};
use cli::{guard, memory, spoken};
use std::io::Write;
use std::process::ExitCode;

#[global_allocator]
static MEMORY: memory::OrEnd = memory::OrEnd;

fn main() -> ExitCode {
    let matches = match config::arguments(std::env::args_os().collect()) {
        Ok(words) => {
            let lang = commands::lang_typed(&words);
            match spoken::spoken(Cli::command(), lang).try_get_matches_from(words) {
                Ok(matches) => matches,
                Err(error) => return spoken::tell(&error, lang),
            }
        }
        Err(error) => {
            guard::tell(&commands::say(&error, commands::lang_of_locale(), false));
            return ExitCode::from(error.exit_code());
        }
    };
    let args = match Cli::from_arg_matches(&matches) {
        Ok(args) => args,
        Err(error) => error.exit(),
    };
    if commands::shows_config(&args.command) {
        let _ = std::io::stdout().write_all(config::shown(&matches).as_bytes());
        return ExitCode::SUCCESS;
    }
    let lang = commands::lang(&args.command);
    let show_values = commands::shows_values(&args.command);
    config::tell(&matches, lang);
    memory::reserve();
    guard::install(lang);
    // Whoever unwinds takes away what is unfinished.
    let done = std::panic::catch_unwind(|| commands::run(args.command, lang));
    match done {
        Ok(Ok(())) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
        Ok(Err(error)) => {
            // A reader that has seen enough (`| head`) is no failure.
            if commands::is_broken_pipe(&error) {
                return ExitCode::SUCCESS;
            }
            let text = commands::say(&error, lang, show_values);
            guard::tell(&if commands::has_colours() { commands::painted(&text) } else { text });
            ExitCode::from(error.exit_code())
        }
    }
}
