//! `dhis2.json`: cases and close contacts for DHIS2 Tracker (`POST /api/tracker`, flat form).
//!
//! Every country calls programs and attributes by identifiers of its own, so a mapping says them.
//! Identifiers of people are an HMAC of their ids under the salt of the mapping: a second import
//! updates a person, and without the salt no id can be tried out. A file is written, and nothing is
//! sent. Source: DHIS2 developer manual, tracker.

use super::{Followed, day, last_day};
use crate::base::error::Result;
use crate::base::problem::Problem;
use crate::report::finished::PairRow;
use hmac::{Hmac, Mac};
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::Sha256;
use std::collections::BTreeMap;
use std::io::{self, Write};

/// A mapping to fill in.
pub const TEMPLATE: &str = include_str!("dhis2.toml");

/// What an attribute can be filled with.
const FIELDS: [&str; 11] = [
    "person_id",
    "name",
    "phone",
    "address",
    "age",
    "onset",
    "confirmed",
    "first_exposure",
    "last_exposure",
    "release_on",
    "case_ids",
];

/// What things are called in one DHIS2: identifiers of 11 letters and digits.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    tracked_entity_type: String,
    org_unit: String,
    #[serde(default)]
    case_program: String,
    contact_program: String,
    #[serde(default)]
    relationship_type: String,
    salt: String,
    #[serde(default)]
    attributes: BTreeMap<String, String>,
    #[serde(default)]
    org_units: BTreeMap<String, String>,
}

impl Mapping {
    /// Reads a mapping; `origin` is named when it is wrong.
    ///
    /// # Errors
    /// When it is no TOML, an identifier is none, or the salt is shorter than 16 bytes.
    ///
    /// ```
    /// use trace::report::{DHIS2_TEMPLATE, Mapping};
    /// let filled = DHIS2_TEMPLATE.replace("\"\"", "\"a1234567890\"").replace(
    ///     "salt = \"a1234567890\"",
    ///     "salt = \"some words of ours\"",
    /// );
    /// assert!(Mapping::read(&filled, "mapping.toml").is_ok());
    /// assert!(Mapping::read(DHIS2_TEMPLATE, "mapping.toml").is_err(), "it has to be filled in");
    /// ```
    pub fn read(text: &str, origin: &str) -> Result<Mapping> {
        let wrong = |what: String| Problem::MappingWrong { origin: origin.to_owned(), what };
        let mapping: Mapping = toml::from_str(text).map_err(|e| wrong(e.to_string()))?;
        let needed = [
            ("tracked_entity_type", &mapping.tracked_entity_type),
            ("org_unit", &mapping.org_unit),
            ("contact_program", &mapping.contact_program),
        ];
        let may = [
            ("case_program", &mapping.case_program),
            ("relationship_type", &mapping.relationship_type),
        ];
        let may = may.into_iter().filter(|(_, uid)| !uid.is_empty());
        let lists = mapping.attributes.iter().chain(&mapping.org_units);
        let lists =
            lists.map(|(name, uid)| (name.as_str(), uid)).filter(|(_, uid)| !uid.is_empty());
        for (name, uid) in needed.into_iter().chain(may).chain(lists) {
            if !is_uid(uid) {
                let what =
                    format!("{name}: `{uid}` is no identifier of DHIS2 (11 letters and digits)");
                return Err(wrong(what).into());
            }
        }
        if let Some(name) = mapping.attributes.keys().find(|name| !FIELDS.contains(&name.as_str()))
        {
            let what = format!("attributes: `{name}` is none of {}", FIELDS.join(", "));
            return Err(wrong(what).into());
        }
        if mapping.salt.len() < 16 {
            return Err(wrong("salt: it has 16 letters at least".to_owned()).into());
        }
        Ok(mapping)
    }

    /// The identifier of a thing: the same one each time.
    fn uid(&self, kind: &str, id: &str) -> String {
        let key = Hmac::<Sha256>::new_from_slice(self.salt.as_bytes()).expect("any key is one");
        let digest =
            key.chain_update(kind).chain_update([0]).chain_update(id).finalize().into_bytes();
        let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
        let first = letters[usize::from(digest[0]) % 52];
        let others = digest[1..11].iter().map(|&byte| letters[usize::from(byte) % 62]);
        std::iter::once(first).chain(others).map(char::from).collect()
    }

    fn org_unit(&self, county: &str) -> &str {
        self.org_units.get(county).filter(|uid| !uid.is_empty()).unwrap_or(&self.org_unit)
    }

    /// The attributes of somebody that are not blank.
    fn attributes(&self, value: impl Fn(&str) -> String) -> Vec<Value> {
        let mapped = self.attributes.iter().filter(|(_, uid)| !uid.is_empty());
        let filled = mapped.map(|(field, uid)| (uid, value(field)));
        let filled = filled.filter(|(_, value)| !value.is_empty());
        filled.map(|(uid, value)| json!({ "attribute": uid, "value": value })).collect()
    }
}

/// A letter and ten letters or digits.
fn is_uid(text: &str) -> bool {
    text.len() == 11
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && text.starts_with(|first: char| first.is_ascii_alphabetic())
}

/// Cases where the mapping has a program for them, contacts, and who was in contact with whom.
pub(super) fn payload(
    followed: &Followed<'_>,
    mapping: &Mapping,
    out: &mut dyn Write,
) -> io::Result<()> {
    let with_cases = !mapping.case_program.is_empty();
    let cases = followed.cases.iter().filter(|_| with_cases).map(|case| {
        let attributes = mapping.attributes(|field| match field {
            "onset" => case.onset.unwrap_or("").to_owned(),
            "confirmed" => case.confirmed.to_owned(),
            other => known(followed, case.id, other),
        });
        let days = [case.confirmed, case.onset.unwrap_or(case.confirmed)].map(str::to_owned);
        (case.id, &mapping.case_program, days, attributes)
    });
    let contacts = followed.contacts.iter().map(|contact| {
        let id = &*contact.person_id;
        let last = last_day(&contact.last_exposure);
        let attributes = mapping.attributes(|field| match field {
            "first_exposure" => day(&contact.first_exposure).to_owned(),
            "last_exposure" => last.clone(),
            "release_on" => followed.measure(id).map_or("", |plan| &plan.release_on).to_owned(),
            "case_ids" => contact.case_ids.clone(),
            other => known(followed, id, other),
        });
        // The same each time: whoever is imported again is enrolled once.
        (id, &mapping.contact_program, [last.clone(), last], attributes)
    });
    let (mut entities, mut enrollments) = (Vec::new(), Vec::new());
    for (id, program, [enrolled, occurred], attributes) in cases.chain(contacts) {
        let unit = mapping.org_unit(&followed.known(id).county);
        let entity = mapping.uid("person", id);
        let is_over = followed.measure(id).is_some_and(|plan| plan.state == "elapsed");
        entities.push(json!({
            "trackedEntity": entity,
            "trackedEntityType": mapping.tracked_entity_type,
            "orgUnit": unit,
            "attributes": attributes,
        }));
        enrollments.push(json!({
            "enrollment": mapping.uid(program, id),
            "trackedEntity": entity,
            "program": program,
            "orgUnit": unit,
            "enrolledAt": enrolled,
            "occurredAt": occurred,
            "status": if is_over { "COMPLETED" } else { "ACTIVE" },
        }));
    }
    let with_relationships = with_cases && !mapping.relationship_type.is_empty();
    let pairs = followed.exposures.iter().filter(|_| with_relationships);
    let payload = json!({
        "trackedEntities": entities,
        "enrollments": enrollments,
        "relationships": pairs.map(|pair| relationship(mapping, pair)).collect::<Vec<_>>(),
    });
    serde_json::to_writer_pretty(&mut *out, &payload)?;
    out.write_all(b"\n")
}

/// What the tables say of a person, whoever they are.
fn known(followed: &Followed<'_>, id: &str, field: &str) -> String {
    let of = followed.known(id);
    let value = match field {
        "person_id" => id,
        "name" => &of.name,
        "phone" => &of.phone,
        "address" => &of.address,
        "age" => &of.age,
        _ => "",
    };
    value.to_owned()
}

fn relationship(mapping: &Mapping, pair: &PairRow) -> Value {
    let entity =
        |id: &str| json!({ "trackedEntity": { "trackedEntity": mapping.uid("person", id) } });
    let both = format!("{}\0{}", pair.case_id, pair.person_id);
    json!({
        "relationship": mapping.uid("contact", &both),
        "relationshipType": mapping.relationship_type,
        "from": entity(&pair.case_id),
        "to": entity(&pair.person_id),
    })
}
