//! Bad input, each kind with its message. Nothing here may panic, and nothing is lost silently.

use super::folder::{CASES, STAYS, Scratch, gzip, trace};

fn small_with(name: &str, bytes: impl AsRef<[u8]>) -> Scratch {
    let scratch = Scratch::small();
    scratch.write(name, bytes);
    scratch
}

#[test]
fn folders_that_are_none() {
    let scratch = Scratch::empty();
    scratch.run(&[]).fails(3, &["no table `cases`", "the folder is empty", "hint:"]);
    let (missing, out) = (scratch.path("nowhere"), scratch.output());
    let args = ["run", "--input", missing.to_str().unwrap(), "--output", out.to_str().unwrap()];
    trace(&args).fails(3, &["there is no folder", "check --input"]);
    scratch.write("cases.csv", CASES);
    scratch.run(&[]).fails(3, &["no table `trajectories` or `colocations`", "`cases.csv`"]);
    scratch.write("trajectories.csv", STAYS).write("trajectories.csv.gz", gzip(STAYS.as_bytes()));
    scratch.run(&[]).fails(3, &["the same table twice"]);
}

#[test]
fn files_that_are_no_tables() {
    small_with("cases.csv", "").run(&[]).fails(3, &["cases.csv", "empty (0 bytes)"]);
    let header = "person_id,confirmed\n";
    small_with("cases.csv", header).run(&[]).fails(3, &["no usable case (0 rows)"]);
    let ran = small_with("cases.csv", "person_id,confirmd\nC1,2022-11-09\n").run(&[]);
    ran.fails(3, &["no column `confirmed`", "`confirmd`", "is it `confirmd`?", "--columns"]);
    let twice = "person,uid,confirmed\nC1,C1,2022-11-09\n";
    small_with("cases.csv", twice).run(&[]).fails(3, &["`person` and `uid` both mean `person_id`"]);
    let binary: Vec<u8> = (0..5000u32).map(|n| ((n * 7919) >> 3) as u8 & 0x83).collect();
    small_with("cases.csv", binary).run(&[]).fails(3, &["not text", "NUL"]);
    small_with("cases.csv", b"PK\x03\x04 workbook")
        .run(&[])
        .fails(3, &["the workbook cannot be read"]);
    small_with("cases.csv", gzip(CASES.as_bytes())).run(&[]).fails(3, &["gzip", "`.csv.gz`"]);
    let mut wide = vec![b','; 1_000_000];
    wide.push(b'\n');
    small_with("cases.csv", wide).run(&[]).fails(3, &["cases.csv"]);
    let columns = vec!["c"; 20_000].join(",") + "\n";
    small_with("cases.csv", columns).run(&[]).fails(3, &["20000 columns"]);
}

#[test]
fn packed_files_that_are_damaged() {
    let stays = STAYS.repeat(3000);
    let packed = gzip(stays.as_bytes());
    let only = |name: &str, bytes: &[u8]| {
        let scratch = Scratch::empty();
        scratch.write("cases.csv", CASES).write(name, bytes);
        scratch
    };
    let scratch = only("trajectories.csv.gz", &packed[..packed.len() / 2]);
    scratch.run(&[]).fails(3, &["trajectories.csv.gz", "hint:"]);
    only("trajectories.csv.gz", STAYS.as_bytes()).run(&[]).fails(3, &["not gzip"]);
    let packed = zstd::bulk::compress(stays.as_bytes(), 1).unwrap();
    let half = only("trajectories.csv.zst", &packed[..packed.len() / 2]);
    half.run(&[]).fails(3, &["trajectories.csv.zst", "hint:"]);
    only("trajectories.csv.zst", STAYS.as_bytes()).run(&[]).fails(3, &["not zstd"]);
}

#[test]
fn a_quote_that_never_closes_costs_its_own_row() {
    let mut stays = STAYS.to_owned();
    stays.push_str("P4,2022-11-08 10:00:00,2022-11-08 11:00:00,\"V1\n");
    for n in 0..80 {
        stays.push_str(&format!("Q{n},2022-11-08 10:00:00,2022-11-08 11:00:00,V1\n"));
    }
    let scratch = small_with("trajectories.csv", &stays);
    let ran = scratch.run(&[]);
    ran.succeeds();
    let rejects = scratch.read("rejects.csv");
    assert!(rejects.contains("trajectories.csv,6,,\"a stray quote: P4,"), "{rejects}");
    assert_eq!(rejects.lines().count(), 2);
    assert!(ran.stdout.contains("trajectories: 85 rows, 84 used, 1 rejected"), "{}", ran.stdout);
    assert!(scratch.read("contacts.csv").contains("Q79,"));
}

/// Two stray quotes, in any column, make no cell of the rows between them.
#[test]
fn stray_quotes_swallow_no_rows() {
    for (column, cells) in
        [("place_id", "{}\"V1"), ("place_id", "{}V\"1"), ("note", "V1,\"big bus")]
    {
        let mut stays = "person_id,start,end,place_id,note\n".to_owned();
        for row in STAYS.lines().skip(1) {
            stays.push_str(&format!("{row},\"big\" bus\n"));
        }
        for n in 0..900 {
            if n % 300 == 299 {
                let (place, note) = cells
                    .trim_start_matches("{}")
                    .split_once(',')
                    .unwrap_or((cells.trim_start_matches("{}"), ""));
                stays.push_str(&format!("X{n},2022-11-08 10:00:00,,{place},{note}\n"));
            }
            stays.push_str(&format!("Q{n},2022-11-08 10:00:00,2022-11-08 11:00:00,V1,\n"));
        }
        let scratch = small_with("trajectories.csv", &stays);
        scratch.run(&[]).succeeds();
        let evidence = scratch.read("evidence.csv");
        assert!((0..900).all(|n| evidence.contains(&format!(",Q{n},"))), "{column}: {cells}");
    }
}

#[test]
fn a_quote_in_the_header() {
    let open = STAYS.replacen("place_id", "place_id,\"note", 1);
    small_with("trajectories.csv", open).run(&[]).fails(3, &["a quote in the header"]);
    // A line break in a header cell is no stray quote.
    let mut broken = "person_id,start,end,place_id,\"free\ntext\"\n".to_owned();
    STAYS.lines().skip(1).for_each(|row| broken.push_str(&format!("{row},1\n")));
    let scratch = small_with("trajectories.csv", broken);
    scratch.run(&[]).succeeds();
    assert!(scratch.read("evidence.csv").contains("trajectories.csv:3,trajectories.csv:4"));
    let mut inch = "person_id,start,end,place_id,size 5\"\n".to_owned();
    STAYS.lines().skip(1).for_each(|row| inch.push_str(&format!("{row},1\n")));
    small_with("trajectories.csv", inch).run(&[]).succeeds();
}

/// Text inside a quoted cell is never read as rows, however many lines it has.
#[test]
fn a_long_note_is_one_cell() {
    let mut stays = "person_id,start,end,place_id,note\n".to_owned();
    stays.push_str("C1,2022-11-08 10:00:00,2022-11-08 11:00:00,V1,\n");
    let ghost = "ghost,2022-11-08 10:00:00,2022-11-08 11:00:00,V1,\n".repeat(900);
    stays.push_str(&format!("P1,2022-11-08 10:00:00,2022-11-08 11:00:00,V1,\"a\n{ghost}\"\n"));
    let scratch = small_with("trajectories.csv", stays);
    scratch.run(&[]).succeeds();
    let contacts = scratch.read("contacts.csv");
    assert!(contacts.contains("P1,") && !contacts.contains("ghost"));
}

#[test]
fn lines_are_counted_through_long_rows_and_line_breaks() {
    let mut stays = "person_id,start,end,place_id,note\n".to_owned();
    stays.push_str("C1,2022-11-08 10:00:00,2022-11-08 11:00:00,V1,\"a\nb\nc\"\n");
    stays.push_str(&format!("X,2022-11-08 10:00:00,,V1,\"a\nb\",{}\n", "y".repeat(2_000_000)));
    for n in 0..60 {
        stays.push_str(&format!("P{n},2022-11-08 10:00:00,2022-11-08 11:00:00,V1,\n"));
    }
    stays.push_str("P,never,,V1,\n");
    let scratch = small_with("trajectories.csv", &stays);
    scratch.run(&["--max-rejects", "20"]).succeeds();
    let line = 1 + stays[..stays.find("P,never").unwrap()].matches('\n').count();
    let rejects = scratch.read("rejects.csv");
    assert!(
        rejects.contains(&format!("trajectories.csv,{line},start,never,bad_time")),
        "{rejects}"
    );
}

/// The smallest date of a database in a stay of a case costs no more than another.
#[test]
fn stays_that_begin_in_the_year_1() {
    let mut stays = STAYS.to_owned();
    for n in 0..2000 {
        stays.push_str(&format!("C1,0001-01-01 00:00:00,2022-11-08 12:00:00,K{n}\n"));
    }
    small_with("trajectories.csv", stays).run(&[]).succeeds();
    let late = CASES.replace("2022-11-09 12:00:00", "9999-12-31 12:00:00");
    let scratch = small_with("cases.csv", late);
    scratch.run(&["--as-of", "9999-12-31"]).succeeds();
}

#[test]
fn rows_that_are_damaged_are_rejected_and_the_rest_is_read() {
    let mut stays = STAYS.as_bytes().to_vec();
    for n in 0..60 {
        stays.extend(format!("Q{n},2022-11-08 10:00:00,2022-11-08 11:00:00,V1\n").bytes());
    }
    stays.extend(b"P\x004,2022-11-08 10:00:00,2022-11-08 11:00:00,V1\n");
    stays.extend(b"P5,2022-11-08 10:00:00,2022-11-08 11:00:00\n");
    stays.extend(b"P6,2022-11-08 10:00:00,2022-11-08 11:00:00,V1,extra\n");
    stays.extend(b"P\xff7,2022-11-08 10:00:00,2022-11-08 11:00:00,V1\n");
    stays.extend("甲,2022-11-08 10:00:00,2022-11-08 11:00:00,V1\n".bytes());
    stays.extend(b"Q,2022-11-30 10:00:00,2022-11-30 11:00:00,V1\n");
    let scratch = small_with("trajectories.csv", &stays);
    let ran = scratch.run(&[]);
    ran.succeeds();
    let rejects = scratch.read("rejects.csv");
    let expected = [
        "trajectories.csv,66,person_id,P\x004,bad_encoding,left_out",
        "trajectories.csv,67,place_id,,missing_value,left_out",
        "trajectories.csv,68,,\"5 fields, not 4\",bad_row,left_out",
        "trajectories.csv,69,person_id,P\u{fffd}7,bad_encoding,left_out",
    ];
    assert_eq!(rejects.lines().skip(1).collect::<Vec<_>>(), expected);
    assert!(ran.stdout.contains("1 after as-of"), "{}", ran.stdout);
    assert!(scratch.read("contacts.csv").contains("甲,"));
}

#[test]
fn persons_whose_names_are_damaged_count_without_them() {
    let header = "person_id,residence,closed_loop_end,name,groups,county\n";
    let mut persons =
        format!("{header}C1,家1,,李雷,,\nZ1,家1,,韩梅梅,老人;教师,滨江\n").into_bytes();
    for n in 0..100 {
        persons.extend(format!("Q{n},H2,,名{n},,\n").bytes());
    }
    persons.extend(
        b"Z2,H1,,\xff,,\nZ3,H1,,,\xff,\nZ4,H1,,,,\xff\nZ5\x00,H1,,,,\n\xe3\x80\x80Z6,\xff,,,,\n",
    );
    persons.extend("\u{3000}Z7, 家1\u{3000},,,,\n".bytes());
    let scratch = small_with("persons.csv", persons);
    scratch.run(&[]).succeeds();
    let expected = [
        "persons.csv,104,name,\u{fffd},bad_encoding,used",
        "persons.csv,105,groups,\u{fffd},bad_encoding,used",
        "persons.csv,106,county,\u{fffd},bad_encoding,used",
        "persons.csv,107,person_id,Z5\x00,bad_encoding,left_out",
        "persons.csv,108,residence,\u{fffd},bad_encoding,used",
    ];
    let rejects = scratch.read("rejects.csv");
    assert_eq!(rejects.lines().skip(1).collect::<Vec<_>>(), expected);
    let at_home: Vec<String> = scratch
        .read("contacts.csv")
        .lines()
        .filter(|row| row.contains("household"))
        .map(|row| row[..2].to_owned())
        .collect();
    assert_eq!(at_home, ["Z1", "Z7"]);
}

#[test]
fn a_line_of_a_hundred_megabytes_is_one_reject() {
    let mut stays = STAYS.as_bytes().to_vec();
    for n in 0..40 {
        stays.extend(format!("Q{n},2022-11-08 10:00:00,2022-11-08 11:00:00,V1\n").bytes());
    }
    stays.resize(stays.len() + 100_000_000, b'x');
    stays.extend(b"\nZ,2022-11-08 10:00:00,2022-11-08 11:00:00,V1\n");
    let scratch = small_with("trajectories.csv", &stays);
    scratch.run(&[]).succeeds();
    let rejects = scratch.read("rejects.csv");
    assert!(rejects.contains("trajectories.csv,46,,too long: xxx"), "{rejects}");
    assert_eq!(rejects.lines().count(), 2);
    assert!(scratch.read("evidence.csv").contains("trajectories.csv:47"));
}

#[test]
fn a_row_just_too_long_is_one_reject() {
    let row = "P7,2022-11-08 10:00:00,2022-11-08 11:00:00,V1";
    let stays = format!("{STAYS}{row}{}\nP8{}", "x".repeat(1 << 20), &row[2..]);
    let scratch = small_with("trajectories.csv", stays);
    scratch.run(&["--max-rejects", "50"]).succeeds();
    let rejects = scratch.read("rejects.csv");
    assert!(rejects.contains("trajectories.csv,6,,\"too long: P7,"), "{rejects}");
    assert_eq!(rejects.lines().count(), 2);
    assert!(scratch.read("evidence.csv").contains("trajectories.csv:7"));
}

#[test]
fn too_many_rejects_stop_the_run_and_replace_nothing() {
    let scratch = Scratch::small();
    scratch.run(&[]).succeeds();
    let before = super::folder::files(&scratch.output());
    let mut stays = STAYS.to_owned();
    stays.push_str(&"P2,yesterday,2022-11-08 12:00:00,V1\n".repeat(6));
    for n in 0..90 {
        stays.push_str(&format!("Q{n},2022-11-08 12:00:00,2022-11-08 13:00:00,V2\n"));
    }
    scratch.write("trajectories.csv", &stays);
    let ran = scratch.run(&[]);
    let says =
        ["6 of 100 rows", "bad_time", "trajectories.csv:6", "`yesterday`", "out.rejects.csv"];
    ran.fails(4, &says);
    assert_eq!(super::folder::files(&scratch.output()), before);
    let beside = scratch.path("out.rejects.csv");
    let rejects = std::fs::read_to_string(&beside).unwrap();
    let first =
        "file,line,column,value,reason,row\ntrajectories.csv,6,start,yesterday,bad_time,left_out\n";
    assert!(rejects.starts_with(first) && rejects.lines().count() == 7, "{rejects}");
    scratch.run(&["--max-rejects", "5.9%"]).fails(4, &[]);
    scratch.run(&["--max-rejects", "6"]).succeeds();
    // What an earlier run stopped at is past.
    assert!(!beside.exists());
    assert_eq!(scratch.read("rejects.csv").lines().count(), 7);
}

/// Five bad rows stop no small table, six do; and none may be bad where it is said so.
#[test]
fn a_few_bad_rows_stop_no_small_table() {
    let with = |bad: usize| {
        let stays = STAYS.to_owned() + &"P2,yesterday,,V1\n".repeat(bad);
        small_with("trajectories.csv", stays)
    };
    with(5).run(&[]).succeeds();
    with(6).run(&[]).fails(4, &["6 of 10 rows"]);
    with(1).run(&["--max-rejects", "0"]).fails(4, &["1 of 5 rows"]);
    with(0).run(&["--max-rejects", "0"]).succeeds();
    // Other rows of one person are no bad rows.
    let persons = "person_id,residence\n".to_owned()
        + &(0..50).map(|n| format!("P1,H{n}\n")).collect::<String>();
    let scratch = small_with("persons.csv", persons);
    scratch.run(&[]).succeeds();
    assert_eq!(scratch.read("rejects.csv").matches("duplicate_person,left_out").count(), 49);
}

/// A case counts, whatever else its row says.
#[test]
fn a_case_is_not_lost_over_a_side_note() {
    let cases = "person_id,onset,sampled,confirmed,isolated,imported\n\
                 C1,soon,2022-11-08,2022-11-09 09:00:00,later,perhaps\n";
    let scratch = small_with("cases.csv", cases);
    scratch.run(&[]).succeeds();
    assert!(scratch.read("contacts.csv").contains("P1,1,1,C1,"));
    let expected = "file,line,column,value,reason,row\ncases.csv,2,onset,soon,bad_time,used\n";
    assert_eq!(scratch.read("rejects.csv"), expected);
    let summary: serde_json::Value = serde_json::from_str(&scratch.read("summary.json")).unwrap();
    assert_eq!(summary["counts"]["rejects"], 0);
    assert_eq!(summary["counts"]["used_without_a_cell"], 1);
}

#[test]
fn flags_that_make_no_sense() {
    let scratch = Scratch::small();
    scratch.run(&["--policy", "atlantis"]).fails(2, &["no policy is called", "cn-2022-11"]);
    scratch.run(&["--policy", "none.toml"]).fails(2, &["cannot read `none.toml`"]);
    scratch.run(&["--as-of", "2022-11-01"]).fails(2, &["no case is confirmed", "2022-11-09T09:00"]);
    scratch.run(&["--as-of", "soon"]).fails(2, &["is no time"]);
    scratch.run(&["--timezone", "Mars/Olympus"]).fails(2, &["no time zone"]);
    scratch.run(&["--expand", "building"]).fails(2, &["--because"]);
    scratch.run(&["--threads", "0"]).fails(2, &["--threads"]);
    scratch.run(&["--encoding", "latin"]).fails(2, &["gb18030"]);
    scratch.run(&["--max-rejects", "many"]).fails(2, &["percentage"]);
    let toml = scratch.path("p.toml");
    for (from, to, says) in [
        ("min_minutes = 10", "min_hours = 1", "min_hours"),
        ("min_minutes = 10", "min_minutes = \"10\"", "invalid type"),
    ] {
        let shown = trace(&["policy", "show", "cn-2022-11"]).stdout;
        assert!(shown.contains(from));
        std::fs::write(&toml, shown.replacen(from, to, 1)).unwrap();
        scratch.run(&["--policy", toml.to_str().unwrap()]).fails(2, &["p.toml", says]);
    }
    assert!(!scratch.output().exists());
}

#[test]
fn many_cases_are_no_problem() {
    let scratch = Scratch::empty();
    let mut cases = "person_id,confirmed\n".to_owned();
    for n in 0..1_000_000 {
        cases.push_str(&format!("C{n},2022-11-09\n"));
    }
    scratch.write("cases.csv", cases).write("trajectories.csv", STAYS);
    let ran = scratch.run(&[]);
    ran.succeeds();
    assert!(ran.stdout.contains("1000000  cases"), "{}", ran.stdout);
}
