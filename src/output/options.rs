//! `zone_options.csv`: what each zone costs, and the areas that nearly became one.

use super::row_writer::{Findings, write_table};
use crate::rules::options::{Missing, ZoneOption};
use std::io::{Result, Write};

/// The table.
pub fn zone_options(findings: &Findings<'_>, out: &mut (dyn Write + Send)) -> Result<()> {
    let analysis = findings.analysis;
    let options = analysis.options.iter();
    let mut options: Vec<(String, &ZoneOption)> =
        options.map(|option| (option.area.id(&analysis.places), option)).collect();
    options.sort_by(|a, b| a.0.cmp(&b.0));
    write_table(findings, out, "zone_options", &options, |(id, option), row| {
        row.text(id).word(option.area.level()).word(option.status());
        row.list(option.bases.iter().map(|basis| basis.name()));
        row.number(option.cases.len()).cases(option.cases.iter().copied());
        for number in [option.days, option.minutes, option.contacts, option.secondary] {
            row.number(number);
        }
        row.number(option.residents).number(option.resident_days);
        row.text(option.present.map_or(String::new(), |present| present.to_string()));
        row.number(option.spillover).number(option.spillover_days);
        let mut smaller: Vec<String> =
            option.smaller.iter().map(|area| area.id(&analysis.places)).collect();
        smaller.sort();
        row.list(smaller).number(option.smaller_residents);
        row.text(option.larger.map_or(String::new(), |area| area.id(&analysis.places)));
        row.number(option.larger_residents);
        let missing = |of: &Missing| format!("{} {} of {}", of.what, of.is, of.least);
        row.list(option.missing.iter().map(missing)).end();
    })
}
