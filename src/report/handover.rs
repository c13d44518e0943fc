//! `handover-NN-NAME.xlsx`: for each county or compound a workbook with its own people and zones
//! only.
//!
//! With what is to be done there today first. Who lives there is what `persons` says. People
//! without a recorded residence are in a workbook of their own. What is not needed at the door is
//! left out: cases, places of exposure. Cost: the people with a measure in memory.

use super::caught::caught;
use super::finished::{Finished, MeasureRow};
use super::people::{Known, People};
use super::todo::{Exposed, ToDo, ToDoRow, ZoneNames};
use super::words::Lang;
use super::workbook::{self, Book};
use crate::base::error::{Error, Result};
use crate::output::Stage;
use std::collections::BTreeMap;
use std::io::Write;

/// How finely the lists are cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HandoverBy {
    /// 县区.
    County,
    /// 小区.
    Compound,
}

/// The columns of the sheet of people behind what they are called, and of zones.
const PEOPLE: [&str; 9] =
    ["person_id", "building", "unit", "measure", "code", "state", "phases", "tests", "release_on"];
const ZONES: [&str; 5] = ["zone", "level", "status", "residents", "downgrade_on"];

/// The people and the zones of one community, and what is to be done there today.
#[derive(Default)]
struct List {
    people: Vec<Vec<String>>,
    zones: Vec<[String; ZONES.len()]>,
    todo: Vec<ToDoRow>,
}

/// Writes all of them.
pub fn write(finished: &Finished, grain: HandoverBy, lang: Lang, stage: &Stage<'_>) -> Result<()> {
    let failed = |e| Error::read(finished.dir(), e);
    let (people, zones) =
        (finished.people().map_err(failed)?, ZoneNames::of(finished, lang).map_err(failed)?);
    let mut lists = lists(finished, grain, (people, &zones)).map_err(failed)?;
    let header: Vec<&str> = people.first().iter().copied().chain(PEOPLE).collect();
    let digits = lists.len().to_string().len();
    // Whose home is in none come last.
    let of_none = lists.remove("").map(|list| {
        let name = match grain {
            HandoverBy::County => "no county known",
            HandoverBy::Compound => "no compound known",
        };
        (lang.say(name).to_owned(), list)
    });
    for (number, (community, list)) in (1..).zip(lists.into_iter().chain(of_none)) {
        let name: String =
            community.chars().map(|c| if c.is_alphanumeric() { c } else { '-' }).take(40).collect();
        let file = format!("handover-{number:0digits$}-{name}.xlsx");
        let write = |out: &mut dyn Write| {
            let mut book = Book::of(finished, lang)?;
            let mut about = workbook::cover(finished, lang)?;
            about.truncate(1);
            about.push(community.clone());
            let count = |(task, rows): (&str, usize)| format!("{}: {rows}", lang.cell(task));
            let tasks = list.todo.chunk_by(|a, b| a.task == b.task);
            about.extend(tasks.map(|rows| count((&rows[0].task, rows.len()))));
            book.cover("today", &about)?;
            // At the door nobody needs to know who the case was.
            book.todo(list.todo.iter(), (people, &zones), &Exposed::default())?;
            book.add_rows("people", &header, &list.people)?;
            if finished.draws_zones() {
                book.add_rows("zones", &ZONES, &list.zones)?;
            }
            book.finish(out)
        };
        stage.file(&file, |out| caught(|| write(out)))?;
    }
    Ok(())
}

/// Where somebody lives as far as a community goes.
fn community(grain: HandoverBy, county: &str, compound: &str) -> String {
    match (grain, county, compound) {
        (HandoverBy::County, "", _) | (HandoverBy::Compound, "", "") => String::new(),
        (HandoverBy::County, county, _) => county.to_owned(),
        (HandoverBy::Compound, county, compound) => {
            format!("{county} {compound}").trim().to_owned()
        }
    }
}

fn lists(
    finished: &Finished,
    grain: HandoverBy,
    (people, zones): (&People, &ZoneNames),
) -> std::io::Result<BTreeMap<String, List>> {
    let nobody = Known::default();
    let of_person = |id: &str| {
        let known = people.find(id).unwrap_or(&nobody);
        community(grain, &known.county, &known.compound)
    };
    let mut lists: BTreeMap<String, List> = BTreeMap::new();
    for row in finished.rows::<MeasureRow>("measures.csv")? {
        let row = row?;
        let known = people.find(&row.person_id).unwrap_or(&nobody);
        let list = lists.entry(of_person(&row.person_id)).or_default();
        let mut cells: Vec<String> =
            people.first().iter().map(|column| known.cell(column).to_owned()).collect();
        let id = people.id(&row.person_id);
        let MeasureRow { measure, code, state, phases, tests, release_on, .. } = row;
        let (building, unit) = (known.building.clone(), known.unit.clone());
        cells.extend([id, building, unit, measure, code, state, phases, tests, release_on]);
        list.people.push(cells);
    }
    let mut of_zones: BTreeMap<String, String> = BTreeMap::new();
    for zone in finished.zones()? {
        let own = community(grain, &zone.county, &zone.compound);
        of_zones.insert(zone.zone_id.clone(), own.clone());
        let residents = zone.residents.map_or_else(String::new, |n| n.to_string());
        let name = zones.name(&zone.zone_id);
        let cells = [name, zone.level, zone.status, residents, zone.downgrade_on];
        lists.entry(own).or_default().zones.push(cells);
    }
    for row in ToDo::of(finished)?.tasks.into_iter().flat_map(|(_, rows)| rows) {
        let own = match of_zones.get(&row.zone_id) {
            Some(own) => own.clone(),
            None => of_person(&row.person_id),
        };
        lists.entry(own).or_default().todo.push(row);
    }
    Ok(lists)
}
