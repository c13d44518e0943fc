//! A new output beside the old one, to be filled and swapped in.
//!
//! A stage is a folder with a name of random letters, a file that is locked as long as its process
//! lives, and the new files in a folder within. The system gives the lock back when a process dies,
//! however it dies; so what is marked and not locked is a leftover, on any machine and in any
//! container. Cost: the files; a digest of each on the way.

use super::digest::Digesting;
use super::files::is_ours;
use super::leftovers;
use super::names::MARK;
use super::private::{NEW, create_private, create_private_dir, names, remove_stage};
use super::swap;
use crate::base::error::{Error, Result};
use crate::base::problem::Problem;
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// The file by which a stage is known to be one, locked by whoever fills it.
const LOCK: &str = "trace-stage";

/// Its name before it is locked.
const LOCK_TO_BE: &str = "trace-stage.part";

/// The folder that an output goes into.
#[derive(Debug)]
pub(super) struct Place {
    pub path: PathBuf,
    /// It gets more files, and keeps those that it has.
    pub adds: bool,
}

impl Place {
    /// The folder in which it is.
    pub fn parent(&self) -> &Path {
        self.path.parent().unwrap_or(Path::new("/"))
    }

    /// The file beside it that is called as it is with `ends` behind.
    pub fn beside(&self, ends: &str) -> PathBuf {
        let mut name = self.path.file_name().unwrap_or_default().to_owned();
        name.push(".");
        name.push(ends);
        self.path.with_file_name(name)
    }

    /// What the names of its stages begin with.
    fn prefix(&self) -> String {
        let name = self.path.file_name().unwrap_or_default().to_string_lossy();
        format!(".{name}.partial-")
    }
}

/// Output that is not yet in its place. Dropped before [`commit`](Stage::commit), it is gone.
#[derive(Debug)]
pub struct Stage<'a> {
    place: &'a Place,
    /// The stage.
    dir: PathBuf,
    /// The new files.
    path: PathBuf,
    /// Held as long as the stage is there.
    _lock: File,
    digests: Mutex<BTreeMap<String, (u64, String)>>,
    /// A swap is begun and not at its end: whoever comes next finishes it.
    keep: bool,
    /// The files are those of the old output.
    old: bool,
}

impl<'a> Stage<'a> {
    /// An empty one beside a folder. Takes away what a run that died has left there.
    pub(super) fn new(place: &'a Place) -> Result<Stage<'a>> {
        let parent = place.parent();
        // One after the other: what has no mark yet is nobody's while this one looks.
        let turn = turn(parent);
        settle(place)?;
        for old in leftovers_of(place, turn.is_some())? {
            let _ = remove_stage(&old.dir);
        }
        let dir = parent.join(format!("{}{:016x}", place.prefix(), random()));
        let failed = |e| Error::write(&dir, e);
        leftovers::make(|| Ok((create_private_dir(&dir)?, dir.clone()))).map_err(failed)?;
        let path = dir.join(NEW);
        let made = lock_new(&dir).and_then(|lock| {
            create_private_dir(&path)?;
            if place.path.is_dir() {
                swap::probe(&dir, &place.path)?;
            }
            Ok(lock)
        });
        match made {
            Ok(lock) => {
                let digests = Mutex::default();
                Ok(Stage { place, path, _lock: lock, digests, keep: false, old: false, dir })
            }
            Err(error) => {
                let _ = remove_stage(&dir);
                leftovers::forget(&dir);
                Err(failed(error))
            }
        }
    }

    /// Where the files are until then.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes a file.
    ///
    /// # Errors
    /// When it cannot be written to the end.
    pub fn file(
        &self,
        name: &str,
        write: impl FnOnce(&mut (dyn Write + Send)) -> io::Result<()>,
    ) -> Result<()> {
        let path = self.path.join(name);
        let failed = |e: io::Error| match e.get_ref().and_then(|inner| inner.downcast_ref()) {
            // What was to be written was to be read off a table.
            Some(table) => {
                let table: &csv::Error = table;
                let folder = crate::base::error::shown(&self.place.path);
                Problem::OutputDamaged { folder, what: table.to_string() }.into()
            }
            None => Error::write(&self.place.path.join(name), e),
        };
        let file = create_private(&path).map_err(failed)?;
        let mut out = BufWriter::with_capacity(1 << 18, Digesting::new(file));
        write(&mut out).map_err(failed)?;
        let done = out.into_inner().map_err(|e| failed(e.into_error()))?;
        let (file, bytes, sha256) = done.finish();
        file.sync_data().map_err(failed)?;
        let mut digests = self.digests.lock().unwrap_or_else(PoisonError::into_inner);
        digests.insert(name.to_owned(), (bytes, sha256));
        Ok(())
    }

    /// The size and the SHA-256 of each file so far, by name.
    pub fn digests(&self) -> BTreeMap<String, (u64, String)> {
        self.digests.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Puts the new folder in the place of the old one, or its files among those of others; returns
    /// how many files it has.
    ///
    /// # Errors
    /// When it cannot be: what was there is still there; or, where files go one by one and one of
    /// them cannot, the next command on the folder goes on.
    pub fn commit(self) -> Result<usize> {
        self.commit_if(|| Ok(()))
    }

    /// As [`commit`](Stage::commit), if the folder is still what it was for: asked once nobody else
    /// can swap anything in.
    ///
    /// # Errors
    /// As [`commit`](Stage::commit), or that of `still`.
    pub fn commit_if(mut self, still: impl FnOnce() -> Result<()>) -> Result<usize> {
        let (to, parent) = (&self.place.path, self.place.parent());
        let failed = |e| Error::write(to, e);
        let mut files = names(&self.path)?;
        let count = files.len();
        swap::sync(&self.path).map_err(failed)?;
        let _turn = turn(parent);
        // What another one has decided comes before, and not behind.
        settle(self.place)?;
        still()?;
        let mut held = leftovers::hold();
        if !to.exists() {
            fs::rename(&self.path, to).map_err(failed)?;
        } else {
            let old = names(to)?;
            let adds = self.place.adds;
            let ours = old.is_empty() || old.iter().any(|name| name == MARK);
            let alone = ours && !adds && old.iter().all(|name| is_ours(name));
            self.old = alone && swap::exchange(&self.path, to);
            if !self.old {
                // The mark of a finished folder comes last.
                files.sort_by_key(|name| name == MARK);
                let remove = remove(&old, &files, ours, adds);
                swap::decide(&self.dir, files, remove).map_err(failed)?;
                self.keep = true;
                held.forget(&self.dir);
                swap::finish(&self.dir, to).map_err(|_| Problem::SwapUnfinished {
                    folder: crate::base::error::shown(to),
                })?;
                self.keep = false;
            }
        }
        swap::sync(parent).map_err(failed)?;
        drop(held);
        Ok(count)
    }
}

/// The old files of ours that no new one replaces and that must go. A stage that only adds leaves
/// them, except handover lists, which are replaced as a set.
fn remove(old: &[String], new: &[String], ours: bool, adds: bool) -> Vec<String> {
    let of_set = |name: &str| name.starts_with("handover-");
    let new_set = new.iter().any(|name| of_set(name));
    let goes = |name: &&String| {
        let replaced = new.contains(name);
        ours && is_ours(name) && !replaced && (!adds || (new_set && of_set(name)))
    };
    old.iter().filter(goes).cloned().collect()
}

impl Drop for Stage<'_> {
    fn drop(&mut self) {
        if self.keep {
            return;
        }
        // After an exchange this is the old output. A large file takes a while to give its space
        // back: not one after the other.
        let old = names(&self.path).unwrap_or_default();
        // What somebody has put there in the last moment is theirs.
        let theirs = |name: &&String| self.old && !is_ours(name);
        let moved = |name: &String| {
            let (from, to) = (self.path.join(name), self.place.path.join(name));
            to.exists() || fs::rename(from, to).is_ok()
        };
        if !old.iter().filter(theirs).all(moved) {
            return;
        }
        if old.len() > 1 {
            old.par_iter().for_each(|name| drop(fs::remove_file(self.path.join(name))));
        }
        let _ = remove_stage(&self.dir);
        leftovers::forget(&self.dir);
    }
}

/// A stage whose process is no more.
pub(super) struct Leftover {
    pub dir: PathBuf,
    /// Held, so that nobody else takes it for one.
    _lock: File,
}

/// The leftovers beside a folder: marked as ours, and locked by nobody.
///
/// A stage has its mark a moment after it is made. `alone` says that nobody is making one now: what
/// has nothing in it but its mark to be is a leftover, too.
pub(super) fn leftovers_of(place: &Place, alone: bool) -> Result<Vec<Leftover>> {
    let (parent, prefix) = (place.parent(), place.prefix());
    let is_stage = |name: &String| {
        let letters = name.strip_prefix(&prefix);
        letters.is_some_and(|ends| ends.len() == 16 && ends.bytes().all(|b| b.is_ascii_hexdigit()))
    };
    let stages = names(parent)?.into_iter().filter(is_stage);
    let unlocked = |name: String| {
        let dir = parent.join(name);
        let marked = File::options().write(true).open(dir.join(LOCK)).ok();
        let lock = match marked {
            Some(lock) => lock.try_lock().is_ok().then_some(lock)?,
            // Its folder stands for it: nobody locks that.
            None if alone && is_unmade(&dir) => File::open(&dir).ok()?,
            None => return None,
        };
        Some(Leftover { dir, _lock: lock })
    };
    Ok(stages.filter_map(unlocked).collect())
}

/// Whether a stage has nothing in it but its mark to be.
fn is_unmade(dir: &Path) -> bool {
    names(dir).is_ok_and(|names| names.iter().all(|name| name == LOCK_TO_BE))
}

/// Finishes the swaps that were decided for a folder and not done.
pub(super) fn recover(place: &Place) -> Result<()> {
    if !place.parent().is_dir() {
        return Ok(());
    }
    let _turn = turn(place.parent());
    settle(place)
}

/// The same, for who has the turn.
fn settle(place: &Place) -> Result<()> {
    for old in leftovers_of(place, false)? {
        if swap::is_decided(&old.dir) {
            let unfinished =
                |_| Problem::SwapUnfinished { folder: crate::base::error::shown(&place.path) };
            swap::finish(&old.dir, &place.path).map_err(unfinished)?;
            let _ = remove_stage(&old.dir);
        }
    }
    Ok(())
}

/// The lock of a new stage. It is taken before the file has its name: nobody finds it unlocked.
fn lock_new(dir: &Path) -> io::Result<File> {
    let aside = dir.join(LOCK_TO_BE);
    let lock = create_private(&aside)?;
    // Where locks are not known, nobody takes the stage away, and nobody is kept from working.
    let _ = lock.try_lock();
    fs::rename(aside, dir.join(LOCK))?;
    Ok(lock)
}

/// The turn of those who swap something in a folder; without it where locks are not known.
pub(super) fn turn(parent: &Path) -> Option<File> {
    let parent = File::open(parent).ok()?;
    parent.lock().ok()?;
    Some(parent)
}

/// Letters that nobody else has.
pub(super) fn random() -> u64 {
    RandomState::new().build_hasher().finish()
}
