//! `trace why-not`.

use super::explain::{answer, asked, asked_for};
use crate::cli::flags::WhyNotArgs;
use crate::cli::progress::Bars;
use trace::base::error::Result;
use trace::base::problem::Problem;
use trace::questions::whom::who;
use trace::questions::why_not;
use trace::report::Lang;

pub fn why_not(args: WhyNotArgs, lang: Lang) -> Result<()> {
    let request = asked_for(&args.ask)?;
    let bars = Bars::new(args.ask.analysis.input.quiet, lang);
    asked(&args.ask.analysis, request, lang, |question| {
        let find = |id: &String| -> Result<_> {
            let unknown = || Problem::NothingAsked { kind: "case", id: id.clone() }.into();
            question.analysis.cases.find(&who(question, id)?).ok_or_else(unknown)
        };
        let only = args.case.as_ref().map(find).transpose()?;
        let who = who(question, &args.person)?;
        answer(&why_not::why_not(question, &who, only, &bars)?, &args.ask.answer, lang)
    })
}
