//! The same output for any number of threads, order of rows, split into files, and packing.

use super::folder::{Scratch, files, gzip};
use std::collections::BTreeMap;
use std::path::Path;

fn sample() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/data/samples/city"))
}

fn unpack(name: &str) -> String {
    use std::io::Read;
    let file = std::fs::File::open(sample().join(name)).unwrap();
    let mut text = String::new();
    flate2::read::MultiGzDecoder::new(file).read_to_string(&mut text).unwrap();
    text
}

const TABLES: [&str; 5] = ["cases", "trajectories", "colocations", "places", "persons"];

/// The sample with the lines of each table in another order, written by `write`.
fn other(write: impl Fn(&Scratch, &str, &str, &[&str])) -> Scratch {
    let scratch = Scratch::empty();
    for table in TABLES {
        let text = unpack(&format!("{table}.csv.gz"));
        let mut lines = text.lines();
        let header = lines.next().unwrap();
        let rows: Vec<&str> = lines.collect();
        write(&scratch, table, header, &rows);
    }
    scratch
}

/// All files, without line references.
fn tables(scratch: &Scratch, threads: &str) -> BTreeMap<String, String> {
    // What changed since an earlier output is not asked here.
    let _ = std::fs::remove_dir_all(scratch.output());
    scratch.run(&["--threads", threads]).succeeds();
    let mut found = files(&scratch.output());
    // They show line references, and nothing that the tables do not.
    ["report.xlsx", "report.html"].iter().for_each(|name| drop(found.remove(*name)));
    for (name, references) in [("evidence", 2), ("presence", 1)] {
        let table = found.remove(&format!("{name}.csv")).unwrap();
        let without = |row: &str| row.rsplitn(references + 1, ',').last().unwrap().to_owned();
        let mut rows: Vec<String> = table.lines().map(without).collect();
        rows.sort_unstable();
        found.insert(name.to_owned(), rows.join("\n"));
    }
    let checks = found.remove("checks.csv").unwrap();
    let without = |row: &str| {
        let cells: Vec<&str> = row.splitn(5, ',').collect();
        [&cells[..2], &cells[4..]].concat().join(",")
    };
    let mut rows: Vec<String> = checks.lines().map(without).collect();
    rows.sort_unstable();
    found.insert("checks".to_owned(), rows.join("\n"));
    found
}

#[test]
fn threads_order_split_and_packing_change_nothing() {
    let plain = other(|scratch, table, header, rows| {
        scratch.write(&format!("{table}.csv"), format!("{header}\n{}\n", rows.join("\n")));
    });
    let expected = tables(&plain, "1");
    assert!(expected["contacts.csv"].lines().count() > 100);
    let line_by_line = |threads: &str| {
        plain.run(&["--threads", threads]).succeeds();
        let files = files(&plain.output());
        ["evidence.csv", "presence.csv", "report.xlsx"].map(|name| files[name].clone())
    };
    let by_one = line_by_line("1");
    for threads in ["2", "8"] {
        assert!(line_by_line(threads) == by_one, "{threads} threads");
        assert_eq!(tables(&plain, threads), expected, "{threads} threads");
    }
    let shuffled = other(|scratch, table, header, rows| {
        // Every 7919th row, round and round: a permutation, as 7919 is a prime.
        let n = rows.len();
        let order = (0..n).map(|i| if n % 7919 == 0 { i } else { i * 7919 % n });
        let rows: Vec<&str> = order.map(|i| rows[i]).collect();
        scratch.write(&format!("{table}.csv"), format!("{header}\n{}\n", rows.join("\n")));
    });
    assert_eq!(tables(&shuffled, "2"), expected, "shuffled");
    let split = other(|scratch, table, header, rows| {
        for (n, part) in rows.chunks(rows.len() / 5 + 1).enumerate() {
            let text = format!("{header}\r\n{}", part.join("\r\n"));
            match n % 3 {
                0 => scratch.write(&format!("{table}/{n}.csv"), text),
                1 => scratch.write(&format!("{table}/{n}.csv.gz"), gzip(text.as_bytes())),
                _ => {
                    let packed = zstd::bulk::compress(text.as_bytes(), 1).unwrap();
                    scratch.write(&format!("{table}/{n}.csv.zst"), packed)
                }
            };
        }
    });
    for threads in ["1", "3"] {
        assert_eq!(tables(&split, threads), expected, "split, {threads} threads");
    }
}

/// Over the borders of blocks, too, every line counts as itself.
#[test]
fn cells_in_quotes_and_two_byte_line_ends_change_nothing() {
    let plain = other(|scratch, table, header, rows| {
        scratch.write(&format!("{table}.csv"), format!("{header}\n{}\n", rows.join("\n")));
    });
    let expected = tables(&plain, "2");
    let evidence = plain.read("evidence.csv");
    for (ends, every) in [("\n", 1), ("\r\n", 1), ("\r\n", 3)] {
        let quoted = other(|scratch, table, header, rows| {
            let mut text = String::new();
            for (n, row) in std::iter::once(&header).chain(rows).enumerate() {
                let quoted = format!("\"{}\"", row.replace(',', "\",\""));
                text.push_str(if n % every == 0 { &quoted } else { row });
                text.push_str(ends);
            }
            scratch.write(&format!("{table}.csv"), text);
        });
        for threads in ["1", "3"] {
            assert_eq!(tables(&quoted, threads), expected, "every {every}, {threads} threads");
            assert_eq!(quoted.read("evidence.csv"), evidence, "every {every}, {threads} threads");
        }
    }
}

/// CountOnly is in any output who was not near a case: contacts of contacts never appear.
#[test]
fn a_contact_of_a_contact_appears_nowhere() {
    let scratch = Scratch::small();
    // P1 is a close contact of C1; P8 spends a day and lives with P1 only.
    let mut stays = super::folder::STAYS.to_owned();
    stays.push_str("P1,2022-11-08 13:00:00,2022-11-08 23:00:00,V2\n");
    stays.push_str("P8,2022-11-08 13:00:00,2022-11-08 23:00:00,V2\n");
    scratch.write("trajectories.csv", stays);
    scratch.write(
        "colocations.csv",
        "person_a,person_b,start,seconds\nP1,P8,2022-11-08 14:00:00,9000\n",
    );
    scratch.write("persons.csv", "person_id,residence\nP1,H1\nP8,H1\n");
    scratch.run(&[]).succeeds();
    let found = files(&scratch.output());
    assert!(found["contacts.csv"].contains("P1,"));
    for (name, text) in found {
        assert!(!text.contains("P8"), "{name}: {text}");
    }
}
