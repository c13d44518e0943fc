//! The output folder: written beside the old one, and swapped in whole.
//!
//! A run that fails or is killed leaves the previous output as it was. Files can be read by their
//! owner only.

use crate::base::error::{Error, Result, shown};
use crate::base::problem::Problem;
use crate::output::names::{MARK, is_ours};
use rayon::prelude::*;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

/// An output folder that may be written.
#[derive(Debug)]
pub struct OutputFolder {
    path: PathBuf,
    /// Holds files that are not ours and must stay.
    shared: bool,
}

impl OutputFolder {
    /// Looks whether `path` may be written: it is new, empty, or the output of an earlier run. With
    /// `force` another folder may be, too; its other files stay.
    ///
    /// # Errors
    /// A usage error when it may not, or when it lies in the input folder or the other way round.
    pub fn claim(path: &Path, input: &Path, force: bool) -> Result<OutputFolder> {
        let here = absolute(path)?;
        let input = absolute(input)?;
        if here.starts_with(&input) || input.starts_with(&here) {
            let (output, input) = (shown(&here), shown(&input));
            return Err(Problem::FoldersInEachOther { output, input }.into());
        }
        let mut shared = false;
        if here.exists() && !here.is_dir() {
            return Err(Problem::OutputIsFile { output: shown(&here) }.into());
        }
        if here.exists() {
            let names = names(&here)?;
            let ours = names.iter().any(|name| name == MARK);
            let foreign = names.iter().find(|name| !is_ours(name) || !ours);
            shared = foreign.is_some();
            if let Some(foreign) = foreign.filter(|_| !force) {
                let (output, file) = (shown(&here), foreign.clone());
                return Err(if ours {
                    Problem::OutputHoldsMore { output, file }
                } else {
                    Problem::OutputOfOthers { output, file }
                }
                .into());
            }
        }
        Ok(OutputFolder { path: here, shared })
    }

    /// The folder of a finished run, to put more files into.
    ///
    /// # Errors
    /// A usage error when it is none.
    pub fn finished(path: &Path) -> Result<OutputFolder> {
        let path = absolute(path)?;
        if !path.join(MARK).is_file() {
            return Err(Problem::NoOutput { folder: shown(&path) }.into());
        }
        Ok(OutputFolder { path, shared: true })
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A new folder beside this one, to be filled and swapped in.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn stage(&self) -> Result<Stage<'_>> {
        let parent = self.path.parent().unwrap_or(Path::new("/"));
        fs::create_dir_all(parent).map_err(|e| Error::write(parent, e))?;
        let name = self.path.file_name().unwrap_or_default().to_string_lossy();
        let prefix = format!(".{name}.partial-");
        // What a killed run left behind.
        for old in names(parent)? {
            let of = old.strip_prefix(&prefix);
            if of.is_some_and(|process| !Path::new("/proc").join(process).exists()) {
                let _ = fs::remove_dir_all(parent.join(old));
            }
        }
        let path = parent.join(format!("{prefix}{}", std::process::id()));
        create_private_dir(&path).map_err(|e| Error::write(&path, e))?;
        Ok(Stage { folder: self, path, done: false })
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
        let to = self.beside(ends);
        let stage = self.stage()?;
        stage.file(ends, write)?;
        fs::rename(stage.path.join(ends), &to).map_err(|e| Error::write(&to, e))?;
        Ok(to)
    }

    /// Takes away what an earlier run has written beside the folder.
    pub fn remove_beside(&self, ends: &str) {
        let _ = fs::remove_file(self.beside(ends));
    }

    fn beside(&self, ends: &str) -> PathBuf {
        let mut name = self.path.file_name().unwrap_or_default().to_owned();
        name.push(".");
        name.push(ends);
        self.path.with_file_name(name)
    }
}

/// Output that is not yet in its place. Dropped before [`commit`](Stage::commit), it is gone.
#[derive(Debug)]
pub struct Stage<'a> {
    folder: &'a OutputFolder,
    path: PathBuf,
    done: bool,
}

impl Stage<'_> {
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
        write: impl FnOnce(&mut (dyn Write + Send)) -> std::io::Result<()>,
    ) -> Result<()> {
        let path = self.path.join(name);
        let file = create_private(&path).map_err(|e| Error::write(&path, e))?;
        let mut out = BufWriter::with_capacity(1 << 18, file);
        write(&mut out).map_err(|e| Error::write(&path, e))?;
        let file = out.into_inner().map_err(|e| Error::write(&path, e.into_error()))?;
        file.sync_data().map_err(|e| Error::write(&path, e))
    }

    /// Puts the new folder in the place of the old one, or its files into a shared one; returns how
    /// many files it has.
    ///
    /// # Errors
    /// When it cannot be; the old folder is then still there.
    pub fn commit(mut self) -> Result<usize> {
        let to = &self.folder.path;
        let failed = |e| Error::write(to, e);
        let files = names(&self.path)?;
        if self.folder.shared {
            // Lists for communities are a set: one of an earlier set must not stand among them.
            let of_set = |name: &String| name.starts_with("handover-");
            if files.iter().any(of_set) {
                for old in names(to)?.iter().filter(|old| of_set(old) && is_ours(old)) {
                    fs::remove_file(to.join(old)).map_err(failed)?;
                }
            }
            for name in &files {
                fs::rename(self.path.join(name), to.join(name)).map_err(failed)?;
            }
            return Ok(files.len());
        }
        if to.exists() {
            exchange(&self.path, to).map_err(failed)?;
            // A large file takes a while to give its space back: not one after the other.
            if let Ok(old) = names(&self.path) {
                old.par_iter().for_each(|name| drop(fs::remove_file(self.path.join(name))));
            }
        } else {
            fs::rename(&self.path, to).map_err(failed)?;
            self.done = true;
        }
        Ok(files.len())
    }
}

impl Drop for Stage<'_> {
    fn drop(&mut self) {
        // After an exchange this is the old output.
        if !self.done {
            let _ = fs::remove_dir_all(&self.path);
        }
    }
}

fn absolute(path: &Path) -> Result<PathBuf> {
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

fn names(dir: &Path) -> Result<Vec<String>> {
    let entries = fs::read_dir(dir).map_err(|e| Error::write(dir, e))?;
    entries
        .map(|entry| entry.map(|e| e.file_name().to_string_lossy().into_owned()))
        .collect::<std::io::Result<Vec<_>>>()
        .map_err(|e| Error::write(dir, e))
}

#[cfg(unix)]
fn create_private_dir(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new().mode(0o700).create(path)
}

#[cfg(not(unix))]
fn create_private_dir(path: &Path) -> std::io::Result<()> {
    fs::create_dir(path)
}

#[cfg(unix)]
fn create_private(path: &Path) -> std::io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

#[cfg(not(unix))]
fn create_private(path: &Path) -> std::io::Result<File> {
    fs::OpenOptions::new().write(true).create_new(true).open(path)
}

/// Writes a file that only its owner can read, in place of an earlier one: whole or not at all.
///
/// # Errors
/// When it cannot be written; an earlier one is as it was.
pub fn write_private(
    path: &Path,
    write: impl FnOnce(&mut (dyn Write + Send)) -> std::io::Result<()>,
) -> Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".partial-{}", std::process::id()));
    let stage = path.with_file_name(name);
    let written = create_private(&stage).and_then(|mut file| write(&mut file));
    written.and_then(|()| fs::rename(&stage, path)).map_err(|e| {
        let _ = fs::remove_file(&stage);
        Error::write(path, e)
    })
}

/// Swaps two folders in one step where the system can; else in two renames.
fn exchange(new: &Path, old: &Path) -> std::io::Result<()> {
    #[cfg(any(target_os = "linux", target_os = "macos"))]
    {
        use rustix::fs::{CWD, RenameFlags, renameat_with};
        if renameat_with(CWD, new, CWD, old, RenameFlags::EXCHANGE).is_ok() {
            return Ok(());
        }
    }
    let aside = new.with_extension("old");
    fs::rename(old, &aside)?;
    if let Err(error) = fs::rename(new, old) {
        fs::rename(&aside, old)?;
        return Err(error);
    }
    fs::rename(aside, new)
}
