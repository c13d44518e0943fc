//! Arrivals (入境人员): the plan of people who came from abroad, and what their samples mean.
//!
//! Sources: the Notice, measures 9 and 10 and section 3(3). Day 0 is the date of entry. A sample
//! below the smaller Ct value of the policy is positive: they are taken to hospital and have no
//! plan any more. One between the two is taken again; if that one is not positive either, they are
//! past an infection, and stay at home to the end of their plan. Who is a contact as well has one
//! plan: the one that ends later. Cost: the table.

use super::plan::{Schedule, Variant, planned};
use crate::base::time::Instant;
use crate::model::RowRef;
use crate::model::registers::Arrival;
use crate::policy::{ArrivalRules, Phase, Policy};
use crate::rules::facts::Facts;
use crate::rules::measures::MeasureKind;
use std::collections::BTreeMap;

/// How far somebody from abroad is in their plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ArrivalState {
    /// They follow the plan.
    InPlan,
    /// A sample is to be taken again.
    Retest,
    /// Taken again, it was not positive: 既往感染.
    PastInfection,
    /// A sample was positive.
    Positive,
    /// They are in `cases`.
    Case,
    /// The plan has run out.
    Elapsed,
}

impl ArrivalState {
    /// All of them.
    pub const ALL: [ArrivalState; 6] = [
        ArrivalState::InPlan,
        ArrivalState::Retest,
        ArrivalState::PastInfection,
        ArrivalState::Positive,
        ArrivalState::Case,
        ArrivalState::Elapsed,
    ];

    /// The name in the output.
    pub fn name(self) -> &'static str {
        match self {
            ArrivalState::InPlan => "in_plan",
            ArrivalState::Retest => "retest",
            ArrivalState::PastInfection => "past_infection",
            ArrivalState::Positive => "positive",
            ArrivalState::Case => "case",
            ArrivalState::Elapsed => "elapsed",
        }
    }

    /// Whether they have a plan.
    pub fn has_plan(self) -> bool {
        !matches!(self, ArrivalState::Positive | ArrivalState::Case)
    }
}

/// What is to be done next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// A test of the plan.
    Test,
    /// The sample again.
    Retest,
    /// To hospital.
    Hospital,
    /// From central isolation home.
    Home,
    /// Release.
    Release,
    /// Nothing.
    Nothing,
}

impl Step {
    /// All of them.
    pub const ALL: [Step; 6] =
        [Step::Test, Step::Retest, Step::Hospital, Step::Home, Step::Release, Step::Nothing];

    /// The name in the output.
    pub fn name(self) -> &'static str {
        match self {
            Step::Test => "test",
            Step::Retest => "retest",
            Step::Hospital => "hospital",
            Step::Home => "home",
            Step::Release => "release",
            Step::Nothing => "none",
        }
    }
}

/// Somebody who came from abroad, at as-of.
#[derive(Debug, Clone)]
pub struct Arrived {
    /// Who.
    pub person: Box<str>,
    /// When they entered.
    pub entered: Instant,
    /// How far they are.
    pub state: ArrivalState,
    /// The plan: counted from the date of entry, or another of theirs that ends no earlier.
    pub schedule: Schedule,
    /// What is to be done next.
    pub next: Step,
    /// When.
    pub due: Option<Instant>,
    /// The row.
    pub row: RowRef,
}

impl Arrived {
    /// What is to be done next, once it is known which plan they follow.
    pub(super) fn settle(&mut self, facts: &Facts<'_>) {
        if !self.schedule.active && self.state.has_plan() {
            self.state = ArrivalState::Elapsed;
        }
        let sample_due = self.due;
        (self.next, self.due) = match self.state {
            ArrivalState::Case => (Step::Nothing, None),
            ArrivalState::Positive => (Step::Hospital, sample_due),
            ArrivalState::Retest => (Step::Retest, sample_due),
            _ => next_of(&self.schedule, facts),
        };
    }
}

/// Code and phases of the policy, if it has any.
pub(super) fn plan(policy: &Policy) -> Option<(&str, &[Phase])> {
    policy.arrival.as_ref().map(|plan| (plan.code.as_str(), &plan.phases[..]))
}

/// What a Ct value means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meaning {
    Negative,
    Doubtful,
    Positive,
}

fn meaning(ct: Option<f64>, rules: &ArrivalRules) -> Meaning {
    let (Some(ct), Some(below)) = (ct, rules.positive_below_ct) else { return Meaning::Negative };
    if ct < below {
        Meaning::Positive
    } else if rules.retest_to_ct.is_some_and(|to| ct <= to) {
        Meaning::Doubtful
    } else {
        Meaning::Negative
    }
}

/// A sample: when, its Ct value, and whether it is one that was taken again.
type Sample = (Option<Instant>, Option<f64>, bool);

/// The samples of some rows of one entry that are taken by as-of.
fn samples(rows: &[&Arrival], as_of: Instant) -> Vec<Sample> {
    let of_row = |row: &&Arrival| {
        let first = (row.sampled, row.ct, false);
        [first, (row.retested, row.retest_ct, true)]
    };
    let mut all: Vec<Sample> = rows.iter().flat_map(of_row).collect();
    all.retain(|(at, ct, _)| (at.is_some() || ct.is_some()) && at.is_none_or(|at| at <= as_of));
    all.sort_by(|a, b| (a.0, a.2).cmp(&(b.0, b.2)).then(f64::total_cmp(&key(a), &key(b))));
    all
}

fn key(sample: &Sample) -> f64 {
    sample.1.unwrap_or(f64::MAX)
}

/// What samples say, and when the next step is due: for a positive one at its own time; a doubtful
/// one is taken again after `retest_hours`.
fn said(samples: &[Sample], rules: &ArrivalRules) -> (ArrivalState, Option<Instant>) {
    let of = |meant: Meaning| samples.iter().position(|(_, ct, _)| meaning(*ct, rules) == meant);
    if let Some(at) = of(Meaning::Positive) {
        return (ArrivalState::Positive, samples[at].0);
    }
    let Some(first) = of(Meaning::Doubtful) else { return (ArrivalState::InPlan, None) };
    let at = samples[first].0;
    let later = |(n, other): (usize, &Sample)| n != first && (other.2 || other.0 > at);
    if samples.iter().enumerate().any(later) {
        return (ArrivalState::PastInfection, None);
    }
    let hours = i64::from(rules.retest_hours.unwrap_or(0));
    (ArrivalState::Retest, at.map(|at| Instant(at.0 + hours * 3600)))
}

/// The next step of a plan, and the day: a test before a move, a move before the release.
fn next_of(schedule: &Schedule, facts: &Facts<'_>) -> (Step, Option<Instant>) {
    let today = facts.zone.date(facts.as_of);
    let tests = schedule.tests.iter().map(|&day| (day, Step::Test));
    let moves = schedule.stages.windows(2).filter(|pair| pair[0].kind != pair[1].kind);
    let moves = moves.map(|pair| (pair[1].from, Step::Home));
    let release = [(schedule.release_on, Step::Release)];
    let steps = tests.chain(moves).chain(release).filter(|(day, _)| *day >= today);
    match steps.min_by_key(|(day, _)| *day) {
        Some((day, step)) if schedule.active => (step, Some(facts.zone.midnight(day))),
        _ => (Step::Nothing, None),
    }
}

/// Everybody who came from abroad by as-of, by id: their last entry, with the plan of an arrival,
/// not settled yet. Nobody under a policy without such people.
pub(super) fn arrived(facts: &Facts<'_>) -> Vec<Arrived> {
    let Some(rules) = &facts.policy.arrival else { return Vec::new() };
    let mut of_people: BTreeMap<&str, Vec<&Arrival>> = BTreeMap::new();
    for arrival in facts.registers.arrivals.iter().filter(|of| of.entered <= facts.as_of) {
        of_people.entry(&arrival.person).or_default().push(arrival);
    }
    let last = |mut rows: Vec<&Arrival>| {
        // Rows of one day are of one entry: a row for each sample is as good as one for all.
        let day = |row: &&Arrival| facts.zone.date(row.entered);
        let last = rows.iter().map(day).max();
        rows.retain(|row| Some(day(row)) == last);
        rows.sort_by_key(|row| (row.entered, row.row));
        of_arrival(facts, rules, &rows)
    };
    of_people.into_values().map(last).collect()
}

fn of_arrival(facts: &Facts<'_>, rules: &ArrivalRules, rows: &[&Arrival]) -> Arrived {
    let (mut state, sample_due) = said(&samples(rows, facts.as_of), rules);
    let arrival = rows[0];
    if facts.cases.find(&*arrival.person).is_some() {
        state = ArrivalState::Case;
    }
    let variant = Variant {
        home_unfit: facts.persons.is_home_unfit(&arrival.person),
        past_infection: state == ArrivalState::PastInfection,
    };
    let (day0, today) = (facts.zone.date(arrival.entered), facts.zone.date(facts.as_of));
    let schedule = planned(facts.policy, (MeasureKind::Arrival, day0, variant), today);
    let (person, entered, row) = (arrival.person.clone(), arrival.entered, arrival.row);
    Arrived { person, entered, state, schedule, next: Step::Nothing, due: sample_due, row }
}
