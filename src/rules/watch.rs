//! Where it matters who else was there: every place of every area that can become a zone.
//!
//! Known before anybody else's row is looked at. Cost: a pass over the places.

use crate::base::time::Instant;
use crate::model::{Cases, Places};
use crate::rules::areas::{Area, CaseAreas};
use crate::rules::zones::candidates::Candidates;
use crate::search::watched::WatchedPlaces;
use hashbrown::{HashMap, HashSet};

/// The places at which it matters who else was there, and the areas they lie in.
#[derive(Debug, Clone, Default)]
pub struct WatchedAreas {
    areas: Vec<Area>,
    /// What the search is told of them.
    pub places: WatchedPlaces,
}

impl WatchedAreas {
    /// Every place of every area that can become a zone, and the earliest time that can matter.
    pub fn new(
        frequented: &CaseAreas,
        candidates: &Candidates,
        cases: &Cases,
        places: &Places,
        expand: bool,
    ) -> WatchedAreas {
        let mut since: HashMap<Area, Instant> = HashMap::new();
        let mut note = |area: Area, at: Option<Instant>| {
            let Some(at) = at else { return };
            for area in [Some(area), area.building()].into_iter().flatten() {
                let first = since.entry(area).or_insert(at);
                *first = at.min(*first);
            }
        };
        for (&area, residents) in &candidates.residents {
            let first = residents.iter().map(|&case| cases.window_start(case)).min();
            note(area, first);
        }
        for (&place, presence) in &frequented.by_place {
            note(Area::of(places, place), presence.since(|_| true));
        }
        let mut zones: HashSet<Area> =
            candidates.residents.keys().chain(candidates.activity.keys()).copied().collect();
        zones.extend(&candidates.escalated);
        if expand {
            let buildings: Vec<Area> = zones.iter().filter_map(|area| area.building()).collect();
            zones.extend(buildings);
        }
        let mut watch = WatchedAreas::default();
        let mut numbers: HashMap<Area, u32> = HashMap::new();
        for (place, _) in places.iter() {
            let area = Area::of(places, place);
            let covering = [Some(area), area.building()];
            let first = covering
                .into_iter()
                .flatten()
                .filter(|area| zones.contains(area))
                .filter_map(|area| since.get(&area).copied())
                .min();
            if let Some(first) = first {
                let number = *numbers.entry(area).or_insert_with(|| {
                    watch.areas.push(area);
                    watch.areas.len() as u32 - 1
                });
                watch.places.add(place, number, first);
            }
        }
        watch
    }

    /// The areas, by number.
    pub fn areas(&self) -> impl Iterator<Item = Area> {
        self.areas.iter().copied()
    }
}
