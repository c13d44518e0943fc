//! `trace partition`.

use super::explain::{answer, asked, asked_for};
use crate::cli::flags::PartitionArgs;
use crate::cli::progress::Bars;
use trace::base::error::Result;
use trace::base::problem::Problem;
use trace::output::write_private;
use trace::questions::partition::{self, Partition};
use trace::report::Lang;

pub fn partition(args: PartitionArgs, lang: Lang) -> Result<()> {
    let request = asked_for(&args.ask)?;
    let quiet = args.ask.analysis.input.quiet;
    asked(&args.ask.analysis, request, lang, |question| {
        let bars = Bars::new(quiet, lang);
        let unknown = || Problem::NothingAsked { kind: "compound", id: args.compound.clone() };
        let found = partition::partition(question, &args.compound, &bars)?.ok_or_else(unknown)?;
        if let Some(path) = &args.csv {
            write_private(path, |out| write(&found, out))?;
        }
        answer(&found, &args.ask.answer, lang)
    })
}

/// Writes the areas with their cells as CSV.
fn write(found: &Partition, out: &mut (dyn std::io::Write + Send)) -> std::io::Result<()> {
    let mut table = csv::Writer::from_writer(out);
    table.write_record([
        "area",
        "cell",
        "suggestion",
        "persons",
        "contacts",
        "cases",
        "moves_inside",
        "moves_cut",
        "days",
        "person_days",
    ])?;
    for cell in &found.cells {
        for area in &cell.areas {
            table.write_record([
                area.as_str(),
                &cell.cell.to_string(),
                cell.suggestion,
                &cell.persons.to_string(),
                &cell.contacts.to_string(),
                &cell.case_ids.len().to_string(),
                &cell.moves_inside.to_string(),
                &cell.moves_cut.to_string(),
                &cell.days.to_string(),
                &cell.person_days.to_string(),
            ])?;
        }
    }
    table.flush()
}
