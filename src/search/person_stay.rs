//! Stays of chosen people, kept as they are: for questions about somebody, and for orders.
//!
//! Nobody is searched from them. Cost: some hundred bytes a stay.

use super::open::MayBeOpen;
use crate::base::geo::Coord;
use crate::base::time::{Instant, Span};
use crate::model::{At, Ends, RowRef, Stay};

/// A stay of somebody.
#[derive(Debug, Clone, PartialEq)]
pub struct PersonStay {
    /// The place, when the row names one.
    pub place: Option<Box<[u8]>>,
    /// The coordinate, when the row gives one and no place.
    pub coord: Option<Coord>,
    /// When.
    pub span: Span,
    /// How its end is known.
    pub ends: Ends,
    /// On transport.
    pub seat_row: Option<u32>,
    /// Whether it exposes the person to nobody.
    pub protected: bool,
    /// Its row.
    pub row: RowRef,
}

impl PersonStay {
    /// Keeps a stay.
    pub fn new(stay: &Stay<'_>) -> PersonStay {
        let (place, coord) = match stay.at {
            At::Place(id) => (Some(id.into()), None),
            At::Coord(coord) => (None, Some(coord)),
        };
        let Stay { span, ends, seat_row, protected, row, .. } = *stay;
        PersonStay { place, coord, span, ends, seat_row, protected, row }
    }
}

impl MayBeOpen for PersonStay {
    fn start(&self) -> Instant {
        self.span.start
    }

    fn position(&self) -> Option<Coord> {
        self.coord
    }

    fn is_open(&self) -> bool {
        self.ends == Ends::Open
    }

    fn has_no_hour(&self) -> bool {
        self.ends == Ends::DateOnly
    }

    fn lasts(&mut self, span: Span) {
        self.span = span;
    }
}
