//! What a person calls a place and where it is on a map, for the few places that are shown.
//!
//! A second, light pass over `places`: no rule needs a name, so the rows of millions of places are
//! not kept for it. Of several rows of a place the first counts, as it does for the rules.

use crate::base::error::Result;
use crate::base::geo::Coord;
use crate::base::sieve::Wanted;
use crate::ingest::cells;
use crate::ingest::cells::ids;
use crate::ingest::contract::Table;
use crate::ingest::folder::Folder;
use crate::ingest::rows::source::Sought;
use crate::ingest::settings::Settings;
use crate::ingest::tables::glance::{glance, shown};
use crate::ingest::tables::stays::{datum_of, number};
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
    let (table, else_) = (Table::Places, settings.datum_of(Table::Places));
    let sought = Sought::new(table.column("place_id"), wanted);
    let columns = ["place_id", "name", "lon", "lat", "datum"].map(|name| table.column(name));
    let degrees =
        |cell: &[u8], most: f64| number(cells::value(cell), "", -most, most).ok().flatten();
    let found = glance(
        folder,
        (table, settings),
        Some(&sought),
        |layout| columns.map(|column| layout.cells[column]).to_vec(),
        |row| {
            let at = degrees(row[2], 180.0).zip(degrees(row[3], 90.0));
            let datum = datum_of(cells::value(row[4]), else_).unwrap_or(else_);
            let at = at.map(|(lon, lat)| datum.to_wgs84(Coord { lon, lat }));
            let mut buffer = Vec::new();
            let id = ids::id(row[0], &mut buffer).unwrap_or_default();
            Some((shown(id), Label { name: shown(row[1]), at }))
        },
    )?;
    let mut labels = HashMap::new();
    for (id, label) in found {
        labels.entry(id).or_insert(label);
    }
    Ok(labels)
}
