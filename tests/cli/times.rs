//! Times whose column, and not the single cell, says how they are written.

use super::folder::{CASES, STAYS, Scratch, as_plain};

fn with(cases: &str, stays: &str) -> Scratch {
    let scratch = Scratch::empty();
    scratch.write("cases.csv", cases).write("trajectories.csv", stays);
    scratch
}

/// Each time of the small export, written anew.
fn written(text: &str, style: impl Fn(u32, u32, u32) -> String) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("2022-11-") {
        out += &rest[..at];
        let cell = &rest[at..];
        let end = cell.find([',', '\n']).unwrap_or(cell.len());
        let number = |range: std::ops::Range<usize>| cell[range].parse::<u32>().unwrap();
        let (hour, minute) = if end > 10 { (number(11..13), number(14..16)) } else { (99, 0) };
        out += &style(number(8..10), hour, minute);
        rest = &cell[end..];
    }
    out + rest
}

#[test]
fn serial_days_of_spreadsheets() {
    let serial = |day: u32, hour: u32, minute: u32| match hour {
        99 => format!("{}", 44_865 + day),
        _ => format!("{:.6}", f64::from(44_865 + day) + f64::from(hour * 60 + minute) / 1440.0),
    };
    let said = as_plain(&with(&written(CASES, serial), &written(STAYS, serial)), &["--lang", "en"]);
    assert!(said.contains("the numbers in `start` are read as days of a spreadsheet"), "{said}");
    // Numbers of which one is no serial day are what numbers are: seconds since 1970.
    let mixed = format!("{}Q1,1667875800,1667879400,V2\n", written(STAYS, serial));
    let scratch = with(CASES, &mixed);
    scratch.run(&["--max-rejects", "100"]).succeeds();
    assert!(!scratch.read("contacts.csv").contains("P1"));
}

#[test]
fn days_before_months_and_the_other_way_round() {
    let dmy = |day: u32, hour: u32, minute: u32| match hour {
        99 => format!("{day}/11/2022"),
        _ => format!("{day:02}/11/2022 {hour:02}:{minute:02}"),
    };
    let mdy = |day: u32, hour: u32, minute: u32| match hour {
        99 => format!("11.{day}.2022"),
        _ => format!("11-{day}-2022 {hour}:{minute:02}:00"),
    };
    let early = "Q1,01/11/2022 08:00,13/11/2022 08:00,V2\n";
    let open = with(&written(CASES, dmy), &written(STAYS, dmy));
    open.run(&[])
        .fails(3, &["`onset`", "cannot be told apart: `8/11/2022` in line 2", "--dates dmy"]);
    as_plain(&open, &["--dates", "dmy"]);
    let open = with(&written(CASES, mdy), &written(STAYS, mdy));
    open.run(&[]).fails(3, &["--dates"]);
    as_plain(&open, &["--dates", "mdy"]);
    // One row leaves no doubt about its column, however far down it is.
    let mut far = written(STAYS, dmy);
    (0..9000).for_each(|n| far += &format!("Q{n},07/11/2022 01:00,07/11/2022 02:00,V2\n"));
    let starts = far.replace("Q8000,07/11/2022 01:00,07/11", "Q8000,31/10/2022 01:00,31/10");
    as_plain(&with(CASES, &starts), &[]);
    with(CASES, &far).run(&[]).fails(3, &["`start`"]);
    // Of two columns each speaks for itself, and two that contradict each other settle nothing.
    let ends = format!("{}{early}", written(STAYS, dmy));
    with(CASES, &ends).run(&[]).fails(3, &["`start`"]);
    let both = format!("{}Q1,13/11/2022 08:00,,V2\nQ2,11/13/2022 08:00,,V2\n", written(STAYS, dmy));
    with(CASES, &both).run(&[]).fails(3, &["`start`"]);
    // What is typed does not turn round dates that leave no doubt; each table can have its own.
    let late = |person: &str| format!("{person},11-13-2022 08:00:00,11-13-2022 09:00:00,V2\n");
    let us = written(STAYS, mdy) + &late("Q1") + &late("Q2");
    let mixed = with(&written(CASES, dmy), &us);
    mixed.run(&["--dates", "dmy"]).fails(3, &["`start`", "`11-13-2022`", "--dates cases=dmy"]);
    as_plain(&mixed, &["--dates", "cases=dmy"]);
    // One slip of the pen is one rejected row.
    let slip = with(&written(CASES, dmy), &(written(STAYS, dmy) + &late("Q1")));
    as_plain(&slip, &["--dates", "dmy", "--max-rejects", "50"]);
    let open = with(&written(CASES, dmy), &written(STAYS, mdy));
    as_plain(&open, &["--dates", "dmy", "--dates", "trajectories=mdy"]);
    open.run(&["--dates", "ymd"]).fails(2, &["`ymd`", "dmy where the day comes first"]);
}

#[test]
fn one_table_may_be_in_another_zone() {
    let utc = written(STAYS, |day, hour, minute| match hour {
        0..8 => format!("2022-11-{:02} {:02}:{minute:02}:00", day - 1, hour + 16),
        _ => format!("2022-11-{day:02} {:02}:{minute:02}:00", hour - 8),
    });
    let scratch = with(CASES, &utc);
    as_plain(&scratch, &["--timezone", "trajectories=UTC"]);
    scratch.run(&["--timezone", "trips=UTC"]).fails(2, &["no table is called `trips`"]);
    scratch.run(&["--timezone", "cases=Mars"]).fails(2, &["`Mars` is no time zone"]);
    // Days of cases are those of the analysis, whatever zone their times are in.
    let late = CASES.replace("2022-11-08,", "2022-11-08 20:00:00,");
    let anchored = |zone: &str| {
        let scratch = with(&late, STAYS);
        scratch.run(&["--timezone", zone]).succeeds();
        scratch.read("exposures.csv")
    };
    assert!(anchored("cases=UTC").contains("P1"));
    // A column whose name says UTC is not read as local time.
    let named = utc.replace("start,end", "start (UTC),end");
    with(CASES, &named)
        .run(&[])
        .fails(3, &["`start (UTC)` is in `UTC`", "--timezone trajectories=UTC"]);
}

#[test]
fn a_seat_may_have_a_letter() {
    let places = "place_id,kind\nV1,transport\n";
    let stays = STAYS.replace("place_id", "place_id,seat_row");
    let stays = stays.replacen("V1\n", "V1,12F\n", 1).replace("V1\n", "V1,13\n");
    let scratch = with(CASES, &stays);
    scratch.write("places.csv", places);
    scratch.run(&[]).succeeds();
    assert!(scratch.read("contacts.csv").contains("P1,1,1,C1,"));
    // Who stands has a row like anybody, and no seat: somebody looks at it. Full-width digits and
    // letters are digits and letters.
    for (seat, contact) in [("无座", false), ("站票", false), ("１３Ａ", true), ("１３", true)]
    {
        let stays = stays.replace("V1,13\n", &format!("V1,{seat}\n"));
        let scratch = with(CASES, &stays);
        scratch.write("places.csv", places);
        scratch.run(&[]).succeeds();
        assert_eq!(scratch.read("rejects.csv").lines().count(), 1, "{seat}");
        assert_eq!(scratch.read("contacts.csv").contains("\nP1,"), contact, "{seat}");
        assert!(scratch.read("evidence.csv").contains(",P1,"), "{seat}");
    }
    // A running number of the export is no seat.
    let stays = STAYS.replace("place_id", "place_id,row").replace("V1\n", "V1,7\n");
    let scratch = with(CASES, &stays);
    scratch.run(&["--lang", "en"]).succeeds();
}
