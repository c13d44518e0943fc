//! Who stands behind the pseudonyms of a run: the one list that is not passed on.
//!
//! Cost: the small tables, and a pass over the bulk tables. Memory: the people whom a run names.

use super::particulars::in_other_lists;
use super::passes::{EVERYBODY, Input};
use super::request::Analysis;
use crate::base::error::Result;
use crate::ingest::{self, Progress, Pseudonym, Pseudonyms, Settings};
use crate::model::{Colocation, Interest, Stay, TakeColocations, TakeStays};
use hashbrown::{HashMap, HashSet};
use std::collections::BTreeMap;

/// The id behind each pseudonym that stands in the tables of a run, in order. Nothing when the run
/// gave none.
///
/// # Errors
/// When the input cannot be read any more.
pub fn lookup(analysis: &Analysis, progress: &dyn Progress) -> Result<BTreeMap<String, String>> {
    let request = &analysis.request;
    let Some(pseudonyms) = request.settings.pseudonyms.as_deref() else {
        return Ok(BTreeMap::new());
    };
    let cases = analysis.cases.iter().map(|(_, case)| case.id.as_bytes());
    let met = analysis.evidence.matches().iter();
    let met = met.map(|found| analysis.evidence.id_bytes(found.person));
    let measures = analysis.measures.list.iter();
    let measures = measures.map(|of| of.person(&analysis.evidence).as_bytes());
    let named: HashSet<&[u8]> =
        cases.chain(met).chain(measures).chain(in_other_lists(analysis)).collect();
    let mut found = Found { pseudonyms, named: &named, ids: HashMap::new() };

    let mut request = request.clone();
    request.settings.pseudonyms = None;
    let folder = &analysis.folder;
    let small = ingest::read_small(folder, &request.settings, &request.policy, progress)?;
    small.cases.iter().for_each(|episode| found.look(episode.case.id.as_bytes()));
    small.registers.arrivals.iter().for_each(|of| found.look(of.person.as_bytes()));
    small.registers.orders.iter().for_each(|of| found.look(of.person.as_bytes()));
    small.persons.iter().for_each(|(id, _)| found.look(id.as_bytes()));
    request.settings = Settings { identities: small.identities, ..request.settings };
    let start = || Found { pseudonyms, named: &named, ids: HashMap::new() };
    let input = Input::new(folder, &request, analysis.as_of, progress);
    for other in input.everybody(EVERYBODY, start)? {
        found.ids.extend(other.ids);
    }
    folder.unchanged()?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Ok(found.ids.into_iter().map(|(pseudonym, id)| (text(&pseudonym), text(&id))).collect())
}

/// The ids whose pseudonyms are named.
struct Found<'a> {
    pseudonyms: &'a Pseudonyms,
    named: &'a HashSet<&'a [u8]>,
    ids: HashMap<Pseudonym, Box<[u8]>>,
}

impl Found<'_> {
    fn look(&mut self, id: &[u8]) {
        let pseudonym = self.pseudonyms.of(id);
        if self.named.contains(&pseudonym[..]) && !self.ids.contains_key(&pseudonym) {
            self.ids.insert(pseudonym, id.into());
        }
    }
}

impl Interest for Found<'_> {}

impl TakeStays for Found<'_> {
    fn stay(&mut self, stay: &Stay<'_>) {
        self.look(stay.person);
    }
}

impl TakeColocations for Found<'_> {
    fn colocation(&mut self, row: &Colocation<'_>) {
        self.look(row.person_a);
        self.look(row.person_b);
    }
}
