//! `trace check`: a readable account of an export folder.

use super::{load_policy, messages, on_threads, open_folder, print, settings, show};
use crate::cli::flags::CheckArgs;
use crate::cli::progress::Bars;
use std::fmt::Write;
use trace::base::error::Result;
use trace::ingest::{Account, FileAccount, Folder, Packing, Table};
use trace::output::{self, write_private};
use trace::pipeline::checks::{self, Check, Weight};
use trace::pipeline::{self, Inspection, Request};
use trace::report::Lang;

/// Rejected rows shown for each file.
const SHOWN_REJECTS: usize = 5;

pub fn check(args: CheckArgs, lang: Lang) -> Result<()> {
    let policy = load_policy(trace::policy::DEFAULT)?;
    let settings = settings(&args.input, &policy)?;
    let (folder, _stream) = open_folder(&args.input, &settings)?;
    let bars = Bars::new(args.input.quiet, lang);
    let max_rejects = settings.max_rejects;
    let request = Request::new(policy, settings);
    let work = || pipeline::inspect(&folder, &request, &bars);
    let mut found = on_threads(args.input.threads, work)??;
    let usable = found.usable(&folder, max_rejects);
    let Inspection { account, checks } = found;
    if let Some(path) = &args.csv {
        let mut sorted = checks.clone();
        sorted.sort_unstable();
        write_private(path, |out| output::checks::write(&sorted, out))?;
    }
    let text = if args.json {
        format!("{:#}\n", output::checks::json(&folder, &account, &checks))
    } else if args.input.quiet {
        String::new()
    } else {
        messages::lines(&shown(&folder, &account), lang) + &findings(&checks, lang)
    };
    let printed = print(&text);
    // What cannot be used is so, whoever has seen enough (`| head`).
    usable.and(printed)
}

/// What to look at, the heaviest first, and the verdict.
fn findings(checks: &[Check], lang: Lang) -> String {
    let mut text = String::new();
    // One line a kind: thirty like each other hide what else there is.
    for (check, more) in checks::kinds(checks) {
        let line = show::check(check, lang);
        let _ = match more {
            0 => writeln!(text, "{line}"),
            more => writeln!(text, "{line} {}", lang.fill("and {} more", &[&more])),
        };
    }
    let more = checks.iter().filter(|check| check.weight == Weight::Know).count();
    if more > 0 {
        let _ = writeln!(
            text,
            "{}",
            lang.fill("{} things more are good to know: --csv FILE lists all", &[&more])
        );
    }
    let verdict = lang.say(checks::verdict(checks));
    let _ = writeln!(text, "{}", lang.fill("verdict: {}", &[&verdict]));
    text
}

fn shown(folder: &Folder, account: &Account) -> String {
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
    let no_rows = tally.blank + tally.headers + tally.totals + tally.nobody + tally.no_case;
    let _ = writeln!(
        text,
        "  {} rows read = {} used + {} repeated + {} rejected + {} inaccurate + {} of an earlier episode + \
         {no_rows} others",
        tally.rows,
        tally.used(),
        tally.repeated,
        tally.rejected,
        tally.inaccurate,
        tally.earlier_episode
    );
    if no_rows > 0 {
        let _ = writeln!(
            text,
            "  of the others {} without any value, {} the header again, {} rows of totals, {} stand for \
             nobody, {} are no cases by the list itself",
            tally.blank, tally.headers, tally.totals, tally.nobody, tally.no_case
        );
    }
    let rejects = account.rejects.iter().filter(|reject| reject.file == file.file);
    for reject in rejects.take(SHOWN_REJECTS) {
        let _ = writeln!(
            text,
            "  line {}: {} `{}` is {}: {}",
            reject.line,
            reject.column,
            reject.value,
            reject.reason.code(),
            reject.reason.hint(reject.column)
        );
    }
    let kinds = account.rejects.kinds();
    let of_file = kinds.iter().filter(|(first, _)| first.file == file.file);
    let all: u64 = of_file.map(|(_, count)| count).sum();
    let more = all.saturating_sub(SHOWN_REJECTS as u64);
    if more > 0 {
        let _ = writeln!(text, "  … and {more} more; `trace run` lists all of them in rejects.csv");
    }
    text.push('\n');
}
