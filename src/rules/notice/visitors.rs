//! Who is not from here: people recorded in one county who were or are in another one that has a
//! high-risk zone.
//!
//! Sources: the Notice, measure 20 (who is from elsewhere and in no high-risk zone may leave, after
//! an assessment); Shanxi, people at risk (who was in a low-risk area within 7 days is monitored
//! for 3 days, with three tests), risk areas (who leaves one shows a test of the last 48 hours).
//! Where somebody is recorded is the county of `persons`, else that of their residence. Cost: the
//! people from elsewhere.

use super::Drawn;
use crate::base::time::{Date, Instant};
use crate::model::RowRef;
use crate::rules::measures::{DatedPhase, Measures, schedule};
use crate::rules::zones::RiskZone;
use crate::search::evidence::{Evidence, PersonId};
use hashbrown::HashMap;

/// A stay in a county.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Last {
    /// When it ended, as far as it is known.
    pub end: Instant,
    /// When it began.
    pub start: Instant,
    /// Where.
    pub place: Box<[u8]>,
    /// The county; 0: none is known.
    pub county: u32,
    /// The row.
    pub row: RowRef,
}

impl Last {
    /// Whether it is kept instead of another: the one that ends later, then begins earlier, then is
    /// at the smaller place, then in the smaller row.
    pub fn is_after(&self, other: &Last) -> bool {
        let key = |of: &Last| (std::cmp::Reverse(of.end), of.start);
        key(self)
            .cmp(&key(other))
            .then_with(|| self.place.cmp(&other.place))
            .then_with(|| self.row.as_text(other.row))
            .is_lt()
    }
}

/// What the rows say of somebody from elsewhere.
#[derive(Debug, Clone, Default)]
pub struct Seen {
    /// The last stay at a place of which the county is known.
    pub last: Option<Last>,
    /// The last stay in each county that is not theirs while it had a zone, outside the zones.
    pub there: Vec<Last>,
}

impl Seen {
    /// Adds a stay; `counts` says whether it is in a county with a zone, outside the zones.
    pub fn add(&mut self, stay: Last, counts: bool) {
        if counts {
            match self.there.iter_mut().find(|of| of.county == stay.county) {
                Some(kept) if stay.is_after(kept) => *kept = stay.clone(),
                Some(_) => {}
                None => self.there.push(stay.clone()),
            }
        }
        if self.last.as_ref().is_none_or(|kept| stay.is_after(kept)) {
            self.last = Some(stay);
        }
    }

    /// Joins what two workers saw.
    pub fn merge(&mut self, other: Seen) {
        other.there.into_iter().for_each(|stay| self.add(stay, true));
        other.last.into_iter().for_each(|stay| self.add(stay, false));
    }
}

/// Why somebody cannot simply leave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stays {
    /// They are a case.
    Case,
    /// They have a measure.
    Measure(&'static str),
    /// They were in a zone since it is at risk, or live in it.
    InZone(usize),
}

impl Stays {
    /// The name in the output.
    pub fn name(&self) -> &'static str {
        match self {
            Stays::Case => "case",
            Stays::Measure(name) => name,
            Stays::InZone(_) => "in_zone",
        }
    }
}

/// Somebody from elsewhere who is in a county with a high-risk zone.
#[derive(Debug, Clone)]
pub struct Stranded {
    /// Who.
    pub person: Box<str>,
    /// The number of the name of the county they are recorded in.
    pub home: u32,
    /// Their last stay.
    pub last: Last,
    /// Why they cannot simply leave; nothing: they may.
    pub because: Option<Stays>,
}

/// Somebody from elsewhere who was in a county with a high-risk zone, outside the zones.
#[derive(Debug, Clone)]
pub struct Traveller {
    /// Who.
    pub person: Box<str>,
    /// The number of the name of the county they are recorded in.
    pub home: u32,
    /// Their last stay there.
    pub last: Last,
    /// Whether they are still there: who leaves shows a test of the last 48 hours.
    pub is_there: bool,
    /// The day the stay ended.
    pub day0: Date,
    /// The phases, counted from there.
    pub stages: Vec<DatedPhase>,
    /// The tests.
    pub tests: Vec<Date>,
    /// The day after the last phase.
    pub release_on: Date,
}

/// What comes of who is not from here.
#[derive(Debug, Default)]
pub struct Visitors {
    /// By id.
    pub stranded: Vec<Stranded>,
    /// By id.
    pub travellers: Vec<Traveller>,
}

/// The counties with a high zone, by the numbers of their names, and since when: since the first
/// confirmation that could make one.
pub fn counties(drawn: &Drawn<'_>) -> HashMap<u32, Instant> {
    let mut counties: HashMap<u32, Instant> = HashMap::new();
    for zone in drawn.zones.iter().filter(|zone| zone.high) {
        let county = zone.county(drawn.facts.places);
        let confirmed = zone.cases.iter().map(|&case| drawn.facts.cases.get(case).confirmed);
        if let Some(first) = confirmed.min().filter(|_| county != 0) {
            let since = counties.entry(county).or_insert(first);
            *since = (*since).min(first);
        }
    }
    counties
}

/// What comes of what the rows say of people from elsewhere: their county, and what was seen.
pub fn visitors(
    drawn: &Drawn<'_>,
    (evidence, measures): (&Evidence, &Measures),
    seen: impl IntoIterator<Item = (Box<str>, u32, Seen)>,
) -> Visitors {
    let facts = &drawn.facts;
    let mut in_zone: HashMap<PersonId, usize> = HashMap::new();
    for (number, zone) in drawn.zones.iter().enumerate() {
        for &(person, _) in &zone.visitors {
            in_zone.entry(person).or_insert(number);
        }
    }
    let mut seen: Vec<(Box<str>, u32, Seen)> = seen.into_iter().collect();
    seen.sort_unstable_by(|a, b| a.0.cmp(&b.0));
    let high = counties(drawn);
    let mut found = Visitors::default();
    for (person, home, seen) in seen {
        let because = stays(drawn, (evidence, measures), &in_zone, &person);
        let Some(last) = seen.last.filter(|last| last.end > last.start) else { continue };
        let is_there = high.contains_key(&last.county) && last.county != home;
        if because.is_none()
            && let Some(plan) = &facts.policy.low_risk_traveller
        {
            let mut latest: Option<&Last> = None;
            for stay in &seen.there {
                if latest.is_none_or(|kept| stay.is_after(kept)) {
                    latest = Some(stay);
                }
            }
            if let Some(stay) = latest {
                let day0 = facts.zone.last_date(stay.end);
                let (stages, tests, release_on) = schedule(day0, &plan.phases);
                let (person, last) = (person.clone(), stay.clone());
                // Nobody is held past a plan.
                if release_on > facts.zone.date(facts.as_of) {
                    found.travellers.push(Traveller {
                        person,
                        home,
                        last,
                        is_there,
                        day0,
                        stages,
                        tests,
                        release_on,
                    });
                }
            }
        }
        if is_there {
            found.stranded.push(Stranded { person, home, last, because });
        }
    }
    found
}

/// Why somebody cannot simply leave.
fn stays(
    drawn: &Drawn<'_>,
    (evidence, measures): (&Evidence, &Measures),
    in_zone: &HashMap<PersonId, usize>,
    person: &str,
) -> Option<Stays> {
    let facts = &drawn.facts;
    if facts.cases.find(person).is_some() {
        return Some(Stays::Case);
    }
    let measure = measures.of(person, evidence);
    if let Some(measure) = measure.filter(|measure| measures.schedule(measure).active) {
        return Some(Stays::Measure(measure.kind.name()));
    }
    let was_in = evidence.find(person).and_then(|person| in_zone.get(&person).copied());
    let lives_in = || {
        let home = facts.persons.find(person)?.residence?;
        let holds = |zone: &RiskZone| zone.high && zone.contains(facts.places, home);
        drawn.zones.iter().position(holds)
    };
    was_in.or_else(lives_in).map(Stays::InZone)
}
