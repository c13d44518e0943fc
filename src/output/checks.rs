//! `checks.csv`: what a person should look at before acting. None of it changes a verdict by
//! itself.
//!
//! Sorted by check, id and row. Cost: the checks.

use super::description::TableShape;
use super::row_writer::Findings;
use crate::ingest::{Account, Folder};
use crate::pipeline::checks::{Check, verdict};
use serde_json::{Value, json};
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

/// An account of an export for programs: what to look at, and each file.
pub fn json(folder: &Folder, account: &Account, checks: &[Check]) -> Value {
    let files = account.files.iter().map(|of| {
        let file = &folder.files[of.file as usize];
        let columns = of.layout.matched.iter();
        let column = |(own, column): &(String, &str)| json!({ "name": own, "column": column });
        json!({
            "file": file.name,
            "table": file.table.name(),
            "rows": of.tally.rows,
            "used": of.tally.used(),
            "rejected": of.tally.rejected,
            "columns": columns.map(column).collect::<Vec<_>>(),
            "ignored_columns": of.layout.unknown,
            "notes": of.layout.notes.iter().map(ToString::to_string).collect::<Vec<_>>(),
        })
    });
    let all = checks.iter().map(|check| {
        json!({
            "check": check.check,
            "weight": check.weight.name(),
            "table": check.table,
            "file": check.file,
            "line": (check.line > 0).then_some(check.line),
            "id": check.id,
            "value": check.value,
            "count": check.count,
            "what": check.what,
        })
    });
    json!({
        "verdict": verdict(checks),
        "checks": all.collect::<Vec<_>>(),
        "files": files.collect::<Vec<_>>(),
        "ignored": folder.ignored,
        "hidden_sheets": folder.hidden,
    })
}
