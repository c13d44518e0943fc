//! `godata_cases.csv` and `godata_contacts.csv`: what Go.Data's import screen maps by itself.
//!
//! Columns are its property names, in the one spelling for lists that survives a CSV
//! (`addresses.addressLine1`); values of its reference lists are their ids, which are the same in
//! every language. A contact brings one exposure along, that at home or the longest; the other
//! cases are named in the comment, for a file of relationships takes internal ids only. No
//! byte-order mark: Go.Data refuses one. Source: GoDataSource-API and GoDataSource-FrontEnd, import
//! of files.

use super::{Followed, day, how, last_day, table};
use crate::report::finished::PairRow;
use hashbrown::HashMap;
use std::io::{Result, Write};

/// What stands before every value of a reference list.
macro_rules! value {
    ($of:literal) => {
        concat!("LNG_REFERENCE_DATA_CATEGORY_", $of)
    };
}

/// Minutes from which on a contact is at high risk, as those of a household are.
const LONG: i64 = 60;

pub(super) fn cases(followed: &Followed<'_>, out: &mut dyn Write) -> Result<()> {
    let header = [
        "visualId",
        "firstName",
        "dateOfReporting",
        "dateOfOnset",
        "classification",
        "dateRanges.typeId",
        "dateRanges.startDate",
        "addresses.typeId",
        "addresses.locationId",
        "addresses.addressLine1",
        "addresses.phoneNumber",
    ];
    table(out, &header, &followed.cases, |case| {
        let isolated = case.isolated.as_deref().unwrap_or("");
        let range = if isolated.is_empty() { "" } else { value!("PERSON_DATE_TYPE_ISOLATION") };
        let mut cells = vec![
            case.id.to_owned(),
            name(followed, case.id).to_owned(),
            case.confirmed.to_owned(),
            case.onset.unwrap_or("").to_owned(),
            value!("CASE_CLASSIFICATION_CONFIRMED").to_owned(),
            range.to_owned(),
            isolated.to_owned(),
        ];
        cells.extend(address(followed, case.id));
        cells
    })
}

pub(super) fn contacts(followed: &Followed<'_>, out: &mut dyn Write) -> Result<()> {
    let header = [
        "visualId",
        "firstName",
        "dateOfReporting",
        "dateOfLastContact",
        "riskLevel",
        "riskReason",
        "addresses.typeId",
        "addresses.locationId",
        "addresses.addressLine1",
        "addresses.phoneNumber",
        "relationship.persons.id",
        "relationship.dateOfFirstContact",
        "relationship.contactDate",
        "relationship.certaintyLevelId",
        "relationship.exposureDurationId",
        "relationship.socialRelationshipTypeId",
        "relationship.comment",
    ];
    let mut of_person: HashMap<&str, Vec<&PairRow>> = HashMap::new();
    for pair in &followed.exposures {
        of_person.entry(&pair.person_id).or_default().push(pair);
    }
    // A household first, which has no seconds of its own; then the longest.
    let key = |pair: &PairRow| (!pair.has("household"), -pair.seconds);
    of_person.values_mut().for_each(|pairs| {
        pairs.sort_by(|a, b| key(a).cmp(&key(b)).then(a.case_id.cmp(&b.case_id)));
    });
    // Each close contact has an exposure: the tables are those of one run.
    let rows = followed.contacts.iter().filter_map(|contact| {
        let (longest, others) = of_person.get(&*contact.person_id)?.split_first()?;
        Some((contact, longest, others))
    });
    table(out, &header, rows, |(contact, longest, others)| {
        let id = &*contact.person_id;
        let is_home = longest.has("household");
        let is_high = is_home || longest.seconds / 60 >= LONG;
        let mut cells = vec![
            id.to_owned(),
            name(followed, id).to_owned(),
            followed.reported.clone(),
            last_day(&contact.last_exposure),
            if is_high { value!("RISK_LEVEL_3_HIGH") } else { value!("RISK_LEVEL_2_MEDIUM") }
                .to_owned(),
            how(longest),
        ];
        cells.extend(address(followed, id));
        cells.extend([
            longest.case_id.clone(),
            day(&longest.first_exposure).to_owned(),
            last_day(&longest.last_exposure),
            certainty(longest).to_owned(),
            duration(longest.seconds).to_owned(),
            if is_home { value!("CONTEXT_OF_TRANSMISSION_FAMILY") } else { "" }.to_owned(),
            comment(longest, others),
        ]);
        cells
    })
}

/// A name, which Go.Data must have: without one the id, as its manual has it.
fn name<'f>(followed: &'f Followed<'_>, id: &'f str) -> &'f str {
    let known = &followed.known(id).name;
    if known.is_empty() { id } else { known }
}

/// Type, location, line and phone of where somebody lives; blank where nothing is known.
fn address(followed: &Followed<'_>, id: &str) -> [String; 4] {
    let known = followed.known(id);
    let line = if known.address.is_empty() {
        let parts = [&*known.compound, &known.building, &known.unit];
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
    } else {
        known.address.clone()
    };
    let cells = [known.county.clone(), line, known.phone.clone()];
    let is_known = cells.iter().any(|cell| !cell.is_empty());
    let of_type = if is_known { value!("ADDRESS_TYPE_USUAL_PLACE_OF_RESIDENCE") } else { "" };
    let [county, line, phone] = cells;
    [of_type.to_owned(), county, line, phone]
}

/// How sure an exposure is, by the rule that proves it best.
fn certainty(pair: &PairRow) -> &'static str {
    if pair.has("household") || pair.has("proximity") {
        value!("CERTAINTY_LEVEL_3_HIGH")
    } else if pair.has("venue") || pair.has("transport") {
        value!("CERTAINTY_LEVEL_2_MEDIUM")
    } else {
        value!("CERTAINTY_LEVEL_1_LOW")
    }
}

/// How long an exposure was: of people who live together nobody knows.
fn duration(seconds: i64) -> &'static str {
    match seconds {
        0 => "",
        ..60 => value!("EXPOSURE_DURATION_VERY_SHORT_SECONDS"),
        60..3_600 => value!("EXPOSURE_DURATION_SHORT_MINUTES"),
        3_600..86_400 => value!("EXPOSURE_DURATION_MEDIUM_HOURS"),
        _ => value!("EXPOSURE_DURATION_LONG_DAYS"),
    }
}

/// What there is no column for.
fn comment(longest: &PairRow, others: &[&PairRow]) -> String {
    let mut parts = vec![format!("{} ({})", longest.case_id, how(longest))];
    parts.extend(others.iter().map(|pair| format!("{} ({})", pair.case_id, how(pair))));
    format!("exposed to {}; rows: evidence.csv", parts.join(", "))
}
