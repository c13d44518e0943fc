//! `trace report`.

use super::{print, show};
use crate::cli::flags::ReportArgs;
use trace::base::error::Result;
use trace::base::problem::Problem;
use trace::output::OutputFolder;
use trace::report::{self, Finished, Lang};

pub fn report(args: ReportArgs, lang: Lang) -> Result<()> {
    let extras = show::extras(&args.show)?;
    if extras.is_empty() {
        return Err(Problem::NothingToMake.into());
    }
    let output = OutputFolder::finished(&args.output)?;
    let finished = Finished::open(output.path())?.with_full_ids(args.show.full_ids);
    finished.verify()?;
    let stage = output.stage()?;
    report::make(&finished, &extras, lang, &stage)?;
    let files = stage.commit_if(|| finished.unchanged())?;
    if args.quiet {
        return Ok(());
    }
    let words = lang.fill("wrote {} files into {}", &[&files, &output.path().display()]);
    print(&(words + "\n"))
}
