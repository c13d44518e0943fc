//! Escalated (多单元): a building is a zone as a whole when enough of its units are, by residence.
//!
//! Rules: `docs/rules.md`; the number of units is the policy's.

use super::basis::ZoneBasis;
use super::draft::Drafts;
use crate::model::CaseIdx;
use crate::policy;
use crate::rules::areas::Area;
use hashbrown::{HashMap, HashSet};
use std::collections::BTreeMap;

/// These buildings, of the units that cases live in.
pub fn buildings(
    residents: &BTreeMap<Area, Vec<CaseIdx>>,
    rules: &policy::ZoneRules,
) -> HashSet<Area> {
    let mut units: HashMap<Area, u32> = HashMap::new();
    for area in residents.keys().filter(|area| area.is_unit()) {
        *units.entry(area.building().expect("units are in buildings")).or_default() += 1;
    }
    units.retain(|_, count| *count >= rules.building_units.max(1));
    units.into_keys().collect()
}

/// Drafts the buildings as zones.
pub(super) fn draft(escalated: &HashSet<Area>, drafts: &mut Drafts) {
    for &building in escalated {
        drafts.entry(building).or_default().bases.insert(ZoneBasis::Escalated);
    }
}
