//! The county that `persons` records for each person.
//!
//! A light pass over `persons`, made only when it is needed: no rule of contacts and zones needs
//! it. Of several rows of a person the first counts. Cost: that of finding the ends of cells;
//! memory: an id and a county for each row.

use crate::base::error::Result;
use crate::ingest::books::Book;
use crate::ingest::cells::ids;
use crate::ingest::contract::Table;
use crate::ingest::folder::Folder;
use crate::ingest::header::layout::Layout;
use crate::ingest::identities::Identities;
use crate::ingest::pseudonyms::NO_PSEUDONYM;
use crate::ingest::rows::row::Row;
use crate::ingest::rows::source::TakeRows;
use crate::ingest::settings::{Settings, Silent};
use crate::ingest::{cells, pass};
use crate::model::RowRef;
use hashbrown::HashMap;

/// The recorded counties that are not blank, by person.
///
/// # Errors
/// When a file cannot be read any more.
pub fn read(folder: &Folder, settings: &Settings) -> Result<HashMap<Box<str>, Box<str>>> {
    let start = || Taker {
        identities: &settings.identities,
        person: 0,
        county: None,
        found: Vec::new(),
        book: Book::default(),
    };
    let (takers, _) = pass::read(folder, Table::Persons, (settings, &Silent as _), None, start)?;
    let mut found: Vec<_> = takers.into_iter().flat_map(|taker| taker.found).collect();
    found.sort_unstable_by_key(|(row, ..)| *row);
    let mut counties = HashMap::new();
    for (_, id, county) in found {
        counties.entry(id).or_insert(county);
    }
    counties.retain(|_, county: &mut Box<str>| !county.is_empty());
    Ok(counties)
}

/// Takes the rows of all people.
struct Taker<'s> {
    identities: &'s Identities,
    person: usize,
    county: Option<usize>,
    found: Vec<(RowRef, Box<str>, Box<str>)>,
    book: Book,
}

impl TakeRows for Taker<'_> {
    fn begin(&mut self, file: u32, layout: &Layout) {
        self.book.begin(file, layout);
        let cell = |name| layout.cells[Table::Persons.column(name)];
        self.person = cell("person_id").expect("a column that must be there");
        self.county = cell("county");
    }

    fn book(&mut self) -> &mut Book {
        &mut self.book
    }

    fn row(&mut self, row: &Row<'_>) {
        let (mut buffer, mut room) = (Vec::new(), NO_PSEUDONYM);
        let id = ids::id(row.at(self.person), &mut buffer).unwrap_or_default();
        let Some(id) = self.identities.always(id) else { return };
        let id = self.identities.called(id, &mut room);
        let county = cells::value(row.cell(self.county));
        if let (Ok(id), Ok(county)) = (std::str::from_utf8(id), std::str::from_utf8(county)) {
            self.found.push((RowRef::new(self.book.file, row.line), id.into(), county.into()));
        }
    }
}
