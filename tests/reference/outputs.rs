//! Many analyses from one reading against one after the other, and what changes between two
//! outputs, in random worlds.

use super::world::World;
use super::{body, done, policy};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::path::Path;
use trace::base::time::{Instant, TimeZone};
use trace::ingest::{Folder, Settings, Silent};
use trace::output::{
    Change, Changed, Findings, OutputFolder, Provenance, State, States, What, changes,
    tables as ours,
};
use trace::pipeline::many::many;
use trace::pipeline::{Analysis, Outcome, Request, analyse};
use trace::policy::{PRESETS, Policy};
use trace::questions::sensitivity::{sensitivity, variants};

fn request(policy: &Policy, as_of: Option<i64>) -> Request {
    let zone = TimeZone::get("Asia/Shanghai").unwrap();
    let settings = Settings { max_rejects: 0.0, ..Settings::new(zone) };
    Request { as_of: as_of.map(Instant), ..Request::new(policy.clone(), settings) }
}

fn run(dir: &Path, request: Request) -> Box<Analysis> {
    done(analyse(Folder::open(dir).unwrap(), request, &Silent).unwrap())
}

/// All tables, one after the other.
fn tables(analysis: &Analysis) -> Vec<String> {
    let a = &Findings::new(analysis);
    let all = [
        body(|out| ours::contacts(a, out)),
        body(|out| ours::exposures(a, out)),
        body(|out| ours::evidence(a, out)),
        body(|out| ours::links(a, out)),
        body(|out| ours::venue_exposed(a, out)),
        body(|out| ours::zones(a, out)),
        body(|out| ours::measures(a, out)),
        body(|out| ours::presence(a, out)),
    ];
    all.concat()
}

fn write(analysis: &Analysis, dir: &Path, since: Option<&Path>) {
    let output = OutputFolder::claim(dir, &analysis.folder.path, false).unwrap();
    let asked = Provenance { since: since.map(Path::to_owned), ..Provenance::default() };
    let (stage, _) = trace::output::write(analysis, &output, &asked).unwrap();
    stage.commit().unwrap();
}

/// The earlier states with the changes made to them.
fn applied(old: &States, changed: &[Changed]) -> Vec<State> {
    let key = |what: What, id: &str, other: &str| (what, id.to_owned(), other.to_owned());
    let mut states: BTreeMap<_, State> = old
        .iter()
        .map(|state| (key(state.what, &state.id, &state.other_id), state.clone()))
        .collect();
    for of in changed {
        let key = key(of.what, &of.id, &of.other_id);
        let new = State {
            what: of.what,
            id: of.id.clone(),
            other_id: of.other_id.clone(),
            class: of.new_class.clone(),
            state: of.new_state.clone(),
            since: of.new_since.clone(),
            until: of.new_until.clone(),
            case_ids: of.new_case_ids.clone(),
        };
        match of.change {
            Change::New => assert!(states.insert(key, new).is_none()),
            Change::Gone => assert!(states.remove(&key).is_some()),
            _ => assert_ne!(states.insert(key, new.clone()).unwrap(), new),
        }
    }
    states.into_values().filter(|state| state.what != What::Run).collect()
}

fn table_rows(table: &Path) -> Vec<Vec<String>> {
    let mut reader = csv::Reader::from_path(table).unwrap();
    let rows = reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect());
    rows.collect()
}

fn sorted<T: Ord>(mut list: Vec<T>) -> Vec<T> {
    list.sort();
    list
}

/// Task, day, person and zone of what is to be done, from the tables of two outputs.
fn slow_today(old: &Path, new: &Path) -> Vec<[String; 4]> {
    let summary = |dir: &Path| -> serde_json::Value {
        serde_json::from_slice(&std::fs::read(dir.join("summary.json")).unwrap()).unwrap()
    };
    let as_of = |dir: &Path| summary(dir)["as_of"].as_str().unwrap().to_owned();
    let ((then, now), again) = ((as_of(old), as_of(new)), as_of(old) == as_of(new));
    let today = now[..10].to_owned();
    let is_due = |day: &str| {
        if then[..10] < *today { *day > then[..10] && *day <= *today } else { *day == *today }
    };
    let (was, is) = (table_rows(&old.join("measures.csv")), table_rows(&new.join("measures.csv")));
    let find = |rows: &[Vec<String>], id: &str| rows.iter().find(|row| row[0] == id).cloned();
    let cases = case_ids(new);
    let mut all = Vec::new();
    let mut add = |task: &str, day: &str, person: &str, zone: &str| {
        all.push([task, day, person, zone].map(str::to_owned));
    };
    for row in &is {
        let [id, state, phases, tests, release] = [0, 3, 5, 6, 7].map(|n| row[n].as_str());
        let before = find(&was, id).filter(|_| !again);
        // Measure, day 0 and release.
        let as_told = |old: &[String]| [1, 4, 7].iter().all(|&n| old[n] == row[n]);
        if state == "elapsed" {
            if is_due(release) {
                add("release", release, id, "");
            }
            continue;
        }
        match before.filter(|old| old[3] == "active") {
            None => add("call", &today, id, ""),
            Some(old) if !as_told(&old) => add("change", &today, id, ""),
            Some(_) => {}
        }
        if tests.split(';').any(|day| day == today) {
            add("test", &today, id, "");
        }
        let phases: Vec<&str> = phases.split(';').collect();
        for two in phases.windows(2) {
            let day = two[1].split([' ', '.']).nth(1).unwrap();
            if two[0].starts_with("central") && !two[1].starts_with("central") && is_due(day) {
                add("transfer", day, id, "");
            }
        }
    }
    // Under a policy without a measure for close contacts, they are called all the same.
    let has_plan = summary(new)["policy"]["close_contact"].is_object();
    let class = |dir: &Path, table: &str| table_rows(&dir.join(table));
    for row in class(new, "contacts.csv").iter().filter(|_| !has_plan) {
        let told = match find(&was, &row[0]) {
            Some(measure) => measure[1] == "close_contact" && measure[3] == "active",
            None => find(&class(old, "contacts.csv"), &row[0]).is_some(),
        };
        if again || !told {
            add("call", &today, &row[0], "");
        }
    }
    // Who had something, and has nothing any more.
    let anything = |dir: &Path| -> BTreeMap<String, String> {
        let mut all = BTreeMap::new();
        for table in ["contacts.csv", "venue_exposed.csv"] {
            all.extend(
                table_rows(&dir.join(table)).into_iter().map(|row| (row[0].clone(), String::new())),
            );
        }
        let measures = table_rows(&dir.join("measures.csv")).into_iter();
        all.extend(measures.map(|row| (row[0].clone(), row[3].clone())));
        all
    };
    let still = anything(new);
    for (id, state) in anything(old).iter().filter(|(id, _)| !still.contains_key(*id)) {
        if cases.contains(id) {
            add("became_case", &today, id, "");
        } else if state != "elapsed" {
            add("release", &today, id, "");
        }
    }
    let (was, is) = (table_rows(&old.join("zones.csv")), table_rows(&new.join("zones.csv")));
    for row in is.iter().filter(|row| row[1] != "county") {
        let before = find(&was, &row[0]).filter(|_| !again);
        // Moments of one zone of time are in order as they are written.
        let told = before.is_some_and(|old| old[2] == "high" && old[19] == row[19]);
        if row[2] == "high" && (!told || row[20] > now) {
            add("announce", &today, "", &row[0]);
        } else if row[2] == "low" && is_due(&row[19]) {
            add("open", &row[19], "", &row[0]);
        }
    }
    for row in was.iter().filter(|row| row[1] != "county" && row[2] == "high") {
        if find(&is, &row[0]).is_none() {
            add("open", &today, "", &row[0]);
        }
    }
    sorted(all)
}

fn case_ids(dir: &Path) -> Vec<String> {
    let kept: serde_json::Value =
        serde_json::from_slice(&std::fs::read(dir.join("report.json")).unwrap()).unwrap();
    let cases = kept["cases"].as_array().unwrap().iter();
    cases.map(|case| case["id"].as_str().unwrap().to_owned()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn many_from_one_reading_are_each_what_a_run_finds(
        seed: u64, preset in 0..PRESETS.len(), moved: bool, people in 3u64..12, rows in 0u64..100) {
        let world = World::random(seed, people, rows);
        let asked = if moved { policy(preset, seed) } else { Policy::preset(PRESETS[preset].0).unwrap() };
        let earliest = world.cases.iter().map(|case| case.confirmed).min().unwrap();
        prop_assume!(world.as_of.is_none_or(|as_of| as_of >= earliest));
        let dir = tempfile::tempdir().unwrap();
        world.write(dir.path());
        let variants = variants(&asked).unwrap();
        let policies: Vec<Policy> = variants.iter().map(|of| of.2.clone()).collect();
        let asked = request(&asked, world.as_of);
        let folder = Folder::open(dir.path()).unwrap();
        let mut seen = 0;
        let all = many(&folder, &asked, &policies, &Silent, |number, analysis| {
            let alone = run(dir.path(), Request {
                as_of: Some(analysis.as_of), ..request(&policies[number], None)
            });
            assert_eq!(tables(&analysis), tables(&alone), "{} = {}", variants[number].0, variants[number].1);
            seen += 1;
        });
        done(all.unwrap());
        prop_assert_eq!(seen, policies.len());
        let Outcome::Done(found) = sensitivity(&folder, &asked, &Silent).unwrap() else { panic!() };
        prop_assert_eq!(found.lines.len(), policies.len());
        let own: Vec<_> = found.lines.iter().filter(|line| line.as_asked).collect();
        prop_assert!(own.iter().all(|line| line.held_days == own[0].held_days && line.zones == own[0].zones));
    }

    #[test]
    fn the_earlier_output_with_the_changes_is_the_later_one(
        seed: u64, preset in 0..PRESETS.len(), people in 3u64..12, rows in 0u64..100,
        days in 0i64..4, other_policy: bool, without: bool) {
        let mut world = World::random(seed, people, rows);
        world.as_of = None;
        let first = Policy::preset(PRESETS[preset].0).unwrap();
        let dir = tempfile::tempdir().unwrap();
        let input = dir.path().join("in");
        std::fs::create_dir(&input).unwrap();
        world.write(&input);
        let (old, new) = (dir.path().join("old"), dir.path().join("new"));
        let analysis = run(&input, request(&first, None));
        write(&analysis, &old, None);
        if without && world.cases.len() > 1 {
            world.cases.pop();
            world.write(&input);
        }
        // The case taken back may have been the earlier row of a person confirmed twice: the day
        // of the later output is never before the first case that is left.
        let first_left = world.cases.iter().map(|case| case.confirmed).min().unwrap();
        let as_of = (analysis.as_of.0 + days * 86_400).max(first_left);
        let second = if other_policy { policy(preset, seed) } else { first };
        write(&run(&input, request(&second, Some(as_of))), &new, Some(&old));

        let states = [&old, &new].map(|dir| States::read(dir).unwrap());
        prop_assert!(changes(&states[0], &states[0]).is_empty());
        let changed = changes(&states[0], &states[1]);
        let later: Vec<State> = states[1].iter().filter(|of| of.what != What::Run).cloned().collect();
        prop_assert_eq!(applied(&states[0], &changed), later);
        // What is written beside the tables is made from findings, and says the same.
        let mut text = Vec::new();
        trace::output::write_changes(&changed, &mut text).unwrap();
        prop_assert_eq!(std::fs::read(new.join("changes.csv")).unwrap(), text);
        let today = table_rows(&new.join("today.csv"));
        let today = today.iter().map(|row| [0, 1, 3, 4].map(|n| row[n].clone())).collect();
        prop_assert_eq!(sorted(today), slow_today(&old, &new));
    }
}
