//! Expanded (扩大): every unit zone raised to its building, because the user says so and why.
//!
//! Source: the Notice, section 3(2), and measure 4: only where the spread within a unit cannot be
//! told.

use super::basis::ZoneBasis;
use super::draft::Drafts;
use crate::rules::areas::Area;

/// Drafts the buildings of all units that are zones.
pub(super) fn draft(drafts: &mut Drafts) {
    let units: Vec<Area> = drafts.keys().copied().filter(|area| area.is_unit()).collect();
    for unit in units {
        let building = unit.building().expect("units are in buildings");
        drafts.entry(building).or_default().bases.insert(ZoneBasis::Expanded);
    }
}
