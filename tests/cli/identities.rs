//! Other numbers of people, and other datums of their positions.

use super::folder::{CASES, STAYS, Scratch, as_plain};

fn with(cases: &str, stays: &str, identities: &str) -> Scratch {
    let scratch = Scratch::empty();
    scratch.write("cases.csv", cases).write("trajectories.csv", stays);
    scratch.write("身份对应.csv", format!("手机号,身份证号,起,止\n{identities}"));
    scratch
}

#[test]
fn a_number_stands_for_its_person_while_it_is_theirs() {
    // The stays are a phone's; the list of cases has numbers of another kind.
    let phones = STAYS.replace("C1,", "13800000001,").replace("P1,", "13800000002,");
    let all = "13800000001,C1,,\n13800000002,P1,,\n";
    as_plain(&with(CASES, &phones, all), &[]);
    as_plain(&with(&CASES.replace("C1,", "K7,"), &phones, &format!("{all}K7,C1,,\n")), &[]);
    // A number that was given to somebody else since.
    let times = "13800000001,C1,,2022-11-08\n13800000001,Q1,2022-11-09,\n\
        13800000002,Q2,,2022-11-07\n13800000002,P1,2022-11-08,2022-11-08\n";
    as_plain(&with(CASES, &phones, times), &[]);
    let too_late = "13800000001,C1,,\n13800000002,P1,2022-11-09,\n";
    let scratch = with(CASES, &phones, too_late);
    scratch.run(&[]).succeeds();
    assert!(scratch.read("contacts.csv").contains("\n13800000002,"));
}

#[test]
fn people_live_and_meet_by_any_of_their_numbers() {
    let scratch = with(CASES, STAYS, "tag-c,C1,,\ntag-p,P7,,\n");
    scratch.write("persons.csv", "person_id,residence\ntag-c,H1\nP7,H1\n");
    let meetings = "person_a,person_b,start,seconds\ntag-p,tag-c,2022-11-08 20:00,3600\n\
        tag-c,C1,2022-11-08 21:00,3600\n";
    scratch.write("colocations.csv", meetings);
    let ran = scratch.run(&["--lang", "en"]);
    ran.succeeds();
    let contacts = scratch.read("contacts.csv");
    assert!(contacts.contains("P7,1,1,C1,") && contacts.contains("household;proximity"));
    // A person's own two numbers meet nobody.
    assert!(
        ran.stdout.contains("colocations: 2 rows, 1 used, 1 stand for nobody"),
        "{}",
        ran.stdout
    );
}

#[test]
fn a_number_of_two_people_stands_for_nobody() {
    let stays = STAYS.replace("P1,", "13800000002,");
    let both = "13800000002,P1,,\n13800000002,P8,2022-11-01,2022-11-30\n\
        13900000000,P9,,2022-11-07\n13900000000,P5,2022-11-08,\n";
    let scratch = with(CASES, &stays, both);
    let ran = scratch.run(&["--max-rejects", "100", "--lang", "en"]);
    ran.succeeds();
    let rejects = scratch.read("rejects.csv");
    for line in ["身份对应.csv,2,alias,13800000002,ambiguous_alias", "身份对应.csv,3,alias,"]
    {
        assert!(rejects.contains(line), "{rejects}");
    }
    assert!(
        ran.stdout.contains("trajectories: 4 rows, 3 used, 1 stand for nobody"),
        "{}",
        ran.stdout
    );
    assert!(!scratch.read("contacts.csv").contains("P1,"));
    assert!(!scratch.read("evidence.csv").contains("13800000002"));
}

/// The passes over open stays find the next row of a person under any of their numbers.
#[test]
fn open_stays_end_where_another_number_is_seen() {
    let mut stays = "person_id,start,place_id\n\
        C1,2022-11-08 10:00:00,V1\nphone,2022-11-08 10:00:00,V1\n\
        card,2022-11-08 10:12:00,V3\n"
        .to_owned();
    (0..200).for_each(|n| stays += &format!("Q{n},2022-11-08 10:00:00,V2\n"));
    let scratch = with(CASES, &stays, "phone,P1,,\ncard,P1,,\n");
    scratch.run(&[]).succeeds();
    let evidence = scratch.read("evidence.csv");
    assert!(
        evidence.contains("C1,P1,venue,V1,2022-11-08T10:00:00+08:00,2022-11-08T10:12:00"),
        "{evidence}"
    );
}

#[test]
fn positions_of_chinese_maps_are_where_they_are() {
    // One point in three datums.
    let [wgs84, gcj02, bd09] = [
        "116.377817,39.911954",
        "116.38404722455657,39.91334545536069",
        "116.3904547131,39.9195755510",
    ];
    let run = |case: &str, other: &str, more: &[&str]| {
        let scratch = Scratch::empty();
        let mut stays = "person_id,start,lon,lat,坐标系\n".to_owned();
        for minute in 0..30 {
            stays += &format!("C1,2022-11-08 10:{minute:02}:00,{case}\n");
            stays += &format!("P1,2022-11-08 10:{minute:02}:30,{other}\n");
        }
        scratch.write("cases.csv", CASES).write("trajectories.csv", stays);
        scratch.run(more).succeeds();
        scratch.read("contacts.csv").contains("P1,1,1,C1,")
    };
    let cell = |point: &str, datum: &str| format!("{point},{datum}");
    assert!(run(&cell(wgs84, ""), &cell(gcj02, "gcj02"), &[]));
    assert!(run(&cell(wgs84, "WGS-84"), &cell(bd09, "BD-09"), &[]));
    assert!(!run(&cell(wgs84, ""), &cell(gcj02, ""), &[]));
    assert!(run(&cell(wgs84, "wgs84"), &cell(gcj02, ""), &["--datum", "trajectories=gcj02"]));
    assert!(run(&cell(gcj02, ""), &cell(bd09, "bd09"), &["--datum", "gcj02"]));
    // Circles of places, too.
    let at_place = |more: &[&str]| {
        let scratch = Scratch::empty();
        let places = format!("place_id,lon,lat,radius_m\nV1,{gcj02},50\n");
        let stays = format!(
            "person_id,start,end,lon,lat\n\
            C1,2022-11-08 10:00,2022-11-08 11:00,{wgs84}\nP1,2022-11-08 10:00,2022-11-08 11:00,{wgs84}\n"
        );
        scratch.write("cases.csv", CASES).write("trajectories.csv", stays);
        scratch.write("places.csv", places);
        scratch.run(more).succeeds();
        scratch.read("evidence.csv").contains(",venue,V1,")
    };
    assert!(at_place(&["--datum", "places=gcj02"]));
    assert!(!at_place(&[]));
    Scratch::small().run(&["--datum", "mars"]).fails(2, &["no datum is called `mars`"]);
}
