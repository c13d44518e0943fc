//! Activity (活动地): an area that one case frequents, and where people were met or infected, is a
//! zone.
//!
//! Source: the Notice, measure 4 (活动频繁且疫情传播风险较高的工作地和活动地). Two cases that each called once do not
//! frequent a place; transport, medical care and a case's recorded residence are no activity
//! places.

use super::basis::ZoneBasis;
use super::draft::Drafts;
use super::spread::Spread;
use crate::base::time::TimeZone;
use crate::model::{CaseIdx, PlaceId, PlaceKind, Places};
use crate::policy;
use crate::rules::areas::{Area, Attendance, CaseAreas, Presence};
use crate::rules::facts::Facts;
use std::collections::BTreeMap;

/// Whether activity there can make a zone.
fn is_activity_place(frequented: &CaseAreas, places: &Places, place: PlaceId) -> bool {
    places.get(place).kind == PlaceKind::Other && !frequented.homes.contains(&place)
}

/// Whether a case that was there so often frequents an area.
fn is_often(of: &Attendance, rules: &policy::ZoneRules) -> bool {
    of.days >= u64::from(rules.min_days) || of.minutes >= rules.min_minutes
}

/// Which cases frequent which areas: each of them alone was there on days or for minutes enough.
/// O(n log n) over the cases' stays.
pub fn frequenting(
    frequented: &CaseAreas,
    places: &Places,
    rules: &policy::ZoneRules,
    zone: &TimeZone,
) -> BTreeMap<Area, Vec<CaseIdx>> {
    let mut activity: BTreeMap<Area, Presence> = BTreeMap::new();
    for (&place, presence) in &frequented.by_place {
        if is_activity_place(frequented, places, place) {
            let area = activity.entry(Area::of(places, place)).or_default();
            area.stays.extend_from_slice(&presence.stays);
        }
    }
    let cases = |presence: Presence| -> Vec<CaseIdx> {
        let of_cases = presence.of_cases(zone).into_iter();
        of_cases.filter(|of| is_often(of, rules)).map(|of| of.case).collect()
    };
    let areas = activity.into_iter().map(|(area, presence)| (area, cases(presence)));
    areas.filter(|(_, cases)| !cases.is_empty()).collect()
}

/// Drafts a zone where enough close contacts were met, or links made to a case with a later anchor.
pub(super) fn draft(
    facts: &Facts<'_>,
    rules: &policy::ZoneRules,
    frequented: &CaseAreas,
    activity: &BTreeMap<Area, Vec<CaseIdx>>,
    spread: &Spread,
    drafts: &mut Drafts,
) {
    let mut met: BTreeMap<Area, Vec<PlaceId>> = BTreeMap::new();
    for place in spread.places() {
        if is_activity_place(frequented, facts.places, place) {
            met.entry(Area::of(facts.places, place)).or_default().push(place);
        }
    }
    for (&area, cases) in activity {
        let (contacts, secondary) = spread.count(met.get(&area).map_or(&[][..], |at| at));
        let risky = contacts >= u64::from(rules.min_contacts)
            || secondary >= u64::from(rules.min_secondary);
        if risky {
            let draft = drafts.entry(area).or_default();
            draft.bases.insert(ZoneBasis::Activity);
            draft.cases.extend(cases);
        }
    }
}
