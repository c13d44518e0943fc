//! The people of the page: everybody has a number, and lists speak of numbers.
//!
//! First the cases, then the close contacts by their rank, then the others with a measure. So a
//! name and an id stand in the page once, ids with their stars. Cost: the tables of people, the
//! proof of those that fit, and memory for both.

use super::finished::{Finished, MeasureRow};
use super::page_parts::Parts;
use super::people::Known;
use hashbrown::HashMap;
use serde::{Deserialize, Serialize};
use std::io::Result;

/// People whose proof is in one part.
const CHUNK: usize = 1000;

/// People that are listed: more would make a page that no office machine opens.
const MOST_LISTED: usize = 150_000;

/// Cases that are listed, in the order of their ids.
const MOST_CASES: usize = 10_000;

/// People whose proof is in the page, where there is room: more would take memory and time.
const MOST_PROVEN: usize = 60_000;

/// Somebody, as the page lists them.
#[derive(Serialize)]
struct Listed<'f> {
    id: String,
    name: &'f str,
    phone: &'f str,
    address: &'f str,
    compound: &'f str,
    building: &'f str,
    unit: &'f str,
    groups: &'f str,
    age: &'f str,
}

/// A close contact.
#[derive(Serialize)]
struct Contact {
    rank: u64,
    person: usize,
    cases: Vec<usize>,
    last: String,
    minutes: u64,
    peak: u64,
    bases: String,
    places: String,
}

/// Somebody with a measure.
#[derive(Serialize)]
struct Measured {
    person: usize,
    measure: String,
    state: &'static str,
    phases: String,
    tests: String,
    release_on: String,
    cases: Vec<usize>,
    zones: String,
}

/// A row of the proof of somebody.
#[derive(Default, Serialize)]
struct Proof {
    person: usize,
    case: Option<usize>,
    basis: String,
    place: String,
    start: String,
    end: String,
    case_row: String,
    person_row: String,
    zone: String,
}

#[derive(Deserialize)]
struct ContactRow {
    person_id: String,
    rank: u64,
    case_ids: String,
    last_exposure: String,
    minutes: u64,
    peak_minutes: u64,
    bases: String,
    places: String,
}

#[derive(Deserialize)]
struct EvidenceRow {
    case_id: String,
    person_id: String,
    basis: String,
    place_id: String,
    start: String,
    end: String,
    case_row: String,
    person_row: String,
}

#[derive(Deserialize)]
struct PresenceRow {
    person_id: String,
    zone_id: String,
    place_id: String,
    start: String,
    end: String,
    row: String,
}

/// The numbers of people, and how many are left out.
pub struct PagePeople {
    numbers: HashMap<String, usize>,
    ids: Vec<String>,
    /// The numbers of the cases, in the order of `report.json`.
    pub cases: Vec<usize>,
    /// Cases that are not in the page.
    pub cases_left_out: usize,
    /// People with a measure who are in no list of the page.
    pub left_out: usize,
    /// Close contacts who are in no list of the page.
    pub contacts_left_out: usize,
    /// People whose rows of proof are not in the page.
    pub without_proof: usize,
    /// Close contacts whose only ground is living with a case.
    pub household_only: usize,
    /// Close contacts whose only ground is one match.
    pub one_match: usize,
}

impl PagePeople {
    /// The number of somebody; nothing when they are in no list.
    pub fn number(&self, id: &str) -> Option<usize> {
        self.numbers.get(id).copied()
    }

    fn add(&mut self, id: &str) -> usize {
        if let Some(number) = self.number(id) {
            return number;
        }
        self.ids.push(id.to_owned());
        self.numbers.insert(id.to_owned(), self.ids.len() - 1);
        self.ids.len() - 1
    }

    fn numbers_of(&self, ids: &str) -> Vec<usize> {
        ids.split(';').filter_map(|id| self.number(id)).collect()
    }
}

/// Numbers everybody, and puts their lists and their proof into `parts`.
///
/// # Errors
/// When a table cannot be read.
pub fn people(finished: &Finished, parts: &mut Parts) -> Result<PagePeople> {
    let mut people = PagePeople {
        numbers: HashMap::new(),
        ids: Vec::new(),
        cases: Vec::new(),
        cases_left_out: 0,
        left_out: 0,
        contacts_left_out: 0,
        without_proof: 0,
        household_only: 0,
        one_match: 0,
    };
    let cases = finished.list("cases");
    people.cases_left_out = cases.len().saturating_sub(MOST_CASES);
    for case in cases.iter().take(MOST_CASES) {
        let number = people.add(case["id"].as_str().unwrap_or(""));
        people.cases.push(number);
    }
    contacts(finished, &mut people, parts)?;
    measured(finished, &mut people, parts)?;
    let known = finished.people()?;
    let nobody = Known::default();
    let listed = people.ids.iter().map(|id| {
        let of = known.find(id).unwrap_or(&nobody);
        Listed {
            id: known.id(id),
            name: &of.name,
            phone: &of.phone,
            address: &of.address,
            compound: &of.compound,
            building: &of.building,
            unit: &of.unit,
            groups: &of.groups,
            age: &of.age,
        }
    });
    parts.add("persons", listed)?;
    proof(finished, &mut people, parts)?;
    Ok(people)
}

fn contacts(finished: &Finished, people: &mut PagePeople, parts: &mut Parts) -> Result<()> {
    let mut rows = finished.rows::<ContactRow>("contacts.csv")?.collect::<Result<Vec<_>>>()?;
    people.household_only = rows.iter().filter(|row| row.bases == "household").count();
    rows.sort_unstable_by_key(|row| row.rank);
    people.contacts_left_out = rows.len().saturating_sub(MOST_LISTED);
    rows.truncate(MOST_LISTED);
    let contact = |row: ContactRow| Contact {
        person: people.add(&row.person_id),
        cases: people.numbers_of(&row.case_ids),
        rank: row.rank,
        last: row.last_exposure,
        minutes: row.minutes,
        peak: row.peak_minutes,
        bases: row.bases,
        places: row.places,
    };
    let listed: Vec<Contact> = rows.into_iter().map(contact).collect();
    parts.add("contacts", listed)
}

/// People with a measure, those it is not over for first.
fn measured(finished: &Finished, people: &mut PagePeople, parts: &mut Parts) -> Result<()> {
    let (mut active, mut elapsed) = (Vec::new(), Vec::new());
    for row in finished.rows::<MeasureRow>("measures.csv")? {
        let row = row?;
        let (state, of_state) = match row.state.as_str() {
            "active" => ("isActive", &mut active),
            _ => ("elapsed", &mut elapsed),
        };
        if of_state.len() >= MOST_LISTED {
            people.left_out += 1;
            continue;
        }
        of_state.push(Measured {
            person: people.add(&row.person_id),
            measure: row.measure,
            state,
            phases: row.phases,
            tests: row.tests,
            release_on: row.release_on,
            cases: people.numbers_of(&row.case_ids),
            zones: row.zone_ids,
        });
    }
    active.append(&mut elapsed);
    people.left_out += active.len().saturating_sub(MOST_LISTED);
    active.truncate(MOST_LISTED);
    parts.add("people", active)
}

/// The rows behind everybody, the first to call first, as far as there is room.
fn proof(finished: &Finished, people: &mut PagePeople, parts: &mut Parts) -> Result<()> {
    let proven = people.ids.len().min(MOST_PROVEN);
    let mut rows: Vec<Vec<Proof>> = (0..proven).map(|_| Vec::new()).collect();
    let mut beyond = vec![false; people.ids.len() - proven];
    // A row goes to whoever has a number; who is beyond what fits is counted.
    let mut keep = |id: &str, proof: Proof| match people.number(id) {
        Some(person) if person < proven => rows[person].push(Proof { person, ..proof }),
        Some(person) => beyond[person - proven] = true,
        None => {}
    };
    for row in finished.rows::<EvidenceRow>("evidence.csv")? {
        let row = row?;
        let proof = Proof {
            case: people.number(&row.case_id),
            basis: row.basis,
            place: row.place_id,
            start: row.start,
            end: row.end,
            case_row: row.case_row,
            person_row: row.person_row,
            ..Proof::default()
        };
        keep(&row.person_id, proof);
    }
    for row in finished.rows::<PresenceRow>("presence.csv")? {
        let row = row?;
        let proof = Proof {
            place: row.place_id,
            start: row.start,
            end: row.end,
            person_row: row.row,
            zone: row.zone_id,
            ..Proof::default()
        };
        keep(&row.person_id, proof);
    }
    let contacts = people.cases.len()..people.cases.len() + contacts_of(finished);
    let of_contacts = rows.iter().take(contacts.end).skip(contacts.start);
    people.one_match = of_contacts.filter(|rows| rows.len() == 1).count();
    people.without_proof = beyond.iter().filter(|has| **has).count();
    let mut room = true;
    for (chunk, rows) in rows.chunks(CHUNK).enumerate() {
        let some = rows.iter().filter(|rows| !rows.is_empty()).count();
        room = room && parts.try_add(&format!("proof-{chunk}"), rows.iter().flatten())?;
        people.without_proof += if room { 0 } else { some };
    }
    Ok(())
}

/// How many close contacts have a number.
fn contacts_of(finished: &Finished) -> usize {
    let all = finished.summary["counts"]["close_contacts"].as_u64().unwrap_or(0);
    (all as usize).min(MOST_LISTED)
}
