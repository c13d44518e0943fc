//! What a person calls a place and where it is on a map, for the few places that are shown.
//!
//! A second, light pass over `places`: no rule needs a name, so the rows of millions of places are not
//! kept for it. Of several rows of a place the first counts, as it does for the rules.

use crate::base::error::Result;
use crate::base::geo::Coord;
use crate::base::sieve::Wanted;
use crate::ingest::contract::Table;
use crate::ingest::folder::{Folder, InputFile};
use crate::ingest::rows::row::{BadRow, Row};
use crate::ingest::settings::{Settings, Silent};
use crate::ingest::tables::stays::number;
use crate::ingest::text::cell_ends::Find;
use crate::ingest::text::cut;
use crate::ingest::{account, cells, pass};
use crate::model::RowRef;
use hashbrown::HashMap;

/// A name and a coordinate, as far as the table has them.
#[derive(Debug, Clone, PartialEq)]
pub struct Label {
    /// Blank when there is none.
    pub name: String,
    /// Where it is.
    pub at: Option<Coord>,
}

/// The labels of the `wanted` places by their ids.
///
/// # Errors
/// When a file cannot be read.
pub fn read(
    folder: &Folder,
    settings: &Settings,
    wanted: &Wanted<'_>,
) -> Result<HashMap<String, Label>> {
    let files: Vec<InputFile> = folder.of(Table::Places).cloned().collect();
    let [id, name, lon, lat] =
        ["place_id", "name", "lon", "lat"].map(|name| Table::Places.column(name));
    let start = Vec::<(RowRef, String, Label)>::new;
    let (found, _) = pass::read(
        &files,
        settings,
        &Silent,
        Find::Lines,
        start,
        |found, reader, chunk, scratch, book| {
            let layout = reader.layout();
            let cell_of = |column: usize| layout.cells[column];
            let mut take = |row: std::result::Result<&Row<'_>, BadRow>| {
                let Ok(row) = row else { return };
                let text = |column| {
                    let cell = cells::trim(row.cell(cell_of(column)));
                    if cells::is_text(cell) {
                        String::from_utf8_lossy(cell).into_owned()
                    } else {
                        String::new()
                    }
                };
                let degrees = |column, most: f64| {
                    number(cells::value(row.cell(cell_of(column))), "", -most, most).ok().flatten()
                };
                let at = degrees(lon, 180.0).zip(degrees(lat, 90.0));
                let at = at.map(|(lon, lat)| Coord { lon, lat });
                let label = Label { name: text(name), at };
                found.push((RowRef::new(reader.file().number, row.line), text(id), label));
            };
            let of = (cell_of(id).expect("a column that must be there"), wanted);
            cut::for_each_of(chunk, reader.format(), layout, scratch, of, &mut take);
            *book = account::Book::default();
        },
    )?;
    let mut found: Vec<_> = found.into_iter().flatten().collect();
    found.sort_unstable_by_key(|(row, ..)| *row);
    let mut labels = HashMap::new();
    for (_, id, label) in found {
        labels.entry(id).or_insert(label);
    }
    Ok(labels)
}
