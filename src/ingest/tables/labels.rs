//! What a person calls a place and where it is on a map, for the few places that are shown.
//!
//! A second, light pass over `places`: no rule needs a name, so the rows of millions of places are
//! not kept for it. Of several rows of a place the first counts, as it does for the rules.

use crate::base::datum::Datum;
use crate::base::error::Result;
use crate::base::geo::Coord;
use crate::base::sieve::Wanted;
use crate::ingest::books::Book;
use crate::ingest::cells::ids;
use crate::ingest::contract::Table;
use crate::ingest::folder::Folder;
use crate::ingest::header::layout::Layout;
use crate::ingest::rows::row::Row;
use crate::ingest::rows::source::{Sought, TakeRows};
use crate::ingest::settings::{Progress, Settings, Silent};
use crate::ingest::tables::stays::{datum_of, number};
use crate::ingest::{cells, pass};
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
    let sought = Sought::new(Table::Places.column("place_id"), wanted);
    let to = (settings, &Silent as &dyn Progress);
    let datum = settings.datum_of(Table::Places);
    let start = || Taker { datum, ..Taker::default() };
    let (takers, _) = pass::read(folder, Table::Places, to, Some(&sought), start)?;
    let mut found: Vec<_> = takers.into_iter().flat_map(|taker| taker.found).collect();
    found.sort_unstable_by_key(|(row, ..)| *row);
    let mut labels = HashMap::new();
    for (_, id, label) in found {
        labels.entry(id).or_insert(label);
    }
    Ok(labels)
}

/// Takes the rows of the wanted places.
#[derive(Default)]
struct Taker {
    /// Id, name, longitude, latitude and datum.
    cells: [Option<usize>; 5],
    datum: Datum,
    found: Vec<(RowRef, String, Label)>,
    book: Book,
}

impl TakeRows for Taker {
    fn begin(&mut self, file: u32, layout: &Layout) {
        self.book.begin(file, layout);
        self.cells = ["place_id", "name", "lon", "lat", "datum"]
            .map(|name| layout.cells[Table::Places.column(name)]);
    }

    fn book(&mut self) -> &mut Book {
        &mut self.book
    }

    fn row(&mut self, row: &Row<'_>) {
        let [id, name, lon, lat, datum] = self.cells.map(|cell| row.cell(cell));
        let text = |cell| {
            let cell = cells::trim(cell);
            let text = if cells::is_text(cell) { cell } else { b"" };
            String::from_utf8_lossy(text).into_owned()
        };
        let degrees = |cell, most: f64| number(cells::value(cell), "", -most, most).ok().flatten();
        let at = degrees(lon, 180.0).zip(degrees(lat, 90.0));
        let datum = datum_of(cells::value(datum), self.datum).unwrap_or(self.datum);
        let at = at.map(|(lon, lat)| datum.to_wgs84(Coord { lon, lat }));
        let label = Label { name: text(name), at };
        let mut buffer = Vec::new();
        let id = ids::id(id, &mut buffer).unwrap_or_default();
        self.found.push((RowRef::new(self.book.file, row.line), text(id), label));
    }
}
