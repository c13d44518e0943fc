//! Which files of an export folder are which table.
//!
//! A table is one file, several (`trajectories-01.csv`), a folder of files, or sheets of workbooks.
//! Names decide; only workbooks are opened, for the names of their sheets. Files are numbered in
//! the order of their relative paths as bytes.

use crate::base::error::{Error, Result, shown};
use crate::base::problem::Problem;
use crate::ingest::contract::Table;
use crate::ingest::header::aliases::Aliases;
use crate::ingest::header::sample::HEADER_ROWS;
use crate::ingest::names::{Packing, stem, table_of, table_of_folder};
use crate::ingest::text::context::Context;
use crate::ingest::workbook::first::{first_rows, names_columns};
use crate::ingest::workbook::sheets::{Content, Spreadsheet, content};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

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
    /// Of a workbook: the sheet.
    pub sheet: Option<String>,
    /// The table it is part of.
    pub table: Table,
    /// The texts of the folder.
    pub context: Arc<Context>,
}

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

/// What was asked for besides a folder.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// Names of one's own for columns: they tell a sheet of a table from another.
    pub aliases: Aliases,
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
        Folder::open_as(path, &Asked::default())
    }

    /// Lists a folder as it was asked for.
    ///
    /// # Errors
    /// As [`Folder::open`].
    pub fn open_as(path: &Path, asked: &Asked) -> Result<Folder> {
        if !path.exists() {
            return Err(Problem::NoFolder { path: shown(path) }.into());
        }
        if !path.is_dir() {
            return Err(Problem::FileNotFolder { path: shown(path) }.into());
        }
        let (files, ignored, hidden) = (Vec::new(), Vec::new(), Vec::new());
        let mut folder = Folder { path: path.to_owned(), files, ignored, hidden };
        folder.list(path, "", (None, asked), 0)?;
        folder.files.sort_by(|a, b| a.name.cmp(&b.name));
        let is_text = |file: &&InputFile| {
            matches!(file.packing, Packing::Plain | Packing::Gzip | Packing::Zstd)
        };
        let texts = folder.files.iter().filter(is_text);
        let texts = texts.map(|file| (file.path.clone(), file.packing)).collect();
        let context = Arc::new(Context::new(texts));
        for (number, file) in folder.files.iter_mut().enumerate() {
            file.number = number as u32;
            file.context = Arc::clone(&context);
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
        (inside, asked): (Option<Table>, &Asked),
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
            let is_book = stem(own).1 == Some(Packing::Workbook);
            if table.is_none() && !path.is_dir() && !is_book {
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
                        let inside = (table, asked);
                        self.list(&path, &format!("{name}/"), inside, depth + 1)?;
                    }
                    _ => self.ignored.push(format!("{name}/")),
                }
                continue;
            }
            if table.is_some() && !meta.is_file() {
                return Err(Problem::NeitherFileNorFolder { name }.into());
            }
            let Some(packing) = stem(own).1 else {
                self.ignored.push(name);
                continue;
            };
            let packing = by_content(packing, &path)?;
            if packing == Packing::Workbook {
                self.list_sheets(&name, (&path, meta.len()), (table, asked))?;
                continue;
            }
            match table {
                Some(table) => {
                    let (number, bytes, sheet) = (0, meta.len(), None);
                    let context = Arc::default();
                    let file =
                        InputFile { number, name, path, bytes, packing, sheet, table, context };
                    self.files.push(file);
                }
                None => self.ignored.push(name),
            }
        }
        Ok(())
    }

    /// The sheets of a workbook: each of the table that it is called by, else of the workbook's. Of
    /// the latter one that names no column at all is some other list.
    fn list_sheets(
        &mut self,
        name: &str,
        (path, bytes): (&Path, u64),
        (table, asked): (Option<Table>, &Asked),
    ) -> Result<()> {
        let mut book = match Spreadsheet::open(path, name) {
            Ok(book) => book,
            Err(error) if table.is_some() => return Err(error),
            Err(_) => {
                self.ignored.push(name.to_owned());
                return Ok(());
            }
        };
        let sheets = book.sheets();
        let alone = sheets.iter().filter(|sheet| sheet.visible).count() == 1;
        for sheet in sheets {
            let of_sheet = format!("{name}#{}", sheet.name);
            if !sheet.visible {
                self.hidden.push(of_sheet);
                continue;
            }
            let first = first_rows(&mut book, (name, &sheet.name), HEADER_ROWS)?;
            let own = table_of(&sheet.name);
            let fits = |table: &Table| {
                own.is_some() || alone || names_columns(&first, *table, &asked.aliases)
            };
            match own.or(table).filter(fits) {
                _ if first.is_empty() && !alone => {}
                None => self.ignored.push(of_sheet),
                Some(table) => self.files.push(InputFile {
                    number: 0,
                    name: of_sheet,
                    path: path.to_owned(),
                    bytes,
                    packing: Packing::Workbook,
                    sheet: Some(sheet.name),
                    table,
                    context: Arc::default(),
                }),
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
        Problem::NoTable { path, missing, found }.into()
    }
}

/// How a file is packed, by its first bytes where these are another's: a workbook may be called
/// `.csv`, and a text `.xlsx`.
fn by_content(packing: Packing, path: &Path) -> Result<Packing> {
    Ok(match packing {
        Packing::Workbook if content(path)? == Content::Other => Packing::Plain,
        Packing::Plain if content(path)? != Content::Other => Packing::Workbook,
        _ => packing,
    })
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
