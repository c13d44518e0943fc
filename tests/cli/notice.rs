//! The tables that an export may have besides, and what comes of them.

use super::folder::{Scratch, files, trace};
use std::collections::BTreeSet;

const PLACES: &str = "place_id,kind,unit,building,compound,county\n\
    H1,residence,1,3,Rose,East\nH2,residence,2,3,Rose,East\nH3,residence,1,4,Rose,East\n\
    S1,shop,,,,East\nR1,hotel,2,H,Inn,East\nR2,hotel,2,H,Inn,East\nR3,hotel,3,H,Inn,East\n\
    L1,school,a,,School,East\nL2,school,b,,School,East\nW1,residence,1,1,West,West\n";
const CASES: &str = "person_id,onset,sampled,confirmed,isolated\n\
    C1,2022-11-08,2022-11-09 08:00,2022-11-09 20:00,2022-11-10 10:00\n";
const PERSONS: &str = "person_id,residence,county,groups,home_unfit\n\
    C1,H1,East,,\nP1,H1,East,老年人;透析,\nP2,H2,East,pregnant,是\nV1,,West,,\n";
const STAYS: &str = "person_id,start,end,place_id\n\
    C1,2022-11-08 10:00,2022-11-08 12:00,S1\nP2,2022-11-08 10:00,2022-11-08 12:00,S1\n\
    V1,2022-11-11 10:00,2022-11-11 12:00,S1\n";

fn export() -> Scratch {
    let scratch = Scratch::empty();
    scratch.write("cases.csv", CASES).write("places.csv", PLACES);
    scratch.write("persons.csv", PERSONS).write("trajectories.csv", STAYS);
    scratch
}

const AS_OF: [&str; 4] = ["--as-of", "2022-11-12", "--now", "2022-11-20"];

/// A run, and the rows of a table that begin with something.
#[track_caller]
fn rows(scratch: &Scratch, more: &[&str], table: &str, begin: &str) -> Vec<String> {
    let mut args = more.to_vec();
    if !args.contains(&"--as-of") {
        args.extend(AS_OF);
    }
    scratch.run(&args).succeeds();
    let text = scratch.read(table);
    let rows = text.lines().skip(1).filter(|row| row.starts_with(begin));
    rows.map(str::to_owned).collect()
}

/// In a city, everybody who left a closed loop or broke an order is found, and nobody else; the
/// threads and the order of rows do not matter.
#[test]
fn a_city_tells_who_broke_orders_and_nobody_else() {
    let scratch = Scratch::empty();
    let city = scratch.path("city");
    let dir = city.to_str().unwrap();
    let args = ["synth", "--output", dir, "--persons", "20000", "--days", "9", "--further"];
    trace(&args).succeeds();
    let run = |output: &str, threads: &str| {
        let output = scratch.path(output);
        let out = output.to_str().unwrap();
        let args = ["run", "--input", dir, "--output", out, "--threads", threads, "--visitors"];
        trace(&[&args[..], &["--policy", "cn-shanxi-2022-11"]].concat()).succeeds();
        files(&output)
    };
    let found = run("one", "1");
    let truth = |name: &str| -> BTreeSet<Vec<String>> {
        let text = std::fs::read_to_string(city.join("truth").join(name)).unwrap();
        let cells = |row: &str| row.split(',').map(|cell| cell.replace(' ', "T")).collect();
        text.lines().skip(1).map(cells).collect()
    };
    let ours = |name: &str, columns: &[usize]| -> BTreeSet<Vec<String>> {
        let cells = |row: &str| {
            let cells: Vec<&str> = row.split(',').collect();
            columns.iter().map(|&at| cells[at].replace("+08:00", "")).collect()
        };
        found[name].lines().skip(1).map(cells).collect()
    };
    let breaches = truth("breaches.csv");
    assert!(breaches.len() > 20);
    assert_eq!(ours("breaches.csv", &[0, 1, 2, 3, 4, 5]), breaches);
    let contacts = ours("bubble_contacts.csv", &[0, 1, 2, 4, 5]);
    assert_eq!(contacts, truth("bubble_contacts.csv"));
    // Who is from elsewhere and still there is stranded: may leave, unless they met a case.
    let there: BTreeSet<String> = ours("stranded.csv", &[0]).into_iter().flatten().collect();
    for row in truth("visitors.csv") {
        assert_eq!(there.contains(&row[0]), row[1] == "yes", "{row:?}");
    }
    assert_eq!(run("three", "3"), found);
    // A campus in cells: two runs alike, and cheaper than to close it.
    let cut = |threads: &str| {
        let args = ["partition", "--input", dir, "--compound", "Campus", "--json", "--quiet"];
        let ran = trace(&[&args[..], &["--threads", threads]].concat());
        ran.succeeds();
        ran.stdout
    };
    let campus: serde_json::Value = serde_json::from_str(&cut("1")).unwrap();
    assert_eq!(cut("3"), serde_json::to_string_pretty(&campus).unwrap() + "\n");
    let days = |of: &str| campus[of]["person_days"].as_u64().unwrap();
    assert!(days("closed_by_cells") > 0);
    assert!(days("closed_by_cells") * 2 <= days("closed_as_a_whole"), "{campus:#}");
    assert!(campus["moves_cut"].as_u64() < campus["moves"].as_u64().map(|moves| moves / 5));
}

#[test]
fn arrivals_have_one_plan_and_the_next_step() {
    let scratch = export();
    let arrivals = "人员编号,入境时间,采样时间,CT值,复核时间,复核CT值\n\
        A1,2022-11-08,,,,\nA2,2022-11-08,2022-11-11 10:00,37,,\n\
        A3,2022-11-08,2022-11-10 10:00,37,2022-11-11 10:00,36\nA4,2022-11-08,2022-11-11,30,,\n\
        P2,2022-11-10,,,,\nA5,2022-11-08,2022-11-11,3O,,\nA6,2022-11-30,,,,\n";
    scratch.write("入境人员.csv", arrivals);
    let shanxi = ["--policy", "cn-shanxi-2022-11"];
    let found = rows(&scratch, &shanxi, "arrivals.csv", "");
    let says = |id: &str, words: &[&str]| {
        let row = found.iter().find(|row| row.starts_with(&format!("{id},")));
        let row = row.unwrap_or_else(|| panic!("no {id} in {found:#?}"));
        words.iter().for_each(|word| assert!(row.contains(word), "{word}: {row}"));
    };
    says("A1", &["in_plan", "red", "central 2022-11-09..2022-11-13;home 2022-11-14..2022-11-16"]);
    says("A2", &[",retest,", ",retest,2022-11-12T10:00:00+08:00"]);
    says("A3", &["past_infection", "yellow"]);
    says("A4", &[",positive,,,,,,hospital,2022-11-11T00:00:00+08:00"]);
    // A Ct value that is no number is none: they stay in their plan, and the cell is told.
    says("A5", &["in_plan"]);
    assert!(scratch.read("rejects.csv").contains("ct,3O,bad_number,used"));
    // A contact of the 8th who entered on the 10th: one plan, the later one, both reasons; their
    // home is not fit.
    says("P2", &["arrival;close_contact", "central 2022-11-16..2022-11-18", "2022-11-19"]);
    let measures = scratch.read("measures.csv");
    let of = |id: &str| measures.lines().filter(|row| row.starts_with(id)).collect::<Vec<_>>();
    assert_eq!(of("P2,").len(), 1);
    assert!(of("P2,")[0].starts_with("P2,arrival,red,active,2022-11-10,"), "{}", of("P2,")[0]);
    assert!(of("P2,")[0].ends_with(",C1,"));
    assert!(of("A4,").is_empty() && of("A1,").len() == 1);
    // An entry that is still to come is no row that counts.
    assert!(!found.iter().any(|row| row.starts_with("A6")));
    assert!(scratch.read("rejects.csv").contains("entered,2022-11-30,in_future,left_out"));
    // The WHO's policy has no such plan.
    scratch.run(&["--policy", "who", "--now", "2022-11-20"]).succeeds();
    assert!(!scratch.output().join("arrivals.csv").exists());
}

#[test]
fn a_home_that_is_not_fit_means_central_isolation() {
    let found = rows(&export(), &[], "measures.csv", "P2,");
    assert!(found[0].contains("central 2022-11-09..2022-11-13;central 2022-11-14..2022-11-16"));
    let scratch = export();
    let input = scratch.input();
    let args = ["explain", "--input", input.to_str().unwrap(), "--person", "P2", "--quiet"];
    let ran = trace(&[&args[..], &["--lang", "en"]].concat());
    assert!(ran.stdout.contains("home not fit for isolation"), "{}", ran.stdout);
    assert!(ran.stdout.contains("home_unfit=是"), "{}", ran.stdout);
}

#[test]
fn key_people_of_a_zone_are_listed_with_what_they_need() {
    let scratch = export();
    let found = rows(&scratch, &[], "key_people.csv", "");
    assert_eq!(found, ["East/Rose/3/1,P1,老年人;透析,dialysis_transport;food;medicine;visit"]);
    let needs = scratch.read("needs.csv");
    assert!(needs.contains("East,Rose,East/Rose/3/1,透析,1,dialysis_transport;medicine"));
    // They are named where names are asked for, and nobody else of the building.
    assert!(!scratch.read("people.csv").contains("P9"));
    // Without names the groups are not read, and the run says what it could not answer.
    scratch.run(&[&AS_OF[..], &["--no-names"]].concat()).succeeds();
    assert!(!scratch.output().join("key_people.csv").exists());
    assert!(scratch.read("summary.json").contains("who in a zone needs help"));
}

#[test]
fn orders_are_held_against_stays() {
    let scratch = export();
    let orders = "person_id,kind,from,to,place_id\n\
        P2,居家隔离,2022-11-10,2022-11-16,\nC1,central,2022-11-09,2022-11-13,R1\n\
        Q2,central,2022-11-09,2022-11-13,R2\nQ3,central,2022-11-09,2022-11-13,R3\n\
        Q4,somewhere,2022-11-09,2022-11-13,R3\nQ5,home,2022-11-13,2022-11-09,R3\n";
    scratch.write("orders.csv", orders);
    let stays =
        format!("{STAYS}P2,2022-11-10 09:00,2022-11-10 09:30,S1\nP2,2022-11-10 09:30,,H2\n");
    scratch.write("trajectories.csv", stays);
    let found = rows(&scratch, &[], "breaches.csv", "");
    let start = "P2,home,elsewhere,S1,2022-11-10T09:00:00+08:00,2022-11-10T09:30:00+08:00,30,1";
    assert_eq!(found, [format!("{start},trajectories.csv:5,orders.csv:2,0,")]);
    let sites = scratch.read("isolation_contacts.csv");
    assert!(sites.contains("C1,Q2,floor,R2,") && sites.contains("C1,Q3,building,R3,"), "{sites}");
    let rejects = scratch.read("rejects.csv");
    assert!(rejects.contains("orders.csv,6,kind,somewhere,bad_value,left_out"));
    assert!(rejects.contains("orders.csv,7,to,2022-11-09,end_before_start,left_out"));
    // Without the table nothing is written of it, and the verdicts are the same.
    let before = scratch.read("measures.csv");
    std::fs::remove_file(scratch.input().join("orders.csv")).unwrap();
    scratch.run(&AS_OF).succeeds();
    assert_eq!(scratch.read("measures.csv"), before);
    assert!(!scratch.output().join("breaches.csv").exists());
    assert!(scratch.read("summary.json").contains("whether orders and closed loops were kept"));
}

#[test]
fn who_is_not_from_here_may_leave_or_is_monitored() {
    let scratch = export();
    let shanxi = ["--policy", "cn-shanxi-2022-11", "--visitors"];
    let found = rows(&scratch, &shanxi, "stranded.csv", "");
    let at = "2022-11-11T10:00:00+08:00,S1,trajectories.csv:4";
    assert_eq!(found, [format!("V1,West,East,yes,,,{at}")]);
    assert!(scratch.read("stranded_counties.csv").contains("West,East,1,1"));
    let travellers = scratch.read("travellers.csv");
    assert!(travellers.contains("V1,West,East,2022-11-11T10:00:00+08:00,S1,yes,2022-11-11,none,"));
    assert!(travellers.contains("2022-11-12;2022-11-13;2022-11-14,2022-11-15"), "{travellers}");
    // Whoever met the case stays, and is told why.
    let stays = format!("{STAYS}V1,2022-11-08 10:00,2022-11-08 12:00,S1\n");
    scratch.write("trajectories.csv", stays);
    let found = rows(&scratch, &shanxi, "stranded.csv", "");
    assert_eq!(found, [format!("V1,West,East,no,close_contact,,{at}")]);
    assert_eq!(scratch.read("travellers.csv").lines().count(), 1);
}

#[test]
fn the_clock_of_a_case_and_its_zone() {
    let scratch = export();
    scratch.write("风险区公布.csv", "风险区编号,公布时间\nEast/Rose/3/1,2022-11-10 09:00\n");
    let found = rows(&scratch, &["--policy", "cn-shanxi-2022-11"], "delays.csv", "C1,");
    // 32 hours to the sample, 12 to the confirmation, 14 to the isolation; 5 hours for the zone.
    assert!(found[0].contains(",32,12,14,58,2,East/Rose/3/1,"), "{}", found[0]);
    assert!(found[0].ends_with("announcement;isolation"), "{}", found[0]);
    assert!(scratch.read("delay_medians.csv").contains("East,2022-11-09,1,32,12,14,58,2,1"));
    let verdict = scratch.read("mass_testing.csv");
    assert!(verdict.contains("East,not_indicated,,1,1,100,1,1,4,2022-11-08,4,1,C1"), "{verdict}");
    let set = ["--set", "mass_testing.min_unlinked=1", "--set", "mass_testing.min_spread_days=4"];
    let found = rows(&scratch, &set, "mass_testing.csv", "East,");
    assert!(found[0].starts_with("East,unclear,long_spread;sources_unknown,"), "{}", found[0]);
}

#[test]
fn a_zone_waits_for_a_round_of_tests_where_the_policy_asks_for_it() {
    let scratch = export();
    let after = ["--as-of", "2022-11-16", "--now", "2022-11-20"];
    let zone = |more: &[&str]| {
        rows(&scratch, &[&after[..], more].concat(), "zones.csv", "East/")[0].clone()
    };
    // Five days after the 9th it is low.
    assert!(zone(&[]).starts_with("East/Rose/3/1,unit,low,"));
    let asked = ["--set", "zone.screening=true"];
    let open = zone(&asked);
    assert!(open.starts_with("East/Rose/3/1,unit,high,") && open.contains("2022-11-17"), "{open}");
    assert!(scratch.read("summary.json").contains("the last round of tests in a zone"));
    // P1 is the only one left there. A test too early does not count.
    let header = "风险区,人员编号,采样日期,结果\n";
    scratch.write("风险区筛查.csv", format!("{header}East/Rose/3/1,P1,2022-11-13,阴性\n"));
    assert!(zone(&asked).contains(",high,"));
    scratch.write("风险区筛查.csv", format!("{header}East/Rose/3/1,P1,2022-11-14,阴性\n"));
    let done = zone(&asked);
    assert!(done.contains(",low,") && done.contains("2022-11-15"), "{done}");
    // By place; and somebody was positive.
    let header = "place_id,person_id,date,result\n";
    scratch.write("风险区筛查.csv", format!("{header}H1,P1,2022-11-14,negative\n"));
    assert!(zone(&asked).contains(",low,"));
    scratch.write("风险区筛查.csv", format!("{header}H1,P1,2022-11-14,+\n"));
    scratch.run(&[&after[..], &asked].concat()).succeeds();
    assert!(scratch.read("rejects.csv").contains("result,+,bad_value,left_out"));
    scratch.write("风险区筛查.csv", format!("{header}H1,P1,2022-11-14,阳性\n"));
    assert!(zone(&asked).contains(",high,"));
}

#[test]
fn who_was_isolated_before_does_not_begin_the_days_anew() {
    let scratch = export();
    let later = format!("{CASES}P1,,2022-11-12 08:00,2022-11-12 12:00,2022-11-10 12:00\n");
    scratch.write("cases.csv", later);
    let as_of = ["--as-of", "2022-11-13", "--now", "2022-11-20"];
    let zone = |more: &[&str]| {
        rows(&scratch, &[&as_of[..], more].concat(), "zones.csv", "East/")[0].clone()
    };
    assert!(zone(&[]).contains(",2022-11-12,2022-11-18,"), "{}", zone(&[]));
    let set = ["--set", "zone.reset_excludes_isolated=true"];
    assert!(zone(&set).contains(",2022-11-09,2022-11-15,"), "{}", zone(&set));
    // By an order as by their own row.
    scratch.write("cases.csv", format!("{CASES}P1,,2022-11-12 08:00,2022-11-12 12:00,\n"));
    assert!(zone(&set).contains(",2022-11-12,"));
    scratch.write("orders.csv", "person_id,kind,from,to\nP1,home,2022-11-10,2022-11-17\n");
    assert!(zone(&set).contains(",2022-11-09,2022-11-15,"));
}

#[test]
fn a_class_is_a_zone_of_its_own_where_the_policy_says_so() {
    let scratch = export();
    let long = "C1,2022-11-08 13:00,2022-11-08 18:00,L1\n";
    let met: String =
        (0..6).map(|n| format!("K{n},2022-11-08 13:00,2022-11-08 18:00,L1\n")).collect();
    scratch.write("trajectories.csv", format!("{STAYS}{long}{met}"));
    let zones = |more: &[&str]| rows(&scratch, more, "zones.csv", "");
    assert!(zones(&[]).iter().any(|row| row.starts_with("place:L1,place,high,")));
    let set = ["--set", "zone.unit_kinds=[\"school\"]"];
    let found = zones(&set);
    assert!(found.iter().any(|row| row.starts_with("East/School/-/a,unit,high,")), "{found:#?}");
    // Nothing raises it to all units without a building.
    let expand = ["--expand", "building", "--because", "a test"];
    let found = zones(&[&set[..], &expand].concat());
    assert!(found.iter().any(|row| row.starts_with("East/School/-/a,unit,high,")), "{found:#?}");
}

#[test]
fn a_compound_that_nobody_knows_is_an_error() {
    let scratch = export();
    let input = scratch.input();
    let args = ["partition", "--input", input.to_str().unwrap(), "--compound"];
    trace(&[&args[..], &["Nowhere"]].concat()).fails(2, &["no compound is called `Nowhere`"]);
    let csv = scratch.path("cells.csv");
    let more = ["Rose", "--csv", csv.to_str().unwrap(), "--lang", "zh"];
    let ran = trace(&[&args[..], &more].concat());
    ran.succeeds();
    assert!(ran.stdout.contains("单元格"));
    let text = std::fs::read_to_string(csv).unwrap();
    assert!(text.starts_with("area,cell,suggestion,") && text.contains("East/Rose/3/1,"), "{text}");
}
