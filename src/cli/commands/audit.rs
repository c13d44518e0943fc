//! `trace audit`.

use super::explain::{answer, asked, asked_for};
use crate::cli::flags::AuditArgs;
use crate::cli::progress::Bars;
use trace::base::error::Result;
use trace::base::problem::Problem;
use trace::ingest::orders;
use trace::output::write_private;
use trace::questions::audit;
use trace::report::Lang;

pub fn audit(args: AuditArgs, lang: Lang) -> Result<()> {
    let request = asked_for(&args.ask)?;
    let settings = &request.settings;
    let zones = args.zones.as_deref().map(|path| orders::zones(path, settings)).transpose()?;
    let people = args.people.as_deref().map(|path| orders::measures(path, settings)).transpose()?;
    let bars = Bars::new(args.ask.analysis.input.quiet, lang);
    let mut findings = 0;
    asked(&args.ask.analysis, request, lang, |question| {
        let audit = audit::audit(question, zones.as_ref(), people.as_ref(), &bars)?;
        findings = audit.findings.len();
        if let Some(path) = &args.csv {
            write_private(path, |out| audit::write_findings(&audit.findings, out))?;
        }
        answer(&audit, &args.ask.answer, lang)
    })?;
    match findings {
        0 => Ok(()),
        findings => Err(Problem::AuditFindings { findings }.into()),
    }
}
