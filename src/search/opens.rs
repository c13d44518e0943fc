//! Open stays and sightings that may match a case, as they were gathered.
//!
//! In no order; some 60 bytes each. How their ends are found: [`super::next_rows`].

use crate::base::geo::Coord;
use crate::base::texts::Interner;
use crate::base::time::Instant;
use crate::model::{At, CaseIdx, Colocation, RowRef, Stay};

/// Where something open is. Places are numbers of those who gathered it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum OpenAt {
    Nowhere,
    Place(u32),
    Coord(Coord),
}

impl OpenAt {
    /// An order that puts those together that are one.
    pub(super) fn order(self) -> (u8, u64, u64) {
        match self {
            OpenAt::Nowhere => (0, 0, 0),
            OpenAt::Place(place) => (1, place.into(), 0),
            OpenAt::Coord(at) => (2, (at.lon + 0.0).to_bits(), (at.lat + 0.0).to_bits()),
        }
    }
}

/// An open stay, or a sighting of somebody by a case.
#[derive(Debug, Clone, Copy)]
pub(super) struct Open {
    pub person: u32,
    /// Of a sighting: the case.
    pub with: Option<CaseIdx>,
    pub start: Instant,
    pub at: OpenAt,
    pub seat_row: Option<u32>,
    pub protected: bool,
    pub row: RowRef,
}

impl Open {
    pub(super) fn position(&self) -> Option<Coord> {
        match self.at {
            OpenAt::Coord(at) => Some(at),
            OpenAt::Nowhere | OpenAt::Place(_) => None,
        }
    }
}

/// One of them as it was gathered.
#[cfg(feature = "parquet")]
pub(super) struct OpenRow<'o> {
    pub person: &'o str,
    pub with: Option<CaseIdx>,
    pub start: Instant,
    pub at: Option<At<'o>>,
    pub seat_row: Option<u32>,
    pub protected: bool,
    pub row: RowRef,
}

/// What has one next row: all of a person (and a case) that begins together at one position.
#[cfg(feature = "parquet")]
#[derive(Debug, Clone, Copy)]
pub struct OpenGroup<'o> {
    /// Whose.
    pub person: &'o str,
    /// Of a sighting: the case.
    pub with: Option<CaseIdx>,
    /// When it begins.
    pub start: Instant,
    /// The position.
    pub position: Option<Coord>,
}

/// Open stays and sightings that may match a case, in no order.
#[derive(Debug, Clone, Default)]
pub struct Opens {
    pub(super) people: Interner,
    pub(super) places: Interner,
    pub(super) all: Vec<Open>,
}

impl Opens {
    /// Adds an open stay.
    pub fn add_stay(&mut self, stay: &Stay<'_>) {
        let at = match stay.at {
            At::Place(id) => OpenAt::Place(self.places.intern(id)),
            At::Coord(at) => OpenAt::Coord(at),
        };
        let Stay { span, seat_row, protected, row, .. } = *stay;
        let person = self.people.intern(stay.person);
        self.all.push(Open { person, with: None, start: span.start, at, seat_row, protected, row });
    }

    /// Adds a sighting of `other` by a case.
    pub fn add_sighting(&mut self, case: CaseIdx, other: &[u8], sighting: &Colocation<'_>) {
        let at = match sighting.place {
            b"" => OpenAt::Nowhere,
            id => OpenAt::Place(self.places.intern(id)),
        };
        let (person, start, row) = (self.people.intern(other), sighting.span.start, sighting.row);
        let (with, seat_row, protected) = (Some(case), None, false);
        self.all.push(Open { person, with, start, at, seat_row, protected, row });
    }

    /// All of them.
    #[cfg(feature = "parquet")]
    pub(super) fn iter(&self) -> impl Iterator<Item = OpenRow<'_>> {
        self.all.iter().map(|open| {
            let at = match open.at {
                OpenAt::Nowhere => None,
                OpenAt::Place(place) => Some(At::Place(self.places.bytes(place))),
                OpenAt::Coord(at) => Some(At::Coord(at)),
            };
            let Open { with, start, seat_row, protected, row, .. } = *open;
            let person = self.people.get(open.person);
            OpenRow { person, with, start, at, seat_row, protected, row }
        })
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Takes in those that another has gathered.
    pub fn take_in(&mut self, other: &Opens) {
        let intern = |of: &Interner, into: &mut Interner| -> Vec<u32> {
            of.iter().map(|text| into.intern(text)).collect()
        };
        let people = intern(&other.people, &mut self.people);
        let places = intern(&other.places, &mut self.places);
        self.all.extend(other.all.iter().map(|open| {
            let person = people[open.person as usize];
            let at = match open.at {
                OpenAt::Place(place) => OpenAt::Place(places[place as usize]),
                at => at,
            };
            Open { person, at, ..*open }
        }));
    }
}
