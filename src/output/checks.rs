//! `checks.csv`: what a person should look at before acting. None of it changes a verdict by
//! itself.
//!
//! Dates of cases that cannot be and were set aside, and homes of cases with more people than a
//! household has. Sorted by check, id and row. Cost: the cases.

use super::row_writer::{Findings, write_table};
use crate::base::time::Instant;
use crate::ingest::Table;
use crate::model::RowRef;
use crate::pipeline::Analysis;
use std::io::{Result, Write};

/// Why an onset was set aside.
pub const ONSET_SET_ASIDE: &str =
    "the onset lies after the confirmation or too long before it and was set aside";
/// Why a sampling was set aside.
pub const SAMPLED_SET_ASIDE: &str =
    "the sampling lies after the confirmation or too long before it and was set aside";
/// Why an isolation was set aside.
pub const ISOLATED_SET_ASIDE: &str = "the isolation lies before the window of the case or in the \
     year 2100 or later and was set aside";
/// Why those who live with a case are no contacts.
pub const HOME_OF_MANY: &str = "more people are recorded at the home of this case than a household \
     has: none of them is a contact for living there";

/// Something to look at.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Check {
    check: &'static str,
    id: String,
    value: String,
    row: RowRef,
    table: &'static str,
    count: u64,
    what: &'static str,
}

/// Writes the table.
pub fn checks(findings: &Findings<'_>, out: &mut (dyn Write + Send)) -> Result<()> {
    let analysis = findings.analysis;
    let mut all = dates(analysis);
    all.extend(homes(analysis));
    all.sort_unstable();
    write_table(findings, out, "check,table,file,line,id,value,count,what", &all, |check, row| {
        let file = &analysis.folder.files[check.row.file() as usize];
        row.text(check.check).text(check.table).text(&file.name).number(check.row.line());
        row.text(&check.id).text(&check.value).number(check.count).text(check.what).end();
    })
}

/// How many rows the table has.
pub fn count(analysis: &Analysis) -> usize {
    dates(analysis).len() + homes(analysis).len()
}

/// Dates of cases that were set aside.
fn dates(analysis: &Analysis) -> Vec<Check> {
    let (policy, zone) = (&analysis.request.policy.exposure, analysis.zone());
    let of_case = |case: &crate::model::Case| {
        let check = |(column, at): (&str, Instant)| {
            let (check, what) = match column {
                "onset" => ("onset_set_aside", ONSET_SET_ASIDE),
                "sampled" => ("sampled_set_aside", SAMPLED_SET_ASIDE),
                _ => ("isolated_set_aside", ISOLATED_SET_ASIDE),
            };
            let (id, value) = (case.id.to_string(), zone.show(at.min(Instant::LAST)));
            Check { check, id, value, row: case.row, table: Table::Cases.name(), count: 1, what }
        };
        case.set_aside(policy, zone).into_iter().map(check).collect::<Vec<_>>()
    };
    analysis.cases.iter().flat_map(|(_, case)| of_case(case)).collect()
}

/// Recorded homes of cases that are no household: their people are no contacts for living there.
fn homes(analysis: &Analysis) -> Vec<Check> {
    let most = analysis.request.policy.exposure.household_max;
    let of_case = |case: &crate::model::Case| {
        let person = analysis.persons.find(&case.id)?;
        let residence = person.residence?;
        let recorded = analysis.persons.recorded_at(residence);
        analysis.persons.is_home_of_many(residence, most).then(|| Check {
            check: "home_of_many",
            id: case.id.to_string(),
            value: analysis.places.id(residence).to_owned(),
            row: person.row,
            table: Table::Persons.name(),
            count: recorded.into(),
            what: HOME_OF_MANY,
        })
    };
    analysis.cases.iter().filter_map(|(_, case)| of_case(case)).collect()
}
