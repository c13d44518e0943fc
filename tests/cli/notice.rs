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
fn a_sample_counts_whichever_row_has_it() {
    let scratch = export();
    let header = "person_id,entered,sampled,ct,retested,retest_ct\n";
    let two = ["A1,2022-11-08,,,,", "A1,2022-11-08 09:00,2022-11-11 09:00,25,,"];
    let other = "A2,2022-11-08,2022-11-10 09:00,,2022-11-11 09:00,25";
    for order in [[two[0], two[1], other], [other, two[1], two[0]]] {
        scratch.write("arrivals.csv", format!("{header}{}\n", order.join("\n")));
        let found = rows(&scratch, &[], "arrivals.csv", "");
        assert!(
            found.len() == 2 && found.iter().all(|row| row.contains(",positive,")),
            "{found:#?}"
        );
    }
}

#[test]
fn people_of_the_other_lists_have_names_and_pseudonyms() {
    let scratch = export();
    let named = PERSONS.replace("groups,", "name,groups,").replace(",East,", ",East,李四,");
    scratch.write("persons.csv", named.replace(",West,", ",West,王五,"));
    let found = rows(&scratch, &["--visitors", "--names"], "stranded.csv", "V1,");
    assert!(found[0].ends_with(",王五,,,"), "{}", found[0]);
    scratch.write("arrivals.csv", "person_id,entered\nA1,2022-11-10\n");
    let key = scratch.path("key");
    std::fs::write(&key, "0123456789abcdef0123456789abcdef").unwrap();
    let pseudonyms = ["--visitors", "--pseudonyms", key.to_str().unwrap()];
    scratch.run(&[&AS_OF[..], &pseudonyms].concat()).succeeds();
    let lookup = std::fs::read_to_string(scratch.path("out.lookup.csv")).unwrap();
    assert!(lookup.contains(",V1\n") && lookup.contains(",A1\n"), "{lookup}");
}

#[test]
fn an_order_is_not_held_against_what_it_allows() {
    let scratch = export();
    let places = format!("{PLACES}H2b,residence,2,3,Rose,East\n")
        .replace("county\n", "county,lon,lat,radius_m\n");
    let places = places.replace("East\n", "East,,,\n").replace("West\n", "West,,,\n");
    scratch.write("places.csv", format!("{places}campus,works,,,,East,120.0,30.0,600\n"));
    let orders = "person_id,kind,from,to,place_id\n\
        P2,home,2022-11-09,2022-11-16,\nB1,bubble,2022-11-09,2022-11-16,campus\n\
        X1,central,2022-11-05,2022-11-09,\nX1,home,2022-11-10,2022-11-13,H3\n\
        X2,central,2022-11-06,2022-11-10,R1\nX2,home,2022-11-11,2022-11-13,H3\n\
        X3,home,2022-11-09,2022-11-11,H3\nX3,home,2022-11-10,2022-11-14,H3\n";
    scratch.write("orders.csv", orders);
    let header = "person_id,start,end,place_id,lon,lat\n";
    let stays = "C1,2022-11-08 10:00,2022-11-08 12:00,S1,,\n\
        P2,2022-11-10 09:00,2022-11-10 09:05,H2b,,\n\
        B1,2022-11-10 09:00,2022-11-10 10:00,,120.0,30.0024\n\
        X1,2022-11-09 12:00,2022-11-09 20:00,R1,,\n\
        X2,2022-11-06 00:00,2022-11-11 00:00,H3,,\n\
        X3,2022-11-10 09:00,2022-11-10 09:30,S1,,\n";
    scratch.write("trajectories.csv", format!("{header}{stays}"));
    let found = rows(&scratch, &[], "breaches.csv", "");
    let begin: Vec<String> =
        found.iter().map(|row| row.split(',').take(6).collect::<Vec<_>>().join(",")).collect();
    // Another door of one's own unit, the far end of the campus, an order without a place: nothing.
    // A long stay is no excuse until the day of the move; an order that was extended is one.
    let span = |from: &str, to: &str| format!("2022-11-{from}:00+08:00,2022-11-{to}:00+08:00");
    let expected = [
        format!("X2,central,elsewhere,H3,{}", span("06T00:00", "10T00:00")),
        format!("X3,home,elsewhere,S1,{}", span("10T09:00", "10T09:30")),
    ];
    assert_eq!(begin, expected);
}

#[test]
fn days_without_an_hour_make_nobody_late() {
    let scratch = export();
    let days = "person_id,onset,sampled,confirmed,isolated\n\
        C1,2022-11-08,2022-11-09,2022-11-09,2022-11-09\nC2,,2022-11-05,2022-11-09,2022-11-11\n";
    scratch.write("cases.csv", days);
    let found = rows(&scratch, &[], "delays.csv", "C");
    assert!(found[0].contains(",,,,,") && !found[0].ends_with("isolation"), "{}", found[0]);
    // Whole days are late all the same.
    assert!(found[1].ends_with(",confirmation;isolation"), "{}", found[1]);
}

#[test]
fn who_is_positive_goes_to_hospital_and_is_not_let_go() {
    let scratch = export();
    let header = "person_id,entered,sampled,ct\n";
    scratch.write("arrivals.csv", format!("{header}A1,2022-11-08,,\nA2,2022-11-08,,\n"));
    let day = |day: &'static str| ["--as-of", day, "--now", "2022-11-20"];
    let today = |day: &[&str]| {
        let rows = rows(&scratch, day, "today.csv", "");
        let mut tasks: Vec<String> = rows
            .iter()
            .map(|row| row.split(',').collect::<Vec<_>>())
            .filter(|cells| cells[3].starts_with('A'))
            .map(|cells| format!("{} {}", cells[0], cells[3]))
            .collect();
        tasks.sort();
        tasks
    };
    assert_eq!(today(&day("2022-11-11")), ["call A1", "call A2", "test A1", "test A2"]);
    let sampled = "A1,2022-11-08,2022-11-11 09:00,30\nA2,2022-11-08,2022-11-11 09:00,37\n";
    scratch.write("arrivals.csv", format!("{header}{sampled}"));
    // The 12th is no day of a test: A2 is tested because the sample is taken again.
    assert_eq!(today(&day("2022-11-12")), ["hospital A1", "test A2"]);
    let page = scratch.run(&[&day("2022-11-12")[..], &["--lang", "en"]].concat());
    page.succeeds();
    assert!(scratch.read("report.html").contains("take 1 person to hospital"));
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
    let start =
        "P2,home,elsewhere,S1,2022-11-10T09:00:00+08:00,2022-11-10T09:30:00+08:00,first_day";
    assert_eq!(found, [format!("{start},30,1,trajectories.csv:5,orders.csv:2,0,")]);
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
    assert!(!scratch.read("checks.csv").contains("unknown_zone"));
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
    scratch.write("风险区筛查.csv", format!("{header}East/Rose,P1,2022-11-14,阴性\n"));
    assert!(zone(&asked).contains(",high,"));
    let checks = scratch.read("checks.csv");
    assert!(
        checks.contains("unknown_zone,screenings,,,East/Rose,,1,no zone of this run"),
        "{checks}"
    );
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
fn one_name_of_compounds_in_two_counties_is_asked_for() {
    let scratch = export();
    scratch.write("places.csv", format!("{PLACES}W2,residence,1,1,Rose,West\n"));
    let input = scratch.input();
    let args = ["partition", "--input", input.to_str().unwrap(), "--compound"];
    trace(&[&args[..], &["Rose"]].concat()).fails(2, &["East/Rose, West/Rose"]);
    trace(&[&args[..], &["West/Rose"]].concat()).succeeds();
}

/// Exports of venues have no rows at home: who is recorded as living there counts all the same.
#[test]
fn the_cell_where_a_case_lives_is_not_left_open() {
    let scratch = export();
    let input = scratch.input();
    let args = ["partition", "--input", input.to_str().unwrap(), "--compound", "Rose", "--json"];
    let ran = trace(&[&args[..], &AS_OF].concat());
    ran.succeeds();
    let rose: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    let cell = |area: &str| {
        let all = rose["cells"].as_array().unwrap().iter();
        let cell = all.clone().find(|of| of["areas"].as_array().unwrap().contains(&area.into()));
        let cell = cell.unwrap_or_else(|| panic!("{area}: {rose:#}"));
        let [suggestion, persons] = ["suggestion", "persons"].map(|name| cell[name].to_string());
        (suggestion, persons, cell["case_ids"].to_string())
    };
    let close = |suggestion: &str, persons: &str, cases: &str| {
        (format!("{suggestion:?}"), persons.to_owned(), cases.to_owned())
    };
    assert_eq!(cell("East/Rose/3/1"), close("close", "2", "[\"C1\"]"));
    assert_eq!(cell("East/Rose/3/2"), close("watch", "1", "[]"));
    assert_eq!(cell("East/Rose/4/1"), close("open", "0", "[]"));
    assert_eq!(rose["closed_by_cells"]["persons"], 2);
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
