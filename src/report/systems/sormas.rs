//! `sormas_contacts.csv`: what the import of contacts in SORMAS takes.
//!
//! A first row with the class of each column, then the paths of the properties. Days are written as
//! the language of the server has them, for SORMAS reads no other and would read 9 November as 11
//! September: the order has to be said. Words are the names of its constants, which every language
//! takes. A contact has a row for each case; `caseIdExternalSystem` links it where that is the UUID
//! of a SORMAS case, as after reading an export of SORMAS. Source: SORMAS, `DataImporter` and
//! `ContactImporter`.

use super::{Followed, day, how, last_day};
use crate::base::time::Date;
use crate::report::finished::{MeasureRow, PairRow};
use crate::report::words::phase_of;
use std::io::{Result, Write};

/// Which comes first in a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DateOrder {
    /// `09/11/2022` is 9 November: most languages.
    DayFirst,
    /// `11/09/2022` is: English as in the United States.
    MonthFirst,
}

impl DateOrder {
    fn write(self, day: &str) -> String {
        let Some(date) = Date::parse(day) else { return String::new() };
        let (year, month, day) = date.civil();
        match self {
            DateOrder::DayFirst => format!("{day:02}/{month:02}/{year}"),
            DateOrder::MonthFirst => format!("{month:02}/{day:02}/{year}"),
        }
    }
}

/// What the columns are of: SORMAS looks at no more than that it is there.
const CLASS: &str = "Contact";

const COLUMNS: [&str; 24] = [
    "disease",
    "caseIdExternalSystem",
    "caseOrEventInformation",
    "reportDateTime",
    "region",
    "district",
    "multiDayContact",
    "firstContactDate",
    "lastContactDate",
    "contactProximity",
    "contactClassification",
    "contactStatus",
    "relationToCase",
    "description",
    "externalID",
    "quarantine",
    "quarantineFrom",
    "quarantineTo",
    "person.firstName",
    "person.lastName",
    "person.sex",
    "person.externalId",
    "person.address.street",
    "person.phone",
];

pub(super) fn contacts(
    followed: &Followed<'_>,
    order: DateOrder,
    out: &mut dyn Write,
) -> Result<()> {
    let mut table = csv::Writer::from_writer(out);
    table.write_record([CLASS; COLUMNS.len()])?;
    table.write_record(COLUMNS)?;
    for pair in &followed.exposures {
        table.write_record(row(followed, pair, order))?;
    }
    table.flush()
}

fn row(followed: &Followed<'_>, pair: &PairRow, order: DateOrder) -> [String; COLUMNS.len()] {
    let id = &*pair.person_id;
    let (known, plan) = (followed.known(id), followed.measure(id));
    let (first, last) = (day(&pair.first_exposure), last_day(&pair.last_exposure));
    let days = if first == last { "false" } else { "true" };
    // Closest first; a carriage is a room to SORMAS, unless it flies.
    let proximity = if ["household", "proximity", "gps"].iter().any(|basis| pair.has(basis)) {
        "CLOSE_CONTACT"
    } else {
        "SAME_ROOM"
    };
    let relation = if pair.has("household") { "SAME_HOUSEHOLD" } else { "SAME_ENVIRONMENT" };
    let about = format!("{}; rows: evidence.csv", how(pair));
    let (kind, from, to) = plan.and_then(quarantine).unwrap_or_default();
    // Two names are a must, and no rule tells a surname in every language.
    let given = if known.name.is_empty() { id } else { &known.name };
    [
        "CORONAVIRUS",
        &pair.case_id,
        &pair.case_id,
        &order.write(&followed.reported),
        "",
        &known.county,
        days,
        &order.write(first),
        &order.write(&last),
        proximity,
        "UNCONFIRMED",
        "ACTIVE",
        relation,
        &about,
        id,
        kind,
        &order.write(&from),
        &order.write(&to),
        given,
        id,
        "UNKNOWN",
        id,
        &known.address,
        &known.phone,
    ]
    .map(str::to_owned)
}

/// Where somebody is in quarantine first, and from when to when in all.
fn quarantine(plan: &MeasureRow) -> Option<(&'static str, String, String)> {
    let phases = plan.phases.split(';').filter_map(phase_of);
    let mut phases = phases.filter(|(kind, ..)| *kind != "monitor");
    let (kind, from, to) = phases.next()?;
    let (_, _, to) = phases.next_back().unwrap_or((kind, from, to));
    let kind = if kind == "central" { "INSTITUTIONELL" } else { "HOME" };
    Some((kind, from.to_string(), to.to_string()))
}
