//! Measures (管控措施): what each person gets, from which day, with which tests.
//!
//! One a person, the first that applies: close contact (the Notice, measure 1), spillover
//! (measure 3), venue-exposed (9th edition), closed loop (measure 5). Counted from the last exposure
//! (9th edition). Cases get none. Rules: SPEC section 5.

use crate::contacts::Contacts;
use crate::model::CaseIdx;
use crate::model::Places;
use crate::policy::Phase;
use crate::scan::Evidence;
use crate::time::{DAY, Date, Instant};
use crate::zones::{Ground, RiskZone};
use std::collections::BTreeMap;

/// The kind of a measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
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

/// What a person gets.
#[derive(Debug, Clone)]
pub struct Measure {
    /// Who.
    pub person: String,
    /// Why.
    pub kind: MeasureKind,
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

struct Draft {
    kind: MeasureKind,
    day0: Date,
    cases: Vec<CaseIdx>,
    zones: Vec<usize>,
}

/// Everybody's measure, by person id. O(n log n) over the people concerned.
pub fn measures(
    ground: &Ground<'_>,
    evidence: &Evidence,
    contacts: &Contacts<'_>,
    zones: &[RiskZone],
) -> Vec<Measure> {
    let (policy, zone) = (ground.policy, ground.zone);
    let mut drafts: BTreeMap<&str, Draft> = BTreeMap::new();
    if policy.close_contact.is_some() {
        for contact in &contacts.close {
            let (kind, day0) = (MeasureKind::CloseContact, zone.last_date(contact.last));
            let draft = Draft { kind, day0, cases: contact.cases().collect(), zones: Vec::new() };
            drafts.insert(evidence.id(contact.person), draft);
        }
    }
    for (id, zones, end) in spillover(ground, evidence, zones) {
        let (kind, day0) = (MeasureKind::Spillover, zone.last_date(end));
        drafts.entry(id).or_insert(Draft { kind, day0, cases: Vec::new(), zones });
    }
    if policy.venue_exposed.is_some() {
        for exposed in &contacts.venue_exposed {
            let (kind, day0) = (MeasureKind::VenueExposed, zone.last_date(exposed.last));
            let cases = exposed.cases().collect();
            let draft = Draft { kind, day0, cases, zones: Vec::new() };
            drafts.entry(evidence.id(exposed.person)).or_insert(draft);
        }
    }
    let today = zone.date(ground.as_of);
    if policy.closed_loop.is_some() {
        for (id, person) in ground.persons.iter() {
            let Some(day0) = person.closed_loop_end.filter(|end| *end <= today) else { continue };
            if ground.cases.find(id).is_none() {
                let kind = MeasureKind::ClosedLoop;
                let draft = Draft { kind, day0, cases: Vec::new(), zones: Vec::new() };
                drafts.entry(id).or_insert(draft);
            }
        }
    }
    drafts.into_iter().map(|(id, draft)| measure(ground, id, draft, today)).collect()
}

fn measure(ground: &Ground<'_>, id: &str, draft: Draft, today: Date) -> Measure {
    let policy = ground.policy;
    let plan = |plan: &Option<crate::policy::Plan>| {
        plan.as_ref().map(|plan| (plan.code.clone(), plan.phases.clone()))
    };
    let chosen = match draft.kind {
        MeasureKind::CloseContact => plan(&policy.close_contact),
        MeasureKind::Spillover => {
            policy.spillover.as_ref().map(|plan| (plan.code.clone(), plan.phases.clone()))
        }
        MeasureKind::VenueExposed => plan(&policy.venue_exposed),
        MeasureKind::ClosedLoop => plan(&policy.closed_loop),
    };
    let (code, phases) = chosen.expect("drafts are made for measures the policy has");
    let (stages, tests, release_on) = schedule(draft.day0, &phases);
    Measure {
        person: id.to_owned(),
        kind: draft.kind,
        code,
        active: release_on > today,
        day0: draft.day0,
        stages,
        tests,
        release_on,
        cases: draft.cases,
        zones: draft.zones,
    }
}

/// People who were in a high zone within the look-back and left it before as-of, and do not live in
/// it: (id, zones, end of the last stay).
fn spillover<'e>(
    ground: &Ground<'_>,
    evidence: &'e Evidence,
    zones: &[RiskZone],
) -> Vec<(&'e str, Vec<usize>, Instant)> {
    let Some(plan) = &ground.policy.spillover else { return Vec::new() };
    let back = Instant(ground.as_of.0 - i64::from(plan.lookback_days) * DAY);
    let mut found: BTreeMap<&str, (Vec<usize>, Instant)> = BTreeMap::new();
    for (number, zone) in zones.iter().enumerate().filter(|(_, zone)| zone.high) {
        for &(person, end) in &zone.visitors {
            if end <= back || end >= ground.as_of {
                continue;
            }
            let id = evidence.id(person);
            let lives_there = ground
                .persons
                .find(id)
                .and_then(|person| person.residence)
                .is_some_and(|residence| zone.contains(ground.places, residence));
            if !lives_there {
                let (zones, last) = found.entry(id).or_insert((Vec::new(), end));
                zones.push(number);
                *last = end.max(*last);
            }
        }
    }
    found.into_iter().map(|(id, (zones, last))| (id, zones, last)).collect()
}

/// The ids of the zones of a measure, in order.
pub fn zone_ids(measure: &Measure, zones: &[RiskZone], places: &Places) -> Vec<String> {
    let mut ids: Vec<String> = measure.zones.iter().map(|&n| zones[n].id(places)).collect();
    ids.sort();
    ids
}
