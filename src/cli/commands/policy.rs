//! `trace policy`.

use super::{diff, load_policy, on_threads, open_folder, print, read_text, request, too_many};
use crate::cli::flags::{AnalysisArgs, PolicyCommand, PolicyDiffArgs};
use crate::cli::progress::Bars;
use serde_json::json;
use std::path::Path;
use trace::base::error::Result;
use trace::output::{self, Compared, States};
use trace::pipeline::{self, Outcome, Request};
use trace::policy::{PRESETS, Policy};
use trace::report::Lang;

pub fn policy(command: PolicyCommand, lang: Lang) -> Result<()> {
    match command {
        PolicyCommand::Diff(args) => compare(*args, lang),
        PolicyCommand::List { json: true } => {
            let about = |(name, _): &(&str, &str)| {
                let policy = Policy::preset(name)?;
                Ok(json!({ "name": name, "title": policy.title, "timezone": policy.timezone }))
            };
            let all = PRESETS.iter().map(about).collect::<Result<Vec<_>>>()?;
            print(&format!("{:#}\n", json!(all)))
        }
        PolicyCommand::List { json: false } => {
            let mut text = String::new();
            for (name, _) in PRESETS {
                let policy = Policy::preset(name)?;
                text.push_str(&format!("{name:20}{}\n", lang.of_policy(&policy.title)));
            }
            print(&text)
        }
        PolicyCommand::Show { name } => {
            load_policy(&name)?;
            match PRESETS.iter().find(|(preset, _)| *preset == name) {
                Some((_, text)) => print(text),
                None => print(&read_text(Path::new(&name))?),
            }
        }
    }
}

/// What the same export has under two policies, in the time zone of the first.
fn compare(args: PolicyDiffArgs, lang: Lang) -> Result<()> {
    let PolicyDiffArgs { old, new, input, as_of, changes } = args;
    let new = load_policy(&new)?;
    let asked = AnalysisArgs {
        input,
        policy: old,
        set: vec![],
        as_of,
        expand: None,
        because: None,
        visitors: false,
    };
    let (old, _) = request(&asked)?;
    let (folder, _stream) = open_folder(&asked.input, &old.settings)?;
    let bars = Bars::new(asked.input.quiet, lang);
    let states = |request: Request| -> Result<States> {
        match pipeline::analyse(folder.clone(), request, &bars)? {
            Outcome::Done(analysis) => Ok(output::states(&analysis)),
            Outcome::TooManyRejects(rejected) => Err(too_many(*rejected)),
        }
    };
    let both = || -> Result<Compared> {
        let new = Request { policy: new, ..old.clone() };
        Ok(Compared::new(&states(old)?, &states(new)?))
    };
    let compared = on_threads(asked.input.threads, both)??;
    diff::list(&compared, &changes)?;
    diff::answer(&compared, &changes, lang)
}
