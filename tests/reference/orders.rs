//! Orders and closed loops, slowly: every stay against every order, every pair of stays.

use super::slow::{Known, Stay, is_weak, metres, union};
use std::collections::{BTreeMap, BTreeSet};

const DAY: i64 = 86_400;

#[derive(Debug, Clone)]
pub struct Order {
    pub person: String,
    pub kind: &'static str,
    pub start: i64,
    pub end: i64,
    pub place: Option<String>,
    pub line: usize,
}

/// The places where a person may be at a time, and whether by an order of staying at home; nothing
/// when an order of that time names none.
fn allowed(
    known: &Known<'_>,
    orders: &[Order],
    person: &str,
    span: (i64, i64),
) -> Option<Vec<(String, bool)>> {
    let place = |o: &Order| match (&o.place, o.kind) {
        (Some(place), _) => Some(place.clone()),
        (None, "home") => known.residence(person),
        _ => None,
    };
    let mut all = Vec::new();
    for o in orders.iter().filter(|o| o.person == person) {
        let now = o.start < span.1 && span.0 < o.end;
        if now && o.kind != "monitor" && place(o).is_none() {
            return None;
        }
        if o.start - DAY < span.1 && span.0 < o.end + DAY {
            all.extend(place(o).map(|place| (place, o.kind == "home")));
        }
    }
    Some(all)
}

/// What a stay is against an order.
fn judged(
    known: &Known<'_>,
    orders: &[Order],
    (order, stay, span): (&Order, &Stay, (i64, i64)),
) -> Option<&'static str> {
    let at = stay.coord.is_none().then(|| known.place(&stay.places[0]));
    let kind = at.as_ref().map_or("", |place| &*place.kind);
    if order.kind == "monitor" {
        return match kind {
            "transport" => Some("transport"),
            "medical" => None,
            _ => at.is_some_and(|place| place.dense).then_some("crowded"),
        };
    }
    let allowed = allowed(known, orders, &stay.person, span)?;
    let fits = |at: &str, (of, home): &(String, bool)| {
        let area = known.area(at);
        at == of || *home && area.0 == "unit" && known.area(of) == area
    };
    if at.as_ref().is_some_and(|at| allowed.iter().any(|of| fits(&at.id, of))) {
        return None;
    }
    if let Some(position) = stay.coord {
        let e = &known.policy.exposure;
        for (place, _) in allowed {
            let (x, y, r) = known.place(&place).circle?;
            let reach = r + e.max_accuracy_m;
            if metres(position, (x, y)) <= reach {
                return None;
            }
        }
        return Some("elsewhere");
    }
    Some(match kind {
        "medical" => "medical",
        "transport" => "transport",
        _ => "elsewhere",
    })
}

/// The orders of each person and kind in force until a moment, joined where they overlap or touch:
/// the first order, start, end.
fn in_force(orders: &[Order], until: i64) -> Vec<(&Order, i64, i64)> {
    let mut all: Vec<(&Order, i64, i64)> = Vec::new();
    let mut sorted: Vec<&Order> = orders.iter().collect();
    sorted.sort_by_key(|o| (o.start, o.end, o.line));
    for o in sorted.into_iter().filter(|o| o.start < until) {
        let end = o.end.min(until);
        let same = |of: &Order| of.person == o.person && of.kind == o.kind;
        match all.iter_mut().find(|(of, _, known)| same(of) && o.start <= *known) {
            Some(of) => of.2 = of.2.max(end),
            None => all.push((o, o.start, end)),
        }
    }
    all
}

pub fn breaches(known: &Known<'_>, orders: &[Order]) -> Vec<String> {
    type Key = (usize, &'static str, String);
    let mut found: BTreeMap<Key, Vec<(i64, i64, usize)>> = BTreeMap::new();
    for (order, begin, end) in in_force(orders, known.as_of) {
        for stay in known.stays.iter().filter(|stay| stay.person == order.person) {
            let span = (stay.start.max(begin), stay.end.min(end));
            if span.0 >= span.1 || stay.date_only && span != (stay.start, stay.end) {
                continue;
            }
            let own = orders.iter().filter(|o| o.person == order.person);
            let borders = own.flat_map(|o| [o.start - DAY, o.start, o.end, o.end + DAY]);
            let mut cuts: BTreeSet<i64> =
                borders.filter(|at| span.0 < *at && *at < span.1).collect();
            cuts.extend([span.0, span.1]);
            let cuts: Vec<i64> = cuts.into_iter().collect();
            for piece in cuts.windows(2).map(|two| (two[0], two[1])) {
                let Some(what) = judged(known, orders, (order, stay, piece)) else { continue };
                let at_place = stay.coord.is_none();
                let place = if at_place { stay.places[0].clone() } else { String::new() };
                let all = found.entry((order.line, what, place)).or_default();
                all.push((piece.0, piece.1, stay.line));
            }
        }
    }
    let mut rows = Vec::new();
    for ((line, what, place), stays) in found {
        let order = orders.iter().find(|o| o.line == line).unwrap();
        let spans: Vec<(i64, i64)> = stays.iter().map(|(a, b, _)| (*a, *b)).collect();
        for (start, end) in union(&spans) {
            let mut here: Vec<_> =
                stays.iter().filter(|(a, b, _)| start <= *a && *b <= end).collect();
            here.sort();
            let mut exposed = BTreeSet::new();
            if known.cases.contains_key(&order.person) {
                for ((case, other), pair) in &known.pairs {
                    let met = pair.hits.iter().any(|hit| {
                        let counts = !is_weak(hit) && hit.basis != "household";
                        counts && hit.start < end && start < hit.end
                    });
                    if *case == order.person && met {
                        exposed.insert(other.clone());
                    }
                }
            }
            let ids: Vec<String> = exposed.into_iter().collect();
            let all = in_force(orders, i64::MAX);
            let (_, from, to) = *all.iter().find(|(of, ..)| of.line == line).unwrap();
            let day = |at: i64| known.time.day(at);
            let edges =
                [(day(start) == day(from), "first_day"), (day(end - 1) == day(to - 1), "last_day")];
            let edges: Vec<&str> =
                edges.iter().filter(|(is, _)| *is).map(|(_, name)| *name).collect();
            let lines: BTreeSet<usize> = here.iter().map(|of| of.2).collect();
            rows.push(format!(
                "{},{},{what},{place},{},{},{},{},{},trajectories.csv:{},orders.csv:{line},{},{}",
                order.person,
                order.kind,
                known.time.show(start),
                known.time.show(end),
                edges.join(";"),
                (end - start) / 60,
                lines.len(),
                here[0].2,
                ids.len(),
                ids.join(";"),
            ));
        }
    }
    rows.sort();
    rows
}

/// The loops: which places hang together by orders of one person. A place that no order names is
/// one of its own.
fn loops(orders: &[Order]) -> BTreeMap<Option<String>, usize> {
    let bubble: Vec<&Order> = orders.iter().filter(|o| o.kind == "bubble").collect();
    let places: BTreeSet<Option<String>> = bubble.iter().map(|o| o.place.clone()).collect();
    let mut of: BTreeMap<Option<String>, usize> = places.into_iter().zip(0..).collect();
    for _ in 0..bubble.len() {
        for a in &bubble {
            for b in bubble.iter().filter(|b| b.person == a.person) {
                if a.place.is_some() && b.place.is_some() {
                    let least = of[&a.place].min(of[&b.place]);
                    of.insert(a.place.clone(), least);
                    of.insert(b.place.clone(), least);
                }
            }
        }
    }
    of
}

pub fn crossings(known: &Known<'_>, orders: &[Order]) -> Vec<String> {
    let loops = loops(orders);
    let mut rows = BTreeSet::new();
    let inside = |person: &str, number: usize, span: (i64, i64)| -> Vec<&Order> {
        let of = |o: &&Order| {
            let own = o.kind == "bubble" && o.person == person && loops[&o.place] == number;
            own && o.start < span.1 && span.0 < o.end
        };
        let mut found: Vec<&Order> = orders.iter().filter(of).collect();
        found.sort_by_key(|o| (o.start, o.end, o.line));
        found
    };
    let numbers: BTreeSet<usize> = loops.values().copied().collect();
    let mut meet = |(a, b): (&str, &str),
                    span: (i64, i64),
                    (how, place): (&str, &str),
                    at: Option<usize>,
                    lines: [String; 2]| {
        for &number in numbers.iter().filter(|number| at.is_none_or(|at| at == **number)) {
            let both =
                orders.iter().filter(|o| o.kind == "bubble" && (o.person == a || o.person == b));
            let borders = both.flat_map(|o| [o.start, o.end]);
            let mut cuts: BTreeSet<i64> =
                borders.filter(|at| span.0 < *at && *at < span.1).collect();
            cuts.extend([span.0, span.1]);
            let cuts: Vec<i64> = cuts.into_iter().collect();
            let pieces = cuts.windows(2).map(|two| (two[0], two[1]));
            let across: Vec<(i64, i64)> = pieces
                .filter(|piece| !inside(a, number, *piece).is_empty())
                .filter(|piece| inside(b, number, *piece).is_empty())
                .collect();
            for span in union(&across) {
                let order = inside(a, number, span)[0].line;
                let (start, end) = (known.time.show(span.0), known.time.show(span.1));
                let [own, other] = &lines;
                rows.insert(format!(
                    "{a},{b},{how},{place},{start},{end},{own},{other},orders.csv:{order}"
                ));
            }
        }
    };
    let e = &known.policy.exposure;
    for (n, row) in known.world.colocations.iter().enumerate() {
        let end = (row.start + row.seconds.max(1)).min(known.as_of);
        let near = row.distance.is_none_or(|far| far <= e.proximity_m);
        let loud = row.rssi.is_none_or(|signal| e.min_rssi_dbm.is_none_or(|least| signal >= least));
        if row.start < end && near && loud {
            let line = format!("colocations.csv:{}", n + 2);
            let place = row.place.as_deref().unwrap_or("");
            for two in [(&*row.a, &*row.b), (&*row.b, &*row.a)] {
                let lines = [line.clone(), line.clone()];
                meet(two, (row.start, end), ("colocation", place), None, lines);
            }
        }
    }
    let number = |s: &Stay| loops.get(&Some(s.places[0].clone())).copied();
    let by_place = |s: &&Stay| s.coord.is_none() && !s.date_only && number(s).is_some();
    for s in known.stays.iter().filter(by_place) {
        for t in known.stays.iter().filter(by_place) {
            let span = (s.start.max(t.start), s.end.min(t.end));
            if s.person != t.person && s.places == t.places && span.0 < span.1 {
                let line = |stay: &Stay| format!("trajectories.csv:{}", stay.line);
                let what = ("same_place", &*s.places[0]);
                meet((&s.person, &t.person), span, what, number(s), [line(s), line(t)]);
            }
        }
    }
    rows.into_iter().collect()
}

/// How near, from when to when, where, and the two orders.
type Near = (usize, i64, i64, String, usize, usize);

/// Who was in central isolation beside a case: case, person, how near.
pub fn beside(known: &Known<'_>, orders: &[Order]) -> Vec<String> {
    let mut found: BTreeMap<(String, String), Near> = BTreeMap::new();
    let central = || orders.iter().filter(|o| o.kind == "central");
    for (own, place) in central().filter_map(|o| Some((o, o.place.as_ref()?))) {
        let Some(case) = known.cases.get(&own.person) else { continue };
        let until = known.time.midnight(known.time.day(case.confirmed) + 1).min(known.as_of);
        for (other, there) in central().filter_map(|o| Some((o, o.place.as_ref()?))) {
            let (start, end) = (own.start.max(other.start), own.end.min(until).min(other.end));
            let near = [place == there, known.area(place) == known.area(there), {
                let (a, b) = (known.place(place), known.place(there));
                let of = |p: &super::world::PlaceRow| {
                    (p.county.clone(), p.compound.clone(), p.building.clone())
                };
                !a.building.is_empty() && of(&a) == of(&b)
            }];
            let Some(near) = near.iter().position(|is| *is) else { continue };
            if start < end && own.person != other.person {
                let key = (own.person.clone(), other.person.clone());
                let this = (near, start, end, there.clone(), own.line, other.line);
                let kept = found.entry(key).or_insert_with(|| this.clone());
                if (this.0, this.1) < (kept.0, kept.1) {
                    *kept = this;
                }
            }
        }
    }
    let row = |((case, person), (near, ..)): ((String, String), (usize, _, _, _, _, _))| {
        format!("{case},{person},{}", ["place", "floor", "building"][near])
    };
    found.into_iter().map(row).collect()
}
