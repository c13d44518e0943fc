//! Measures (管控措施): what each person gets, from which day, with which tests.
//!
//! One a person, the first that applies: close contact (the Notice, measure 1), spillover
//! (measure 3), venue-exposed (9th edition), closed loop (measure 5). Counted from the last exposure
//! (9th edition). Cases get none. Rules: SPEC section 5.

use crate::contacts::{Contacts, Exposed};
use crate::evidence::{PersonId, Settled};
use crate::graph::ExposureGraph;
use crate::model::{CaseIdx, Places};
use crate::policy::{Phase, Plan, Policy};
use crate::time::{DAY, Date, Instant};
use crate::zones::{Ground, RiskZone};
use hashbrown::HashMap;
use rayon::prelude::*;
use std::sync::Arc;

/// The kind of a measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MeasureKind {
    /// 密切接触者.
    CloseContact,
    /// 高风险区外溢人员.
    Spillover,
    /// 涉疫场所暴露人员.
    VenueExposed,
    /// 结束闭环作业的高风险岗位从业人员.
    ClosedLoop,
}

impl MeasureKind {
    /// All, in the order in which the first that applies is taken.
    pub const ALL: [MeasureKind; 4] = [
        MeasureKind::CloseContact,
        MeasureKind::Spillover,
        MeasureKind::VenueExposed,
        MeasureKind::ClosedLoop,
    ];

    /// The name in the output.
    pub fn name(self) -> &'static str {
        match self {
            MeasureKind::CloseContact => "close_contact",
            MeasureKind::Spillover => "spillover",
            MeasureKind::VenueExposed => "venue_exposed",
            MeasureKind::ClosedLoop => "closed_loop",
        }
    }
}

/// A phase of a measure with its days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stage {
    /// `central`, `home` or `monitor`.
    pub kind: String,
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Date,
}

/// A plan counted from a day: the same for everybody with this kind and day 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    /// The health code.
    pub code: String,
    /// Whether it has not run out at as-of.
    pub active: bool,
    /// The day it is counted from.
    pub day0: Date,
    /// Its phases.
    pub stages: Vec<Stage>,
    /// Its test days.
    pub tests: Vec<Date>,
    /// The day after the last phase.
    pub release_on: Date,
}

/// What a person gets.
#[derive(Debug, Clone)]
pub struct Measure {
    /// Who.
    pub person: Box<str>,
    /// Why.
    pub kind: MeasureKind,
    /// What, and when.
    pub schedule: Arc<Schedule>,
    /// The cases he was exposed to.
    pub cases: Vec<CaseIdx>,
    /// The zones he was in, as positions in the list of zones.
    pub zones: Vec<usize>,
}

/// Lays phases behind each other from the day after day 0: stages, tests, day of release.
///
/// ```
/// use trace::measures::schedule;
/// use trace::policy::Policy;
/// use trace::time::Date;
/// let plan = Policy::preset("cn-2022-11").unwrap().close_contact.unwrap();
/// let day0 = Date::from_civil(2022, 11, 11).unwrap();
/// let (stages, tests, release) = schedule(day0, &plan.phases);
/// assert_eq!(stages[0].to.to_string(), "2022-11-16");
/// assert_eq!(tests.len(), 6);
/// assert_eq!(release.to_string(), "2022-11-20");
/// ```
pub fn schedule(day0: Date, phases: &[Phase]) -> (Vec<Stage>, Vec<Date>, Date) {
    let (mut stages, mut tests, mut next) = (Vec::new(), Vec::new(), day0.plus(1));
    for phase in phases {
        tests.extend(phase.tests.iter().map(|&day| next.plus(i64::from(day) - 1)));
        let from = next;
        next = next.plus(i64::from(phase.days));
        stages.push(Stage { kind: phase.kind.clone(), from, to: next.plus(-1) });
    }
    (stages, tests, next)
}

/// What somebody will get.
struct Draft<'a> {
    person: PersonId,
    kind: MeasureKind,
    day0: Date,
    exposed: Option<&'a Exposed>,
    zones: Vec<usize>,
}

/// One draft a person at most: of the kinds he could have, the first. By the ids of the persons.
fn drafts<'a>(
    ground: &Ground<'_>,
    evidence: &Settled,
    contacts: &'a Contacts,
    zones: &[RiskZone],
) -> Vec<Draft<'a>> {
    let (policy, zone) = (ground.policy, ground.zone);
    let mut has = vec![false; evidence.persons()];
    let mut drafts = Vec::new();
    for contact in &contacts.close {
        has[contact.person.0 as usize] = true;
        if policy.close_contact.is_some() {
            let (person, kind) = (contact.person, MeasureKind::CloseContact);
            let (day0, exposed) = (zone.last_date(contact.last), Some(contact));
            drafts.push(Draft { person, kind, day0, exposed, zones: Vec::new() });
        }
    }
    for (person, (zones, end)) in spillover(ground, evidence, zones) {
        if !std::mem::replace(&mut has[person.0 as usize], true) {
            let (kind, day0) = (MeasureKind::Spillover, zone.last_date(end));
            drafts.push(Draft { person, kind, day0, exposed: None, zones });
        }
    }
    for contact in contacts.venue_exposed.iter().filter(|_| policy.venue_exposed.is_some()) {
        if !std::mem::replace(&mut has[contact.person.0 as usize], true) {
            let (person, kind) = (contact.person, MeasureKind::VenueExposed);
            let (day0, exposed) = (zone.last_date(contact.last), Some(contact));
            drafts.push(Draft { person, kind, day0, exposed, zones: Vec::new() });
        }
    }
    drafts.par_sort_unstable_by_key(|draft| draft.person);
    drafts
}

/// Everybody's measure, by person id. O(n log n) over the people concerned.
pub fn measures(
    ground: &Ground<'_>,
    evidence: &Settled,
    (contacts, graph): (&Contacts, &ExposureGraph),
    zones: &[RiskZone],
) -> Vec<Measure> {
    let policy = ground.policy;
    let today = ground.zone.date(ground.as_of);
    let drafts = drafts(ground, evidence, contacts, zones);
    // Workers may appear in no evidence, and so have no number.
    let mut workers: Vec<(&str, Date)> = Vec::new();
    if policy.closed_loop.is_some() {
        let ended = |(_, end): &(&str, Date)| *end <= today;
        let has_draft = |person| drafts.binary_search_by_key(&person, |draft| draft.person).is_ok();
        let known = |id: &str| evidence.find(id).is_some_and(has_draft);
        workers = ground
            .persons
            .iter()
            .filter_map(|(id, person)| Some((id, person.closed_loop_end?)))
            .filter(ended)
            .filter(|(id, _)| ground.cases.find(id).is_none() && !known(id))
            .collect();
    }
    let days = drafts.iter().map(|draft| (draft.kind, draft.day0));
    let days = days.chain(workers.iter().map(|&(_, day0)| (MeasureKind::ClosedLoop, day0)));
    let mut schedules: HashMap<(MeasureKind, Date), Arc<Schedule>> = HashMap::new();
    for (kind, day0) in days {
        schedules
            .entry((kind, day0))
            .or_insert_with(|| Arc::new(planned(policy, kind, day0, today)));
    }
    let of_evidence = drafts.into_par_iter().map(|draft| Measure {
        person: evidence.id(draft.person).into(),
        kind: draft.kind,
        schedule: Arc::clone(&schedules[&(draft.kind, draft.day0)]),
        cases: draft.exposed.map_or_else(Vec::new, |exposed| exposed.cases(graph).collect()),
        zones: draft.zones,
    });
    let mut all: Vec<Measure> = of_evidence.collect();
    if !workers.is_empty() {
        all.extend(workers.into_iter().map(|(id, day0)| {
            let kind = MeasureKind::ClosedLoop;
            let schedule = Arc::clone(&schedules[&(kind, day0)]);
            Measure { person: id.into(), kind, schedule, cases: Vec::new(), zones: Vec::new() }
        }));
        all.par_sort_unstable_by(|a, b| a.person.cmp(&b.person));
    }
    all
}

/// The plan of a measure, counted from `day0`.
fn planned(policy: &Policy, kind: MeasureKind, day0: Date, today: Date) -> Schedule {
    let of = |plan: &Option<Plan>| plan.as_ref().map(|p| (p.code.clone(), p.phases.clone()));
    let plan = match kind {
        MeasureKind::CloseContact => of(&policy.close_contact),
        MeasureKind::Spillover => {
            policy.spillover.as_ref().map(|p| (p.code.clone(), p.phases.clone()))
        }
        MeasureKind::VenueExposed => of(&policy.venue_exposed),
        MeasureKind::ClosedLoop => of(&policy.closed_loop),
    };
    let (code, phases) = plan.expect("drafts are made for measures the policy has");
    let (stages, tests, release_on) = schedule(day0, &phases);
    Schedule { code, active: release_on > today, day0, stages, tests, release_on }
}

/// People who were in a high zone within the look-back and left it before as-of, and do not live in
/// it: their zones and the end of the last stay.
fn spillover(
    ground: &Ground<'_>,
    evidence: &Settled,
    zones: &[RiskZone],
) -> HashMap<PersonId, (Vec<usize>, Instant)> {
    let mut found: HashMap<PersonId, (Vec<usize>, Instant)> = HashMap::new();
    let Some(plan) = &ground.policy.spillover else { return found };
    let back = Instant(ground.as_of.0 - i64::from(plan.lookback_days) * DAY);
    for (number, zone) in zones.iter().enumerate().filter(|(_, zone)| zone.high) {
        for &(person, end) in &zone.visitors {
            if end <= back || end >= ground.as_of {
                continue;
            }
            let record = ground.persons.find(evidence.id(person));
            let lives_there = record
                .and_then(|person| person.residence)
                .is_some_and(|residence| zone.contains(ground.places, residence));
            if !lives_there {
                let (zones, last) = found.entry(person).or_insert((Vec::new(), end));
                zones.push(number);
                *last = end.max(*last);
            }
        }
    }
    found
}

/// The ids of the zones of a measure, in order.
pub fn zone_ids(measure: &Measure, zones: &[RiskZone], places: &Places) -> Vec<String> {
    let mut ids: Vec<String> = measure.zones.iter().map(|&n| zones[n].id(places)).collect();
    ids.sort();
    ids
}
