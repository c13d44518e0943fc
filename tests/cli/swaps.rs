//! How an output comes into its place: whole or not at all, whoever is in the way, and however the
//! one before ended.

use super::folder::{Scratch, files, tables, trace};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The folders beside the output that runs fill.
fn stages(scratch: &Scratch) -> Vec<PathBuf> {
    let all = fs::read_dir(scratch.path("")).unwrap().map(|entry| entry.unwrap().path());
    all.filter(|path| path.to_string_lossy().contains(".partial-")).collect()
}

/// A stage as a run leaves it that was killed, with a file in it.
fn stage(scratch: &Scratch, letters: &str) -> PathBuf {
    let dir = scratch.path(&format!(".out.partial-{letters}"));
    fs::create_dir_all(dir.join("new")).unwrap();
    fs::write(dir.join("trace-stage"), "").unwrap();
    fs::write(dir.join("new/contacts.csv"), "person_id\nP1\n").unwrap();
    dir
}

#[test]
fn only_what_is_marked_and_nobodys_is_taken_away() {
    let scratch = Scratch::small();
    let of_the_dead = stage(&scratch, "0123456789abcdef");
    // Of a run that is alive, in whatever container: its lock is held.
    let alive = stage(&scratch, "fedcba9876543210");
    let lock = fs::File::options().write(true).open(alive.join("trace-stage")).unwrap();
    lock.lock().unwrap();
    // Somebody's own, by a name like ours.
    let own = [".out.partial-backup", ".out.partial-1", ".out.partial-00112233445566778"];
    let own = own.map(|name| scratch.path(name));
    own.iter().for_each(|dir| fs::create_dir(dir).unwrap());
    let unmarked = stage(&scratch, "00000000000000aa");
    fs::remove_file(unmarked.join("trace-stage")).unwrap();
    scratch.run(&[]).succeeds();
    assert!(!of_the_dead.exists());
    assert!(alive.join("new/contacts.csv").exists() && unmarked.join("new").exists());
    assert!(own.iter().all(|dir| dir.exists()));
    drop(lock);
    scratch.run(&[]).succeeds();
    assert!(!alive.exists());
}

/// Two finished outputs of one input: of two policies.
fn two_outputs() -> (Scratch, PathBuf) {
    let scratch = Scratch::small();
    let other = scratch.path("other");
    let input = scratch.input();
    let args = ["run", "--quiet", "--policy", "who", "--formats", "svg", "--input"];
    let more = [input.to_str().unwrap(), "--output", other.to_str().unwrap()];
    trace(&[&args[..], &more[..]].concat()).succeeds();
    scratch.run(&["--formats", "svg,geojson"]).succeeds();
    (scratch, other)
}

#[test]
fn what_was_decided_and_not_done_the_next_command_does() {
    for (moved, command) in [(0, "report"), (3, "report"), (7, "run"), (100, "report")] {
        let (scratch, other) = two_outputs();
        let wanted = tables(&other);
        let dir = stage(&scratch, "0123456789abcdef");
        fs::remove_dir_all(dir.join("new")).unwrap();
        fs::rename(&other, dir.join("new")).unwrap();
        let names: Vec<&String> = wanted.keys().collect();
        const STALE: [&str; 5] = [
            "zones.geojson",
            "picture-zones.svg",
            "delays.csv",
            "delay_medians.csv",
            "mass_testing.csv",
        ];
        let journal = serde_json::json!({ "files": names, "remove": STALE });
        fs::write(dir.join("journal.json"), journal.to_string()).unwrap();
        // Killed after so many of the files.
        for name in names.iter().take(moved) {
            fs::rename(dir.join("new").join(name), scratch.output().join(name)).unwrap();
        }
        if command == "report" {
            let output = scratch.output();
            trace(&["report", "--output", output.to_str().unwrap(), "--formats", "svg"]).succeeds();
            assert_eq!(tables(&scratch.output()), wanted, "{moved}");
        } else {
            scratch.run(&["--policy", "who", "--formats", "svg"]).succeeds();
            assert_eq!(tables(&scratch.output()).len(), wanted.len());
        }
        assert!(stages(&scratch).is_empty());
    }
}

#[test]
fn a_report_of_two_outputs_in_one_is_refused() {
    for file in ["evidence.csv", "summary.json", "report.json"] {
        let (scratch, other) = two_outputs();
        let output = scratch.output();
        let args = ["report", "--output", output.to_str().unwrap(), "--formats", "svg"];
        trace(&args).succeeds();
        fs::copy(other.join(file), scratch.output().join(file)).unwrap();
        trace(&args).fails(2, &["is not as its run has written it", "trace run"]);
    }
}

#[test]
fn a_damaged_table_is_named_and_no_file_that_nobody_knows() {
    let scratch = Scratch::small();
    scratch.run(&["--formats", "none"]).succeeds();
    let path = scratch.output().join("summary.json");
    let mut summary: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    // As outputs were before they said what they hold.
    summary.as_object_mut().unwrap().remove("files");
    fs::write(&path, summary.to_string()).unwrap();
    fs::write(scratch.output().join("rejects.csv"), "file,line\ncases.csv,x\n").unwrap();
    let output = scratch.output();
    for formats in ["html", "xlsx"] {
        let ran = trace(&["report", "--output", output.to_str().unwrap(), "--formats", formats]);
        if ran.code != 0 {
            ran.fails(2, &["is damaged", "trace run"]);
        }
        assert!(!ran.stderr.contains("partial"), "{}", ran.stderr);
    }
}

#[test]
fn what_is_not_ours_stays_and_what_is_stale_goes() {
    let scratch = Scratch::small();
    scratch.run(&["--formats", "html,xlsx,svg"]).succeeds();
    fs::write(scratch.output().join("notes.txt"), "mine").unwrap();
    fs::create_dir(scratch.output().join("mine")).unwrap();
    scratch.run(&[]).fails(2, &["also holds"]);
    scratch.run(&["--policy", "who", "--formats", "html", "--force"]).succeeds();
    assert_eq!(scratch.read("notes.txt"), "mine");
    assert!(scratch.output().join("mine").is_dir());
    // A workbook of the run before would speak of another policy.
    assert!(!scratch.output().join("report.xlsx").exists());
    assert!(scratch.output().join("report.html").exists());
    fs::remove_dir(scratch.output().join("mine")).unwrap();
    fs::remove_file(scratch.output().join("notes.txt")).unwrap();
    let forced = files(&scratch.output());
    fs::remove_dir_all(scratch.output()).unwrap();
    scratch.run(&["--policy", "who", "--formats", "html"]).succeeds();
    let names = |files: std::collections::BTreeMap<String, String>| -> Vec<String> {
        files.into_keys().collect()
    };
    assert_eq!(names(files(&scratch.output())), names(forced));
}

#[cfg(unix)]
#[test]
fn parents_that_a_run_makes_are_their_owners() {
    use std::os::unix::fs::PermissionsExt;
    let scratch = Scratch::small();
    let output = scratch.path("a/b/out");
    let input = scratch.input();
    let (input, output_) = (input.to_str().unwrap(), output.to_str().unwrap());
    trace(&["run", "--quiet", "--input", input, "--output", output_]).succeeds();
    for made in ["a", "a/b", "a/b/out"] {
        assert_eq!(scratch.path(made).metadata().unwrap().permissions().mode() & 0o777, 0o700);
    }
}

/// Tells a run to end that waits for its input, once it keeps what has come; its exit code, and
/// what it leaves.
#[cfg(target_os = "linux")]
fn told_to_end(signal: &str, ignored: &str) -> (Option<i32>, usize) {
    let scratch = Scratch::small();
    let kept = scratch.path("kept");
    fs::create_dir(&kept).unwrap();
    let count = |dir: &Path| fs::read_dir(dir).unwrap().count();
    let trap = if ignored.is_empty() { String::new() } else { format!("trap '' {ignored}; ") };
    // The tests themselves may have been started with `nohup`.
    let mut run = Command::new("env")
        .args(["--default-signal=INT,TERM,HUP", "sh", "-c"])
        .args([&format!("{trap}exec \"$0\" \"$@\""), env!("CARGO_BIN_EXE_trace")])
        .args(["run", "--quiet", "--table", "trajectories=-", "--input"])
        .arg(scratch.input())
        .arg("--output")
        .arg(scratch.output())
        .env("TMPDIR", &kept)
        .stdin(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    while run.try_wait().unwrap().is_none() && count(&kept) == 0 {}
    let id = run.id().to_string();
    Command::new("kill").args([signal, &id]).status().unwrap();
    // To wait closes the input, whose end would end the run as well.
    let input = run.stdin.take();
    if !ignored.is_empty() {
        drop(input);
        return (run.wait().unwrap().code(), count(&kept) + stages(&scratch).len());
    }
    let code = run.wait().unwrap().code();
    drop(input);
    (code, count(&kept) + stages(&scratch).len())
}

#[cfg(target_os = "linux")]
#[test]
fn a_signal_leaves_nothing_behind() {
    for (signal, code) in [("-INT", 130), ("-TERM", 143), ("-HUP", 129)] {
        assert_eq!(told_to_end(signal, ""), (Some(code), 0), "{signal}");
    }
    // A run that was told to take no notice goes on: the empty table is an input error.
    assert_eq!(told_to_end("-HUP", "HUP"), (Some(3), 0));
}

#[test]
fn a_purge_takes_what_is_ours_and_says_so() {
    let scratch = Scratch::small();
    scratch.run(&["--formats", "html,svg", "--excel"]).succeeds();
    let output = scratch.output();
    let purge = |more: &[&str]| {
        let args = ["purge", output.to_str().unwrap(), "--lang", "en"];
        trace(&[&args[..], more].concat())
    };
    stage(&scratch, "0123456789abcdef");
    fs::write(scratch.path("out.rejects.csv"), "file\n").unwrap();
    fs::write(output.join("notes.txt"), "mine").unwrap();
    let before = files(&output);
    assert!(purge(&["--dry-run"]).succeeds().stdout.contains("would take away"));
    assert_eq!(files(&output), before);
    let ran = purge(&[]);
    let said = &ran.succeeds().stdout;
    for name in ["contacts.csv", "summary.json", "report.html", ".out.partial-", "out.rejects.csv"]
    {
        assert!(
            said.lines().any(|line| line.contains("took away") && line.contains(name)),
            "{said}"
        );
    }
    assert_eq!(files(&output).into_keys().collect::<Vec<_>>(), ["notes.txt"]);
    assert!(stages(&scratch).is_empty() && !scratch.path("out.rejects.csv").exists());
    purge(&[]).fails(2, &["is no output of trace"]);
    fs::remove_file(output.join("notes.txt")).unwrap();
    scratch.run(&[]).succeeds();
    purge(&[]).succeeds();
    assert!(!output.exists());
}

/// A journal that is done is not done again to whatever comes later.
#[test]
fn what_was_done_is_not_done_again() {
    let scratch = Scratch::small();
    scratch.run(&["--formats", "svg"]).succeeds();
    let wanted = tables(&scratch.output());
    // Killed when everything had moved, before its stage was taken away.
    let dir = stage(&scratch, "0123456789abcdef");
    fs::remove_dir_all(dir.join("new")).unwrap();
    fs::write(dir.join("journal.json"), r#"{"files":["contacts.csv"],"remove":[]}"#).unwrap();
    let output = scratch.output();
    let args = ["report", "--output", output.to_str().unwrap(), "--formats", "dot"];
    trace(&args).succeeds();
    assert!(stages(&scratch).is_empty());
    let mut now = tables(&scratch.output());
    now.remove("graph.dot");
    assert_eq!(now, wanted);
    // One that another has decided comes before what a run that began earlier puts in.
    let dir = stage(&scratch, "0123456789abcdef");
    fs::write(dir.join("journal.json"), r#"{"files":["contacts.csv"],"remove":[]}"#).unwrap();
    scratch.run(&["--formats", "svg"]).succeeds();
    assert_eq!(tables(&scratch.output()), wanted);
}
