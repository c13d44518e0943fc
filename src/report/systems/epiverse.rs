//! `epiverse_linelist.csv` and `epiverse_contacts.csv`: what R's epicontacts and the packages of
//! Epiverse read.
//!
//! Names of columns are those of simulist and linelist. The first column of the line list is the
//! id, each once; the first two of the contacts are from and to. R has to be told that ids are text
//! (`colClasses = "character"`): it takes numbers of 18 digits for doubles, and people become one.
//! Source: epicontacts, `make_epicontacts`.

use super::{Followed, day, last_day, table};
use crate::report::finished::PairRow;
use hashbrown::HashMap;
use std::io::{Result, Write};

/// Cases, then close contacts.
pub(super) fn linelist(followed: &Followed<'_>, out: &mut dyn Write) -> Result<()> {
    let header = [
        "id",
        "case_type",
        "date_onset",
        "date_reporting",
        "date_first_contact",
        "date_last_contact",
        "location",
        "status",
    ];
    let place = |id: &str| {
        let known = followed.known(id);
        let parts = [&*known.county, &known.compound];
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
    };
    // When a case was exposed to others, of all of these.
    let mut exposed: HashMap<&str, (&str, &str)> = HashMap::new();
    for link in &followed.links {
        let own = (&*link.first_exposure, &*link.last_exposure);
        let all = exposed.entry(&link.person_id).or_insert(own);
        *all = (all.0.min(own.0), all.1.max(own.1));
    }
    let cases = followed.cases.iter().map(|case| {
        let met = exposed.get(case.id);
        let (first, last) =
            met.map_or(Default::default(), |of| (day(of.0).to_owned(), last_day(of.1)));
        [
            case.id,
            "confirmed",
            case.onset.unwrap_or(""),
            case.confirmed,
            &first,
            &last,
            &place(case.id),
            "case",
        ]
        .map(str::to_owned)
    });
    let contacts = followed.contacts.iter().map(|contact| {
        let id = &contact.person_id;
        let (first, last) = (day(&contact.first_exposure), last_day(&contact.last_exposure));
        [id, "", "", "", first, &last, &place(id), status(followed, id)].map(str::to_owned)
    });
    table(out, &header, cases.chain(contacts), |row| row.to_vec())
}

/// Exposures and links, from the case to the other.
pub(super) fn contacts(followed: &Followed<'_>, out: &mut dyn Write) -> Result<()> {
    let header = [
        "from",
        "to",
        "date_first_contact",
        "date_last_contact",
        "was_case",
        "status",
        "minutes",
        "bases",
        "places",
    ];
    let row = |pair: &PairRow, was_case: bool| {
        let (first, last) = (day(&pair.first_exposure), last_day(&pair.last_exposure));
        let status = if was_case { "case" } else { status(followed, &pair.person_id) };
        let (minutes, was_case) =
            ((pair.seconds / 60).to_string(), if was_case { "TRUE" } else { "FALSE" });
        [
            &pair.case_id,
            &pair.person_id,
            first,
            &last,
            was_case,
            status,
            &minutes,
            &pair.bases,
            &pair.places,
        ]
        .map(str::to_owned)
    };
    let exposures = followed.exposures.iter().map(|pair| row(pair, false));
    let links = followed.links.iter().map(|pair| row(pair, true));
    table(out, &header, exposures.chain(links), |row| row.to_vec())
}

/// How the follow-up of a contact stands.
fn status(followed: &Followed<'_>, id: &str) -> &'static str {
    match followed.measure(id).map(|of| &*of.state) {
        Some("elapsed") => "completed",
        _ => "under_followup",
    }
}
