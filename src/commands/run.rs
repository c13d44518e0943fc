//! `trace run`.

use super::{load_policy, on_threads, print, settings, show};
use crate::cli::RunArgs;
use crate::progress::Bars;
use trace::analysis::{self, Outcome, Request};
use trace::error::{Error, Result};
use trace::ingest::Folder;
use trace::ingest::cells::{Bare, Clock};
use trace::output::{self, OutputFolder};
use trace::present::{self, Finished, Lang};

pub fn run(args: RunArgs, lang: Lang) -> Result<()> {
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
    let extras = show::extras(&args.show)?;
    let expand = args.because.filter(|_| args.expand.is_some());
    let folder = Folder::open(&args.input.input)?;
    let output = OutputFolder::claim(&args.output, &args.input.input, args.force)?;
    // Whether it can be written is better known before the work than after it.
    drop(output.stage()?);
    let request = Request { policy, settings, as_of, expand };
    let bars = Bars::new(args.input.quiet, lang);
    let work = || match analysis::analyse(folder, request, &bars)? {
        Outcome::Done(analysis) => {
            let (stage, summary) = output::write(&analysis, &output)?;
            if extras.is_empty() {
                // The process ends here: millions of small pieces need not be given back one by one.
                std::mem::forget(analysis);
            } else {
                drop(analysis);
                present::make(&Finished::open(stage.path())?, &extras, lang, &stage)?;
            }
            stage.commit()?;
            Ok(summary)
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
    print(&show::short(&summary, &output.path().display().to_string(), lang))
}
