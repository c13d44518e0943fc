//! Who was isolated beside somebody who turned out a case: at the same place, on the same floor, in
//! the same building.
//!
//! Source: the Notice, section 3(1): no infection at the places of isolation, and whoever is at
//! risk is followed when somebody there turns positive. From orders of central isolation alone,
//! since the admission of the case: a list of whom to look at, and no verdict on anybody. Only the
//! case is a source: first degree. Cost: the orders of the buildings with a case.

use super::Drawn;
use crate::base::time::Span;
use crate::model::registers::{Order, OrderKind};
use crate::model::{CaseIdx, PlaceId, RowRef};
use crate::rules::areas::Area;
use hashbrown::HashMap;

/// How near.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Near {
    /// At the same place.
    Place,
    /// In the same unit of the building: the same floor (`unit` of the place).
    Floor,
    /// In the same building.
    Building,
}

impl Near {
    /// All of them.
    pub const ALL: [Near; 3] = [Near::Place, Near::Floor, Near::Building];

    /// The name in the output.
    pub fn name(self) -> &'static str {
        match self {
            Near::Place => "place",
            Near::Floor => "floor",
            Near::Building => "building",
        }
    }
}

/// Somebody who was isolated beside a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beside {
    /// The case.
    pub case: CaseIdx,
    /// The other.
    pub person: Box<str>,
    /// How near.
    pub near: Near,
    /// Where the other is isolated.
    pub place: PlaceId,
    /// When both were there.
    pub span: Span,
    /// The orders of the two.
    pub rows: [RowRef; 2],
}

/// Who was isolated beside a case, by case and person.
pub fn beside(drawn: &Drawn<'_>) -> Vec<Beside> {
    let facts = &drawn.facts;
    let central = |order: &&Order| order.kind == OrderKind::Central;
    let mut at: HashMap<Area, Vec<(&Order, PlaceId)>> = HashMap::new();
    for order in facts.registers.orders.iter().filter(central) {
        let Some(place) = order.place else { continue };
        at.entry(site(drawn, place)).or_default().push((order, place));
    }
    let mut found = Vec::new();
    for there in at.values() {
        for &(own, place) in there {
            let Some(case) = facts.cases.find(&*own.person) else { continue };
            let until = until(drawn, case);
            let Some(own_span) = Span::new(own.span.start, own.span.end.min(until)) else {
                continue;
            };
            for &(order, other) in there.iter().filter(|(order, _)| order.person != own.person) {
                let Some(span) = own_span.overlap(order.span) else { continue };
                let floor = Area::of(facts.places, place) == Area::of(facts.places, other);
                let near = match () {
                    () if place == other => Near::Place,
                    () if floor => Near::Floor,
                    () => Near::Building,
                };
                let (person, rows) = (order.person.clone(), [own.row, order.row]);
                found.push(Beside { case, person, near, place: other, span, rows });
            }
        }
    }
    let id = |place: PlaceId| facts.places.id_bytes(place);
    found.sort_by(|a: &Beside, b| {
        let key = |of: &Beside| (of.near, of.span);
        (a.case, &a.person, key(a))
            .cmp(&(b.case, &b.person, key(b)))
            .then_with(|| id(a.place).cmp(id(b.place)))
            .then_with(|| a.rows.cmp(&b.rows))
    });
    // Of several rows of one case and person one is kept: the nearest, then the earliest.
    found.dedup_by(|next, kept| (next.case, &next.person) == (kept.case, &kept.person));
    found
}

/// The building of a place, or itself.
fn site(drawn: &Drawn<'_>, place: PlaceId) -> Area {
    let area = Area::of(drawn.facts.places, place);
    area.building().unwrap_or(area)
}

/// Until when a case was at the place of isolation: until the end of the day on which they were
/// confirmed, at most until as-of.
fn until(drawn: &Drawn<'_>, case: CaseIdx) -> crate::base::time::Instant {
    let facts = &drawn.facts;
    let day = facts.zone.date(facts.cases.get(case).confirmed);
    facts.zone.midnight(day.plus(1)).min(facts.as_of)
}
