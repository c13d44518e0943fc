//! `trace explain`.

use super::{on_threads, open_folder, print, request, too_many};
use crate::cli::flags::{AnalysisArgs, AnswerArgs, AskArgs, ExplainArgs};
use crate::cli::progress::Bars;
use serde::{Deserialize, Serialize};
use std::path::Path;
use trace::base::error::Result;
use trace::base::problem::Problem;
use trace::base::time::TimeZone;
use trace::ingest::cells::{Bare, TimeReader};
use trace::pipeline::{Outcome, Request};
use trace::policy::Policy;
use trace::questions::whom::who;
use trace::questions::why_not::why_not;
use trace::questions::{Question, Told, ask, case, person, zone};
use trace::report::{Finished, Lang};

pub fn explain(args: ExplainArgs, lang: Lang) -> Result<()> {
    let request = asked_for(&args.ask)?;
    asked(&args.ask.analysis, request, lang, |question| {
        let unknown = |kind, id: &str| Problem::NothingAsked { kind, id: id.to_owned() };
        match (&args.person, &args.zone, &args.case) {
            (Some(text), ..) => {
                let who = who(question, text)?;
                let found = person::explain(question, &who)?;
                let bars = Bars::new(args.ask.analysis.input.quiet, lang);
                let of_nobody =
                    found.class == "none" && found.record.is_none() && found.noted.is_empty();
                // Who met no case has an answer; who is in no row has none.
                if of_nobody && why_not(question, &who, None, &bars)?.is_nowhere() {
                    return Err(unknown("person", text).into());
                }
                answer(&found, &args.ask.answer, lang)
            }
            (_, Some(id), _) => {
                let zone = zone::explain(question, id)?.ok_or_else(|| unknown("zone", id))?;
                answer(&zone, &args.ask.answer, lang)
            }
            (_, _, id) => {
                let id = id.as_deref().unwrap_or("");
                let found = case::explain(question, &who(question, id)?)?;
                let case = found.ok_or_else(|| unknown("case", id))?;
                answer(&case, &args.ask.answer, lang)
            }
        }
    })
}

/// What is asked of an export, as it is or as an earlier run did.
pub fn asked_for(args: &AskArgs) -> Result<Request> {
    let mut request = request(&args.analysis)?.0;
    if let Some(results) = &args.results {
        as_before(&mut request, results)?;
    }
    Ok(request)
}

/// Runs an analysis, and puts a question to it.
pub fn asked(
    args: &AnalysisArgs,
    request: Request,
    lang: Lang,
    put: impl FnOnce(&Question) -> Result<()> + Send,
) -> Result<()> {
    let (folder, _stream) = open_folder(&args.input, &request.settings)?;
    let bars = Bars::new(args.input.quiet, lang);
    let work = || match ask(folder, request, &bars)? {
        Outcome::Done(question) => put(&question),
        Outcome::TooManyRejects(rejected) => Err(too_many(*rejected)),
    };
    on_threads(args.input.threads, work)?
}

/// Prints an answer.
pub fn answer<A: Told + Serialize>(of: &A, args: &AnswerArgs, lang: Lang) -> Result<()> {
    if args.json {
        let text = serde_json::to_string_pretty(of).unwrap_or_default();
        return print(&format!("{text}\n"));
    }
    print(&(of.told(lang).join("\n") + "\n"))
}

/// Asks as an earlier run did: with its policy, its as-of, its time zone.
fn as_before(request: &mut Request, results: &Path) -> Result<()> {
    let summary = Finished::open(results)?.summary;
    let damaged = || Problem::OutputDamaged {
        folder: results.display().to_string(),
        what: "summary.json".to_owned(),
    };
    let policy = Policy::deserialize(&summary["policy"]).map_err(|_| damaged())?;
    let text = |key: &str| summary[key].as_str().unwrap_or("").to_owned();
    request.settings.zone = TimeZone::get(&text("timezone"))?;
    let mut clock = TimeReader::new(&request.settings.zone);
    let as_of = clock.read(text("as_of").as_bytes(), Bare::Start);
    request.as_of = Some(as_of.ok_or_else(damaged)?);
    request.expand = summary["expand"]["because"].as_str().map(str::to_owned);
    request.policy = policy;
    Ok(())
}
