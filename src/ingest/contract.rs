//! The five tables, their columns, and the names a header may use for them.
//!
//! A header is matched without regard to case, spaces, `_` and `-`. What a file calls its columns
//! is settled once per file, in a [`Layout`].

use crate::base::error::{Error, Result};
use crate::base::problem::{Guess, Problem};
use std::collections::BTreeMap;

/// A table of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Table {
    /// 感染者.
    Cases,
    /// 轨迹: stays.
    Trajectories,
    /// 共处: two people near each other.
    Colocations,
    /// 地点.
    Places,
    /// 人员.
    Persons,
}

/// A column: its name, what else it may be called, whether a file must have it.
#[derive(Debug)]
pub struct Column {
    /// The name in the contract.
    pub name: &'static str,
    /// Other accepted names.
    pub aliases: &'static [&'static str],
    /// Whether a file without it cannot be used.
    pub required: bool,
}

const fn must(name: &'static str, aliases: &'static [&'static str]) -> Column {
    Column { name, aliases, required: true }
}

const fn may(name: &'static str, aliases: &'static [&'static str]) -> Column {
    Column { name, aliases, required: false }
}

const PERSON: &[&str] =
    &["person", "id", "uid", "user_id", "人员编号", "人员ID", "身份证号", "证件号码", "编号"];
const START: &[&str] = &[
    "time",
    "timestamp",
    "datetime",
    "start_time",
    "entered",
    "时间",
    "开始时间",
    "进入时间",
    "到达时间",
];
const END: &[&str] = &["end_time", "left", "结束时间", "离开时间"];
const PLACE: &[&str] =
    &["place", "venue_id", "location_id", "poi_id", "地点编号", "场所编号", "场所码"];
const LON: &[&str] = &["lng", "longitude", "x", "经度"];
const LAT: &[&str] = &["latitude", "y", "纬度"];
const PROTECTED: &[&str] = &["masked", "已防护", "有效防护"];
const COUNTY: &[&str] = &["县区", "区县"];
const NAME: &[&str] = &["名称", "姓名"];

const CASES: &[Column] = &[
    must("person_id", PERSON),
    may("onset", &["onset_date", "发病时间", "发病日期"]),
    may("sampled", &["sample_date", "采样时间", "采样日期"]),
    must("confirmed", &["confirmed_at", "report_date", "确诊时间", "报告时间"]),
    may("isolated", &["isolated_at", "隔离时间"]),
    may("imported", &["境外输入"]),
];
const TRAJECTORIES: &[Column] = &[
    must("person_id", PERSON),
    must("start", START),
    may("end", END),
    may("place_id", PLACE),
    may("lon", LON),
    may("lat", LAT),
    may("accuracy_m", &["accuracy", "精度"]),
    may("seat_row", &["row", "排", "座位排号"]),
    may("protected", PROTECTED),
];
const COLOCATIONS: &[Column] = &[
    must("person_a", &["a", "i", "id_a", "user_a", "人员A", "人员甲"]),
    must("person_b", &["b", "j", "id_b", "user_b", "人员B", "人员乙"]),
    must("start", START),
    may("end", END),
    may("seconds", &["duration_s", "duration", "时长秒"]),
    may("place_id", PLACE),
    may("distance_m", &["distance", "距离", "距离米"]),
    may("protected", PROTECTED),
    may("rssi_dbm", &["rssi", "信号强度"]),
];
const PLACES: &[Column] = &[
    must("place_id", PLACE),
    may("kind", &["类型", "场所类型"]),
    may("name", NAME),
    may("unit", &["单元"]),
    may("building", &["楼栋", "楼号"]),
    may("compound", &["小区", "园区"]),
    may("county", COUNTY),
    may("lon", LON),
    may("lat", LAT),
    may("radius_m", &["radius", "半径"]),
    may("enclosed", &["indoor", "密闭"]),
    may("dense", &["crowded", "人员密集"]),
];
const PERSONS: &[Column] = &[
    must("person_id", PERSON),
    may("residence", &["home", "居住地", "住址编号"]),
    may("county", COUNTY),
    may("groups", &["重点人群"]),
    may("closed_loop_end", &["闭环结束日期"]),
    may("name", NAME),
];

impl Table {
    /// All tables, in the order they are read.
    pub const ALL: [Table; 5] =
        [Table::Cases, Table::Places, Table::Persons, Table::Trajectories, Table::Colocations];

    /// The name its files begin with.
    pub fn name(self) -> &'static str {
        match self {
            Table::Cases => "cases",
            Table::Trajectories => "trajectories",
            Table::Colocations => "colocations",
            Table::Places => "places",
            Table::Persons => "persons",
        }
    }

    /// The number of the column called `name` in the contract. Panics when it has none.
    pub fn column(self, name: &str) -> usize {
        self.columns().iter().position(|column| column.name == name).expect("a column of the table")
    }

    /// Its columns, in the order they are checked.
    pub fn columns(self) -> &'static [Column] {
        match self {
            Table::Cases => CASES,
            Table::Trajectories => TRAJECTORIES,
            Table::Colocations => COLOCATIONS,
            Table::Places => PLACES,
            Table::Persons => PERSONS,
        }
    }
}

/// A header cell as it is compared: lower case, without spaces, `_` and `-`.
fn plain(name: &str) -> String {
    name.chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '_' | '-' | '\u{feff}'))
        .flat_map(char::to_lowercase)
        .collect()
}

/// Names of one's own for columns, by table or for all (`--columns FILE.toml`).
#[derive(Debug, Clone, Default)]
pub struct Aliases(BTreeMap<String, BTreeMap<String, Vec<String>>>);

impl Aliases {
    /// Reads `[table]` sections of `column = ["alias", …]`.
    ///
    /// # Errors
    /// A usage error for text that is no such file, a table or a column there is not.
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

    /// The column of `table` that a header cell names, and whether by a name of one's own: those
    /// come before the built-in ones.
    fn find(&self, table: Table, cell: &str) -> Option<(usize, bool)> {
        let cell = plain(cell);
        if cell.is_empty() {
            return None;
        }
        let columns = || table.columns().iter();
        let is_own = |c: &Column| self.of(table, c.name).iter().any(|alias| plain(alias) == cell);
        let is_known =
            |c: &Column| plain(c.name) == cell || c.aliases.iter().any(|a| plain(a) == cell);
        let own = columns().position(is_own).map(|column| (column, true));
        own.or_else(|| columns().position(is_known).map(|column| (column, false)))
    }

    /// How many cells of a header name a column of `table`.
    pub fn matched<'a>(&self, table: Table, header: impl Iterator<Item = &'a str>) -> usize {
        header.filter(|cell| self.find(table, cell).is_some()).count()
    }
}

/// Which cell of a row is which column.
#[derive(Debug, Clone)]
pub struct Layout {
    /// How many cells a row has.
    pub width: usize,
    /// For each column of the table, in its order: the cell, if the file has it.
    pub cells: Vec<Option<usize>>,
    /// (name in the file, name in the contract).
    pub matched: Vec<(String, &'static str)>,
    /// Names in the file that mean nothing here.
    pub unknown: Vec<String>,
    /// The cells that never hold a line break: all known columns but free text.
    pub one_line: Vec<(usize, &'static str)>,
}

/// Columns that may hold any text.
const FREE_TEXT: [&str; 7] = ["kind", "name", "unit", "building", "compound", "county", "groups"];

/// The widest header that is read as one.
const MAX_COLUMNS: usize = 10_000;

impl Layout {
    /// Matches a header.
    ///
    /// # Errors
    /// An input error when a required column is missing, two cells name the same column, or there
    /// are more columns than any export has; `file` is named in the message.
    pub fn new(table: Table, header: &[String], aliases: &Aliases, file: &str) -> Result<Layout> {
        if header.len() > MAX_COLUMNS {
            let (file, columns) = (file.to_owned(), header.len());
            return Err(Problem::WideHeader { file, columns, most: MAX_COLUMNS }.into());
        }
        let mut cells = vec![None; table.columns().len()];
        let (mut matched, mut unknown) = (Vec::new(), Vec::new());
        for (position, cell) in header.iter().enumerate() {
            let Some((column, own)) = aliases.find(table, cell) else {
                unknown.push(cell.clone());
                continue;
            };
            let name = table.columns()[column].name;
            // A name of one's own settles which of two columns is meant.
            let is_own = |cell: &String| aliases.find(table, cell).is_some_and(|(_, own)| own);
            let others = header.iter().enumerate().filter(|(n, _)| *n != position);
            let same = |cell: &&String| aliases.find(table, cell).is_some_and(|(c, _)| c == column);
            if !own && others.map(|(_, cell)| cell).filter(same).any(is_own) {
                unknown.push(cell.clone());
                continue;
            }
            if let Some(other) = cells[column].replace(position) {
                let (first, second) = (header[other].clone(), cell.clone());
                let file = file.to_owned();
                return Err(Problem::ColumnTwice { file, first, second, column: name }.into());
            }
            matched.push((cell.clone(), name));
        }
        let known = cells.iter().zip(table.columns());
        let one_line = known
            .filter(|(_, column)| !FREE_TEXT.contains(&column.name))
            .filter_map(|(cell, column)| Some(((*cell)?, column.name)))
            .collect();
        let layout = Layout { width: header.len(), cells, matched, unknown, one_line };
        layout.check(table, header, file)?;
        Ok(layout)
    }

    fn has(&self, table: Table, name: &str) -> bool {
        let position = table.columns().iter().position(|column| column.name == name);
        position.is_some_and(|p| self.cells[p].is_some())
    }

    fn check(&self, table: Table, header: &[String], file: &str) -> Result<()> {
        for column in table.columns().iter().filter(|column| column.required) {
            if !self.has(table, column.name) {
                return Err(missing(column.name, column, header, &self.unknown, file));
            }
        }
        let column = |name| table.columns().iter().find(|c| c.name == name).expect("a column");
        let coordinates = || self.has(table, "lon") && self.has(table, "lat");
        if table == Table::Trajectories && !self.has(table, "place_id") && !coordinates() {
            let what = "place_id` (or `lon` and `lat";
            return Err(missing(what, column("place_id"), header, &self.unknown, file));
        }
        let length = || self.has(table, "end") || self.has(table, "seconds");
        if table == Table::Colocations && !length() {
            return Err(missing("end` or `seconds", column("end"), header, &self.unknown, file));
        }
        Ok(())
    }
}

fn missing(
    what: &'static str,
    column: &Column,
    header: &[String],
    unknown: &[String],
    file: &str,
) -> Error {
    let shown: Vec<String> = header.iter().take(40).map(|cell| format!("`{cell}`")).collect();
    let names = || std::iter::once(&column.name).chain(column.aliases);
    let nearest = unknown
        .iter()
        .map(|cell| {
            let score = names().map(|name| strsim::jaro_winkler(&plain(name), &plain(cell)));
            (score.fold(0.0, f64::max), cell)
        })
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .filter(|(score, _)| *score > 0.7);
    let guess = match nearest {
        Some((_, cell)) => Guess::Is(cell.clone(), column.name),
        None => Guess::Names(column.aliases.join(", ")),
    };
    let (file, header) = (file.to_owned(), shown.join(", "));
    Problem::NoColumn { file, column: what, header, guess }.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout(table: Table, header: &[&str]) -> Result<Layout> {
        let header: Vec<String> = header.iter().map(|&cell| cell.to_owned()).collect();
        Layout::new(table, &header, &Aliases::default(), "x.csv")
    }

    #[test]
    fn headers_match_in_both_languages_and_any_spelling() {
        let found = layout(Table::Cases, &["确诊时间", "Person ID", "note", "ONSET-DATE"]).unwrap();
        assert_eq!(found.cells, [Some(1), Some(3), None, Some(0), None, None]);
        assert_eq!(found.unknown, ["note"]);
    }

    #[test]
    fn no_alias_of_a_table_means_two_columns() {
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
    fn a_missing_column_names_what_is_there_and_the_nearest() {
        let error = layout(Table::Cases, &["person_id", "confirmd"]).unwrap_err().to_string();
        assert!(error.contains("no column `confirmed`") && error.contains("is it `confirmd`?"));
        let error = layout(Table::Trajectories, &["id", "time", "lon"]).unwrap_err().to_string();
        assert!(error.contains("place_id"), "{error}");
        let error = layout(Table::Cases, &["id", "person", "confirmed"]).unwrap_err().to_string();
        assert!(error.contains("both mean `person_id`"), "{error}");
    }
}
