//! Venue-exposed people (涉疫场所暴露人员; 9th edition). Counted from the last exposure (9th edition).
//! Cost: their number.

use super::{Candidate, Exposed};
use crate::policy::{Phase, Policy};
use crate::rules::contacts::Contacts;
use crate::rules::facts::Facts;

/// Code and phases of the policy, if it has any.
pub(super) fn plan(policy: &Policy) -> Option<(&str, &[Phase])> {
    policy.venue_exposed.as_ref().map(|plan| (plan.code.as_str(), &plan.phases[..]))
}

/// Those who could have the measure, by person.
pub(super) fn candidates(
    facts: &Facts<'_>,
    contacts: &Contacts,
) -> impl Iterator<Item = Candidate> {
    super::exposed(facts, &contacts.venue_exposed, Exposed::AtVenue)
}
