//! Damaged exports: bytes of the samples flipped, cut, doubled and mixed, as fuzzing would.
//!
//! Whatever a file holds, it is read to the end or refused with an error; every row is in the
//! account once, and one thread finds what three find. Nothing may panic.

use proptest::prelude::*;
use std::path::Path;
use trace::base::time::TimeZone;
use trace::ingest::{Account, Fate, Folder, Settings, Silent, Table};
use trace::pipeline::{self, Request};
use trace::policy::Policy;

/// What is done to a text at a place in it.
#[derive(Debug, Clone)]
enum Damage {
    Put(u8),
    Cut(usize),
    Double(usize),
    /// Words that mean something to a reader.
    Insert(&'static [u8]),
}

fn damage() -> impl Strategy<Value = (f64, Damage)> {
    let words: [&'static [u8]; 14] = [
        b"\"",
        b"\"\"",
        b"\n",
        b"\r\n",
        b",",
        b";",
        b"\t",
        b"\0",
        b"\xef\xbb\xbf",
        b"\xff\xfe",
        b"\xb3\xc2",
        "，甲".as_bytes(),
        b"2022-11-09",
        b"99999999999999999999",
    ];
    let what = prop_oneof![
        any::<u8>().prop_map(Damage::Put),
        (1usize..400).prop_map(Damage::Cut),
        (1usize..400).prop_map(Damage::Double),
        proptest::sample::select(words.to_vec()).prop_map(Damage::Insert),
    ];
    (0.0..1.0f64, what)
}

fn apply(text: &mut Vec<u8>, damages: &[(f64, Damage)]) {
    for (at, damage) in damages {
        let at = (at * text.len() as f64) as usize;
        let until = |length: usize| (at + length).min(text.len());
        match *damage {
            Damage::Put(byte) => text[at..].iter_mut().take(1).for_each(|b| *b = byte),
            Damage::Cut(length) => drop(text.drain(at..until(length))),
            Damage::Double(length) => {
                let piece = text[at..until(length)].to_vec();
                text.splice(at..at, piece);
            }
            Damage::Insert(word) => drop(text.splice(at..at, word.iter().copied())),
        }
    }
}

/// The account of a folder, or the words of the error.
fn inspect(dir: &Path, threads: usize) -> Result<Account, String> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    let zone = TimeZone::get("Asia/Shanghai").unwrap();
    let settings = Settings { max_rejects: 1.0, ..Settings::new(zone) };
    let folder = Folder::open(dir).map_err(|e| e.to_string())?;
    let request = Request::new(Policy::preset("cn-2022-11").unwrap(), settings);
    let inspected = pool.install(|| pipeline::inspect(&folder, &request, &Silent));
    inspected.map(|inspection| inspection.account).map_err(|e| e.to_string())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn damaged_files_are_read_or_refused(
        table in proptest::sample::select(vec!["cases", "places", "persons", "trajectories", "colocations"]),
        times in 1usize..6,
        damages in proptest::collection::vec(damage(), 1..12)) {
        let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/samples/city-zh");
        let dir = tempfile::tempdir().unwrap();
        let mut lines = std::collections::BTreeMap::new();
        for name in ["cases", "places", "persons", "trajectories", "colocations"] {
            let file = format!("{name}.csv");
            let mut text = std::fs::read(samples.join(&file)).unwrap();
            if name == table {
                // Larger than a block, so that damage meets its borders.
                let header = text.iter().position(|b| *b == b'\n').unwrap() + 1;
                let rows = text[header..].to_vec();
                (1..times).for_each(|_| text.extend_from_slice(&rows));
                apply(&mut text, &damages);
            }
            // Where nothing is quoted and nothing is no text, rows are the lines that are not
            // blank.
            if !text.iter().any(|b| matches!(b, b'"' | 0 | 0xff)) {
                let rows = text.split(|b| *b == b'\n').skip(1);
                let blank = |row: &&[u8]| row.iter().all(u8::is_ascii_whitespace);
                lines.insert(name, rows.filter(|row| !blank(row)).count() as u64);
            }
            std::fs::write(dir.path().join(&file), text).unwrap();
        }
        let (one, three) = (inspect(dir.path(), 1), inspect(dir.path(), 3));
        let (one, three) = match (one, three) {
            (Ok(one), Ok(three)) => (one, three),
            (one, three) => {
                prop_assert_eq!(one.err(), three.err());
                return Ok(());
            }
        };
        for table in Table::ALL {
            let tally = one.of(table);
            prop_assert_eq!(&tally, &three.of(table));
            if let Some(&lines) = lines.get(table.name()) {
                prop_assert_eq!(tally.rows, lines, "{}", table.name());
            }
            prop_assert!(tally.used() <= tally.rows);
        }
        let rejected: u64 = Table::ALL.iter().map(|&table| one.of(table).rejected).sum();
        let left_out = one.rejects.iter().filter(|reject| reject.fate == Fate::LeftOut).count();
        prop_assert_eq!(rejected, left_out as u64);
        prop_assert!(one.rejects.iter().eq(three.rejects.iter()));
    }
}
