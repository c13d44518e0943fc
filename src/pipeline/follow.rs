//! What has to be looked up in the rows once zones are drawn: whether orders were kept, and who is
//! not from here.
//!
//! Cost: nothing without the table `orders` and the flag `--visitors`. Orders: a pass over the rows
//! of the people under them; where there are closed loops, one over all rows to find who else was
//! at their places. Visitors: a light pass over `persons`, and one over the visitors' stays.

use super::passes::{EVERYBODY, Input};
use super::request::Analysis;
use crate::base::error::Result;
use crate::base::sieve::Wanted;
use crate::base::time::{DAY, Instant};
use crate::ingest::{self, Progress};
use crate::model::{
    At, Colocation, Ends, Interest, PlaceId, RowRef, Stay, TakeColocations, TakeStays,
};
use crate::policy::Exposure;
use crate::rules::areas::Area;
use crate::rules::notice::breaches::OrdersOf;
use crate::rules::notice::bubbles::{Across, Bubbles, Crossing, Kept, crossings};
use crate::rules::notice::visitors::{self, Last, Seen, Visitors};
use crate::rules::zones::zone_of;
use crate::search::open::OpenRules;
use crate::search::person_stay::{ByPerson, PersonStay};
use hashbrown::{HashMap, HashSet};
use std::collections::BTreeMap;

/// Looks up what is asked: whether orders were kept, who is not from here.
///
/// # Errors
/// When the input cannot be read any more. Orders are left where the rows are elsewhere.
pub fn follow(analysis: &mut Analysis, progress: &dyn Progress) -> Result<()> {
    if !analysis.registers.orders.is_empty() && analysis.folder.has_all_rows() {
        let begin = std::time::Instant::now();
        analysis.kept = orders_kept(analysis, progress)?;
        analysis.timings.0.push(("orders", begin.elapsed()));
    }
    if analysis.request.visitors {
        let begin = std::time::Instant::now();
        analysis.visitors = Some(not_from_here(analysis, progress)?);
        analysis.timings.0.push(("visitors", begin.elapsed()));
    }
    Ok(())
}

/// Looks whether orders were kept.
///
/// # Errors
/// When the input cannot be read any more.
fn orders_kept(analysis: &Analysis, progress: &dyn Progress) -> Result<Kept> {
    let orders = &analysis.registers.orders;
    if orders.is_empty() {
        return Ok(Kept::default());
    }
    let facts = analysis.facts();
    // Those of tomorrow, too: people are moved to where they have to be.
    let of_people: BTreeMap<&str, OrdersOf<'_>> = orders
        .chunk_by(|a, b| a.person == b.person)
        .map(|orders| (&*orders[0].person, OrdersOf::new(&facts, orders)))
        .collect();
    let input = Input::new(&analysis.folder, &analysis.request, analysis.as_of, progress);
    let bubbles = Bubbles::new(orders);
    let mut crossed = Vec::new();
    let mut others: HashSet<Box<[u8]>> = HashSet::new();
    if !bubbles.is_empty() {
        let places = bubbles.places().map(|place| analysis.places.id_bytes(place)).collect();
        let start = || Border {
            places: &places,
            bubbles: &bubbles,
            exposure: &analysis.request.policy.exposure,
            others: HashSet::new(),
            crossings: Vec::new(),
        };
        for worker in input.everybody(EVERYBODY, start)? {
            others.extend(worker.others);
            crossed.extend(worker.crossings);
        }
    }
    let is_wanted = |id: &[u8]| {
        others.contains(id) || std::str::from_utf8(id).is_ok_and(|id| of_people.contains_key(id))
    };
    let ids = of_people.keys().map(|id| id.as_bytes()).chain(others.iter().map(|id| &**id));
    let wanted = Wanted::new(ids, &is_wanted);
    let start = || Under { orders: &of_people, others: &others, stays: ByPerson::default() };
    let found = input.stays_of(&wanted, "stays under orders", start)?;
    let rules = OpenRules::new(&analysis.request.policy.exposure, analysis.as_of);
    let stays = ByPerson::ended(found.into_iter().map(|worker| worker.stays), &rules);
    let mut kept = Kept::default();
    for (person, orders) in &of_people {
        let stays = stays.get(*person).map_or(&[][..], Vec::as_slice);
        kept.breaches.extend(orders.breaches(&facts, &analysis.evidence, stays));
    }
    let stays: Vec<(&str, &[PersonStay])> =
        stays.iter().map(|(person, stays)| (&**person, &stays[..])).collect();
    crossed.extend(crossings(&facts, &bubbles, &stays));
    crossed.sort();
    crossed.dedup();
    kept.crossings = crossed;
    analysis.folder.unchanged()?;
    Ok(kept)
}

/// Keeps the stays of people under orders around the time of these, and of others all.
struct Under<'a> {
    orders: &'a BTreeMap<&'a str, OrdersOf<'a>>,
    others: &'a HashSet<Box<[u8]>>,
    stays: ByPerson,
}

impl Interest for Under<'_> {}

impl TakeStays for Under<'_> {
    fn stay(&mut self, stay: &Stay<'_>) {
        let Ok(person) = std::str::from_utf8(stay.person) else { return };
        let concerns = self.orders.get(person).is_some_and(|of| of.concern(stay.span));
        if concerns || self.others.contains(stay.person) {
            self.stays.keep(person, stay);
        }
    }
}

/// Sees who is at the places of closed loops, and who meets somebody inside one.
struct Border<'a> {
    places: &'a HashSet<&'a [u8]>,
    bubbles: &'a Bubbles<'a>,
    exposure: &'a Exposure,
    others: HashSet<Box<[u8]>>,
    crossings: Vec<Crossing>,
}

impl Interest for Border<'_> {}

impl TakeStays for Border<'_> {
    fn stay(&mut self, stay: &Stay<'_>) {
        if let At::Place(place) = stay.at
            && self.places.contains(place)
            && !self.others.contains(stay.person)
        {
            self.others.insert(stay.person.into());
        }
    }
}

impl TakeColocations for Border<'_> {
    fn colocation(&mut self, row: &Colocation<'_>) {
        let [a, b] = [row.person_a, row.person_b].map(std::str::from_utf8);
        let (Ok(a), Ok(b)) = (a, b) else { return };
        let far = row.distance_m.is_some_and(|distance| distance > self.exposure.proximity_m);
        let least = self.exposure.min_rssi_dbm;
        let faint = row.rssi_dbm.zip(least).is_some_and(|(signal, least)| signal < least);
        if far || faint {
            return;
        }
        for (inside, outside) in [(a, b), (b, a)] {
            for (span, order) in self.bubbles.across((inside, outside), row.span, None) {
                self.crossings.push(Crossing {
                    person: inside.into(),
                    other: outside.into(),
                    span,
                    how: Across::Colocation,
                    place: String::from_utf8_lossy(row.place).into(),
                    row: row.row,
                    other_row: row.row,
                    order: order.row,
                });
            }
        }
    }
}

/// Who is not from here. Nobody under a policy without zones.
///
/// # Errors
/// When the input cannot be read any more.
fn not_from_here(analysis: &mut Analysis, progress: &dyn Progress) -> Result<Visitors> {
    let high = visitors::counties(&analysis.drawn());
    if high.is_empty() {
        return Ok(Visitors::default());
    }
    let recorded = ingest::read_home_counties(&analysis.folder, &analysis.request.settings)?;
    let mut homes: HashMap<Box<str>, u32> = HashMap::new();
    let is_elsewhere = |county: u32| county != 0 && high.keys().any(|&of| of != county);
    for (id, county) in recorded {
        let county = analysis.places.intern_text(&county);
        homes.insert(id, county);
    }
    for (id, person) in analysis.persons.iter() {
        let county = person.residence.map_or(0, |home| analysis.places.get(home).county);
        if county != 0 && !homes.contains_key(id) {
            homes.insert(id.into(), county);
        }
    }
    homes.retain(|_, county| is_elsewhere(*county));
    let analysis = &*analysis;
    let is_one = |id: &[u8]| std::str::from_utf8(id).is_ok_and(|id| homes.contains_key(id));
    let wanted = Wanted::new(homes.keys().map(|id| id.as_bytes()), &is_one);
    let zones = analysis.zones.iter().map(|zone| zone.area).zip(0..).collect();
    let lookback = analysis.request.policy.low_risk_traveller.as_ref();
    let days = lookback.map_or(0, |plan| i64::from(plan.lookback_days));
    let back = Instant(analysis.as_of.0 - days * DAY);
    let look = Elsewhere { analysis, homes: &homes, high: &high, zones: &zones, back };
    let input = Input::new(&analysis.folder, &analysis.request, analysis.as_of, progress);
    let start = || Travels { look: &look, seen: HashMap::new() };
    let mut seen: HashMap<Box<str>, Seen> = HashMap::new();
    for worker in input.stays_of(&wanted, "stays of visitors", start)? {
        for (person, more) in worker.seen {
            seen.entry(person).or_default().merge(more);
        }
    }
    analysis.folder.unchanged()?;
    let seen = seen.into_iter().map(|(person, seen)| {
        let home = homes[&person];
        (person, home, seen)
    });
    let of = (&analysis.evidence, &analysis.measures);
    Ok(visitors::visitors(&analysis.drawn(), of, seen))
}

/// What the stays of people from elsewhere are compared with.
struct Elsewhere<'a> {
    analysis: &'a Analysis,
    homes: &'a HashMap<Box<str>, u32>,
    /// The counties with a zone, and since when.
    high: &'a HashMap<u32, Instant>,
    zones: &'a HashMap<Area, usize>,
    /// Since when a stay counts.
    back: Instant,
}

/// Keeps the last stays of people from elsewhere.
struct Travels<'a> {
    look: &'a Elsewhere<'a>,
    seen: HashMap<Box<str>, Seen>,
}

impl Interest for Travels<'_> {}

impl TakeStays for Travels<'_> {
    fn stay(&mut self, stay: &Stay<'_>) {
        let (At::Place(id), Ok(person)) = (stay.at, std::str::from_utf8(stay.person)) else {
            return;
        };
        let Elsewhere { analysis, homes, high, zones, back } = *self.look;
        let (Some(&home), Some(place)) = (homes.get(person), analysis.places.find(id)) else {
            return;
        };
        let county = analysis.places.get(place).county;
        if county == 0 {
            return;
        }
        // Nobody knows how long an open stay was: it counts as the shortest that it can be.
        let end =
            if stay.ends == Ends::Open { Instant(stay.span.start.0 + 1) } else { stay.span.end };
        let outside = |place: PlaceId| zone_of(zones, Area::of(&analysis.places, place)).is_none();
        let since = high.get(&county).map(|&since| since.max(back));
        let counts = county != home && since.is_some_and(|since| end > since) && outside(place);
        let row: RowRef = stay.row;
        let last = Last { end, start: stay.span.start, place: id.into(), county, row };
        match self.seen.get_mut(person) {
            Some(seen) => seen.add(last, counts),
            None => self.seen.entry(person.into()).or_default().add(last, counts),
        }
    }
}
