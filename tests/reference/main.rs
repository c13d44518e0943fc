//! The program against a slow and obvious reading of the rules, on random worlds: every table, byte
//! for byte.

#[cfg(feature = "parquet")]
mod columns;
mod slow;
mod tables;
mod world;

use proptest::prelude::*;
use slow::Known;
use std::collections::BTreeMap;
use std::path::Path;
use trace::analysis::{Analysis, Outcome, Request, analyse};
use trace::ingest::{Aliases, Folder, Settings, Silent};
use trace::output::{Findings, tables as ours};
use trace::policy::{PRESETS, Policy};
use trace::time::{Instant, Zone};
use world::World;

fn run(world: &World, policy: &Policy, expand: bool, dir: &Path) -> Box<Analysis> {
    let zone = Zone::get(&policy.timezone).unwrap();
    let settings = Settings { zone, encoding: None, aliases: Aliases::default(), max_rejects: 0.0 };
    let request = Request {
        policy: policy.clone(),
        settings,
        as_of: world.as_of.map(Instant),
        expand: expand.then(|| "a test".to_owned()),
    };
    match analyse(Folder::open(dir).unwrap(), request, &Silent).unwrap() {
        Outcome::Done(analysis) => analysis,
        Outcome::TooManyRejects(error, ..) => panic!("{error}"),
    }
}

fn body(table: impl Fn(&mut Vec<u8>) -> std::io::Result<()>) -> Vec<String> {
    let mut out = Vec::new();
    table(&mut out).unwrap();
    String::from_utf8(out).unwrap().lines().skip(1).map(str::to_owned).collect()
}

/// Compares every table; returns how many rows each has.
fn compare(world: &World, policy: &Policy, expand: bool) -> BTreeMap<&'static str, usize> {
    let dir = tempfile::tempdir().unwrap();
    world.write(dir.path());
    compare_in(dir.path(), world, policy, expand)
}

/// Compares every table with those of an export folder of the world.
fn compare_in(
    dir: &Path,
    world: &World,
    policy: &Policy,
    expand: bool,
) -> BTreeMap<&'static str, usize> {
    let analysis = run(world, policy, expand, dir);
    let known = Known::new(world, policy);
    let zones = known.zones(expand);
    let a = &Findings::new(&analysis);
    let mut rows = BTreeMap::new();
    for (name, ours, expected) in [
        ("contacts", body(|out| ours::contacts(a, out)), known.contacts()),
        ("exposures", body(|out| ours::exposures(a, out)), known.exposures()),
        ("evidence", body(|out| ours::evidence(a, out)), known.evidence()),
        ("links", body(|out| ours::links(a, out)), known.link_rows()),
        ("venue_exposed", body(|out| ours::venue_exposed(a, out)), known.venue_rows()),
        ("zones", body(|out| ours::zones(a, out)), known.zone_rows(&zones)),
        ("measures", body(|out| ours::measures(a, out)), known.measures(&zones)),
    ] {
        let ours: Vec<String> = ours
            .iter()
            .map(|row| row.replace("trajectories.parquet", "trajectories.csv"))
            .collect();
        assert_eq!(ours, expected, "{name} under {}, as of {}", policy.name, known.as_of);
        rows.insert(name, expected.len());
    }
    rows
}

/// A preset, with numbers moved about.
fn policy(preset: usize, seed: u64) -> Policy {
    let mut policy = Policy::preset(PRESETS[preset].0).unwrap();
    let mut rng = world::Rng(seed);
    let e = &mut policy.exposure;
    e.window_hours = *rng.pick(&[24, 24, 0, 1]);
    e.min_minutes = *rng.pick(&[10, 15, 0, 30]);
    e.dense_min_minutes = *rng.pick(&[1, 15]);
    e.lookback_days = *rng.pick(&[2, 4, 0]);
    policy.zone.min_contacts = *rng.pick(&[1, 2, 5]);
    policy.zone.min_days = *rng.pick(&[1, 2]);
    policy.zone.downgrade_days = *rng.pick(&[0, 2, 5]);
    policy
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn every_table_is_what_the_rules_say(seed: u64, preset in 0..PRESETS.len(), moved: bool,
                                         people in 3u64..14, rows in 0u64..120, expand: bool) {
        let world = World::random(seed, people, rows);
        let policy = if moved { policy(preset, seed) } else { Policy::preset(PRESETS[preset].0).unwrap() };
        let earliest = world.cases.iter().map(|case| case.confirmed).min().unwrap();
        prop_assume!(world.as_of.is_none_or(|as_of| as_of >= earliest));
        compare(&world, &policy, expand);
    }

    #[cfg(feature = "parquet")]
    #[test]
    fn row_groups_out_of_reach_are_not_missed(seed: u64, preset in 0..PRESETS.len(), by_place: bool,
                                              people in 2u64..14,
                                              rows in 0u64..240, expand: bool) {
        let mut world = World::random(seed, people, rows);
        world.as_of = None;
        columns::plain(&mut world, by_place);
        let dir = tempfile::tempdir().unwrap();
        world.write(dir.path());
        columns::write(&world, dir.path());
        compare_in(dir.path(), &world, &policy(preset, seed), expand);
    }
}

/// The random worlds are worth something: together they fill every table and every kind of row.
#[test]
fn the_worlds_reach_every_table() {
    let mut total: BTreeMap<&str, usize> = BTreeMap::new();
    let policy = Policy::preset("cn-2022-11").unwrap();
    for seed in 0..60 {
        let mut world = World::random(seed, 10, 100);
        world.as_of = None;
        for (name, rows) in compare(&world, &policy, false) {
            *total.entry(name).or_default() += rows;
        }
    }
    assert!(total.values().all(|&rows| rows > 40), "{total:?}");
}
