//! The output folder: written beside the old one, and swapped in whole.
//!
//! A run that fails or is killed leaves the previous output as it was. Files can be read by their
//! owner only.

use crate::base::error::{Error, Result, shown};
use crate::base::problem::Problem;
use crate::output::files::is_ours;
use crate::output::leftovers;
use crate::output::names::MARK;
use crate::output::private::{create_private, create_private_dirs, names};
use crate::output::stage::{self, Place, Stage};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

/// An output folder that may be written.
#[derive(Debug)]
pub struct OutputFolder {
    place: Place,
}

impl OutputFolder {
    /// Looks whether `path` may be written: it is new, empty, or the output of an earlier run. With
    /// `force` another folder may be, too; its other files stay.
    ///
    /// # Errors
    /// A usage error when it may not, or when it lies in the input folder or the other way round.
    pub fn claim(path: &Path, input: &Path, force: bool) -> Result<OutputFolder> {
        let here = absolute(path)?;
        // Where all tables are in memory there is no input folder.
        let is_none = input.as_os_str().is_empty();
        let input = if is_none { input.to_owned() } else { absolute(input)? };
        if !is_none && (here.starts_with(&input) || input.starts_with(&here)) {
            let (output, input) = (shown(&here), shown(&input));
            return Err(Problem::FoldersInEachOther { output, input }.into());
        }
        let place = Place { path: here, adds: false };
        stage::recover(&place)?;
        let here = &place.path;
        if here.exists() && !here.is_dir() {
            return Err(Problem::OutputIsFile { output: shown(here) }.into());
        }
        if here.exists() {
            let names = names(here)?;
            let ours = names.iter().any(|name| name == MARK);
            let foreign = names.iter().find(|name| !is_ours(name) || !ours);
            if let Some(foreign) = foreign.filter(|_| !force) {
                let (output, file) = (shown(here), foreign.clone());
                return Err(if ours {
                    Problem::OutputHoldsMore { output, file }
                } else {
                    Problem::OutputOfOthers { output, file }
                }
                .into());
            }
        }
        Ok(OutputFolder { place })
    }

    /// The folder of a finished run, to put more files into.
    ///
    /// # Errors
    /// A usage error when it is none.
    pub fn finished(path: &Path) -> Result<OutputFolder> {
        let place = Place { path: absolute(path)?, adds: true };
        stage::recover(&place)?;
        if !place.path.join(MARK).is_file() {
            return Err(Problem::NoOutput { folder: shown(&place.path) }.into());
        }
        Ok(OutputFolder { place })
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.place.path
    }

    /// A new folder beside this one, to be filled and swapped in.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn stage(&self) -> Result<Stage<'_>> {
        let parent = self.place.parent();
        create_private_dirs(parent).map_err(|e| Error::write(parent, e))?;
        Stage::new(&self.place)
    }

    /// Writes one file beside the folder, called as the folder with `ends` behind, in place of an
    /// earlier one; the folder is not touched. Returns its path.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write_beside(
        &self,
        ends: &str,
        write: impl FnOnce(&mut (dyn Write + Send)) -> std::io::Result<()>,
    ) -> Result<PathBuf> {
        let to = self.place.beside(ends);
        let stage = self.stage()?;
        stage.file(ends, write)?;
        fs::rename(stage.path().join(ends), &to).map_err(|e| Error::write(&to, e))?;
        Ok(to)
    }

    /// Takes away what an earlier run has written beside the folder.
    pub fn remove_beside(&self, ends: &str) {
        let _ = fs::remove_file(self.place.beside(ends));
    }
}

/// A path without links and dots, as far as it exists.
pub(super) fn absolute(path: &Path) -> Result<PathBuf> {
    // The part of the path that exists may hold links; the rest cannot.
    let path = std::path::absolute(path).map_err(|e| Error::write(path, e))?;
    let mut rest = Vec::new();
    let mut base = path.as_path();
    loop {
        if let Ok(real) = fs::canonicalize(base) {
            return Ok(rest.iter().rev().fold(real, |path, name| path.join(name)));
        }
        match (base.parent(), base.file_name()) {
            (Some(parent), Some(name)) => {
                rest.push(name.to_owned());
                base = parent;
            }
            _ => return Ok(path),
        }
    }
}

/// Writes a file that only its owner can read, in place of an earlier one: whole or not at all.
/// What is no file (`/dev/stdout`, a pipe) is written to, and stays what it is.
///
/// # Errors
/// When it cannot be written; an earlier one is as it was.
pub fn write_private(
    path: &Path,
    write: impl FnOnce(&mut (dyn Write + Send)) -> std::io::Result<()>,
) -> Result<()> {
    if fs::metadata(path).is_ok_and(|about| !about.is_file()) {
        let open = fs::OpenOptions::new().write(true).open(path);
        return open.and_then(|mut file| write(&mut file)).map_err(|e| Error::write(path, e));
    }
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".partial-{:016x}", stage::random()));
    let aside = path.with_file_name(name);
    let made = leftovers::make(|| Ok((create_private(&aside)?, aside.clone())));
    let written = made.and_then(|mut file| {
        write(&mut file)?;
        file.sync_data()
    });
    let moved = written.and_then(|()| fs::rename(&aside, path));
    if moved.is_err() {
        let _ = fs::remove_file(&aside);
    }
    leftovers::forget(&aside);
    moved.map_err(|e| Error::write(path, e))
}
