//! The rows of the page's tables, with the field names of its scripts.

use super::finished::{ZoneRow, text};
use super::page_people::PagePeople;
use super::todo::ToDoRow;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;

/// Cases of a day of the curve: of their onset or of their confirmation.
#[derive(Serialize)]
pub struct CurveDay {
    pub day: String,
    pub onset: bool,
    pub known: u64,
    pub unknown: u64,
}

/// A risk zone.
#[derive(Serialize)]
pub struct Zone {
    id: String,
    level: String,
    status: String,
    county: String,
    compound: String,
    building: String,
    unit: String,
    place: String,
    bases: String,
    cases: Value,
    residents: Option<u64>,
    present: Option<u64>,
    last_case: String,
    downgrade_on: String,
    days: Option<u64>,
    minutes: Option<u64>,
    contacts: Option<u64>,
    secondary: Option<u64>,
}

impl Zone {
    /// A row of `zones.csv`; `numbers` gives those of its cases.
    pub fn of(row: ZoneRow, numbers: impl Fn(&str) -> Value) -> Zone {
        Zone {
            id: row.zone_id,
            level: row.level,
            status: row.status,
            county: row.county,
            compound: row.compound,
            building: row.building,
            unit: row.unit,
            place: row.place_id,
            bases: row.bases,
            cases: numbers(&row.case_ids),
            residents: row.residents,
            present: row.present,
            last_case: row.last_case_date,
            downgrade_on: row.downgrade_on,
            days: row.days,
            minutes: row.minutes,
            contacts: row.contacts,
            secondary: row.secondary,
        }
    }
}

/// What a zone costs, or would cost: a row of `zone_options.csv`.
#[derive(Serialize, Deserialize)]
pub struct Price {
    zone_id: String,
    level: String,
    status: String,
    bases: String,
    contacts: u64,
    secondary: u64,
    residents: u64,
    resident_days: u64,
    spillover: u64,
    spillover_days: u64,
    smaller_residents: u64,
    larger_residents: u64,
    missing: String,
}

/// Something that is to be done today.
#[derive(Serialize)]
pub struct ToDo<'f> {
    task: &'f str,
    day: &'f str,
    rank: Option<u32>,
    person: Option<usize>,
    zone: &'f str,
    by: &'f str,
    measure: &'f str,
    phases: &'f str,
    release_on: &'f str,
    cause: &'f str,
}

impl<'f> ToDo<'f> {
    /// A row of the table.
    pub fn of(row: &'f ToDoRow, people: &PagePeople) -> ToDo<'f> {
        let (known, is_person) = (people.number(&row.person_id), !row.person_id.is_empty());
        ToDo {
            task: &row.task,
            day: &row.day,
            rank: row.rank,
            person: known,
            // Who is in no list of the page goes by their id.
            zone: if known.is_none() && is_person { &row.person_id } else { &row.zone_id },
            by: &row.by,
            measure: &row.measure,
            phases: &row.phases,
            release_on: &row.release_on,
            cause: &row.cause,
        }
    }
}

/// Something that changed: a row of `changes.csv`.
#[derive(Serialize, Deserialize)]
pub struct Changed {
    what: String,
    #[serde(skip_serializing)]
    id: String,
    #[serde(skip_serializing)]
    other_id: String,
    change: String,
    cause: String,
    old_class: String,
    new_class: String,
    old_state: String,
    new_state: String,
    old_until: String,
    new_until: String,
    #[serde(skip_deserializing)]
    person: Option<usize>,
    #[serde(skip_deserializing)]
    zone: String,
    #[serde(skip_deserializing)]
    other: Option<usize>,
}

impl Changed {
    /// With the numbers of people in place of their ids; who is in no other list goes by their id.
    pub fn of(mut self, people: &PagePeople) -> Changed {
        self.person = people.number(&self.id);
        self.other = people.number(&self.other_id);
        if self.person.is_none() {
            self.zone.clone_from(&self.id);
        }
        self
    }

    /// People before zones, links and cases.
    pub fn rank(&self) -> u8 {
        match self.what.as_str() {
            "person" => 0,
            "zone" => 1,
            _ => 2,
        }
    }
}

/// How many people have a measure.
#[derive(Serialize)]
pub struct MeasureCount<'f> {
    pub measure: &'f str,
    pub active: u64,
    pub elapsed: u64,
}

/// People tested on a day in a county.
#[derive(Serialize)]
pub struct Tests<'f> {
    day: &'f str,
    county: &'f str,
    people: u64,
}

impl<'f> Tests<'f> {
    /// A row of `report.json`: day, county, people.
    pub fn of(row: &'f Value) -> Tests<'f> {
        let people = row[2].as_u64().unwrap_or(0);
        Tests { day: text(&row[0]), county: text(&row[1]), people }
    }
}

/// A link between two cases.
#[derive(Serialize)]
pub struct Link {
    pub earlier: usize,
    pub later: usize,
    pub minutes: i64,
}

/// A value of the policy.
#[derive(Serialize)]
pub struct PolicyValue {
    pub key: String,
    pub value: String,
    pub source: String,
}

/// What became of the rows of a table.
#[derive(Serialize)]
pub struct Rows<'f> {
    pub table: &'f str,
    pub rows: u64,
    pub used: u64,
    pub rejected: u64,
    pub repeated: u64,
    pub after_as_of: u64,
    pub inaccurate: u64,
    pub earlier_episode: u64,
    /// Blank, the header again, totals, of nobody, or no case by the list itself.
    pub others: u64,
}

fn or_zero<S: Serializer>(number: &Option<u64>, out: S) -> Result<S::Ok, S::Error> {
    out.serialize_u64(number.unwrap_or(0))
}

/// A row of `rejects.csv`.
#[derive(Serialize, Deserialize)]
pub struct Reject {
    file: String,
    line: u64,
    column: String,
    value: String,
    reason: String,
    #[serde(rename(deserialize = "row"))]
    fate: String,
}

/// A row of `checks.csv`: what a person should look at.
#[derive(Serialize, Deserialize)]
pub struct Check {
    check: String,
    file: String,
    #[serde(serialize_with = "or_zero")]
    line: Option<u64>,
    pub id: String,
    value: String,
    #[serde(serialize_with = "or_zero")]
    count: Option<u64>,
    pub what: String,
}
