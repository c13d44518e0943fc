//! `trace check`: a readable account of an export folder.

use super::{load_policy, messages, on_threads, open_folder, print, settings};
use crate::cli::flags::CheckArgs;
use crate::cli::progress::Bars;
use std::fmt::Write;
use trace::base::error::Result;
use trace::ingest::{Account, FileAccount, Folder, Packing, Table};
use trace::pipeline;
use trace::report::Lang;

/// Rejected rows shown for each file.
const SHOWN_REJECTS: usize = 5;

pub fn check(args: CheckArgs, lang: Lang) -> Result<()> {
    let policy = load_policy(trace::policy::DEFAULT)?;
    let settings = settings(&args.input, &policy)?;
    let (folder, _stream) = open_folder(&args.input, &settings)?;
    let bars = Bars::new(args.input.quiet, lang);
    let account = on_threads(args.input.threads, || pipeline::inspect(&folder, &settings, &bars))??;
    if !args.input.quiet {
        print(&messages::lines(&show(&folder, &account), lang))?;
    }
    account.check(&folder, settings.max_rejects)
}

fn show(folder: &Folder, account: &Account) -> String {
    let mut text = String::new();
    for file in &account.files {
        show_file(&mut text, folder, account, file);
    }
    for table in Table::ALL {
        if folder.of(table).next().is_none() {
            let _ = writeln!(text, "{}: no such table\n", table.name());
        }
    }
    for name in &folder.hidden {
        let _ = writeln!(text, "{name}: not read, the sheet is hidden");
    }
    for name in &folder.ignored {
        let _ = writeln!(text, "{name}: not read, its name is no table's");
    }
    text
}

fn show_file(text: &mut String, folder: &Folder, account: &Account, file: &FileAccount) {
    let input = &folder.files[file.file as usize];
    let separator = match file.format.separator {
        b'\t' => "tab".to_owned(),
        other => format!("`{}`", char::from(other)),
    };
    let _ = writeln!(text, "{} ({}, {} bytes)", input.name, file.table.name(), input.bytes);
    if !matches!(input.packing, Packing::Workbook | Packing::Parquet) {
        let _ = writeln!(text, "  {}, separator {separator}", file.encoding.name());
    }
    for (name, column) in &file.layout.matched {
        let _ = writeln!(text, "  {column:16} <- {name}");
    }
    if !file.layout.unknown.is_empty() {
        let _ = writeln!(text, "  ignored columns: {}", file.layout.unknown.join(", "));
    }
    for note in &file.layout.notes {
        let _ = writeln!(text, "  {note}");
    }
    let tally = &file.tally;
    let _ = writeln!(
        text,
        "  {} rows read = {} used + {} duplicate + {} rejected + {} inaccurate + {} of an earlier episode",
        tally.rows,
        tally.used(),
        tally.repeated,
        tally.rejected,
        tally.inaccurate,
        tally.earlier_episode
    );
    let no_rows = tally.blank + tally.headers + tally.totals;
    if no_rows > 0 {
        let _ = writeln!(
            text,
            "  {no_rows} are no rows: {} without any value, {} the header again, {} totals",
            tally.blank, tally.headers, tally.totals
        );
    }
    let rejects = account.rejects.iter().filter(|reject| reject.file == file.file);
    for reject in rejects.clone().take(SHOWN_REJECTS) {
        let _ = writeln!(
            text,
            "  line {}: {} `{}` is {}: {}",
            reject.line,
            reject.column,
            reject.value,
            reject.reason.code(),
            reject.reason.hint()
        );
    }
    let more = rejects.count().saturating_sub(SHOWN_REJECTS);
    if more > 0 {
        let _ = writeln!(text, "  … and {more} more; `trace run` lists all of them in rejects.csv");
    }
    text.push('\n');
}
