//! What people are called, where that stands, and what is to be done for whom today.

use super::folder::{CASES, STAYS, Scratch, files, part, trace};
use calamine::{Reader, Xlsx, open_workbook};

/// The number of an identity card that is nobody's.
const CARD: &str = "110101190003070011";

fn named() -> Scratch {
    let scratch = Scratch::empty();
    scratch.write("cases.csv", CASES);
    scratch.write("trajectories.csv", STAYS.replace("P1,", &format!("{CARD},")));
    scratch.write(
        "人员.csv",
        format!(
            "身份证号,姓名,手机号,联系电话,家庭住址,现住址,小区,备注\n\
             {CARD},李雷,10000000001,10000000002,东街 1 号,H1,东苑,\"怕狗, 先敲门\"\nC1,韩梅,,,,H1,,\n\
             X9,路人,10000000003,,,,,\n"
        ),
    );
    scratch.write("places.csv", "place_id,compound,building,unit,county\nH1,花园,2,1,A\n");
    scratch
}

#[test]
fn names_stand_in_a_table_of_their_own() {
    let scratch = named();
    scratch.run(&["--formats", "none", "--keep", "备注"]).succeeds();
    let people = scratch.read("people.csv");
    let lines: Vec<&str> = people.lines().collect();
    assert_eq!(
        lines[..2],
        [
            "person_id,name,phone,address,compound,building,unit,county,groups,age,备注",
            "110101190003070011,李雷,10000000001,东街 1 号,东苑,2,1,A,,,\"怕狗, 先敲门\"",
        ]
    );
    // Where somebody lives is known from their place; who is in no table has no row.
    assert_eq!(lines[2..], ["C1,韩梅,,,花园,2,1,A,,,"]);
    for (name, text) in files(&scratch.output()) {
        let of_names = name == "people.csv";
        assert!(of_names || !text.contains("李雷") && !text.contains("10000000001"), "{name}");
    }
    // Two phones are no reason to refuse a file.
    assert!(scratch.read("summary.json").contains("both mean `phone`"));
}

#[test]
fn names_go_where_they_are_asked_for() {
    let scratch = named();
    scratch.run(&["--formats", "none", "--names"]).succeeds();
    let beside = ",李雷,10000000001,东街 1 号,东苑";
    for table in ["contacts.csv", "measures.csv", "today.csv"] {
        let text = scratch.read(table);
        assert!(text.lines().next().unwrap().ends_with(",name,phone,address,compound"), "{table}");
        assert!(text.lines().any(|line| line.ends_with(beside)), "{table}: {text}");
    }
    for flags in [&["--no-names"][..], &["--pseudonyms", "key"]] {
        let key = scratch.path("key");
        let flags =
            flags.iter().map(|flag| if *flag == "key" { key.to_str().unwrap() } else { flag });
        let flags: Vec<&str> = ["--formats", "html,xlsx"].into_iter().chain(flags).collect();
        scratch.run(&flags).succeeds();
        for (name, text) in files(&scratch.output()) {
            assert!(!text.contains("李雷") && !text.contains("10000000001"), "{flags:?} {name}");
        }
    }
    scratch.run(&["--names", "--no-names"]).fails(2, &["--no-names"]);
    scratch
        .run(&["--keep", "备柱"])
        .fails(2, &["no file of persons or cases has a column `备柱`", "备注"]);
}

#[test]
fn lists_begin_with_the_name() {
    let scratch = named();
    scratch.run(&["--lang", "zh", "--handover", "compound"]).succeeds();
    let output = scratch.output();
    let cells = |file: &str, sheet: &str| -> Vec<Vec<String>> {
        let mut book: Xlsx<_> = open_workbook(scratch.output().join(file)).unwrap();
        let range = book.worksheet_range(sheet).unwrap();
        range.rows().map(|row| row.iter().map(ToString::to_string).collect()).collect()
    };
    let calls = cells("report.xlsx", "流调联系");
    assert_eq!(calls[0][..6], ["次序", "姓名", "电话", "住址", "小区", "楼栋"]);
    let card = "1101**********0011";
    assert_eq!(calls[1][1..8], ["李雷", "10000000001", "东街 1 号", "东苑", "2", "1", card]);
    assert!(
        calls[1][9].starts_with("集中隔离 11月10日至14日；居家隔离 11月15日至17日"),
        "{:?}",
        calls[1]
    );
    let cover = cells("report.xlsx", "今日工作");
    assert!(cover[0][0].contains("截至"), "{cover:?}");
    assert!(cover[2][0].starts_with("今日（11月10日）：流调联系 2 人"), "{cover:?}");
    let list = files(&output).into_keys().find(|name| name.starts_with("handover-1-")).unwrap();
    for (sheet, line) in [("流调联系", 1), ("人员", 1)] {
        let row = cells(&list, sheet)[line].join("|");
        assert!(row.contains("李雷|10000000001"), "{list} {sheet}: {row}");
        assert!(!row.contains("assigned") && !row.contains("central"), "{row}");
    }
    let persons = || part(&scratch.read("report.html"), "persons");
    assert!(persons().contains(card) && !persons().contains(CARD), "{}", persons());
    trace(&["report", "--output", output.to_str().unwrap(), "--full-ids", "--lang", "zh"])
        .succeeds();
    assert_eq!(cells("report.xlsx", "流调联系")[1][7], CARD);
    assert!(persons().contains(CARD));
}

/// Somebody behind a phone is called by their own name.
#[test]
fn the_list_of_cases_says_what_cases_are_called_too() {
    let scratch = Scratch::small();
    scratch.write(
        "病例.csv",
        "人员编号,姓名,手机号,家庭住址,发病日期,确诊时间,街道\nC1,韩梅,10000000002,中山路1号,2022-11-08,2022-11-09 09:00,城南\n",
    );
    std::fs::remove_file(scratch.input().join("cases.csv")).unwrap();
    scratch.run(&["--formats", "none", "--keep", "街道"]).succeeds();
    let people = scratch.read("people.csv");
    assert_eq!(people.lines().nth(1).unwrap(), "C1,韩梅,10000000002,中山路1号,,,,,,,城南");
    // What persons says counts, and the other fills what it leaves blank.
    scratch.write(
        "persons.csv",
        "person_id,name,phone\nC1,韩梅梅,\nC1,another,1\nP1,李雷,10000000001\n",
    );
    scratch.run(&["--formats", "none"]).succeeds();
    let people = scratch.read("people.csv");
    assert_eq!(people.lines().nth(1).unwrap(), "C1,韩梅梅,10000000002,中山路1号,,,,,,");
    assert!(people.contains("\nP1,李雷,10000000001,"), "{people}");
    scratch.run(&["--formats", "none", "--no-names"]).succeeds();
    assert!(!scratch.read("people.csv").contains("韩梅"));
}

#[test]
fn an_alias_has_the_name_of_its_person() {
    let scratch = Scratch::small();
    scratch.write("identities.csv", "alias,person_id\n10000000001,P1\n");
    scratch.write("persons.csv", "person_id,name\n10000000001,Li Lei\n");
    scratch.run(&["--formats", "none"]).succeeds();
    assert!(scratch.read("people.csv").contains("\nP1,Li Lei,"), "{}", scratch.read("people.csv"));
}

/// Nobody is held over a weekend because nobody ran it; and who is a case now is said to be one.
#[test]
fn what_fell_due_since_the_last_output_is_done_today() {
    let scratch = Scratch::empty();
    let two = format!("{CASES}C2,2022-11-09,,2022-11-10 09:00:00,\n");
    scratch.write("cases.csv", &two);
    let more = "C2,2022-11-09 10:00:00,2022-11-09 11:00:00,V2\n\
                P7,2022-11-09 10:00:00,2022-11-09 11:00:00,V2\n";
    scratch.write("trajectories.csv", format!("{STAYS}{more}"));
    let day = |as_of: &'static str| ["--formats", "none", "--as-of", as_of];
    let todo = |scratch: &Scratch, task: &str| -> Vec<String> {
        let text = scratch.read("today.csv");
        let rows = text.lines().filter(|line| line.starts_with(&format!("{task},")));
        rows.map(|line| line.split(',').nth(3).unwrap().to_owned()).collect()
    };
    scratch.run(&day("2022-11-11")).succeeds();
    let all = ["P7", "P1", "P2"];
    assert_eq!(todo(&scratch, "call"), all);
    scratch.run(&day("2022-11-11")).succeeds();
    assert_eq!(todo(&scratch, "call"), all, "a day that is run again");
    // Two days later nobody is new, and P1 has gone home in between.
    scratch.run(&day("2022-11-15")).succeeds();
    assert_eq!(todo(&scratch, "call"), Vec::<String>::new());
    assert_eq!(todo(&scratch, "transfer"), ["P1", "P7"]);
    scratch.run(&day("2022-11-16")).succeeds();
    assert_eq!(todo(&scratch, "transfer"), Vec::<String>::new());
    // The second case is taken back, and the first contact is a case.
    scratch.write("cases.csv", format!("{CASES}P1,2022-11-15,,2022-11-15 09:00:00,\n"));
    scratch.run(&day("2022-11-17")).succeeds();
    assert_eq!(todo(&scratch, "release"), ["P7"]);
    assert_eq!(todo(&scratch, "became_case"), ["P1"]);
    let text = scratch.read("today.csv");
    assert!(text.contains("release,2022-11-17,,P7,,,close_contact,,,case_taken_back,"), "{text}");
    let kept: serde_json::Value = serde_json::from_str(&scratch.read("report.json")).unwrap();
    assert_eq!(kept["changes"]["became_cases"], 1);
    assert_eq!(kept["changes"]["contacts_no_longer"], 1);
}
