//! What people are called, how they are reached and what they need, for those who are shown.
//!
//! A second, light pass over `persons` and `cases`: no rule needs a phone, so the rows of millions
//! of people are not kept for it. Of several rows of a person the first counts, as it does for the
//! rules; what `persons` leaves blank the list of cases may say.
//! Cost: that of finding the ends of cells, where a file has such a column at all; memory: the
//! people who are shown.

use crate::base::error::Result;
use crate::base::sieve::Wanted;
use crate::ingest::account::Account;
use crate::ingest::books::Book;
use crate::ingest::cells::ids;
use crate::ingest::contract::{PARTICULARS, Table};
use crate::ingest::folder::Folder;
use crate::ingest::header::aliases::is_same_name;
use crate::ingest::header::layout::Layout;
use crate::ingest::identities::Identities;
use crate::ingest::rows::row::Row;
use crate::ingest::rows::source::{Sought, TakeRows};
use crate::ingest::settings::{Names, Settings, Silent};
use crate::ingest::{cells, pass};
use crate::model::RowRef;
use hashbrown::HashMap;

/// What is known of people, by their ids: 姓名、电话、住址.
#[derive(Debug, Clone, Default)]
pub struct Particulars {
    further: Vec<String>,
    of: HashMap<String, Vec<String>>,
}

impl Particulars {
    /// The names of the columns: those of the contract, then those that were asked for.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        PARTICULARS.into_iter().chain(self.further.iter().map(String::as_str))
    }

    /// The columns that were asked for.
    pub fn further(&self) -> &[String] {
        &self.further
    }

    /// What is known of somebody, in the order of the columns; a cell is blank where nothing is.
    pub fn find(&self, id: &str) -> Option<&[String]> {
        self.of.get(id).map(Vec::as_slice)
    }

    /// A cell of somebody of whom something is known.
    pub fn cell(&self, id: &str, column: &str) -> Option<&str> {
        let at = self.columns().position(|name| name == column)?;
        self.of.get(id).map(|cells| cells[at].as_str())
    }

    /// Forgets everybody but those of whom `keep` says so, by id and by the name of a column.
    pub fn keep_only(&mut self, keep: impl Fn(&str, &dyn Fn(&str) -> String) -> bool) {
        let columns: Vec<String> = self.columns().map(str::to_owned).collect();
        self.of.retain(|id, cells| {
            let cell = |name: &str| {
                let at = columns.iter().position(|column| column == name);
                at.map(|at| cells[at].clone()).unwrap_or_default()
            };
            keep(id, &cell)
        });
    }

    /// The ids of the people of whom something is known, in no order.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.of.keys().map(String::as_str)
    }

    /// How many people something is known of.
    pub fn len(&self) -> usize {
        self.of.len()
    }

    /// Whether nothing is known of anybody.
    pub fn is_empty(&self) -> bool {
        self.of.is_empty()
    }
}

/// Whether a file of a table has a column of one of these.
fn has(table: Table, layout: &Layout, keep: &[String]) -> bool {
    let own = || PARTICULARS.iter().any(|name| layout.cells[table.column(name)].is_some());
    own() || layout.header.iter().any(|name| keep.iter().any(|of| is_same_name(of, name)))
}

/// The particulars of the people who are `wanted`; `account` knows which files have any. Nothing
/// where names are not to be read.
///
/// # Errors
/// When a file cannot be read any more.
pub fn read(
    folder: &Folder,
    settings: &Settings,
    account: &Account,
    wanted: &Wanted<'_>,
) -> Result<Particulars> {
    let further = settings.keep.clone();
    if settings.names == Names::Nowhere || settings.pseudonyms.is_some() {
        return Ok(Particulars::default());
    }
    let mut of: HashMap<String, Vec<String>> = HashMap::new();
    for table in [Table::Persons, Table::Cases] {
        for (_, id, cells) in read_table(table, folder, settings, account, wanted)? {
            let known = of.entry(id).or_default();
            if known.is_empty() {
                *known = cells;
            } else if table == Table::Cases {
                let blank = known.iter_mut().zip(cells).filter(|(known, _)| known.is_empty());
                blank.for_each(|(known, cell)| *known = cell);
            }
        }
    }
    Ok(Particulars { further, of })
}

/// A row of somebody who is wanted: who, and their cells.
type Found = (RowRef, String, Vec<String>);

/// The rows of a table, in their order.
fn read_table(
    table: Table,
    folder: &Folder,
    settings: &Settings,
    account: &Account,
    wanted: &Wanted<'_>,
) -> Result<Vec<Found>> {
    let mut part = folder.clone();
    let with = |file: u32| {
        account.files.iter().any(|of| of.file == file && has(table, &of.layout, &settings.keep))
    };
    part.files.retain(|file| file.table == table && with(file.number));
    if part.files.is_empty() {
        return Ok(Vec::new());
    }
    // Behind another number stands a person: rows cannot be told from their first bytes then.
    let sought = Sought::new(table.column("person_id"), wanted);
    let sought = settings.identities.is_empty().then_some(&sought);
    let start = || Taker {
        table,
        identities: &settings.identities,
        keep: &settings.keep,
        wanted,
        person: 0,
        cells: Vec::new(),
        found: Vec::new(),
        book: Book::default(),
    };
    let to = (settings, &Silent as _);
    let (takers, _) = pass::read(&part, table, to, sought, start)?;
    let mut found: Vec<_> = takers.into_iter().flat_map(|taker| taker.found).collect();
    found.sort_unstable_by_key(|(row, ..)| *row);
    Ok(found)
}

/// Takes the rows of the people who are shown.
struct Taker<'s> {
    table: Table,
    identities: &'s Identities,
    keep: &'s [String],
    wanted: &'s Wanted<'s>,
    person: usize,
    cells: Vec<Option<usize>>,
    found: Vec<Found>,
    book: Book,
}

impl TakeRows for Taker<'_> {
    fn begin(&mut self, file: u32, layout: &Layout) {
        self.book.begin(file, layout);
        let cell = |name| layout.cells[self.table.column(name)];
        self.person = cell("person_id").expect("a column that must be there");
        let further = self
            .keep
            .iter()
            .map(|name| layout.header.iter().position(|header| is_same_name(header, name)));
        self.cells = PARTICULARS.into_iter().map(cell).chain(further).collect();
    }

    fn book(&mut self) -> &mut Book {
        &mut self.book
    }

    fn row(&mut self, row: &Row<'_>) {
        let mut buffer = Vec::new();
        let id = ids::id(row.at(self.person), &mut buffer).unwrap_or_default();
        let Some(id) = self.identities.always(id) else { return };
        if !self.wanted.is(id) {
            return;
        }
        let text = |cell: &Option<usize>| {
            let cell = cells::trim(row.cell(*cell));
            let text = if cells::is_text(cell) { cell } else { b"" };
            String::from_utf8_lossy(text).into_owned()
        };
        let cells = self.cells.iter().map(text).collect();
        let id = String::from_utf8_lossy(id).into_owned();
        self.found.push((RowRef::new(self.book.file, row.line), id, cells));
    }
}
