//! `zones-public.csv`: what may be put on a notice board. Zones, their dates and their status; no
//! person, no case, no row of the input, and no count that is so small that it is somebody.
//!
//! Cost: a pass over the zones.

use super::finished::Finished;
use super::words::Lang;
use std::io::{Result, Write};

/// The columns that are shown as they are.
const SHOWN: [&str; 9] = [
    "zone_id",
    "level",
    "status",
    "county",
    "compound",
    "building",
    "unit",
    "last_case_date",
    "downgrade_on",
];

/// The columns that are counts of people.
const COUNTS: [&str; 3] = ["cases", "residents", "present"];

/// Counts from 1 to below this are somebody.
const FEW: u64 = 5;

/// Writes the table.
pub fn zones(finished: &Finished, _: Lang, out: &mut dyn Write) -> Result<()> {
    let mut reader = finished.table("zones.csv")?;
    let header = reader.headers()?.clone();
    let at = |name: &str| header.iter().position(|of| of == name);
    let columns = || SHOWN.iter().chain(&COUNTS);
    let mut table = csv::Writer::from_writer(out);
    table.write_record(columns())?;
    for row in reader.records() {
        let row = row?;
        let cell = |name: &&str| {
            let cell = at(name).and_then(|n| row.get(n)).unwrap_or_default();
            let few = cell.parse().is_ok_and(|count: u64| (1..FEW).contains(&count));
            if few && COUNTS.contains(name) { format!("<{FEW}") } else { cell.to_owned() }
        };
        table.write_record(columns().map(cell))?;
    }
    table.flush()
}
