//! The samples give the tables in `tests/golden/`; `TRACE_BLESS=1 cargo test` writes those anew.

use super::folder::{Scratch, files, trace};
use std::collections::HashSet;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[track_caller]
fn check(sample: &str, policy: &str, further: &[&str]) {
    let scratch = Scratch::empty();
    let input = root().join("data/samples").join(sample);
    let output = scratch.output();
    let args = ["run", "--input", input.to_str().unwrap(), "--output", output.to_str().unwrap()];
    let policy_args = ["--policy", policy, "--formats", "none"];
    trace(&[&args[..], &policy_args, further].concat()).succeeds();
    let golden = root().join("tests/golden").join(format!("{sample}-{policy}"));
    let bless = std::env::var_os("TRACE_BLESS").is_some();
    std::fs::create_dir_all(&golden).unwrap();
    // The evidence is long; the other tables follow from it.
    let mut written = files(&output);
    assert!(written.remove("evidence.csv").is_some());
    if !bless {
        // A table that is no longer written is as wrong as another one.
        let names: Vec<String> = files(&golden).into_keys().collect();
        assert_eq!(written.keys().collect::<Vec<_>>(), names.iter().collect::<Vec<_>>());
    }
    for (name, text) in written {
        let path: PathBuf = golden.join(&name);
        if bless {
            std::fs::write(&path, &text).unwrap();
        }
        let expected = std::fs::read_to_string(&path).unwrap_or_default();
        for (n, (ours, theirs)) in text.lines().zip(expected.lines()).enumerate() {
            assert_eq!(ours, theirs, "{}:{}", path.display(), n + 1);
        }
        assert_eq!(text.lines().count(), expected.lines().count(), "{}", path.display());
    }
}

#[test]
fn the_city_under_the_notice() {
    check("city", "cn-2022-11", &[]);
}

#[test]
fn the_chinese_city_under_the_shanxi_measures() {
    check("city-zh", "cn-shanxi-2022-11", &[]);
}

#[test]
fn the_city_with_all_tables_under_the_shanxi_measures() {
    check("notice", "cn-shanxi-2022-11", &["--visitors"]);
}

#[test]
fn synth_makes_the_samples() {
    let scratch = Scratch::empty();
    for (sample, flags) in [
        ("city", &["--persons", "1200", "--days", "7", "--seed", "2", "--format", "csv.gz"][..]),
        ("city-zh", &["--persons", "300", "--days", "6", "--seed", "2", "--headers", "zh"]),
        (
            "notice",
            &["--persons", "600", "--days", "7", "--seed", "2", "--further", "--format", "csv.gz"],
        ),
    ] {
        for threads in ["1", "3"] {
            let dir = scratch.path(&format!("{sample}-{threads}"));
            let args = ["synth", "--output", dir.to_str().unwrap(), "--threads", threads];
            trace(&[&args[..], flags].concat()).succeeds();
            for entry in std::fs::read_dir(root().join("data/samples").join(sample)).unwrap() {
                let entry = entry.unwrap();
                if entry.path().is_file() {
                    let made = std::fs::read(dir.join(entry.file_name())).unwrap();
                    assert!(made == std::fs::read(entry.path()).unwrap(), "{:?}", entry.path());
                }
            }
        }
    }
}

/// Of the true infections by confirmed cases, nearly all are among links and close contacts.
#[test]
fn the_truth_is_found() {
    let scratch = Scratch::empty();
    let (city, output) = (scratch.path("city"), scratch.output());
    let args = ["synth", "--output", city.to_str().unwrap(), "--persons", "20000", "--days", "9"];
    trace(&args).succeeds();
    let args = ["run", "--input", city.to_str().unwrap(), "--output", output.to_str().unwrap()];
    trace(&args).succeeds();
    let pairs = |text: &str| -> HashSet<(String, String)> {
        let rows = text.lines().skip(1).map(|row| {
            let mut cells = row.split(',').map(str::to_owned);
            (cells.next().unwrap(), cells.next().unwrap())
        });
        rows.collect()
    };
    let found = &pairs(&scratch.read("links.csv")) | &pairs(&scratch.read("exposures.csv"));
    let cases = std::fs::read_to_string(city.join("cases.csv")).unwrap();
    let cases: HashSet<&str> = cases.lines().map(|row| row.split(',').next().unwrap()).collect();
    let truth = std::fs::read_to_string(city.join("truth/infections.csv")).unwrap();
    let by_cases: Vec<_> =
        pairs(&truth).into_iter().filter(|(by, _)| cases.contains(by.as_str())).collect();
    let share = by_cases.iter().filter(|pair| found.contains(pair)).count();
    println!(
        "{share} of {} infections by confirmed cases are links or close contacts",
        by_cases.len()
    );
    assert!(by_cases.len() >= 10 && share * 10 >= by_cases.len() * 9);
}
