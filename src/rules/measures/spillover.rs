//! Spillover (高风险区外溢人员): people who were in a high zone and left it (the Notice, measure 3).
//!
//! Counted from leaving (9th edition). Cost: the visitors of the high zones.

use super::Candidate;
use crate::base::time::{DAY, Instant};
use crate::policy::{Phase, Policy};
use crate::rules::facts::Facts;
use crate::rules::zones::RiskZone;
use crate::search::evidence::{Evidence, PersonId, Seen};
use hashbrown::HashMap;

/// Code and phases of the policy, if it has any.
pub(super) fn plan(policy: &Policy) -> Option<(&str, &[Phase])> {
    policy.spillover.as_ref().map(|plan| (plan.code.as_str(), &plan.phases[..]))
}

/// Those who could have the measure, by person.
pub(super) fn candidates(
    facts: &Facts<'_>,
    evidence: &Evidence,
    zones: &[RiskZone],
) -> Vec<Candidate> {
    let mut found: Vec<_> = in_high_zones(facts, evidence, zones).into_iter().collect();
    found.sort_unstable_by_key(|(person, _)| *person);
    let candidate = |(person, there): (PersonId, Vec<(usize, Seen)>)| {
        let end = there.iter().map(|(_, seen)| seen.end).max().expect("they were in a zone");
        Candidate { person, day0: facts.zone.last_date(end), exposed: None, there }
    };
    found.into_iter().map(candidate).collect()
}

/// People who were in a high zone within the look-back and left it before as-of, and do not live in
/// it: their zones, in order, and the last stay in each.
fn in_high_zones(
    facts: &Facts<'_>,
    evidence: &Evidence,
    zones: &[RiskZone],
) -> HashMap<PersonId, Vec<(usize, Seen)>> {
    let mut found: HashMap<PersonId, Vec<(usize, Seen)>> = HashMap::new();
    let Some(plan) = &facts.policy.spillover else { return found };
    let back = Instant(facts.as_of.0 - i64::from(plan.lookback_days) * DAY);
    for (number, zone) in zones.iter().enumerate().filter(|(_, zone)| zone.high) {
        for &(person, seen) in &zone.visitors {
            if seen.end <= back || seen.end >= facts.as_of {
                continue;
            }
            let record = facts.persons.find(evidence.id(person));
            let lives_there = record
                .and_then(|person| person.residence)
                .is_some_and(|residence| zone.contains(facts.places, residence));
            if !lives_there {
                found.entry(person).or_default().push((number, seen));
            }
        }
    }
    found
}
