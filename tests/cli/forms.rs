//! The forms a table may have: encodings, separators, line ends, packing, parts, names.

use super::folder::{CASES, STAYS, Scratch, files, gzip, trace};

/// Every form must give the tables of the plain one.
#[track_caller]
fn same_as_small(scratch: &Scratch, more: &[&str]) {
    let plain = Scratch::small();
    plain.run(&[]).succeeds();
    scratch.run(more).succeeds();
    let (plain, mut ours) = (files(&plain.output()), files(&scratch.output()));
    for name in
        ["contacts.csv", "exposures.csv", "venue_exposed.csv", "measures.csv", "rejects.csv"]
    {
        assert_eq!(ours.remove(name), plain.get(name).cloned(), "{name}");
    }
}

fn with(name: &str, bytes: impl AsRef<[u8]>) -> Scratch {
    let scratch = Scratch::empty();
    scratch.write("cases.csv", CASES).write(name, bytes);
    scratch
}

#[test]
fn marks_separators_and_line_ends() {
    let crlf = STAYS.replace('\n', "\r\n");
    let cr = STAYS.replace('\n', "\r");
    for text in [
        format!("\u{feff}{STAYS}"),
        STAYS.replace(',', ";"),
        STAYS.replace(',', "\t"),
        STAYS.replace(',', "|"),
        STAYS.replace(',', " , "),
        STAYS.trim_end().to_owned(),
        STAYS.replace('\n', "\n\n"),
        crlf,
        cr,
        STAYS.replace('\n', "\r\r\n"),
        STAYS.replace("V1", "\"V1\""),
        STAYS.replace("V1", "\"V1\n\""),
        STAYS.replace("person_id,start,end,place_id", "Person-ID,Start Time,LEFT,场所码"),
        STAYS.replace("P1,", "\u{3000}P1\u{3000},"),
    ] {
        same_as_small(&with("trajectories.csv", text), &[]);
    }
}

#[test]
fn tables_go_by_chinese_names_and_every_ending() {
    for (cases, stays) in [
        ("病例.csv", "轨迹.csv"),
        ("11月9日确诊病例.tsv", "病例轨迹明细表_20221109.txt"),
        ("感染者名单.TXT", "行程数据/第一批.csv"),
        ("2022-11-09_cases.csv", "Trajectories (1).csv"),
    ] {
        let scratch = Scratch::empty();
        scratch.write(cases, CASES).write(stays, STAYS).write("~$轨迹.csv", "a lock");
        same_as_small(&scratch, &[]);
    }
    let scratch = Scratch::empty();
    scratch.write("密接.csv", CASES).write("轨迹.csv", STAYS);
    let run = scratch.run(&["--lang", "zh"]);
    run.fails(3, &["`病例.csv`"]);
}

#[test]
fn times_in_every_style() {
    let styles: [fn(&str) -> String; 5] = [
        |text| text.replace("2022-11-", "2022.11."),
        |text| text.replace("2022-11-08 ", "20221108").replace(':', ""),
        |text| {
            text.replace("08 1", "08 下午1")
                .replace("下午10:", "上午10:")
                .replace("下午11:", "上午11:")
        },
        |text| {
            text.replace("0:00,", "0:00 PM,")
                .replace("10:", "22:")
                .replace("11:", "23:")
                .replace(" 12:00:00 PM", " 24:00")
        },
        |text| text.replace("2022-11-08 ", "2022-11-08T").replace("0:00,", "0:00+0800,"),
    ];
    for (n, style) in styles.into_iter().enumerate() {
        if n == 3 {
            // An evening: as the same by the clock of 24 hours.
            let evening = STAYS.replace(" 10:", " 22:").replace(" 11:", " 23:");
            let evening = evening.replace("2022-11-08 12:00", "2022-11-09 00:00");
            let (ours, theirs) =
                (with("trajectories.csv", style(STAYS)), with("trajectories.csv", evening));
            ours.run(&["--as-of", "2022-11-10"]).succeeds();
            theirs.run(&["--as-of", "2022-11-10"]).succeeds();
            assert!(ours.read("evidence.csv").lines().count() > 1);
            assert_eq!(ours.read("evidence.csv"), theirs.read("evidence.csv"));
            continue;
        }
        same_as_small(&with("trajectories.csv", style(STAYS)), &[]);
    }
}

#[test]
fn encodings() {
    let text = STAYS.replace("place_id", "场所编号").replace("V1", "东湖苑");
    let ascii = |scratch: &Scratch| {
        scratch.run(&[]).succeeds();
        scratch.read("contacts.csv")
    };
    let expected = ascii(&with("trajectories.csv", &text));
    assert!(expected.contains("东湖苑"));
    let gb = encoding_rs::GB18030.encode(&text).0;
    assert_eq!(ascii(&with("trajectories.csv", &gb)), expected);
    let units: Vec<u16> = std::iter::once(0xfeff).chain(text.encode_utf16()).collect();
    let le: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
    let be: Vec<u8> = units.iter().flat_map(|unit| unit.to_be_bytes()).collect();
    for bytes in [&le, &be] {
        assert_eq!(ascii(&with("trajectories.csv", bytes)), expected);
        assert_eq!(ascii(&with("trajectories.csv.gz", gzip(bytes))), expected);
    }
    let unmarked = with("trajectories.csv", &le[2..]);
    unmarked.run(&[]).fails(3, &["--encoding utf-16le"]);
    unmarked.run(&["--encoding", "utf-16le"]).succeeds();
    assert_eq!(unmarked.read("contacts.csv"), expected);
}

/// Words of GBK that are UTF-8, too: the file, or else the folder, says what they are.
#[test]
fn words_of_gbk_that_are_utf8_too() {
    let gbk = |text: &str| encoding_rs::GB18030.encode(text).0.into_owned();
    for word in ["12路", "学校", "医院"] {
        let stays = STAYS.replace("V1", word);
        let places = format!("place_id,kind\n{word},transport\n万达广场,shop\n");
        // With a neighbour that is beyond doubt, of either kind; and with none.
        let scratch = with("trajectories.csv", gbk(&stays));
        scratch.write("places.csv", gbk(&places));
        scratch.run(&[]).succeeds();
        assert_eq!(scratch.read("contacts.csv").lines().count(), 1, "{word}");
        let evidence = scratch.read("evidence.csv");
        assert!(evidence.contains(&format!("seat_unknown,{word},")), "{evidence}");
        let scratch = with("trajectories.csv", gbk(&stays));
        scratch.run(&[]).succeeds();
        assert!(scratch.read("evidence.csv").contains(word));
        let scratch = with("trajectories.csv", &stays);
        scratch.write("places.csv", &places);
        scratch.run(&[]).succeeds();
        assert!(scratch.read("evidence.csv").contains(word));
    }
    for word in ["Café", "Школа", "Müllerstraße 7"] {
        let scratch = with("trajectories.csv", STAYS.replace("V1", word));
        scratch.run(&[]).succeeds();
        assert!(scratch.read("evidence.csv").contains(word), "{word}");
    }
    // A header in Chinese and nothing else.
    let header = "身份证号,开始时间,结束时间,场所编号";
    let stays = STAYS.replace("person_id,start,end,place_id", header);
    same_as_small(&with("trajectories.csv", gbk(&stays)), &[]);
}

/// A line that was cut, or damaged, costs itself.
#[test]
fn a_damaged_line_does_not_turn_a_file_into_another() {
    for (stays, is_gbk) in
        [(STAYS.replace("V1", "东湖苑"), true), (STAYS.replace("V1", "东湖苑"), false)]
    {
        let mut bytes = match is_gbk {
            true => encoding_rs::GB18030.encode(&stays).0.into_owned(),
            false => stays.into_bytes(),
        };
        bytes.extend(b"P7,2022-11-08 10:00:00,2022-11-08 11:00:00,\xb6\xab\xba\xfe\xd4\n");
        bytes.extend(b"P8,2022-11-08 10:00:00,2022-11-08 11:00:00,V2\n");
        let scratch = with("trajectories.csv", bytes);
        scratch.run(&[]).succeeds();
        assert!(scratch.read("contacts.csv").contains("东湖苑"), "{is_gbk}");
        let rejects = scratch.read("rejects.csv");
        assert!(rejects.contains("trajectories.csv,6,place_id,"), "{rejects}");
        assert!(rejects.contains("bad_encoding"), "{rejects}");
    }
}

#[test]
fn gb18030_that_begins_late_is_still_found() {
    let mut text = STAYS.to_owned();
    for n in 0..9000 {
        text.push_str(&format!("Q{n},2022-11-01 10:30:00,2022-11-01 12:00:00,V2\n"));
    }
    text.push_str("P9,2022-11-08 10:30:00,2022-11-08 12:00:00,东湖苑\n");
    text.push_str("C1,2022-11-08 10:30:00,2022-11-08 12:00:00,东湖苑\n");
    let scratch = with("trajectories.csv", encoding_rs::GB18030.encode(&text).0);
    scratch.run(&[]).succeeds();
    assert!(scratch.read("contacts.csv").contains("P9,"));
    assert!(scratch.read("contacts.csv").contains("东湖苑"));
}

/// Wherever the border of a block cuts the first row that is not ASCII.
#[test]
fn gb18030_that_begins_at_the_border_of_a_block_is_found() {
    let row = "张三,2022-11-08 10:30:00,2022-11-08 12:00:00,V1\n";
    for (blocks, before) in [(1, 1), (1, 20), (1, 47), (2, 1), (2, 20), (2, 47)] {
        let mut text = STAYS.to_owned();
        let begins = (blocks << 18) - before;
        for n in 0.. {
            let filler = format!("Q{n},2022-11-01 10:30:00,2022-11-01 12:00:00,V2\n");
            if text.len() + filler.len() + 60 > begins {
                break;
            }
            text.push_str(&filler);
        }
        // The last filler is as long as it takes.
        let width = begins - text.len() - 43;
        let place = "V".repeat(width);
        text.push_str(&format!("Q,2022-11-01 10:30:00,2022-11-01 12:00:00,{place}\n"));
        assert_eq!(text.len(), begins);
        text.push_str(row);
        for n in 0..3000 {
            text.push_str(&format!("R{n},2022-11-01 10:30:00,2022-11-01 12:00:00,东湖苑\n"));
        }
        let scratch = with("trajectories.csv", encoding_rs::GB18030.encode(&text).0);
        scratch.run(&["--threads", "3"]).succeeds();
        assert!(scratch.read("contacts.csv").contains("张三,"), "{blocks} blocks, {before} before");
        assert_eq!(scratch.read("rejects.csv").lines().count(), 1);
    }
}

#[test]
fn packed_and_in_parts() {
    same_as_small(&with("trajectories.csv.gz", gzip(STAYS.as_bytes())), &[]);
    let zst = zstd::bulk::compress(STAYS.as_bytes(), 3).unwrap();
    same_as_small(&with("trajectories.csv.zst", zst), &[]);
    let (header, rows) = STAYS.split_once('\n').unwrap();
    let parts = Scratch::empty();
    parts.write("cases.csv", CASES);
    let members: Vec<u8> =
        STAYS.split_inclusive('\n').take(3).flat_map(|l| gzip(l.as_bytes())).collect();
    parts.write("trajectories/a.csv.gz", members);
    let rest: Vec<&str> = rows.split_inclusive('\n').skip(2).collect();
    parts.write("trajectories/deep/b.csv", format!("{header}\n{}", rest.concat()));
    same_as_small(&parts, &[]);
}

#[test]
fn names_of_ones_own() {
    let text = STAYS.replace("place_id", "Where was it");
    let scratch = with("trajectories.csv", text);
    scratch.run(&[]).fails(3, &["`Where was it`", "--columns"]);
    let file = scratch.path("columns.toml");
    std::fs::write(&file, "[trajectories]\nplace_id = [\"Where was it\"]\n").unwrap();
    same_as_small(&scratch, &["--columns", file.to_str().unwrap()]);
}

#[test]
fn a_name_of_ones_own_settles_which_column_is_meant() {
    let cases = CASES.replacen("person_id", "person,uid", 1).replace("C1,", "C1,7,");
    let scratch = Scratch::small();
    scratch.write("cases.csv", cases);
    scratch.run(&[]).fails(3, &["`person` and `uid` both mean `person_id`"]);
    let file = scratch.path("columns.toml");
    std::fs::write(&file, "[cases]\nperson_id = [\"person\"]\n").unwrap();
    scratch.run(&["--columns", file.to_str().unwrap()]).succeeds();
    assert!(scratch.read("contacts.csv").contains("P1,1,1,C1,"));
}

#[test]
fn what_a_folder_may_hold() {
    let scratch = Scratch::empty();
    scratch.write("cases.csv", CASES);
    let (header, rows) = STAYS.split_once('\n').unwrap();
    for (n, row) in rows.lines().enumerate() {
        scratch.write(&format!("Trajectories/{n}.csv"), format!("{header},shoe size\n{row},42\n"));
    }
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("nobody@host.1", scratch.input().join(".#cases.csv")).unwrap();
        std::os::unix::fs::symlink(".", scratch.input().join("Trajectories/again")).unwrap();
    }
    let ran = scratch.run(&[]);
    ran.succeeds();
    assert!(ran.stdout.contains("ignored: column `shoe size` of trajectories"), "{}", ran.stdout);
    assert!(ran.stdout.contains("trajectories: 4 rows, 4 used"), "{}", ran.stdout);
    assert!(scratch.read("contacts.csv").contains("P1,"));
}

#[test]
fn check_accounts_for_every_row() {
    let scratch = Scratch::small();
    scratch.write("persons.csv", "id;home;shoe size\nP1;H1;42\nP1;H1;42\nP1;H2;42\n;H1;1\n");
    scratch.write("notes.txt", "x");
    let input = scratch.input();
    let ran = trace(&["check", "--input", input.to_str().unwrap()]);
    ran.succeeds();
    for part in [
        "persons.csv (persons,",
        "UTF-8, separator `;`",
        "person_id        <- id",
        "ignored columns: shoe size",
        "4 rows read = 1 used + 1 repeated + 2 rejected",
        "line 4: person_id `P1` is duplicate_person",
        "line 5: person_id `` is missing_value",
        "notes.txt: not read",
        "colocations: no such table",
    ] {
        assert!(ran.stdout.contains(part), "`{part}` is not in:\n{}", ran.stdout);
    }
    assert!(!scratch.output().exists());
}

#[test]
fn duplicate_cases_keep_the_earliest() {
    let scratch = Scratch::small();
    let mut cases = CASES.to_owned();
    cases.push_str("C1,2022-11-08,,2022-11-09 09:00:00,2022-11-09 12:00:00\n");
    cases.push_str("C1,2022-11-07,,2022-11-09 10:00:00,\n");
    scratch.write("cases.csv", cases);
    scratch.run(&[]).succeeds();
    let expected =
        "file,line,column,value,reason,row\ncases.csv,4,person_id,C1,duplicate_case,left_out\n";
    assert_eq!(scratch.read("rejects.csv"), expected);
    let summary: serde_json::Value = serde_json::from_str(&scratch.read("summary.json")).unwrap();
    assert_eq!(summary["input"]["tables"]["cases"]["repeated"], 1);
}
