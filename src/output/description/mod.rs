//! What the tables of an output are: the one description of their names, columns, types and keys.
//!
//! From it come the headers that are written, `trace help tables`, `datapackage.json`, the types of
//! the Parquet files and the cells of the workbooks. Cost: none.

mod notice;
mod package;
mod tables;

pub(super) use package::package;
pub use tables::TABLES;

use crate::base::words::Lang;
use std::fmt::Write;

/// What the cells of a column are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CellKind {
    /// Text, ids among it.
    Text,
    /// A whole number.
    Number,
    /// A day.
    Date,
    /// A moment.
    Instant,
}

/// A column.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// Its name.
    pub name: &'static str,
    /// What its cells are.
    pub kind: CellKind,
    /// Whether no cell of it is blank.
    pub filled: bool,
    /// What a cell can be, where that is a list.
    pub words: &'static [&'static str],
    /// What it says.
    pub what: &'static str,
}

impl Column {
    const fn new(kind: CellKind, name: &'static str, what: &'static str) -> Column {
        Column { name, kind, filled: true, words: &[], what }
    }

    /// Some of its cells can be blank.
    const fn or_blank(self) -> Column {
        Column { filled: false, ..self }
    }

    /// One of these words.
    const fn one_of(self, words: &'static [&'static str]) -> Column {
        Column { words, ..self }
    }
}

/// A table.
#[derive(Debug, Clone, Copy)]
pub struct TableShape {
    /// Its name, without `.csv`.
    pub name: &'static str,
    /// What its rows are.
    pub what: &'static str,
    /// Its columns, in order.
    pub columns: &'static [Column],
    /// The columns by which a row is told from the others; none where rows can be alike.
    pub key: &'static [&'static str],
    /// A column, and the table whose column of that name has each of its values.
    pub refers: &'static [(&'static str, &'static str)],
    /// Whether its rows are people, who can have their names beside them.
    pub of_people: bool,
}

impl TableShape {
    /// A table by its name.
    ///
    /// # Panics
    /// When there is none: the names are those of the program itself.
    pub fn of(name: &str) -> &'static TableShape {
        let found = TABLES.iter().find(|table| table.name == name);
        found.unwrap_or_else(|| panic!("no table is called {name}"))
    }

    /// What the cells of the column at a place are: text behind its own columns, whatever those are
    /// called.
    pub fn kind(&self, at: usize) -> CellKind {
        self.columns.get(at).map_or(CellKind::Text, |column| column.kind)
    }

    /// The names of its columns.
    pub fn header(&self) -> impl Iterator<Item = &'static str> + Clone {
        self.columns.iter().map(|column| column.name)
    }
}

/// What the cells of a column are, by its name: that is the same in every table. Text where nothing
/// is known, as of columns that were kept from the input.
pub fn kind(name: &str) -> CellKind {
    let columns = TABLES.iter().flat_map(|table| table.columns);
    let found = columns.into_iter().find(|column| column.name == name);
    found.map_or(CellKind::Text, |column| column.kind)
}

/// Columns of ids of people, one or several joined by `;`. In what people look at some of these ids
/// have stars in the middle. `id` is that of whatever its row is about.
const OF_PEOPLE: [&str; 10] = [
    "id",
    "person_id",
    "case_id",
    "exposed_case_id",
    "other_id",
    "case_ids",
    "exposed_ids",
    "unlinked_ids",
    "old_case_ids",
    "new_case_ids",
];

/// Whether the cells of a column are ids of people, one or several joined by `;`.
pub fn is_of_people(name: &str) -> bool {
    OF_PEOPLE.contains(&name)
}

/// The tables as `trace help tables` prints them.
pub fn told(lang: Lang) -> String {
    let said = |english: &'static str| lang.of_help(english).unwrap_or(english);
    let mut text = String::new();
    for table in &TABLES {
        _ = writeln!(text, "## {}.csv\n\n{}", table.name, lang.fill("{}.", &[&said(table.what)]));
        if !table.key.is_empty() {
            _ = writeln!(text, "{}", lang.fill("A row for each {}.", &[&table.key.join(", ")]));
        }
        text.push_str("\n```text\n");
        let wide = table.header().map(str::len).max().unwrap_or(0);
        for column in table.columns {
            let kind = lang.say(match column.kind {
                CellKind::Text => "text",
                CellKind::Number => "number",
                CellKind::Date => "date",
                CellKind::Instant => "time",
            });
            let blank = if column.filled { "" } else { lang.say("; can be blank") };
            let words = match column.words {
                [] => String::new(),
                words => format!(": {}", words.join(" ")),
            };
            let name = column.name;
            _ = writeln!(text, "{name:wide$}  {kind:6}  {}{words}{blank}", said(column.what));
        }
        text.push_str("```\n\n");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::Task;
    use crate::rules::measures::MeasureKind;
    use crate::search::evidence::Basis;
    use std::collections::BTreeMap;

    #[test]
    fn a_name_is_of_one_kind_in_every_table() {
        let mut kinds = BTreeMap::new();
        for table in &TABLES {
            for column in table.columns {
                let first = *kinds.entry(column.name).or_insert(column.kind);
                assert_eq!(first, column.kind, "{}.{}", table.name, column.name);
            }
            let has = |name: &&str| table.header().any(|column| column == *name);
            assert!(table.key.iter().all(has), "{}", table.name);
            for (column, of) in table.refers {
                assert!(has(column) && TableShape::of(of).header().any(|name| name == *column));
            }
        }
    }

    /// Whoever adds a column of ids says whose they are: else those of people would be shown whole.
    #[test]
    fn every_column_of_ids_is_of_people_or_of_areas() {
        const OF_AREAS: [&str; 3] = ["place_id", "zone_id", "zone_ids"];
        for column in TABLES.iter().flat_map(|table| table.columns).map(|column| column.name) {
            let is_id = column == "id" || column.ends_with("_id") || column.ends_with("_ids");
            let known = is_of_people(column) != OF_AREAS.contains(&column);
            assert_eq!(is_id, known, "{column}");
        }
    }

    #[test]
    fn every_column_is_described_in_chinese() {
        let columns = TABLES.iter().flat_map(|table| table.columns).map(|column| column.what);
        let all = TABLES.iter().map(|table| table.what).chain(columns);
        let missing: Vec<_> = all.filter(|what| Lang::Zh.of_help(what).is_none()).collect();
        assert!(missing.is_empty(), "{missing:#?}");
        assert!(
            told(Lang::Zh).contains("## zone_options.csv") && !told(Lang::Zh).contains("blank")
        );
    }

    #[test]
    fn words_are_those_of_the_types() {
        let words = |table: &str, name: &str| {
            let column = TableShape::of(table).columns.iter().find(|column| column.name == name);
            column.unwrap().words.to_vec()
        };
        assert_eq!(words("measures", "measure"), MeasureKind::ALL.map(MeasureKind::name));
        assert_eq!(words("evidence", "basis"), Basis::ALL.map(Basis::name));
        assert_eq!(words("today", "task"), Task::ALL.map(Task::name));
    }
}
