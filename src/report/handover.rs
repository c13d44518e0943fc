//! `handover-NN-NAME.xlsx`: for each county or compound a workbook with its own people and zones
//! only.
//!
//! Who lives there is what `persons` says. People without a recorded residence are in a workbook of
//! their own. What is not needed at the door is left out: cases, places of exposure. Cost: the
//! people with a measure in memory.

use super::caught::caught;
use super::finished::{Finished, MeasureRow, text};
use super::words::Lang;
use super::workbook::Book;
use crate::base::error::Result;
use crate::output::Stage;
use std::collections::BTreeMap;
use std::io::Write;

/// How finely the lists are cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HandoverBy {
    /// 区县.
    County,
    /// 小区.
    Compound,
}

/// The columns of the two sheets.
const PEOPLE: [&str; 12] = [
    "person_id",
    "county",
    "compound",
    "building",
    "unit",
    "measure",
    "code",
    "state",
    "day0",
    "phases",
    "tests",
    "release_on",
];
const ZONES: [&str; 8] =
    ["zone_id", "level", "status", "compound", "building", "unit", "residents", "downgrade_on"];

/// The people and the zones of one community.
#[derive(Default)]
struct List {
    people: Vec<[String; PEOPLE.len()]>,
    zones: Vec<[String; ZONES.len()]>,
}

/// Writes all of them.
pub fn write(finished: &Finished, grain: HandoverBy, lang: Lang, stage: &Stage<'_>) -> Result<()> {
    let lists = lists(finished, grain);
    let lists = lists.map_err(|e| crate::base::error::Error::read(finished.dir(), e))?;
    let digits = lists.len().to_string().len();
    for (number, (community, list)) in (1..).zip(lists) {
        let name: String =
            community.chars().map(|c| if c.is_alphanumeric() { c } else { '-' }).take(40).collect();
        let file = format!("handover-{number:0digits$}-{name}.xlsx");
        let write = |out: &mut dyn Write| {
            let mut book = Book::of(finished, lang)?;
            book.add_rows("people", &PEOPLE, &list.people)?;
            if finished.draws_zones() {
                book.add_rows("zones", &ZONES, &list.zones)?;
            }
            book.finish(out)
        };
        stage.file(&file, |out| caught(|| write(out)))?;
    }
    Ok(())
}

fn lists(finished: &Finished, grain: HandoverBy) -> std::io::Result<BTreeMap<String, List>> {
    let homes = &finished.kept["homes"];
    let community = |county: &str, compound: &str| match (grain, county, compound) {
        (HandoverBy::County, "", _) | (HandoverBy::Compound, "", "") => "unknown".to_owned(),
        (HandoverBy::County, county, _) => county.to_owned(),
        (HandoverBy::Compound, county, compound) => format!("{county} {compound}"),
    };
    let mut lists: BTreeMap<String, List> = BTreeMap::new();
    for row in finished.rows::<MeasureRow>("measures.csv")? {
        let row = row?;
        let area = homes["of"].get(&row.person_id).and_then(serde_json::Value::as_u64);
        let area = area.map_or(&serde_json::Value::Null, |n| &homes["areas"][n as usize]);
        let [county, compound, building, unit] = [0, 1, 2, 3].map(|n| text(&area[n]).to_owned());
        let list = lists.entry(community(&county, &compound)).or_default();
        let MeasureRow { person_id, measure, code, state, day0, phases, tests, release_on, .. } =
            row;
        list.people.push([
            person_id, county, compound, building, unit, measure, code, state, day0, phases, tests,
            release_on,
        ]);
    }
    for zone in finished.zones()? {
        let list = lists.entry(community(&zone.county, &zone.compound)).or_default();
        let residents = zone.residents.map_or_else(String::new, |n| n.to_string());
        list.zones.push([
            zone.zone_id,
            zone.level,
            zone.status,
            zone.compound,
            zone.building,
            zone.unit,
            residents,
            zone.downgrade_on,
        ]);
    }
    Ok(lists)
}
