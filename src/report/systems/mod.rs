//! Files that other systems take: line lists for R, contacts for Go.Data, SORMAS and DHIS2, a call
//! list for ODK.
//!
//! They are made from the tables of a finished folder, as everything in a report is, and say no
//! more than those: contacts of first degree, with the days of their plans. Days are dates without
//! an hour, for that is what these systems keep. Cost: contacts and exposures in memory.

mod dhis2;
mod epiverse;
mod godata;
mod odk;
mod sormas;

pub use dhis2::{Mapping, TEMPLATE as DHIS2_TEMPLATE};
pub use sormas::DateOrder;

use super::finished::{Finished, MeasureRow, PairRow, text};
use super::people::{self, Known, People};
use crate::base::error::{Error, Result};
use crate::base::problem::Problem;
use crate::base::time::Date;
use crate::output::Stage;
use hashbrown::HashMap;
use serde::Deserialize;
use std::io::{self, Write};

/// A system, with what has to be said of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum System {
    /// R: epicontacts and the packages of Epiverse.
    Epiverse,
    /// WHO Go.Data.
    GoData,
    /// SORMAS, and in which order the language of its server writes dates.
    Sormas(DateOrder),
    /// ODK Central.
    Odk,
    /// DHIS2 Tracker, and what things are called there.
    Dhis2(Box<Mapping>),
}

impl System {
    /// What it is called in `--formats`.
    pub fn name(&self) -> &'static str {
        match self {
            System::Epiverse => "epiverse",
            System::GoData => "godata",
            System::Sormas(_) => "sormas",
            System::Odk => "odk",
            System::Dhis2(_) => "dhis2",
        }
    }
}

/// Writes the files of some systems.
///
/// # Errors
/// When a table cannot be read or a file cannot be written, and when numbers of identity cards
/// would become what everybody sees on every screen of the other system.
pub fn write(finished: &Finished, systems: &[&System], stage: &Stage<'_>) -> Result<()> {
    if systems.is_empty() {
        return Ok(());
    }
    let followed = Followed::of(finished).map_err(|e| Error::read(finished.dir(), e))?;
    let holds_identities = followed.ids().any(people::is_identity);
    for system in systems {
        // In these the id is what people go by on every screen.
        let is_shown = matches!(system, System::GoData | System::Sormas(_) | System::Odk);
        if is_shown && holds_identities && !finished.shows_full_ids() {
            return Err(Problem::IdsWouldBeShown { system: system.name() }.into());
        }
        of_system(&followed, system, stage)?;
    }
    Ok(())
}

fn of_system(followed: &Followed<'_>, system: &System, stage: &Stage<'_>) -> Result<()> {
    match system {
        System::Epiverse => {
            stage.file("epiverse_linelist.csv", |out| epiverse::linelist(followed, out))?;
            stage.file("epiverse_contacts.csv", |out| epiverse::contacts(followed, out))
        }
        System::GoData => {
            stage.file("godata_cases.csv", |out| godata::cases(followed, out))?;
            stage.file("godata_contacts.csv", |out| godata::contacts(followed, out))
        }
        System::Sormas(order) => {
            stage.file("sormas_contacts.csv", |out| sormas::contacts(followed, *order, out))
        }
        System::Odk => stage.file("odk_contacts.csv", |out| odk::contacts(followed, out)),
        System::Dhis2(mapping) => {
            stage.file("dhis2.json", |out| dhis2::payload(followed, mapping, out))
        }
    }
}

/// A close contact: a row of `contacts.csv`.
#[derive(Debug, Deserialize)]
struct Contact {
    person_id: String,
    case_ids: String,
    first_exposure: String,
    last_exposure: String,
}

/// A case, of `report.json`. Days.
struct Case<'f> {
    id: &'f str,
    onset: Option<&'f str>,
    confirmed: &'f str,
    isolated: Option<String>,
}

/// The cases, and whom to follow up.
struct Followed<'f> {
    cases: Vec<Case<'f>>,
    contacts: Vec<Contact>,
    /// Of a case and a close contact.
    exposures: Vec<PairRow>,
    /// Of two cases.
    links: Vec<PairRow>,
    measures: HashMap<String, MeasureRow>,
    people: &'f People,
    nobody: Known,
    /// The day of as-of, which at midnight is the new one.
    today: &'f str,
    /// The day that as-of ends, or in which it lies: what is reported is of it.
    reported: String,
}

impl<'f> Followed<'f> {
    fn of(finished: &'f Finished) -> io::Result<Followed<'f>> {
        let cases = finished.list("cases").iter().map(|case| Case {
            id: text(&case["id"]),
            onset: case["onset"].as_str(),
            confirmed: day(text(&case["confirmed"])),
            // What was set aside closed no window.
            isolated: case["isolated"].as_str().filter(|&at| case["window"][1] == at).map(last_day),
        });
        let measures = finished.rows::<MeasureRow>("measures.csv")?;
        let measures = measures.map(|row| row.map(|row| (row.person_id.clone(), row)));
        Ok(Followed {
            cases: cases.collect(),
            contacts: finished.rows("contacts.csv")?.collect::<io::Result<_>>()?,
            exposures: finished.rows("exposures.csv")?.collect::<io::Result<_>>()?,
            links: finished.rows("links.csv")?.collect::<io::Result<_>>()?,
            measures: measures.collect::<io::Result<_>>()?,
            people: finished.people()?,
            nobody: Known::default(),
            today: day(finished.as_of()),
            reported: last_day(finished.as_of()),
        })
    }

    /// The ids that would stand in the files.
    fn ids(&self) -> impl Iterator<Item = &str> {
        let contacts = self.contacts.iter().map(|contact| &*contact.person_id);
        self.cases.iter().map(|case| case.id).chain(contacts)
    }

    /// What is known of somebody.
    fn known(&self, id: &str) -> &Known {
        self.people.find(id).unwrap_or(&self.nobody)
    }

    /// The plan of a contact, where the policy has one.
    fn measure(&self, id: &str) -> Option<&MeasureRow> {
        self.measures.get(id)
    }
}

/// An exposure in short: how long, where that is known, and by what rules.
fn how(pair: &PairRow) -> String {
    match pair.seconds / 60 {
        0 => pair.bases.clone(),
        minutes => format!("{minutes} min, {}", pair.bases),
    }
}

/// The day of a moment in the analysis time zone.
fn day(moment: &str) -> &str {
    moment.get(..10).unwrap_or(moment)
}

/// The day that ends at a moment or in which it lies: contact until 00:00 was contact on the day
/// before.
fn last_day(moment: &str) -> String {
    let date = Date::parse(day(moment));
    match (moment.get(11..19), date) {
        (Some("00:00:00"), Some(date)) => date.plus(-1).to_string(),
        _ => day(moment).to_owned(),
    }
}

/// Writes a table.
fn table<T>(
    out: &mut dyn Write,
    header: &[&str],
    rows: impl IntoIterator<Item = T>,
    row: impl Fn(T) -> Vec<String>,
) -> io::Result<()> {
    let mut table = csv::Writer::from_writer(out);
    table.write_record(header)?;
    for of in rows {
        table.write_record(row(of))?;
    }
    table.flush()
}
