//! The county that `persons` records for each person.
//!
//! A light pass over `persons`, made only when it is needed: no rule of contacts and zones needs
//! it. Of several rows of a person the first counts. Cost: that of finding the ends of cells;
//! memory: an id and a county for each row.

use crate::base::error::Result;
use crate::ingest::cells;
use crate::ingest::cells::ids;
use crate::ingest::contract::Table;
use crate::ingest::folder::Folder;
use crate::ingest::pseudonyms::NO_PSEUDONYM;
use crate::ingest::settings::Settings;
use crate::ingest::tables::glance::glance;
use hashbrown::HashMap;

/// The recorded counties that are not blank, by person.
///
/// # Errors
/// When a file cannot be read any more.
pub fn read(folder: &Folder, settings: &Settings) -> Result<HashMap<Box<str>, Box<str>>> {
    let (table, identities) = (Table::Persons, &settings.identities);
    let columns = ["person_id", "county"].map(|name| table.column(name));
    let found: Vec<(Box<str>, Box<str>)> = glance(
        folder,
        (table, settings),
        None,
        |layout| columns.map(|column| layout.cells[column]).to_vec(),
        |row| {
            let (mut buffer, mut room) = (Vec::new(), NO_PSEUDONYM);
            let id = ids::id(row[0], &mut buffer).unwrap_or_default();
            let id = identities.called(identities.always(id)?, &mut room);
            let county = std::str::from_utf8(cells::value(row[1])).ok()?;
            Some((std::str::from_utf8(id).ok()?.into(), county.into()))
        },
    )?;
    let mut counties = HashMap::new();
    for (id, county) in found {
        counties.entry(id).or_insert(county);
    }
    counties.retain(|_, county: &mut Box<str>| !county.is_empty());
    Ok(counties)
}
