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
use crate::ingest::cells::ids;
use crate::ingest::contract::{PARTICULARS, Table};
use crate::ingest::folder::Folder;
use crate::ingest::header::aliases::is_same_name;
use crate::ingest::header::layout::Layout;
use crate::ingest::rows::source::Sought;
use crate::ingest::settings::{Names, Settings};
use crate::ingest::tables::glance::{glance, shown};
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
        for (id, cells) in read_table(table, folder, settings, account, wanted)? {
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

/// The rows of a table about people who are wanted, in their order: who, and their cells.
fn read_table(
    table: Table,
    folder: &Folder,
    settings: &Settings,
    account: &Account,
    wanted: &Wanted<'_>,
) -> Result<Vec<(String, Vec<String>)>> {
    let (keep, identities) = (&settings.keep, &settings.identities);
    let mut part = folder.clone();
    let with =
        |file: u32| account.files.iter().any(|of| of.file == file && has(table, &of.layout, keep));
    part.files.retain(|file| file.table == table && with(file.number));
    if part.files.is_empty() {
        return Ok(Vec::new());
    }
    // Behind another number stands a person: rows cannot be told from their first bytes then.
    let sought = Sought::new(table.column("person_id"), wanted);
    let sought = identities.is_empty().then_some(&sought);
    glance(
        &part,
        (table, settings),
        sought,
        |layout| {
            let own = ["person_id"].into_iter().chain(PARTICULARS);
            let own = own.map(|name| layout.cells[table.column(name)]);
            let named = |name| layout.header.iter().position(|header| is_same_name(header, name));
            own.chain(keep.iter().map(|name| named(name))).collect()
        },
        |row| {
            let mut buffer = Vec::new();
            let id = identities.always(ids::id(row[0], &mut buffer).unwrap_or_default())?;
            let id = Some(id).filter(|id| wanted.is(id))?;
            let cells = row[1..].iter().map(|cell| shown(cell)).collect();
            Some((String::from_utf8_lossy(id).into_owned(), cells))
        },
    )
}
