//! Stays of chosen people, kept as they are: for questions about somebody, and for orders.
//!
//! Nobody is searched from them. Cost: some hundred bytes a stay.

use super::open::{MayBeOpen, OpenRules};
use crate::base::geo::Coord;
use crate::base::time::{Instant, Span};
use crate::model::{At, Ends, RowRef, Stay};
use hashbrown::HashMap;
use std::collections::BTreeMap;

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

/// Stays of some people, by person.
#[derive(Debug, Default)]
pub struct ByPerson(HashMap<Box<str>, Vec<PersonStay>>);

impl ByPerson {
    /// Keeps a stay of somebody.
    pub fn keep(&mut self, person: &str, stay: &Stay<'_>) {
        let of_person = match self.0.get_mut(person) {
            Some(of_person) => of_person,
            None => self.0.entry(person.into()).or_default(),
        };
        of_person.push(PersonStay::new(stay));
    }

    /// What some workers kept, each person's in order, with their ends.
    pub fn ended(
        workers: impl IntoIterator<Item = ByPerson>,
        rules: &OpenRules,
    ) -> BTreeMap<Box<str>, Vec<PersonStay>> {
        let mut all: BTreeMap<Box<str>, Vec<PersonStay>> = BTreeMap::new();
        for (person, more) in workers.into_iter().flat_map(|worker| worker.0) {
            all.entry(person).or_default().extend(more);
        }
        for stays in all.values_mut() {
            stays.sort_by_key(|stay| (stay.span.start, stay.row));
            rules.end_all(stays);
        }
        all
    }
}
