//! Watched places: where it matters who else was there.
//!
//! The rules of zones say which these are; the search only looks at them. Cost: a look-up.

use crate::base::time::Instant;
use crate::model::PlaceId;
use hashbrown::HashMap;

/// Places, each with the number of its area and the moment since when a stay there matters.
#[derive(Debug, Clone, Default)]
pub struct WatchedPlaces {
    places: HashMap<PlaceId, (u32, Instant)>,
}

impl WatchedPlaces {
    /// Adds a place.
    pub fn add(&mut self, place: PlaceId, area: u32, since: Instant) {
        self.places.insert(place, (area, since));
    }

    /// The number of a watched place's area, and since when a stay there matters.
    pub fn of(&self, place: PlaceId) -> Option<(u32, Instant)> {
        self.places.get(&place).copied()
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = PlaceId> {
        self.places.keys().copied()
    }
}
