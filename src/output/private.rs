//! Files and folders that only their owner can read.
//!
//! Cost: what the system asks for.

use crate::base::error::{Error, Result};
use std::fs::{self, File};
use std::path::Path;

/// Where the new files of a stage are.
pub(super) const NEW: &str = "new";

/// Takes a stage away: its files first, and its mark only when they are gone, so that whoever is
/// interrupted leaves what the next one knows.
pub(super) fn remove_stage(dir: &Path) -> std::io::Result<()> {
    let new = dir.join(NEW);
    if new.exists() {
        fs::remove_dir_all(new)?;
    }
    fs::remove_dir_all(dir)
}

/// The names in a folder.
pub(super) fn names(dir: &Path) -> Result<Vec<String>> {
    let entries = fs::read_dir(dir).map_err(|e| Error::write(dir, e))?;
    entries
        .map(|entry| entry.map(|e| e.file_name().to_string_lossy().into_owned()))
        .collect::<std::io::Result<Vec<_>>>()
        .map_err(|e| Error::write(dir, e))
}

#[cfg(unix)]
pub(super) fn create_private_dir(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new().mode(0o700).create(path)
}

#[cfg(not(unix))]
pub(super) fn create_private_dir(path: &Path) -> std::io::Result<()> {
    fs::create_dir(path)
}

/// Makes a folder and those it lies in, which only their owner can read.
pub(super) fn create_private_dirs(path: &Path) -> std::io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    path.parent().map_or(Ok(()), create_private_dirs)?;
    create_private_dir(path)
}

#[cfg(unix)]
pub(super) fn create_private(path: &Path) -> std::io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

#[cfg(not(unix))]
pub(super) fn create_private(path: &Path) -> std::io::Result<File> {
    fs::OpenOptions::new().write(true).create_new(true).open(path)
}
