//! What the people are called whom a run shows, and how they are reached.
//!
//! No rule asks for it: it is read when a run is written. Cost: a light pass over `persons`.

use super::request::Analysis;
use crate::base::error::Result;
use crate::base::sieve::Wanted;
use crate::ingest::{self, Particulars};
use crate::rules::areas::Area;
use crate::rules::zones::zone_of;
use hashbrown::{HashMap, HashSet};

/// The ids of everybody whom the tables of a run have a row for: cases, close contacts,
/// venue-exposed people, people with a measure, and those of the other lists.
pub fn shown(analysis: &Analysis) -> HashSet<&[u8]> {
    let cases = analysis.cases.iter().map(|(_, case)| case.id.as_bytes());
    let contacts = analysis.contacts.close.iter().chain(&analysis.contacts.venue_exposed);
    let contacts = contacts.map(|of| analysis.evidence.id_bytes(of.person));
    let measures = analysis.measures.list.iter();
    let measures = measures.map(|of| of.person(&analysis.evidence).as_bytes());
    cases.chain(contacts).chain(measures).chain(in_other_lists(analysis)).collect()
}

/// Everybody in the tables of the Notice's other measures.
pub(super) fn in_other_lists(analysis: &Analysis) -> impl Iterator<Item = &[u8]> {
    let kept = &analysis.kept;
    let exposed = kept.breaches.iter().flat_map(|of| &of.exposed);
    let exposed = exposed.map(|&person| analysis.evidence.id(person));
    let breaches = kept.breaches.iter().map(|of| &*of.person);
    let crossings = kept.crossings.iter().flat_map(|of| [&*of.person, &*of.other]);
    let sites = analysis.notice.sites.iter().map(|of| &*of.person);
    let arrived = analysis.measures.arrived.iter().map(|of| &*of.person);
    let visitors = analysis.visitors.iter();
    let stranded = visitors.clone().flat_map(|of| &of.stranded).map(|of| &*of.person);
    let travellers = visitors.flat_map(|of| &of.travellers).map(|of| &*of.person);
    let all = breaches.chain(crossings).chain(sites).chain(arrived);
    all.chain(stranded).chain(travellers).chain(exposed).map(str::as_bytes)
}

/// Somebody of a key group (重点人群) who lives in a high-risk zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyPerson {
    /// The position of the zone in the list of all.
    pub zone: usize,
    /// Who.
    pub person: Box<str>,
    /// The groups as they stand in the input.
    pub groups: String,
}

/// The people who live in high-risk zones, with the zone of each.
fn residents(analysis: &Analysis) -> HashMap<&str, usize> {
    let high = analysis.zones.iter().enumerate().filter(|(_, zone)| zone.high);
    let numbers: HashMap<Area, usize> = high.map(|(number, zone)| (zone.area, number)).collect();
    if numbers.is_empty() {
        return HashMap::new();
    }
    let lives = |(id, person): (_, crate::model::persons::Person)| {
        let area = Area::of(&analysis.places, person.residence?);
        Some((id, zone_of(&numbers, area)?))
    };
    analysis.persons.iter().filter_map(lives).collect()
}

/// What is known of them, and the people of key groups in high-risk zones, by zone and id. Nothing
/// where names are not to be read, or people have pseudonyms.
///
/// # Errors
/// When the input cannot be read any more.
pub fn particulars(analysis: &Analysis) -> Result<(Particulars, Vec<KeyPerson>)> {
    let (shown, residents) = (shown(analysis), residents(analysis));
    let lives_there =
        |id: &[u8]| std::str::from_utf8(id).is_ok_and(|id| residents.contains_key(id));
    let is_shown = |id: &[u8]| shown.contains(id) || lives_there(id);
    let ids = shown.iter().copied().chain(residents.keys().map(|id| id.as_bytes()));
    let wanted = Wanted::new(ids, &is_shown);
    let (folder, settings) = (&analysis.folder, &analysis.request.settings);
    let mut known = ingest::read_particulars(folder, settings, &analysis.account, &wanted)?;
    let mut key_people = Vec::new();
    for (&person, &zone) in &residents {
        let groups = known.cell(person, "groups").unwrap_or("");
        if !groups.is_empty() {
            let (person, groups) = (person.into(), groups.to_owned());
            key_people.push(KeyPerson { zone, person, groups });
        }
    }
    key_people.sort_unstable_by(|a, b| (a.zone, &a.person).cmp(&(b.zone, &b.person)));
    // Of people in no other table, only those in a key group are kept.
    known.keep_only(|id, cells| shown.contains(id.as_bytes()) || !cells("groups").is_empty());
    Ok((known, key_people))
}
