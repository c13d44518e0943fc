//! The command line: parses, calls the library, prints, and exits.
//!
//! Nothing is decided here that the library does not decide. Data goes to stdout or files; messages
//! and progress go to stderr.

mod cli;

use clap::Parser;
use cli::commands;
use cli::flags::Cli;
use std::process::ExitCode;

fn main() -> ExitCode {
    let args = Cli::parse();
    let lang = commands::lang(&args.command);
    match commands::run(args.command, lang) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // A reader that has seen enough (`| head`) is no failure.
            if commands::is_broken_pipe(&error) {
                return ExitCode::SUCCESS;
            }
            eprintln!("{}", commands::say(&error, lang));
            ExitCode::from(error.exit_code())
        }
    }
}
