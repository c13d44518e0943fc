//! The program against a slow and obvious reading of the rules, on random worlds: every table, byte
//! for byte.

#[cfg(feature = "parquet")]
mod columns;
mod notice;
mod orders;
mod outputs;
mod questions;
#[cfg(feature = "parquet")]
mod rows;
mod slow;
mod tables;
mod world;

use proptest::prelude::*;
use slow::{Known, Rules};
use std::collections::BTreeMap;
use std::path::Path;
use trace::base::time::{Instant, TimeZone};
use trace::ingest::{Folder, Settings, Silent};
use trace::output::{Findings, tables as ours};
#[cfg(feature = "parquet")]
use trace::pipeline::distributed::{Evidence, IndexFile, Opened, finish, has_opens, scan_files};
use trace::pipeline::{Analysis, Outcome, Parameters, Request, prepare};
use trace::policy::{PRESETS, Policy};
use trace::search::evidence::Basis;
use world::World;

fn run(world: &World, policy: &Policy, expand: bool, dir: &Path) -> Box<Analysis> {
    let zone = TimeZone::get(&policy.timezone).unwrap();
    let settings = Settings { max_rejects: 0.0, ..Settings::new(zone) };
    let request = Request {
        as_of: world.as_of.map(Instant),
        expand: expand.then(|| "a test".to_owned()),
        ..Request::new(policy.clone(), settings)
    };
    in_pieces(dir, request)
}

/// As on other machines: the index comes as a file, each file is scanned by itself, twice where
/// stays are open, and evidence goes back as tables.
#[cfg(feature = "parquet")]
fn in_pieces(dir: &Path, request: Request) -> Box<Analysis> {
    let zone = &request.settings.zone;
    let set = Parameters {
        as_of: request.as_of.map(|at| zone.show(at)),
        because: request.expand.clone(),
        max_rejects: format!("{}", request.settings.max_rejects * 100.0),
        timezone: vec![zone.name().to_owned()],
        ..Parameters::default()
    };
    let folder = || Folder::open(dir).unwrap();
    let prepared = done(prepare(folder(), request, &Silent).unwrap());
    let file = IndexFile::new(&prepared, &set).unwrap();
    let (mut evidence, mut next) = (Evidence::default(), Vec::new());
    let names: Vec<String> = file.bulk().map(|(_, listed)| listed.name.clone()).collect();
    for name in &names {
        let name = std::slice::from_ref(name);
        evidence.found.extend(scan_files(&file, dir, name, &Silent).unwrap());
    }
    evidence.found.reverse();
    // Half of the worlds have their second round at the end, and half on workers.
    if has_opens(&evidence.found).unwrap() && evidence.found.len() % 2 == 0 {
        let opened = Opened::new(&file, &evidence.found).unwrap();
        for name in &names {
            let name = std::slice::from_ref(name);
            next.extend(opened.scan_files(dir, name, &Silent).unwrap());
        }
        evidence.next = Some(next);
    }
    done(finish(&file, folder(), file.request.clone(), &evidence, &Silent).unwrap())
}

#[cfg(not(feature = "parquet"))]
fn in_pieces(dir: &Path, request: Request) -> Box<Analysis> {
    done(trace::pipeline::analyse(Folder::open(dir).unwrap(), request, &Silent).unwrap())
}

fn done<T>(outcome: Outcome<T>) -> Box<T> {
    match outcome {
        Outcome::Done(done) => done,
        Outcome::TooManyRejects(rejected) => panic!("{}", rejected.error),
    }
}

fn body(table: impl Fn(&mut Vec<u8>) -> std::io::Result<()>) -> Vec<String> {
    let mut out = Vec::new();
    table(&mut out).unwrap();
    String::from_utf8(out).unwrap().lines().skip(1).map(str::to_owned).collect()
}

/// Compares every table; returns how many rows each has.
fn compare(world: &World, policy: &Policy, expand: bool) -> BTreeMap<String, usize> {
    let dir = tempfile::tempdir().unwrap();
    world.write(dir.path());
    compare_in(dir.path(), world, policy, expand)
}

/// Compares every table with those of an export folder of the world.
fn compare_in(dir: &Path, world: &World, policy: &Policy, expand: bool) -> BTreeMap<String, usize> {
    compare_with(&run(world, policy, expand, dir), world, policy, expand)
}

/// Compares every table of an analysis of a world.
fn compare_with(
    analysis: &Analysis,
    world: &World,
    policy: &Policy,
    expand: bool,
) -> BTreeMap<String, usize> {
    let known = Known::new(world, policy, Rules::Today);
    let zones = known.zones(expand);
    let a = &Findings::new(analysis);
    let mut rows = BTreeMap::new();
    for (name, ours, expected) in [
        ("contacts", body(|out| ours::contacts(a, out)), known.contacts()),
        ("exposures", body(|out| ours::exposures(a, out)), known.exposures()),
        ("evidence", body(|out| ours::evidence(a, out)), known.evidence()),
        ("links", body(|out| ours::links(a, out)), known.link_rows()),
        ("venue_exposed", body(|out| ours::venue_exposed(a, out)), known.venue_rows()),
        ("zones", body(|out| ours::zones(a, out)), known.zone_rows(&zones)),
        ("measures", body(|out| ours::measures(a, out)), known.measures(&zones)),
        ("presence", body(|out| ours::presence(a, out)), known.presence(&zones)),
    ] {
        let ours: Vec<String> = ours
            .iter()
            .map(|row| row.replace("trajectories.parquet", "trajectories.csv"))
            .collect();
        assert_eq!(ours, expected, "{name} under {}, as of {}", policy.name, known.as_of);
        rows.insert(name.to_owned(), expected.len());
        if name == "evidence" {
            for row in expected {
                *rows.entry(row.split(',').nth(2).unwrap().to_owned()).or_default() += 1;
            }
        }
    }
    rows
}

/// Compares every table of a world that bytes draw, under a policy that they choose.
pub fn of_bytes(bytes: &[u8]) {
    let [preset, moved, people, rows, rest @ ..] = bytes else { return };
    let (people, rows) = (3 + u64::from(people % 11), u64::from(rows % 120));
    let world = World::drawn(world::Rng::of_bytes(rest), people, rows);
    let preset = usize::from(*preset) % PRESETS.len();
    let (moved, expand) = (moved >> 1, moved % 2 == 1);
    let policy = match moved {
        0 => Policy::preset(PRESETS[preset].0).unwrap(),
        seed => policy(preset, u64::from(seed)),
    };
    let earliest = world.cases.iter().map(|case| case.confirmed).min().unwrap();
    if world.as_of.is_none_or(|as_of| as_of >= earliest) {
        compare(&world, &policy, expand);
    }
}

/// What fuzzing has found.
#[test]
fn worlds_of_the_corpus() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/worlds");
    let files: Vec<_> = std::fs::read_dir(corpus).unwrap().collect();
    assert!(!files.is_empty());
    for file in files {
        of_bytes(&std::fs::read(file.unwrap().path()).unwrap());
    }
}

/// A preset, with numbers moved about.
fn policy(preset: usize, seed: u64) -> Policy {
    let mut policy = Policy::preset(PRESETS[preset].0).unwrap();
    let mut rng = world::Rng::new(seed);
    let e = &mut policy.exposure;
    e.window_hours = *rng.pick(&[24, 24, 0, 1]);
    e.min_minutes = *rng.pick(&[10, 15, 0, 30]);
    e.dense_min_minutes = *rng.pick(&[1, 15]);
    e.lookback_days = *rng.pick(&[2, 4, 0]);
    e.ping_gap_minutes = *rng.pick(&[10, 10, 0, 5, 20]);
    e.room_persons = *rng.pick(&[None, Some(1), Some(2), Some(3)]);
    e.shared_position_persons = *rng.pick(&[None, Some(1), Some(2), Some(3)]);
    e.household_max = *rng.pick(&[None, Some(2), Some(3), Some(12)]);
    e.date_only_counts = rng.one_in(3);
    e.reinfection_days = *rng.pick(&[None, Some(90), Some(1)]);
    e.max_onset_days = *rng.pick(&[None, Some(30), Some(2)]);
    e.unisolated_days = *rng.pick(&[None, Some(0), Some(2)]);
    e.max_radius_m = *rng.pick(&[None, Some(100.0), Some(20.0)]);
    e.min_rssi_dbm = *rng.pick(&[None, Some(-70.0)]);
    e.checkin_minutes = *rng.pick(&[30, 120]);
    if let Some(zone) = &mut policy.zone {
        zone.min_contacts = *rng.pick(&[1, 2, 5]);
        zone.min_days = *rng.pick(&[1, 2]);
        zone.min_minutes = *rng.pick(&[30, 240]);
        zone.downgrade_days = *rng.pick(&[0, 2, 5]);
    }
    policy
}

/// A policy without the limits that the earlier rules had not.
fn without_limits(mut policy: Policy) -> Policy {
    let e = &mut policy.exposure;
    e.ping_gap_minutes = 0;
    (e.reinfection_days, e.max_onset_days, e.unisolated_days) = (None, None, None);
    (e.room_persons, e.shared_position_persons, e.household_max) = (None, None, None);
    (e.max_radius_m, e.min_rssi_dbm) = (None, None);
    policy
}

/// A world whose stays all have ends, and whose cases' dates all can be.
fn all_ended(world: &mut World) {
    world.stays.retain(|stay| stay.dates.is_none() && stay.coord != Some((0.0, 0.0)));
    world.stays.retain(|stay| stay.accuracy.is_none_or(|accuracy| accuracy >= 0.0));
    for (n, stay) in world.stays.iter_mut().enumerate() {
        stay.end = stay.end.filter(|&end| end > stay.start);
        stay.end.get_or_insert(stay.start + 60 * (1 + n as i64 % 40));
    }
    world.colocations.retain(|row| row.seconds > 0);
    for case in &mut world.cases {
        let confirmed = case.confirmed;
        for date in [&mut case.onset, &mut case.sampled] {
            *date = date.filter(|&at| at <= confirmed);
        }
        case.isolated = case.isolated.filter(|&at| (confirmed..4_000_000_000).contains(&at));
    }
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

    /// Where every stay has an end and no limit is set, nothing is new.
    #[test]
    fn without_the_new_limits_the_rules_are_the_earlier_ones(
        seed: u64, preset in 0..PRESETS.len(), people in 3u64..14, rows in 0u64..120) {
        let mut world = World::random(seed, people, rows);
        world.as_of = None;
        all_ended(&mut world);
        let policy = without_limits(policy(preset, seed));
        let dir = tempfile::tempdir().unwrap();
        world.write(dir.path());
        let analysis = run(&world, &policy, false, dir.path());
        let (known, a) = (Known::new(&world, &policy, Rules::Earlier), &Findings::new(&analysis));
        prop_assert_eq!(body(|out| ours::contacts(a, out)), known.contacts());
        prop_assert_eq!(body(|out| ours::exposures(a, out)), known.exposures());
        prop_assert_eq!(body(|out| ours::venue_exposed(a, out)), known.venue_rows());
        prop_assert_eq!(body(|out| ours::links(a, out)), known.link_rows());
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

/// Words for nothing are no ids, also in row groups that are only counted.
#[cfg(feature = "parquet")]
#[test]
fn words_for_nothing_are_rejected_in_row_groups_out_of_reach() {
    let mut world = World::random(3, 8, 200);
    columns::plain(&mut world, false);
    for (n, stay) in world.stays.iter_mut().enumerate() {
        match n % 7 {
            0 => stay.place = Some("NULL".to_owned()),
            1 => stay.person = "-".to_owned(),
            2 => stay.place = Some("不详 ".to_owned()),
            _ => {}
        }
    }
    let zone = TimeZone::get("UTC").unwrap();
    let settings = Settings { max_rejects: 1.0, ..Settings::new(zone) };
    let dir = tempfile::tempdir().unwrap();
    world.write(dir.path());
    let rejected = || {
        let folder = Folder::open(dir.path()).unwrap();
        let policy = Policy::preset("cn-2022-11").unwrap();
        let request = Request::new(policy, settings.clone());
        let account = trace::pipeline::inspect(&folder, &request, &Silent).unwrap().account;
        account.of(trace::ingest::Table::Trajectories).rejected
    };
    let of_text = rejected();
    columns::write(&world, dir.path());
    assert!(of_text > 20);
    assert_eq!(rejected(), of_text);
}

/// The random worlds are worth something: together they fill every table, with matches by every
/// rule.
#[test]
fn the_worlds_reach_every_table() {
    let mut total: BTreeMap<String, usize> = BTreeMap::new();
    for seed in 0..100 {
        let mut world = World::random(seed, 10, 100);
        world.as_of = None;
        let preset = Policy::preset("cn-2022-11").unwrap();
        let policy = if seed % 2 == 0 { preset } else { policy(0, seed) };
        for (name, rows) in compare(&world, &policy, false) {
            *total.entry(name).or_default() += rows;
        }
    }
    let least = |name: &str| if Basis::ALL.iter().any(|b| b.name() == name) { 10 } else { 40 };
    assert!(Basis::ALL.iter().all(|basis| total.contains_key(basis.name())), "{total:?}");
    assert!(total.iter().all(|(name, &rows)| rows > least(name)), "{total:?}");
}

/// Crowds, masts and homes just under and just over the limits of a preset.
#[test]
fn limits_are_met_where_they_are() {
    let policy = Policy::preset("cn-2022-11").unwrap();
    let mut rows = Vec::new();
    for more in [0, 1, 2] {
        let mut world = World::random(7, 2, 0);
        world.cases.retain(|case| case.id == "P0");
        world.cases.truncate(1);
        let case = &mut world.cases[0];
        case.confirmed = world::START + 5 * 86_400;
        (case.onset, case.sampled, case.isolated) = (None, None, None);
        (world.as_of, world.persons, world.places) = (None, Vec::new(), Vec::new());
        world.together(100 + more, 20 + more - 1, 12 + more - 1);
        rows.push(compare(&world, &policy, false));
    }
    // 100 in a hall are a room, 20 people at a coordinate are there, 12 are a household; one more
    // is not.
    let close: Vec<usize> = rows.iter().map(|rows| rows["contacts"]).collect();
    assert_eq!(close, [100 + 19 + 11, 0, 0]);
}
