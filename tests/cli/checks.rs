//! `trace check`: what is wrong with an export, how much of it, and where.

use super::folder::{CASES, Ran, STAYS, Scratch, trace};

fn check(scratch: &Scratch, more: &[&str]) -> Ran {
    let (input, csv) = (scratch.input(), scratch.path("checks.csv"));
    let mut args = vec!["check", "--input", input.to_str().unwrap(), "--lang", "en"];
    args.extend(["--csv", csv.to_str().unwrap()]);
    args.extend(more);
    trace(&args)
}

/// The lines of `checks.csv` of a kind.
fn found(scratch: &Scratch, kind: &str) -> Vec<String> {
    let ran = check(scratch, &[]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let text = std::fs::read_to_string(scratch.path("checks.csv")).unwrap();
    text.lines().filter(|line| line.starts_with(&format!("{kind},"))).map(str::to_owned).collect()
}

#[track_caller]
fn finds(scratch: &Scratch, kind: &str, says: &[&str]) {
    let lines = found(scratch, kind);
    assert!(!lines.is_empty(), "no {kind}");
    for part in says {
        assert!(lines.iter().any(|line| line.contains(part)), "`{part}` is not in {lines:?}");
    }
}

/// An export in which all is well: five days with sixty rows each.
fn healthy() -> Vec<String> {
    let of_day = |day: u32| {
        let row = |n: u32| {
            let minute = n % 60;
            format!(
                "Q{n:03},2022-11-{day:02} 08:{minute:02}:00,2022-11-{day:02} 09:{minute:02}:00,V{}\n",
                n % 7
            )
        };
        (0..60).map(row).collect()
    };
    (5..10).map(of_day).collect()
}

fn with(days: &[String]) -> Scratch {
    let scratch = Scratch::empty();
    scratch.write("cases.csv", CASES);
    let stays = STAYS.replace("V1", "V0");
    scratch.write("trajectories.csv", stays + &days.concat());
    scratch
}

#[test]
fn a_healthy_export_can_be_used() {
    let ran = check(&with(&healthy()), &[]);
    ran.succeeds();
    assert!(ran.stdout.ends_with("verdict: can be used\n"), "{}", ran.stdout);
    let ran = check(&with(&healthy()), &["--json"]);
    let json: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(json["verdict"], "can be used");
    assert_eq!(json["files"][1]["rows"], 304);
    let healthy = with(&healthy());
    let zh = trace(&["check", "--input", healthy.input().to_str().unwrap(), "--lang", "zh"]);
    assert!(zh.stdout.ends_with("结论：可以使用\n"), "{}", zh.stdout);
}

#[test]
fn days_that_are_lost_and_days_far_away() {
    let mut days = healthy();
    days.remove(2);
    finds(&with(&days), "day_without_rows", &["2022-11-07,0,"]);
    let mut days = healthy();
    let end = days[1].match_indices('\n').nth(2).unwrap().0 + 1;
    days[1].truncate(end);
    finds(&with(&days), "day_of_few_rows", &["2022-11-06,3,"]);
    let mut days = healthy();
    days[0] += "Q1,1970-01-20 08:00:00,1970-01-20 09:00:00,V1\n";
    let scratch = with(&days);
    finds(&scratch, "dates_far_away", &["trajectories.csv", "1970-01-20,1,"]);
    assert!(found(&scratch, "day_without_rows").is_empty());
    let ran = check(&scratch, &[]);
    assert!(ran.stdout.contains("! dates_far_away (1): rows lie far"), "{}", ran.stdout);
    assert!(ran.stdout.contains("verdict: can be used with care"), "{}", ran.stdout);
}

#[test]
fn parts_that_are_written_otherwise() {
    let days = healthy();
    let header = STAYS.lines().next().unwrap();
    let parts = |change: fn(&str) -> String| {
        let scratch = Scratch::empty();
        scratch.write("cases.csv", CASES);
        for (n, day) in days.iter().enumerate() {
            let text = format!(
                "{header}\n{}{day}",
                if n == 3 { STAYS.split_once('\n').unwrap().1 } else { "" }
            );
            let text = if n == 1 { change(&text) } else { text };
            scratch.write(&format!("trajectories-{n}.csv"), text);
        }
        scratch
    };
    finds(&parts(|text| text.replace('Q', "")), "ids_change_shape", &["trajectories-1.csv"]);
    finds(&parts(|text| text.replace(",end,", ",gone,")), "ends_missing", &["trajectories-1.csv"]);
    // Where a row is known by its position, a renamed place is no loss that a reject would tell.
    let renamed = parts(|text| {
        let (header, rows) = text.split_once('\n').unwrap();
        let rows = rows.lines().map(|row| format!("{row},120.1,30.1\n")).collect::<String>();
        format!("{},lon,lat\n{rows}", header.replace("place_id", "spot"))
    });
    finds(&renamed, "column_blank_in_part", &["trajectories-1.csv,,,place_id,60,"]);
    assert!(found(&parts(str::to_owned), "column_blank_in_part").is_empty());
    assert!(found(&parts(str::to_owned), "ids_change_shape").is_empty());
    let scratch = parts(str::to_owned);
    scratch.write("trajectories_old.csv", STAYS);
    finds(&scratch, "old_copy", &["trajectories_old.csv"]);
}

#[test]
fn people_and_ids_that_cannot_be() {
    let mut days = healthy();
    days[4] += "P9,2022-11-08 08:00:00,2022-11-08 12:00:00,V1\nP9,2022-11-08 09:00:00,2022-11-08 10:00:00,V2\n";
    days[4] += "访客,2022-11-08 08:00:00,2022-11-08 12:00:00,V1\n";
    days[4] += "c 01,2022-11-08 08:00:00,2022-11-08 12:00:00,V1\n";
    let scratch = with(&days);
    finds(&scratch, "two_places_at_once", &["P9,1 of"]);
    finds(&scratch, "id_of_anybody", &["访客"]);
    finds(&scratch, "ids_alike", &["C1,c 01,2,"]);
    // A run tells pairs that it met.
    scratch.run(&[]).succeeds();
    let stays = STAYS.replace("P2,", "p01,");
    scratch.write("trajectories.csv", stays);
    let ran = scratch.run(&["--lang", "en"]);
    assert!(scratch.read("checks.csv").contains("ids_alike,persons,,,P1,p01,2,"));
    assert!(ran.stdout.contains("! ids_alike (2)"), "{}", ran.stdout);
}

#[test]
fn places_and_positions_that_say_little() {
    let scratch = with(&healthy());
    scratch.write("places.csv", "place_id\nV0\nV1\nV2\n");
    finds(&scratch, "places_unknown", &["4 places,", " of 304 stays"]);
    let mut stays = "person_id,start,lon,lat\nC1,2022-11-08 10:00:00,120.1551,30.2741\n".to_owned();
    for n in 0..80 {
        stays += &format!("Q{n},2022-11-08 10:00:{:02},120.155,30.274\n", n % 60);
    }
    let scratch = Scratch::empty();
    scratch.write("cases.csv", CASES).write("trajectories.csv", &stays);
    finds(&scratch, "one_coordinate", &["\"120.155,30.274\",80,"]);
    finds(&scratch, "positions_coarse", &[",80,"]);
    let exchanged = stays.replace("lon,lat", "lat,lon");
    scratch.write("trajectories.csv", exchanged);
    let ran = check(&scratch, &[]);
    assert_eq!(ran.code, 4);
    assert!(ran.stdout.contains("! lon_lat_exchanged (81)"), "{}", ran.stdout);
    assert!(ran.stdout.contains("verdict: cannot be used as it is"), "{}", ran.stdout);
}

#[test]
fn cases_of_whom_nothing_is_known() {
    let negative = "person_id,confirmed,检测结果\nC1,2022-11-09 09:00,阳性\nC2,2022-11-09,阴性\n";
    let scratch = Scratch::small();
    scratch.write("cases.csv", negative);
    finds(&scratch, "negative_results", &["cases.csv", "检测结果,1,"]);
    let scratch = Scratch::small();
    scratch.write("cases.csv", format!("{CASES}C2,2022-11-08,,2022-11-09 09:00:00,\n"));
    finds(&scratch, "case_without_rows", &["cases.csv,3,C2,,0,"]);
    scratch.run(&[]).succeeds();
    assert!(scratch.read("checks.csv").contains("case_without_rows,cases,cases.csv,3,C2,"));
}

#[test]
fn stays_and_places_that_may_be_slips() {
    let endless = STAYS.replacen("2022-11-08 11:00:00,V1", "9999-12-31 23:59:59,V1", 1);
    let scratch = Scratch::empty();
    scratch.write("cases.csv", CASES).write("trajectories.csv", &endless);
    finds(&scratch, "long_stays", &["trajectories.csv,2,"]);
    scratch.run(&["--as-of", "2022-11-20"]).succeeds();
    let checks = scratch.read("checks.csv");
    assert!(checks.contains("long_stay,trajectories,trajectories.csv,2,C1,"), "{checks}");
    let blanks = STAYS.replacen(
        "P1,2022-11-08 10:30:00,2022-11-08 12:00:00,V1",
        "P1,2022-11-08 10:30:00,2022-11-08 12:00:00,v 01",
        1,
    );
    let scratch = Scratch::empty();
    scratch.write("cases.csv", CASES).write("trajectories.csv", blanks);
    finds(&scratch, "places_alike", &["V1,v 01,2,"]);
    // A part of another year, however small.
    let scratch = with(&healthy());
    scratch.write("trajectories-2.csv", STAYS.replace("2022", "2021"));
    finds(&scratch, "dates_far_away", &["trajectories-2.csv"]);
    finds(&scratch, "days", &["2022-11-05 to 2022-11-09", "2021-11-08 to 2021-11-08"]);
}

#[test]
fn homes_positions_and_parts() {
    let scratch = with(&healthy());
    let persons: String =
        (0..40).map(|n| format!("Q{n:03},{}\n", if n < 30 { "宿舍" } else { "H1" })).collect();
    scratch.write("persons.csv", format!("person_id,residence\n{persons}"));
    finds(&scratch, "homes_of_many", &[",1 homes,30,"]);
    // Exchanged where both are less than 90.
    let scratch = Scratch::empty();
    scratch
        .write("cases.csv", CASES)
        .write("places.csv", "place_id,lon,lat,radius_m\nV1,10.2,50.1,30\n");
    let stays = |header: &str| {
        format!("person_id,start,{header}\nC1,2022-11-08 10:00:00,10.2001,50.1001\n")
    };
    scratch.write("trajectories.csv", stays("lat,lon"));
    finds(&scratch, "lon_lat_exchanged", &[",1,"]);
    scratch.write("trajectories.csv", stays("lon,lat"));
    assert!(found(&scratch, "lon_lat_exchanged").is_empty());
    // A day that one of two parts lacks.
    let days = healthy();
    let scratch = with(&days);
    let part = [&days[..2], &days[3..]].concat().concat().replace('Q', "R");
    scratch.write("trajectories-b.csv", format!("{}\n{part}", STAYS.lines().next().unwrap()));
    finds(&scratch, "day_without_rows", &["trajectories-b.csv,,,2022-11-07,0,"]);
}

#[test]
fn dates_without_times_and_times_without_dates() {
    let scratch = Scratch::empty();
    scratch.write("cases.csv", CASES);
    scratch.write(
        "trajectories.csv",
        "person_id,start,place_id\nC1,2022-11-08,V1\nP1,2022-11-08,V1\n",
    );
    finds(&scratch, "dates_only", &["isolates nobody"]);
    assert!(found(&scratch, "no_end").is_empty());
    scratch.write("trajectories.csv", "person_id,date,time,place_id\nC1,2022-11-08,08:30,V1\n");
    let ran = check(&scratch, &[]);
    assert!(ran.stdout.contains("join the columns of the date and of the time"), "{}", ran.stdout);
    assert!(!ran.stdout.contains("is `date` the end"), "{}", ran.stdout);
}

/// It names people, as the results do.
#[cfg(unix)]
#[test]
fn what_a_check_writes_its_owner_alone_can_read() {
    use std::os::unix::fs::PermissionsExt;
    let scratch = Scratch::small();
    // In place of an earlier one, whoever could read that.
    std::fs::write(scratch.path("checks.csv"), "old").unwrap();
    check(&scratch, &[]).succeeds();
    let mode = std::fs::metadata(scratch.path("checks.csv")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert!(std::fs::read_to_string(scratch.path("checks.csv")).unwrap().starts_with("check,"));
}

/// Whatever the number of threads.
#[test]
fn checks_do_not_depend_on_threads() {
    let mut days = healthy();
    (0..9000).for_each(|n| {
        days[3] += &format!("R{n},2022-11-08 08:00:00,2022-11-08 12:00:00,V{}\n", n % 9)
    });
    (0..9000).for_each(|n| {
        days[3] += &format!("R{n},2022-11-08 09:00:00,2022-11-08 12:00:00,V{}\n", n % 5)
    });
    let scratch = with(&days);
    let of = |threads: &str| {
        check(&scratch, &["--threads", threads]).succeeds();
        std::fs::read_to_string(scratch.path("checks.csv")).unwrap()
    };
    assert_eq!(of("1"), of("3"));
}

#[test]
fn a_table_under_another_datum() {
    // Hangzhou in WGS 84 and, by the published formula, in GCJ-02.
    let [wgs84, gcj02] = [(120.153576, 30.287459), (120.158245, 30.285098)];
    let export = |of_place: (f64, f64), of_position: (f64, f64)| {
        let scratch = Scratch::empty();
        let (lon, lat) = of_place;
        let places = format!("place_id,lon,lat,radius_m\nV1,{lon},{lat},50\n");
        let (lon, lat) = of_position;
        let mut stays = "person_id,start,end,place_id,lon,lat\n".to_owned();
        for n in 0..40 {
            let at = |minute: u32| format!("2022-11-08 {:02}:{minute:02}", 8 + n % 10);
            stays += &format!("P{n},{},{},V1,,\n", at(0), at(50));
            stays += &format!("P{n},{},,,{:.6},{:.6}\n", at(20), lon + f64::from(n) * 1e-6, lat);
        }
        scratch.write("cases.csv", CASES).write("places.csv", places);
        scratch.write("trajectories.csv", stays);
        scratch
    };
    let scratch = export(wgs84, gcj02);
    finds(&scratch, "datum_shifted", &["trajectories.csv", "gcj02: ", "--datum trajectories="]);
    finds(&export(gcj02, wgs84), "datum_shifted", &["places", "--datum places="]);
    assert!(found(&export(wgs84, wgs84), "datum_shifted").is_empty());
    // What is said of the datum, is no more to be said.
    let ran = check(&scratch, &["--datum", "trajectories=gcj02"]);
    assert!(!ran.stdout.contains("datum_shifted"), "{}", ran.stdout);
    // Some hundred metres in another direction are no datum.
    assert!(found(&export(wgs84, (120.149, 30.283)), "datum_shifted").is_empty());
}

/// What is lost, or counts and should not, is told with care, and none of it is found by chance.
#[test]
fn lists_of_others_and_lost_cases_are_told() {
    let scratch = with(&healthy());
    scratch.write(
        "病例_疑似.csv",
        "person_id,confirmed,classification\nX1,2022-11-09,Verdachtsfall\n",
    );
    scratch.write(
        "cases-1.csv",
        "person_id,confirmed,classification\nX2,2022-11-09,X. kein Fall\n\
         X3,2022-11-09,Confirmed case\n",
    );
    scratch.write("轨迹2.zip", "PK");
    scratch.write(
        "places.csv",
        "place_id,kind\nV0,高铁\nV1,人民医院\nV2,火车站\nV3,transport\nV4,medical\nV5,shop\n",
    );
    scratch.write(
        "identities.csv",
        "alias,person_id,from,to\nT1,A,2022-11-01,2022-11-10\nT1,B,2022-11-09,2022-11-20\n",
    );
    scratch.write("cases-2.csv", "person_id,confirmed\nT1,2022-11-09 12:00\n");
    finds(&scratch, "list_of_others", &["病例_疑似.csv"]);
    finds(&scratch, "classified_otherwise", &["verdachtsfall,1,"]);
    finds(&scratch, "kind_alike", &["高铁,1,", "人民医院,1,"]);
    finds(&scratch, "table_not_read", &["轨迹2.zip"]);
    finds(&scratch, "rows_of_nobody", &["cases-2.csv"]);
    finds(&scratch, "no_cases", &["cases-1.csv"]);
    for (kind, count) in [
        ("list_of_others", 1),
        ("classified_otherwise", 1),
        ("kind_alike", 2),
        ("rows_of_nobody", 1),
    ] {
        assert_eq!(found(&scratch, kind).len(), count, "{kind}");
    }
    let nothing = with(&healthy());
    for kind in ["list_of_others", "classified_otherwise", "kind_alike", "rows_of_nobody"] {
        assert_eq!(found(&nothing, kind), Vec::<String>::new());
    }
}
