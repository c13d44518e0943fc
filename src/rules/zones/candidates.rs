//! The areas that can become a zone at all, known before anybody else's row is looked at.

use super::activity;
use super::escalated;
use super::residence;
use crate::base::time::TimeZone;
use crate::model::persons::Persons;
use crate::model::{CaseIdx, Cases, Places};
use crate::policy::Policy;
use crate::rules::areas::{Area, CaseAreas};
use hashbrown::HashSet;
use std::collections::BTreeMap;

/// By reason; none under a policy without zones.
#[derive(Debug, Clone, Default)]
pub struct Candidates {
    /// Which cases live in an area.
    pub residents: BTreeMap<Area, Vec<CaseIdx>>,
    /// Which cases frequent an area.
    pub activity: BTreeMap<Area, Vec<CaseIdx>>,
    /// The buildings that are zones as a whole because of their units.
    pub escalated: HashSet<Area>,
}

impl Candidates {
    /// From where cases live and go.
    pub fn new(
        frequented: &CaseAreas,
        (cases, persons, places): (&Cases, &Persons, &Places),
        policy: &Policy,
        zone: &TimeZone,
    ) -> Candidates {
        let Some(rules) = &policy.zone else { return Candidates::default() };
        let residents = residence::residents(frequented, cases, persons, places, policy);
        let activity = activity::frequenting(frequented, places, rules, zone);
        let escalated = escalated::buildings(&residents, rules);
        Candidates { residents, activity, escalated }
    }
}
