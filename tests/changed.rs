//! Input that is written to while it is read: what was read is of no one moment, and no result.

use std::cell::Cell;
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::{Duration, SystemTime};
use trace::base::error::{ErrorKind, Result};
use trace::base::problem::Problem;
use trace::base::time::TimeZone;
use trace::ingest::{Folder, Progress, Settings};
use trace::pipeline::{Request, analyse, inspect};
use trace::policy::Policy;

const CASES: &str = "person_id,confirmed\nC1,2022-11-09 09:00:00\n";
const STAYS: &str = "person_id,start,end,place_id\n\
    C1,2022-11-08 10:00:00,2022-11-08 11:00:00,V1\n\
    P1,2022-11-08 10:30:00,,V1\n";

/// Changes a file when a pass begins.
struct Changing {
    passes: Mutex<Cell<u32>>,
    at: u32,
    file: PathBuf,
    how: fn(&Path),
}

impl Progress for Changing {
    fn begin(&self, _: &str, _: u64) {
        let passes = self.passes.lock().unwrap();
        if passes.get() == self.at {
            (self.how)(&self.file);
        }
        passes.set(passes.get() + 1);
    }

    fn advance(&self, _: u64) {}

    fn end(&self) {}
}

/// Another row in place of one, of as many bytes.
fn in_place(path: &Path) {
    let text = fs::read_to_string(path).unwrap();
    let other = text.replace("P1", "P9").replace("09:00:00", "10:00:00");
    let mut file = OpenOptions::new().write(true).open(path).unwrap();
    file.write_all(other.as_bytes()).unwrap();
}

fn appended(path: &Path) {
    let mut file = OpenOptions::new().append(true).open(path).unwrap();
    file.write_all(b"P9,2022-11-08 10:30:00,,V1\n").unwrap();
}

/// The same text and the same time in another file.
fn replaced(path: &Path) {
    let beside = path.with_extension("new");
    let modified = fs::metadata(path).unwrap().modified().unwrap();
    fs::copy(path, &beside).unwrap();
    File::options().write(true).open(&beside).unwrap().set_modified(modified).unwrap();
    fs::rename(beside, path).unwrap();
}

fn removed(path: &Path) {
    fs::remove_file(path).unwrap();
}

/// How many passes begin, and whether all went well.
fn read(file: &str, at: u32, how: fn(&Path), check: bool) -> (u32, Result<()>) {
    let dir = tempfile::tempdir().unwrap();
    // Long ago, so that the clock of the file system tells a change from what was before.
    let before = SystemTime::now() - Duration::from_secs(100);
    for (name, text) in [("cases.csv", CASES), ("trajectories.csv", STAYS)] {
        fs::write(dir.path().join(name), text).unwrap();
        let file = File::options().write(true).open(dir.path().join(name)).unwrap();
        file.set_modified(before).unwrap();
    }
    let policy = Policy::preset("cn-2022-11").unwrap();
    let settings = Settings::new(TimeZone::get(&policy.timezone).unwrap());
    let request = Request::new(policy, settings);
    let progress = Changing { passes: Mutex::default(), at, file: dir.path().join(file), how };
    let folder = Folder::open(dir.path()).unwrap();
    let done = if check {
        inspect(&folder, &request, &progress).map(|_| ())
    } else {
        analyse(folder, request, &progress).map(|_| ())
    };
    (progress.passes.into_inner().unwrap().get(), done)
}

#[test]
fn a_file_that_is_written_to_while_it_is_read_gives_no_result() {
    for check in [false, true] {
        let (passes, done) = read("cases.csv", u32::MAX, removed, check);
        done.unwrap();
        assert!(passes >= 3, "{passes}");
        for at in 0..passes {
            for file in ["cases.csv", "trajectories.csv"] {
                for how in [in_place, appended, replaced, removed] {
                    let error = read(file, at, how, check).1.unwrap_err();
                    // Of a file that was opened after it was taken away, there is no more to say.
                    let gone = matches!(error.problem(), Problem::Read { .. });
                    let changed = matches!(error.problem(), Problem::FileChanged { .. });
                    assert!(changed || gone, "{file} at {at}: {error}");
                    assert_eq!(error.kind(), ErrorKind::Input);
                }
            }
        }
    }
}
