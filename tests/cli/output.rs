//! The output folder: whole or not at all, private, and never over somebody else's files.

use super::folder::{CASES, STAYS, Scratch, files, tables, trace};

#[test]
fn the_small_export_tells_the_three_classes_apart() {
    let scratch = Scratch::small();
    let ran = scratch.run(&[]);
    ran.succeeds();
    assert!(ran.stderr.is_empty(), "{}", ran.stderr);
    let contacts = scratch.read("contacts.csv");
    assert_eq!(
        contacts.lines().nth(1).unwrap(),
        "P1,1,1,C1,2022-11-08T10:30:00+08:00,2022-11-08T11:00:00+08:00,30,30,venue,V1"
    );
    let venue = scratch.read("venue_exposed.csv");
    assert_eq!(venue.lines().nth(1).unwrap(), "P2,1,C1,2022-11-08T11:00:00+08:00,5,venue,V1");
    assert_eq!((contacts.lines().count(), venue.lines().count()), (2, 2));
    let proof = "C1,P1,venue,V1,2022-11-08T10:30:00+08:00,2022-11-08T11:00:00+08:00,\
                 trajectories.csv:2,trajectories.csv:3";
    assert_eq!(scratch.read("evidence.csv").lines().nth(1).unwrap(), proof);
}

#[test]
fn a_failed_run_leaves_the_old_output() {
    let scratch = Scratch::small();
    scratch.run(&[]).succeeds();
    let before = files(&scratch.output());
    scratch.write("cases.csv", "");
    scratch.run(&[]).fails(3, &[]);
    assert_eq!(files(&scratch.output()), before);
    let entries = std::fs::read_dir(scratch.path("")).unwrap().count();
    assert_eq!(entries, 2, "nothing is left beside `in` and `out`");
}

#[test]
fn other_peoples_folders_are_left_alone() {
    let scratch = Scratch::small();
    std::fs::create_dir(scratch.output()).unwrap();
    std::fs::write(scratch.output().join("thesis.doc"), "x").unwrap();
    scratch.run(&[]).fails(2, &["`thesis.doc`", "--force"]);
    scratch.run(&["--force"]).succeeds();
    assert_eq!(scratch.read("thesis.doc"), "x");
    assert!(scratch.read("contacts.csv").contains("P1"));
    let inside = scratch.input().join("out");
    let (input, root) = (scratch.input(), scratch.path(""));
    for output in [&inside, &input, &root] {
        let args =
            ["run", "--input", input.to_str().unwrap(), "--output", output.to_str().unwrap()];
        trace(&args).fails(2, &["lie in each other"]);
    }
}

#[test]
fn an_earlier_output_is_replaced_whole() {
    let scratch = Scratch::small();
    scratch.run(&["--policy", "who"]).succeeds();
    assert!(scratch.read("measures.csv").contains("home 2022-11-09..2022-11-22"));
    scratch.run(&[]).succeeds();
    assert!(scratch.read("measures.csv").contains("central 2022-11-09..2022-11-13"));
}

#[cfg(unix)]
#[test]
fn only_the_owner_can_read_results() {
    use std::os::unix::fs::PermissionsExt;
    let scratch = Scratch::small();
    scratch.run(&[]).succeeds();
    let mode = |path: &std::path::Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&scratch.output()), 0o700);
    for entry in std::fs::read_dir(scratch.output()).unwrap() {
        assert_eq!(mode(&entry.unwrap().path()), 0o600);
    }
}

/// Interrupted while it writes: the folder with the unfinished output has just appeared.
#[cfg(target_os = "linux")]
#[test]
fn a_killed_run_leaves_the_old_output() {
    let scratch = Scratch::small();
    // Each speaks of what there was before it, as the one that is killed will.
    scratch.run(&["--policy", "who"]).succeeds();
    scratch.run(&[]).succeeds();
    let after = tables(&scratch.output());
    scratch.run(&["--policy", "who"]).succeeds();
    let before = tables(&scratch.output());
    let mut run = std::process::Command::new(env!("CARGO_BIN_EXE_trace"))
        .args(["run", "--quiet", "--input"])
        .arg(scratch.input())
        .arg("--output")
        .arg(scratch.output())
        .spawn()
        .unwrap();
    let partial = |name: std::ffi::OsString| name.to_string_lossy().contains("partial");
    let writes =
        || std::fs::read_dir(scratch.path("")).unwrap().any(|e| partial(e.unwrap().file_name()));
    while run.try_wait().unwrap().is_none() && !writes() {}
    let _ = std::process::Command::new("kill").args(["-INT", &run.id().to_string()]).status();
    let code = run.wait().unwrap().code();
    assert!(code == Some(130) && !writes() || code == Some(0), "{code:?}");
    // One or the other whole, never some of each.
    let now = tables(&scratch.output());
    assert!(now == before || now == after, "{:?}", now.keys());
    // What it left behind goes with the next run.
    scratch.run(&[]).succeeds();
    assert_eq!(std::fs::read_dir(scratch.path("")).unwrap().count(), 2);
}

#[test]
fn somebodys_own_tables_are_no_output() {
    let scratch = Scratch::small();
    std::fs::create_dir(scratch.output()).unwrap();
    std::fs::write(scratch.output().join("contacts.csv"), "mine").unwrap();
    scratch.run(&[]).fails(2, &["`contacts.csv`", "--force"]);
    std::fs::remove_dir_all(scratch.output()).unwrap();
    std::fs::write(scratch.output(), "mine").unwrap();
    scratch.run(&[]).fails(2, &["is a file"]);
}

#[test]
fn json_is_the_summary_and_quiet_is_silent() {
    let scratch = Scratch::small();
    let ran = scratch.run(&["--json"]);
    let summary: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(summary["counts"]["close_contacts"], 1);
    assert_eq!(summary["policy"]["exposure"]["min_minutes"], 10);
    let ran = scratch.run(&["--quiet"]);
    assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("", ""));
}

#[test]
fn help_reads_well() {
    for (args, says) in [
        (&["--help"][..], "Examples:"),
        (&["help", "tables"], "## trajectories 轨迹"),
        (&["help", "tables"], "## zone_options.csv"),
        (&["help", "systems"], "make_epicontacts"),
        (&["help", "rules"], "不再判定密接的密接"),
        (&["help", "run"], "--as-of"),
        (&["policy", "list"], "cn-shanxi-2022-11"),
        (&["policy", "show", "who"], "[sources]"),
        (&["completions", "bash"], "complete"),
        (&["man"], ".TH"),
    ] {
        let ran = trace(args);
        ran.succeeds();
        assert!(ran.stdout.contains(says), "{args:?}");
    }
    trace(&["help", "nothing"]).fails(2, &["no help"]);
}

#[test]
fn the_help_speaks_chinese() {
    for args in [&["--help", "--lang", "zh"][..], &["run", "--lang=zh", "--help"]] {
        let ran = trace(args);
        ran.succeeds();
        for word in ["用法：", "选项:", "显示帮助"] {
            assert!(ran.stdout.contains(word), "{word} is not in {}", ran.stdout);
        }
        assert!(
            !ran.stdout.contains("Print help") && !ran.stdout.contains("Usage"),
            "{}",
            ran.stdout
        );
    }
}

#[test]
fn a_shown_policy_can_be_given_back() {
    let scratch = Scratch::small();
    let toml = scratch.path("mine.toml");
    std::fs::write(&toml, trace(&["policy", "show", "cn-2022-11"]).stdout).unwrap();
    scratch.run(&["--policy", toml.to_str().unwrap()]).succeeds();
    let given = tables(&scratch.output());
    scratch.run(&[]).succeeds();
    assert_eq!(tables(&scratch.output()), given);
}

#[test]
fn a_time_zone_may_be_an_offset() {
    let scratch = Scratch::small();
    for (zone, shown) in [("-05:30", "T10:30:00-05:30"), ("+08:00", "T10:30:00+08:00")] {
        scratch.run(&["--timezone", zone]).succeeds();
        assert!(scratch.read("contacts.csv").contains(shown));
    }
}

#[test]
fn expanding_needs_and_keeps_a_reason() {
    let scratch = Scratch::small();
    scratch.write("places.csv", "place_id,unit,building,compound\nH1,1,2,East\nH2,2,2,East\n");
    scratch.write("persons.csv", "person_id,residence\nC1,H1\nP9,H2\n");
    scratch.run(&[]).succeeds();
    assert!(scratch.read("zones.csv").contains("-/East/2/1,unit,high"));
    scratch.run(&["--expand", "building", "--because", "drains are shared"]).succeeds();
    assert!(
        scratch.read("zones.csv").contains("-/East/2,building,high,,East,2,,,expanded;residence")
    );
    assert!(scratch.read("summary.json").contains("drains are shared"));
}

/// Somebody held for a zone is released when the case of that zone is taken back, and the cause is
/// said, though no case stands in their row.
#[test]
fn what_is_for_a_zone_is_for_its_cases() {
    let scratch = Scratch::empty();
    scratch.write("cases.csv", format!("{CASES}C2,2022-11-09,,2022-11-10 09:00:00,\n"));
    scratch.write("places.csv", "place_id,compound,building,unit\nH1,East,2,1\n");
    scratch.write("persons.csv", "person_id,residence\nC2,H1\n");
    scratch.write("trajectories.csv", format!("{STAYS}V,2022-11-09 10:00,2022-11-09 11:00,H1\n"));
    let day = ["--formats", "none", "--as-of", "2022-11-11"];
    scratch.run(&day).succeeds();
    assert!(
        scratch.read("measures.csv").contains("V,spillover"),
        "{}",
        scratch.read("measures.csv")
    );
    scratch.write("cases.csv", CASES);
    scratch.run(&day).succeeds();
    let changed = scratch.read("changes.csv");
    assert!(changed.contains("person,V,,gone,case_taken_back,spillover,"), "{changed}");
    assert!(changed.contains("zone,-/East/2/1,,gone,case_taken_back,unit,"), "{changed}");
}

/// A unit whose building is closed as a whole is no zone of its own any more, and no door of it
/// opens.
#[test]
fn a_unit_within_a_closed_building_is_not_opened() {
    let scratch = Scratch::empty();
    let places = "place_id,compound,building,unit\nH1,East,2,1\nH2,East,2,2\n";
    scratch.write("places.csv", places).write("trajectories.csv", STAYS);
    scratch.write("persons.csv", "person_id,residence\nC1,H1\nC2,H2\n");
    scratch.write("cases.csv", CASES);
    scratch.run(&["--formats", "none", "--as-of", "2022-11-10"]).succeeds();
    assert!(scratch.read("zones.csv").contains("-/East/2/1,unit,high"));
    scratch.write("cases.csv", format!("{CASES}C2,2022-11-09,,2022-11-10 09:00:00,\n"));
    scratch.run(&["--formats", "none", "--as-of", "2022-11-11"]).succeeds();
    assert!(scratch.read("zones.csv").contains("-/East/2,building,high"));
    let (today, changed) = (scratch.read("today.csv"), scratch.read("changes.csv"));
    assert!(!today.lines().any(|row| row.starts_with("open,")), "{today}");
    assert!(today.contains("announce,2022-11-11,,,-/East/2,"), "{today}");
    assert!(changed.contains("zone,-/East/2/1,,gone,new_case,unit,"), "{changed}");
    // Raised on purpose: that is why.
    let one = format!("{CASES}C2,2022-11-09,,2022-11-10 09:00:00,\n");
    scratch.write("cases.csv", one).write("persons.csv", "person_id,residence\nC1,H1\n");
    let day = ["--formats", "none", "--as-of", "2022-11-11"];
    scratch.run(&day).succeeds();
    let expand = ["--expand", "building", "--because", "drains", "--since"];
    let before = scratch.path("before");
    std::fs::rename(scratch.output(), &before).unwrap();
    scratch.run(&[&day[..], &expand, &[before.to_str().unwrap()]].concat()).succeeds();
    let changed = scratch.read("changes.csv");
    assert!(changed.contains("zone,-/East/2/1,,gone,expand,unit,"), "{changed}");
}

/// What lies beside an output is compared with only where it is of the same outbreak, and which it
/// was is said.
#[test]
fn an_output_of_another_county_is_not_compared_with() {
    let scratch = Scratch::empty();
    let two = format!("{CASES}C2,2022-11-09,,2022-11-10 09:00:00,\n");
    scratch.write("cases.csv", &two).write("trajectories.csv", STAYS);
    let day = |as_of: &'static str| ["--formats", "none", "--lang", "en", "--as-of", as_of];
    scratch.run(&day("2022-11-10 12:00")).succeeds();
    let city = scratch.path("city");
    std::fs::rename(scratch.output(), &city).unwrap();
    // One case of the two: another scope.
    scratch.write("cases.csv", CASES);
    scratch.run(&day("2022-11-11")).succeeds();
    assert!(!scratch.output().join("changes.csv").exists());
    std::fs::remove_dir_all(scratch.output()).unwrap();
    scratch.write("cases.csv", &two);
    let ran = scratch.run(&day("2022-11-11"));
    ran.succeeds();
    assert!(ran.stdout.contains("compared with the output `city`"), "{}", ran.stdout);
    let summary: serde_json::Value = serde_json::from_str(&scratch.read("summary.json")).unwrap();
    assert_eq!(summary["compared_with"]["folder"], "city");
}

#[test]
fn a_second_run_on_one_day_says_what_changed_since_the_day_before() {
    let scratch = Scratch::empty();
    let two = format!("{CASES}C2,2022-11-09,,2022-11-10 09:00:00,\n");
    scratch.write("cases.csv", &two);
    scratch.write(
        "trajectories.csv",
        format!(
            "{STAYS}C2,2022-11-09 10:00:00,2022-11-09 11:00:00,V2\n\
             P7,2022-11-09 10:00:00,2022-11-09 11:00:00,V2\n"
        ),
    );
    let new_contacts = |scratch: &Scratch| {
        let kept: serde_json::Value = serde_json::from_str(&scratch.read("report.json")).unwrap();
        kept["changes"]["new_contacts"].clone()
    };
    let day = |as_of: &'static str| ["--formats", "none", "--as-of", as_of];
    scratch.run(&day("2022-11-10")).succeeds();
    assert_eq!(new_contacts(&scratch), serde_json::Value::Null);
    for _ in 0..2 {
        scratch.run(&day("2022-11-11")).succeeds();
        assert_eq!(new_contacts(&scratch), 1);
        assert!(scratch.read("changes.csv").contains("person,P7,,new,new_case,,close_contact"));
    }
    // An output of the same cases beside it, of a day between, is nearer.
    let other = scratch.path("other");
    std::fs::rename(scratch.output(), &other).unwrap();
    scratch.run(&day("2022-11-12")).succeeds();
    assert_eq!(new_contacts(&scratch), 0);
    let nowhere = scratch.path("nowhere");
    scratch.run(&["--since", nowhere.to_str().unwrap()]).fails(2, &["is no output of trace"]);
}
