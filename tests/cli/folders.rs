//! Which files of a folder are read: as they are named, as they are asked for, as engines leave
//! them.

use super::folder::{CASES, STAYS, Scratch, as_plain, gzip};
use std::io::Write;
use std::process::{Command, Stdio};

#[test]
fn tables_may_be_named_outright() {
    let scratch = Scratch::empty();
    scratch.write("people.dat", CASES).write("log", gzip(STAYS.as_bytes()));
    scratch.run(&[]).fails(3, &["no table `cases`"]);
    as_plain(&scratch, &["--table", "cases=people.dat", "--table", "trajectories=log"]);
    // What has the name of a table does not count then.
    scratch.write("trajectories.csv", STAYS.replace("P1", "P9"));
    let said = as_plain(
        &scratch,
        &["--table", "cases=people.dat", "--table", "trajectories=log", "--lang", "en"],
    );
    assert!(said.contains("`trajectories.csv`"), "{said}");
    let (header, rows) = STAYS.split_once('\n').unwrap();
    for (n, row) in rows.lines().enumerate() {
        scratch.write(&format!("parts/day={n}/x.csv"), format!("{header}\n{row}\n"));
    }
    for pattern in ["parts/*/x.csv", "parts/**/*.csv", "parts"] {
        let table = format!("trajectories={pattern}");
        as_plain(&scratch, &["--table", "cases=people.dat", "--table", &table]);
    }
    let outside = scratch.path("elsewhere.csv");
    std::fs::write(&outside, STAYS).unwrap();
    let table = format!("trajectories={}", outside.display());
    as_plain(&scratch, &["--table", "cases=people.dat", "--table", &table]);
    let run = |table: &str| scratch.run(&["--table", table]);
    run("trajectories=nothing*.csv").fails(3, &["there is no file `nothing*.csv`"]);
    run("trips=log").fails(2, &["no table is called `trips`"]);
    run("trajectories").fails(2, &["names no table and file"]);
}

#[test]
fn a_table_may_come_on_a_stream() {
    let scratch = Scratch::empty();
    scratch.write("cases.csv", CASES);
    for bytes in [STAYS.as_bytes().to_vec(), gzip(STAYS.as_bytes())] {
        let mut run = Command::new(env!("CARGO_BIN_EXE_trace"))
            .args(["run", "--quiet", "--table", "trajectories=-", "--input"])
            .arg(scratch.input())
            .arg("--output")
            .arg(scratch.output())
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        run.stdin.take().unwrap().write_all(&bytes).unwrap();
        assert!(run.wait().unwrap().success());
        assert!(scratch.read("contacts.csv").contains("P1,1,1,C1,"));
    }
}

#[test]
fn folders_of_engines() {
    let scratch = Scratch::empty();
    // An ending too many is a part of the name.
    scratch.write("cases.csv.txt", CASES).write("trajectories.v2.csv", STAYS);
    as_plain(&scratch, &[]);
    let scratch = Scratch::empty();
    let (header, rows) = STAYS.split_once('\n').unwrap();
    for (n, row) in rows.lines().enumerate() {
        let name = format!("trajectories/dt=2022-11-{n:02}/part-000{n}.csv");
        scratch.write(&name, format!("{header}\n{row}\n"));
    }
    scratch.write("cases.csv/part-0.csv", CASES).write("cases.csv/_SUCCESS", "");
    scratch.write("trajectories/_SUCCESS", "").write("trajectories/.part-0.csv.crc", "x");
    scratch.write("trajectories/_temporary/0/part-0009.csv", STAYS);
    let said = as_plain(&scratch, &["--lang", "en"]);
    assert!(said.contains("trajectories/_temporary"), "{said}");
    scratch.run(&[]).succeeds();
    let nested = Scratch::empty();
    nested.write("2022-11-09/cases.csv", CASES).write("2022-11-09/trajectories.csv", STAYS);
    nested.run(&[]).fails(3, &["no table `cases`", "tables lie in `2022-11-09/`"]);
    let remote = super::folder::trace(&["check", "--input", "s3://bucket/export"]);
    remote.fails(3, &["s3://bucket/export is not on this machine", "copy the files here"]);
}

/// A name that is no UTF-8, as a zip from a Chinese machine leaves it, is a name.
#[cfg(unix)]
#[test]
fn names_in_another_encoding() {
    use std::os::unix::ffi::OsStrExt;
    let scratch = Scratch::empty();
    scratch.write("cases.csv", CASES);
    let name = encoding_rs::GB18030.encode("轨迹_第一批.csv").0.into_owned();
    std::fs::write(scratch.input().join(std::ffi::OsStr::from_bytes(&name)), STAYS).unwrap();
    as_plain(&scratch, &[]);
    assert!(scratch.read("evidence.csv").contains(",轨迹_第一批.csv:2,"));
}

#[test]
fn what_begins_in_the_future_is_a_mistake() {
    let scratch = Scratch::small();
    let stays =
        format!("{STAYS}Q1,2032-11-08 10:00:00,2032-11-08 11:00:00,V1\nQ2,2022-11-10,,V1\n");
    scratch.write("trajectories.csv", stays);
    scratch.write("colocations.csv", "person_a,person_b,start,seconds\nC1,P1,2035-01-01,60\n");
    scratch.write("cases.csv", format!("{CASES}C2,,,2222-11-09,\n"));
    scratch.run(&["--now", "2022-11-09 12:00"]).succeeds();
    let rejects = scratch.read("rejects.csv");
    for line in [
        "trajectories.csv,6,start,2032-11-08 10:00:00,in_future,left_out",
        "colocations.csv,2,start,2035-01-01,in_future,left_out",
        "cases.csv,3,confirmed,2222-11-09,in_future,left_out",
    ] {
        assert!(rejects.contains(line), "{rejects}");
    }
    assert!(!rejects.contains("Q2") && !rejects.contains("2022-11-10"), "{rejects}");
    // By the clock of the machine, too.
    scratch.run(&[]).succeeds();
    assert!(scratch.read("rejects.csv").contains("in_future"));
}
