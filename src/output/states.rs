//! What everybody and every zone is in an output: what two outputs are compared by.
//!
//! Read back from a finished folder, or made from findings (`current`): both are the same.
//! `before.csv` keeps those that an output was compared with, so that a second run on one day does
//! not lose them. Memory: the people with a class, the zones and the links.

use super::names::{BEFORE, MARK};
use crate::base::error::{Error, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::Path;

/// What something is. In order of their names.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// A case.
    Case,
    /// A pair of cases.
    Link,
    /// A person, who is no case.
    Person,
    /// The run itself: the moment it speaks for, and its policy.
    Run,
    /// A risk zone.
    Zone,
}

/// The state of a run whose unit zones were raised to their buildings.
const EXPANDED: &str = "expanded";

/// What somebody or something is in an output: a row of `before.csv`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct State {
    /// What kind of thing it is.
    pub what: What,
    /// Its id; of a link the case.
    pub id: String,
    /// Of a link the exposed case.
    pub other_id: String,
    /// Of a person the measure, or `close_contact` and `venue_exposed` where the policy has none;
    /// of a zone the level; of a run the hash of its policy.
    pub class: String,
    /// Of a person `active` or `elapsed`; of a zone `high` or `low`; of a run `expanded` where unit
    /// zones were raised to their buildings.
    pub state: String,
    /// Of a person day 0; of a case the start of the window.
    pub since: String,
    /// Of a person the day of release; of a zone that of the downgrade; of a case the end of the
    /// window.
    pub until: String,
    /// The cases it is for.
    pub case_ids: String,
}

impl State {
    /// What it is found by.
    pub fn key(&self) -> (What, &str, &str) {
        (self.what, &self.id, &self.other_id)
    }

    /// Of a run: the moment it speaks for, the hash of its policy, and whether unit zones were
    /// raised to their buildings.
    pub(super) fn of_run(as_of: String, policy: impl Into<String>, is_expanded: bool) -> State {
        let state = if is_expanded { EXPANDED } else { "" };
        State { state: state.to_owned(), ..State::new(What::Run, as_of, policy) }
    }

    /// Of something that has no more than a class yet.
    pub(super) fn new(what: What, id: impl Into<String>, class: impl Into<String>) -> State {
        let blank = String::new;
        State {
            what,
            id: id.into(),
            other_id: blank(),
            class: class.into(),
            state: blank(),
            since: blank(),
            until: blank(),
            case_ids: blank(),
        }
    }
}

/// The states of an output, in order of what they are found by.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct States(Vec<State>);

/// The id of the building that a zone lies in, if it is a unit.
pub(super) fn building_of<'i>(level: &str, id: &'i str) -> Option<&'i str> {
    id.rsplit_once('/').filter(|_| level == "unit").map(|(building, _)| building)
}

impl States {
    /// All of them.
    pub fn iter(&self) -> std::slice::Iter<'_, State> {
        self.0.iter()
    }

    /// The moment the output speaks for, and the hash of its policy.
    pub fn run(&self) -> (&str, &str) {
        let run = self.0.iter().find(|state| state.what == What::Run);
        run.map_or(("", ""), |run| (&run.id, &run.class))
    }

    /// Whether unit zones were raised to their buildings.
    pub(super) fn is_expanded(&self) -> bool {
        self.0.iter().any(|state| state.what == What::Run && state.state == EXPANDED)
    }

    /// The state of something.
    pub fn find(&self, what: What, id: &str) -> Option<&State> {
        let at = self.0.binary_search_by(|state| state.key().cmp(&(what, id, "")));
        at.ok().map(|at| &self.0[at])
    }

    pub(super) fn sorted(mut states: Vec<State>) -> States {
        states.sort_unstable_by(|a, b| a.key().cmp(&b.key()));
        States(states)
    }

    /// Those of a finished output folder.
    ///
    /// # Errors
    /// When it is none, or a table of it cannot be read.
    pub fn read(dir: &Path) -> Result<States> {
        let json = |name: &str| -> Result<Value> {
            let path = dir.join(name);
            let bytes = std::fs::read(&path).map_err(|e| Error::read(&path, e))?;
            serde_json::from_slice(&bytes).map_err(|e| Error::read(&path, e.into()))
        };
        let (summary, kept) = (json(MARK)?, json(super::names::REPORT_DATA)?);
        let text = |value: &Value| value.as_str().unwrap_or("").to_owned();
        let run = (text(&summary["as_of"]), text(&summary["policy_sha256"]));
        let mut states = vec![State::of_run(run.0, run.1, !summary["expand"].is_null())];
        for case in kept["cases"].as_array().into_iter().flatten() {
            let [start, end] = [0, 1].map(|n| text(&case["window"][n]));
            let is_empty = start == end;
            states.push(State {
                since: if is_empty { String::new() } else { start },
                until: if is_empty { String::new() } else { end },
                ..State::new(What::Case, text(&case["id"]), "case")
            });
        }
        rows(dir, "links.csv", |row: LinkRow| {
            let link = State::new(What::Link, row.case_id, "link");
            states.push(State { other_id: row.exposed_case_id, ..link });
        })?;
        let mut of_zones: BTreeMap<String, String> = BTreeMap::new();
        rows(dir, "zones.csv", |row: ZoneRow| {
            if row.level != "county" {
                of_zones.insert(row.zone_id.clone(), row.case_ids.clone());
                states.push(State {
                    state: row.status,
                    until: row.downgrade_on,
                    case_ids: row.case_ids,
                    ..State::new(What::Zone, row.zone_id, row.level)
                });
            }
        })?;
        let mut measured = std::collections::HashSet::new();
        rows(dir, "measures.csv", |row: MeasureRow| {
            measured.insert(row.person_id.clone());
            let zones = row.zone_ids.split(';').filter_map(|id| of_zones.get(id));
            let ids = zones.chain([&row.case_ids]).flat_map(|ids| ids.split(';'));
            let ids: BTreeSet<&str> = ids.filter(|id| !id.is_empty()).collect();
            let case_ids = ids.into_iter().collect::<Vec<_>>().join(";");
            states.push(State {
                state: row.state,
                since: row.day0,
                until: row.release_on,
                case_ids,
                ..State::new(What::Person, row.person_id, row.measure)
            });
        })?;
        for (table, class) in
            [("contacts.csv", "close_contact"), ("venue_exposed.csv", "venue_exposed")]
        {
            rows(dir, table, |row: ExposedRow| {
                if !measured.contains(&row.person_id) {
                    let case_ids = row.case_ids;
                    states
                        .push(State { case_ids, ..State::new(What::Person, row.person_id, class) });
                }
            })?;
        }
        Ok(States::sorted(states))
    }

    /// Those that a finished output was compared with, if it was.
    pub(super) fn before(dir: &Path) -> Option<States> {
        let mut states = Vec::new();
        rows(dir, BEFORE, |state: State| states.push(state)).ok()?;
        Some(States::sorted(states))
    }

    /// `before.csv`.
    pub(super) fn write(&self, out: &mut dyn Write) -> std::io::Result<()> {
        let mut table = csv::Writer::from_writer(out);
        self.0.iter().try_for_each(|state| table.serialize(state))?;
        table.flush()
    }
}

#[derive(Deserialize)]
struct LinkRow {
    case_id: String,
    exposed_case_id: String,
}

#[derive(Deserialize)]
struct ZoneRow {
    zone_id: String,
    level: String,
    status: String,
    case_ids: String,
    downgrade_on: String,
}

#[derive(Deserialize)]
struct MeasureRow {
    person_id: String,
    measure: String,
    state: String,
    day0: String,
    release_on: String,
    case_ids: String,
    zone_ids: String,
}

#[derive(Deserialize)]
struct ExposedRow {
    person_id: String,
    case_ids: String,
}

/// Reads a table of a folder.
fn rows<T: serde::de::DeserializeOwned>(
    dir: &Path,
    name: &str,
    mut each: impl FnMut(T),
) -> Result<()> {
    let path = dir.join(name);
    let file = std::fs::File::open(&path).map_err(|e| Error::read(&path, e))?;
    let reader = csv::ReaderBuilder::new().buffer_capacity(1 << 18).from_reader(file);
    for row in reader.into_deserialize() {
        each(row.map_err(|e| Error::read(&path, std::io::Error::other(e)))?);
    }
    Ok(())
}
