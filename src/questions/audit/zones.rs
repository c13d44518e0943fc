//! Ordered zones against those that the evidence supports.

use super::{Finding, Wrong};
use crate::base::time::DAY;
use crate::ingest::orders::{OrderedZone, Orders};
use crate::model::Place;
use crate::pipeline::Analysis;
use crate::questions::question::Question;
use crate::rules::areas::Area;
use crate::rules::zones::{RiskZone, zone_of};
use hashbrown::HashMap;
use std::collections::BTreeSet;

/// What an ordered zone takes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Extent {
    Area(Area),
    /// County and compound.
    Compound(u32, u32),
    County(u32),
}

impl Extent {
    /// All extents that an area lies in.
    fn around(area: Area, place: &Place) -> impl Iterator<Item = Extent> {
        let building = area.building().filter(|building| *building != area);
        let compound =
            (place.compound != 0).then_some(Extent::Compound(place.county, place.compound));
        let areas = [Some(area), building].into_iter().flatten().map(Extent::Area);
        areas.chain(compound).chain(Some(Extent::County(place.county)))
    }

    fn id(self, analysis: &Analysis) -> String {
        let part = |number| match analysis.places.text(number) {
            "" => "-",
            text => text,
        };
        match self {
            Extent::Area(area) => area.id(&analysis.places),
            Extent::Compound(county, compound) => format!("{}/{}", part(county), part(compound)),
            Extent::County(county) => format!("county:{}", part(county)),
        }
    }
}

/// The extents of the ids that were ordered: O(n) over the places.
fn extents(analysis: &Analysis, ids: &BTreeSet<&str>) -> HashMap<String, Extent> {
    let (mut seen, mut found) = (hashbrown::HashSet::new(), HashMap::new());
    for (id, place) in analysis.places.iter() {
        for extent in Extent::around(Area::of(&analysis.places, id), place) {
            if seen.insert(extent) {
                let id = extent.id(analysis);
                if ids.contains(&*id) {
                    found.insert(id, extent);
                }
            }
        }
    }
    found
}

/// Who lives in an extent, and who of them in a zone that is high.
#[derive(Debug, Clone, Default)]
struct Inside {
    residents: u64,
    in_zones: u64,
    zones: BTreeSet<usize>,
}

fn inside(analysis: &Analysis, extents: &HashMap<String, Extent>) -> HashMap<Extent, Inside> {
    let high = || analysis.zones.iter().enumerate().filter(|(_, zone)| zone.high);
    let number: HashMap<Area, usize> = high().map(|(n, zone)| (zone.area, n)).collect();
    let mut inside: HashMap<Extent, Inside> =
        extents.values().map(|extent| (*extent, Inside::default())).collect();
    for (id, place) in analysis.places.iter() {
        let area = Area::of(&analysis.places, id);
        if let Some(zone) = zone_of(&number, area) {
            for extent in Extent::around(area, place) {
                if let Some(of) = inside.get_mut(&extent) {
                    of.zones.insert(zone);
                }
            }
        }
    }
    for (_, person) in analysis.persons.iter() {
        let Some(home) = person.residence else { continue };
        let area = Area::of(&analysis.places, home);
        let in_zone = zone_of(&number, area).is_some();
        for extent in Extent::around(area, analysis.places.get(home)) {
            if let Some(of) = inside.get_mut(&extent) {
                of.residents += 1;
                of.in_zones += u64::from(in_zone);
            }
        }
    }
    inside
}

/// Whether a status says that a zone is over.
fn is_low(status: &str) -> bool {
    let status = status.to_lowercase();
    ["low", "released", "lifted", "低", "低风险", "已降级", "已解除", "解除"].contains(&&*status)
}

/// What is wrong with the zones that were ordered.
pub(super) fn findings(question: &Question, orders: &Orders<OrderedZone>) -> Vec<Finding> {
    let analysis = &question.analysis;
    let ids: BTreeSet<&str> = orders.rows.iter().map(|order| order.zone_id.as_str()).collect();
    let extents = extents(analysis, &ids);
    let inside = inside(analysis, &extents);
    let (mut all, mut covered) = (Vec::new(), BTreeSet::new());
    let tells_when = orders.rows.iter().any(|order| order.announced.is_some());
    // A county's rest is low, and is no order.
    let is_rest =
        |order: &OrderedZone| order.zone_id.starts_with("county:") && order.status.is_empty();
    for order in orders.rows.iter().filter(|of| !is_low(&of.status) && !is_rest(of)) {
        let extent = extents.get(&order.zone_id);
        let of = extent.and_then(|extent| inside.get(extent)).cloned().unwrap_or_default();
        covered.extend(of.zones.iter().copied());
        let own = analysis.zones.iter().position(|zone| Some(&Extent::Area(zone.area)) == extent);
        let finding = match own.map(|n| &analysis.zones[n]) {
            Some(zone) if zone.high => late(analysis, zone, order, tells_when),
            Some(zone) => Some(past(analysis, zone)),
            None => not_drawn(analysis, order, extent, &of),
        };
        all.extend(finding.map(|of| Finding {
            id: order.zone_id.clone(),
            at: Some(order.row),
            ordered: order.zone_id.clone(),
            ..of
        }));
    }
    for (number, zone) in analysis.zones.iter().enumerate().filter(|(_, zone)| zone.high) {
        if !covered.contains(&number) {
            let id = zone.id(&analysis.places);
            all.push(Finding {
                id: id.clone(),
                justified: id,
                ..of(Wrong::ZoneMissing, zone.residents, 0)
            });
        }
    }
    all
}

fn of(wrong: Wrong, people: u64, days: i64) -> Finding {
    Finding::new(wrong, people, people * u64::try_from(days).unwrap_or(0))
}

/// Whether a zone was announced in time.
fn late(
    analysis: &Analysis,
    zone: &RiskZone,
    order: &OrderedZone,
    tells_when: bool,
) -> Option<Finding> {
    let by = zone.announce_by?;
    let is_late = match order.announced {
        Some(at) => at > by,
        None => tells_when && analysis.as_of > by,
    };
    let justified = analysis.zone().show(by);
    is_late.then(|| Finding { justified, ..of(Wrong::ZoneNotAnnounced, zone.residents, 0) })
}

/// A zone that should be low by now.
fn past(analysis: &Analysis, zone: &RiskZone) -> Finding {
    let days = analysis.zone().date(analysis.as_of).0 - zone.downgrade_on.0;
    let justified = zone.downgrade_on.to_string();
    Finding { justified, ..of(Wrong::ZonePastDowngrade, zone.residents, i64::from(days.max(1))) }
}

/// An ordered zone that is none.
fn not_drawn(
    analysis: &Analysis,
    order: &OrderedZone,
    extent: Option<&Extent>,
    inside: &super::zones::Inside,
) -> Option<Finding> {
    let Some(extent) = extent else { return Some(of(Wrong::ZoneUnknown, 0, 0)) };
    let today = analysis.zone().date(analysis.as_of).0;
    let zones = || inside.zones.iter().map(|&number| &analysis.zones[number]);
    let ids: Vec<String> = zones().map(|zone| zone.id(&analysis.places)).collect();
    let justified = ids.join(";");
    let around = zones().find(|zone| match (extent, zone.area) {
        (Extent::Area(area), building) => area.building() == Some(building) && *area != building,
        _ => false,
    });
    if let Some(zone) = around {
        let left_out = zone.residents.saturating_sub(inside.residents);
        return Some(Finding { justified, ..of(Wrong::ZoneNarrower, left_out, 0) });
    }
    if !ids.is_empty() {
        let left = zones().map(|zone| zone.downgrade_on.0 - today).max().unwrap_or(1);
        let more = inside.residents.saturating_sub(inside.in_zones);
        return Some(Finding { justified, ..of(Wrong::ZoneWider, more, i64::from(left)) });
    }
    let since = order.announced.map_or(1, |at| (analysis.as_of.0 - at.0) / DAY);
    Some(of(Wrong::ZoneWithoutGround, inside.residents, since.max(1)))
}
