//! Headers as exports have them: titles above, the header again, units, names of all kinds.

use super::folder::{CASES, Ran, STAYS, Scratch, files};
use proptest::prelude::*;

fn with(name: &str, text: &str) -> Scratch {
    let scratch = Scratch::empty();
    scratch.write("cases.csv", CASES).write(name, text);
    scratch
}

/// A run that finds what the plain export has; its summary.
#[track_caller]
fn as_plain(scratch: &Scratch) -> String {
    let plain = Scratch::small();
    plain.run(&[]).succeeds();
    let ran = scratch.run(&["--lang", "en"]);
    ran.succeeds();
    let (plain, ours) = (files(&plain.output()), files(&scratch.output()));
    for name in ["contacts.csv", "exposures.csv", "venue_exposed.csv", "measures.csv"] {
        assert_eq!(ours[name], plain[name], "{name}");
    }
    ran.stdout
}

#[track_caller]
fn says(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "`{part}` is not in: {text}");
    }
}

#[test]
fn the_header_may_stand_below_titles() {
    for above in [
        "轨迹明细表\n",
        "某市疾控中心,,,\n2022年11月9日,,,\n\n",
        "# a comment, with a separator\n#\n",
        ",,,\n\"two\nlines\",,,\n",
    ] {
        let said = as_plain(&with("trajectories.csv", &format!("{above}{STAYS}")));
        says(&said, &["lines above the header were left out"]);
    }
    let said = as_plain(&with("trajectories.csv", &format!("sep=;\n{}", STAYS.replace(',', ";"))));
    assert!(!said.contains("above the header"), "{said}");
    // A title whose lines count: references are those of an editor.
    let scratch = with("trajectories.csv", &format!("title\n\n{STAYS}"));
    scratch.run(&[]).succeeds();
    assert!(scratch.read("evidence.csv").contains("trajectories.csv:4,trajectories.csv:5"));
    // Too far down is no header.
    let far = format!("{}{STAYS}", "title\n".repeat(20));
    with("trajectories.csv", &far).run(&[]).fails(3, &["no column `person_id`"]);
}

#[test]
fn headers_again_totals_and_blank_rows_are_no_rows() {
    let header = STAYS.lines().next().unwrap();
    let stays = format!("{STAYS}{header}\n,,,\n合计,,,4\n");
    let scratch = with("trajectories.csv", &stays);
    let cases = format!("{CASES}person_id,onset,sampled,confirmed,isolated\n总计,1,,,\n");
    scratch.write("cases.csv", cases);
    let persons = "person_id,residence\nP1,H1\nperson_id,residence\nP2,H2\n 合计 ,2\n,\n";
    scratch.write("persons.csv", persons);
    let said = as_plain(&scratch);
    says(
        &said,
        &[
            "trajectories: 7 rows, 4 used, 1 without any value, 1 the header again, 1 totals",
            "cases: 3 rows, 1 used, 1 the header again, 1 totals",
            "persons: 5 rows, 2 used, 1 without any value, 1 the header again, 1 totals",
        ],
    );
    assert_eq!(scratch.read("rejects.csv").lines().count(), 1);
}

#[test]
fn rows_that_lack_blank_cells_at_their_end_or_have_more_of_them_count() {
    let stays = STAYS.replace("place_id", "place_id,protected,note").replace("V1\n", "V1,0,x\n");
    let stays = stays.replacen("V1,0,x\n", "V1\n", 2).replacen("V1,0,x\n", "V1,0,x,,\n", 1);
    let scratch = with("trajectories.csv", &stays);
    as_plain(&scratch);
    let quoted = stays.replace("P1,", "\"P1\",");
    as_plain(&with("trajectories.csv", &quoted));
    // What must be filled, or a cell too many with something in it, is no such row.
    let bad = format!("{stays}P8,2022-11-08 10:30:00\nP9\nP7,2022-11-08 10:30:00,,V1,,,x\n");
    let scratch = with("trajectories.csv", &bad);
    scratch.run(&[]).succeeds();
    let rejects = scratch.read("rejects.csv");
    says(&rejects, &["6,place_id,,missing_value", "7,,\"1 fields, not 6\",bad_row"]);
    says(&rejects, &["8,,\"7 fields, not 6\",bad_row"]);
}

#[test]
fn lengths_may_be_in_seconds_or_minutes() {
    let lengths = |name: &str, unit: u32| {
        let stays = "person_id,start,NAME,place_id\n\
            C1,2022-11-08 10:00:00,60,V1\nP1,2022-11-08 10:30:00,90,V1\n\
            P2,2022-11-08 10:55:00,65,V1\nP3,2022-11-08 11:00:00,60,V1\n";
        let mut text = String::new();
        for line in stays.replace("NAME", name).lines() {
            let cells: Vec<&str> = line.split(',').collect();
            let length = cells[2].parse::<u32>();
            let length = length.map_or(cells[2].to_owned(), |m| (m * 60 / unit).to_string());
            text += &format!("{},{},{length},{}\n", cells[0], cells[1], cells[3]);
        }
        text
    };
    for (name, unit) in [
        ("seconds", 1),
        ("duration_s", 1),
        ("duration_min", 60),
        ("时长（分钟）", 60),
        ("duration (s)", 1),
    ] {
        as_plain(&with("trajectories.csv", &lengths(name, unit)));
    }
    with("trajectories.csv", &lengths("duration", 1))
        .run(&[])
        .fails(3, &["`duration` does not say", "duration_min"]);
}

#[test]
fn a_stay_without_an_end_is_said() {
    let stays = STAYS.replace(",end,", ",gone,");
    let scratch = with("trajectories.csv", &stays);
    let ran = scratch.run(&["--lang", "en"]);
    ran.succeeds();
    says(
        &ran.stdout,
        &["no stay has an end", "is `gone` the end?", "[trajectories] end = [\"gone\"]"],
    );
    let ran = scratch.run(&["--lang", "zh"]);
    says(&ran.stdout, &["停留均无终点", "`gone` 是不是终点"]);
}

#[test]
fn every_reject_is_told_by_file_and_reason() {
    let stays = format!("{STAYS}P4,昨天,,V1\nP5,昨天,,V1\nP6,2022-11-08,2022-11-07,V1\n");
    let scratch = with("轨迹.csv", &stays);
    let ran = scratch.run(&["--lang", "en"]);
    says(
        &ran.stdout,
        &[
            "  2 left out: bad_time in 轨迹.csv, first at line 6: `昨天`",
            "  1 left out: end_before_start in 轨迹.csv, first at line 8: `2022-11-07`",
        ],
    );
    says(&scratch.run(&["--lang", "zh"]).stdout, &["略去 2 行：bad_time"]);
}

/// What `trace columns` writes can be given back.
#[test]
fn columns_are_proposed_and_given_back() {
    let stays =
        STAYS.replace("person_id,start,end,place_id", "who_id,fromTime,toTime,note,场所编号");
    let stays = stays.replace(",V1", ",x,V1");
    let scratch = with("trajectories.csv", &stays);
    let (input, own) = (scratch.input(), scratch.path("columns.toml"));
    let own = own.to_str().unwrap();
    let args = ["columns", "--input", input.to_str().unwrap(), "--output", own];
    super::folder::trace(&args).succeeds();
    let text = std::fs::read_to_string(own).unwrap();
    says(
        &text,
        &[
            "start = [\"fromTime\"]  # a guess",
            "# end = [\"toTime\"]",
            "person_id = [\"person_id\"]",
        ],
    );
    says(&text, &["# nothing is made of \"note\"", "place_id = [\"场所编号\"]"]);
    let mended = text.replace("# end = ", "end = ");
    let mended = mended.replace("# person_id = [\"…\"]", "person_id = [\"who_id\"]");
    std::fs::write(own, mended).unwrap();
    let plain = Scratch::small();
    plain.run(&[]).succeeds();
    scratch.run(&["--columns", own]).succeeds();
    assert_eq!(scratch.read("contacts.csv"), plain.read("contacts.csv"));
}

/// The column that a hint names, in the form it is to be given back.
fn hinted(ran: &Ran) -> Option<String> {
    let hint = ran.stderr.split_once("--columns FILE.toml: ")?.1;
    let (table, line) = hint.trim().split_once("] ")?;
    Some(format!("{table}]\n{line}\n"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    /// Whatever the columns are called: what a hint says makes the next run go further, and never
    /// takes an end for a start.
    #[test]
    fn a_hint_helps(names in (
        "(person|user|subject|人员|证件)[ _]?(no|key|代码|id)?",
        "(from|start|begin|enter|in|进入|开始)[ _]?(Time|Date|at|时刻|时间)?",
        "(to|end|until|out|left|离开|结束)[ _]?(Time|Date|at|时刻|时间)?",
        "(place|venue|location|site|场所)[ _]?(no|code|代码|id)?")) {
        let (person, start, end, place) = names;
        prop_assume!(person != place);
        let header = format!("{person},{end},{start},{place}");
        let swap = |line: &str| {
            let cells: Vec<&str> = line.split(',').collect();
            format!("{},{},{},{}", cells[0], cells[2], cells[1], cells[3])
        };
        let rows: Vec<String> = STAYS.lines().skip(1).map(swap).collect();
        let scratch = with("trajectories.csv", &format!("{header}\n{}\n", rows.join("\n")));
        let own = scratch.path("columns.toml");
        let mut columns = std::collections::BTreeMap::new();
        let mut last = String::new();
        for _ in 0..5 {
            let ran = scratch.run(&["--columns", own.to_str().unwrap(), "--lang", "en"]);
            if ran.code == 2 {
                // Not written yet.
                std::fs::write(&own, "").unwrap();
                continue;
            }
            if ran.code == 0 {
                break;
            }
            prop_assert_ne!(&ran.stderr, &last, "{}", header);
            last = ran.stderr.clone();
            let Some(hint) = hinted(&ran) else { break };
            let line = hint.lines().nth(1).unwrap();
            let (column, name) = line.split_once(" = ").unwrap();
            prop_assert!(column != "start" || !name.contains(&format!("\"{end}\"")), "{}", hint);
            prop_assert!(column != "end" || !name.contains(&format!("\"{start}\"")), "{}", hint);
            columns.insert(column.to_owned(), line.to_owned());
            let lines: Vec<&str> = columns.values().map(String::as_str).collect();
            std::fs::write(&own, format!("[trajectories]\n{}\n", lines.join("\n"))).unwrap();
        }
    }
}

#[test]
fn titles_above_a_header_are_no_rows_where_cells_are_quoted() {
    let scratch = Scratch::small();
    let quoted = |text: &str| text.replace("C1", "\"C1\"").replace("V1", "\"V1\"");
    let titles = "A title\nof two lines,\n\"and, one with a quote\"\n";
    scratch.write("cases.csv", format!("{titles}{}", quoted(CASES)));
    scratch.write("trajectories.csv", format!("{titles}{}", quoted(STAYS)));
    let said = as_plain(&scratch);
    assert!(said.contains("cases: 1 rows, 1 used\n"), "{said}");
    assert!(said.contains("trajectories: 4 rows, 4 used\n"), "{said}");
}
