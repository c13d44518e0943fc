//! What a release is made of, as far as it can be made without a network and other machines: the
//! crate's files, one version everywhere, and the archive that users unpack.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

const VERSION: &str = env!("CARGO_PKG_VERSION");

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// What a command prints.
fn said(command: &mut Command) -> String {
    let ran = command.current_dir(root()).output().unwrap();
    assert!(ran.status.success(), "{command:?}: {}", String::from_utf8_lossy(&ran.stderr));
    String::from_utf8(ran.stdout).unwrap()
}

#[test]
fn the_version_is_one() {
    let lines = [
        ("CITATION.cff", format!("version: {VERSION}")),
        ("release/recipe.yaml", format!("  version: \"{VERSION}\"")),
        ("release/Dockerfile", format!("ARG VERSION={VERSION}")),
        ("python/Cargo.toml", format!("version = \"{VERSION}\"")),
    ];
    for (file, line) in lines {
        let text = std::fs::read_to_string(root().join(file)).unwrap();
        assert!(text.lines().any(|of| of == line), "{file} has no line `{line}`");
    }
}

#[test]
fn the_crate_has_what_it_needs_and_no_more() {
    let cargo = env!("CARGO");
    let list = said(Command::new(cargo).args(["package", "--list", "--allow-dirty", "--offline"]));
    let files: BTreeSet<&str> = list.lines().collect();
    let samples = ["data/samples/city/cases.csv.gz", "src/report/page/built/report.js"];
    for file in ["Cargo.lock", "LICENSE", "README.md", "src/main.rs"].iter().chain(&samples) {
        assert!(files.contains(file), "{file}");
    }
    let known = |file: &&str| {
        let made = [".cargo_vcs_info.json", "Cargo.toml.orig", "Cargo.lock", "Cargo.toml"];
        let ours = ["src/", "data/samples/"].iter().any(|dir| file.starts_with(dir));
        ours || made.contains(file) || (!file.contains('/') && !file.starts_with('.'))
    };
    assert_eq!(files.iter().filter(|file| !known(file)).collect::<Vec<_>>(), [&""; 0]);
    // crates.io takes 10 MiB, packed.
    let bytes: u64 =
        files.iter().filter_map(|file| root().join(file).metadata().ok()).map(|of| of.len()).sum();
    assert!(bytes < 10 << 20, "{bytes}");
}

/// Packs a program that says its name, with pages and completions of the one that was built.
fn pack(dir: &Path, target: &str) -> PathBuf {
    let program = dir.join("trace");
    std::fs::write(&program, "#!/bin/sh\necho packed\n").unwrap();
    std::fs::write(dir.join("THIRD-PARTY.txt"), "licences\n").unwrap();
    let mut command = Command::new("bash");
    command.arg("release/pack").arg(&program).arg(target).arg(dir);
    said(command.arg(env!("CARGO_BIN_EXE_trace")).env("SOURCE_DATE_EPOCH", "1700000000"));
    dir.join(format!("trace-{VERSION}-{target}.tar.gz"))
}

#[test]
fn an_archive_has_the_program_its_pages_and_its_licences() {
    let (scratch, again) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let archive = pack(scratch.path(), "x86_64-unknown-linux-gnu");
    let bytes = std::fs::read(&archive).unwrap();
    let other = pack(again.path(), "x86_64-unknown-linux-gnu");
    assert!(bytes == std::fs::read(other).unwrap(), "the same input gives the same bytes");
    said(Command::new("tar").arg("-xzf").arg(&archive).arg("-C").arg(scratch.path()));
    let folder = scratch.path().join(format!("trace-{VERSION}-x86_64-unknown-linux-gnu"));
    assert_eq!(said(&mut Command::new(folder.join("trace"))), "packed\n");
    for file in ["README.md", "LICENSE", "SECURITY.md", "CITATION.cff", "THIRD-PARTY.txt"] {
        assert!(folder.join(file).is_file(), "{file}");
    }
    let read = |file: &str| std::fs::read_to_string(folder.join(file)).unwrap();
    assert!(read("man/trace-run.1").contains("pseudonyms"));
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        assert!(read(&format!("completions/trace.{shell}")).contains("why-not"), "{shell}");
    }
}
