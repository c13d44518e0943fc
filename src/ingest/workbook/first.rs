//! The first rows of a sheet: where its header is, and whether it is one of a table at all.

use crate::base::error::Result;
use crate::ingest::contract::Table;
use crate::ingest::header::aliases::Aliases;
use crate::ingest::header::sample::HEADER_ROWS;
use crate::ingest::workbook::cell::Cell;
use crate::ingest::workbook::sheets::Spreadsheet;
use std::cmp::Reverse;

/// The first rows of a sheet: numbers and cells.
type First = Vec<(u32, Vec<Cell>)>;

/// The first rows of a sheet that have cells.
pub fn first_rows(book: &mut Spreadsheet, of: (&str, &str), most: usize) -> Result<First> {
    let mut rows = Vec::new();
    book.rows(of, &mut |number, cells| {
        rows.push((number, std::mem::take(cells)));
        rows.len() < most
    })?;
    Ok(rows)
}

/// The row that names all that the table must have; else the one that names most, so that the
/// message is about that.
pub fn header(first: &First, table: Table, aliases: &Aliases) -> Option<usize> {
    let rows = || first.iter().take_while(|(row, _)| (*row as usize) < HEADER_ROWS).enumerate();
    let names = |cells: &Vec<Cell>| cells.iter().map(|cell| name(&cell.shown())).collect();
    let whole = rows().find(|(_, (_, cells))| {
        let names: Vec<String> = names(cells);
        aliases.is_header(table, &names)
    });
    let known = |cells: &Vec<Cell>| {
        let names: Vec<String> = names(cells);
        aliases.matched(table, names.iter().map(String::as_str))
    };
    let most = || rows().max_by_key(|(at, (_, cells))| (known(cells), Reverse(*at)));
    whole.or_else(most).map(|(at, _)| at)
}

/// The name of a column: line breaks within it are blanks.
pub fn name(cell: &str) -> String {
    cell.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether any of the first rows of a sheet names a column of a table.
pub fn names_columns(first: &First, table: Table, aliases: &Aliases) -> bool {
    let named = |cells: &Vec<Cell>| {
        let names: Vec<String> = cells.iter().map(Cell::shown).collect();
        aliases.matched(table, names.iter().map(String::as_str)) > 0
    };
    first.iter().any(|(_, cells)| named(cells))
}
