//! Puts new files in the place of old ones: all of them, or none.
//!
//! A folder that is ours alone is exchanged as a whole, in one step, where the system can. Else the
//! files go one by one, as a journal says, which is on the disk before the first of them moves:
//! whoever comes next finishes what was begun. Cost: a rename a file at most.

use super::names::PROBE;
use super::private::{NEW, create_private_dir, names};
use crate::base::error::{Error, Result};
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

/// The journal of a swap, in the folder of its stage.
pub(super) const JOURNAL: &str = "journal.json";

/// What a swap does.
#[derive(Debug, Serialize, Deserialize)]
struct Journal {
    /// Files that move, the mark of a finished folder last.
    files: Vec<String>,
    /// Files of an earlier output that go.
    remove: Vec<String>,
}

/// Exchanges two folders in one step; `false` where the system cannot.
pub(super) fn exchange(new: &Path, old: &Path) -> bool {
    #[cfg(any(target_os = "linux", target_os = "macos"))]
    {
        use rustix::fs::{CWD, RenameFlags, renameat_with};
        renameat_with(CWD, new, CWD, old, RenameFlags::EXCHANGE).is_ok()
    }
    #[cfg(not(any(target_os = "linux", target_os = "macos")))]
    {
        let _ = (new, old);
        false
    }
}

/// Writes down what is to be done. From here on the swap is decided.
///
/// # Errors
/// When it cannot be written; nothing has moved then.
pub(super) fn decide(stage: &Path, files: Vec<String>, remove: Vec<String>) -> io::Result<()> {
    let aside = stage.join("journal.part");
    let mut file = File::create(&aside)?;
    serde_json::to_writer(&mut file, &Journal { files, remove })?;
    file.flush()?;
    file.sync_all()?;
    fs::rename(aside, stage.join(JOURNAL))?;
    sync(stage)
}

/// Whether the swap of a stage is decided.
pub(super) fn is_decided(stage: &Path) -> bool {
    stage.join(JOURNAL).exists()
}

/// Does what the journal of a stage says, as far as it is not done yet.
///
/// # Errors
/// When a file cannot be moved: the rest is still to be done.
pub(super) fn finish(stage: &Path, to: &Path) -> Result<()> {
    let failed = |e: io::Error| Error::write(to, e);
    let journal = fs::read(stage.join(JOURNAL)).map_err(failed)?;
    let journal: Journal = serde_json::from_slice(&journal).map_err(|e| failed(e.into()))?;
    if !to.exists() {
        create_private_dir(to).map_err(failed)?;
    }
    let is_name = |name: &&String| Path::new(name.as_str()).file_name() == Some(name.as_ref());
    let new = stage.join(NEW);
    let left = if new.exists() { names(&new)? } else { Vec::new() };
    for name in journal.files.iter().filter(is_name).filter(|name| left.contains(name)) {
        fs::rename(new.join(name), to.join(name)).map_err(failed)?;
    }
    for name in journal.remove.iter().filter(is_name) {
        match fs::remove_file(to.join(name)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
            _ => {}
        }
    }
    sync(to).map_err(failed)?;
    // It is done, and must not be done to a later output.
    fs::remove_file(stage.join(JOURNAL)).map_err(failed)?;
    sync(stage).map_err(failed)
}

/// Tries whether a file of a stage can be moved into a folder: where that is a disk of its own none
/// can, and it is better known before anything is decided.
///
/// # Errors
/// When it cannot.
pub(super) fn probe(stage: &Path, to: &Path) -> io::Result<()> {
    let (from, there) = (stage.join(PROBE), to.join(PROBE));
    File::create(&from)?;
    let moved = fs::rename(&from, &there);
    let _ = fs::remove_file(if moved.is_ok() { there } else { from });
    moved
}

/// Has the system write a folder's names to the disk.
pub(super) fn sync(dir: &Path) -> io::Result<()> {
    #[cfg(unix)]
    File::open(dir)?.sync_all()?;
    let _ = dir;
    Ok(())
}
