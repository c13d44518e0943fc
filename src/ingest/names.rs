//! Names of files and folders: of which table they are, and how they are packed.
//!
//! A file is named after its table, in English or Chinese. A date may stand before the name; after
//! a separator or a digit anything may follow that tells parts apart. Nothing is opened here.

use crate::ingest::contract::Table;
use serde::{Deserialize, Serialize};

/// How a file is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Packing {
    /// Text as it is: `.csv`, `.tsv`, `.txt`.
    Plain,
    /// With `.gz` behind.
    Gzip,
    /// With `.zst` behind.
    Zstd,
    /// `.parquet`.
    Parquet,
    /// `.xlsx`, `.xlsm`, `.xls`, `.ods`.
    Workbook,
}

/// What tables are called in Chinese.
const CHINESE: [(&str, Table); 17] = [
    ("病例", Table::Cases),
    ("感染者", Table::Cases),
    ("确诊", Table::Cases),
    ("轨迹", Table::Trajectories),
    ("行程", Table::Trajectories),
    ("同行", Table::Colocations),
    ("接触", Table::Colocations),
    ("场所", Table::Places),
    ("地点", Table::Places),
    ("人员", Table::Persons),
    ("居民", Table::Persons),
    ("身份对应", Table::Identities),
    ("身份对照", Table::Identities),
    ("入境人员", Table::Arrivals),
    ("管控令", Table::Orders),
    ("风险区筛查", Table::Screenings),
    ("风险区公布", Table::Announcements),
];

/// What may stand behind a Chinese name and says nothing.
const LIST: [&str; 6] = ["信息", "表", "数据", "明细", "名单", "汇总"];

/// The endings of files that are read, and how they are packed.
const ENDINGS: [(&str, Packing); 14] = [
    (".csv", Packing::Plain),
    (".tsv", Packing::Plain),
    (".txt", Packing::Plain),
    (".csv.gz", Packing::Gzip),
    (".tsv.gz", Packing::Gzip),
    (".txt.gz", Packing::Gzip),
    (".csv.zst", Packing::Zstd),
    (".tsv.zst", Packing::Zstd),
    (".txt.zst", Packing::Zstd),
    (".parquet", Packing::Parquet),
    (".xlsx", Packing::Workbook),
    (".xlsm", Packing::Workbook),
    (".xls", Packing::Workbook),
    (".ods", Packing::Workbook),
];

/// A file name without its ending, and how the ending says it is packed.
pub fn stem(name: &str) -> (&str, Option<Packing>) {
    for (ending, packing) in ENDINGS {
        let at = name.len().saturating_sub(ending.len());
        if name.get(at..).is_some_and(|end| end.eq_ignore_ascii_case(ending)) && at > 0 {
            return (&name[..at], Some(packing));
        }
    }
    (name, None)
}

/// The table that a file name without ending names: `trajectories-01`, `11月9日病例`, `人员信息表`, …
pub fn table_of(stem: &str) -> Option<Table> {
    let name = without_date(stem);
    let english = |table: &Table| {
        let head = name.get(..table.name().len());
        head.is_some_and(|head| head.eq_ignore_ascii_case(table.name()))
    };
    let (table, rest) = match Table::ALL.into_iter().find(english) {
        Some(table) => (table, &name[table.name().len()..]),
        None => chinese(name)?,
    };
    // A part, or nothing.
    let goes_on = |c: char| c.is_ascii_digit() || "-_. （(".contains(c);
    rest.chars().next().is_none_or(goes_on).then_some(table)
}

/// Whether a file is called as a table and has an ending that is not read: 轨迹.zip, cases.docx.
pub fn is_called_as_a_table(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let ending = name.rsplit_once('.').filter(|(_, ending)| ending.len() < 6);
    let is_read = |name: &str| stem(name).1.is_some();
    ending.is_some_and(|(own, _)| !is_read(name) && !is_read(own) && table_of(own).is_some())
}

/// The table that a folder names as a whole, an ending apart: engines write a folder
/// `trajectories.parquet`.
pub fn table_of_folder(name: &str) -> Option<Table> {
    let name = stem(name).0;
    let english = Table::ALL.into_iter().find(|table| table.name().eq_ignore_ascii_case(name));
    english.or_else(|| chinese(name).filter(|(_, rest)| rest.is_empty()).map(|(table, _)| table))
}

/// The table of Chinese words and what stands behind them. Of several the last says what it is:
/// 病例轨迹 are trajectories, 确诊病例 are cases.
fn chinese(name: &str) -> Option<(Table, &str)> {
    let (mut table, mut rest) = (None, name);
    let word = |rest: &str| CHINESE.into_iter().find(|(word, _)| rest.starts_with(word));
    while let Some((word, of)) = word(rest) {
        (table, rest) = (Some(of), &rest[word.len()..]);
    }
    while let Some(word) = LIST.iter().find(|word| rest.starts_with(**word)) {
        rest = &rest[word.len()..];
    }
    Some((table?, rest))
}

/// A name behind the date it begins with: `2022-11-09_`, `20221109`, `11月9日`.
fn without_date(name: &str) -> &str {
    if !name.starts_with(|c: char| c.is_ascii_digit()) {
        return name;
    }
    name.trim_start_matches(|c: char| c.is_ascii_digit() || "-_. 年月日号".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_go_by_english_and_chinese_names() {
        for (name, table) in [
            ("cases", Some(Table::Cases)),
            ("CASES_2022-11-09", Some(Table::Cases)),
            ("trajectories 01", Some(Table::Trajectories)),
            ("2022-11-09_persons", Some(Table::Persons)),
            ("病例", Some(Table::Cases)),
            ("11月9日病例", Some(Table::Cases)),
            ("确诊病例名单", Some(Table::Cases)),
            ("轨迹_20221109", Some(Table::Trajectories)),
            ("轨迹20221109", Some(Table::Trajectories)),
            ("病例轨迹明细表", Some(Table::Trajectories)),
            ("同行（一）", Some(Table::Colocations)),
            ("场所信息", Some(Table::Places)),
            ("人员信息表(2)", Some(Table::Persons)),
            ("居民", Some(Table::Persons)),
            ("places.v2", Some(Table::Places)),
            ("places.csv", Some(Table::Places)),
            ("入境人员", Some(Table::Arrivals)),
            ("管控令_11月9日", Some(Table::Orders)),
            ("风险区筛查表", Some(Table::Screenings)),
            ("接触者名单", None),
            ("密接", None),
            ("caseload", None),
            ("病例报告", None),
            ("表", None),
            ("20221109", None),
            ("", None),
        ] {
            assert_eq!(table_of(name), table, "{name}");
        }
        assert_eq!(table_of_folder("轨迹数据"), Some(Table::Trajectories));
        assert_eq!(table_of_folder("轨迹-旧"), None);
    }

    #[test]
    fn endings_say_how_files_are_packed() {
        assert_eq!(stem("轨迹.TXT"), ("轨迹", Some(Packing::Plain)));
        assert_eq!(stem("cases.tsv.GZ"), ("cases", Some(Packing::Gzip)));
        assert_eq!(stem("cases.parquet"), ("cases", Some(Packing::Parquet)));
        assert_eq!(stem("cases.docx"), ("cases.docx", None));
        assert_eq!(stem(".csv"), (".csv", None));
    }
}
