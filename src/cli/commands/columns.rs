//! `trace columns`: what the columns of an export are taken for, as a file to read, mend and give
//! back.

use super::{load_policy, open_folder, print, settings};
use crate::cli::flags::ColumnsArgs;
use std::fmt::Write;
use trace::base::error::Result;
use trace::ingest::{Explored, explore};
use trace::output::write_private;

pub fn columns(args: &ColumnsArgs) -> Result<()> {
    let settings = settings(&args.input, &load_policy(trace::policy::DEFAULT)?)?;
    let (folder, _stream) = open_folder(&args.input, &settings)?;
    let text = shown(&explore(&folder, &settings)?);
    match &args.output {
        Some(path) => write_private(path, |out| out.write_all(text.as_bytes())),
        None => print(&text),
    }
}

/// A name as TOML has it.
fn quoted(name: &str) -> String {
    toml::Value::from(name).to_string()
}

fn shown(tables: &[Explored]) -> String {
    let mut text =
        "# What the columns are taken for, and guesses for the rest: read it, mend it, and \
         give it back with --columns.\n"
            .to_owned();
    for Explored { table, understood, guesses, missing, others } in tables {
        let _ = writeln!(text, "\n[{}]", table.name());
        for (own, column) in understood {
            let _ = writeln!(text, "{column} = [{}]", quoted(own));
        }
        for (column, own, required) in guesses {
            let must = if *required { "it must be there" } else { "take the # away if it is so" };
            let mark = if *required { "" } else { "# " };
            let _ = writeln!(text, "{mark}{column} = [{}]  # a guess: {must}", quoted(own));
        }
        for column in missing {
            let _ = writeln!(text, "# {column} = [\"…\"]  # must be there, and no name is like it");
        }
        for own in others {
            let _ = writeln!(text, "# nothing is made of {}", quoted(own));
        }
    }
    text
}
