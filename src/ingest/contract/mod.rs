//! The tables, their columns, and the names a header may use for them.
//!
//! Which cell of a header is which column is settled once per file, in a
//! [`Layout`](crate::ingest::header::layout::Layout).

mod column;
mod columns;

pub use column::{Column, Holds, PARTICULARS};
use columns::{
    ANNOUNCEMENTS, ARRIVALS, CASES, COLOCATIONS, IDENTITIES, ORDERED_MEASURES, ORDERED_ZONES,
    ORDERS, PERSONS, PLACES, SCREENINGS, TRAJECTORIES,
};
pub use columns::{LENGTH, MINUTES, SYSTEM_IDS};
use serde::{Deserialize, Serialize};

/// A table of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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
    /// 身份对应: by which numbers other systems know a person.
    Identities,
    /// 入境人员: who came from abroad; need not be there.
    Arrivals,
    /// 管控令: where people were ordered to stay; need not be there.
    Orders,
    /// 风险区筛查: who was tested in which zone; need not be there.
    Screenings,
    /// 风险区公布: when zones were announced; need not be there.
    Announcements,
    /// 已下达的风险区: zones that were ordered, for an audit; no part of an export.
    OrderedZones,
    /// 已下达的管控: measures that were ordered, for an audit; no part of an export.
    OrderedMeasures,
}

impl Table {
    /// All tables of an export, in the order they are read.
    pub const ALL: [Table; 10] = [
        Table::Cases,
        Table::Places,
        Table::Persons,
        Table::Trajectories,
        Table::Colocations,
        Table::Identities,
        Table::Arrivals,
        Table::Orders,
        Table::Screenings,
        Table::Announcements,
    ];

    /// Whether it is read in blocks and never kept.
    pub fn is_bulk(self) -> bool {
        matches!(self, Table::Trajectories | Table::Colocations)
    }

    /// Whether its rows are people, with what they are called and how they are reached.
    pub fn is_of_people(self) -> bool {
        matches!(self, Table::Persons | Table::Cases)
    }

    /// The name its files begin with.
    pub fn name(self) -> &'static str {
        match self {
            Table::Cases => "cases",
            Table::Trajectories => "trajectories",
            Table::Colocations => "colocations",
            Table::Places => "places",
            Table::Persons => "persons",
            Table::Identities => "identities",
            Table::Arrivals => "arrivals",
            Table::Orders => "orders",
            Table::Screenings => "screenings",
            Table::Announcements => "announcements",
            Table::OrderedZones => "ordered zones",
            Table::OrderedMeasures => "ordered measures",
        }
    }

    /// The first column that a file must have and has not, with what messages call it: `has` tells
    /// which are there.
    pub fn lacks(self, has: impl Fn(&str) -> bool) -> Option<(&'static str, &'static Column)> {
        let of = |name| &self.columns()[self.column(name)];
        let required = self.columns().iter().find(|column| column.required && !has(column.name));
        required.map(|column| (column.name, column)).or_else(|| match self {
            Table::Trajectories if !(has("place_id") || has("lon") && has("lat")) => {
                Some(("place_id` (or `lon` and `lat", of("place_id")))
            }
            Table::Colocations if !has("end") && !has("seconds") => {
                Some(("end` or `seconds", of("end")))
            }
            _ => None,
        })
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
            Table::Identities => IDENTITIES,
            Table::Arrivals => ARRIVALS,
            Table::Orders => ORDERS,
            Table::Screenings => SCREENINGS,
            Table::Announcements => ANNOUNCEMENTS,
            Table::OrderedZones => ORDERED_ZONES,
            Table::OrderedMeasures => ORDERED_MEASURES,
        }
    }
}
