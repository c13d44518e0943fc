//! Orders that were not kept (破环、外出): stays outside the places that an order allows, and meetings
//! of people inside a closed loop with people outside.
//!
//! Sources: the Notice, measures 1, 3 and 8 (not to go out; not to leave the loop), measure 5
//! (under health monitoring people go out where they must, and not where people crowd or by public
//! transport). Who breaks an order is no source of anything: exposures are told of cases alone. A
//! stay counts as the rows say it; whether there was a reason is for people to find out. Cost: the
//! stays and orders of the people concerned.

use crate::base::spans::union;
use crate::base::time::{DAY, Instant, Span};
use crate::model::registers::{Order, OrderKind};
use crate::model::{CaseIdx, PlaceId, PlaceKind, RowRef};
use crate::rules::areas::Area;
use crate::rules::facts::Facts;
use crate::search::evidence::{Evidence, PersonId};
use crate::search::open::MayBeOpen;
use crate::search::person_stay::PersonStay;
use hashbrown::HashMap;
use std::collections::BTreeMap;

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

/// Whether a breach lies on the first or the last day of an order: then it may have been before
/// the person was told, or after they were let go, for orders are often known by their days.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edge {
    /// On the day on which the order begins.
    pub first: bool,
    /// On the day on which it ends.
    pub last: bool,
}

impl Edge {
    fn of(facts: &Facts<'_>, order: Span, breach: Span) -> Edge {
        let zone = facts.zone;
        Edge {
            first: zone.date(breach.start) == zone.date(order.start),
            last: zone.last_date(breach.end) == zone.last_date(order.end),
        }
    }

    /// The words in the output.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        let all = [(self.first, "first_day"), (self.last, "last_day")];
        all.into_iter().filter_map(|(is, name)| is.then_some(name))
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
    /// Whether it lies on the first or the last day of the order.
    pub edge: Edge,
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
        orders.sort_by_key(|order| (order.span, order.row));
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

    /// The orders that let them be somewhere at a time: those of that time, and those within a day
    /// of it, for people are moved. `None` when an order of that time names no place and nothing
    /// can be judged.
    fn allowed(&self, span: Span) -> Option<Vec<(PlaceId, OrderKind)>> {
        let now = self.orders.iter().filter(|order| order.span.overlap(span).is_some());
        let mut binding = now.filter(|order| order.kind != OrderKind::Monitor);
        if binding.any(|order| self.allows(order).is_none()) {
            return None;
        }
        let near = self.orders.iter().filter(|order| widened(order.span).overlap(span).is_some());
        Some(near.filter_map(|order| Some((self.allows(order)?, order.kind))).collect())
    }

    /// A time cut where orders begin and end, and a day before and behind: what is allowed is one
    /// and the same in each piece.
    fn pieces(&self, span: Span) -> Vec<Span> {
        let borders = self.orders.iter().flat_map(|order| {
            let (near, own) = (widened(order.span), order.span);
            [near.start, own.start, own.end, near.end]
        });
        let inside = borders.filter(|at| span.start < *at && *at < span.end);
        let mut cuts: Vec<Instant> = inside.chain([span.start, span.end]).collect();
        cuts.sort_unstable();
        cuts.dedup();
        cuts.windows(2).map(|two| Span { start: two[0], end: two[1] }).collect()
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
            for (order, in_order) in self.in_force(facts.as_of) {
                let Some(whole) = stay.span.overlap(in_order) else { continue };
                if stay.has_no_hour() && whole != stay.span {
                    continue;
                }
                let judge = |span| Some((span, self.judged(facts, order, stay, span)?));
                for (span, what) in self.pieces(whole).into_iter().filter_map(judge) {
                    found.push(Breach {
                        person: self.person.into(),
                        span,
                        kind: order.kind,
                        what,
                        place: stay.place.clone(),
                        edge: Edge::default(),
                        rows: 1,
                        row: stay.row,
                        order: order.row,
                        exposed: Vec::new(),
                    });
                }
            }
        }
        let mut found = joined(found);
        for breach in &mut found {
            let of_kind = self.in_force(Instant::LAST).filter(|(of, _)| of.kind == breach.kind);
            let mut order = of_kind.filter(|(_, span)| span.overlap(breach.span).is_some());
            breach.edge = order
                .next()
                .map_or(Edge::default(), |(_, span)| Edge::of(facts, span, breach.span));
        }
        if let Some(case) = facts.cases.find(self.person) {
            found.iter_mut().for_each(|breach| breach.exposed = exposed(evidence, case, breach));
        }
        found
    }

    /// The times of the orders of each kind up to as-of, with the first order of each: orders that
    /// overlap or touch, extended or corrected, are one.
    fn in_force(&self, as_of: Instant) -> impl Iterator<Item = (&'a Order, Span)> {
        let mut all: Vec<(&Order, Span)> = Vec::new();
        for &order in &self.orders {
            let Some(span) = Span::new(order.span.start, order.span.end.min(as_of)) else {
                continue;
            };
            let same = |(of, known): &&mut (&Order, Span)| {
                of.kind == order.kind && span.start <= known.end
            };
            match all.iter_mut().rev().find(same) {
                Some((_, known)) => known.end = known.end.max(span.end),
                None => all.push((order, span)),
            }
        }
        all.into_iter()
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
        let is_there = |place: PlaceId| {
            let area = Area::of(facts.places, place);
            // Other doors of one's own unit are home.
            let is_home = |of: PlaceId, kind| {
                kind == OrderKind::Home && area.is_unit() && Area::of(facts.places, of) == area
            };
            allowed.iter().any(|&(of, kind)| of == place || is_home(of, kind))
        };
        if place.is_some_and(is_there) {
            return None;
        }
        if let Some(at) = stay.coord {
            // As far off as a position can be, and the place reaches.
            let exposure = &facts.policy.exposure;
            let is_near = |&(place, _): &(PlaceId, OrderKind)| {
                let (centre, radius) = facts.places.circle(place, None)?;
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

/// The closed loops: who is inside, and when. A loop is the people and places that orders join; a
/// place that no order names is one for all whose orders name none.
#[derive(Debug, Default)]
pub struct Bubbles<'a> {
    /// The orders by person.
    orders: Vec<&'a Order>,
    /// The number of the loop of each place.
    loops: HashMap<Option<PlaceId>, usize>,
}

impl<'a> Bubbles<'a> {
    /// From the orders of that kind.
    pub fn new(orders: &'a [Order]) -> Bubbles<'a> {
        let is_bubble = |order: &&Order| order.kind == OrderKind::Bubble;
        let mut orders: Vec<&Order> = orders.iter().filter(is_bubble).collect();
        orders.sort_by(|a, b| (&a.person, a.span, a.row).cmp(&(&b.person, b.span, b.row)));
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

    /// The times in which somebody is inside a loop and another person is not, of some time, each
    /// with the order of the first; of the loop of a place, where one is given.
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
