//! Which files of an export folder are which table.
//!
//! A table is one file, several (`trajectories-01.csv`), a folder of files, or sheets of workbooks.
//! Files are numbered in the order of their relative paths as bytes.

use crate::base::error::{Error, Result, shown};
use crate::base::problem::Problem;
use crate::ingest::contract::Table;
use crate::ingest::header::aliases::Aliases;
use crate::ingest::input::{Asked, InputFile};
use crate::ingest::listing;
use crate::ingest::listing::Listing;
use crate::ingest::names::{Packing, stem, table_of_folder};
use crate::ingest::text::context::Context;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// An export folder, sorted into tables.
#[derive(Debug, Clone)]
pub struct Folder {
    /// The folder.
    pub path: PathBuf,
    /// All files of all tables, by number.
    pub files: Vec<InputFile>,
    /// Files and sheets that belong to no table.
    pub ignored: Vec<String>,
    /// Sheets that nobody sees, and so are not read.
    pub hidden: Vec<String>,
}

/// Numbers files in their order, and tells each of the texts beside it.
fn number(files: &mut [InputFile]) {
    for (number, file) in files.iter_mut().enumerate() {
        file.number = number as u32;
    }
    tell(files);
}

/// Tells files of the texts beside them.
fn tell(files: &mut [InputFile]) {
    let is_text =
        |file: &&InputFile| matches!(file.packing, Packing::Plain | Packing::Gzip | Packing::Zstd);
    let texts = files.iter().filter(is_text);
    let texts = texts.map(|file| (file.path.clone(), file.packing)).collect();
    let context = Arc::new(Context::new(texts));
    for file in files {
        file.context = Arc::clone(&context);
    }
}

/// What a folder holds.
fn listed(path: &Path, asked: &Asked) -> Result<Listing> {
    if path.to_string_lossy().contains("://") {
        let path = path.to_string_lossy().into_owned();
        return Err(Problem::RemoteFolder { path }.into());
    }
    if !path.exists() {
        return Err(Problem::NoFolder { path: shown(path) }.into());
    }
    if !path.is_dir() {
        return Err(Problem::FileNotFolder { path: shown(path) }.into());
    }
    listing::list(path, asked)
}

impl Folder {
    /// Lists a folder.
    ///
    /// # Errors
    /// An input error when the folder or a table that must exist is missing, or when a table stands
    /// there twice.
    pub fn open(path: &Path) -> Result<Folder> {
        Folder::open_as(path, &Asked::default())
    }

    /// Lists a folder as it was asked for.
    ///
    /// # Errors
    /// As [`Folder::open`], or when a file that was named is not there.
    pub fn open_as(path: &Path, asked: &Asked) -> Result<Folder> {
        Folder::open_with(path, asked, Vec::new())
    }

    /// Lists a folder, and the tables in memory that belong to it; without a path these alone, and
    /// the files that are named outright.
    ///
    /// # Errors
    /// As [`Folder::open_as`].
    pub fn open_with(path: &Path, asked: &Asked, held: Vec<InputFile>) -> Result<Folder> {
        let listing = match path.as_os_str().is_empty() {
            true => listing::only_named(asked)?,
            false => listed(path, asked)?,
        };
        let Listing { mut files, mut ignored, hidden } = listing;
        files.extend(held);
        files.sort_by(|a, b| (&a.name, &a.path).cmp(&(&b.name, &b.path)));
        number(&mut files);
        ignored.sort();
        let folder = Folder { path: path.to_owned(), files, ignored, hidden };
        folder.check()?;
        Ok(folder)
    }

    /// Files whose tables are known, with the numbers they have.
    pub fn of_files(path: &Path, mut files: Vec<InputFile>) -> Folder {
        tell(&mut files);
        Folder { path: path.to_owned(), files, ignored: Vec::new(), hidden: Vec::new() }
    }

    /// Some parts of files of another folder, with the numbers they have there.
    pub fn of_parts(files: Vec<InputFile>) -> Folder {
        Folder { path: PathBuf::new(), files, ignored: Vec::new(), hidden: Vec::new() }
    }

    /// Whether the rows of all tables can be read here.
    pub fn has_all_rows(&self) -> bool {
        !self.files.iter().any(InputFile::is_elsewhere)
    }

    /// One file or workbook as a table that is no part of an export.
    ///
    /// # Errors
    /// When it cannot be read, or is no table.
    pub fn of_one(path: &Path, table: Table, aliases: &Aliases) -> Result<Folder> {
        let dir = path.parent().unwrap_or(Path::new("")).to_owned();
        let asked = Asked { aliases: aliases.clone(), tables: Vec::new() };
        let mut files = listing::one(path, table, &asked)?;
        number(&mut files);
        Ok(Folder { path: dir, files, ignored: Vec::new(), hidden: Vec::new() })
    }

    /// The files of a table, in the order of their names.
    pub fn of(&self, table: Table) -> impl Iterator<Item = &InputFile> {
        self.files.iter().filter(move |file| file.table == table)
    }

    /// Holds every file against what it was when the folder was listed: what was read is of one
    /// moment only if nobody has written in between.
    ///
    /// # Errors
    /// For the first file that was written to or replaced.
    pub fn unchanged(&self) -> Result<()> {
        self.files.iter().try_for_each(InputFile::unchanged)
    }

    fn check(&self) -> Result<()> {
        let has = |table| self.of(table).next().is_some();
        let mut missing = Vec::new();
        if !has(Table::Cases) {
            missing.push("`cases`");
        }
        if !has(Table::Trajectories) && !has(Table::Colocations) {
            missing.push("`trajectories` or `colocations`");
        }
        if !missing.is_empty() {
            return Err(self.no_table(&missing));
        }
        let mut stems: BTreeMap<&str, &InputFile> = BTreeMap::new();
        for file in &self.files {
            let name = file.name.split('#').next().filter(|_| file.sheet.is_some());
            if let Some(other) = stems.insert(stem(name.unwrap_or(&file.name)).0, file)
                && other.path != file.path
            {
                let (first, second) = (other.name.clone(), file.name.clone());
                return Err(Problem::SameTableTwice { first, second }.into());
            }
        }
        for table in Table::ALL {
            let in_folder = |name: &&String| {
                let top = name.split_once('/').map(|(top, _)| top);
                top.and_then(table_of_folder) == Some(table)
            };
            let (inside, beside): (Vec<_>, Vec<_>) =
                self.of(table).map(|file| &file.name).partition(in_folder);
            if let (Some(inside), Some(beside)) = (inside.first(), beside.first()) {
                let (inside, beside) = ((*inside).clone(), (*beside).clone());
                return Err(Problem::FolderAndFile { table: table.name(), inside, beside }.into());
            }
        }
        Ok(())
    }

    fn no_table(&self, missing: &[&str]) -> Error {
        let seen: Vec<String> = self
            .files
            .iter()
            .map(|file| &file.name)
            .chain(&self.ignored)
            .take(20)
            .map(|name| format!("`{name}`"))
            .collect();
        let found =
            if seen.is_empty() { "the folder is empty".to_owned() } else { seen.join(", ") };
        let (path, missing) = (shown(&self.path), missing.join(" and no table "));
        let below = listing::table_below(&self.path, &self.ignored);
        Problem::NoTable { path, missing, found, below }.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(names: &[&str]) -> Result<Folder> {
        let dir = tempfile::tempdir().unwrap();
        for name in names {
            let path = dir.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "x").unwrap();
        }
        Folder::open(dir.path())
    }

    #[test]
    fn files_are_sorted_into_tables() {
        let names = [
            "cases.csv",
            "trajectories/b.csv.zst",
            "trajectories/2022/a.csv",
            "Persons_1.CSV.GZ",
            "notes.txt",
        ];
        let folder = folder(&names).unwrap();
        let found: Vec<_> = folder.files.iter().map(|f| (f.name.as_str(), f.table)).collect();
        assert_eq!(
            found,
            [
                ("Persons_1.CSV.GZ", Table::Persons),
                ("cases.csv", Table::Cases),
                ("trajectories/2022/a.csv", Table::Trajectories),
                ("trajectories/b.csv.zst", Table::Trajectories),
            ]
        );
        assert_eq!(folder.ignored, ["notes.txt"]);
    }

    #[test]
    fn what_is_missing_or_there_twice_is_named() {
        for (names, says) in [
            (&[][..], "the folder is empty"),
            (&["persons.csv", "trajectories.csv"][..], "no table `cases`"),
            (&["cases.csv"][..], "`trajectories` or `colocations`"),
            (&["cases.csv", "cases.csv.gz", "trajectories.csv"][..], "the same table twice"),
            (&["cases.csv", "trajectories.csv", "trajectories/1.csv"][..], "is there twice"),
        ] {
            let error = folder(names).unwrap_err();
            assert!(error.to_string().contains(says), "{error}");
            assert_eq!(error.exit_code(), 3);
        }
    }
}
