//! `checks.csv`: what a person should look at before acting. None of it changes a verdict by
//! itself.
//!
//! Sorted by check, id and row. Cost: the checks.

use super::description::TableShape;
use super::row_writer::Findings;
use crate::pipeline::checks::Check;
use std::io::{Error, Result, Write};

/// Writes the table of a run.
pub fn checks(findings: &Findings<'_>, out: &mut (dyn Write + Send)) -> Result<()> {
    write(&findings.analysis.checks, out)
}

/// Writes checks, in their order.
///
/// # Errors
/// When `out` takes no more.
pub fn write(checks: &[Check], out: &mut (dyn Write + Send)) -> Result<()> {
    let mut rows = csv::Writer::from_writer(out);
    rows.write_record(TableShape::of("checks").header()).map_err(Error::other)?;
    for check in checks {
        let line = if check.line == 0 { String::new() } else { check.line.to_string() };
        let count = check.count.to_string();
        let (kind, what) = (check.check, check.what);
        let of = [kind, check.table, &check.file, &line];
        let cells = of.into_iter().chain([&check.id[..], &check.value, &count, what]);
        rows.write_record(cells).map_err(Error::other)?;
    }
    rows.flush()
}
