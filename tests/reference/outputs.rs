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
    Request { policy: policy.clone(), settings, as_of: as_of.map(Instant), expand: None }
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
    }
}
