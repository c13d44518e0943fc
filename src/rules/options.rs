//! What each zone costs, and what it would cost to draw the area smaller, larger, or not at all.
//!
//! A zone is a suggestion: whoever decides sees its price beside its reasons. The areas are those
//! that are zones, and those that nearly became one. Source: the Notice, measure 16 (no piling on:
//! 层层加码). Cost: a pass over places and persons, where there is an area at all.

use crate::model::{CaseIdx, PlaceId};
use crate::policy::{Phase, ZoneRules};
use crate::rules::areas::{Area, CaseAreas, Presence};
use crate::rules::contacts::Contacts;
use crate::rules::facts::Facts;
use crate::rules::measures::{Measures, would_spill};
use crate::rules::zones::activity::is_activity_place;
use crate::rules::zones::candidates::Candidates;
use crate::rules::zones::{RiskZone, ZoneBasis, Zones};
use crate::search::evidence::Evidence;
use hashbrown::HashMap;
use std::collections::{BTreeMap, BTreeSet};

/// A number that misses its threshold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Missing {
    /// What it counts: `days`, `minutes`, `contacts` or `secondary`.
    pub what: &'static str,
    /// What it is.
    pub is: u64,
    /// What it has to be.
    pub least: u64,
}

/// An area that is a zone, or nearly is, and its price.
#[derive(Debug, Clone)]
pub struct ZoneOption {
    /// What it takes in.
    pub area: Area,
    /// Whether it is a zone, and still high-risk; nothing when it is none.
    pub high: Option<bool>,
    /// Why it is one, or nearly is.
    pub bases: BTreeSet<ZoneBasis>,
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
    /// Days from as-of until it is low, or would be; 0 of an area that no case frequents.
    pub days_left: u64,
    /// `residents` times `days_left`.
    pub resident_days: u64,
    /// Persons, no cases, who were there since the risk began; not known of an area that no case
    /// frequents.
    pub present: Option<u64>,
    /// People who get the measure of spillover for it, or would get it.
    pub spillover: u64,
    /// The days of their plans, all together.
    pub spillover_days: u64,
    /// Of a building: its units with a case.
    pub smaller: Vec<Area>,
    /// Who lives in those.
    pub smaller_residents: u64,
    /// Of a unit: its building.
    pub larger: Option<Area>,
    /// Who lives in that.
    pub larger_residents: u64,
    /// What it misses to be a zone.
    pub missing: Vec<Missing>,
}

impl ZoneOption {
    /// Whether it is a zone: `high`, `low` (released), or `not_drawn`.
    pub fn status(&self) -> &'static str {
        match self.high {
            Some(true) => "high",
            Some(false) => "low",
            None => "not_drawn",
        }
    }
}

/// The zones and what nearly became one, in order of the areas, each with its price. O(n) over
/// places and persons.
pub fn options(
    facts: &Facts<'_>,
    (frequented, candidates): (&CaseAreas, &Candidates),
    evidence: &Evidence,
    zones: &Zones,
    (contacts, measures): (&Contacts, &Measures),
) -> Vec<ZoneOption> {
    let Some(rules) = &facts.policy.zone else { return Vec::new() };
    let mut options: Vec<ZoneOption> = Vec::new();
    let days = spillover_days(facts);
    for (zone, people) in zones.drawn.iter().zip(spilled(measures, zones.drawn.len())) {
        options.push(of_zone(facts, zone, (people, days), Some(zone.high), Vec::new()));
    }
    let would = would_spill(facts, evidence, contacts, &zones.undrawn);
    for (zone, people) in zones.undrawn.iter().zip(would) {
        // Who was met at a home or a medical place of the area does not count for activity.
        let risk = zones.risks.get(&zone.area).copied().unwrap_or_default();
        let missing = missing_risk(risk, rules);
        options.push(of_zone(facts, zone, (people, days), None, missing));
    }
    let mut there: HashMap<Area, Presence> =
        zones.seldom.iter().map(|(area, _)| (*area, Presence::default())).collect();
    let counts = |place| is_activity_place(frequented, facts.places, place);
    for (&place, presence) in frequented.by_place.iter().filter(|(place, _)| counts(**place)) {
        if let Some(of_area) = there.get_mut(&Area::of(facts.places, place)) {
            of_area.stays.extend_from_slice(&presence.stays);
        }
    }
    let seldom = zones.seldom.iter();
    options
        .extend(seldom.map(|&(area, risk)| of_seldom(facts, area, risk, (&there[&area], rules))));
    with_neighbours(facts, candidates, &mut options);
    options.sort_by_key(|option| option.area);
    options
}

/// Who else would have to stay inside if every zone was its whole building, and the days of theirs.
pub fn whole_buildings(options: &[ZoneOption]) -> (u64, u64) {
    let mut buildings: BTreeMap<Area, (u64, u64, u64)> = BTreeMap::new();
    for option in options.iter().filter(|option| option.high == Some(true)) {
        if let Some(building) = option.larger {
            let days = option.days_left;
            let of = buildings.entry(building).or_insert((option.larger_residents, 0, 0));
            *of = (of.0, of.1 + option.residents, of.2.max(days));
        }
    }
    let more = || buildings.values().map(|(all, own, days)| (all.saturating_sub(*own), days));
    (more().map(|(people, _)| people).sum(), more().map(|(people, days)| people * days).sum())
}

/// How many people the measure of spillover names each zone for.
fn spilled(measures: &Measures, zones: usize) -> Vec<u64> {
    let mut people = vec![0; zones];
    for measure in &measures.list {
        measures.zone_lists[measure.zones as usize].iter().for_each(|&zone| people[zone] += 1);
    }
    people
}

/// How long the plan of spillover is.
fn spillover_days(facts: &Facts<'_>) -> u64 {
    let phases = facts.policy.spillover.iter().flat_map(|plan| &plan.phases);
    phases.map(|phase: &Phase| u64::from(phase.days)).sum()
}

fn of_zone(
    facts: &Facts<'_>,
    zone: &RiskZone,
    (spillover, plan): (u64, u64),
    high: Option<bool>,
    missing: Vec<Missing>,
) -> ZoneOption {
    let left = zone.downgrade_on.0 - facts.zone.date(facts.as_of).0;
    let left = u64::try_from(left).unwrap_or(0);
    ZoneOption {
        area: zone.area,
        high,
        bases: zone.bases.clone(),
        cases: zone.cases.clone(),
        days: zone.days,
        minutes: zone.minutes,
        contacts: zone.contacts,
        secondary: zone.secondary,
        residents: zone.residents,
        days_left: left,
        resident_days: zone.residents * left,
        present: Some(zone.present),
        spillover,
        spillover_days: spillover * plan,
        smaller: Vec::new(),
        smaller_residents: 0,
        larger: None,
        larger_residents: 0,
        missing,
    }
}

/// An area where enough were met, that no one case frequents.
fn of_seldom(
    facts: &Facts<'_>,
    area: Area,
    (contacts, secondary): (u64, u64),
    (there, rules): (&Presence, &ZoneRules),
) -> ZoneOption {
    let of_cases = there.of_cases(facts.zone);
    let days = of_cases.iter().map(|of| of.days).max().unwrap_or(0);
    let minutes = of_cases.iter().map(|of| of.minutes).max().unwrap_or(0);
    let missing = [("days", days, rules.min_days.into()), ("minutes", minutes, rules.min_minutes)];
    ZoneOption {
        area,
        high: None,
        bases: BTreeSet::from([ZoneBasis::Activity]),
        cases: of_cases.iter().map(|of| of.case).collect(),
        days,
        minutes,
        contacts,
        secondary,
        residents: 0,
        days_left: 0,
        resident_days: 0,
        present: None,
        spillover: 0,
        spillover_days: 0,
        smaller: Vec::new(),
        smaller_residents: 0,
        larger: None,
        larger_residents: 0,
        missing: missing.into_iter().map(|(what, is, least)| Missing { what, is, least }).collect(),
    }
}

fn missing_risk((contacts, secondary): (u64, u64), rules: &ZoneRules) -> Vec<Missing> {
    let (least, links) = (u64::from(rules.min_contacts), u64::from(rules.min_secondary));
    vec![
        Missing { what: "contacts", is: contacts, least },
        Missing { what: "secondary", is: secondary, least: links },
    ]
}

/// One step down and up: the units of a building that have cases, the building of a unit, and who
/// lives in them.
fn with_neighbours(facts: &Facts<'_>, candidates: &Candidates, options: &mut [ZoneOption]) {
    let known: BTreeSet<Area> =
        candidates.residents.keys().chain(candidates.activity.keys()).copied().collect();
    let mut units: HashMap<Area, Vec<Area>> = HashMap::new();
    for unit in known.into_iter().filter(|area| area.is_unit()) {
        units.entry(unit.building().expect("units are in buildings")).or_default().push(unit);
    }
    for option in options.iter_mut() {
        if option.area.is_unit() {
            option.larger = option.area.building();
        } else if let Area::Building { .. } = option.area {
            option.smaller = units.remove(&option.area).unwrap_or_default();
        }
    }
    let own = |option: &ZoneOption| [Some(option.area), option.larger];
    let areas =
        options.iter().flat_map(|of| own(of).into_iter().flatten().chain(of.smaller.clone()));
    let residents = residents(facts, areas.map(|area| (area, 0)).collect());
    for option in options {
        let of = |area: &Area| residents.get(area).copied().unwrap_or(0);
        option.smaller_residents = option.smaller.iter().map(of).sum();
        option.larger_residents = option.larger.as_ref().map_or(0, of);
        if option.present.is_none() {
            option.residents = of(&option.area);
        }
    }
}

/// Persons with a recorded residence in each of some areas.
fn residents(facts: &Facts<'_>, mut areas: HashMap<Area, u64>) -> HashMap<Area, u64> {
    if areas.is_empty() {
        return areas;
    }
    // Most places lie in a compound that nothing is asked of.
    let compound = |area: &Area| match area {
        Area::Unit { compound, .. } | Area::Building { compound, .. } => Some(*compound),
        Area::Place(_) => None,
    };
    let compounds: BTreeSet<u32> = areas.keys().filter_map(compound).collect();
    let mut last = compounds.last().map_or(Vec::new(), |&last| vec![false; last as usize + 1]);
    compounds.iter().for_each(|&compound| last[compound as usize] = true);
    let may_count = |place: PlaceId| {
        let of = facts.places.get(place);
        of.building == 0 || last.get(of.compound as usize).is_some_and(|is| *is)
    };
    for (_, person) in facts.persons.iter() {
        let Some(place) = person.residence.filter(|&place| may_count(place)) else { continue };
        let area = Area::of(facts.places, place);
        let building = area.building().filter(|building| *building != area);
        for area in [Some(area), building].into_iter().flatten() {
            if let Some(count) = areas.get_mut(&area) {
                *count += 1;
            }
        }
    }
    areas
}
