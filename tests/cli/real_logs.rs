//! Small exports of the kinds that real systems write, and the verdicts that are right for them.

use super::folder::{CASES, STAYS, Scratch};

const CASE: &str = "person_id,onset,confirmed,isolated\nC,2022-11-08,2022-11-09 10:00:00,\n";

/// What a run says of these tables: (close contacts, venue-exposed people), each as `id,…` rows.
fn verdicts(tables: &[(&str, &str)], more: &[&str]) -> (Scratch, Vec<String>, Vec<String>) {
    let scratch = Scratch::empty();
    scratch.write("cases.csv", CASE);
    for (table, text) in tables {
        scratch.write(&format!("{table}.csv"), text);
    }
    scratch.run(more).succeeds();
    let rows = |name: &str| scratch.read(name).lines().skip(1).map(str::to_owned).collect();
    let (close, venue) = (rows("contacts.csv"), rows("venue_exposed.csv"));
    (scratch, close, venue)
}

fn ids(rows: &[String]) -> Vec<&str> {
    rows.iter().map(|row| row.split(',').next().unwrap()).collect()
}

/// Positions of two people every five minutes for half an hour, so many degrees of latitude apart.
fn pings(apart: f64) -> String {
    let mut text = "person_id,time,lon,lat\n".to_owned();
    for minute in (0..35).step_by(5) {
        for (person, lat) in [("C", 30.28), ("P", 30.28 + apart)] {
            text.push_str(&format!("{person},2022-11-08 09:{minute:02}:00,120.15,{lat:.6}\n"));
        }
    }
    text
}

#[test]
fn sparse_positions_are_held_while_nobody_moves() {
    let (scratch, close, _) = verdicts(&[("trajectories", &pings(0.00005))], &[]);
    assert_eq!(ids(&close), ["P"]);
    // Thirty minutes, and the minute of the last position.
    assert!(scratch.read("exposures.csv").contains(",1860,1860,1,gps,"));
    let (_, close, venue) = verdicts(&[("trajectories", &pings(0.00063))], &[]);
    assert!(close.is_empty() && venue.is_empty(), "70 m apart");
}

/// Somebody who walks past every place is at none of them for long.
#[test]
fn a_walker_is_not_where_they_were() {
    let mut text = pings(0.00005);
    text = text.lines().filter(|row| !row.starts_with('P')).collect::<Vec<_>>().join("\n");
    for minute in 0..20 {
        let lat = 30.27 + f64::from(minute) * 0.001;
        text.push_str(&format!("\nP,2022-11-08 09:{minute:02}:00,120.15,{lat:.6}"));
    }
    let (_, close, venue) = verdicts(&[("trajectories", &text)], &[]);
    assert!(close.is_empty());
    assert_eq!(venue, ["P,1,C,2022-11-08T09:11:00+08:00,1,gps,"]);
}

/// A door without a check-out: who checks in elsewhere five minutes later was there for five
/// minutes.
#[test]
fn a_check_in_ends_at_the_next_one() {
    let text = "person_id,time,place_id\n\
                C,2022-11-08 09:00:00,SHOP\nC,2022-11-08 09:40:00,HOME\n\
                P,2022-11-08 09:10:00,SHOP\nP,2022-11-08 09:15:00,BUS\n\
                Q,2022-11-08 09:10:00,SHOP\n";
    let (scratch, close, venue) = verdicts(&[("trajectories", text)], &[]);
    assert_eq!((ids(&close), ids(&venue)), (vec!["Q"], vec!["P"]));
    let proof = "C,P,venue,SHOP,2022-11-08T09:10:00+08:00,2022-11-08T09:15:00+08:00,\
                 trajectories.csv:2,trajectories.csv:4";
    assert!(scratch.read("evidence.csv").contains(proof), "{}", scratch.read("evidence.csv"));
}

#[test]
fn a_diary_of_dates_isolates_nobody_unless_the_policy_says_so() {
    let text = "person_id,time,place_id\nC,2022-11-08,MALL\nP,2022-11-08,MALL\nQ,2022-11-07,MALL\n";
    let (scratch, close, venue) = verdicts(&[("trajectories", text)], &[]);
    assert!(close.is_empty());
    assert_eq!(venue, ["P,1,C,2022-11-09T00:00:00+08:00,0,date_only,MALL"]);
    let policy =
        std::str::from_utf8(include_bytes!("../../src/policy/presets/cn-2022-11.toml")).unwrap();
    let policy = policy.replace("date_only_counts = false", "date_only_counts = true");
    std::fs::write(scratch.path("days.toml"), policy).unwrap();
    let path = scratch.path("days.toml");
    scratch.run(&["--policy", path.to_str().unwrap()]).succeeds();
    assert!(scratch.read("contacts.csv").contains("P,1,1,C,2022-11-08T00:00:00+08:00"));
}

/// So many people who report the coordinate of one mast, for twenty minutes.
fn at_a_mast(people: usize) -> String {
    let mut text = "person_id,start,end,lon,lat\n".to_owned();
    for n in 0..people {
        let person = if n == 0 { "C".to_owned() } else { format!("F{n}") };
        text.push_str(&format!(
            "{person},2022-11-08 09:00:00,2022-11-08 09:20:00,120.150000,30.280000\n"
        ));
    }
    text
}

#[test]
fn people_at_a_mast_or_in_a_mall_are_not_isolated() {
    let (_, close, venue) = verdicts(&[("trajectories", &at_a_mast(21))], &[]);
    assert_eq!((close.len(), venue.len()), (0, 20));
    assert!(venue.iter().all(|row| row.ends_with(",0,shared_position,")), "{venue:?}");
    let (_, close, _) = verdicts(&[("trajectories", &at_a_mast(20))], &[]);
    assert_eq!(close.len(), 19);
    let mall =
        at_a_mast(102).replace("lon,lat", "place_id,note").replace("120.150000,30.280000", "MALL,");
    let (_, close, venue) = verdicts(&[("trajectories", &mall)], &[]);
    assert_eq!((close.len(), venue.len()), (0, 101));
    assert!(venue.iter().all(|row| row.ends_with(",0,crowd,MALL")), "{venue:?}");
    // Where people crowd by nature, to be there is enough.
    let dense = ("places", "place_id,dense\nMALL,1\n");
    let (_, close, _) = verdicts(&[("trajectories", &mall), dense], &[]);
    assert_eq!(close.len(), 101);
}

#[test]
fn a_dormitory_is_no_household() {
    let persons = |people: usize| {
        let rows = (1..people).map(|n| format!("D{n},DORM\n")).collect::<String>();
        format!("person_id,residence\nC,DORM\n{rows}")
    };
    let stays = ("trajectories", STAYS);
    let (_, close, _) = verdicts(&[stays, ("persons", &persons(12))], &[]);
    assert_eq!(close.len(), 11);
    let (scratch, close, venue) = verdicts(&[stays, ("persons", &persons(13))], &[]);
    assert!(close.is_empty() && venue.is_empty());
    // Too wide to be a home, and to be a zone; and it is said.
    assert_eq!(scratch.read("zones.csv").lines().count(), 1);
    assert!(scratch.read("checks.csv").contains("home_of_many,persons,persons.csv,2,C,DORM,13,"));
}

/// Dates that cannot be neither empty a window nor open it for a year.
#[test]
fn odd_dates_of_a_case_are_set_aside_and_listed() {
    for (onset, isolated, check) in [
        ("2021-11-08", "", "onset_set_aside"),
        ("2022-12-08", "", "onset_set_aside"),
        ("2022-11-08", "1970-01-01", "isolated_set_aside"),
        ("2022-11-08", "2022-11-06 00:00:00", "isolated_set_aside"),
        ("2022-11-08", "9999-12-31", "isolated_set_aside"),
    ] {
        let cases = format!(
            "person_id,onset,confirmed,isolated\nC1,{onset},2022-11-09 09:00:00,{isolated}\n"
        );
        let scratch = Scratch::small();
        scratch.write("cases.csv", cases);
        // Long after, nobody's window is open any more.
        let late = "L1,2022-11-08 10:30:00,2022-11-08 10:35:00,V9\n\
                    C1,2022-11-20 10:00:00,2022-11-20 11:00:00,V9\n\
                    L2,2022-11-20 10:00:00,2022-11-20 11:00:00,V9\n";
        scratch.write("trajectories.csv", format!("{STAYS}{late}"));
        scratch.run(&["--as-of", "2022-12-09"]).succeeds();
        let contacts = scratch.read("contacts.csv");
        assert!(
            contacts.contains("P1,") && !contacts.contains("L2,"),
            "{onset} {isolated}: {contacts}"
        );
        let checks = scratch.read("checks.csv");
        assert!(checks.contains(&format!("{check},cases,cases.csv,2,C1,")), "{checks}");
    }
}

#[test]
fn a_second_illness_is_not_dropped() {
    let scratch = Scratch::small();
    let first = "C1,2022-03-01,,2022-03-02 09:00:00,2022-03-02 12:00:00\n";
    scratch.write("cases.csv", format!("{CASES}{first}"));
    let ran = scratch.run(&[]);
    ran.succeeds();
    assert!(scratch.read("contacts.csv").contains("P1,"));
    assert_eq!(scratch.read("rejects.csv").lines().count(), 1);
    assert!(
        ran.stdout.contains("cases: 2 rows, 1 used, 1 of an earlier episode"),
        "{}",
        ran.stdout
    );
    // In spring the second one was not known.
    scratch.run(&["--as-of", "2022-03-05"]).succeeds();
    assert_eq!(scratch.read("contacts.csv").lines().count(), 1);
    assert!(scratch.read("summary.json").contains("\"earlier_episode\": 0"));
}

/// Two phones that saw each other every four minutes were together; a faint signal is nobody near.
#[test]
fn sightings_are_held_until_the_next_one() {
    let row = |other: &str, minute: u32, rssi: i32| {
        format!("C,{other},2022-11-08 09:{minute:02}:00,0,{rssi}\n")
    };
    let mut text = "person_a,person_b,start,seconds,rssi\n".to_owned();
    for minute in (0..16).step_by(4) {
        text.push_str(&row("P", minute, -60));
        text.push_str(&row("Q", minute, -90));
    }
    text.push_str(&row("R", 0, -60));
    let (scratch, close, venue) = verdicts(&[("colocations", &text)], &[]);
    assert_eq!((ids(&close), ids(&venue)), (vec!["P"], vec!["R"]));
    assert!(scratch.read("exposures.csv").contains(",780,780,1,proximity,"));
}

/// A phone without a fix is not off the coast of Africa, and `NULL` is no place where everybody
/// met.
#[test]
fn words_and_positions_that_mean_nothing() {
    let text = "person_id,start,end,place_id,lon,lat,accuracy_m\n\
                C,2022-11-08 09:00:00,2022-11-08 10:00:00,,0,0,\n\
                P,2022-11-08 09:00:00,2022-11-08 10:00:00,,0.0,0.0,\n\
                C,2022-11-08 11:00:00,2022-11-08 12:00:00,NULL,,,\n\
                P,2022-11-08 11:00:00,2022-11-08 12:00:00,NULL,,,\n\
                C,2022-11-08 13:00:00,2022-11-08 14:00:00,不详,120,30,5\n\
                P,2022-11-08 13:00:00,2022-11-08 14:00:00,-,120,30,-1\n";
    let (scratch, close, venue) = verdicts(&[("trajectories", text)], &[]);
    assert!(close.is_empty() && venue.is_empty());
    let missing = "trajectories.csv,4,place_id,,missing_value,left_out";
    assert!(scratch.read("rejects.csv").contains(missing));
    assert!(scratch.read("summary.json").contains("\"inaccurate\": 3"));
}

/// Two cases who each called once at a shop make no zone of it; one who frequents it does, and
/// whoever was there has their row in `presence.csv`.
#[test]
fn a_zone_needs_one_case_that_frequents_it() {
    let cases = "person_id,onset,confirmed\nC,2022-11-08,2022-11-09 10:00:00\n\
                 D,2022-11-08,2022-11-09 10:00:00\n";
    let mut stays = "person_id,start,end,place_id\n".to_owned();
    for (person, start, end) in [
        ("C", "2022-11-08 09:00:00", "2022-11-08 09:30:00"),
        ("D", "2022-11-07 09:00:00", "2022-11-07 09:30:00"),
        ("V", "2022-11-08 20:00:00", "2022-11-08 21:00:00"),
    ] {
        stays.push_str(&format!("{person},{start},{end},SHOP\n"));
    }
    for n in 0..5 {
        stays.push_str(&format!("P{n},2022-11-08 09:00:00,2022-11-08 09:30:00,SHOP\n"));
    }
    let scratch = Scratch::empty();
    scratch.write("cases.csv", cases).write("trajectories.csv", &stays);
    scratch.run(&[]).succeeds();
    assert_eq!(scratch.read("zones.csv").lines().count(), 1);
    assert!(!scratch.read("measures.csv").contains("spillover"));
    stays.push_str("C,2022-11-06 09:00:00,2022-11-06 09:30:00,SHOP\n");
    scratch.write("trajectories.csv", &stays);
    scratch.run(&[]).succeeds();
    let zones = scratch.read("zones.csv");
    let zone =
        "place:SHOP,place,high,,,,,SHOP,activity,1,C,2,60,5,0,0,6,2022-11-06T09:00:00+08:00,";
    assert!(zones.contains(zone), "{zones}");
    let presence =
        "V,place:SHOP,SHOP,2022-11-08T20:00:00+08:00,2022-11-08T21:00:00+08:00,trajectories.csv:4";
    assert!(scratch.read("presence.csv").contains(presence), "{}", scratch.read("presence.csv"));
}

#[test]
fn authorities_without_zones_draw_none_and_speak_of_none() {
    for policy in ["who", "cdc", "ecdc"] {
        let scratch = Scratch::small();
        scratch.write("persons.csv", "person_id,residence\nC1,V1\n");
        let ran = scratch.run(&["--policy", policy]);
        ran.succeeds();
        assert_eq!(scratch.read("zones.csv").lines().count(), 1);
        assert!(
            !ran.stdout.contains("zones") && !ran.stdout.contains("spillover"),
            "{}",
            ran.stdout
        );
        let expand = ["--policy", policy, "--expand", "building", "--because", "wide spread"];
        scratch.run(&expand).fails(2, &["draws no zones"]);
    }
}

/// Where two stays are alike but for the place, and two points for the id, the order is that of the
/// ids.
#[test]
fn the_order_of_rows_does_not_show_in_what_a_report_keeps() {
    let kept = |reversed: bool| {
        let scratch = Scratch::empty();
        scratch.write("cases.csv", CASE);
        let mut stays = ["C,2022-11-08 09:00:00,X", "C,2022-11-08 09:00:00,Y"];
        let mut places = ["X,3,K,120.1,30.1", "Y,3,K,120.2,30.2"];
        if reversed {
            stays.reverse();
            places.reverse();
        }
        scratch
            .write("trajectories.csv", format!("person_id,start,place_id\n{}\n", stays.join("\n")));
        let header = "place_id,building,county,lon,lat";
        scratch.write("places.csv", format!("{header}\n{}\n", places.join("\n")));
        scratch.write("persons.csv", "person_id,residence\nC,X\n");
        scratch.run(&[]).succeeds();
        scratch.read("report.json")
    };
    assert_eq!(kept(false), kept(true));
}

#[test]
fn odd_onsets_stretch_no_curve_and_years_have_four_digits() {
    let scratch = Scratch::small();
    scratch.write(
        "cases.csv",
        "person_id,onset,confirmed,isolated\nC1,1022-11-08,2022-11-09,9999-12-31\n",
    );
    scratch.run(&[]).succeeds();
    assert!(scratch.read("report.json").contains("\"onset\":null"));
    let checks = scratch.read("checks.csv");
    assert!(checks.contains("isolated_set_aside,cases,cases.csv,2,C1,9999-12-3"), "{checks}");
    let ran = scratch.run(&["--lang", "zh"]);
    assert!(ran.stdout.contains("2 项请在处置前核对：见 checks.csv"), "{}", ran.stdout);
}

/// Exports that repeat their rows, and crowds at one moment, take no time of their own.
#[test]
fn rows_alike_by_the_thousand_are_told_once() {
    let mut rows = "person_a,person_b,start,seconds\n".to_owned();
    let mut stays = "person_id,start,place_id\n".to_owned();
    for n in 0..40_000 {
        let hour = 8 + n % 2;
        rows.push_str(&format!("C,P,2022-11-08 {hour:02}:00:00,0\n"));
        stays.push_str(&format!(
            "{},2022-11-08 {hour:02}:10:00,V{hour}\n",
            if n % 4 < 2 { "C" } else { "P" }
        ));
    }
    let (scratch, close, _) = verdicts(&[("colocations", &rows), ("trajectories", &stays)], &[]);
    assert_eq!(ids(&close), ["P"]);
    assert_eq!(scratch.read("evidence.csv").lines().count(), 5);
}

#[test]
fn a_policy_that_was_changed_says_so() {
    let scratch = Scratch::small();
    let policy = include_str!("../../src/policy/presets/who.toml")
        .replace("min_minutes = 15", "min_minutes = 20");
    let path = scratch.path("mine.toml");
    std::fs::write(&path, &policy).unwrap();
    let ran = scratch.run(&["--policy", path.to_str().unwrap()]);
    ran.succeeds();
    assert!(ran.stdout.contains("policy who (changed)"), "{}", ran.stdout);
    let summary: serde_json::Value = serde_json::from_str(&scratch.read("summary.json")).unwrap();
    let sources = summary["policy"]["sources"].as_object().unwrap();
    assert!(
        !sources.contains_key("exposure.min_minutes")
            && !sources.contains_key("exposure.dense_min_minutes")
    );
    assert!(sources.contains_key("exposure.window_hours"));
    // A copy that was not changed is what it says it is.
    std::fs::write(&path, include_str!("../../src/policy/presets/who.toml")).unwrap();
    let ran = scratch.run(&["--policy", path.to_str().unwrap()]);
    assert!(ran.stdout.contains("policy who\n"), "{}", ran.stdout);
}

#[test]
fn as_of_now_and_today_are_by_the_clock_and_later_rows_are_said() {
    let scratch = Scratch::small();
    let as_of = |more: &[&str]| {
        scratch.run(more).succeeds();
        let summary: serde_json::Value =
            serde_json::from_str(&scratch.read("summary.json")).unwrap();
        summary["as_of"].as_str().unwrap().to_owned()
    };
    let now = ["--now", "2022-11-20 08:30"];
    assert_eq!(as_of(&["--as-of", "now", now[0], now[1]]), "2022-11-20T08:30:00+08:00");
    assert_eq!(as_of(&["--as-of", "today", now[0], now[1]]), "2022-11-21T00:00:00+08:00");
    assert!(as_of(&["--as-of", "today"]).as_str() > "2026-01-01");
    scratch.run(&["--as-of", "soon"]).fails(2, &["`soon`", "'now' or 'today'"]);
    let late = format!("{STAYS}P9,2022-11-15 10:00:00,2022-11-15 11:00:00,V1\n");
    scratch.write("trajectories.csv", late);
    let ran = scratch.run(&now);
    ran.succeeds();
    let says = "1 rows lie after that and do not count; it is 10 days ago";
    assert!(ran.stdout.contains(says), "{}", ran.stdout);
    assert!(!scratch.run(&["--as-of", "today", now[0], now[1]]).stdout.contains("days ago"));
}
