//! Takes an output away: what is ours, and nothing else.
//!
//! Names are taken off the disk; what a disk keeps of the bytes is the disk's. Cost: a call a file.

use super::files::is_ours;
use super::folder::absolute;
use super::leftovers;
use super::names::{LOOKUP, MARK, REJECTS};
use super::private::{names, remove_stage};
use super::stage::{Place, leftovers_of, turn};
use crate::base::error::{Error, Result, shown};
use crate::base::problem::Problem;
use std::fs;
use std::path::{Path, PathBuf};

/// Takes the output in a folder away, the rejects beside it, and what runs that died have left;
/// says what. With `dry`, it only says. The folder itself goes when nothing else is in it.
///
/// # Errors
/// A usage error when there is nothing of ours; when something cannot be taken away.
pub fn purge(path: &Path, dry: bool) -> Result<Vec<PathBuf>> {
    let place = Place { path: absolute(path)?, adds: true };
    let _turn = turn(place.parent());
    let mut gone = Vec::new();
    let inside = if place.path.is_dir() { names(&place.path)? } else { Vec::new() };
    let ours = inside.iter().any(|name| name == MARK);
    if ours {
        // The mark last: whoever is interrupted begins again.
        let mut files: Vec<&String> = inside.iter().filter(|name| is_ours(name)).collect();
        files.sort_by_key(|name| *name == MARK);
        gone.extend(files.iter().map(|name| place.path.join(name)));
        if files.len() == inside.len() {
            gone.push(place.path.clone());
        }
    }
    if place.parent().is_dir() {
        gone.extend(leftovers_of(&place, false)?.into_iter().map(|old| old.dir));
        let beside = [REJECTS, LOOKUP].map(|ends| place.beside(ends));
        gone.extend(beside.into_iter().filter(|path| path.is_file()));
    }
    if gone.is_empty() {
        return Err(Problem::NoOutput { folder: shown(&place.path) }.into());
    }
    if !dry {
        let held = leftovers::hold();
        for path in &gone {
            let done = match path {
                folder if *folder == place.path => fs::remove_dir(folder),
                stage if stage.is_dir() => remove_stage(stage),
                file => fs::remove_file(file),
            };
            done.map_err(|e| Error::write(path, e))?;
        }
        drop(held);
    }
    Ok(gone)
}
