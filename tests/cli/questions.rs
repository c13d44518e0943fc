//! Questions to a run, as a user asks them.

use super::folder::{CASES, Ran, STAYS, Scratch, trace};
use serde_json::Value;

fn ask(scratch: &Scratch, words: &[&str]) -> Ran {
    let input = scratch.input();
    let (command, flags) = words.split_first().unwrap();
    trace(
        &[&[*command, "--input", input.to_str().unwrap(), "--lang", "en", "--quiet"], flags]
            .concat(),
    )
}

fn json(scratch: &Scratch, words: &[&str]) -> Value {
    let ran = ask(scratch, &[words, &["--json"]].concat());
    ran.succeeds();
    serde_json::from_str(&ran.stdout).unwrap()
}

#[test]
fn a_verdict_leads_back_to_its_rows() {
    let scratch = Scratch::small();
    let ran = ask(&scratch, &["explain", "--person", "P1"]);
    ran.succeeds();
    for part in ["P1 · close contact", "case C1: together", "are enough", "trajectories.csv:"] {
        assert!(ran.stdout.contains(part), "`{part}` is not in: {}", ran.stdout);
    }
    let why = json(&scratch, &["explain", "--person", "P1"]);
    assert_eq!(
        (&why["class"], &why["pairs"][0]["qualifies"]),
        (&"close_contact".into(), &true.into())
    );
    let row = &why["pairs"][0]["matches"][0]["person_row"];
    let line: usize = row["row"].as_str().unwrap().split(':').nth(1).unwrap().parse().unwrap();
    assert_eq!(row["cells"]["person_id"], "P1");
    assert!(STAYS.lines().nth(line - 1).unwrap().starts_with("P1,"));
    let ran = ask(&scratch, &["explain", "--case", "C1"]);
    ran.succeeds();
    assert!(ran.stdout.contains("1 close contacts"), "{}", ran.stdout);
    ask(&scratch, &["explain", "--case", "P1"]).fails(2, &["no case is called `P1`"]);
    ask(&scratch, &["explain", "--zone", "nowhere"]).fails(2, &["no zone is called `nowhere`"]);
    ask(&scratch, &["explain"]).fails(2, &["--person <ID>"]);
}

#[test]
fn what_is_missing_is_said_in_numbers() {
    let scratch = Scratch::empty();
    scratch.write("cases.csv", "person_id,onset,confirmed\nC,2022-11-08,2022-11-09 09:00\n");
    scratch.write("places.csv", "place_id,kind,enclosed\nV,shop,1\nPARK,park,0\nBUS,transport,1\n");
    scratch.write(
        "trajectories.csv",
        "person_id,start,end,place_id,seat_row,protected\n\
         C,2022-11-08 08:00,2022-11-08 09:00,V,,\nC,2022-11-08 10:00,2022-11-08 11:00,PARK,,\n\
         C,2022-11-08 12:00,2022-11-08 13:00,BUS,4,\nC,2022-11-04 08:00,2022-11-04 09:00,V,,\n\
         SHORT,2022-11-08 08:52,2022-11-08 09:20,V,,\nPARK,2022-11-08 10:10,2022-11-08 10:50,PARK,,\n\
         ROWS,2022-11-08 12:00,2022-11-08 13:00,BUS,11,\nMASK,2022-11-08 08:10,2022-11-08 08:40,V,,1\n\
         EARLY,2022-11-04 08:30,2022-11-04 08:50,V,,\nLATER,2022-11-08 09:05,2022-11-08 09:20,V,,\n\
         FAR,2022-11-08 08:00,2022-11-08 09:00,ELSEWHERE,,\n\
         NIGHT,2022-11-08 22:00,2022-11-08 06:00,V,,\n",
    );
    let says = |person: &str| ask(&scratch, &["why-not", "--person", person]).stdout;
    for (person, said) in [
        ("SHORT", "case C: together 8 min of 10 min"),
        ("PARK", "case C: in the open air where nobody crowds, for 40 min"),
        ("ROWS", "case C: 7 seat rows apart, 3 count"),
        ("MASK", "case C: protected, for 30 min"),
        ("EARLY", "case C: 39 h 10 min before the window of the case"),
        ("LATER", "case C: one after the other, 5 min between them"),
        ("FAR", "they came near no case in this export"),
        ("GONE", "no row of this export is about this id"),
        ("far", "ids that look alike: FAR"),
        ("NIGHT", "left out: trajectories.csv:13 · end before start"),
    ] {
        assert!(says(person).contains(said), "{person}: {}", says(person));
    }
    // A row that is left out is a row; and who is a contact came near somebody.
    assert!(!says("NIGHT").contains("no row of this export"), "{}", says("NIGHT"));
    let night = json(&scratch, &["why-not", "--person", "NIGHT"]);
    assert_eq!(night["rejected"][0]["row"]["cells"]["end"], "2022-11-08 06:00");
    assert!(!says("C").contains("came near no case"), "{}", says("C"));
    let short = json(&scratch, &["why-not", "--person", "SHORT"]);
    let first = &short["misses"][0];
    assert_eq!((&first["is"], &first["needed"]), (&480.0.into(), &600.0.into()));
    let zh = trace(&[
        "why-not",
        "--input",
        scratch.input().to_str().unwrap(),
        "--person",
        "SHORT",
        "--lang",
        "zh",
        "-q",
    ]);
    assert!(zh.stdout.contains("同在 8 分钟，标准为 10 分钟"), "{}", zh.stdout);
}

#[test]
fn the_answer_is_that_of_the_results() {
    let scratch = Scratch::small();
    scratch.run(&["--formats", "none", "--set", "exposure.min_minutes=600"]).succeeds();
    let summary: Value = serde_json::from_str(&scratch.read("summary.json")).unwrap();
    assert_eq!(summary["policy"]["name"], "cn-2022-11 (exposure.min_minutes=600)");
    assert_eq!(summary["policy"]["sources"]["exposure.min_minutes"], "set for this run (--set)");
    let output = scratch.output();
    let results = ["--results", output.to_str().unwrap()];
    let class = |more: &[&str]| {
        json(&scratch, &[&["explain", "--person", "P1"], more].concat())["class"].clone()
    };
    assert_eq!((class(&[]), class(&results)), ("close_contact".into(), "venue_exposed".into()));
    scratch.run(&["--set", "exposure.minutes=1"]).fails(2, &["--set exposure.minutes=1"]);
    scratch.run(&["--set", "min_minutes=7"]).fails(2, &["write it as exposure.min_minutes=7"]);
}

#[test]
fn a_phone_stands_for_its_owner() {
    let scratch = Scratch::small();
    scratch.write("identities.csv", "alias,person_id\n13800001234,P1\n13800005678,C1\n");
    let of_case = json(&scratch, &["explain", "--case", "13800005678"]);
    assert_eq!(of_case["case_id"], "C1");
    let of_phone = json(&scratch, &["explain", "--person", "13800001234"]);
    assert_eq!(
        (&of_phone["person_id"], &of_phone["class"]),
        (&"P1".into(), &"close_contact".into())
    );
    let not = json(&scratch, &["why-not", "--person", "13800001234"]);
    assert_eq!((&not["person_id"], &not["stays"]), (&"P1".into(), &1.into()));
}

/// The threshold that is named is the one that was nearest; of a case, nobody is themselves.
#[test]
fn the_nearest_condition_is_named() {
    let scratch = Scratch::empty();
    scratch.write(
        "cases.csv",
        "person_id,onset,confirmed\nC,2022-11-08,2022-11-09 09:00\nD,2022-11-08,2022-11-09 09:00\n",
    );
    scratch.write("places.csv", "place_id,enclosed,dense\nBAR,1,1\nV,1,0\n");
    scratch.write(
        "trajectories.csv",
        "person_id,start,end,place_id,protected\nC,2022-11-08 08:00,2022-11-08 09:00,BAR,\n\
         C,2022-11-08 10:00,2022-11-08 20:00,V,\nC,2022-11-02 10:00,2022-11-02 11:00,V,\n\
         DENSE,2022-11-08 08:59:20,2022-11-08 09:30,BAR,\n\
         MASK,2022-11-08 10:00,2022-11-08 10:01,V,1\nMASK,2022-11-08 12:00,2022-11-08 15:00,V,1\n",
    );
    let says = |person: &str| ask(&scratch, &["why-not", "--person", person]).stdout;
    assert!(says("DENSE").contains("together 40 s of 1 min"), "{}", says("DENSE"));
    assert!(says("MASK").contains("protected, for 3 h"), "{}", says("MASK"));
    let own = json(&scratch, &["why-not", "--person", "C"]);
    assert_eq!((&own["class"], &own["misses"]), (&"case".into(), &serde_json::json!([])));
}

/// A measure that is over is no measure, whatever day stands beside it.
#[test]
fn a_release_is_a_release() {
    let scratch = Scratch::small();
    let path = scratch.path("people.csv");
    let wrong = |state: &str, until: &str| {
        std::fs::write(&path, format!("person_id,state,release_on\nP1,{state},{until}\n")).unwrap();
        let ran = ask(&scratch, &["audit", "--people", path.to_str().unwrap(), "--json"]);
        let found: Value = serde_json::from_str(&ran.stdout).unwrap();
        let own = found["findings"].as_array().unwrap().iter().find(|of| of["id"] == "P1").cloned();
        own.map_or("", |of| match of["wrong"].as_str().unwrap() {
            "person_too_early" => "early",
            "person_too_long" => "long",
            other => panic!("{other}"),
        })
    };
    assert_eq!(wrong("active", "2022-11-17"), "");
    assert_eq!(wrong("已解除", "2022-11-17"), "early");
    assert_eq!(wrong("released", "2022-12-01"), "early");
    assert_eq!(wrong("active", "2022-12-01"), "long");
    assert_eq!(wrong("", "2022-11-12"), "early");
}

/// What no row says is named: an end that is blank, or the start again.
#[test]
fn what_is_assumed_is_said() {
    let scratch = Scratch::empty();
    scratch.write("cases.csv", CASES);
    scratch.write(
        "trajectories.csv",
        "person_id,start,end,place_id\nC1,2022-11-08 10:00,2022-11-08 11:00,V\n\
         BLANK,2022-11-08 10:00,,V\nSAME,2022-11-08 10:00,2022-11-08 10:00,V\n\
         SAID,2022-11-08 10:00,2022-11-08 10:30,V\n",
    );
    let assumed = |person: &str| {
        let why = json(&scratch, &["explain", "--person", person]);
        assert_eq!(why["class"], "close_contact");
        why["pairs"][0]["matches"][0]["assumed"].clone()
    };
    let end = serde_json::json!(["end_of_person"]);
    assert_eq!([assumed("BLANK"), assumed("SAME")], [end.clone(), end]);
    assert_eq!(assumed("SAID"), serde_json::json!([]));
    let rests = &json(&scratch, &["audit"])["rests_on"];
    assert_eq!((&rests["close_contacts"], &rests["assumed_ends"]), (&3.into(), &2.into()));
}

/// A list as a bureau keeps it: other names, GB18030, columns that nobody asked for.
#[test]
fn orders_are_held_against_the_evidence() {
    let scratch = Scratch::empty();
    scratch.write("cases.csv", CASES).write("trajectories.csv", STAYS);
    ask(&scratch, &["audit"]).succeeds();
    let (people, ..) = encoding_rs::GB18030
        .encode("身份证号,姓名,措施,解除日期\nNOBODY,甲,密切接触者,2023-01-01\n,乙,,\n");
    scratch.write("../people.csv", people);
    let path = scratch.path("people.csv");
    let ran = ask(&scratch, &["audit", "--people", path.to_str().unwrap()]);
    ran.fails(5, &["findings"]);
    for part in
        ["people held without ground: 1", "people.csv:2", "people.csv:3  person_id missing_value"]
    {
        assert!(ran.stdout.contains(part), "`{part}` is not in: {}", ran.stdout);
    }
    assert!(ran.stdout.contains("people whose measure was not ordered"), "{}", ran.stdout);
    // What else their list says of the person comes back with the finding.
    let csv = scratch.path("found.csv");
    ask(
        &scratch,
        &["audit", "--people", path.to_str().unwrap(), "--csv", csv.to_str().unwrap(), "--json"],
    )
    .fails(5, &["findings"]);
    let found = std::fs::read_to_string(csv).unwrap();
    let mut lines = found.lines();
    let head = lines.next().unwrap();
    assert!(head.ends_with(",order: 身份证号,order: 姓名,order: 措施,order: 解除日期"), "{head}");
    let of_nobody = lines.find(|line| line.contains("NOBODY")).unwrap();
    assert!(of_nobody.ends_with(",NOBODY,甲,密切接触者,2023-01-01"), "{of_nobody}");
    assert!(
        found.lines().all(|line| line.split(',').count() == head.split(',').count()),
        "{found}"
    );
}

/// Without a list of its own, an audit takes the table `orders` of the export: who is held until
/// when, and where today.
#[test]
fn the_orders_of_the_export_are_audited() {
    let scratch = Scratch::empty();
    scratch.write("cases.csv", "person_id,onset,confirmed\nC,2022-11-08,2022-11-09 09:00\n");
    let stays = ["RIGHT", "LONG", "EARLY", "HOME", "UNTOLD", "OPEN"]
        .map(|person| format!("{person},2022-11-08 10:00,2022-11-08 11:00,V\n"));
    let head = "person_id,start,end,place_id\nC,2022-11-08 10:00,2022-11-08 11:00,V\n";
    scratch.write("trajectories.csv", format!("{head}{}", stays.concat()));
    // Day 0 is the 8th: central 9 to 13, home 14 to 16, free on the 17th.
    let orders = "person_id,kind,from,to\n\
        RIGHT,central,2022-11-09,2022-11-13\nRIGHT,home,2022-11-14,2022-11-16\n\
        LONG,central,2022-11-09,2022-11-20\n\
        EARLY,集中隔离,2022-11-09,2022-11-12\n\
        HOME,home,2022-11-09,2022-11-16\n\
        NOBODY,central,2022-11-09,2022-11-20\nOVER,central,2022-11-01,2022-11-05\n\
        OPEN,central,2022-11-09,\nLOOP,bubble,2022-11-01,2022-11-30\n\
         LOOP,monitor,2022-12-01,2022-12-05\nBAD,nowhere,2022-11-01,2022-11-30\n";
    scratch.write("orders.csv", orders);
    let ran = ask(&scratch, &["audit", "--as-of", "2022-11-12", "--json"]);
    let found: Value = serde_json::from_str(&ran.stdout).unwrap();
    let said = |of: &Value| {
        let text = |name: &str| of[name].as_str().unwrap_or("–").to_owned();
        let days = &of["person_days"];
        [text("wrong"), text("id"), text("ordered"), text("row"), days.to_string()].join(" ")
    };
    let all: Vec<String> = found["findings"].as_array().unwrap().iter().map(said).collect();
    assert_eq!(
        all,
        [
            "person_without_ground NOBODY central 2022-11-21 orders.csv:7 9",
            "person_too_long LONG central 2022-11-21 orders.csv:4 4",
            "person_wrong_measure HOME home 2022-11-17 orders.csv:6 0",
            "person_too_early EARLY central 2022-11-13 orders.csv:5 4",
            "person_missing UNTOLD  – 0",
        ]
        .map(str::to_owned)
    );
    assert_eq!(found["unusable"]["orders.csv:12"], "kind bad_value");
    // The same as a list of its own: what its columns are called is no matter, and a column that
    // nothing is made of is said.
    let list = scratch.path("ordered.csv");
    let head = "人员编号,管控类型,开始日期,结束日期,备注\n";
    let rows = "LONG,central,2022-11-09,2022-11-20,\nNOBODY,central,2022-11-09,2022-11-20,\n";
    std::fs::write(&list, format!("{head}{rows}")).unwrap();
    let args = ["audit", "--as-of", "2022-11-12", "--people", list.to_str().unwrap(), "--json"];
    let found: Value = serde_json::from_str(&ask(&scratch, &args).stdout).unwrap();
    let all: Vec<String> = found["findings"].as_array().unwrap().iter().map(said).collect();
    for says in [
        "person_without_ground NOBODY central 2022-11-21 ordered.csv:3 9",
        "person_too_long LONG central 2022-11-21 ordered.csv:2 4",
    ] {
        assert!(all.iter().any(|of| of == says), "{says}: {all:#?}");
    }
    assert_eq!(found["not_read"]["ordered.csv"][0], "备注");
}

#[test]
fn looser_practices_are_counted_and_name_nobody() {
    let scratch = Scratch::empty();
    scratch.write("cases.csv", "person_id,onset,confirmed\nC,2022-11-08,2022-11-09 09:00\n");
    scratch.write(
        "places.csv",
        "place_id,lon,lat,radius_m\nV,120.0001,30.0001,20\nX,120.0003,30.0003,20\nW,120.5,30.5,20\n",
    );
    scratch.write(
        "trajectories.csv",
        "person_id,start,end,place_id\nC,2022-11-08 10:00,2022-11-08 11:00,V\n\
         CONTACT,2022-11-08 10:10,2022-11-08 10:50,V\nCONTACT,2022-11-08 12:00,2022-11-08 13:00,W\n\
         SECOND,2022-11-08 12:30,2022-11-08 12:40,W\nBEFORE,2022-11-08 08:00,2022-11-08 08:30,W\n\
         EVENING,2022-11-08 20:00,2022-11-08 20:30,V\nNEXTDAY,2022-11-09 20:00,2022-11-09 20:30,V\n\
         NEXTDOOR,2022-11-08 10:00,2022-11-08 10:15,X\nBRIEFLY,2022-11-08 10:00,2022-11-08 10:05,X\n",
    );
    let audit = json(&scratch, &["audit"]);
    let people = |n: usize| audit["avoided"][n]["people"].as_u64().unwrap();
    assert_eq!([1, 2, 3].map(people), [1, 1, 1], "{audit:#}");
    let text = audit.to_string();
    assert!(!text.contains("SECOND") && !text.contains("NEXTDOOR"), "{text}");
    // A run counts the same where it is asked to, and says so; else whole buildings only.
    scratch.run(&["--looser", "--formats", "html"]).succeeds();
    let summary: Value = serde_json::from_str(&scratch.read("summary.json")).unwrap();
    let ours = ["companions_800_m", "contacts_of_contacts", "everybody_at_places"];
    assert_eq!(ours.map(|name| &summary["avoided"][name]["people"]), [1, 1, 1]);
    assert_eq!(summary["avoided"]["companions_800_m"]["person_days"], 8, "central 5, home 3");
    assert!(scratch.read("report.html").contains("\"companions_800_m\":{\"people\":1"));
    scratch.run(&["--formats", "none"]).succeeds();
    let summary: Value = serde_json::from_str(&scratch.read("summary.json")).unwrap();
    let named: Vec<&String> = summary["avoided"].as_object().unwrap().keys().collect();
    assert_eq!(named, ["whole_building"]);
}

#[test]
fn a_file_that_is_no_file_is_written_to_and_stays() {
    let scratch = Scratch::small();
    scratch.run(&["--formats", "none"]).succeeds();
    let output = scratch.output();
    let output = output.to_str().unwrap();
    let ran = trace(&["diff", output, output, "--csv", "/dev/null", "--lang", "en"]);
    ran.succeeds();
    assert!(ran.stdout.contains(": 0 changes"), "{}", ran.stdout);
    assert!(!std::fs::metadata("/dev/null").unwrap().is_file());
}

#[test]
fn answers_have_schemas() {
    for topic in [
        "explain-person",
        "explain-zone",
        "explain-case",
        "why-not",
        "audit",
        "sensitivity",
        "diff",
    ] {
        let ran = trace(&["help", &format!("schema-{topic}")]);
        ran.succeeds();
        let schema: Value = serde_json::from_str(&ran.stdout).unwrap();
        let part = if topic == "diff" { "changes" } else { "as_of" };
        assert!(schema["properties"][part].is_object(), "{schema:#}");
    }
    trace(&["help", "schema-nothing"]).fails(2, &["schema-nothing"]);
}

/// The page of the later output speaks of the earlier one that is named, whatever its run knew.
#[test]
fn what_changed_has_a_page() {
    let scratch = Scratch::small();
    scratch.run(&["--formats", "none", "--as-of", "2022-11-10"]).succeeds();
    let old = scratch.path("old");
    std::fs::rename(scratch.output(), &old).unwrap();
    let stays = format!("{STAYS}P9,2022-11-08 10:00:00,2022-11-08 11:00:00,V1\n");
    scratch.write("trajectories.csv", stays);
    scratch.run(&["--formats", "none", "--as-of", "2022-11-11"]).succeeds();
    let (new, page) = (scratch.output(), scratch.path("changes.html"));
    let paths = [&old, &new, &page].map(|path| path.to_str().unwrap());
    trace(&["diff", paths[0], paths[1], "--html", paths[2]]).succeeds();
    let text = std::fs::read_to_string(&page).unwrap();
    let (_, data) = text.split_once("id=\"data\">").unwrap();
    let data: Value = serde_json::from_str(data.split_once("</script>").unwrap().0).unwrap();
    assert_eq!(data["changes"]["since"], "2022-11-10T00:00:00+08:00");
    assert_eq!(
        (&data["changes"]["new_contacts"], &data["brief"]["en"][0]),
        (&1.into(), &"Since 9 Nov at 24:00: 1 new close contact.".into())
    );
    let changed = data["changed"]["rows"].as_array().unwrap();
    assert!(changed.iter().any(|row| row.to_string().contains("\"new\"")), "{changed:?}");
    // The output itself stays as it is.
    assert!(!new.join("report.html").exists());
}

#[test]
fn people_are_asked_about_by_name_and_phone_too() {
    let scratch = Scratch::small();
    scratch.write(
        "persons.csv",
        "person_id,name,phone\nP1,李雷,10000000001\nP2,韩梅,10000000002\nP3,韩梅,10000000003\n\
         330102199003070011,赵敏,10000000004\n",
    );
    let stays = STAYS.replace("P3", "330102199003070011");
    scratch.write("trajectories.csv", stays);
    let input = scratch.input();
    let ask = |command: &str, who: &str| {
        trace(&[command, "--input", input.to_str().unwrap(), "--person", who, "--lang", "en"])
    };
    for who in ["P1", "李雷", "10000000001"] {
        assert!(ask("explain", who).stdout.starts_with("P1 · close contact"), "{who}");
    }
    assert!(ask("why-not", "10000000002").stdout.starts_with("P2 · "));
    // Only those who are in the tables of a run go by their names: the other is in none.
    assert!(ask("explain", "韩梅").stdout.starts_with("P2 · "));
    ask("explain", "NOBODY").fails(2, &["no person is called", "people.csv"]);
    ask("explain", "赵敏").fails(2, &["no person is called"]);
    assert!(ask("explain", "330102199003070011").stdout.starts_with("330102199003070011"));
    scratch.write("persons.csv", "person_id,name\nP1,李雷\nP2,李雷\n");
    ask("explain", "李雷").fails(2, &["means several people: P1, P2"]);
}
