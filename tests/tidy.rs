//! The style of the code, checked: what is not checked decays.

use std::path::{Path, PathBuf};

const LONGEST_FILE: usize = 460;
const LONGEST_FUNCTION: usize = 75;
const LONGEST_LINE: usize = 100;

/// The layers, in order: a module imports only from those before it.
const LAYERS: [&str; 28] = [
    "error", "filter", "geo", "intern", "time", "spans", "policy", "model", "register", "ingest",
    "open", "stays", "watched", "areas", "index", "evidence", "scan", "exposure", "crowds",
    "graph", "contacts", "zones", "measures", "analysis", "output", "present", "synth", "docs",
];

fn sources(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

fn each(dir: &str, mut check: impl FnMut(&str, &str)) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    sources(&root.join(dir), &mut found);
    assert!(!found.is_empty());
    for path in found {
        let name = path.strip_prefix(root).unwrap().display().to_string();
        check(&name, &std::fs::read_to_string(path).unwrap());
    }
}

/// The part of a file before its tests.
fn code(text: &str) -> &str {
    text.split("#[cfg(test)]").next().unwrap()
}

#[test]
fn files_say_what_they_do_and_are_short() {
    for dir in ["src", "tests", "benches"] {
        each(dir, |name, text| {
            assert!(text.starts_with("//! "), "{name} does not begin with //!");
            for (n, line) in text.lines().enumerate() {
                let length = line.chars().count();
                assert!(length <= LONGEST_LINE + 20, "{name}:{}: {length} characters", n + 1);
            }
            let lines = code(text).lines().count();
            let most = if dir == "src" { LONGEST_FILE } else { 700 };
            assert!(lines <= most, "{name} has {lines} lines");
        });
    }
}

#[test]
fn functions_are_short() {
    each("src", |name, text| {
        let mut start: Option<(usize, usize)> = None;
        for (n, line) in code(text).lines().enumerate() {
            let indent = line.len() - line.trim_start().len();
            let word = line.trim_start();
            let begins = ["fn ", "pub fn ", "pub(super) fn ", "pub(crate) fn "];
            if start.is_none() && begins.iter().any(|b| word.starts_with(b)) && !line.ends_with(';')
            {
                start = Some((n, indent));
            }
            if let Some((first, at)) = start
                && (line == format!("{}}}", " ".repeat(at)) || (word.ends_with('}') && n == first))
            {
                let length = n + 1 - first;
                assert!(length <= LONGEST_FUNCTION, "{name}:{}: {length} lines", first + 1);
                start = None;
            }
        }
    });
}

#[test]
fn modules_import_only_from_those_before() {
    each("src", |name, text| {
        let module = name.trim_start_matches("src/").split(['/', '.']).next().unwrap();
        let Some(own) = LAYERS.iter().position(|layer| *layer == module) else { return };
        let code: Vec<&str> =
            code(text).lines().filter(|line| !line.trim_start().starts_with("//")).collect();
        for word in code.concat().split("crate::").skip(1) {
            let other: String =
                word.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            if let Some(layer) = LAYERS.iter().position(|layer| *layer == other) {
                assert!(layer <= own, "{name} imports from {other}");
            }
        }
    });
}

#[test]
fn some_words_stay_in_their_rooms() {
    each("src", |name, text| {
        let code = code(text);
        for (word, room) in [
            ("petgraph", "src/graph.rs"),
            ("indicatif", "src/progress.rs"),
            ("println!", "src/main.rs"),
            ("unsafe ", "src/ingest/text/cell_ends.rs src/ingest/cells/times.rs"),
            ("std::process::exit", "src/main.rs"),
            ("TcpStream", ""),
        ] {
            let used = code
                .lines()
                .any(|line| line.contains(word) && !line.trim_start().starts_with("//"));
            assert!(!used || room.split(' ').any(|room| room == name), "{name} uses {word}");
        }
    });
}
