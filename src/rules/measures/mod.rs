//! Measures (管控措施): what each person gets, from which day, with which tests.
//!
//! One a person, the first that applies: close contact (the Notice, measure 1), spillover (measure
//! 3), venue-exposed (9th edition), closed loop (measure 5). Who came from abroad (measures 9 and
//! 10) has the plan that ends later: that of an arrival, or their other one. From which day a plan
//! is counted is said with each kind. Cases get none.

pub mod arrival;
mod close_contact;
mod closed_loop;
mod plan;
mod spillover;
mod venue_exposed;

use crate::base::time::Date;
use crate::model::persons::Persons;
use crate::model::{CaseIdx, Places};
use crate::policy::{Phase, Policy};
use crate::rules::contacts::{Contacts, ExposedPerson};
use crate::rules::facts::Facts;
use crate::rules::graph::ExposureGraph;
use crate::rules::zones::RiskZone;
use crate::search::evidence::{Evidence, PersonId, Seen};
pub use plan::{DatedPhase, Schedule, schedule};

use arrival::Arrived;
use hashbrown::HashMap;
use plan::{Of, Variant, planned};
use rayon::prelude::*;

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
    /// 入境人员.
    Arrival,
}

impl MeasureKind {
    /// All: of the first four the first that applies is taken; an arrival has the plan that ends
    /// later.
    pub const ALL: [MeasureKind; 5] = [
        MeasureKind::CloseContact,
        MeasureKind::Spillover,
        MeasureKind::VenueExposed,
        MeasureKind::ClosedLoop,
        MeasureKind::Arrival,
    ];

    /// The name in the output.
    pub fn name(self) -> &'static str {
        match self {
            MeasureKind::CloseContact => "close_contact",
            MeasureKind::Spillover => "spillover",
            MeasureKind::VenueExposed => "venue_exposed",
            MeasureKind::ClosedLoop => "closed_loop",
            MeasureKind::Arrival => "arrival",
        }
    }

    /// The numbers of a policy that its plan rests on, by their names.
    pub fn rules(self) -> &'static [&'static str] {
        match self {
            MeasureKind::CloseContact => &["close_contact.code", "close_contact.phases"],
            MeasureKind::Spillover => {
                &["spillover.code", "spillover.lookback_days", "spillover.phases"]
            }
            MeasureKind::VenueExposed => &["venue_exposed.code", "venue_exposed.phases"],
            MeasureKind::ClosedLoop => &["closed_loop.code", "closed_loop.phases"],
            MeasureKind::Arrival => &["arrival.code", "arrival.phases"],
        }
    }

    /// Whether a policy holds those who get it: in central isolation or at home, for some time.
    pub fn holds(self, policy: &Policy) -> bool {
        self.plan(policy).is_some_and(|(_, phases)| phases.iter().any(Phase::holds))
    }

    /// Its code and phases under a policy; `None` when the policy has no such measure.
    fn plan(self, policy: &Policy) -> Option<(&str, &[Phase])> {
        match self {
            MeasureKind::CloseContact => close_contact::plan(policy),
            MeasureKind::Spillover => spillover::plan(policy),
            MeasureKind::VenueExposed => venue_exposed::plan(policy),
            MeasureKind::ClosedLoop => closed_loop::plan(policy),
            MeasureKind::Arrival => arrival::plan(policy),
        }
    }
}

/// Who gets a measure.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Who {
    /// Somebody in the evidence.
    Seen(PersonId),
    /// Somebody else, by id.
    Other(Box<str>),
}

/// What a person gets.
#[derive(Debug, Clone)]
pub struct Measure {
    who: Who,
    /// Why.
    pub kind: MeasureKind,
    /// The number of its schedule.
    pub schedule: u32,
    /// Where they are among the exposed people.
    exposed: Option<Exposed>,
    /// The number of the list of the zones they were in.
    pub zones: u32,
    /// Of somebody who came from abroad: the measure that they would have else, which ends no
    /// later.
    pub beside: Option<MeasureKind>,
}

impl Measure {
    /// Whose it is.
    pub fn person<'a>(&'a self, evidence: &'a Evidence) -> &'a str {
        match &self.who {
            Who::Seen(person) => evidence.id(*person),
            Who::Other(id) => id,
        }
    }

    /// The cases they were exposed to.
    pub fn cases<'a>(
        &self,
        contacts: &'a Contacts,
        graph: &'a ExposureGraph,
    ) -> impl Iterator<Item = CaseIdx> + use<'a> {
        let exposed = self.exposed.and_then(|exposed| match exposed {
            Exposed::Close(number) => contacts.close.get(number as usize),
            Exposed::AtVenue(number) => contacts.venue_exposed.get(number as usize),
        });
        exposed.into_iter().flat_map(|exposed| exposed.cases(graph))
    }
}

/// The position of somebody among the close contacts, or among the venue-exposed people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Exposed {
    Close(u32),
    AtVenue(u32),
}

/// Everybody's measure.
#[derive(Debug, Default)]
pub struct Measures {
    /// By person id.
    pub list: Vec<Measure>,
    /// By number.
    pub schedules: Vec<Schedule>,
    /// Lists of zones, as positions in the list of all; by number, the first one empty.
    pub zone_lists: Vec<Vec<usize>>,
    /// The proof of spillover, by person and zone.
    pub presence: Vec<InZone>,
    /// Everybody who came from abroad, by id.
    pub arrived: Vec<Arrived>,
}

/// The last stay in a zone of somebody who left it.
#[derive(Debug, Clone, Copy)]
pub struct InZone {
    /// Who.
    pub person: PersonId,
    /// The position of the zone in the list of all.
    pub zone: usize,
    /// The stay.
    pub seen: Seen,
}

impl Measures {
    /// The measure of somebody.
    pub fn of(&self, person: &str, evidence: &Evidence) -> Option<&Measure> {
        let found = self.list.binary_search_by(|measure| measure.person(evidence).cmp(person));
        found.ok().map(|at| &self.list[at])
    }

    /// The schedule of a measure.
    pub fn schedule(&self, measure: &Measure) -> &Schedule {
        &self.schedules[measure.schedule as usize]
    }
}

/// What many measures share, and was asked for so far.
struct Plans<'a> {
    policy: &'a Policy,
    today: Date,
    persons: &'a Persons,
    numbers: HashMap<Of, u32>,
    schedules: Vec<Schedule>,
    zone_numbers: HashMap<Vec<usize>, u32>,
    presence: Vec<InZone>,
}

impl Plans<'_> {
    /// The schedule of somebody.
    fn number(&mut self, kind: MeasureKind, day0: Date, person: &str) -> u32 {
        let home_unfit = self.persons.is_home_unfit(person);
        let of = (kind, day0, Variant { home_unfit, past_infection: false });
        *self.numbers.entry(of).or_insert_with(|| {
            self.schedules.push(planned(self.policy, of, self.today));
            self.schedules.len() as u32 - 1
        })
    }

    /// A schedule that was made already.
    fn add(&mut self, schedule: &Schedule) -> u32 {
        self.schedules.push(schedule.clone());
        self.schedules.len() as u32 - 1
    }

    fn zones(&mut self, zones: Vec<usize>) -> u32 {
        let next = self.zone_numbers.len() as u32;
        *self.zone_numbers.entry(zones).or_insert(next)
    }

    /// With those who have them.
    fn measures(self, list: Vec<Measure>) -> Measures {
        let mut lists: Vec<_> = self.zone_numbers.into_iter().collect();
        lists.sort_unstable_by_key(|(_, number)| *number);
        let zone_lists = lists.into_iter().map(|(zones, _)| zones).collect();
        let (schedules, presence) = (self.schedules, self.presence);
        Measures { list, schedules, zone_lists, presence, arrived: Vec::new() }
    }
}

/// Somebody who could have a measure.
struct Candidate {
    person: PersonId,
    day0: Date,
    exposed: Option<Exposed>,
    /// The zones they were in, in order, and the last stay in each.
    there: Vec<(usize, Seen)>,
}

/// Exposed people, who are counted from the last exposure.
fn exposed(
    facts: &Facts<'_>,
    people: &[ExposedPerson],
    at: fn(u32) -> Exposed,
) -> impl Iterator<Item = Candidate> {
    (0..).zip(people).map(move |(number, exposed)| {
        let day0 = facts.zone.last_date(exposed.last);
        Candidate { person: exposed.person, day0, exposed: Some(at(number)), there: Vec::new() }
    })
}

/// The measures of people in the evidence, by id: of the kinds one could have, the first.
fn of_evidence(
    facts: &Facts<'_>,
    evidence: &Evidence,
    contacts: &Contacts,
    zones: &[RiskZone],
    plans: &mut Plans<'_>,
) -> Vec<Measure> {
    let spillover = spillover::candidates(facts, evidence, zones);
    let most = contacts.close.len() + contacts.venue_exposed.len() + spillover.len();
    let mut list = Vec::with_capacity(most);
    // All are in the order of the persons, and are gone through side by side; the first kind comes
    // first.
    type Candidates<'c> = Box<dyn Iterator<Item = Candidate> + 'c>;
    let kinds: [(MeasureKind, Candidates<'_>); 3] = [
        (MeasureKind::CloseContact, Box::new(close_contact::candidates(facts, contacts))),
        (MeasureKind::Spillover, Box::new(spillover.into_iter())),
        (MeasureKind::VenueExposed, Box::new(venue_exposed::candidates(facts, contacts))),
    ];
    let mut kinds = kinds.map(|(kind, candidates)| (kind, candidates.peekable()));
    loop {
        let next = kinds.iter_mut().filter_map(|(_, of)| Some(of.peek()?.person)).min();
        let Some(person) = next else { return list };
        let mut theirs = kinds.iter_mut().filter_map(|(kind, of)| {
            Some((*kind, of.next_if(|candidate| candidate.person == person)?))
        });
        let (kind, candidate) = theirs.next().expect("somebody is the first");
        theirs.for_each(drop);
        if kind.plan(plans.policy).is_none() {
            continue;
        }
        let Candidate { day0, exposed, there, .. } = candidate;
        let zones = plans.zones(there.iter().map(|(zone, _)| *zone).collect());
        let stays = there.into_iter().map(|(zone, seen)| InZone { person, zone, seen });
        plans.presence.extend(stays);
        let schedule = plans.number(kind, day0, evidence.id(person));
        let who = Who::Seen(person);
        list.push(Measure { who, kind, schedule, exposed, zones, beside: None });
    }
}

/// Everybody's measure, by person id, chosen as [`MeasureKind::ALL`] says. Source: the Notice,
/// measures 1 to 5, 9 and 10; days and tests are the policy's. O(n log n) over the people
/// concerned.
pub fn measures(
    facts: &Facts<'_>,
    evidence: &Evidence,
    contacts: &Contacts,
    zones: &[RiskZone],
) -> Measures {
    let (policy, today) = (facts.policy, facts.zone.date(facts.as_of));
    let (numbers, zone_numbers) = (HashMap::new(), HashMap::new());
    let (schedules, presence) = (Vec::new(), Vec::new());
    let persons = facts.persons;
    let mut plans = Plans { policy, today, persons, numbers, schedules, zone_numbers, presence };
    let in_no_zone = plans.zones(Vec::new());
    let mut list = of_evidence(facts, evidence, contacts, zones, &mut plans);
    if MeasureKind::ClosedLoop.plan(policy).is_some() {
        let person = |measure: &Measure| match measure.who {
            Who::Seen(person) => Some(person),
            Who::Other(_) => None,
        };
        let has_one = |id: &str| {
            let seen = evidence.find(id);
            seen.is_some_and(|seen| list.binary_search_by_key(&Some(seen), person).is_ok())
        };
        let workers: Vec<(&str, Date)> =
            closed_loop::candidates(facts).filter(|(id, _)| !has_one(id)).collect();
        let added = !workers.is_empty();
        list.extend(workers.into_iter().map(|(id, day0)| {
            let kind = MeasureKind::ClosedLoop;
            let (who, schedule) = (Who::Other(id.into()), plans.number(kind, day0, id));
            Measure { who, kind, schedule, exposed: None, zones: in_no_zone, beside: None }
        }));
        if added {
            list.par_sort_unstable_by(|a, b| a.person(evidence).cmp(b.person(evidence)));
        }
    }
    let mut arrived = arrival::arrived(facts);
    add_arrived(&mut list, evidence, &mut arrived, (&mut plans, in_no_zone));
    arrived.iter_mut().for_each(|arrived| arrived.settle(facts));
    Measures { arrived, ..plans.measures(list) }
}

/// Adds the plans of those who came from abroad. Who has a measure already has one plan, the one
/// that ends later: nobody is isolated twice (the Notice, measure 10).
fn add_arrived(
    list: &mut Vec<Measure>,
    evidence: &Evidence,
    arrived: &mut [Arrived],
    (plans, in_no_zone): (&mut Plans<'_>, u32),
) {
    let known = list.len();
    for arrived in arrived.iter_mut().filter(|arrived| arrived.state.has_plan()) {
        let person = |measure: &Measure| measure.person(evidence).cmp(&arrived.person);
        let ends = arrived.schedule.release_on;
        match list[..known].binary_search_by(person) {
            Ok(at) if plans.schedules[list[at].schedule as usize].release_on >= ends => {
                arrived.schedule = plans.schedules[list[at].schedule as usize].clone();
            }
            Ok(at) => {
                list[at].beside = Some(list[at].kind);
                list[at].kind = MeasureKind::Arrival;
                list[at].schedule = plans.add(&arrived.schedule);
            }
            Err(_) => list.push(Measure {
                who: Who::Other(arrived.person.clone()),
                kind: MeasureKind::Arrival,
                schedule: plans.add(&arrived.schedule),
                exposed: None,
                zones: in_no_zone,
                beside: None,
            }),
        }
    }
    if list.len() > known {
        list.par_sort_unstable_by(|a, b| a.person(evidence).cmp(b.person(evidence)));
    }
}

/// How many people would get the measure of spillover for each of some areas, if it was a zone;
/// close contacts have another.
pub fn would_spill(
    facts: &Facts<'_>,
    evidence: &Evidence,
    contacts: &Contacts,
    areas: &[RiskZone],
) -> Vec<u64> {
    let mut people = vec![0; areas.len()];
    for candidate in spillover::candidates(facts, evidence, areas) {
        let close = &contacts.close;
        if close.binary_search_by_key(&candidate.person, |contact| contact.person).is_err() {
            candidate.there.iter().for_each(|(area, _)| people[*area] += 1);
        }
    }
    people
}

/// The ids of a list of zones, in order.
pub fn zone_ids(list: &[usize], zones: &[RiskZone], places: &Places) -> Vec<String> {
    let mut ids: Vec<String> = list.iter().map(|&n| zones[n].id(places)).collect();
    ids.sort();
    ids
}
