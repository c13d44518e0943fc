//! Plans with their days: one phase after the other, tests, the day of release.
//!
//! Days and tests are the policy's; [`Variant`] says whose plan differs. Cost: the phases.

use super::MeasureKind;
use crate::base::time::Date;
use crate::policy::{Phase, Policy};

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

impl Schedule {
    /// The phase of a day, if it lies in one.
    pub fn phase_on(&self, day: Date) -> Option<&DatedPhase> {
        self.stages.iter().find(|phase| phase.from <= day && day <= phase.to)
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

/// What makes somebody's plan differ from that of others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(super) struct Variant {
    /// Their home is not fit for isolation: it is central (the Notice, section 3(1)).
    pub home_unfit: bool,
    /// They are past an infection (the Notice, measure 9).
    pub past_infection: bool,
}

/// Whose plan it is: of which kind, counted from which day.
pub(super) type Of = (MeasureKind, Date, Variant);

/// The plan of a measure, counted from a day.
pub(super) fn planned(policy: &Policy, (kind, day0, variant): Of, today: Date) -> Schedule {
    let (mut code, phases) = kind.plan(policy).expect("measures are made of kinds the policy has");
    let (mut stages, tests, release_on) = schedule(day0, phases);
    if variant.home_unfit {
        let at_home = stages.iter_mut().filter(|stage| stage.kind == "home");
        at_home.for_each(|stage| stage.kind = "central".to_owned());
    }
    if variant.past_infection {
        let own = policy.arrival.as_ref().and_then(|rules| rules.past_infection_code.as_deref());
        code = own.unwrap_or(code);
    }
    Schedule { code: code.to_owned(), active: release_on > today, day0, stages, tests, release_on }
}
