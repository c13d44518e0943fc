//! Zones that tables name and the run does not draw: mistyped, or written in another way.
//!
//! Cost: the rows of `screenings` and `announcements`.

use super::{Check, Weight};
use crate::model::registers::Registers;
use std::collections::{BTreeMap, BTreeSet};

const UNKNOWN: &str = "no zone of this run has this id: is it written as in zones.csv?";

/// The ids of zones that are none of `drawn`, nor a unit of one of them, by table.
pub fn unknown(registers: &Registers, drawn: &BTreeSet<String>) -> Vec<Check> {
    let tested = registers.screenings.iter().filter_map(|of| of.zone.as_deref());
    let announced = registers.announcements.iter().map(|of| &*of.zone);
    let named = tested.map(|id| ("screenings", id));
    let mut unknown: BTreeMap<(&'static str, &str), u64> = BTreeMap::new();
    for (table, id) in named.chain(announced.map(|id| ("announcements", id))) {
        let building = id.rsplit_once('/').map(|(building, _)| building);
        if !drawn.contains(id) && !building.is_some_and(|id| drawn.contains(id)) {
            *unknown.entry((table, id)).or_default() += 1;
        }
    }
    let check = |((table, id), count): ((&'static str, &str), u64)| {
        Check::new("unknown_zone", table, Weight::Know, UNKNOWN).id(id).count(count)
    };
    unknown.into_iter().map(check).collect()
}
