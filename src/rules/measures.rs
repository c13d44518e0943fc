//! Measures (管控措施): what each person gets, from which day, with which tests.
//!
//! One a person, the first that applies: close contact (the Notice, measure 1), spillover
//! (measure 3), venue-exposed (9th edition), closed loop (measure 5). Counted from the last exposure
//! (9th edition). Cases get none. Rules: SPEC section 5.

use crate::base::time::{DAY, Date, Instant};
use crate::model::{CaseIdx, Places};
use crate::policy::{Phase, Plan, Policy};
use crate::rules::contacts::Contacts;
use crate::rules::graph::ExposureGraph;
use crate::rules::zones::{Facts, RiskZone};
use crate::search::evidence::{PersonId, Seen, Settled};
use hashbrown::HashMap;
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
pub struct DatedPhase {
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
    pub stages: Vec<DatedPhase>,
    /// Its test days.
    pub tests: Vec<Date>,
    /// The day after the last phase.
    pub release_on: Date,
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
    /// His position among the exposed people of the kind.
    exposed: Option<u32>,
    /// The number of the list of the zones they were in.
    pub zones: u32,
}

impl Measure {
    /// Whose it is.
    pub fn person<'a>(&'a self, evidence: &'a Settled) -> &'a str {
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
        let exposed = match self.kind {
            MeasureKind::CloseContact => &contacts.close,
            _ => &contacts.venue_exposed,
        };
        let exposed = self.exposed.map(|number| &exposed[number as usize]);
        exposed.into_iter().flat_map(|exposed| exposed.cases(graph))
    }
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
    /// The schedule of a measure.
    pub fn schedule(&self, measure: &Measure) -> &Schedule {
        &self.schedules[measure.schedule as usize]
    }
}

/// Lays phases behind each other from the day after day 0: stages, tests, day of release.
///
/// ```
/// use trace::rules::measures::schedule;
/// use trace::policy::Policy;
/// use trace::base::time::Date;
/// let plan = Policy::preset("cn-2022-11").unwrap().close_contact.unwrap();
/// let day0 = Date::from_civil(2022, 11, 11).unwrap();
/// let (stages, tests, release) = schedule(day0, &plan.phases);
/// assert_eq!(stages[0].to.to_string(), "2022-11-16");
/// assert_eq!(tests.len(), 6);
/// assert_eq!(release.to_string(), "2022-11-20");
/// ```
pub fn schedule(day0: Date, phases: &[Phase]) -> (Vec<DatedPhase>, Vec<Date>, Date) {
    let (mut stages, mut tests, mut next) = (Vec::new(), Vec::new(), day0.plus(1));
    for phase in phases {
        tests.extend(phase.tests.iter().map(|&day| next.plus(i64::from(day) - 1)));
        let from = next;
        next = next.plus(i64::from(phase.days));
        stages.push(DatedPhase { kind: phase.kind.clone(), from, to: next.plus(-1) });
    }
    (stages, tests, next)
}

/// What many measures share, and was asked for so far.
struct Plans<'a> {
    policy: &'a Policy,
    today: Date,
    numbers: HashMap<(MeasureKind, Date), u32>,
    schedules: Vec<Schedule>,
    zone_numbers: HashMap<Vec<usize>, u32>,
    presence: Vec<InZone>,
}

impl Plans<'_> {
    fn number(&mut self, kind: MeasureKind, day0: Date) -> u32 {
        *self.numbers.entry((kind, day0)).or_insert_with(|| {
            self.schedules.push(planned(self.policy, kind, day0, self.today));
            self.schedules.len() as u32 - 1
        })
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
        Measures { list, schedules: self.schedules, zone_lists, presence: self.presence }
    }
}

/// The measures of people in the evidence, by id: of the kinds one could have, the first.
fn of_evidence(
    ground: &Facts<'_>,
    evidence: &Settled,
    contacts: &Contacts,
    zones: &[RiskZone],
    plans: &mut Plans<'_>,
) -> Vec<Measure> {
    let mut spillover: Vec<_> = spillover(ground, evidence, zones).into_iter().collect();
    spillover.sort_unstable_by_key(|(person, _)| *person);
    let policy = ground.policy;
    let most = contacts.close.len() + contacts.venue_exposed.len() + spillover.len();
    let mut list = Vec::with_capacity(most);
    let in_no_zone = plans.zones(Vec::new());
    // All three are in the order of the persons, and are gone through side by side.
    let mut close = (0..).zip(&contacts.close).peekable();
    let mut spillover = spillover.into_iter().peekable();
    let venue_exposed = (0..).zip(&contacts.venue_exposed);
    let mut venue_exposed = venue_exposed.filter(|_| policy.venue_exposed.is_some()).peekable();
    loop {
        let persons = [
            close.peek().map(|(_, contact)| contact.person),
            spillover.peek().map(|(person, _)| *person),
            venue_exposed.peek().map(|(_, exposed)| exposed.person),
        ];
        let Some(person) = persons.into_iter().flatten().min() else { return list };
        let contact = close.next_if(|(_, contact)| contact.person == person);
        let visitor = spillover.next_if(|(visitor, _)| *visitor == person);
        let exposed = venue_exposed.next_if(|(_, exposed)| exposed.person == person);
        let (kind, end, exposed, zones) = match (contact, visitor, exposed) {
            (Some(_), ..) if policy.close_contact.is_none() => continue,
            (Some((number, contact)), ..) => {
                (MeasureKind::CloseContact, contact.last, Some(number), in_no_zone)
            }
            (None, Some((person, there)), _) => {
                let end =
                    there.iter().map(|(_, seen)| seen.end).max().expect("they were in a zone");
                let zones = there.iter().map(|(zone, _)| *zone).collect();
                let stays = there.into_iter();
                plans.presence.extend(stays.map(|(zone, seen)| InZone { person, zone, seen }));
                (MeasureKind::Spillover, end, None, plans.zones(zones))
            }
            (None, None, Some((number, exposed))) => {
                (MeasureKind::VenueExposed, exposed.last, Some(number), in_no_zone)
            }
            (None, None, None) => unreachable!("somebody is the first"),
        };
        let schedule = plans.number(kind, ground.zone.last_date(end));
        list.push(Measure { who: Who::Seen(person), kind, schedule, exposed, zones });
    }
}

/// Everybody's measure, by person id. O(n log n) over the people concerned.
pub fn measures(
    ground: &Facts<'_>,
    evidence: &Settled,
    contacts: &Contacts,
    zones: &[RiskZone],
) -> Measures {
    let (policy, today) = (ground.policy, ground.zone.date(ground.as_of));
    let (numbers, zone_numbers) = (HashMap::new(), HashMap::new());
    let (schedules, presence) = (Vec::new(), Vec::new());
    let mut plans = Plans { policy, today, numbers, schedules, zone_numbers, presence };
    let in_no_zone = plans.zones(Vec::new());
    let mut list = of_evidence(ground, evidence, contacts, zones, &mut plans);
    if policy.closed_loop.is_some() {
        let person = |measure: &Measure| match measure.who {
            Who::Seen(person) => Some(person),
            Who::Other(_) => None,
        };
        // Workers may appear in no evidence, and so have no number.
        let has_one = |id: &str| {
            let seen = evidence.find(id);
            seen.is_some_and(|seen| list.binary_search_by_key(&Some(seen), person).is_ok())
        };
        let workers: Vec<(&str, Date)> = ground
            .persons
            .iter()
            .filter_map(|(id, person)| Some((id, person.closed_loop_end?)))
            .filter(|&(_, end)| end <= today)
            .filter(|(id, _)| ground.cases.find(id).is_none() && !has_one(id))
            .collect();
        let added = !workers.is_empty();
        list.extend(workers.into_iter().map(|(id, day0)| {
            let kind = MeasureKind::ClosedLoop;
            let (who, schedule) = (Who::Other(id.into()), plans.number(kind, day0));
            Measure { who, kind, schedule, exposed: None, zones: in_no_zone }
        }));
        if added {
            list.par_sort_unstable_by(|a, b| a.person(evidence).cmp(b.person(evidence)));
        }
    }
    plans.measures(list)
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
    let (code, phases) = plan.expect("measures are made of kinds the policy has");
    let (stages, tests, release_on) = schedule(day0, &phases);
    Schedule { code, active: release_on > today, day0, stages, tests, release_on }
}

/// People who were in a high zone within the look-back and left it before as-of, and do not live in
/// it: their zones, in order, and the last stay in each.
fn spillover(
    ground: &Facts<'_>,
    evidence: &Settled,
    zones: &[RiskZone],
) -> HashMap<PersonId, Vec<(usize, Seen)>> {
    let mut found: HashMap<PersonId, Vec<(usize, Seen)>> = HashMap::new();
    let Some(plan) = &ground.policy.spillover else { return found };
    let back = Instant(ground.as_of.0 - i64::from(plan.lookback_days) * DAY);
    for (number, zone) in zones.iter().enumerate().filter(|(_, zone)| zone.high) {
        for &(person, seen) in &zone.visitors {
            if seen.end <= back || seen.end >= ground.as_of {
                continue;
            }
            let record = ground.persons.find(evidence.id(person));
            let lives_there = record
                .and_then(|person| person.residence)
                .is_some_and(|residence| zone.contains(ground.places, residence));
            if !lives_there {
                found.entry(person).or_default().push((number, seen));
            }
        }
    }
    found
}

/// The ids of a list of zones, in order.
pub fn zone_ids(list: &[usize], zones: &[RiskZone], places: &Places) -> Vec<String> {
    let mut ids: Vec<String> = list.iter().map(|&n| zones[n].id(places)).collect();
    ids.sort();
    ids
}
