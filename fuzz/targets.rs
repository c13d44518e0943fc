//! What is fuzzed: functions that take any bytes, and panic where something is wrong.
//!
//! `tests/corpus.rs` puts what fuzzing has found through them, too.

use std::path::Path;
use std::sync::LazyLock;
use trace::base::time::TimeZone;
use trace::ingest::cells::{Bare, TimeReader};
use trace::ingest::{Account, Folder, Settings, Silent, Table};
use trace::pipeline::{self, Request};
use trace::policy::Policy;
use trace::search::index::CaseIndex;

/// Takes any bytes.
type Target = fn(&[u8]);

/// By name.
pub const ALL: [(&str, Target); 7] = [
    ("times", times),
    ("policies", policies),
    ("rows", rows),
    ("cases", cases),
    ("workbooks", workbooks),
    ("parquet", parquet),
    ("index", index),
];

/// A time that is read is read again as it is shown; and the plainest style is what the library of
/// times makes of it.
fn times(bytes: &[u8]) {
    for name in ["Asia/Shanghai", "America/New_York", "+08:00"] {
        let zone = TimeZone::get(name).expect("it is known");
        let mut reader = TimeReader::new(&zone);
        for bare in [Bare::Start, Bare::End] {
            let Some(at) = reader.read(bytes, bare) else { continue };
            // Before clocks went by zones, offsets had seconds, which RFC 3339 does not write.
            if at.0 < -2_177_452_800 {
                continue;
            }
            let shown = zone.show(at);
            assert_eq!(reader.read(shown.as_bytes(), bare), Some(at), "{shown}");
            assert!(shown.len() == 25 || shown.starts_with('-'), "{shown}");
        }
        let plain = |text: &str| {
            let shape: Vec<u8> =
                text.bytes().map(|b| if b.is_ascii_digit() { b'0' } else { b }).collect();
            shape == b"0000-00-00 00:00:00"
        };
        if let Some(text) = std::str::from_utf8(bytes).ok().filter(|text| plain(text))
            && let Ok(zone) = jiff::tz::TimeZone::get(name)
        {
            let theirs = jiff::civil::DateTime::strptime("%Y-%m-%d %H:%M:%S", text).ok();
            let theirs = theirs.filter(|at| at.year() >= 1);
            let theirs =
                theirs.and_then(|at| Some(at.to_zoned(zone.clone()).ok()?.timestamp().as_second()));
            let ours = reader.read(bytes, Bare::Start).map(|at| at.0);
            // The midnight that ends a day is a time, and a leap second is the one before, to one of
            // the two only; and clock changes are known up to the year 2400.
            let known = theirs.is_none_or(|at| at < 13_569_465_600);
            if known && !text.ends_with("24:00:00") && !text.ends_with(":60") {
                assert_eq!(ours, theirs, "{text} in {name}");
            }
        }
    }
}

fn policies(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(policy) = Policy::parse(text, "fuzz") {
        assert!(!policy.name.is_empty());
    }
}

const CASES: &str = "person_id,onset,confirmed,isolated\nC1,2022-11-08,2022-11-09 09:00:00,\n";
const STAYS: &str = "person_id,start,end,place_id\nC1,2022-11-08 10:00:00,2022-11-08 11:00:00,V1\n\
    P1,2022-11-08 10:30:00,2022-11-08 12:00:00,V1\n";

static POOLS: LazyLock<[rayon::ThreadPool; 2]> = LazyLock::new(|| {
    [1, 3].map(|threads| {
        rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads")
    })
});

/// An export folder of two files.
fn folder(files: [(&str, &[u8]); 2]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a folder");
    for (name, bytes) in files {
        std::fs::write(dir.path().join(name), bytes).expect("it is written");
    }
    dir
}

/// The account of a folder on one of the pools, or the words of the error.
fn inspect(dir: &Path, pool: usize) -> Result<Account, String> {
    let policy = Policy::preset("cn-2022-11").expect("it is built in");
    let zone = TimeZone::get("Asia/Shanghai").expect("it is known");
    let settings = Settings { max_rejects: 1.0, most_unpacked: 100, ..Settings::new(zone) };
    let folder = Folder::open(dir).map_err(|e| e.to_string())?;
    let request = Request::new(policy, settings);
    let inspected = POOLS[pool].install(|| pipeline::inspect(&folder, &request, &Silent));
    inspected.map(|inspection| inspection.account).map_err(|e| e.to_string())
}

/// What was made of a folder, without the names of its files.
fn seen(account: Result<Account, String>, endings: &[&str]) -> Result<String, String> {
    let plain =
        |text: String| endings.iter().fold(text, |text, ending| text.replace(ending, ".csv"));
    let account = account.map_err(plain)?;
    let tallies: Vec<_> = Table::ALL.iter().map(|&table| account.of(table)).collect();
    for tally in &tallies {
        // It would be less than nothing if a row were counted twice.
        assert!(tally.used() <= tally.rows);
    }
    Ok(format!("{tallies:?} {:?}", account.rejects.iter().collect::<Vec<_>>()))
}

/// A table of stays, plain and packed, on one thread and on three.
fn rows(bytes: &[u8]) {
    let dir = folder([("cases.csv", CASES.as_bytes()), ("trajectories.csv", bytes)]);
    let one = seen(inspect(dir.path(), 0), &[]);
    if !bytes.len().is_multiple_of(4) {
        return;
    }
    assert_eq!(seen(inspect(dir.path(), 1), &[]), one);
    let packed = zstd::bulk::compress(bytes, 1).expect("it is packed");
    let dir = folder([("cases.csv", CASES.as_bytes()), ("trajectories.csv.zst", &packed)]);
    let packed = seen(inspect(dir.path(), 0), &[".csv.zst"]);
    // What is said of files that are no text speaks of their names and packing.
    if one.is_ok() || packed.is_ok() {
        assert_eq!(packed, one);
    }
}

/// A small table: bytes of any encoding as the list of cases.
fn cases(bytes: &[u8]) {
    let dir = folder([("cases.csv", bytes), ("trajectories.csv", STAYS.as_bytes())]);
    let one = seen(inspect(dir.path(), 0), &[]);
    if bytes.len().is_multiple_of(8) {
        assert_eq!(seen(inspect(dir.path(), 1), &[]), one);
    }
}

fn workbooks(bytes: &[u8]) {
    let dir = folder([("cases.xlsx", bytes), ("trajectories.csv", STAYS.as_bytes())]);
    let _ = seen(inspect(dir.path(), 0), &[]);
}

fn parquet(bytes: &[u8]) {
    let dir = folder([("cases.csv", CASES.as_bytes()), ("trajectories.parquet", bytes)]);
    let one = seen(inspect(dir.path(), 0), &[]);
    if bytes.len().is_multiple_of(4) {
        let three = seen(inspect(dir.path(), 1), &[]);
        assert_eq!(one.is_ok(), three.is_ok());
        if one.is_ok() {
            assert_eq!(one, three);
        }
    }
}

/// An index file whose hash is right, whatever stands in it; one that is read is written as it was
/// read.
fn index(bytes: &[u8]) {
    use sha2::Digest;
    let _ = CaseIndex::read(bytes);
    let body = match bytes.last() {
        Some(b'\n') => bytes.to_vec(),
        _ => [bytes, b"\n"].concat(),
    };
    let digest: String =
        sha2::Sha256::digest(&body).iter().map(|byte| format!("{byte:02x}")).collect();
    let whole = [&body[..], format!("{{\"sha256\":\"{digest}\"}}\n").as_bytes()].concat();
    if let Ok(index) = CaseIndex::read(&whole[..]) {
        let write = |index: &CaseIndex| {
            let mut written = Vec::new();
            index.write(&mut written).expect("memory takes all");
            written
        };
        let once = write(&index);
        let again = CaseIndex::read(&once[..]).expect("what is written is read");
        assert_eq!(write(&again), once);
    }
}
