//! `trace diff`: what changed from one output to another, and why.

use super::print;
use crate::cli::flags::{ChangesArgs, DiffArgs};
use serde_json::json;
use std::collections::BTreeMap;
use trace::base::error::Result;
use trace::output::{Cause, Change, Changed, Compared, States, What, write_changes, write_private};
use trace::report::{self, Finished, Lang};

/// Changes of a kind that are listed; --csv has all.
const SHOWN: usize = 15;

pub fn diff(args: &DiffArgs, lang: Lang) -> Result<()> {
    let compared = Compared::new(&States::read(&args.old)?, &States::read(&args.new)?);
    list(&compared, &args.changes)?;
    if let Some(path) = &args.html {
        let finished = Finished::open(&args.new)?.since(&args.old)?.with_full_ids(args.full_ids);
        write_private(path, |out| report::page(&finished, lang, out))?;
    }
    answer(&compared, &args.changes, lang)
}

/// Writes every change into the file that was asked for, if one was.
pub fn list(compared: &Compared, args: &ChangesArgs) -> Result<()> {
    match &args.csv {
        Some(path) => write_private(path, |out| write_changes(&compared.changes, out)),
        None => Ok(()),
    }
}

/// Prints what changed between two outputs.
pub fn answer(compared: &Compared, args: &ChangesArgs, lang: Lang) -> Result<()> {
    if args.json {
        return print(&format!("{:#}\n", json!(compared)));
    }
    let Compared { old, new, changes } = compared;
    let head = lang.fill("from {} to {}: {} changes", &[&old.as_of, &new.as_of, &changes.len()]);
    let mut lines = vec![head];
    if old.policy_sha256 != new.policy_sha256 {
        lines.push(lang.say("the two were made under different policies").to_owned());
    }
    let mut kinds: BTreeMap<(What, Change, Cause), Vec<&Changed>> = BTreeMap::new();
    for of in changes {
        kinds.entry((of.what, of.change, of.cause)).or_default().push(of);
    }
    // People first: they are called.
    let mut kinds: Vec<_> = kinds.into_iter().collect();
    kinds.sort_by_key(|((what, change, cause), _)| (*what != What::Person, *what, *change, *cause));
    for ((what, change, cause), all) in kinds {
        let (what, change, cause) = (named(what), named(change), named(cause));
        let say = |word: &str| lang.say(word).to_owned();
        lines.push(String::new());
        lines.push(
            lang.fill("{}, {} ({}): {}", &[&say(&what), &say(&change), &say(&cause), &all.len()]),
        );
        lines.extend(all.iter().take(SHOWN).map(|of| line(of, lang)));
        let more = all.len().saturating_sub(SHOWN);
        lines
            .extend((more > 0).then(|| lang.fill("  … and {} more: --csv FILE has all", &[&more])));
    }
    print(&(lines.join("\n") + "\n"))
}

/// The words of a kind.
fn named(of: impl serde::Serialize) -> String {
    let name = json!(of);
    match name.as_str().unwrap_or("") {
        "person" => "people",
        "zone" => "zones",
        "link" => "links",
        "case" => "cases",
        "new" => "new",
        "gone" => "gone",
        "class" => "something else now",
        "longer" => "longer",
        "shorter" => "shorter",
        "state" => "another state",
        "cases" => "for other cases",
        "became_case" => "they became cases",
        "case_taken_back" => "a case was taken back",
        "new_case" => "a new case",
        "policy" => "another policy",
        "expand" => "zones raised to buildings, or no longer",
        "ran_out" => "time has run out",
        "window" => "the window of a case is another",
        "as_of" => "a later day",
        _ => "other rows",
    }
    .to_owned()
}

fn line(of: &Changed, lang: Lang) -> String {
    let side = |parts: [&String; 4]| {
        let [class, state, until, cases] = parts.map(String::as_str);
        let word = |word: &str| lang.cell(word).replace('_', " ");
        let until = if until.is_empty() { String::new() } else { lang.fill("until {}", &[&until]) };
        let cases = if cases.is_empty() { String::new() } else { format!("[{cases}]") };
        let parts = [word(class), word(state), until, cases];
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
    };
    let before = side([&of.old_class, &of.old_state, &of.old_until, &of.old_case_ids]);
    let now = side([&of.new_class, &of.new_state, &of.new_until, &of.new_case_ids]);
    let other =
        if of.other_id.is_empty() { String::new() } else { format!(" → {}", of.other_id) };
    let id = format!("  {}{other}", of.id);
    match (before.is_empty(), now.is_empty()) {
        (true, _) => format!("{id} · {now}"),
        (_, true) => format!("{id} · {before}"),
        _ => format!("{id} · {before} → {now}"),
    }
}
