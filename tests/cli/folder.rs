//! A scratch folder with an export, and the binary run on it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

pub struct Scratch {
    dir: tempfile::TempDir,
}

pub const CASES: &str = "person_id,onset,sampled,confirmed,isolated\n\
    C1,2022-11-08,,2022-11-09 09:00:00,2022-11-09 12:00:00\n";
pub const STAYS: &str = "person_id,start,end,place_id\n\
    C1,2022-11-08 10:00:00,2022-11-08 11:00:00,V1\n\
    P1,2022-11-08 10:30:00,2022-11-08 12:00:00,V1\n\
    P2,2022-11-08 10:55:00,2022-11-08 12:00:00,V1\n\
    P3,2022-11-08 11:00:00,2022-11-08 12:00:00,V1\n";

impl Scratch {
    /// An empty export folder.
    pub fn empty() -> Scratch {
        let scratch = Scratch { dir: tempfile::tempdir().unwrap() };
        std::fs::create_dir(scratch.input()).unwrap();
        scratch
    }

    /// One case, one close contact, one venue-exposed person, and one who came too late.
    pub fn small() -> Scratch {
        let scratch = Scratch::empty();
        scratch.write("cases.csv", CASES).write("trajectories.csv", STAYS);
        scratch
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn input(&self) -> PathBuf {
        self.path("in")
    }

    pub fn output(&self) -> PathBuf {
        self.path("out")
    }

    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> &Scratch {
        let path = self.input().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
        self
    }

    /// `trace run` from `in` to `out`, with more arguments.
    pub fn run(&self, more: &[&str]) -> Ran {
        let (input, output) = (self.input(), self.output());
        let mut args = vec!["run", "--input", input.to_str().unwrap()];
        args.extend(["--output", output.to_str().unwrap()]);
        args.extend(more);
        trace(&args)
    }

    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.output().join(name)).unwrap()
    }
}

pub struct Ran {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Ran {
    /// Asserts the exit code and that the message says something.
    #[track_caller]
    pub fn fails(&self, code: i32, says: &[&str]) -> &Ran {
        assert_eq!(self.code, code, "{}", self.stderr);
        for part in says {
            assert!(self.stderr.contains(part), "`{part}` is not in: {}", self.stderr);
        }
        assert!(!self.stderr.contains("panicked"), "{}", self.stderr);
        self
    }

    #[track_caller]
    pub fn succeeds(&self) -> &Ran {
        assert_eq!(self.code, 0, "{}", self.stderr);
        self
    }
}

pub fn trace(args: &[&str]) -> Ran {
    let Output { status, stdout, stderr } =
        Command::new(env!("CARGO_BIN_EXE_trace")).args(args).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ran { code: status.code().unwrap_or(-1), stdout: text(stdout), stderr: text(stderr) }
}

/// A run that finds what the plain small export has; what it prints.
#[track_caller]
pub fn as_plain(scratch: &Scratch, more: &[&str]) -> String {
    let plain = Scratch::small();
    plain.run(&[]).succeeds();
    let ran = scratch.run(more);
    ran.succeeds();
    let (plain, ours) = (files(&plain.output()), files(&scratch.output()));
    for name in ["contacts.csv", "exposures.csv", "venue_exposed.csv", "measures.csv"] {
        assert_eq!(ours[name], plain[name], "{name}");
    }
    ran.stdout
}

/// The files of a folder but for the report that people look at, which says what changed.
pub fn tables(dir: &Path) -> BTreeMap<String, String> {
    let mut files = files(dir);
    files.retain(|name, _| name != "report.html");
    files
}

/// The files of a folder and their text, but for what changed; of `summary.json` all but timings
/// and files.
pub fn files(dir: &Path) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        if ["changes.csv", "before.csv"].contains(&name.as_str()) {
            continue;
        }
        let bytes = std::fs::read(entry.path()).unwrap();
        let mut text = String::from_utf8(bytes)
            .unwrap_or_else(|binary| binary.into_bytes().into_iter().map(char::from).collect());
        if name == "summary.json" {
            let mut summary: serde_json::Value = serde_json::from_str(&text).unwrap();
            let summary = summary.as_object_mut().unwrap();
            summary.remove("timings");
            // Digests are those of the files, which are compared themselves.
            summary.remove("files");
            summary.remove("arguments");
            let input = summary["input"].as_object_mut().unwrap();
            ["files", "rejects"].iter().for_each(|name| drop(input.remove(*name)));
            text = serde_json::to_string_pretty(&summary).unwrap();
        }
        if name == "datapackage.json" {
            let mut package: serde_json::Value = serde_json::from_str(&text).unwrap();
            let tables = package["resources"].as_array_mut().unwrap();
            tables
                .retain(|table| !["changes", "before"].map(Some).contains(&table["name"].as_str()));
            for table in tables {
                ["bytes", "hash"]
                    .iter()
                    .for_each(|of| drop(table.as_object_mut().unwrap().remove(*of)));
            }
            text = serde_json::to_string_pretty(&package).unwrap();
        }
        if name == "report.json" {
            let mut kept: serde_json::Value = serde_json::from_str(&text).unwrap();
            kept.as_object_mut().unwrap().remove("changes");
            text = kept.to_string();
        }
        files.insert(name, text);
    }
    files
}

/// A packed list of the page.
pub fn part(page: &str, name: &str) -> String {
    use base64::Engine;
    use std::io::Read;
    let (_, rest) = page.split_once(&format!("id=\"part-{name}\">")).unwrap();
    let (text, _) = rest.split_once('<').unwrap();
    let packed = base64::engine::general_purpose::STANDARD.decode(text).unwrap();
    let mut text = String::new();
    flate2::read::GzDecoder::new(&packed[..]).read_to_string(&mut text).unwrap();
    text
}

pub fn gzip(text: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}
