//! What a header cell means: a name of one's own, a name of the contract, or one that is accepted
//! when nothing better is there.
//!
//! Names are compared without regard to case, spaces, `_` and `-`, and to a unit in brackets.

use crate::base::error::Result;
use crate::base::problem::Problem;
use crate::ingest::contract::{Column, LENGTH, MINUTES, SYSTEM_IDS, Table};
use crate::ingest::header::unit;
use std::collections::BTreeMap;

/// A header cell as it is compared: lower case, without spaces, `_` and `-`.
pub fn plain(name: &str) -> String {
    name.chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '_' | '-' | '\u{feff}' | '\u{200b}'))
        .flat_map(char::to_lowercase)
        .collect()
}

/// Whether two names are one, as headers are compared.
pub fn is_same_name(one: &str, other: &str) -> bool {
    plain(one) == plain(other)
}

/// How a cell names a column; of two the smaller one counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum By {
    /// By a name of one's own (`--columns`).
    Own,
    /// By the name of the contract.
    Name,
    /// By another accepted name.
    Alias,
}

/// What a header cell means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Meaning {
    /// The number of the column in the contract.
    pub column: usize,
    /// How it is named.
    pub by: By,
    /// Whether it is a length in minutes, and not in seconds.
    pub minutes: bool,
}

/// Names of one's own for columns, by table or for all (`--columns FILE.toml`).
#[derive(Debug, Clone, Default)]
pub struct Aliases(BTreeMap<String, BTreeMap<String, Vec<String>>>);

impl Aliases {
    /// Reads `[table]` sections of `column = ["alias", …]`.
    ///
    /// # Errors
    /// A usage error when the text is no such file, or names an unknown table or column.
    ///
    /// ```
    /// use trace::ingest::Aliases;
    /// assert!(Aliases::parse("[cases]\nonset = [\"First symptoms\"]\n", "my.toml").is_ok());
    /// assert!(Aliases::parse("[cases]\nonsett = [\"x\"]\n", "my.toml").is_err());
    /// ```
    pub fn parse(text: &str, origin: &str) -> Result<Aliases> {
        let read: BTreeMap<String, BTreeMap<String, Vec<String>>> =
            toml::from_str(text).map_err(|e| Problem::ColumnsUnreadable {
                origin: origin.to_owned(),
                what: e.to_string().trim_end().to_owned(),
            })?;
        for (table, columns) in &read {
            let Some(known) = Table::ALL.into_iter().find(|t| t.name() == table) else {
                let (origin, table) = (origin.to_owned(), table.clone());
                return Err(Problem::ColumnsOfNoTable { origin, table }.into());
            };
            for column in columns.keys() {
                if known.columns().iter().all(|c| c.name != column) {
                    let names: Vec<&str> = known.columns().iter().map(|c| c.name).collect();
                    let (origin, table) = (origin.to_owned(), table.clone());
                    let (column, known) = (column.clone(), names.join(", "));
                    return Err(Problem::ColumnsOfNoColumn { origin, table, column, known }.into());
                }
            }
        }
        Ok(Aliases(read))
    }

    fn of(&self, table: Table, column: &str) -> &[String] {
        self.0.get(table.name()).and_then(|t| t.get(column)).map_or(&[], |v| v)
    }

    /// What a header cell means in a table: a name of one's own comes before the built-in ones, and
    /// a whole cell before one without its unit.
    pub fn find(&self, table: Table, cell: &str) -> Option<Meaning> {
        let (name, unit) = unit::split(cell.trim());
        let whole = plain(cell);
        self.named(table, &whole).or_else(|| {
            let meaning = self.named(table, &plain(name)).or_else(|| {
                let length = unit.filter(|_| is_any(&plain(name), LENGTH))?;
                let column = table.columns().iter().position(|c| c.name == "seconds")?;
                let minutes = unit::is_minutes(length);
                let known = minutes || unit::is_seconds(length);
                known.then_some(Meaning { column, by: By::Alias, minutes })
            })?;
            let minutes = meaning.minutes || unit.is_some_and(unit::is_minutes);
            Some(Meaning { minutes, ..meaning })
        })
    }

    fn named(&self, table: Table, cell: &str) -> Option<Meaning> {
        if cell.is_empty() {
            return None;
        }
        let position = |is: &dyn Fn(&Column) -> bool| table.columns().iter().position(is);
        let own = position(&|c| self.of(table, c.name).iter().any(|alias| plain(alias) == cell));
        let by = |by| move |column| Meaning { column, by, minutes: false };
        own.map(by(By::Own))
            .or_else(|| position(&|c| plain(c.name) == cell).map(by(By::Name)))
            .or_else(|| position(&|c| is_any(cell, c.aliases)).map(by(By::Alias)))
            .or_else(|| {
                let minutes = is_any(cell, MINUTES);
                let column = position(&|c| c.name == "seconds" && minutes)?;
                Some(Meaning { column, by: By::Alias, minutes })
            })
    }

    /// How many cells of a header name a column of `table`.
    pub fn matched<'a>(&self, table: Table, header: impl Iterator<Item = &'a str>) -> usize {
        let named = |cell: &&str| {
            self.find(table, cell).is_some() || is_spare(table, cell) || is_length(table, cell)
        };
        header.filter(named).count()
    }

    /// Whether a row of cells names all columns that a file of `table` must have.
    pub fn is_header(&self, table: Table, cells: &[String]) -> bool {
        let has = |name: &str| {
            let column = table.column(name);
            cells.iter().any(|cell| {
                self.find(table, cell).is_some_and(|meaning| meaning.column == column)
                    || is_any(&plain(cell), table.columns()[column].spare)
                    || table == Table::Cases
                        && name == "person_id"
                        && is_any(&plain(cell), SYSTEM_IDS)
            })
        };
        // A length without its unit is one: the message is about the unit.
        let is_length = || cells.iter().any(|cell| is_length(table, cell));
        table.lacks(|name| has(name) || name == "seconds" && is_length()).is_none()
    }
}

/// Whether a cell is a name that is accepted when nothing better is there.
pub fn is_spare(table: Table, cell: &str) -> bool {
    table.columns().iter().any(|column| is_any(&plain(cell), column.spare))
}

/// Whether a cell names a length and does not say in what.
pub fn is_length(table: Table, cell: &str) -> bool {
    table.columns().iter().any(|column| column.name == "seconds") && is_any(&plain(cell), LENGTH)
}

/// Whether a plain name is one of these.
pub fn is_any(name: &str, names: &[&str]) -> bool {
    names.iter().any(|known| plain(known) == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_of_a_table_means_two_columns() {
        for table in Table::ALL {
            let mut seen = BTreeMap::new();
            for column in table.columns() {
                for name in std::iter::once(&column.name).chain(column.aliases) {
                    let other = seen.insert(plain(name), column.name);
                    assert!(other.is_none_or(|o| o == column.name), "{name} in {}", table.name());
                }
            }
        }
    }

    #[test]
    fn lengths_say_their_unit() {
        let aliases = Aliases::default();
        let seconds = |cell| {
            let found = aliases.find(Table::Colocations, cell)?;
            assert_eq!(Table::Colocations.columns()[found.column].name, "seconds");
            Some(if found.minutes { 60 } else { 1 })
        };
        for (cell, unit) in [
            ("seconds", Some(1)),
            ("duration_s", Some(1)),
            ("Duration (min)", Some(60)),
            ("时长（秒）", Some(1)),
            ("时长分钟", Some(60)),
            ("minutes", Some(60)),
            ("duration", None),
            ("时长", None),
        ] {
            assert_eq!(seconds(cell), unit, "{cell}");
        }
        assert!(is_length(Table::Colocations, "Duration"));
        assert!(!is_length(Table::Cases, "Duration"));
    }
}
