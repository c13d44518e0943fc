//! `checks.csv`: what a person should look at before acting. None of it changes a verdict by
//! itself.
//!
//! Sorted by check, id and row. Cost: the checks.

use super::row_writer::{Findings, write_table};
use std::io::{Result, Write};

/// Writes the table.
pub fn checks(findings: &Findings<'_>, out: &mut (dyn Write + Send)) -> Result<()> {
    let all = &findings.analysis.checks;
    write_table(findings, out, "check,table,file,line,id,value,count,what", all, |check, row| {
        row.text(check.check).text(check.table).text(&check.file);
        match check.line {
            0 => row.text(""),
            line => row.number(line),
        };
        row.text(&check.id).text(&check.value).number(check.count).text(check.what).end();
    })
}
