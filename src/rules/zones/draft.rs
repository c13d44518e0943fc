//! Zones in the making: which cases make an area one, and why.

use super::basis::ZoneBasis;
use crate::base::time::Instant;
use crate::model::CaseIdx;
use crate::rules::areas::Area;
use std::collections::{BTreeMap, BTreeSet};

/// The areas that are high-risk, each at its own grain.
pub type Drafts = BTreeMap<Area, Draft>;

/// Which cases make an area a zone, and why.
#[derive(Debug, Clone, Default)]
pub struct Draft {
    /// Why.
    pub bases: BTreeSet<ZoneBasis>,
    /// Its cases.
    pub cases: BTreeSet<CaseIdx>,
    /// When the window opens of the first of those who live there.
    pub risk_from: Option<Instant>,
}

impl Draft {
    /// Of an area that these cases frequent.
    pub fn of_activity(cases: &[CaseIdx]) -> Draft {
        let mut draft = Draft::default();
        draft.bases.insert(ZoneBasis::Activity);
        draft.cases.extend(cases);
        draft
    }

    /// The risk begins no later than this.
    pub fn since(&mut self, at: Option<Instant>) {
        self.risk_from = [self.risk_from, at].into_iter().flatten().min();
    }

    /// With what another says.
    pub fn take_in(&mut self, other: Draft) {
        self.bases.extend(other.bases);
        self.cases.extend(other.cases);
        self.since(other.risk_from);
    }
}

/// Puts units into the drafts of their buildings, where there are any; nothing else widens a zone.
pub fn take_in_units(drafts: &mut Drafts) {
    let units: Vec<Area> = drafts.keys().copied().filter(|area| area.is_unit()).collect();
    for unit in units {
        let building = unit.building().expect("units are in buildings");
        if let Some(mut whole) = drafts.remove(&building) {
            whole.take_in(drafts.remove(&unit).expect("the unit is a draft"));
            drafts.insert(building, whole);
        }
    }
}
