//! Which files of an export folder are which table.
//!
//! Names only; nothing is opened here. A table is one file, several (`trajectories-01.csv`), or a
//! folder of files. Files are numbered in the order of their relative paths as bytes.

use crate::base::error::{Error, Result, shown};
use crate::base::problem::Problem;
use crate::ingest::contract::Table;
use crate::ingest::names::{Packing, stem, table_of, table_of_folder};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A file of a table.
#[derive(Debug, Clone)]
pub struct InputFile {
    /// Its number in the folder.
    pub number: u32,
    /// Path relative to the input folder, with `/`.
    pub name: String,
    /// Where it is.
    pub path: PathBuf,
    /// Its size on disk.
    pub bytes: u64,
    /// How it is packed.
    pub packing: Packing,
    /// The table it is part of.
    pub table: Table,
}

/// An export folder, sorted into tables.
#[derive(Debug, Clone)]
pub struct Folder {
    /// The folder.
    pub path: PathBuf,
    /// All files of all tables, by number.
    pub files: Vec<InputFile>,
    /// Files that belong to no table.
    pub ignored: Vec<String>,
}

/// How deep folders of a table are searched.
const MAX_DEPTH: usize = 8;

impl Folder {
    /// Lists a folder.
    ///
    /// # Errors
    /// An input error when the folder or a table that must exist is missing, or when a table stands
    /// there twice.
    pub fn open(path: &Path) -> Result<Folder> {
        if !path.exists() {
            return Err(Problem::NoFolder { path: shown(path) }.into());
        }
        if !path.is_dir() {
            return Err(Problem::FileNotFolder { path: shown(path) }.into());
        }
        let mut folder = Folder { path: path.to_owned(), files: Vec::new(), ignored: Vec::new() };
        folder.list(path, "", None, 0)?;
        folder.files.sort_by(|a, b| a.name.cmp(&b.name));
        for (number, file) in folder.files.iter_mut().enumerate() {
            file.number = number as u32;
        }
        folder.ignored.sort();
        folder.check()?;
        Ok(folder)
    }

    /// The files of a table, in the order of their names.
    pub fn of(&self, table: Table) -> impl Iterator<Item = &InputFile> {
        self.files.iter().filter(move |file| file.table == table)
    }

    fn list(
        &mut self,
        dir: &Path,
        prefix: &str,
        inside: Option<Table>,
        depth: usize,
    ) -> Result<()> {
        let entries = std::fs::read_dir(dir).map_err(|e| Error::read(dir, e))?;
        for entry in entries {
            let entry = entry.map_err(|e| Error::read(dir, e))?;
            let file_name = entry.file_name();
            let Some(own) = file_name.to_str() else {
                self.ignored.push(file_name.to_string_lossy().into_owned());
                continue;
            };
            let (name, path) = (format!("{prefix}{own}"), entry.path());
            // Hidden, or what programs leave beside an open file.
            if own.starts_with('.') || own.starts_with("~$") || own == "Thumbs.db" {
                continue;
            }
            let table = inside.or_else(|| table_of(stem(own).0));
            if table.is_none() && !path.is_dir() {
                self.ignored.push(name);
                continue;
            }
            let meta = std::fs::metadata(&path).map_err(|e| Error::read(&path, e))?;
            if meta.is_dir() {
                let table = inside.or_else(|| table_of_folder(own));
                // A link inside a table's folder may lead back to it.
                let looped = inside.is_some() && path.is_symlink();
                match table {
                    Some(_) if depth < MAX_DEPTH && !looped => {
                        self.list(&path, &format!("{name}/"), table, depth + 1)?;
                    }
                    _ => self.ignored.push(format!("{name}/")),
                }
                continue;
            }
            if table.is_some() && !meta.is_file() {
                return Err(Problem::NeitherFileNorFolder { name }.into());
            }
            match (table, stem(own).1) {
                (Some(table), Some(packing)) => {
                    let (number, bytes) = (0, meta.len());
                    self.files.push(InputFile { number, name, path, bytes, packing, table });
                }
                _ => self.ignored.push(name),
            }
        }
        Ok(())
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
        let mut stems: BTreeMap<&str, &str> = BTreeMap::new();
        for file in &self.files {
            if let Some(other) = stems.insert(stem(&file.name).0, &file.name) {
                let (first, second) = (other.to_owned(), file.name.clone());
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
        let workbook = self.ignored.iter().find(|n| n.ends_with(".xlsx") || n.ends_with(".xls"));
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
        Problem::NoTable { path, missing, found, workbook: workbook.cloned() }.into()
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
            (&["cases.xlsx", "trajectories.csv"][..], "save its sheets as CSV"),
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
