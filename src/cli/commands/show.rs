//! What `trace run` and `trace report` show: which files, in which language, and the summary
//! printed.

use super::read_text;
use crate::cli::flags::{self as cli, Dates, ShowArgs};
use serde_json::Value;
use trace::base::error::Result;
use trace::base::problem::Problem;
use trace::pipeline::checks::{self, Check};
use trace::pipeline::looser;
use trace::report::{self, DateOrder, Extra, HandoverBy, Lang, Mapping, System};

/// The language asked for, or that of the locale.
pub fn lang(asked: Option<Lang>) -> Lang {
    let of_locale = || {
        let locale = ["LC_ALL", "LC_MESSAGES", "LANG"]
            .into_iter()
            .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
        locale.map_or(Lang::En, |locale| Lang::of_locale(&locale))
    };
    asked.unwrap_or_else(of_locale)
}

/// The files asked for.
pub fn extras(args: &ShowArgs) -> Result<Vec<Extra>> {
    if args.formats.contains(&cli::Extra::None) && args.formats.len() > 1 {
        return Err(Problem::NoneAndOthers.into());
    }
    let mut extras: Vec<Extra> = Vec::new();
    for format in &args.formats {
        let extra = match format {
            cli::Extra::Html => Extra::Html,
            cli::Extra::Xlsx => Extra::Xlsx,
            cli::Extra::Geojson => Extra::Geojson,
            cli::Extra::Graphml => Extra::Graphml,
            cli::Extra::Dot => Extra::Dot,
            cli::Extra::Ics => Extra::Ics,
            cli::Extra::Svg => Extra::Svg,
            #[cfg(feature = "parquet")]
            cli::Extra::Parquet => Extra::Parquet,
            #[cfg(not(feature = "parquet"))]
            cli::Extra::Parquet => {
                return Err(Problem::ParquetNotWritten.into());
            }
            cli::Extra::Epiverse => Extra::For(System::Epiverse),
            cli::Extra::GoData => Extra::For(System::GoData),
            cli::Extra::Sormas => Extra::For(System::Sormas(date_order(args)?)),
            cli::Extra::Odk => Extra::For(System::Odk),
            cli::Extra::Dhis2 => Extra::For(System::Dhis2(Box::new(mapping(args)?))),
            cli::Extra::None => continue,
        };
        if !extras.contains(&extra) {
            extras.push(extra);
        }
    }
    extras.extend(args.excel.then_some(Extra::Excel));
    extras.extend(args.public.then_some(Extra::Public));
    extras.extend(args.handover.map(|grain| match grain {
        cli::HandoverBy::County => Extra::Handover(HandoverBy::County),
        cli::HandoverBy::Compound => Extra::Handover(HandoverBy::Compound),
    }));
    Ok(extras)
}

fn date_order(args: &ShowArgs) -> Result<DateOrder> {
    Ok(match args.sormas_dates {
        Some(Dates::Dmy) => DateOrder::DayFirst,
        Some(Dates::Mdy) => DateOrder::MonthFirst,
        None => return Err(Problem::NoDateOrder.into()),
    })
}

fn mapping(args: &ShowArgs) -> Result<Mapping> {
    let path = args.dhis2.as_deref().ok_or(Problem::NoMapping)?;
    Mapping::read(&read_text(path)?, &path.display().to_string())
}

/// The summary for a tired person.
///
/// `age` is how many days as-of lies before now, `worst` what to look at first.
pub fn short(summary: &Value, (age, worst): (i64, &[Check]), output: &str, lang: Lang) -> String {
    let t = |english| lang.say(english);
    let counts = &summary["counts"];
    let number = |value: &Value| value.as_u64().unwrap_or(0);
    let as_of = summary["as_of"].as_str().unwrap_or("");
    let mut lines = vec![format!(
        "{} · {} {}",
        lang.fill("as of {} ({})", &[&report::moment(as_of, lang), &as_of]),
        t("policy"),
        summary["policy"]["name"].as_str().unwrap_or("")
    )];
    lines.extend(later_rows(summary, age, lang));
    lines.extend([
        String::new(),
        format!("{:>9}  {}", number(&counts["cases"]), t("cases")),
        format!("{:>9}  {}", number(&counts["close_contacts"]), t("close contacts")),
        format!("{:>9}  {}", number(&counts["venue_exposed"]), t("venue-exposed")),
    ]);
    let without_source = summary["cases_without_source"].as_array().map_or(0, Vec::len);
    let (links, clusters) = (number(&counts["links"]), number(&counts["clusters"]));
    lines.push(format!(
        "{links:>9}  {}",
        lang.fill(
            "links between cases, in {} clusters; {} cases without a known source",
            &[&clusters, &without_source],
        )
    ));
    if summary["policy"]["zone"].is_object() {
        lines.extend(zones(counts, lang));
    }
    lines.extend(avoided(summary, lang));
    lines.push(String::new());
    let heads = [t("active"), t("elapsed")];
    lines.push(row("", t("measures"), heads));
    if let Some(measures) = counts["measures"].as_object() {
        for (kind, of) in measures.iter().filter(|(kind, _)| summary["policy"][kind].is_object()) {
            let [active, elapsed] =
                ["active", "elapsed"].map(|state| number(&of[state]).to_string());
            lines.push(row("  ", lang.cell(kind), [&active, &elapsed]));
        }
    }
    lines.push(String::new());
    lines.extend(rows(summary, lang));
    let used = number(&counts["used_without_a_cell"]);
    if used > 0 {
        lines.push(lang.fill("{} rows count without a bad cell: see rejects.csv", &[&used]));
    }
    let checks = number(&counts["checks"]);
    lines.extend(worst.iter().map(|worst| check(worst, lang)));
    if checks > 0 {
        lines.push(lang.fill("to look at before acting: {}, see checks.csv", &[&checks]));
    }
    lines.push(lang.fill("verdict: {}", &[&t(checks::verdict(worst))]));
    let compared = &summary["compared_with"];
    if let Some(folder) = compared["folder"].as_str() {
        let at = report::moment(compared["as_of"].as_str().unwrap_or(""), lang);
        lines.push(lang.fill("compared with the output `{}` (as of {})", &[&folder, &at]));
    }
    lines.push(format!("{} {output}", t("results in")));
    lines.join("\n") + "\n"
}

/// A line about something to look at.
pub fn check(check: &Check, lang: Lang) -> String {
    let parts = [check.file.as_str(), check.id.as_str(), check.value.as_str()];
    let about: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    let (kind, what) = (lang.cell(check.check), lang.say(check.what));
    match about[..] {
        [] => lang.fill("! {} ({}): {}", &[&kind, &check.count, &what]),
        _ => lang.fill("! {} ({}): {} [{}]", &[&kind, &check.count, &what, &about.join(", ")]),
    }
}

/// What a run that speaks for a moment in the past leaves out: without a word, nobody would ever be
/// released once cases stop.
fn later_rows(summary: &Value, age: i64, lang: Lang) -> Option<String> {
    let tables = summary["input"]["tables"].as_object().into_iter().flatten();
    let later: u64 = tables.filter_map(|(_, rows)| rows["after_as_of"].as_u64()).sum();
    (later > 0).then(|| {
        if age <= 0 {
            return lang.fill("{} rows lie after that and do not count", &[&later]);
        }
        lang.fill(
            "{} rows lie after that and do not count; it is {} days ago (--as-of today speaks for \
             today)",
            &[&later, &age],
        )
    })
}

/// How many zones there are of each grain.
fn zones(counts: &Value, lang: Lang) -> Vec<String> {
    let t = |english| lang.say(english);
    let number = |value: &Value| value.as_u64().unwrap_or(0);
    let mut lines = vec![String::new()];
    lines.push(row("", t("zones"), [t("high"), t("released")]));
    for level in ["unit", "building", "place"] {
        let zones = &counts["zones"][level];
        let [high, low] = ["high", "low"].map(|status| number(&zones[status]).to_string());
        lines.push(row("  ", lang.cell(level), [&high, &low]));
    }
    let counties = number(&counts["zones"]["county"]["low"]);
    lines.push(format!("  {}", lang.fill("low-risk rest of {} counties", &[&counties])));
    lines
}

/// Whom looser practices would hold besides; whole buildings where there are any.
fn avoided(summary: &Value, lang: Lang) -> Vec<String> {
    let mut lines = Vec::new();
    for (practice, of) in summary["avoided"].as_object().into_iter().flatten() {
        let [people, days] = ["people", "person_days"].map(|key| of[key].as_u64().unwrap_or(0));
        if practice != "whole_building" || people > 0 {
            let what = lang.say(looser::what(practice));
            lines.push(lang.fill("  {}: {} people, {} person-days", &[&what, &people, &days]));
        }
    }
    if !lines.is_empty() {
        lines.insert(0, String::new());
        let head = "what other practices would hold besides (counted, never named):";
        lines.insert(1, lang.say(head).to_owned());
    }
    lines
}

fn rows(summary: &Value, lang: Lang) -> Vec<String> {
    let t = |english| lang.say(english);
    let mut lines = Vec::new();
    let tables = summary["input"]["tables"].as_object();
    for (table, rows) in tables.into_iter().flatten() {
        let number = |key: &str| rows[key].as_u64().unwrap_or(0);
        let (all, used) = (number("rows"), number("used"));
        let mut line = lang.fill("{}: {} rows, {} used", &[table, &all, &used]);
        for (key, what) in [
            ("rejected", t("rejected")),
            ("repeated", t("repeated")),
            ("after_as_of", t("after as-of")),
            ("inaccurate", t("too inaccurate")),
            ("earlier_episode", t("of an earlier episode")),
            ("blank", t("without any value")),
            ("header_again", t("the header again")),
            ("totals", t("totals")),
            ("no_case", t("no cases by the list itself")),
            ("nobody", t("stand for nobody")),
        ] {
            if number(key) > 0 {
                line.push_str(&format!("{}{} {what}", t(", "), number(key)));
            }
        }
        lines.push(line);
    }
    lines.extend(rejects(summary, lang));
    for file in summary["input"]["files"].as_array().into_iter().flatten() {
        let name = file["file"].as_str().unwrap_or("");
        let notes = file["notes"].as_array().into_iter().flatten();
        let notes = notes.filter_map(|note| Some(lang.translated(note.as_str()?)));
        lines.extend(notes.map(|note| format!("{name}: {note}")));
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
        lines.push(lang.fill("ignored: column `{}` of {} has no meaning here", &[&column, &table]));
    }
    for name in summary["input"]["hidden_sheets"].as_array().into_iter().flatten() {
        let name = name.as_str().unwrap_or("");
        lines.push(lang.fill("{}: not read, the sheet is hidden", &[&name]));
    }
    for name in summary["input"]["ignored"].as_array().into_iter().flatten() {
        let name = name.as_str().unwrap_or("");
        lines.push(lang.fill("ignored: `{}` is no table", &[&name]));
    }
    lines
}

/// Kinds of rejects that are shown.
const SHOWN_REJECTS: usize = 12;

/// A line for each file and reason.
fn rejects(summary: &Value, lang: Lang) -> Vec<String> {
    let t = |english| lang.say(english);
    let groups = summary["input"]["rejects"].as_array().map_or(&[][..], |groups| groups);
    let line = |group: &Value| {
        let text = |key: &str| group[key].as_str().unwrap_or("").to_owned();
        let (count, line) = (&group["count"], &group["line"]);
        let (reason, file, mut value) = (text("reason"), text("file"), text("value"));
        if value.is_empty() {
            value = format!("{} {}", text("column"), t("blank"));
        }
        let sentence = match text("row").as_str() {
            "used" => "  {} used without a cell: {} in {}, first at line {}: `{}`",
            _ => "  {} left out: {} in {}, first at line {}: `{}`",
        };
        lang.fill(sentence, &[count, &reason, &file, line, &value])
    };
    let mut lines: Vec<String> = groups.iter().take(SHOWN_REJECTS).map(line).collect();
    let more = groups.len().saturating_sub(SHOWN_REJECTS);
    if more > 0 {
        lines.push(lang.fill("  and {} kinds more: see rejects.csv", &[&more]));
    }
    lines
}

/// A line of the summary: words, then two numbers under each other.
fn row(indent: &str, words: &str, [a, b]: [&str; 2]) -> String {
    // A Chinese character is two columns wide.
    let wide = |text: &str| text.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum::<usize>();
    let pad = |text: &str, width: usize| " ".repeat(width.saturating_sub(wide(text)));
    let first = format!("{indent}{words}");
    format!("{first}{}{a}{}{b}", pad(&format!("{first}{a}"), 25), pad(b, 10))
}
