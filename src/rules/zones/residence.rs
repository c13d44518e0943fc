//! Residence (居住地): the area a case lives in is a zone. Source: the Notice, measure 4.
//!
//! Not where more people than a household are recorded and no building is known: a village is no
//! home to draw a zone around.

use super::basis::ZoneBasis;
use super::draft::Drafts;
use crate::model::persons::Persons;
use crate::model::{CaseIdx, Cases, Places};
use crate::policy::Policy;
use crate::rules::areas::{Area, CaseAreas, is_too_wide};
use crate::rules::facts::Facts;
use std::collections::BTreeMap;

/// Which cases live in which areas. O(cases).
pub fn residents(
    frequented: &CaseAreas,
    cases: &Cases,
    persons: &Persons,
    places: &Places,
    policy: &Policy,
) -> BTreeMap<Area, Vec<CaseIdx>> {
    let mut residents: BTreeMap<Area, Vec<CaseIdx>> = BTreeMap::new();
    let household_max = policy.exposure.household_max;
    for ((case, _), residence) in cases.iter().zip(&frequented.residences) {
        let Some(place) = residence.map(|residence| residence.place) else { continue };
        if !is_too_wide(persons, places, place, household_max) {
            residents.entry(Area::of(places, place)).or_default().push(case);
        }
    }
    residents
}

/// Drafts a zone where a case lives, with the risk from the opening of its window on.
pub(super) fn draft(
    facts: &Facts<'_>,
    residents: &BTreeMap<Area, Vec<CaseIdx>>,
    drafts: &mut Drafts,
) {
    for (&area, cases) in residents {
        let draft = drafts.entry(area).or_default();
        draft.bases.insert(ZoneBasis::Residence);
        for &case in cases {
            draft.cases.insert(case);
            draft.since(Some(facts.cases.window_start(case)));
        }
    }
}
