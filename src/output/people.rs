//! `people.csv`: what the people in the other tables are called, and how they are reached.
//!
//! The one table with names: the others have ids, so that they can be passed on. Beside a name
//! stands where the person lives, from the place of their recorded residence. Cost: the people who
//! are shown.

use super::row_writer::{Findings, write_table};
use crate::pipeline::shown;
use std::io::{Result, Write};

/// The table: a row for everybody of whom something is known.
pub fn people(findings: &Findings<'_>, out: &mut (dyn Write + Send)) -> Result<()> {
    let Findings { analysis, particulars, .. } = findings;
    let places = &analysis.places;
    let mut ids: Vec<&[u8]> = shown(analysis).into_iter().collect();
    // And the people of key groups in zones.
    ids.extend(particulars.ids().map(str::as_bytes));
    ids.sort_unstable();
    ids.dedup();
    let known = |id: &[u8]| {
        let id = std::str::from_utf8(id).ok()?;
        let cells = particulars.find(id);
        let home = analysis.persons.find(id).and_then(|person| person.residence);
        (cells.is_some() || home.is_some()).then_some((id.to_owned(), cells, home))
    };
    let rows: Vec<_> = ids.into_iter().filter_map(known).collect();
    write_table(findings, out, "people", &rows, |(id, cells, home), row| {
        let cell = |name: &str| {
            let at = particulars.columns().position(|column| column == name);
            at.and_then(|at| cells.map(|cells| cells[at].as_str())).unwrap_or("")
        };
        let of_home = |part: fn(&crate::model::Place) -> u32| {
            home.map_or("", |home| places.text(part(places.get(home))))
        };
        let compound = match cell("compound") {
            "" => of_home(|place| place.compound),
            own => own,
        };
        row.text(id).text(cell("name")).text(cell("phone")).text(cell("address")).text(compound);
        row.text(of_home(|place| place.building)).text(of_home(|place| place.unit));
        row.text(of_home(|place| place.county)).text(cell("groups")).text(cell("age"));
        particulars.further().iter().for_each(|name| {
            row.text(cell(name));
        });
        row.end();
    })
}
