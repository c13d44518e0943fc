//! Closed loop (结束闭环作业的高风险岗位从业人员): workers whose closed loop has ended (the Notice, measure 5).
//!
//! Counted from the end of the loop. Cost: a look at every person.

use crate::base::time::Date;
use crate::policy::{Phase, Policy};
use crate::rules::facts::Facts;

/// Code and phases of the policy, if it has any.
pub(super) fn plan(policy: &Policy) -> Option<(&str, &[Phase])> {
    policy.closed_loop.as_ref().map(|plan| (plan.code.as_str(), &plan.phases[..]))
}

/// Those who could have the measure and are no cases, with the day their loop ended; in no order.
/// Workers may appear in no evidence, and so go by their ids.
pub(super) fn candidates<'f>(facts: &'f Facts<'_>) -> impl Iterator<Item = (&'f str, Date)> {
    let today = facts.zone.date(facts.as_of);
    let ended = facts.persons.iter().filter_map(|(id, person)| Some((id, person.closed_loop_end?)));
    ended.filter(move |&(_, end)| end <= today).filter(|(id, _)| facts.cases.find(id).is_none())
}
