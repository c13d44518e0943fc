//! Orders that were not kept (破环、外出): stays outside the places that an order allows, and meetings
//! of people inside a closed loop with people outside.
//!
//! Sources: the Notice, measures 1, 3 and 8 (not to go out; not to leave the loop), measure 5
//! (under health monitoring people go out where they must, and not where people crowd or by public
//! transport). Who breaks an order is no source of anything: exposures are told of cases alone. A
//! stay counts as the rows say it; whether there was a reason is for people to find out. Cost: the
//! stays and orders of the people concerned.

use crate::base::time::{DAY, Instant, Span};
use crate::model::registers::{Order, OrderKind};
use crate::model::{CaseIdx, PlaceId, PlaceKind, RowRef};
use crate::rules::facts::Facts;
use crate::search::evidence::{Evidence, PersonId};
use crate::search::open::MayBeOpen;
use crate::search::person_stay::PersonStay;

/// What was done against an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Breaking {
    /// They were at another place.
    Elsewhere,
    /// At a medical place: there is mostly a reason.
    Medical,
    /// On public transport.
    Transport,
    /// Under monitoring, where people crowd.
    Crowded,
}

impl Breaking {
    /// All of them.
    pub const ALL: [Breaking; 4] =
        [Breaking::Crowded, Breaking::Elsewhere, Breaking::Medical, Breaking::Transport];

    /// The name in the output.
    pub fn name(self) -> &'static str {
        match self {
            Breaking::Elsewhere => "elsewhere",
            Breaking::Medical => "medical",
            Breaking::Transport => "transport",
            Breaking::Crowded => "crowded",
        }
    }
}

/// A stay against an order.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Breach {
    /// Who.
    pub person: Box<str>,
    /// When: what lies in the order.
    pub span: Span,
    /// Of which kind the order is.
    pub kind: OrderKind,
    /// What was done.
    pub what: Breaking,
    /// The place, if the row names one.
    pub place: Option<Box<[u8]>>,
    /// How many rows say so, one after the other.
    pub rows: u32,
    /// The first of them.
    pub row: RowRef,
    /// The order.
    pub order: RowRef,
    /// Who was exposed to them meanwhile, if they are a case; in order.
    pub exposed: Vec<PersonId>,
}

/// Whether orders were kept.
#[derive(Debug, Default)]
pub struct Kept {
    /// Stays against an order, by person.
    pub breaches: Vec<Breach>,
    /// Meetings across the border of a closed loop, by person.
    pub crossings: Vec<Crossing>,
}

/// The orders of one person that are in force before as-of, in order.
#[derive(Debug, Clone)]
pub struct OrdersOf<'a> {
    person: &'a str,
    orders: Vec<&'a Order>,
    /// Where they live.
    home: Option<PlaceId>,
}

impl<'a> OrdersOf<'a> {
    /// The orders of a person.
    pub fn new(facts: &Facts<'_>, person: &'a str, mut orders: Vec<&'a Order>) -> OrdersOf<'a> {
        orders.sort_by_key(|order| (order.span.start, order.row));
        let home = facts.persons.find(person).and_then(|person| person.residence);
        OrdersOf { person, orders, home }
    }

    /// Whether a time lies in some order, or within a day of it: what is needed to judge.
    pub fn concern(&self, span: Span) -> bool {
        self.orders.iter().any(|order| widened(order.span).overlap(span).is_some())
    }

    /// Where an order lets them be: the place it names, or their home.
    fn allows(&self, order: &Order) -> Option<PlaceId> {
        order.place.or_else(|| self.home.filter(|_| order.kind == OrderKind::Home))
    }

    /// The places where they may be at a time: of the orders of that time, and of those within a
    /// day of it, for people are moved. `None` when an order of that time names no place and
    /// nothing can be judged.
    fn allowed(&self, span: Span) -> Option<Vec<PlaceId>> {
        let near = self.orders.iter().filter(|order| widened(order.span).overlap(span).is_some());
        let places: Vec<PlaceId> = near.filter_map(|order| self.allows(order)).collect();
        (!places.is_empty()).then_some(places)
    }

    /// What was done against the orders, from stays of theirs with their ends.
    pub fn breaches(
        &self,
        facts: &Facts<'_>,
        evidence: &Evidence,
        stays: &[PersonStay],
    ) -> Vec<Breach> {
        let mut found: Vec<Breach> = Vec::new();
        for stay in stays {
            for order in self.in_force(facts.as_of) {
                let (order, in_order) = order;
                let Some(span) = stay.span.overlap(in_order) else { continue };
                if stay.has_no_hour() && span != stay.span {
                    continue;
                }
                let Some(what) = self.judged(facts, order, stay, span) else { continue };
                found.push(Breach {
                    person: self.person.into(),
                    span,
                    kind: order.kind,
                    what,
                    place: stay.place.clone(),
                    rows: 1,
                    row: stay.row,
                    order: order.row,
                    exposed: Vec::new(),
                });
            }
        }
        let mut found = joined(found);
        if let Some(case) = facts.cases.find(self.person) {
            found.iter_mut().for_each(|breach| breach.exposed = exposed(evidence, case, breach));
        }
        found
    }

    /// The orders, each with its time up to as-of; of several rows of one order and time the first.
    fn in_force(&self, as_of: Instant) -> impl Iterator<Item = (&'a Order, Span)> {
        let mut seen: Vec<(OrderKind, Span)> = Vec::new();
        self.orders.iter().filter_map(move |&order| {
            let span = Span::new(order.span.start, order.span.end.min(as_of))?;
            let is_new = !seen.contains(&(order.kind, span));
            seen.push((order.kind, span));
            is_new.then_some((order, span))
        })
    }

    /// What a stay is against an order; nothing when it may be, or nobody can tell.
    fn judged(
        &self,
        facts: &Facts<'_>,
        order: &Order,
        stay: &PersonStay,
        span: Span,
    ) -> Option<Breaking> {
        let place = stay.place.as_ref().and_then(|id| facts.places.find(&**id));
        let of_place = place.map(|place| facts.places.get(place));
        let kind = of_place.map_or(PlaceKind::Other, |place| place.kind);
        if order.kind == OrderKind::Monitor {
            return match (kind, of_place.is_some_and(|place| place.dense)) {
                (PlaceKind::Transport, _) => Some(Breaking::Transport),
                (PlaceKind::Medical, _) | (_, false) => None,
                (_, true) => Some(Breaking::Crowded),
            };
        }
        let allowed = self.allowed(span)?;
        if place.is_some_and(|place| allowed.contains(&place)) {
            return None;
        }
        if let Some(at) = stay.coord {
            // As far off as a position can be, and the place reaches.
            let exposure = &facts.policy.exposure;
            let is_near = |&place: &PlaceId| {
                let (centre, radius) = facts.places.circle(place, exposure.max_radius_m)?;
                Some(at.distance_m(centre) <= radius + exposure.max_accuracy_m)
            };
            // Where it is not known where a place lies, nobody can tell.
            let near: Option<Vec<bool>> = allowed.iter().map(is_near).collect();
            return near?.iter().all(|near| !near).then_some(Breaking::Elsewhere);
        }
        Some(match kind {
            PlaceKind::Medical => Breaking::Medical,
            PlaceKind::Transport => Breaking::Transport,
            PlaceKind::Other => Breaking::Elsewhere,
        })
    }
}

/// A time and a day before and behind it.
fn widened(span: Span) -> Span {
    let start = Instant(span.start.0.saturating_sub(DAY));
    Span { start, end: Instant(span.end.0.saturating_add(DAY)) }
}

/// Breaches that touch each other at one place are one.
fn joined(mut found: Vec<Breach>) -> Vec<Breach> {
    let of = |breach: &Breach| (breach.order, breach.what, breach.place.clone());
    found.sort_by(|a, b| of(a).cmp(&of(b)).then(a.span.cmp(&b.span)).then(a.row.cmp(&b.row)));
    found.dedup_by(|next, kept| {
        let touch = of(next) == of(kept) && next.span.start <= kept.span.end;
        if touch {
            kept.span.end = kept.span.end.max(next.span.end);
            kept.rows += u32::from(next.row != kept.row);
        }
        touch
    });
    found.sort();
    found
}

/// Who was exposed to a case during a breach.
fn exposed(evidence: &Evidence, case: CaseIdx, breach: &Breach) -> Vec<PersonId> {
    let matches = evidence.matches();
    let first = matches.partition_point(|found| found.case < case);
    let of_case = matches[first..].iter().take_while(|found| found.case == case);
    let then =
        of_case.filter(|found| found.basis.counts() && found.span.overlap(breach.span).is_some());
    let mut people: Vec<PersonId> = then.map(|found| found.person).collect();
    people.sort_unstable();
    people.dedup();
    people
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

/// The closed loops: who is inside, when, and at which places.
#[derive(Debug, Default)]
pub struct Bubbles<'a> {
    orders: Vec<&'a Order>,
}

impl<'a> Bubbles<'a> {
    /// From the orders of that kind.
    pub fn new(orders: &'a [Order]) -> Bubbles<'a> {
        let is_bubble = |order: &&Order| order.kind == OrderKind::Bubble;
        let mut orders: Vec<&Order> = orders.iter().filter(is_bubble).collect();
        orders.sort_by(|a, b| (&a.person, a.span, a.row).cmp(&(&b.person, b.span, b.row)));
        Bubbles { orders }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.orders.is_empty()
    }

    /// The places of the loops.
    pub fn places(&self) -> impl Iterator<Item = PlaceId> {
        self.orders.iter().filter_map(|order| order.place)
    }

    /// The orders that keep somebody inside at a time.
    pub fn of(&self, person: &str, span: Span) -> impl Iterator<Item = &'a Order> {
        let first = self.orders.partition_point(|order| &*order.person < person);
        let of_person = self.orders[first..].iter().copied();
        let of_person = of_person.take_while(move |order| &*order.person == person);
        of_person.filter(move |order| order.span.overlap(span).is_some())
    }

    /// Whether somebody is inside the same loop as an order says at a time: a loop is the people
    /// who share a place.
    pub fn is_inside(&self, person: &str, order: &Order, span: Span) -> bool {
        let place_of = |order: &Order| order.place;
        // All places of the one inside, for each row names one.
        let places: Vec<PlaceId> = self.of(&order.person, span).filter_map(place_of).collect();
        self.of(person, span).any(|other| match other.place {
            Some(place) => places.contains(&place),
            None => places.is_empty(),
        })
    }
}

/// Meetings at the places of the loops: of people inside and people outside, from their stays with
/// their ends, by person.
pub fn crossings(
    facts: &Facts<'_>,
    bubbles: &Bubbles<'_>,
    stays: &[(&str, &[PersonStay])],
) -> Vec<Crossing> {
    let mut at: std::collections::BTreeMap<&[u8], Vec<(&str, &PersonStay)>> = Default::default();
    let is_of_loop = |place: PlaceId| bubbles.places().any(|of| of == place);
    for &(person, stays) in stays {
        for stay in stays.iter().filter(|stay| !stay.has_no_hour()) {
            let Some(place) = &stay.place else { continue };
            if facts.places.find(&**place).is_some_and(is_of_loop) {
                at.entry(place).or_default().push((person, stay));
            }
        }
    }
    let mut found = Vec::new();
    for (place, there) in at {
        let place: Box<str> = String::from_utf8_lossy(place).into();
        for &(person, stay) in &there {
            if bubbles.of(person, stay.span).next().is_none() {
                continue;
            }
            for &(other, stay_of_other) in there.iter().filter(|(other, _)| *other != person) {
                let Some(both) = stay.span.overlap(stay_of_other.span) else { continue };
                let Some(order) = bubbles.of(person, both).next() else { continue };
                let Some(span) = both.overlap(order.span) else { continue };
                if bubbles.is_inside(other, order, span) {
                    continue;
                }
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
    found.sort();
    found
}
