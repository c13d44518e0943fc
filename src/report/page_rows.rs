//! The rows of the page's tables: what `page.js` calls their fields.

use super::finished::{ZoneRow, text};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Map, Value, json};

/// Rows as the names of their fields once and their values: `{"columns": [...], "rows": [[...]]}`.
pub fn packed<T: Serialize>(rows: impl IntoIterator<Item = T>) -> Value {
    let object = |row: T| match serde_json::to_value(row) {
        Ok(Value::Object(fields)) => fields,
        _ => Map::new(),
    };
    let mut columns = Vec::new();
    let values = |row: Map<String, Value>| {
        if columns.is_empty() {
            columns = row.keys().cloned().collect();
        }
        row.into_iter().map(|(_, value)| value).collect::<Vec<Value>>()
    };
    let rows: Vec<Vec<Value>> = rows.into_iter().map(object).map(values).collect();
    json!({ "columns": columns, "rows": rows })
}

/// A day of the curve.
#[derive(Serialize)]
pub struct CurveDay<'f> {
    pub day: &'f str,
    pub onset: u64,
    pub confirmed: u64,
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
    cases: String,
    residents: Option<u64>,
    present: Option<u64>,
    last_case: String,
    downgrade_on: String,
    days: Option<u64>,
    minutes: Option<u64>,
    contacts: Option<u64>,
    secondary: Option<u64>,
}

impl From<ZoneRow> for Zone {
    fn from(row: ZoneRow) -> Zone {
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
            cases: row.case_ids,
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

/// A close contact.
#[derive(Serialize)]
pub struct Contact {
    pub rank: u64,
    pub person: String,
    pub cases: String,
    pub last: String,
    pub minutes: u64,
    pub peak: u64,
    pub bases: String,
    pub places: String,
    pub release_on: String,
    pub state: &'static str,
}

/// Somebody with a measure.
#[derive(Serialize)]
pub struct Person {
    pub person: String,
    pub measure: String,
    pub state: &'static str,
    pub phases: String,
    pub tests: String,
    pub release_on: String,
    pub cases: String,
    pub zones: String,
}

/// Those that are shown, and how many are not.
pub struct People {
    pub rows: Vec<Person>,
    pub left_out: usize,
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
    pub earlier: String,
    pub later: String,
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
    id: String,
    value: String,
    #[serde(serialize_with = "or_zero")]
    count: Option<u64>,
}
