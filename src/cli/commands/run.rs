//! `trace run`.

use super::{on_threads, open_folder, print, pseudonyms, request, show};
use crate::cli::flags::{ResultsArgs, RunArgs};
use crate::cli::progress::Bars;
use crate::cli::{config, guard};
use std::path::Path;
use trace::base::error::{Error, Result};
use trace::base::time::{DAY, Instant, TimeZone};
use trace::ingest::Names;
use trace::ingest::cells::{Bare, TimeReader};
use trace::output::{self, OutputFolder, Provenance};
use trace::pipeline::checks::{self, Check};
use trace::pipeline::{self, Outcome, Rejected, Request};
use trace::report::{self, Finished, Lang};

pub fn run(args: RunArgs, lang: Lang) -> Result<()> {
    let (mut request, _) = request(&args.analysis)?;
    request.settings.pseudonyms = args.pseudonyms.as_deref().map(pseudonyms::key).transpose()?;
    asks(&mut request, &args.results);
    let asked = &args.analysis.input;
    let (folder, _stream) = open_folder(asked, &request.settings)?;
    let how = How { input: &asked.input, threads: asked.threads, quiet: asked.quiet, lang };
    results(&args.results, &how, request, |request, bars| pipeline::analyse(folder, request, bars))
}

/// What is asked of the results, as it was typed.
pub fn asks(request: &mut Request, args: &ResultsArgs) {
    request.settings.names = match (args.names, args.no_names) {
        (true, _) => Names::Beside,
        (_, true) => Names::Nowhere,
        _ => Names::Apart,
    };
    request.settings.keep.clone_from(&args.keep);
    request.looser = args.looser;
}

/// How a command runs.
pub struct How<'a> {
    /// The export folder.
    pub input: &'a Path,
    pub threads: Option<usize>,
    pub quiet: bool,
    pub lang: Lang,
}

/// Writes the results of an analysis, and tells of them.
pub fn results(
    args: &ResultsArgs,
    how: &How<'_>,
    request: Request,
    analyse: impl FnOnce(Request, &Bars) -> Result<Outcome> + Send,
) -> Result<()> {
    let lang = how.lang;
    let (has_pseudonyms, now) =
        (request.settings.pseudonyms.is_some(), request.settings.now.unwrap_or_default());
    let extras = show::extras(&args.show)?;
    let output = OutputFolder::claim(&args.output, how.input, args.force)?;
    // What cannot be written or compared is better known before the work than after it.
    drop(output.stage()?);
    args.since.as_deref().map(OutputFolder::finished).transpose()?;
    // What a file said is as good as typed.
    let arguments = config::config().arguments.iter().skip(1);
    let arguments = arguments.map(|word| word.to_string_lossy().into_owned()).collect();
    let provenance = Provenance { arguments, digest_all: args.digests, since: args.since.clone() };
    let bars = Bars::new(how.quiet, lang);
    let work = || match analyse(request, &bars)? {
        Outcome::Done(analysis) => {
            let (stage, summary) = output::write(&analysis, &output, &provenance)?;
            let worst = worst(&analysis.checks);
            let ids = pipeline::lookup(&analysis, &bars)?;
            if extras.is_empty() {
                // The process ends here: millions of small pieces need not be given back one by
                // one.
                std::mem::forget(analysis);
            } else {
                drop(analysis);
                let finished = Finished::open(stage.path())?.with_full_ids(args.show.full_ids);
                report::make(&finished, &extras, lang, &stage)?;
            }
            stage.commit()?;
            // What a run before this one stopped at is past.
            output.remove_beside(output::REJECTS);
            if has_pseudonyms {
                pseudonyms::write_lookup(&ids, &output)?;
            }
            Ok((summary, worst))
        }
        Outcome::TooManyRejects(rejected) => Err(listed(*rejected, &output)),
    };
    let (summary, worst) = on_threads(how.threads, work)??;
    if args.verbose {
        tell_timings(&summary, lang);
    }
    if args.json {
        let text = serde_json::to_string_pretty(&summary).unwrap_or_default();
        return print(&format!("{text}\n"));
    }
    if how.quiet {
        return Ok(());
    }
    let age = as_of_age(&summary, now);
    print(&show::short(&summary, (age, &worst), &output.path().display().to_string(), lang))
}

/// Lists the rejected rows beside the output.
fn listed(rejected: Rejected, output: &OutputFolder) -> Error {
    let Rejected { error, folder, account } = rejected;
    match output::write_rejects(&folder, &account, output) {
        Err(failed) => failed,
        Ok(path) => {
            let hint = error.hint_text().unwrap_or_default();
            let hint = hint.replace("OUTPUT.rejects.csv", &path.display().to_string());
            error.hint(hint)
        }
    }
}

/// How long each part took.
fn tell_timings(summary: &serde_json::Value, lang: Lang) {
    for (part, time) in summary["timings"].as_object().into_iter().flatten() {
        let name = part.strip_suffix(" s");
        let unit = if name.is_some() { " s" } else { "" };
        let time = format!("{time}{unit}");
        guard::tell(&format!("{time:>9}  {}", lang.say(name.unwrap_or(part))));
    }
}

/// Things to look at that are printed.
const WORST: usize = 3;

/// The heaviest of what a person should look at, one of a kind.
fn worst(checks: &[Check]) -> Vec<Check> {
    let mut worst = checks.to_vec();
    worst
        .sort_by(|a, b| b.weight.cmp(&a.weight).then(b.count.cmp(&a.count)).then_with(|| a.cmp(b)));
    checks::kinds(&worst).into_iter().take(WORST).map(|(check, _)| check.clone()).collect()
}

/// How many whole days as-of lies before now.
fn as_of_age(summary: &serde_json::Value, now: Instant) -> i64 {
    let utc = TimeZone::get("UTC").expect("it is built in");
    let as_of = summary["as_of"].as_str().unwrap_or("");
    let at = TimeReader::new(&utc).read(as_of.as_bytes(), Bare::Start);
    at.map_or(0, |at| (now.0 - at.0).div_euclid(DAY))
}
