//! `trace why-not`.

use super::explain::{answer, as_before, asked};
use super::request;
use crate::cli::flags::WhyNotArgs;
use crate::cli::progress::Bars;
use trace::base::error::Result;
use trace::base::problem::Problem;
use trace::questions::why_not;
use trace::report::Lang;

pub fn why_not(args: WhyNotArgs, lang: Lang) -> Result<()> {
    let mut request = request(&args.analysis)?.0;
    if let Some(results) = &args.results {
        as_before(&mut request, results)?;
    }
    let bars = Bars::new(args.analysis.input.quiet, lang);
    asked(&args.analysis, request, lang, |question| {
        let find = |id: &String| -> Result<_> {
            let unknown = || Problem::NothingAsked { kind: "case", id: id.clone() }.into();
            question.analysis.cases.find(id).ok_or_else(unknown)
        };
        let only = args.case.as_ref().map(find).transpose()?;
        answer(&why_not::why_not(question, &args.person, only, &bars)?, &args.answer, lang)
    })
}
