//! What questions answer against what a run says, for everybody in random worlds.

use super::world::World;
use super::{body, done, policy};
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::path::Path;
use trace::base::time::{Instant, TimeZone};
use trace::ingest::{Folder, Settings, Silent, orders};
use trace::output::{Findings, OutputFolder, Provenance, tables as ours};
use trace::pipeline::Request;
use trace::policy::{PRESETS, Policy};
use trace::questions::audit::{Wrong, audit};
use trace::questions::misses::Failed;
use trace::questions::{Question, ask, case, person, why_not, zone};

fn asked(world: &World, policy: &Policy, dir: &Path) -> Box<Question> {
    let zone = TimeZone::get(&policy.timezone).unwrap();
    let settings = Settings { max_rejects: 0.0, ..Settings::new(zone) };
    let as_of = world.as_of.map(Instant);
    let request = Request { as_of, ..Request::new(policy.clone(), settings) };
    done(ask(Folder::open(dir).unwrap(), request, &Silent).unwrap())
}

/// Everybody whom a world names, and one whom it does not.
fn everybody(world: &World) -> BTreeSet<String> {
    let stays = world.stays.iter().map(|stay| stay.person.clone());
    let rows = world.colocations.iter().flat_map(|row| [row.a.clone(), row.b.clone()]);
    let persons = world.persons.iter().map(|person| person.id.clone());
    let cases = world.cases.iter().map(|case| case.id.clone());
    let all = stays.chain(rows).chain(persons).chain(cases);
    all.map(|id| id.trim().to_owned()).chain(["nobody at all".to_owned()]).collect()
}

/// Cells of a row without quotes in it.
fn cells(row: &str) -> Vec<&str> {
    row.split(',').collect()
}

/// `explain` and `why-not` say of everybody what the tables say, with the same rows.
fn agree(question: &Question, people: &BTreeSet<String>) {
    let a = &Findings::new(&question.analysis);
    let class = |id: &str| {
        let measures = body(|out| ours::measures(a, out));
        let own = measures.iter().map(|row| cells(row)).find(|cells| cells[0] == id);
        own.map(|cells| cells[1].to_owned())
    };
    let (mut shown, mut close) = (Vec::new(), BTreeSet::new());
    for id in people {
        let why = person::explain(question, id).unwrap();
        let not = why_not::why_not(question, id, None, &Silent).unwrap();
        assert_eq!(why.plan.as_ref().map(|plan| plan.measure.to_owned()), class(id), "{id}");
        assert_eq!(question.analysis.cases.find(id).is_some(), why.class == "case", "{id}");
        let qualifies = why.pairs.iter().any(|pair| pair.qualifies);
        assert_eq!(qualifies && why.class != "case", not.class == "close_contact", "{id}");
        if not.class == "close_contact" {
            close.insert(id.clone());
        }
        for pair in &why.pairs {
            assert_eq!(pair.qualifies, pair.by.is_some(), "{id}");
            let window: i64 =
                pair.window.iter().flat_map(|of| &of.together).map(|[a, b]| b - a).sum();
            assert_eq!(window, pair.peak_seconds, "{id}");
            for found in &pair.matches {
                let place = found.place_id.clone().unwrap_or_default();
                let rows = [&found.case_row, &found.person_row].map(|row| {
                    assert!(!row.cells.is_empty(), "{} is not quoted", row.row);
                    row.row.clone()
                });
                let row = [&pair.case_id, id, found.basis, &place, &found.start, &found.end];
                shown.push(format!("{},{},{}", row.join(","), rows[0], rows[1]));
            }
            // What is missing is what the pair lacks.
            let of_case = not.misses.iter().filter(|miss| miss.case_id == pair.case_id);
            let mut failed = of_case.map(|miss| miss.condition);
            let counts = pair.matches.iter().any(|found| found.counts);
            let is_short = failed.clone().any(|of| of == Failed::TooShort);
            assert_eq!(is_short, counts && !pair.qualifies, "{id}");
            let weak = |of| {
                matches!(
                    of,
                    Failed::Crowd | Failed::SeatUnknown | Failed::DateOnly | Failed::SharedPosition
                )
            };
            assert_eq!(failed.any(weak), pair.matches.iter().any(|of| of.weak) && !pair.qualifies);
        }
        let met: BTreeSet<&String> = why.pairs.iter().map(|pair| &pair.case_id).collect();
        for miss in not.misses.iter().filter(|miss| miss.condition <= Failed::SharedPosition) {
            assert!(met.contains(&miss.case_id), "{id} did not meet {}", miss.case_id);
        }
        if let Some(of_case) = case::explain(question, id).unwrap() {
            let exposures = body(|out| ours::exposures(a, out));
            let own = exposures.iter().filter(|row| cells(row)[0] == id).count();
            assert_eq!(of_case.contacts.len(), own, "{id}");
        }
    }
    shown.sort();
    let mut evidence = body(|out| ours::evidence(a, out));
    evidence.sort();
    assert_eq!(shown, evidence);
    let contacts = body(|out| ours::contacts(a, out));
    assert_eq!(close, contacts.iter().map(|row| cells(row)[0].to_owned()).collect());
}

/// The price of the zones is that of the tables, and each of them can be explained.
fn prices(question: &Question) {
    let a = &Findings::new(&question.analysis);
    let measures = body(|out| ours::measures(a, out));
    let named =
        measures.iter().map(|row| cells(row)[9].split(';').filter(|id| !id.is_empty()).count());
    let options = &question.analysis.options;
    let drawn = || options.iter().filter(|option| option.high.is_some());
    assert_eq!(drawn().map(|option| option.spillover).sum::<u64>(), named.sum::<usize>() as u64);
    assert_eq!(drawn().count(), question.analysis.zones.len());
    for zone in &question.analysis.zones {
        let own = drawn().find(|option| option.area == zone.area).unwrap();
        assert_eq!((own.residents, own.present), (zone.residents, Some(zone.present)));
        assert_eq!((own.contacts, own.secondary), (zone.contacts, zone.secondary));
        assert!(own.missing.is_empty());
    }
    for option in options {
        let id = option.area.id(&question.analysis.places);
        let explained = zone::explain(question, &id).unwrap();
        assert_eq!(explained.unwrap().status == "not_drawn", option.high.is_none());
        assert!(option.high.is_some() || option.missing.iter().all(|of| of.is < of.least));
        assert!(option.larger.is_none() || option.larger_residents >= option.residents);
    }
}

/// An audit of what the run itself decided finds nothing.
fn own_orders_are_right(question: &Question, dir: &Path) {
    let analysis = &question.analysis;
    let output = dir.join("results");
    let folder = OutputFolder::claim(&output, &analysis.folder.path, false).unwrap();
    let (stage, _) = trace::output::write(analysis, &folder, &Provenance::default()).unwrap();
    stage.commit().unwrap();
    let settings = &analysis.request.settings;
    let zones = orders::zones(&output.join("zones.csv"), settings).unwrap();
    let people = orders::measures(&output.join("measures.csv"), settings).unwrap();
    assert_eq!(people.rows.len(), analysis.measures.list.len());
    let found = audit(question, Some(&zones), Some(&people), &Silent).unwrap();
    let findings: Vec<String> =
        found.findings.iter().map(|of| format!("{:?} {}", of.wrong, of.id)).collect();
    assert_eq!(findings, [""; 0]);
    assert!(found.rests_on.assumed_ends <= found.rests_on.close_contacts);
    // Nobody ordered anything: all that is justified is missing.
    let nothing = |table: &str| {
        let path = dir.join(table);
        std::fs::write(
            &path,
            std::fs::read_to_string(output.join(table)).unwrap().lines().next().unwrap(),
        )
        .unwrap();
        path
    };
    let none = orders::measures(&nothing("measures.csv"), settings).unwrap();
    let found = audit(question, None, Some(&none), &Silent).unwrap();
    let active = analysis.measures.list.iter();
    let active = active.filter(|of| analysis.measures.schedule(of).active).count();
    assert_eq!(found.findings.len(), active);
    assert!(found.findings.iter().all(|of| of.wrong == Wrong::PersonMissing));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 120, ..ProptestConfig::default() })]

    #[test]
    fn answers_agree_with_the_tables(seed: u64, preset in 0..PRESETS.len(), moved: bool,
                                     people in 3u64..12, rows in 0u64..100) {
        let world = World::random(seed, people, rows);
        let policy = if moved { policy(preset, seed) } else { Policy::preset(PRESETS[preset].0).unwrap() };
        let earliest = world.cases.iter().map(|case| case.confirmed).min().unwrap();
        prop_assume!(world.as_of.is_none_or(|as_of| as_of >= earliest));
        let dir = tempfile::tempdir().unwrap();
        let input = dir.path().join("in");
        std::fs::create_dir(&input).unwrap();
        world.write(&input);
        let question = asked(&world, &policy, &input);
        agree(&question, &everybody(&world));
        prices(&question);
        own_orders_are_right(&question, dir.path());
    }

    /// Who lacks minutes has them where fewer are asked for.
    #[test]
    fn fewer_minutes_make_a_contact_of_who_lacks_them(
        seed: u64, people in 3u64..12, rows in 20u64..100) {
        let world = World::random(seed, people, rows);
        let mut policy = Policy::preset("cn-2022-11").unwrap();
        // One threshold for all, so that it is the one that is named.
        (policy.exposure.min_minutes, policy.exposure.dense_min_minutes) = (60, 60);
        let earliest = world.cases.iter().map(|case| case.confirmed).min().unwrap();
        prop_assume!(world.as_of.is_none_or(|as_of| as_of >= earliest));
        let dir = tempfile::tempdir().unwrap();
        world.write(dir.path());
        let question = asked(&world, &policy, dir.path());
        for id in everybody(&world) {
            let not = why_not::why_not(&question, &id, None, &Silent).unwrap();
            let Some(miss) = not.misses.iter().find(|of| of.condition == Failed::TooShort) else { continue };
            let minutes = miss.is.unwrap() as u32 / 60;
            prop_assert!(minutes < 60);
            let mut looser = policy.clone();
            looser.exposure.min_minutes = minutes.max(1);
            let again = asked(&world, &looser, dir.path());
            let pairs = person::explain(&again, &id).unwrap().pairs;
            let pair = pairs.iter().find(|pair| pair.case_id == miss.case_id).unwrap();
            prop_assert_eq!(pair.qualifies, minutes >= 1);
            break;
        }
    }
}
