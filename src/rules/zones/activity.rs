//! Activity (活动地): an area that one case frequents, and where people were met or infected, is a
//! zone.
//!
//! Source: the Notice, measure 4 (活动频繁且疫情传播风险较高的工作地和活动地). Two cases that each called once do not
//! frequent a place; transport, medical care and a case's recorded residence are no activity
//! places.

use super::draft::{Draft, Drafts};
use super::spread::Spread;
use crate::base::time::TimeZone;
use crate::model::{CaseIdx, PlaceId, PlaceKind, Places};
use crate::policy;
use crate::rules::areas::{Area, Attendance, CaseAreas, Presence};
use crate::rules::facts::Facts;
use std::collections::BTreeMap;

/// Whether activity there can make a zone.
pub fn is_activity_place(frequented: &CaseAreas, places: &Places, place: PlaceId) -> bool {
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

/// Whether there are enough close contacts, or links to a case with a later anchor, for a zone.
pub fn is_risky((contacts, secondary): (u64, u64), rules: &policy::ZoneRules) -> bool {
    contacts >= u64::from(rules.min_contacts) || secondary >= u64::from(rules.min_secondary)
}

/// How many close contacts were met, and links made to a case with a later anchor, at the activity
/// places of each area.
pub fn risks(
    facts: &Facts<'_>,
    frequented: &CaseAreas,
    spread: &Spread,
) -> BTreeMap<Area, (u64, u64)> {
    let mut met: BTreeMap<Area, Vec<PlaceId>> = BTreeMap::new();
    for place in spread.places() {
        if is_activity_place(frequented, facts.places, place) {
            met.entry(Area::of(facts.places, place)).or_default().push(place);
        }
    }
    met.into_iter().map(|(area, at)| (area, spread.count(&at))).collect()
}

/// Drafts a zone where a case was often, and many were met.
pub(super) fn draft(
    rules: &policy::ZoneRules,
    activity: &BTreeMap<Area, Vec<CaseIdx>>,
    risks: &BTreeMap<Area, (u64, u64)>,
    drafts: &mut Drafts,
) {
    for (&area, cases) in activity {
        if is_risky(risks.get(&area).copied().unwrap_or_default(), rules) {
            drafts.entry(area).or_default().take_in(Draft::of_activity(cases));
        }
    }
}
