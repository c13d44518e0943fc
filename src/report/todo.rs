//! Today's work as lists: of people and of zones, each with what whoever does it has to know.
//!
//! From `today.csv`; the days and their order are its own. Cost: the rows of the table.

use super::finished::{Finished, ZoneRow, text};
use super::people::{Known, People};
use super::words::Lang;
use hashbrown::HashMap;
use serde_json::Value;
use std::io::Result;

/// A row of `today.csv`.
#[derive(Debug, Clone, serde::Deserialize)]
pub struct ToDoRow {
    pub task: String,
    pub day: String,
    pub rank: Option<u32>,
    pub person_id: String,
    pub zone_id: String,
    pub by: String,
    pub measure: String,
    pub phases: String,
    pub release_on: String,
    pub cause: String,
}

/// What is to be done, by task, in the order of the table.
pub struct ToDo {
    pub tasks: Vec<(String, Vec<ToDoRow>)>,
}

impl ToDo {
    /// That of an output.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub fn of(finished: &Finished) -> Result<ToDo> {
        let mut tasks: Vec<(String, Vec<ToDoRow>)> = Vec::new();
        for row in finished.rows::<ToDoRow>("today.csv")? {
            let row = row?;
            match tasks.last_mut() {
                Some((task, rows)) if *task == row.task => rows.push(row),
                _ => tasks.push((row.task.clone(), vec![row])),
            }
        }
        Ok(ToDo { tasks })
    }

    /// The rows of a task.
    pub fn rows(&self, task: &str) -> &[ToDoRow] {
        self.tasks.iter().find(|(of, _)| of == task).map_or(&[], |(_, rows)| rows)
    }
}

/// A list that is printed: its header and its rows.
pub type Sheet = (Vec<&'static str>, Vec<Vec<String>>);

/// When, where and by which cases people were exposed last: what whoever calls them has to know.
#[derive(Default)]
pub struct Exposed(HashMap<String, [String; EXPOSED.len()]>);

/// The columns of it.
const EXPOSED: [&str; 3] = ["last_exposure", "places", "case_ids"];

/// A row of `contacts.csv` or `venue_exposed.csv`.
#[derive(serde::Deserialize)]
struct ExposedRow {
    person_id: String,
    case_ids: String,
    last_exposure: String,
    places: String,
}

impl Exposed {
    /// That of an output.
    ///
    /// # Errors
    /// When a table cannot be read.
    pub fn of(finished: &Finished, people: &People, lang: Lang) -> Result<Exposed> {
        let mut of = HashMap::new();
        for table in ["contacts.csv", "venue_exposed.csv"] {
            for row in finished.rows::<ExposedRow>(table)? {
                let row = row?;
                let places = place_names(finished, &row.places, lang);
                of.insert(row.person_id, [row.last_exposure, places, people.ids(&row.case_ids)]);
            }
        }
        Ok(Exposed(of))
    }
}

/// The rows of a task as a sheet: people by name first, zones in words. Whom to call has their
/// exposure beside them where `exposed` knows it.
pub fn sheet(
    rows: &[&ToDoRow],
    (people, zones): (&People, &ZoneNames),
    exposed: &Exposed,
) -> Sheet {
    let of_zones = rows.iter().all(|row| row.person_id.is_empty());
    let has = |cell: fn(&ToDoRow) -> bool| rows.iter().any(|row| cell(row));
    let mut header: Vec<&'static str> = Vec::new();
    let late = rows.iter().any(|row| row.day != rows[0].day);
    header.extend(has(|row| row.rank.is_some()).then_some("rank"));
    if of_zones {
        header.extend(["zone", "residents", "by"]);
    } else {
        header.extend(people.first());
        let lives = |part: fn(&Known) -> &String| {
            rows.iter()
                .any(|row| people.find(&row.person_id).is_some_and(|of| !part(of).is_empty()))
        };
        header.extend(lives(|of| &of.building).then_some("building"));
        header.extend(lives(|of| &of.unit).then_some("unit"));
        header.extend(["person_id", "measure", "phases", "release_on"]);
        let is_known = rows.iter().any(|row| exposed.0.contains_key(&row.person_id));
        header
            .extend((rows[0].task == "call" && is_known).then_some(EXPOSED).into_iter().flatten());
    }
    header.extend(late.then_some("day"));
    header.extend(has(|row| !row.cause.is_empty()).then_some("cause"));
    let cell = |row: &ToDoRow, column: &str| match column {
        "rank" => row.rank.map_or(String::new(), |rank| rank.to_string()),
        "zone" => zones.name(&row.zone_id),
        "residents" => zones.residents(&row.zone_id),
        "by" => row.by.clone(),
        "person_id" => people.id(&row.person_id),
        "measure" => row.measure.clone(),
        "phases" => row.phases.clone(),
        "release_on" => row.release_on.clone(),
        "day" => row.day.clone(),
        "cause" => row.cause.clone(),
        "last_exposure" | "places" | "case_ids" => {
            let at = EXPOSED.iter().position(|of| *of == column).expect("one of them");
            exposed.0.get(&row.person_id).map_or(String::new(), |cells| cells[at].clone())
        }
        first => people.find(&row.person_id).map_or("", |of| of.cell(first)).to_owned(),
    };
    let cells = rows.iter().map(|row| header.iter().map(|column| cell(row, column)).collect());
    let rows = cells.collect();
    (header, rows)
}

/// What zones are called: 玫瑰园1期 1栋2单元.
pub struct ZoneNames(HashMap<String, (String, Option<u64>)>);

impl ZoneNames {
    /// Those of an output.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub fn of(finished: &Finished, lang: Lang) -> Result<ZoneNames> {
        let zones = finished.zones()?.into_iter();
        Ok(ZoneNames(zones.map(|zone| of_zone(finished, zone, lang)).collect()))
    }

    /// The name of a zone; its id when it is none of the output.
    pub fn name(&self, id: &str) -> String {
        self.0.get(id).map_or(id, |(name, _)| name).to_owned()
    }

    fn residents(&self, id: &str) -> String {
        let residents = self.0.get(id).and_then(|(_, residents)| *residents);
        residents.map_or(String::new(), |count| count.to_string())
    }
}

/// What a place is called: its name, or else its address in words.
pub fn place_name(finished: &Finished, id: &str, lang: Lang) -> String {
    match &finished.kept["names"][id] {
        Value::String(name) => name.clone(),
        Value::Array(parts) => {
            let part = |n: usize| parts.get(n).map_or("", text);
            address([part(0), part(1), part(2)], lang)
        }
        _ => id.to_owned(),
    }
}

/// What places are called that are joined with `;`.
pub fn place_names(finished: &Finished, ids: &str, lang: Lang) -> String {
    let names = ids.split(';').map(|id| place_name(finished, id, lang));
    names.collect::<Vec<_>>().join("; ")
}

/// Compound, building and unit in words.
fn address([compound, building, unit]: [&str; 3], lang: Lang) -> String {
    let number = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let part = |text: &str, pattern| match (text.is_empty(), number(text)) {
        (true, _) => String::new(),
        (_, true) => lang.fill(pattern, &[&text]),
        // It says itself what it is: 3号楼.
        (_, false) => format!(" {text}"),
    };
    let parts = [compound.to_owned(), part(building, " building {}"), part(unit, " unit {}")];
    parts.concat().trim().to_owned()
}

fn of_zone(finished: &Finished, zone: ZoneRow, lang: Lang) -> (String, (String, Option<u64>)) {
    let ZoneRow { compound, building, unit, .. } = &zone;
    let name = match zone.level.as_str() {
        "place" => place_name(finished, &zone.place_id, lang),
        _ => address([compound, building, unit], lang),
    };
    (zone.zone_id, (name, zone.residents))
}
