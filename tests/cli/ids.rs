//! Ids as people and spreadsheets write them: one person is one person, and two are two.

use super::folder::{CASES, STAYS, Scratch, files};

fn with(stays: &str) -> Scratch {
    let scratch = Scratch::empty();
    scratch.write("cases.csv", CASES).write("trajectories.csv", stays);
    scratch
}

#[track_caller]
fn as_plain(scratch: &Scratch) {
    let plain = Scratch::small();
    plain.run(&[]).succeeds();
    scratch.run(&[]).succeeds();
    let (plain, ours) = (files(&plain.output()), files(&scratch.output()));
    for name in ["contacts.csv", "exposures.csv", "venue_exposed.csv", "measures.csv"] {
        assert_eq!(ours[name], plain[name], "{name}");
    }
}

#[test]
fn marks_and_wrapping_are_no_part_of_an_id() {
    for (from, to) in [
        ("C1,", "\u{200b}C1,"),
        ("C1,", "C1\u{feff},"),
        ("C1,", "\u{202a}C1\u{202c},"),
        ("P1,", "Ｐ１,"),
        ("P1,", "'P1,"),
        ("P1,", "=\"P1\","),
        ("P1,", "\"=\"\"P1\"\"\","),
        (",V1", ",Ｖ１"),
        (",V1", ",\u{a0}V1"),
    ] {
        // In one row, and in all.
        as_plain(&with(&STAYS.replacen(from, to, 1)));
        as_plain(&with(&STAYS.replace(from, to)));
    }
}

/// A log of positions needs a second pass for the next position of the people concerned: it must
/// find them however they are written.
#[test]
fn open_stays_find_the_next_row_of_a_person_however_it_is_written() {
    let stays = |person: &str| {
        let mut stays = "person_id,start,place_id\n".to_owned();
        stays += "C1,2022-11-08 10:00:00,V1\nP1,2022-11-08 10:00:00,V1\n";
        for n in 0..50 {
            stays += &format!("Q{n},2022-11-08 10:00:00,V2\n");
        }
        stays + &format!("{person},2022-11-08 10:05:00,V3\n")
    };
    for person in ["P1", "Ｐ1", "'P1", "\u{200b}P1", "P\u{200b}1", "\u{3000}P1", "=\"P1\""] {
        let scratch = with(&stays(person));
        scratch.run(&[]).succeeds();
        let evidence = scratch.read("evidence.csv");
        assert!(evidence.contains("10:00:00+08:00,2022-11-08T10:05:00"), "{person}: {evidence}");
    }
}

#[test]
fn numbers_lose_their_point_and_national_numbers_end_in_a_capital() {
    let ids = |text: &str, person: &str, case: &str| {
        text.replace("P1,", &format!("{person},")).replace("C1,", &format!("{case},"))
    };
    let run = |case: &str, of_stays: &str, person: &str| {
        let scratch = with(&ids(STAYS, person, of_stays));
        scratch.write("cases.csv", ids(CASES, "", case));
        let persons = format!("person_id,residence\n{person},H1\n{of_stays},H1\n");
        scratch.write("persons.csv", persons);
        scratch.run(&[]).succeeds();
        scratch.read("contacts.csv")
    };
    let contacts = run("1001", "1001.0", "1002.0");
    assert!(contacts.contains("\n1002,1,1,1001,"), "{contacts}");
    assert!(contacts.contains("gps") || contacts.contains("household;venue"), "{contacts}");
    let contacts = run("11010519491231002X", "11010519491231002x", "P1");
    assert!(contacts.contains("P1,1,1,11010519491231002X,"), "{contacts}");
}

#[test]
fn ids_that_a_spreadsheet_has_cut_are_none() {
    let stays = STAYS.replace("P1,", "1.10101E+17,");
    let scratch = with(&stays);
    scratch.run(&[]).succeeds();
    let rejects = scratch.read("rejects.csv");
    assert!(rejects.contains("3,person_id,1.10101E+17,mangled_id,left_out"), "{rejects}");
    assert!(!scratch.read("contacts.csv").contains("1.1"));
    let stays = STAYS.replace("P1,", "#REF!,");
    let scratch = with(&stays);
    scratch.run(&[]).succeeds();
    assert!(scratch.read("rejects.csv").contains("3,person_id,#REF!,bad_value,left_out"));
    // Where nobody is left, it is said why, and nothing is lost.
    let scratch = Scratch::small();
    scratch.write("cases.csv", CASES.replace("C1,", "1.10101E+17,"));
    scratch.run(&[]).fails(3, &["no usable case", "left out as `mangled_id`", "out.rejects.csv"]);
    assert!(scratch.path("out.rejects.csv").exists());
    // A column of them is refused, whatever the checksums say.
    let cut = STAYS.replace("P1,", "330106199003070000,").replace("P2,", "330106198507120000,");
    let scratch = with(&cut);
    scratch.run(&[]).fails(3, &["2 of 2 long numbers in `person_id` end in 000"]);
    scratch.run(&["--accept-mangled-ids"]).succeeds();
    // One of them may be so by chance.
    with(&STAYS.replace("P1,", "330106199003070000,")).run(&[]).succeeds();
    // A home that is an error costs nobody their row.
    let scratch = Scratch::small();
    scratch.write("persons.csv", "person_id,residence\nP1,#VALUE!\nC1,H1\n");
    scratch.run(&[]).succeeds();
    assert!(scratch.read("rejects.csv").contains("2,residence,#VALUE!,bad_value,used"));
}
