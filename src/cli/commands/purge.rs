//! `trace purge`.

use super::print;
use crate::cli::flags::PurgeArgs;
use trace::base::error::Result;
use trace::output;
use trace::report::Lang;

pub fn purge(args: &PurgeArgs, lang: Lang) -> Result<()> {
    let gone = output::purge(&args.output, args.dry_run)?;
    let what = if args.dry_run { "would take away {}" } else { "took away {}" };
    let lines = gone.iter().map(|path| lang.fill(what, &[&path.display()]) + "\n");
    print(&lines.collect::<String>())
}
