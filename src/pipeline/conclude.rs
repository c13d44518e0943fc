//! Conclude: the rules, from evidence to contacts, zones and measures.
//!
//! Cost: what touches a case.

use super::checks::{Check, alike, cases, files, zones as of_zones};
use super::prepare::Prepared;
use super::request::{Analysis, Outcome, Rejected, Timings};
use super::scan::Scanned;
use crate::base::error::Result;
use crate::base::sieve::Wanted;
use crate::ingest::{self, Account, Folder, Label, Settings};
use crate::model::persons::Persons;
use crate::model::registers::Registers;
use crate::model::{Cases, Places};
use crate::policy::Exposure;
use crate::rules::areas::{Area, CaseAreas};
use crate::rules::contacts::Contacts;
use crate::rules::crowds;
use crate::rules::exposure;
use crate::rules::facts::Facts;
use crate::rules::graph::ExposureGraph;
use crate::rules::measures::{self, Measures};
use crate::rules::notice::bubbles::Kept;
use crate::rules::notice::{Answers, Drawn};
use crate::rules::options::{self, ZoneOption};
use crate::rules::watch::WatchedAreas;
use crate::rules::zones::candidates::Candidates;
use crate::rules::zones::{self, RiskZone, Zones};
use crate::search::evidence::{Basis, Evidence, Found, PersonId, Seen};
use crate::search::scan::{self};
use hashbrown::{HashMap, HashSet};

/// The rules: from what was scanned to contacts, zones and measures. Reads the names of the places
/// that are shown, and nothing else. O(n log n) over what was found; an example is at
/// [`scan`](super::scan()).
///
/// # Errors
/// When a file cannot be used.
pub fn conclude(prepared: Prepared, scanned: Scanned) -> Result<Outcome<Analysis>> {
    let Prepared {
        request,
        folder,
        mut places,
        persons,
        registers,
        frequented,
        candidates,
        watch,
        index,
        mut account,
        checks,
    } = prepared;
    account.add(scanned.account);
    account.sort();
    if let Err(error) = account.check(&folder, request.settings.max_rejects) {
        return Ok(Outcome::TooManyRejects(Box::new(Rejected { error, folder, account })));
    }
    let (as_of, case_places) = (index.as_of(), index.case_places());
    let own_stays = index.stays().in_windows(index.cases());
    let cases = index.into_cases();
    let (policy, settings) = (&request.policy, &request.settings);
    let (exposure, zone) = (&policy.exposure, &settings.zone);
    let known = (&cases, &persons, &mut places);
    let (evidence, presence, graph) = met(scanned.found, known, exposure);
    let expand = request.expand.is_some();
    let facts = Facts {
        cases: &cases,
        persons: &persons,
        places: &places,
        registers: &registers,
        policy,
        zone,
        as_of,
        expand,
    };
    let of = (&frequented, &candidates);
    let Ruled { contacts, zones, measures, options, notice } =
        ruled(&facts, of, &watch, (&evidence, presence), &graph);
    let of = checks_of(&facts, &folder);
    let checks = [checks, unknown_zones(&registers, &zones.drawn, &places)].concat();
    let checks = look(&of, (&account, checks), (&own_stays, &evidence), (&graph, &contacts));
    let labels = labels(&folder, settings, &places, &frequented, &zones.drawn)?;
    Ok(Outcome::Done(Box::new(Analysis {
        request,
        folder,
        as_of,
        cases,
        places,
        persons,
        registers,
        frequented,
        evidence,
        graph,
        contacts,
        labels,
        zones: zones.drawn,
        options,
        measures,
        notice,
        kept: Kept::default(),
        visitors: None,
        case_places,
        account,
        checks,
        looser: None,
        timings: Timings::default(),
    })))
}

/// Who met whom: the evidence in order, who was in each watched area, and the graph.
fn met(
    found: Found,
    (cases, persons, places): (&Cases, &Persons, &mut Places),
    exposure: &Exposure,
) -> (Evidence, Vec<Vec<(PersonId, Seen)>>, ExposureGraph) {
    let at_home = scan::households(cases, persons, exposure.household_max);
    let mut evidence = found.merge(at_home).settle(places);
    crowds::weaken(&mut evidence, cases, places, exposure);
    let pairs = exposure::pairs(&evidence, places, exposure);
    let graph = ExposureGraph::new(cases, &evidence, pairs);
    let presence = evidence.take_presence();
    (evidence, presence, graph)
}

/// The zones that tables name and are none.
fn unknown_zones(registers: &Registers, drawn: &[RiskZone], places: &Places) -> Vec<Check> {
    of_zones::unknown(registers, &drawn.iter().map(|zone| zone.id(places)).collect())
}

/// What the checks of the cases need.
fn checks_of<'a>(facts: &Facts<'a>, folder: &'a Folder) -> cases::Of<'a> {
    let Facts { cases, persons, places, policy, zone, .. } = *facts;
    cases::Of { cases, persons, places, folder, policy: &policy.exposure, zone }
}

/// What the rules say, once it is known who met whom.
struct Ruled {
    contacts: Contacts,
    zones: Zones,
    measures: Measures,
    options: Vec<ZoneOption>,
    notice: Answers,
}

fn ruled(
    facts: &Facts<'_>,
    of: (&CaseAreas, &Candidates),
    watch: &WatchedAreas,
    (evidence, presence): (&Evidence, Vec<Vec<(PersonId, Seen)>>),
    graph: &ExposureGraph,
) -> Ruled {
    let drawn = || zones::zones(facts, of, watch, (evidence, presence), graph);
    let (contacts, zones) = rayon::join(|| Contacts::new(graph), drawn);
    let measures = measures::measures(facts, evidence, &contacts, &zones.drawn);
    let options = options::options(facts, of, evidence, &zones, (&contacts, &measures));
    let residences = &of.0.residences;
    let drawn = Drawn { facts: *facts, residences, graph, zones: &zones.drawn };
    let notice = Answers::new(&drawn);
    Ruled { contacts, zones, measures, options, notice }
}

/// What a person should look at before acting.
fn look(
    of: &cases::Of<'_>,
    (account, mut checks): (&Account, Vec<Check>),
    (own_stays, evidence): (&[u64], &Evidence),
    (graph, close): (&ExposureGraph, &Contacts),
) -> Vec<Check> {
    let mut rows = own_stays.to_vec();
    for found in evidence.matches().iter().filter(|found| found.basis == Basis::Proximity) {
        rows[found.case.position() as usize] += 1;
    }
    let mut contacts = vec![0; of.cases.len()];
    for contact in &close.close {
        contact.cases(graph).for_each(|case| contacts[case.position() as usize] += 1);
    }
    checks.extend(of.dates());
    checks.extend(of.homes());
    checks.extend(of.without_rows(|case| rows[case.position() as usize]));
    checks.extend(of.few_contacts(|case| contacts[case.position() as usize]));
    let mut met: Vec<PersonId> = graph.pairs().iter().map(|pair| pair.person).collect();
    met.sort_unstable();
    met.dedup();
    let cases = of.cases.iter().map(|(_, case)| &*case.id);
    let ids: Vec<&str> = cases.chain(met.into_iter().map(|person| evidence.id(person))).collect();
    checks.extend(alike::pairs(&ids));
    checks.extend(files::checks(of.folder, account));
    checks.sort_unstable();
    checks.dedup();
    checks
}

/// The labels of the places that are shown.
fn labels(
    folder: &Folder,
    settings: &Settings,
    places: &Places,
    frequented: &CaseAreas,
    zones: &[RiskZone],
) -> Result<HashMap<String, Label>> {
    let number: HashMap<Area, usize> = zones.iter().map(|zone| zone.area).zip(0..).collect();
    let in_zones = places
        .iter()
        .filter(|(place, _)| zones::zone_of(&number, Area::of(places, *place)).is_some());
    let mut shown: HashSet<&[u8]> = in_zones.map(|(place, _)| places.id_bytes(place)).collect();
    shown.extend(frequented.by_place.keys().map(|&place| places.id_bytes(place)));
    let is_shown = |id: &[u8]| shown.contains(id);
    let wanted = Wanted::new(shown.iter().copied(), &is_shown);
    ingest::read_labels(folder, settings, &wanted)
}
