//! The command line: parses, calls the library, prints, and exits.
//!
//! Nothing is decided here that the library does not decide. Data goes to stdout or files; messages
//! and progress go to stderr.

mod cli;

use clap::Parser;
use cli::commands;
use cli::flags::Cli;
use cli::{guard, memory};
use std::process::ExitCode;

#[global_allocator]
static MEMORY: memory::OrEnd = memory::OrEnd;

fn main() -> ExitCode {
    let args = Cli::parse();
    let lang = commands::lang(&args.command);
    let show_values = commands::shows_values(&args.command);
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
            guard::tell(&commands::say(&error, lang, show_values));
            ExitCode::from(error.exit_code())
        }
    }
}
