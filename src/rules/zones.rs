//! Risk zones (风险区): which areas are high-risk, why, since when, and until when.
//!
//! Sources: the Notice, measure 4 (high and low; residence, and activity places with frequent
//! activity and high risk of spread; drawn by unit or building, not to be widened at will; low after
//! 5 days without a new case) and section 3(2) (`--expand`). Rules: SPEC section 4.

use crate::base::time::{Date, Instant, Zone as TimeZone};
use crate::model::persons::Persons;
use crate::model::{CaseIdx, Cases, PlaceId, Places};
use crate::policy::{self, Policy};
use crate::rules::areas::{Area, CaseAreas, Presence, WatchedAreas};
use crate::rules::exposure::Pair;
use crate::rules::graph::ExposureGraph;
use crate::search::evidence::{self, PersonId, Seen, Settled};
use hashbrown::HashMap;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// Why an area is a zone. In alphabetical order of their names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ZoneBasis {
    /// Cases were there often, and people were infected or exposed there.
    Activity,
    /// Enough units of the building are zones by residence.
    Escalated,
    /// Raised from unit to building by the user, with a reason given.
    Expanded,
    /// A case lives there.
    Residence,
}

impl ZoneBasis {
    /// The name in the output.
    pub fn name(self) -> &'static str {
        match self {
            ZoneBasis::Activity => "activity",
            ZoneBasis::Escalated => "escalated",
            ZoneBasis::Expanded => "expanded",
            ZoneBasis::Residence => "residence",
        }
    }
}

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
    /// Since when one of its cases was there.
    pub risk_from: Option<Instant>,
    /// The latest day a case of it was confirmed.
    pub last_case: Date,
    /// The day from whose 00:00 it is low.
    pub downgrade_on: Date,
    /// By when it must be announced.
    pub announce_by: Option<Instant>,
    /// Who was there since `risk_from` and is no case, and the last stay, in order of the ids; nobody any
    /// more when it is released.
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
        let part = |number| match places.text(number) {
            "" => "-",
            text => text,
        };
        match self.area {
            Area::Unit(a, b, c, d) => {
                format!("{}/{}/{}/{}", part(a), part(b), part(c), part(d))
            }
            Area::Building(a, b, c) => format!("{}/{}/{}", part(a), part(b), part(c)),
            Area::Place(place) => format!("place:{}", places.id(place)),
        }
    }

    /// The number of its county's name; 0 when it is not known.
    pub fn county(&self, places: &Places) -> u32 {
        match self.area {
            Area::Unit(county, ..) | Area::Building(county, ..) => county,
            Area::Place(place) => places.get(place).county,
        }
    }
}

/// What the zones are made from.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// The cases.
    pub cases: &'a Cases,
    /// The persons.
    pub persons: &'a Persons,
    /// The places.
    pub places: &'a Places,
    /// The policy.
    pub policy: &'a Policy,
    /// The analysis time zone.
    pub zone: &'a TimeZone,
    /// The moment the analysis speaks for.
    pub as_of: Instant,
    /// Whether every unit zone is raised to its building.
    pub expand: bool,
}

/// Who was met and linked at each place; each list in order and without repeats.
struct Spread {
    contacts: BTreeMap<PlaceId, Vec<PersonId>>,
    secondary: BTreeMap<PlaceId, Vec<(CaseIdx, CaseIdx)>>,
}

impl Spread {
    /// Distinct close contacts and links with a match at one of `at`.
    fn count(&self, at: &[PlaceId]) -> (u64, u64) {
        (distinct(&self.contacts, at), distinct(&self.secondary, at))
    }

    fn places(&self) -> impl Iterator<Item = PlaceId> {
        self.contacts.keys().chain(self.secondary.keys()).copied()
    }
}

fn distinct<T: Copy + Ord>(of: &BTreeMap<PlaceId, Vec<T>>, at: &[PlaceId]) -> u64 {
    let mut all: Vec<T> = at.iter().filter_map(|place| of.get(place)).flatten().copied().collect();
    if at.len() > 1 {
        all.sort_unstable();
        all.dedup();
    }
    all.len() as u64
}

/// Sorted by `key`, which orders as the pairs themselves do.
fn by_place<T: Copy + Ord + Send, K: Ord>(
    mut met: Vec<(PlaceId, T)>,
    key: impl Fn(&(PlaceId, T)) -> K + Sync,
) -> BTreeMap<PlaceId, Vec<T>> {
    met.par_sort_unstable_by_key(key);
    met.dedup();
    let groups = met.chunk_by(|a, b| a.0 == b.0);
    groups.map(|group| (group[0].0, group.iter().map(|&(_, who)| who).collect())).collect()
}

fn spread(facts: &Facts<'_>, evidence: &Settled, graph: &ExposureGraph) -> Spread {
    let at = |pair: &Pair| {
        let matches = pair.matches(evidence).iter();
        matches.filter(|m| m.basis.counts()).filter_map(|m| m.place())
    };
    let of_contacts = graph.of_contacts();
    let met = of_contacts.flat_map_iter(|pair| at(pair).map(|place| (place, pair.person)));
    let mut linked = Vec::new();
    for (case, exposed, pair) in graph.links() {
        if facts.cases.anchor(exposed) > facts.cases.anchor(case) {
            linked.extend(at(pair).map(|place| (place, (case, exposed))));
        }
    }
    // As one number they are compared faster, and they are many.
    let number = |&(place, who): &(PlaceId, PersonId)| u64::from(place.0) << 32 | u64::from(who.0);
    Spread { contacts: by_place(met.collect(), number), secondary: by_place(linked, |&of| of) }
}

/// Which cases make an area a zone, and why.
#[derive(Debug, Clone, Default)]
struct Draft {
    bases: BTreeSet<ZoneBasis>,
    cases: BTreeSet<CaseIdx>,
    /// When the window opens of the first of those who live there.
    risk_from: Option<Instant>,
}

impl Draft {
    fn since(&mut self, at: Option<Instant>) {
        self.risk_from = match (self.risk_from, at) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
    }

    fn take_in(&mut self, other: Draft) {
        self.bases.extend(other.bases);
        self.cases.extend(other.cases);
        self.since(other.risk_from);
    }
}

/// The areas that are high-risk, each at its own grain.
fn drafts(
    facts: &Facts<'_>,
    rules: &policy::Zone,
    frequented: &CaseAreas,
    spread: &Spread,
) -> BTreeMap<Area, Draft> {
    let mut drafts: BTreeMap<Area, Draft> = BTreeMap::new();
    for (&area, residents) in &frequented.residents {
        let draft = drafts.entry(area).or_default();
        draft.bases.insert(ZoneBasis::Residence);
        for &case in residents {
            draft.cases.insert(case);
            draft.since(Some(facts.cases.window_start(case)));
        }
    }
    let mut met: BTreeMap<Area, Vec<PlaceId>> = BTreeMap::new();
    for place in spread.places() {
        if frequented.is_activity_place(facts.places, place) {
            met.entry(Area::of(facts.places, place)).or_default().push(place);
        }
    }
    for (&area, cases) in &frequented.activity {
        let (contacts, secondary) = spread.count(met.get(&area).map_or(&[][..], |at| at));
        let risky = contacts >= u64::from(rules.min_contacts)
            || secondary >= u64::from(rules.min_secondary);
        if risky {
            let draft = drafts.entry(area).or_default();
            draft.bases.insert(ZoneBasis::Activity);
            draft.cases.extend(cases);
        }
    }
    drafts
}

/// Raises units to their buildings where the rules or the user say so; nothing else widens a zone.
fn raise(
    facts: &Facts<'_>,
    frequented: &CaseAreas,
    mut drafts: BTreeMap<Area, Draft>,
) -> BTreeMap<Area, Draft> {
    for building in frequented.escalated(facts.policy) {
        drafts.entry(building).or_default().bases.insert(ZoneBasis::Escalated);
    }
    let units: Vec<Area> =
        drafts.keys().copied().filter(|area| matches!(area, Area::Unit(..))).collect();
    for unit in units {
        let building = unit.building().expect("units are in buildings");
        if facts.expand {
            drafts.entry(building).or_default().bases.insert(ZoneBasis::Expanded);
        }
        if let Some(mut whole) = drafts.remove(&building) {
            whole.take_in(drafts.remove(&unit).expect("the unit is a draft"));
            drafts.insert(building, whole);
        }
    }
    drafts
}

/// The number of the zone an area lies in, if any: its own or its building's, never both.
pub fn zone_of(number: &HashMap<Area, usize>, area: Area) -> Option<usize> {
    number.get(&area).or_else(|| number.get(&area.building()?)).copied()
}

/// All zones, in order of their ids.
pub fn zones(
    facts: &Facts<'_>,
    frequented: &CaseAreas,
    watch: &WatchedAreas,
    (evidence, presence): (&Settled, Vec<Vec<(PersonId, Seen)>>),
    graph: &ExposureGraph,
) -> Vec<RiskZone> {
    let Some(rules) = &facts.policy.zone else { return Vec::new() };
    let spread = spread(facts, evidence, graph);
    let drafts = raise(facts, frequented, drafts(facts, rules, frequented, &spread));
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
    let mut residents = vec![0; areas.len()];
    for (_, person) in facts.persons.iter() {
        if let Some(zone) = person.residence.and_then(of_place) {
            residents[zone] += 1;
        }
    }
    let mut visitors = visitors(presence, &of_areas, areas.len());
    let mut zones = Vec::new();
    for (n, (area, draft)) in drafts.into_iter().enumerate() {
        let (contacts, secondary) = spread.count(&met[n]);
        let was_there = by_cases[n].since(|case| draft.cases.contains(&case));
        let mut zone = outline(facts, rules, area, draft);
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
    zones
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

/// A zone with what follows from its cases; the counts are still nought.
fn outline(facts: &Facts<'_>, rules: &policy::Zone, area: Area, draft: Draft) -> RiskZone {
    let confirmed = || draft.cases.iter().map(|&case| facts.cases.get(case).confirmed);
    let last_case = facts.zone.date(confirmed().max().expect("a zone has a case"));
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
