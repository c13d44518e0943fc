//! The style of the code, checked: what is not checked decays.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

const LONGEST_FILE: usize = 400;
const LONGEST_FUNCTION: usize = 70;
const LONGEST_LINE: usize = 100;
/// A line that rustfmt does not break: a text, or the body of a macro.
const LONGEST_UNBROKEN: usize = 120;

/// The rooms, in order: each imports only from those before it. Reading and searching do not know
/// each other.
const ROOMS: [(&str, &[&str]); 12] = [
    ("base", &[]),
    ("policy", &["base"]),
    ("model", &["base", "policy"]),
    ("ingest", &["base", "policy", "model"]),
    ("search", &["base", "policy", "model"]),
    ("rules", &["base", "policy", "model", "search"]),
    ("pipeline", &["base", "policy", "model", "ingest", "search", "rules"]),
    ("questions", &["base", "policy", "model", "ingest", "search", "rules", "pipeline"]),
    ("output", &["base", "policy", "model", "ingest", "search", "rules", "pipeline"]),
    ("report", &["base", "ingest", "output"]),
    ("synth", &["base", "ingest"]),
    ("cli", &[]),
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
                let is_comment = line.trim_start().starts_with("//");
                let most = if is_comment { LONGEST_LINE } else { LONGEST_UNBROKEN };
                assert!(length <= most, "{name}:{}: {length} characters", n + 1);
            }
            let lines = code(text).lines().count();
            let most = if dir == "src" { LONGEST_FILE } else { 700 };
            assert!(lines <= most, "{name} has {lines} lines");
        });
    }
}

#[test]
fn the_files_of_the_page_are_short() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/report/page");
    let mut seen = 0;
    for entry in std::fs::read_dir(root).unwrap() {
        let path = entry.unwrap().path();
        if !path.extension().is_some_and(|e| e == "js" || e == "css") {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let name = path.display();
        for (n, line) in text.lines().enumerate() {
            let length = line.chars().count();
            assert!(length <= LONGEST_UNBROKEN, "{name}:{}: {length} characters", n + 1);
        }
        assert!(text.lines().count() <= LONGEST_FILE, "{name} is too long");
        seen += 1;
    }
    assert!(seen > 4);
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

/// The code without its comments.
fn statements(text: &str) -> String {
    let lines = code(text).lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

/// The modules that a path such as `crate::ingest::{Folder, cells}` begins with, as far as they are
/// words.
fn paths<'t>(text: &'t str, root: &'t str) -> impl Iterator<Item = Vec<String>> + 't {
    text.split(root).skip(1).map(|rest| {
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_' && c != ':');
        rest[..end.unwrap_or(rest.len())].split("::").map(str::to_owned).collect()
    })
}

#[test]
fn rooms_import_only_from_those_before() {
    each("src", |name, text| {
        let room = name.trim_start_matches("src/").split(['/', '.']).next().unwrap();
        let Some((_, before)) = ROOMS.iter().find(|(of, _)| *of == room) else { return };
        for path in paths(&statements(text), "crate::") {
            let other = path[0].as_str();
            let known = ROOMS.iter().any(|(of, _)| *of == other);
            let fine = other == room || before.contains(&other);
            assert!(fine || !known, "{name} imports from {other}");
        }
    });
}

/// The file of a module, or of the longest part of its path that is one.
fn file_of(mut path: Vec<String>, files: &BTreeMap<Vec<String>, String>) -> Option<String> {
    while !path.is_empty() {
        if let Some(file) = files.get(&path) {
            return Some(file.clone());
        }
        path.pop();
    }
    None
}

#[test]
fn no_files_import_each_other_in_a_circle() {
    let (mut files, mut texts) = (BTreeMap::new(), BTreeMap::new());
    each("src", |name, text| {
        let path = name.trim_start_matches("src/").trim_end_matches(".rs");
        let path = path.trim_end_matches("/mod");
        files.insert(path.split('/').map(str::to_owned).collect::<Vec<_>>(), name.to_owned());
        texts.insert(name.to_owned(), statements(text));
    });
    let mut imports: BTreeMap<&String, BTreeSet<String>> = BTreeMap::new();
    for (path, name) in &files {
        let text = &texts[name];
        let mut found: Vec<Vec<String>> = paths(text, "crate::").collect();
        let parent = &path[..path.len() - 1];
        let beside = paths(text, "super::").map(|rest| [parent, &rest[..]].concat());
        found.extend(beside.filter(|path| path.len() > parent.len()));
        let others = found.into_iter().filter_map(|path| file_of(path, &files));
        imports.insert(name, others.filter(|other| other != name).collect());
    }
    // What imports only what is known to be in no circle is in none.
    let mut free: BTreeSet<&String> = BTreeSet::new();
    loop {
        let before = free.len();
        for (name, others) in &imports {
            if others.iter().all(|other| free.contains(other)) {
                free.insert(name);
            }
        }
        if free.len() == before {
            break;
        }
    }
    let circle: Vec<_> = imports.iter().filter(|(name, _)| !free.contains(*name)).collect();
    assert!(circle.is_empty(), "these import each other, or what does: {circle:#?}");
}

#[test]
fn some_words_stay_in_their_rooms() {
    each("src", |name, text| {
        let code = code(text);
        for (word, room) in [
            ("petgraph", "src/rules/graph.rs src/rules/cells.rs"),
            ("indicatif", "src/cli/progress.rs"),
            ("println!", "src/main.rs"),
            (
                "unsafe ",
                "src/ingest/text/cell_ends.rs src/ingest/cells/time_column.rs src/cli/memory.rs",
            ),
            ("std::process::exit", "src/cli/guard.rs"),
            ("TcpStream", ""),
        ] {
            let used = code
                .lines()
                .any(|line| line.contains(word) && !line.trim_start().starts_with("//"));
            assert!(!used || room.split(' ').any(|room| room == name), "{name} uses {word}");
        }
    });
}
