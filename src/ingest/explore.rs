//! What the columns of an export are taken for, and what the others may be: a proposal for a
//! person to read.
//!
//! Cost: the beginning of each file.

use crate::base::error::Result;
use crate::base::problem::Guess;
use crate::ingest::contract::Table;
use crate::ingest::folder::Folder;
use crate::ingest::header::guess::guess;
use crate::ingest::open;
use crate::ingest::settings::Settings;
use std::collections::BTreeSet;

/// The columns of a table.
#[derive(Debug)]
pub struct Explored {
    /// The table.
    pub table: Table,
    /// Names in the files that are understood, with those in the contract.
    pub understood: BTreeSet<(String, &'static str)>,
    /// Names in the contract that no file has, each with the guess in a file and whether the column
    /// must be there.
    pub guesses: Vec<(&'static str, String, bool)>,
    /// Names in the contract that must be there, and nothing is like them.
    pub missing: Vec<&'static str>,
    /// Names in the files that nothing is made of.
    pub others: BTreeSet<String>,
}

/// Looks at the header of every file of a folder.
///
/// # Errors
/// When a file cannot be read, or a column cannot be told, apart from one that is missing.
pub fn explore(folder: &Folder, settings: &Settings) -> Result<Vec<Explored>> {
    let settings = Settings { exploring: true, ..settings.clone() };
    let mut tables = Vec::new();
    for table in Table::ALL {
        let (mut understood, mut others) = (BTreeSet::new(), BTreeSet::new());
        for file in folder.of(table) {
            let source = open::open(file, &settings)?;
            understood.extend(source.layout().matched.iter().cloned());
            others.extend(source.layout().unknown.iter().cloned());
        }
        if understood.is_empty() && others.is_empty() {
            continue;
        }
        let (mut guesses, mut missing) = (Vec::new(), Vec::new());
        let has = |name: &str| understood.iter().any(|(_, column)| *column == name);
        for column in table.columns().iter().filter(|column| !has(column.name)) {
            let unknown: Vec<String> = others.iter().cloned().collect();
            match guess(table, column, &unknown) {
                Guess::Is { cell, .. } => {
                    others.remove(&cell);
                    guesses.push((column.name, cell, column.required));
                }
                Guess::Names(_) if column.required => missing.push(column.name),
                Guess::Names(_) => {}
            }
        }
        tables.push(Explored { table, understood, guesses, missing, others });
    }
    Ok(tables)
}
