//! Closed loops (闭环泡泡): who is inside, and who was met across the border (破环).
//!
//! Source: the Notice, measure 8 (not to leave the loop). A meeting is a co-location row, or both
//! at a place of the loop at once; what is made of it is for people to decide. Cost: the stays at
//! the places of the loops; each stay of somebody outside against those of its place.

use super::breaches::Breach;
use crate::base::spans::union;
use crate::base::time::Span;
use crate::model::registers::{Order, OrderKind};
use crate::model::{PlaceId, RowRef};
use crate::rules::facts::Facts;
use crate::search::open::MayBeOpen;
use crate::search::person_stay::PersonStay;
use hashbrown::HashMap;
use std::collections::BTreeMap;

/// Whether orders were kept.
#[derive(Debug, Default)]
pub struct Kept {
    /// Stays against an order, by person.
    pub breaches: Vec<Breach>,
    /// Meetings across the border of a closed loop, by person.
    pub crossings: Vec<Crossing>,
}

/// How two people met across the border of a closed loop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Across {
    /// A co-location row says so.
    Colocation,
    /// Both were at a place of the loop.
    SamePlace,
}

impl Across {
    /// All of them.
    pub const ALL: [Across; 2] = [Across::Colocation, Across::SamePlace];

    /// The name in the output.
    pub fn name(self) -> &'static str {
        match self {
            Across::Colocation => "colocation",
            Across::SamePlace => "same_place",
        }
    }
}

/// A meeting of somebody inside a closed loop with somebody outside.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Crossing {
    /// The one inside.
    pub person: Box<str>,
    /// The one outside.
    pub other: Box<str>,
    /// When.
    pub span: Span,
    /// How.
    pub how: Across,
    /// Where, if it is known.
    pub place: Box<str>,
    /// The row of the one inside.
    pub row: RowRef,
    /// The row of the other; of a co-location the same.
    pub other_row: RowRef,
    /// The order.
    pub order: RowRef,
}

/// The closed loops: who is inside, and when. A loop is the people and places that orders join; all
/// orders that name no place are of one loop.
#[derive(Debug, Default)]
pub struct Bubbles<'a> {
    /// The orders by person.
    orders: Vec<&'a Order>,
    /// The number of the loop of each place.
    loops: HashMap<Option<PlaceId>, usize>,
}

impl<'a> Bubbles<'a> {
    /// From the orders of that kind, of orders by person and time.
    pub fn new(orders: &'a [Order]) -> Bubbles<'a> {
        let is_bubble = |order: &&Order| order.kind == OrderKind::Bubble;
        let orders: Vec<&Order> = orders.iter().filter(is_bubble).collect();
        let mut numbers: HashMap<Option<PlaceId>, usize> = HashMap::new();
        for order in &orders {
            let next = numbers.len();
            numbers.entry(order.place).or_insert(next);
        }
        // Places that orders of one person name are of one loop; what is joined gets one number.
        let mut of_number: Vec<usize> = (0..numbers.len()).collect();
        for of_person in orders.chunk_by(|a, b| a.person == b.person) {
            let mut named = of_person.iter().filter(|order| order.place.is_some());
            let Some(first) = named.next() else { continue };
            for order in named {
                let [a, b] = [first, order].map(|of| of_number[numbers[&of.place]]);
                if a != b {
                    of_number.iter_mut().filter(|of| **of == b).for_each(|of| *of = a);
                }
            }
        }
        let loops = numbers.into_iter().map(|(place, n)| (place, of_number[n])).collect();
        Bubbles { orders, loops }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.orders.is_empty()
    }

    /// The places of the loops.
    pub fn places(&self) -> impl Iterator<Item = PlaceId> {
        self.loops.keys().copied().flatten()
    }

    /// Whether a place is one of a loop.
    pub fn has(&self, place: PlaceId) -> bool {
        self.loops.contains_key(&Some(place))
    }

    fn of(&self, person: &str) -> &[&'a Order] {
        let first = self.orders.partition_point(|order| &*order.person < person);
        let count = self.orders[first..].partition_point(|order| &*order.person == person);
        &self.orders[first..first + count]
    }

    /// When somebody is inside a loop.
    fn inside(&self, person: &str, number: usize) -> Vec<Span> {
        let of_loop = self.of(person).iter().filter(|order| self.loops[&order.place] == number);
        let mut spans: Vec<Span> = of_loop.map(|order| order.span).collect();
        union(&mut spans);
        spans
    }

    /// The parts of `span` in which somebody is inside a loop and another person is not, each with
    /// the order of the first; only of the loop of `at`, where that is given.
    pub fn across(
        &self,
        (person, other): (&str, &str),
        span: Span,
        at: Option<PlaceId>,
    ) -> Vec<(Span, &'a Order)> {
        let own = self.of(person);
        let mut numbers: Vec<usize> = own.iter().map(|order| self.loops[&order.place]).collect();
        numbers.sort_unstable();
        numbers.dedup();
        numbers.retain(|number| at.is_none_or(|place| self.loops[&Some(place)] == *number));
        let mut found = Vec::new();
        for number in numbers {
            let theirs = self.inside(other, number);
            for inside in self.inside(person, number) {
                let Some(mut rest) = inside.overlap(span) else { continue };
                let mut outside = Vec::new();
                for both in theirs.iter().filter_map(|of| of.overlap(rest)).collect::<Vec<_>>() {
                    outside.extend(Span::new(rest.start, both.start));
                    rest.start = both.end;
                }
                outside.extend(Span::new(rest.start, rest.end));
                let order = |span: Span| {
                    let of_loop = |of: &&&Order| {
                        self.loops[&of.place] == number && of.span.overlap(span).is_some()
                    };
                    own.iter().find(of_loop).map(|&order| (span, order))
                };
                found.extend(outside.into_iter().filter_map(order));
            }
        }
        found
    }
}

/// Meetings at the places of the loops: of people inside and people outside, from their stays with
/// their ends, by person. O(n log n), and each stay of somebody outside against those of its place.
pub fn crossings(
    facts: &Facts<'_>,
    bubbles: &Bubbles<'_>,
    stays: &[(&str, &[PersonStay])],
) -> Vec<Crossing> {
    type There<'s> = Vec<(&'s str, &'s PersonStay)>;
    let mut at: BTreeMap<PlaceId, (There<'_>, There<'_>)> = BTreeMap::new();
    for &(person, stays) in stays {
        for stay in stays.iter().filter(|stay| !stay.has_no_hour()) {
            let Some(id) = &stay.place else { continue };
            let Some(place) = facts.places.find(&**id).filter(|&place| bubbles.has(place)) else {
                continue;
            };
            let inside = bubbles.inside(person, bubbles.loops[&Some(place)]);
            let (within, without) = at.entry(place).or_default();
            if inside.iter().any(|span| span.overlap(stay.span).is_some()) {
                within.push((person, stay));
            }
            // Whoever is inside all the time meets nobody from outside as an outsider.
            if !inside.iter().any(|span| span.overlap(stay.span) == Some(stay.span)) {
                without.push((person, stay));
            }
        }
    }
    let mut found = Vec::new();
    for (number, (within, without)) in at {
        let place: Box<str> = facts.places.id(number).into();
        for (other, stay_of_other) in without {
            for &(person, stay) in within.iter().filter(|(person, _)| *person != other) {
                let Some(both) = stay.span.overlap(stay_of_other.span) else { continue };
                for (span, order) in bubbles.across((person, other), both, Some(number)) {
                    found.push(Crossing {
                        person: person.into(),
                        other: other.into(),
                        span,
                        how: Across::SamePlace,
                        place: place.clone(),
                        row: stay.row,
                        other_row: stay_of_other.row,
                        order: order.row,
                    });
                }
            }
        }
    }
    found.sort();
    found
}
