//! Orders that were not kept (外出): stays outside the places that an order allows.
//!
//! Sources: the Notice, measures 1, 3 and 8 (not to go out; not to leave the loop), measure 5
//! (under health monitoring people go out where they must, and not where people crowd or by public
//! transport). Breaking an order makes nobody a source: exposures are listed for cases alone. A
//! stay counts as the rows say it; whether there was a reason is for people to find out. Cost: the
//! stays and orders of the people concerned.

use crate::base::time::{DAY, Instant, Span};
use crate::model::registers::{Order, OrderKind};
use crate::model::{CaseIdx, PlaceId, PlaceKind, RowRef};
use crate::rules::areas::Area;
use crate::rules::facts::Facts;
use crate::search::evidence::{Evidence, PersonId};
use crate::search::open::MayBeOpen;
use crate::search::person_stay::PersonStay;
use hashbrown::HashSet;

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

/// All orders of one person in order of their times, also those after as-of.
#[derive(Debug, Clone)]
pub struct OrdersOf<'a> {
    orders: &'a [Order],
    /// Where they live.
    home: Option<PlaceId>,
}

impl<'a> OrdersOf<'a> {
    /// The orders of one person, of whom there is one at least, in order of their times.
    pub fn new(facts: &Facts<'_>, orders: &'a [Order]) -> OrdersOf<'a> {
        let home = facts.persons.find(&orders[0].person).and_then(|person| person.residence);
        OrdersOf { orders, home }
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
        let (person, in_force) = (&self.orders[0].person, self.in_force(facts.as_of));
        let mut found: Vec<Breach> = Vec::new();
        for stay in stays {
            for &(order, in_order) in &in_force {
                let Some(whole) = stay.span.overlap(in_order) else { continue };
                if stay.has_no_hour() && whole != stay.span {
                    continue;
                }
                let judge = |span| Some((span, self.judged(facts, order, stay, span)?));
                for (span, what) in self.pieces(whole).into_iter().filter_map(judge) {
                    found.push(Breach {
                        person: person.clone(),
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
        let whole = self.in_force(Instant::LAST);
        for breach in &mut found {
            let (of, at) = (breach.kind, breach.span);
            let order =
                whole.iter().find(|(order, span)| order.kind == of && span.overlap(at).is_some());
            breach.edge = order.map_or(Edge::default(), |(_, span)| Edge::of(facts, *span, at));
        }
        if let Some(case) = facts.cases.find(&**person) {
            found.iter_mut().for_each(|breach| breach.exposed = exposed(evidence, case, breach));
        }
        found
    }

    /// The times of the orders of each kind up to as-of, with the first order of each: orders that
    /// overlap or touch, extended or corrected, are one.
    fn in_force(&self, as_of: Instant) -> Vec<(&'a Order, Span)> {
        let mut all: Vec<(&Order, Span)> = Vec::new();
        for order in self.orders {
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
        all
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
    // A row is cut where an order begins or ends, so the pieces of two rows can alternate.
    let mut rows: HashSet<RowRef> = HashSet::new();
    found.dedup_by(|next, kept| {
        let touch = of(next) == of(kept) && next.span.start <= kept.span.end;
        if touch {
            kept.span.end = kept.span.end.max(next.span.end);
            rows.extend([kept.row, next.row]);
            kept.rows = rows.len() as u32;
        } else {
            rows.clear();
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
