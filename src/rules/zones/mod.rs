//! Risk zones (风险区): which areas are high-risk, why, since when, and until when.
//!
//! Sources: the Notice, measure 4 (high and low; residence, and activity places with frequent
//! activity and high risk of spread; drawn by unit or building, not to be widened at will; low
//! after 5 days without a new case) and section 3(2) (`--expand`). Rules: `docs/rules.md`.

pub mod activity;
mod basis;
pub mod candidates;
mod draft;
mod escalated;
mod expanded;
mod released;
pub mod residence;
mod spread;

use crate::base::time::{Date, Instant};
use crate::model::registers::Screening;
use crate::model::{CaseIdx, PlaceId, Places};
use crate::policy::{self};
use crate::rules::areas::{Area, CaseAreas, Presence};
use crate::rules::facts::Facts;
use crate::rules::graph::ExposureGraph;
use crate::rules::watch::WatchedAreas;
use crate::search::evidence::{self, Evidence, PersonId, Seen};
pub use basis::ZoneBasis;

use candidates::Candidates;
use draft::{Draft, Drafts};
use hashbrown::HashMap;
use spread::Spread;
use std::collections::{BTreeMap, BTreeSet};

/// A high-risk zone, or one that was and has been released.
#[derive(Debug, Clone)]
pub struct RiskZone {
    /// What it takes in.
    pub area: Area,
    /// Why.
    pub bases: BTreeSet<ZoneBasis>,
    /// Whether it is still high-risk at as-of; else it has been released to low.
    pub high: bool,
    /// Its cases, in order.
    pub cases: Vec<CaseIdx>,
    /// Days of the case that was there on most.
    pub days: u64,
    /// Minutes of the case that was there longest.
    pub minutes: u64,
    /// Close contacts met there.
    pub contacts: u64,
    /// Links made there to a case with a later anchor.
    pub secondary: u64,
    /// Persons with a recorded residence in it.
    pub residents: u64,
    /// Persons, no cases, who were there since `risk_from`.
    pub present: u64,
    /// The first stay of a case in it, or the window's start of one who lives there.
    pub risk_from: Option<Instant>,
    /// The latest day a case of it was confirmed.
    pub last_case: Date,
    /// The day from whose 00:00 it is low.
    pub downgrade_on: Date,
    /// By when it must be announced.
    pub announce_by: Option<Instant>,
    /// Who was there since `risk_from` and is no case, and the last stay, in order of the ids;
    /// nobody any more when it is released.
    pub visitors: Vec<(PersonId, Seen)>,
}

impl RiskZone {
    /// Whether a place lies in it.
    pub fn contains(&self, places: &Places, place: PlaceId) -> bool {
        let area = Area::of(places, place);
        area == self.area || area.building() == Some(self.area)
    }

    /// Its id in the output: `county/compound/building/unit`, a blank part written `-`, or
    /// `place:ID`.
    pub fn id(&self, places: &Places) -> String {
        self.area.id(places)
    }

    /// The number of its county's name; 0 when it is not known.
    pub fn county(&self, places: &Places) -> u32 {
        match self.area {
            Area::Unit { county, .. } | Area::Building { county, .. } => county,
            Area::Place(place) => places.get(place).county,
        }
    }
}

/// The areas that are high-risk, each at its own grain: one reason after the other.
fn drafts(
    facts: &Facts<'_>,
    rules: &policy::ZoneRules,
    candidates: &Candidates,
    risks: &BTreeMap<Area, (u64, u64)>,
) -> Drafts {
    let mut drafts = Drafts::new();
    residence::draft(facts, &candidates.residents, &mut drafts);
    activity::draft(rules, &candidates.activity, risks, &mut drafts);
    escalated::draft(&candidates.escalated, &mut drafts);
    if facts.expand {
        expanded::draft(&mut drafts);
    }
    draft::take_in_units(&mut drafts);
    drafts
}

/// The number of the zone an area lies in, if any: its own or its building's, never both.
pub fn zone_of(number: &HashMap<Area, usize>, area: Area) -> Option<usize> {
    number.get(&area).or_else(|| number.get(&area.building()?)).copied()
}

/// What was looked at for zones.
#[derive(Debug, Default)]
pub struct Zones {
    /// The zones, in order of their ids.
    pub drawn: Vec<RiskZone>,
    /// The areas that a case frequents where too few were met, as the zones they would be.
    pub undrawn: Vec<RiskZone>,
    /// The areas that no single case frequents although enough were met there: how many close
    /// contacts, and links to a case with a later anchor.
    pub seldom: Vec<(Area, (u64, u64))>,
    /// These two counts of every area, at its activity places alone, to compare with thresholds.
    pub risks: BTreeMap<Area, (u64, u64)>,
}

/// All zones, and what nearly became one; nothing under a policy without zones. `presence` is who
/// was in each watched area, by its number. Source: the Notice, measure 4. O(n log n) over who was
/// there and was met.
pub fn zones(
    facts: &Facts<'_>,
    (frequented, candidates): (&CaseAreas, &Candidates),
    watch: &WatchedAreas,
    (evidence, presence): (&Evidence, Vec<Vec<(PersonId, Seen)>>),
    graph: &ExposureGraph,
) -> Zones {
    let Some(rules) = &facts.policy.zone else { return Zones::default() };
    let spread = Spread::new(facts, evidence, graph);
    let risks = activity::risks(facts, frequented, &spread);
    let mut drafts = drafts(facts, rules, candidates, &risks);
    let drawn: HashMap<Area, usize> = drafts.keys().copied().zip(0..).collect();
    let is_in_none = |area: &Area| zone_of(&drawn, *area).is_none();
    let seldom = risks.iter().filter(|(area, risk)| {
        let often = candidates.activity.contains_key(*area);
        !often && activity::is_risky(**risk, rules) && is_in_none(area)
    });
    let seldom = seldom.map(|(area, risk)| (*area, *risk)).collect();
    for (&area, cases) in candidates.activity.iter().filter(|(area, _)| is_in_none(area)) {
        drafts.insert(area, Draft::of_activity(cases));
    }
    let areas: Vec<Area> = drafts.keys().copied().collect();
    let number: HashMap<Area, usize> = areas.iter().copied().zip(0..).collect();
    // All zones are watched.
    let of_areas: Vec<Option<usize>> = watch.areas().map(|area| zone_of(&number, area)).collect();
    let of_place =
        |place: PlaceId| watch.places.of(place).and_then(|(area, _)| of_areas[area as usize]);
    let mut by_cases = vec![Presence::default(); areas.len()];
    for (&place, there) in &frequented.by_place {
        if let Some(zone) = of_place(place) {
            by_cases[zone].stays.extend_from_slice(&there.stays);
        }
    }
    let mut met = vec![Vec::new(); areas.len()];
    let with_spread: BTreeSet<PlaceId> = spread.places().collect();
    for place in with_spread {
        if let Some(zone) = of_place(place) {
            met[zone].push(place);
        }
    }
    let residents = residents(facts, areas.len(), of_place);
    let mut visitors = visitors(presence, &of_areas, areas.len());
    let round = rules.screening.then(|| Round::new(facts, &areas, of_place));
    let mut zones = Vec::new();
    for (n, (area, draft)) in drafts.into_iter().enumerate() {
        let (contacts, secondary) = spread.count(&met[n]);
        let was_there = by_cases[n].since(|case| draft.cases.contains(&case));
        let mut zone = outline(facts, rules, area, draft);
        round.iter().for_each(|round| round.hold(facts, n, &mut zone));
        zone.risk_from = [zone.risk_from, was_there].into_iter().flatten().min();
        for of in by_cases[n].of_cases(facts.zone) {
            (zone.days, zone.minutes) = (zone.days.max(of.days), zone.minutes.max(of.minutes));
        }
        (zone.contacts, zone.secondary, zone.residents) = (contacts, secondary, residents[n]);
        let since = zone.risk_from.unwrap_or(facts.as_of);
        zone.visitors = std::mem::take(&mut visitors[n]);
        zone.visitors.retain(|(_, seen)| seen.end > since);
        zone.present = zone.visitors.len() as u64;
        if !zone.high {
            zone.visitors = Vec::new();
        }
        zones.push(zone);
    }
    zones.sort_by_cached_key(|zone| zone.id(facts.places));
    let (drawn, undrawn) = zones.into_iter().partition(|zone| drawn.contains_key(&zone.area));
    Zones { drawn, undrawn, seldom, risks }
}

/// The last round of tests: who lives in each area, and who was tested there.
struct Round<'a> {
    people: Vec<Vec<&'a str>>,
    tests: Vec<Vec<&'a Screening>>,
}

impl<'a> Round<'a> {
    fn new(
        facts: &Facts<'a>,
        areas: &[Area],
        of_place: impl Fn(PlaceId) -> Option<usize>,
    ) -> Round<'a> {
        let (mut people, mut tests) =
            (vec![Vec::new(); areas.len()], vec![Vec::new(); areas.len()]);
        for (id, person) in facts.persons.iter() {
            if let Some(area) = person.residence.and_then(&of_place) {
                people[area].push(id);
            }
        }
        let by_id: HashMap<String, usize> =
            areas.iter().map(|area| area.id(facts.places)).zip(0..).collect();
        for test in &facts.registers.screenings {
            let named = test.zone.as_ref().and_then(|id| {
                // What was a unit may be part of its building now.
                let building = || id.rsplit_once('/').and_then(|(building, _)| by_id.get(building));
                by_id.get(&**id).or_else(building).copied()
            });
            if let Some(area) = named.or_else(|| of_place(test.place?)) {
                tests[area].push(test);
            }
        }
        Round { people, tests }
    }

    /// Holds a zone high until its round is done.
    fn hold(&self, facts: &Facts<'_>, number: usize, zone: &mut RiskZone) {
        let (people, tests) = (&self.people[number], &self.tests[number]);
        zone.downgrade_on = released::after_screening(facts, zone.downgrade_on, people, tests);
        zone.high = facts.as_of < facts.zone.midnight(zone.downgrade_on);
    }
}

/// How many people are recorded in each of some areas.
fn residents(
    facts: &Facts<'_>,
    areas: usize,
    of_place: impl Fn(PlaceId) -> Option<usize>,
) -> Vec<u64> {
    let mut residents = vec![0; areas];
    for (_, person) in facts.persons.iter() {
        if let Some(area) = person.residence.and_then(&of_place) {
            residents[area] += 1;
        }
    }
    residents
}

/// Who was in each zone, and the last stay there, from who was in each area.
fn visitors(
    presence: Vec<Vec<(PersonId, Seen)>>,
    of_areas: &[Option<usize>],
    zones: usize,
) -> Vec<Vec<(PersonId, Seen)>> {
    let mut visitors = vec![Vec::new(); zones];
    for (there, zone) in presence.into_iter().zip(of_areas) {
        let Some(zone) = *zone else { continue };
        let of_zone: &mut Vec<(PersonId, Seen)> = &mut visitors[zone];
        if of_zone.is_empty() {
            *of_zone = there;
        } else {
            // A building of several units: whoever was in two of them counts once.
            of_zone.extend(there);
            evidence::keep_latest(of_zone);
        }
    }
    visitors
}

/// A zone with what follows from its cases; the counts are still 0.
fn outline(facts: &Facts<'_>, rules: &policy::ZoneRules, area: Area, draft: Draft) -> RiskZone {
    let confirmed = || draft.cases.iter().map(|&case| facts.cases.get(case).confirmed);
    let last_case = released::last_case(facts, rules, draft.cases.iter().copied());
    let downgrade_on = last_case.plus(i64::from(rules.downgrade_days) + 1);
    let first = confirmed().min().expect("a zone has a case");
    RiskZone {
        area,
        bases: draft.bases,
        high: facts.as_of < facts.zone.midnight(downgrade_on),
        cases: draft.cases.iter().copied().collect(),
        days: 0,
        minutes: 0,
        contacts: 0,
        secondary: 0,
        residents: 0,
        present: 0,
        risk_from: draft.risk_from,
        last_case,
        downgrade_on,
        announce_by: rules.announce_hours.map(|hours| Instant(first.0 + i64::from(hours) * 3600)),
        visitors: Vec::new(),
    }
}

/// The counties with a zone of status high: the rest of each is low-risk. By name.
pub fn counties<'a>(zones: &[RiskZone], places: &'a Places) -> Vec<&'a str> {
    let high = zones.iter().filter(|zone| zone.high).map(|zone| places.text(zone.county(places)));
    high.filter(|county| !county.is_empty()).collect::<BTreeSet<_>>().into_iter().collect()
}
