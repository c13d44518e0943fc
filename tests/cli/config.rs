//! `trace.toml`: flags that are not typed each time.

use super::folder::{Scratch, trace};

#[test]
fn what_is_typed_counts_before_what_is_written() {
    let scratch = Scratch::small();
    let mine = "policy = \"who\"\nas_of = \"2022-11-12\"\nset = [\"exposure.min_minutes=12\"]\nquiet = false\n";
    scratch.write("trace.toml", mine);
    let ran = scratch.run(&["--formats", "none", "--policy", "cdc"]);
    ran.succeeds();
    assert!(ran.stderr.contains("trace.toml sets as-of, set"), "{}", ran.stderr);
    let summary: serde_json::Value = serde_json::from_str(&scratch.read("summary.json")).unwrap();
    assert_eq!(summary["policy"]["name"], "cdc (exposure.min_minutes=12)");
    assert_eq!(summary["as_of"], "2022-11-12T00:00:00-05:00");
    // Whoever reads the summary can do it again.
    assert_eq!(summary["arguments"][1], "--as-of=2022-11-12");

    // What is shown is such a file, and says where each value comes from.
    let shown = scratch.run(&["--policy", "cdc", "--show-config"]);
    shown.succeeds();
    for line in [
        "policy = \"cdc\"  # typed",
        "as-of = \"2022-11-12\"  # trace.toml",
        "max-rejects = \"5\"  # default",
        "# since is not set",
    ] {
        assert!(shown.stdout.lines().any(|own| own == line), "{line}: {}", shown.stdout);
    }
    let file = scratch.path("mine.toml");
    std::fs::write(&file, &shown.stdout).unwrap();
    std::fs::remove_file(scratch.input().join("trace.toml")).unwrap();
    let before = scratch.read("contacts.csv");
    trace(&["run", "--config", file.to_str().unwrap()]).succeeds();
    assert_eq!(scratch.read("contacts.csv"), before);
}

/// An export may come from somebody else.
#[test]
fn a_file_in_an_export_does_not_say_where_results_go() {
    let scratch = Scratch::small();
    for (line, says) in [
        ("output = \"/elsewhere\"", "must not set `output`"),
        ("force = true", "must not set `force`"),
        ("show-values = true", "must not set `show-values`"),
        ("full_ids = true", "must not set `full_ids`"),
        ("pseudonyms = \"key\"", "must not set `pseudonyms`"),
        ("polcy = \"who\"", "`polcy` is no flag"),
        ("[run]\npolicy = \"who\"", "`run` is no flag"),
        ("policy = ", "trace.toml"),
    ] {
        scratch.write("trace.toml", line);
        scratch.run(&[]).fails(2, &[says]);
    }
    assert!(!scratch.output().exists());
}

/// Nor into which other files anything is written.
#[test]
fn a_file_in_an_export_names_no_file_that_is_written() {
    let scratch = Scratch::small();
    let mine = scratch.path("mine.txt");
    std::fs::write(&mine, "mine").unwrap();
    let input = scratch.input().display().to_string();
    for (command, flag) in [
        ("check", "csv"),
        ("audit", "csv"),
        ("partition", "csv"),
        ("sensitivity", "svg"),
        ("sensitivity", "near"),
        ("index", "output"),
        ("columns", "output"),
    ] {
        scratch.write("trace.toml", format!("{flag} = {:?}", mine.display().to_string()));
        let says = format!("must not set `{flag}`");
        trace(&[command, "--input", &input]).fails(2, &[&says]);
    }
    assert_eq!(std::fs::read_to_string(mine).unwrap(), "mine");
}

/// What a file sets is set, and said, for every command and wherever its name is typed.
#[test]
fn what_a_file_sets_is_said_by_every_command() {
    let scratch = Scratch::small();
    let input = scratch.input().display().to_string();
    scratch.write("trace.toml", "max_rejects = 50\ntimezone = \"UTC\"\nlooser = true\n");
    let says = "trace.toml sets max-rejects, timezone";
    for words in [
        &["check", "--input", &input][..],
        &["check", &format!("-i{input}"), "--lang", "en"],
        &["policy", "diff", "who", "cdc", "--input", &input],
    ] {
        let ran = trace(words);
        ran.succeeds();
        assert!(ran.stderr.contains(says), "{words:?}: {}", ran.stderr);
    }
    assert_eq!(trace(&["check", "-q", "--input", &input]).stderr, "");
    scratch.write("trace.toml", "quiet = true\nmax_rejects = 50\n");
    let ran = trace(&["check", "--input", &input]);
    assert!(ran.stderr.contains("trace.toml sets max-rejects, quiet"), "{}", ran.stderr);
    std::fs::remove_file(scratch.input().join("trace.toml")).unwrap();
    let config = scratch.path("mine.toml");
    std::fs::write(&config, "csv = \"checks.csv\"\n").unwrap();
    let at = scratch.path("checks.csv");
    std::fs::write(&at, "").unwrap();
    trace(&["--config", config.to_str().unwrap(), "check", "--input", &input]).succeeds();
    assert!(std::fs::read_to_string(at).unwrap().starts_with("check,"));
}

#[test]
fn programs_get_json() {
    let scratch = Scratch::small();
    let ran = scratch.run(&["--formats", "none", "--quiet", "--json"]);
    ran.succeeds();
    let summary: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!((&summary["counts"]["close_contacts"], &*ran.stderr), (&1.into(), ""));
    let list = trace(&["policy", "list", "--json"]);
    list.succeeds();
    let list: serde_json::Value = serde_json::from_str(&list.stdout).unwrap();
    assert_eq!(list[0]["name"], "cn-2022-11");
    let ran = scratch.run(&["--formats", "none", "--verbose"]);
    assert!(ran.stderr.contains(" s  scan"), "{}", ran.stderr);
    // No terminal, no colours.
    assert!(!scratch.run(&["--threads", "0"]).stderr.contains('\u{1b}'));
}
