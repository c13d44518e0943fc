//! How many people other practices would hold: counted, and never named.
//!
//! What these practices look for is of second degree, or wider than the evidence; so nothing is
//! kept of anybody but 64 bits of a hash, which lead to nobody, and nothing of it can reach a table
//! of people. An open check-in lasts as long as the policy says, an open position no longer than
//! one that nothing follows: the counts are no more than the practices would hold. Cost: a pass
//! over the rows of the contacts, and one over all rows.

use super::passes::{EVERYBODY, Input};
use super::request::{Analysis, Looser};
use crate::base::error::Result;
use crate::base::geo::{Cell, Coord, Grid};
use crate::base::sieve::{Wanted, fingerprint};
use crate::base::spans::union;
use crate::base::time::{Instant, Span};
use crate::ingest::Progress;
use crate::model::{
    At, Colocation, Ends, Interest, PlaceId, PlaceKind, Stay, TakeColocations, TakeStays,
};
use crate::policy::Phase;
use crate::rules::options::whole_buildings;
use crate::search::own_stays::CaseStays;
use hashbrown::{HashMap, HashSet};
use schemars::JsonSchema;
use serde::Serialize;

/// Metres along the side of a cell of the rule of companions (时空伴随者).
const CELL_M: f64 = 800.0;

/// Seconds in one cell with a case that make a companion.
const COMPANION: i64 = 600;

/// What another practice would hold besides.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Practice {
    /// `whole_building`, `everybody_at_places`, `contacts_of_contacts` or `companions_800_m`.
    pub practice: &'static str,
    /// People whom it would hold, and who are not held: counted, and never named.
    pub people: u64,
    /// The days of theirs: of buildings those until the downgrade, of the others the days that the
    /// policy has for close contacts.
    pub person_days: u64,
}

/// What a practice is, in words.
pub fn what(practice: &str) -> &'static str {
    match practice {
        "whole_building" => "whole buildings instead of units",
        "everybody_at_places" => "everybody at a place of a case on that day",
        "contacts_of_contacts" => "contacts of contacts",
        _ => "everybody within 800 m of a case for ten minutes",
    }
}

/// What other practices would hold besides: whole buildings, and, if they were counted, the others.
pub fn avoided(analysis: &Analysis, counted: Option<&Looser>) -> Vec<Practice> {
    let plan = analysis.request.policy.close_contact.iter().flat_map(|plan| &plan.phases);
    let days: u64 = plan.map(|phase: &Phase| u64::from(phase.days)).sum();
    let (people, person_days) = whole_buildings(&analysis.options);
    let mut avoided = vec![Practice { practice: "whole_building", people, person_days }];
    if let Some(counted) = counted {
        let others = [
            ("everybody_at_places", counted.at_places),
            ("contacts_of_contacts", counted.of_contacts),
            ("companions_800_m", counted.companions),
        ];
        avoided.extend(others.map(|(practice, people)| Practice {
            practice,
            people,
            person_days: people * days,
        }));
    }
    avoided
}

/// Counts whom other practices would hold.
///
/// # Errors
/// When the input cannot be read any more.
pub fn looser(analysis: &Analysis, own: &CaseStays, progress: &dyn Progress) -> Result<Looser> {
    let (folder, request, as_of) = (&analysis.folder, &analysis.request, analysis.as_of);
    let input = Input::new(folder, request, as_of, progress);
    let firsts: HashMap<&[u8], Instant> = analysis
        .contacts
        .close
        .iter()
        .filter_map(|contact| {
            Some((analysis.evidence.id_bytes(contact.person), contact.first(&analysis.graph)?))
        })
        .collect();
    let is_contact = |id: &[u8]| firsts.contains_key(id);
    let wanted = Wanted::new(firsts.keys().copied(), &is_contact);
    let rooms = |place: PlaceId| {
        let of = analysis.places.get(place);
        of.kind != PlaceKind::Transport && (of.enclosed || of.dense)
    };
    let start = || OfContacts { firsts: &firsts, there: HashMap::new() };
    let mut of_contacts: HashMap<Box<[u8]>, Vec<Span>> = HashMap::new();
    for worker in input.stays_of(&wanted, "stays of the contacts", start)? {
        for (place, spans) in worker.there {
            // A place that the table lacks is a room, as everywhere.
            if analysis.places.find(&*place).is_none_or(rooms) {
                of_contacts.entry(place).or_default().extend(spans);
            }
        }
    }
    of_contacts.values_mut().for_each(|spans| _ = union(spans));

    let grid = Grid::new(CELL_M);
    let (days, cells) = of_cases(analysis, own, &grid);
    let held = held(analysis);
    let look =
        Look { analysis, days: &days, of_contacts: &of_contacts, cells: &cells, grid: &grid };
    let start = || Counting::new(&look, &held);
    let mut all = start();
    for other in input.everybody(EVERYBODY, start)? {
        all.at_places.extend(other.at_places);
        all.of_contacts.extend(other.of_contacts);
        for (key, seconds) in other.seconds {
            *all.seconds.entry(key).or_default() += seconds;
        }
    }
    folder.unchanged()?;
    let long = all.seconds.iter().filter(|(_, seconds)| **seconds >= COMPANION);
    let companions: HashSet<u64> = long.map(|((person, _), _)| *person).collect();
    Ok(Looser {
        at_places: all.at_places.len() as u64,
        of_contacts: all.of_contacts.len() as u64,
        companions: companions.len() as u64,
    })
}

/// Times by place, and by cell.
type Times = (HashMap<Box<[u8]>, Vec<Span>>, HashMap<Cell, Vec<Span>>);

/// The days on which a case was at each place inside its window, and when cases were in each cell.
fn of_cases(analysis: &Analysis, own: &CaseStays, grid: &Grid) -> Times {
    let zone = analysis.zone();
    let (mut days, mut cells): Times = (HashMap::new(), HashMap::new());
    for visit in own.visits() {
        let Some(window) = analysis.cases.window(visit.case) else { continue };
        let Some(inside) = window.overlap(visit.span) else { continue };
        let (first, last) = (zone.date(inside.start), zone.last_date(inside.end));
        let whole = Span { start: zone.midnight(first), end: zone.midnight(last.plus(1)) };
        let id: Box<[u8]> = analysis.places.id_bytes(visit.place).into();
        days.entry(id).or_default().push(whole);
        if let Some((at, _)) = analysis.places.get(visit.place).circle {
            cells.entry(grid.cell(at)).or_default().push(visit.span);
        }
    }
    for stay in own.iter() {
        if let Some(at) = stay.coord {
            cells.entry(grid.cell(at)).or_default().push(stay.span);
        }
    }
    days.values_mut().for_each(|spans| _ = union(spans));
    cells.values_mut().for_each(|spans| _ = union(spans));
    (days, cells)
}

/// Who is held anyway, and the cases.
fn held(analysis: &Analysis) -> HashSet<u64> {
    let policy = &analysis.request.policy;
    let measures = analysis.measures.list.iter().filter(|of| of.kind.holds(policy));
    let held = measures.map(|of| fingerprint(of.person(&analysis.evidence).as_bytes()));
    let close = analysis.contacts.close.iter();
    let close = close.map(|contact| fingerprint(analysis.evidence.id_bytes(contact.person)));
    let cases = analysis.cases.iter().map(|(_, case)| fingerprint(case.id.as_bytes()));
    held.chain(close).chain(cases).collect()
}

/// Keeps where the contacts were after their first exposure, and not who.
struct OfContacts<'a> {
    firsts: &'a HashMap<&'a [u8], Instant>,
    there: HashMap<Box<[u8]>, Vec<Span>>,
}

impl Interest for OfContacts<'_> {}

impl TakeStays for OfContacts<'_> {
    fn stay(&mut self, stay: &Stay<'_>) {
        let (Some(&first), At::Place(place)) = (self.firsts.get(stay.person), stay.at) else {
            return;
        };
        if let Some(span) = Span::new(stay.span.start.max(first), stay.span.end) {
            self.there.entry(place.into()).or_default().push(span);
        }
    }
}

/// What everybody's stays are compared with.
struct Look<'a> {
    analysis: &'a Analysis,
    days: &'a HashMap<Box<[u8]>, Vec<Span>>,
    of_contacts: &'a HashMap<Box<[u8]>, Vec<Span>>,
    cells: &'a HashMap<Cell, Vec<Span>>,
    grid: &'a Grid,
}

impl Look<'_> {
    /// A stay with the length that it has at least: a position that is not held until the next one.
    fn at_least<'s>(&self, stay: &Stay<'s>) -> Stay<'s> {
        let seconds = i64::from(self.analysis.request.policy.exposure.ping_seconds);
        match (stay.ends, stay.at) {
            (Ends::Open, At::Coord(_)) => {
                let Span { start, end } = stay.span;
                Stay { span: Span { start, end: end.min(Instant(start.0 + seconds)) }, ..*stay }
            }
            _ => *stay,
        }
    }
}

/// Counts people by hashes of their ids.
struct Counting<'a> {
    look: &'a Look<'a>,
    held: &'a HashSet<u64>,
    at_places: HashSet<u64>,
    of_contacts: HashSet<u64>,
    seconds: HashMap<(u64, Cell), i64>,
}

impl<'a> Counting<'a> {
    fn new(look: &'a Look<'a>, held: &'a HashSet<u64>) -> Counting<'a> {
        let (at_places, of_contacts) = (HashSet::new(), HashSet::new());
        Counting { look, held, at_places, of_contacts, seconds: HashMap::new() }
    }
}

/// Seconds that a span shares with disjoint ones in order.
fn shared(spans: &[Span], span: Span) -> i64 {
    let first = spans.partition_point(|other| other.end <= span.start);
    let there = spans[first..].iter().map_while(|other| other.overlap(span));
    there.map(Span::seconds).sum()
}

impl Interest for Counting<'_> {}

impl TakeStays for Counting<'_> {
    fn stay(&mut self, stay: &Stay<'_>) {
        let person = fingerprint(stay.person);
        if self.held.contains(&person) {
            return;
        }
        let look = self.look;
        let stay = &look.at_least(stay);
        let at: Option<Coord> = match stay.at {
            At::Coord(at) => Some(at),
            At::Place(id) => {
                let met = |of: &HashMap<Box<[u8]>, Vec<Span>>| {
                    of.get(id).is_some_and(|spans| shared(spans, stay.span) > 0)
                };
                if met(look.days) {
                    self.at_places.insert(person);
                }
                if met(look.of_contacts) {
                    self.of_contacts.insert(person);
                }
                let places = &look.analysis.places;
                places.find(id).and_then(|place| Some(places.get(place).circle?.0))
            }
        };
        if let Some(cell) = at.map(|at| look.grid.cell(at))
            && let Some(spans) = look.cells.get(&cell)
        {
            let seconds = shared(spans, stay.span);
            if seconds > 0 {
                *self.seconds.entry((person, cell)).or_default() += seconds;
            }
        }
    }
}

impl TakeColocations for Counting<'_> {
    /// Rows of two people say nothing of places and cells; who met a contact in one is not counted.
    fn colocation(&mut self, _: &Colocation<'_>) {}
}
