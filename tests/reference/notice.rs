//! The tables of the Notice's other measures against a slow reading of their rules, in random
//! worlds.

use super::done;
use super::orders::{Order, beside, breaches, crossings};
use super::slow::{Known, Rules, Stay, date};
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
        let own = planned(&rules.phases, day0);
        let code = match (state, &rules.past_infection_code) {
            ("past_infection", Some(code)) => code.clone(),
            _ => rules.code.clone(),
        };
        let plan = (code, day0, own.0, own.1, own.2);
        let other = measures.iter().find(|row| row.split(',').next() == Some(&*a.person));
        let other: Option<Vec<&str>> = other.map(|row| row.split(',').collect());
        // One plan: that of another measure, if it does not end earlier.
        let (code, counted_from, stages, tests, release) = match &other {
            Some(cells) if cells[7] >= &*date(plan.4) => {
                let of = |n: usize| cells[n].to_owned();
                let until = (0..).find(|n| date(plan.4 + n) == cells[7]).unwrap();
                (of(2), of(4), of(5), of(6), plan.4 + until)
            }
            _ => (plan.0.clone(), date(plan.1), plan.2.clone(), plan.3.clone(), plan.4),
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
        let reasons = match &other {
            _ if !has_plan => String::new(),
            Some(other) => format!("arrival;{}", other[1]),
            None => "arrival".to_owned(),
        };
        let cells = match has_plan {
            true => format!("{code},{stages},{tests},{}", date(release)),
            false => ",,,".to_owned(),
        };
        let plan = has_plan.then_some(plan);
        let row = format!(
            "{},{},{},{state},{reasons},{cells},{next},{},arrivals.csv:{}",
            a.person,
            known.time.show(a.entered),
            if has_plan { counted_from } else { date(day0) },
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

/// Who is recorded elsewhere and was last seen in a county with a high zone: person, whether they
/// may leave. And who was in one while it had a zone: person, county, the day of leaving.
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
