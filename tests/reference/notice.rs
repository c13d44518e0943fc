//! The tables of the Notice's other measures against a slow reading of their rules, in random
//! worlds.

use super::done;
use super::slow::{Known, Rules, Stay, date, is_weak, metres, union};
use super::tables::Zone;
use super::world::{Rng, START, World};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::Path;
use trace::base::time::{Instant, TimeZone};
use trace::ingest::{Folder, Settings, Silent};
use trace::output::{OutputFolder, Provenance};
use trace::pipeline::{Request, analyse};
use trace::policy::{Phase, Policy};

const DAY: i64 = 86_400;

#[derive(Debug, Clone)]
struct Order {
    person: String,
    kind: &'static str,
    start: i64,
    end: i64,
    place: Option<String>,
    line: usize,
}

#[derive(Debug, Clone)]
struct Arrival {
    person: String,
    entered: i64,
    sampled: Option<i64>,
    ct: Option<i64>,
    retested: Option<i64>,
    retest_ct: Option<i64>,
    line: usize,
}

fn orders(rng: &mut Rng, world: &World, people: u64) -> Vec<Order> {
    let places: Vec<&str> = world.places.iter().map(|place| &*place.id).collect();
    let one = |rng: &mut Rng, line| {
        let start = START + rng.below(12) as i64 * DAY + rng.below(3) as i64 * 3600;
        Order {
            person: format!("P{}", rng.below(people)),
            kind: ["central", "home", "monitor", "bubble", "bubble"][rng.below(5) as usize],
            start,
            end: start + (1 + rng.below(60) as i64) * 3 * 3600,
            place: (!rng.one_in(4)).then(|| (*rng.pick(&places)).to_owned()),
            line,
        }
    };
    (2..2 + 1 + rng.below(9) as usize).map(|line| one(rng, line)).collect()
}

fn arrivals(rng: &mut Rng, people: u64) -> Vec<Arrival> {
    let one = |rng: &mut Rng, line| {
        let entered = START + rng.below(14 * DAY as u64) as i64;
        let sampled = (!rng.one_in(3)).then(|| entered + rng.below(6 * DAY as u64) as i64);
        let retested = sampled.filter(|_| rng.one_in(2)).map(|at| at + DAY);
        Arrival {
            person: format!("P{}", rng.below(people + 4)),
            entered,
            sampled,
            ct: rng.one_in(2).then(|| *rng.pick(&[20, 34, 35, 38, 40, 41])),
            retested,
            retest_ct: rng.one_in(2).then(|| *rng.pick(&[20, 34, 35, 40, 41])),
            line,
        }
    };
    (2..2 + rng.below(6) as usize).map(|line| one(rng, line)).collect()
}

fn write(orders: &[Order], arrivals: &[Arrival], dir: &Path) {
    let mut text = "person_id,kind,from,to,place_id\n".to_owned();
    for o in orders {
        let place = o.place.as_deref().unwrap_or("");
        writeln!(text, "{},{},{},{},{place}", o.person, o.kind, o.start, o.end).unwrap();
    }
    std::fs::write(dir.join("orders.csv"), text).unwrap();
    let opt = |n: Option<i64>| n.map(|n| n.to_string()).unwrap_or_default();
    let mut text = "person_id,entered,sampled,ct,retested,retest_ct\n".to_owned();
    for a in arrivals {
        let [s, c, r, rc] = [a.sampled, a.ct, a.retested, a.retest_ct].map(opt);
        writeln!(text, "{},{},{s},{c},{r},{rc}", a.person, a.entered).unwrap();
    }
    std::fs::write(dir.join("arrivals.csv"), text).unwrap();
}

/// The rows of a table, each joined by commas.
fn rows(dir: &Path, table: &str) -> Vec<String> {
    let text = std::fs::read_to_string(dir.join(table)).unwrap();
    text.lines().skip(1).map(str::to_owned).collect()
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

fn breaches(known: &Known<'_>, orders: &[Order]) -> Vec<String> {
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

fn crossings(known: &Known<'_>, orders: &[Order]) -> Vec<String> {
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

fn planned(phases: &[Phase], day0: i64) -> (String, String, i64) {
    let (mut next, mut stages, mut tests) = (day0 + 1, Vec::new(), Vec::new());
    for phase in phases {
        let end = next + i64::from(phase.days);
        stages.push(format!("{} {}..{}", phase.kind, date(next), date(end - 1)));
        tests.extend(phase.tests.iter().map(|&t| date(next + i64::from(t) - 1)));
        next = end;
    }
    (stages.join(";"), tests.join(";"), next)
}

/// What is said of each person who came from abroad: state, next step, when, and the plan.
struct Arrived {
    row: String,
    person: String,
    plan: Option<(String, i64, String, String, i64)>,
}

fn arrived(known: &Known<'_>, arrivals: &[Arrival], measures: &[String]) -> Vec<Arrived> {
    let Some(rules) = &known.policy.arrival else { return Vec::new() };
    let today = known.time.day(known.as_of);
    let mut people: BTreeMap<&str, Vec<&Arrival>> = BTreeMap::new();
    for a in arrivals.iter().filter(|a| a.entered <= known.as_of) {
        people.entry(&a.person).or_default().push(a);
    }
    let judge = |ct: Option<i64>| match (ct, rules.positive_below_ct, rules.retest_to_ct) {
        (Some(ct), Some(below), _) if (ct as f64) < below => 'p',
        (Some(ct), Some(_), Some(to)) if ct as f64 <= to => 'd',
        _ => 'n',
    };
    let one = |mut all: Vec<&Arrival>| {
        let day = all.iter().map(|a| known.time.day(a.entered)).max().unwrap();
        all.retain(|a| known.time.day(a.entered) == day);
        all.sort_by_key(|a| (a.entered, a.line));
        let a = all[0];
        // When, whether it was taken again, what it says.
        let mut samples: Vec<(Option<i64>, bool, Option<i64>)> = Vec::new();
        for a in &all {
            samples.push((a.sampled, false, a.ct));
            samples.push((a.retested, true, a.retest_ct));
        }
        samples.retain(|(at, _, ct)| at.is_some() || ct.is_some());
        samples.retain(|(at, ..)| at.is_none_or(|at| at <= known.as_of));
        samples.sort_by_key(|(at, again, ct)| (*at, *again, ct.unwrap_or(i64::MAX)));
        let first = |of: char| samples.iter().position(|(.., ct)| judge(*ct) == of);
        let (mut state, mut due) = match (first('p'), first('d')) {
            (Some(n), _) => ("positive", samples[n].0),
            (None, None) => ("in_plan", None),
            (None, Some(n)) => {
                let later = |m: usize| m != n && (samples[m].1 || samples[m].0 > samples[n].0);
                match (0..samples.len()).any(later) {
                    true => ("past_infection", None),
                    false => ("retest", samples[n].0.map(|at| at + DAY)),
                }
            }
        };
        if known.cases.contains_key(&a.person) {
            (state, due) = ("case", None);
        }
        let day0 = known.time.day(a.entered);
        let (stages, tests, release) = planned(&rules.phases, day0);
        let code = match (state, &rules.past_infection_code) {
            ("past_infection", Some(code)) => code.clone(),
            _ => rules.code.clone(),
        };
        if release <= today && ["in_plan", "past_infection", "retest"].contains(&state) {
            (state, due) = ("elapsed", None);
        }
        let mut next = match state {
            "elapsed" => "none",
            "case" => "none",
            "positive" => "hospital",
            "retest" => "retest",
            _ => "",
        };
        if next.is_empty() {
            let days: Vec<i64> = (day0..release + 1).filter(|day| *day >= today).collect();
            let is_test = |day: i64| tests.split(';').any(|test| test == date(day));
            let starts_home = |day: i64| stages.contains(&format!("home {}..", date(day)));
            next = "none";
            for day in days.into_iter().filter(|_| release > today) {
                if let Some(step) = [
                    (is_test(day), "test"),
                    (starts_home(day), "home"),
                    (day == release, "release"),
                ]
                .iter()
                .find(|(is, _)| *is)
                {
                    (next, due) = (step.1, Some(known.time.midnight(day)));
                    break;
                }
            }
        }
        let has_plan = !["case", "positive"].contains(&state);
        let other = measures.iter().find(|row| row.split(',').next() == Some(&*a.person));
        let other = other.map(|row| row.split(',').nth(1).unwrap());
        let reasons = match other {
            _ if !has_plan => String::new(),
            Some(other) => format!("arrival;{other}"),
            None => "arrival".to_owned(),
        };
        let plan = has_plan.then_some((code, day0, stages, tests, release));
        let cells = plan.as_ref().map_or(",,,".to_owned(), |(code, _, stages, tests, release)| {
            format!("{code},{stages},{tests},{}", date(*release))
        });
        let row = format!(
            "{},{},{},{state},{reasons},{cells},{next},{},arrivals.csv:{}",
            a.person,
            known.time.show(a.entered),
            date(day0),
            due.map_or(String::new(), |at| known.time.show(at)),
            a.line
        );
        Arrived { row, person: a.person.clone(), plan }
    };
    people.into_values().map(one).collect()
}

/// The measures, with the plans of those who came from abroad.
fn with_arrived(known: &Known<'_>, measures: Vec<String>, arrived: &[Arrived]) -> Vec<String> {
    let today = known.time.day(known.as_of);
    let mut by_id: BTreeMap<String, String> =
        measures.into_iter().map(|row| (row.split(',').next().unwrap().to_owned(), row)).collect();
    for of in arrived {
        let Some((code, day0, stages, tests, release)) = &of.plan else { continue };
        let old = by_id.get(&of.person);
        let cells: Vec<&str> = old.map_or(Vec::new(), |row| row.split(',').collect());
        if cells.get(7).is_some_and(|until| **until >= *date(*release)) {
            continue;
        }
        let state = if *release <= today { "elapsed" } else { "active" };
        let (cases, zones) = (cells.get(8).unwrap_or(&""), cells.get(9).unwrap_or(&""));
        let row = format!(
            "{},arrival,{code},{state},{},{stages},{tests},{},{cases},{zones}",
            of.person,
            date(*day0),
            date(*release)
        );
        by_id.insert(of.person.clone(), row);
    }
    by_id.into_values().collect()
}

/// How near, from when to when, where, and the two orders.
type Near = (usize, i64, i64, String, usize, usize);

/// Who was in central isolation beside a case: case, person, how near.
fn beside(known: &Known<'_>, orders: &[Order]) -> Vec<String> {
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

/// Figures of each county: name, verdict, cases, unlinked, spread days, outside zones.
fn testing(known: &Known<'_>, zones: &[Zone]) -> Vec<String> {
    let Some(rules) = &known.policy.mass_testing else { return Vec::new() };
    let today = known.time.day(known.as_of);
    let exposed: BTreeSet<&String> = known.links().into_iter().map(|(_, b, _)| b).collect();
    let imported = |id: &str| {
        // Of several rows of a person the program tells which counts; all say the same here.
        known.world.cases.iter().any(|row| row.id == id && row.imported)
    };
    let mut counties: BTreeMap<String, Vec<&String>> = BTreeMap::new();
    for id in known.cases.keys() {
        let county = known.lives(id).map_or(String::new(), |home| known.place(&home).county);
        counties.entry(county).or_default().push(id);
    }
    let one = |(county, cases): (String, Vec<&String>)| {
        let unlinked: Vec<&&String> =
            cases.iter().filter(|id| !exposed.contains(**id) && !imported(id)).collect();
        let first = unlinked.iter().map(|id| known.cases[**id].anchor).min();
        let outside = unlinked.iter().filter(|id| {
            let home = known.lives(id);
            !zones.iter().any(|zone| {
                home.as_ref().is_some_and(|home| known.inside(home, &zone.area))
                    && zone.cases.iter().any(|other| {
                        other != ***id
                            && known.cases[other].confirmed < known.cases[***id].confirmed
                    })
            })
        });
        let outside = outside.count();
        let days = first.map(|first| today - first);
        let many = !unlinked.is_empty() && unlinked.len() >= rules.min_unlinked as usize;
        let share = unlinked.len() as f64 >= rules.min_unlinked_share * cases.len() as f64;
        let long = days.is_some_and(|days| days >= i64::from(rules.min_spread_days));
        let because: Vec<&str> =
            [(many && long, "long_spread"), (many && share, "sources_unknown")]
                .into_iter()
                .filter_map(|(is, why)| is.then_some(why))
                .collect();
        let verdict = if because.is_empty() { "not_indicated" } else { "unclear" };
        format!(
            "{county},{verdict},{},{},{},{},{outside}",
            because.join(";"),
            cases.len(),
            unlinked.len(),
            days.map_or(String::new(), |days| days.to_string())
        )
    };
    counties.into_iter().map(one).collect()
}

/// The county of a zone.
fn county_of(known: &Known<'_>, zone: &Zone) -> String {
    match zone.level {
        "place" => known.place(&zone.area.1[0]).county,
        _ => zone.area.1[0].clone(),
    }
}

/// Who is recorded elsewhere and was last seen in a county with a high zone: person, whether they may
/// leave. And who was in one while it had a zone: person, county, the day of leaving.
fn visitors(known: &Known<'_>, zones: &[Zone], measures: &[String]) -> [Vec<String>; 2] {
    let mut high: BTreeMap<String, i64> = BTreeMap::new();
    for zone in zones.iter().filter(|zone| zone.high) {
        let first = zone.cases.iter().map(|id| known.cases[id].confirmed).min().unwrap();
        let county = county_of(known, zone);
        if !county.is_empty() {
            let since = high.entry(county).or_insert(first);
            *since = first.min(*since);
        }
    }
    let (mut stranded, mut travellers) = (Vec::new(), Vec::new());
    let mut done = BTreeSet::new();
    for person in known.world.persons.iter().filter(|p| done.insert(&p.id)) {
        let Some(home) = person.residence.as_ref().map(|home| known.place(home).county) else {
            continue;
        };
        if home.is_empty() {
            continue;
        }
        let own = known.stays.iter().filter(|s| s.person == person.id && s.coord.is_none());
        let in_county: Vec<&Stay> =
            own.filter(|s| !known.place(&s.places[0]).county.is_empty()).collect();
        let end = |s: &Stay| {
            let row = &known.world.stays[s.line - 2];
            let open = row.dates.is_none() && row.end.is_none_or(|end| end == row.start);
            if open { s.start + 1 } else { s.end }
        };
        let order = |s: &&&Stay| (-end(s), s.start, s.places[0].clone(), s.line.to_string());
        let held = measures.iter().any(|row| {
            let cells: Vec<&str> = row.split(',').collect();
            cells[0] == person.id && cells[3] == "active"
        });
        let in_zone = zones.iter().filter(|zone| zone.high).any(|zone| {
            let was = known.stays.iter().any(|s| {
                let there = s.places.iter().any(|place| known.inside(place, &zone.area));
                s.person == person.id && there && s.end > zone.risk_from
            });
            was || person.residence.as_ref().is_some_and(|home| known.inside(home, &zone.area))
        });
        let stays = known.cases.contains_key(&person.id) || held || in_zone;
        let county = |s: &Stay| known.place(&s.places[0]).county;
        if let Some(last) = in_county.iter().min_by_key(order)
            && high.contains_key(&county(last))
            && county(last) != home
        {
            let may = if stays { "no" } else { "yes" };
            stranded.push(format!("{},{home},{},{may}", person.id, county(last)));
        }
        let Some(plan) = known.policy.low_risk_traveller.as_ref().filter(|_| !stays) else {
            continue;
        };
        let back = known.as_of - i64::from(plan.lookback_days) * DAY;
        let counts = |s: &&&Stay| {
            let outside = !zones.iter().any(|zone| known.inside(&s.places[0], &zone.area));
            let since = high.get(&county(s)).map(|since| back.max(*since));
            county(s) != home && outside && since.is_some_and(|since| end(s) > since)
        };
        if let Some(last) = in_county.iter().filter(counts).min_by_key(order) {
            let day0 = known.time.day(end(last) - 1);
            let days: i64 = plan.phases.iter().map(|phase| i64::from(phase.days)).sum();
            if day0 + days + 1 > known.time.day(known.as_of) {
                travellers.push(format!("{},{},{}", person.id, county(last), date(day0)));
            }
        }
    }
    stranded.sort();
    travellers.sort();
    [stranded, travellers]
}

/// Some columns of each row.
fn columns(rows: Vec<String>, at: &[usize]) -> Vec<String> {
    let one = |row: String| {
        let cells: Vec<&str> = row.split(',').collect();
        at.iter().map(|&n| cells[n]).collect::<Vec<_>>().join(",")
    };
    rows.into_iter().map(one).collect()
}

/// Holds the tables of a random world against the slow reading; how many rows each has.
fn compare(seed: u64, shanxi: bool) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    let mut same = |name, ours: Vec<String>, slow: Vec<String>| {
        assert_eq!(ours, slow, "{name}");
        counts.insert(name, slow.len());
    };
    let mut world = World::random(seed, 14, 50);
    // One row a case: which of several counts is another test.
    let mut ids = BTreeSet::new();
    world.cases.retain(|case| ids.insert(case.id.clone()));
    let first = world.cases.iter().map(|case| case.confirmed).min();
    world.as_of = world.as_of.filter(|at| Some(*at) >= first);
    let mut rng = Rng::new(seed ^ 77);
    let (orders, arrivals) = (orders(&mut rng, &world, 14), arrivals(&mut rng, 14));
    let policy = Policy::preset(if shanxi { "cn-shanxi-2022-11" } else { "cn-2022-11" }).unwrap();
    let policy = policy.with("mass_testing.min_unlinked=1").unwrap();
    let dir = tempfile::tempdir().unwrap();
    let (input, output) = (dir.path().join("in"), dir.path().join("out"));
    std::fs::create_dir(&input).unwrap();
    world.write(&input);
    write(&orders, &arrivals, &input);
    let zone = TimeZone::get(&policy.timezone).unwrap();
    let settings = Settings { max_rejects: 0.0, ..Settings::new(zone) };
    let as_of = world.as_of.map(Instant);
    let request = Request { as_of, visitors: true, ..Request::new(policy.clone(), settings) };
    let analysis = done(analyse(Folder::open(&input).unwrap(), request, &Silent).unwrap());
    let folder = OutputFolder::claim(&output, &input, false).unwrap();
    let (stage, _) = trace::output::write(&analysis, &folder, &Provenance::default()).unwrap();
    stage.commit().unwrap();

    let known = Known::new(&world, &policy, Rules::Today);
    let zones = known.zones(false);
    let measures = known.measures(&zones);
    let arrived = arrived(&known, &arrivals, &measures);
    let own: Vec<String> = arrived.iter().map(|of| of.row.clone()).collect();
    same("arrivals", rows(&output, "arrivals.csv"), own);
    let measures = with_arrived(&known, measures, &arrived);
    same("measures", rows(&output, "measures.csv"), measures.clone());
    let mut ours = rows(&output, "breaches.csv");
    ours.sort();
    same("breaches", ours, breaches(&known, &orders));
    let mut ours = rows(&output, "bubble_contacts.csv");
    ours.sort();
    same("bubble_contacts", ours, crossings(&known, &orders));
    let ours = columns(rows(&output, "isolation_contacts.csv"), &[0, 1, 2]);
    same("isolation_contacts", ours, beside(&known, &orders));
    let ours = columns(rows(&output, "mass_testing.csv"), &[0, 1, 2, 3, 4, 10, 11]);
    same("mass_testing", ours, testing(&known, &zones));
    let [may_leave, monitored] = visitors(&known, &zones, &measures);
    let mut ours = columns(rows(&output, "stranded.csv"), &[0, 1, 2, 3]);
    ours.sort();
    same("stranded", ours, may_leave);
    if shanxi {
        let mut ours = columns(rows(&output, "travellers.csv"), &[0, 2, 6]);
        ours.sort();
        same("travellers", ours, monitored);
    }
    counts
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn the_other_measures_are_those_of_a_slow_reading(seed in any::<u64>(), shanxi in any::<bool>()) {
        compare(seed, shanxi);
    }
}

#[test]
fn none_of_these_tables_is_empty_in_all_worlds() {
    let mut all: BTreeMap<&str, usize> = BTreeMap::new();
    for seed in 0..200 {
        for (name, rows) in compare(seed, seed % 2 == 0) {
            *all.entry(name).or_default() += rows;
        }
    }
    assert!(all.len() == 8 && all.values().all(|rows| *rows > 0), "{all:?}");
}
