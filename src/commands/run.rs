//! `trace run`.

use super::{load_policy, on_threads, print, settings};
use crate::cli::{self, RunArgs};
use crate::progress::Bars;
use serde_json::Value;
use trace::analysis::{self, Outcome, Request};
use trace::error::{Error, Result};
use trace::ingest::Folder;
use trace::ingest::cells::{Bare, Clock};
use trace::output::{self, Extra, Lang, OutputFolder};

pub fn run(args: RunArgs) -> Result<()> {
    let policy = load_policy(&args.policy)?;
    let settings = settings(&args.input, &policy)?;
    let as_of = match args.as_of.as_deref() {
        None => None,
        Some(text) => {
            let at = Clock::new(&settings.zone).read(text.trim().as_bytes(), Bare::Start);
            Some(at.ok_or_else(|| {
                Error::usage(format!("--as-of `{text}` is no time"))
                    .hint("write it as '2022-11-09 18:00'; a date alone is its 00:00")
            })?)
        }
    };
    let extras = extras(&args.formats, args.lang)?;
    let expand = args.because.filter(|_| args.expand.is_some());
    let folder = Folder::open(&args.input.input)?;
    let output = OutputFolder::claim(&args.output, &args.input.input, args.force)?;
    // Whether it can be written is better known before the work than after it.
    drop(output.stage()?);
    let request = Request { policy, settings, as_of, expand };
    let bars = Bars::new(args.input.quiet);
    let work = || match analysis::analyse(folder, request, &bars)? {
        Outcome::Done(analysis) => {
            let summary = output::write(&analysis, &extras, &output);
            // The process ends here: millions of small pieces need not be given back one by one.
            std::mem::forget(analysis);
            summary
        }
        Outcome::TooManyRejects(error, folder, account) => {
            output::write_rejects(&folder, &account, &output)?;
            Err(error)
        }
    };
    let summary = on_threads(args.input.threads, work)??;
    if args.json {
        let text = serde_json::to_string_pretty(&summary).unwrap_or_default();
        return print(&format!("{text}\n"));
    }
    if args.input.quiet {
        return Ok(());
    }
    print(&short(&summary, &output.path().display().to_string()))
}

/// What is written beside the tables.
fn extras(formats: &[cli::Extra], lang: Option<cli::Lang>) -> Result<Vec<Extra>> {
    if formats.contains(&cli::Extra::None) && formats.len() > 1 {
        return Err(Error::usage("--formats: `none` stands alone"));
    }
    let of_locale = || {
        let locale = ["LC_ALL", "LC_MESSAGES", "LANG"]
            .into_iter()
            .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
        if locale.is_some_and(|locale| locale.starts_with("zh")) { Lang::Zh } else { Lang::En }
    };
    let lang = match lang {
        Some(cli::Lang::En) => Lang::En,
        Some(cli::Lang::Zh) => Lang::Zh,
        None => of_locale(),
    };
    let mut extras: Vec<Extra> = Vec::new();
    for format in formats {
        let extra = match format {
            cli::Extra::Html => Extra::Html(lang),
            cli::Extra::Xlsx => Extra::Xlsx(lang),
            cli::Extra::Geojson => Extra::Geojson,
            cli::Extra::Graphml => Extra::Graphml,
            cli::Extra::None => continue,
        };
        if !extras.contains(&extra) {
            extras.push(extra);
        }
    }
    Ok(extras)
}

/// The summary for a tired person.
fn short(summary: &Value, output: &str) -> String {
    let counts = &summary["counts"];
    let number = |value: &Value| value.as_u64().unwrap_or(0);
    let mut lines = vec![
        format!(
            "as of {} · policy {}",
            summary["as_of"].as_str().unwrap_or(""),
            summary["policy"]["name"].as_str().unwrap_or("")
        ),
        String::new(),
        format!("{:>9}  cases", number(&counts["cases"])),
        format!("{:>9}  close contacts", number(&counts["close_contacts"])),
        format!("{:>9}  venue-exposed", number(&counts["venue_exposed"])),
    ];
    let without_source = summary["cases_without_source"].as_array().map_or(0, Vec::len);
    lines.push(format!(
        "{:>9}  links between cases, in {} clusters; {without_source} cases without a known source",
        number(&counts["links"]),
        number(&counts["clusters"]),
    ));
    lines.push(String::new());
    lines.push("zones                high  released".to_owned());
    for level in ["unit", "building", "place"] {
        let zones = &counts["zones"][level];
        lines.push(format!(
            "  {level:16}{:>7}{:>10}",
            number(&zones["high"]),
            number(&zones["low"])
        ));
    }
    let counties = number(&counts["zones"]["county"]["low"]);
    lines.push(format!("  low-risk rest of {counties} counties"));
    lines.push(String::new());
    lines.push("measures           active   elapsed".to_owned());
    if let Some(measures) = counts["measures"].as_object() {
        for (kind, of) in measures {
            let (active, elapsed) = (number(&of["active"]), number(&of["elapsed"]));
            lines.push(format!("  {kind:16}{active:>7}{elapsed:>10}"));
        }
    }
    lines.push(String::new());
    lines.extend(rows(summary));
    lines.push(format!("results in {output}"));
    lines.join("\n") + "\n"
}

fn rows(summary: &Value) -> Vec<String> {
    let mut lines = Vec::new();
    let tables = summary["input"]["tables"].as_object();
    for (table, rows) in tables.into_iter().flatten() {
        let number = |key: &str| rows[key].as_u64().unwrap_or(0);
        let mut line = format!("{table}: {} rows, {} used", number("rows"), number("used"));
        for (key, what) in [
            ("rejected", "rejected"),
            ("repeated", "repeated"),
            ("after_as_of", "after as-of"),
            ("inaccurate", "too inaccurate"),
        ] {
            if number(key) > 0 {
                line.push_str(&format!(", {} {what}", number(key)));
            }
        }
        lines.push(line);
    }
    let mut columns: Vec<(&str, &str)> = Vec::new();
    for file in summary["input"]["files"].as_array().into_iter().flatten() {
        let table = file["table"].as_str().unwrap_or("");
        let ignored = file["ignored_columns"].as_array().into_iter().flatten();
        columns.extend(ignored.filter_map(|name| Some((table, name.as_str()?))));
    }
    columns.sort_unstable();
    columns.dedup();
    for (table, column) in columns {
        lines.push(format!("ignored: column `{column}` of {table} has no meaning here"));
    }
    for name in summary["input"]["ignored"].as_array().into_iter().flatten() {
        lines.push(format!("ignored: `{}` is no table", name.as_str().unwrap_or("")));
    }
    lines
}
