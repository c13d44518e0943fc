//! The files of a folder, and of the folders of tables in it.
//!
//! Names decide which table a file is; its first bytes, whether it is a workbook under another
//! ending; the sheets of a workbook are looked up. Left alone: hidden files, locks, and what
//! programs leave beside their output (`_SUCCESS`, `_temporary`).

use crate::base::error::{Error, Result};
use crate::base::problem::Problem;
use crate::ingest::contract::Table;
use crate::ingest::header::sample::HEADER_ROWS;
use crate::ingest::input::{Asked, InputFile};
use crate::ingest::names::{Packing, stem, table_of, table_of_folder};
use crate::ingest::workbook::first::{first_rows, names_columns};
use crate::ingest::workbook::sheets::{Content, Spreadsheet, content};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// How deep folders of a table are searched.
const MAX_DEPTH: usize = 8;

/// What a folder holds.
#[derive(Debug, Default)]
pub struct Listing {
    /// Files of tables.
    pub files: Vec<InputFile>,
    /// Files and sheets that belong to no table.
    pub ignored: Vec<String>,
    /// Sheets that nobody sees.
    pub hidden: Vec<String>,
}

/// Lists a folder as it was asked for.
///
/// # Errors
/// When it cannot be read, or a file that was named is not there.
pub fn list(folder: &Path, asked: &Asked) -> Result<Listing> {
    let mut listing = Listing::default();
    listing.folder(folder, "", (None, asked), 0)?;
    let named = |table: Table| asked.tables.iter().any(|(of, _)| *of == table);
    let found = std::mem::take(&mut listing.files);
    let (instead, kept): (Vec<_>, Vec<_>) = found.into_iter().partition(|file| named(file.table));
    listing.files = kept;
    for (table, pattern) in &asked.tables {
        listing.named(folder, pattern, (*table, asked))?;
    }
    let read: Vec<&PathBuf> = listing.files.iter().map(|file| &file.path).collect();
    let left = instead.into_iter().filter(|file| !read.contains(&&file.path));
    let left: Vec<String> = left.map(|file| file.name).collect();
    let is_read = |name: &String| listing.files.iter().any(|file| file.name == *name);
    listing.ignored.retain(|name| !is_read(name));
    listing.ignored.extend(left);
    Ok(listing)
}

/// The files that are named outright, and no others.
///
/// # Errors
/// When one is not there, or cannot be read.
pub fn only_named(asked: &Asked) -> Result<Listing> {
    let mut listing = Listing::default();
    for (table, pattern) in &asked.tables {
        listing.named(Path::new(""), pattern, (*table, asked))?;
    }
    Ok(listing)
}

/// One file, or the sheets of one workbook, as a table.
///
/// # Errors
/// When it cannot be read, or there is none.
pub fn one(path: &Path, table: Table, asked: &Asked) -> Result<Vec<InputFile>> {
    let mut listing = Listing::default();
    let dir = path.parent().unwrap_or(Path::new(""));
    listing.named(dir, &path.to_string_lossy(), (table, asked))?;
    // The sheets of a workbook that are tables of an export are something else.
    listing.files.retain(|file| file.table == table);
    Ok(listing.files)
}

/// A folder among the ignored ones that holds tables.
pub fn table_below(folder: &Path, ignored: &[String]) -> Option<String> {
    let holds_table = |name: &&String| {
        let entries = std::fs::read_dir(folder.join(name)).into_iter().flatten().flatten();
        name.ends_with('/') && {
            let mut names = entries.map(|entry| shown_name(&entry.file_name()));
            names.any(|name| table_of(stem(&name).0).is_some() && stem(&name).1.is_some())
        }
    };
    ignored.iter().find(holds_table).cloned()
}

/// The name of a file as a person reads it. On systems where a name is bytes, one that is no UTF-8
/// comes from a Chinese machine.
fn shown_name(name: &OsStr) -> String {
    if let Some(name) = name.to_str() {
        return name.to_owned();
    }
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStrExt;
        let (name, ..) = encoding_rs::GB18030.decode(name.as_bytes());
        name.into_owned()
    }
    #[cfg(not(unix))]
    name.to_string_lossy().into_owned()
}

impl Listing {
    fn folder(
        &mut self,
        dir: &Path,
        prefix: &str,
        (inside, asked): (Option<Table>, &Asked),
        depth: usize,
    ) -> Result<()> {
        let entries = std::fs::read_dir(dir).map_err(|e| Error::read(dir, e))?;
        for entry in entries {
            let entry = entry.map_err(|e| Error::read(dir, e))?;
            let own = shown_name(&entry.file_name());
            let (name, path) = (format!("{prefix}{own}"), entry.path());
            // Hidden, or what programs leave beside an open file.
            if own.starts_with('.') || own.starts_with("~$") || own == "Thumbs.db" {
                continue;
            }
            // What programs leave beside their output.
            let beside = inside.is_some() && own.starts_with('_');
            let table = inside.or_else(|| table_of(stem(&own).0));
            let is_book = stem(&own).1 == Some(Packing::Workbook);
            if beside || table.is_none() && !path.is_dir() && !is_book {
                self.ignored.push(name);
                continue;
            }
            let meta = std::fs::metadata(&path).map_err(|e| Error::read(&path, e))?;
            if meta.is_dir() {
                let table = inside.or_else(|| table_of_folder(&own));
                // A link inside a table's folder may lead back to it.
                let looped = inside.is_some() && path.is_symlink();
                match table {
                    Some(_) if depth < MAX_DEPTH && !looped => {
                        let inside = (table, asked);
                        self.folder(&path, &format!("{name}/"), inside, depth + 1)?;
                    }
                    _ => self.ignored.push(format!("{name}/")),
                }
                continue;
            }
            if table.is_some() && !meta.is_file() {
                return Err(Problem::NeitherFileNorFolder { name }.into());
            }
            match stem(&own).1 {
                Some(packing) => self.file(name, &path, packing, (table, asked))?,
                None => self.ignored.push(name),
            }
        }
        Ok(())
    }

    /// The files that a path or a pattern names.
    fn named(
        &mut self,
        folder: &Path,
        pattern: &str,
        (table, asked): (Table, &Asked),
    ) -> Result<()> {
        let no_file = || Problem::NoSuchFile { table: table.name(), pattern: pattern.to_owned() };
        let within = folder.join(pattern);
        let matches = |pattern: &Path| -> Vec<PathBuf> {
            if pattern.exists() {
                return vec![pattern.to_owned()];
            }
            let all = pattern.to_str().and_then(|pattern| glob::glob(pattern).ok());
            all.into_iter().flatten().flatten().collect()
        };
        let mut found = matches(&within);
        if found.is_empty() {
            found = matches(Path::new(pattern));
        }
        if found.is_empty() {
            return Err(no_file().into());
        }
        for path in found {
            let name = path.strip_prefix(folder).unwrap_or(&path).to_string_lossy().into_owned();
            let meta = std::fs::metadata(&path).map_err(|e| Error::read(&path, e))?;
            if meta.is_dir() {
                let prefix = format!("{}/", name.trim_end_matches('/'));
                self.folder(&path, &prefix, (Some(table), asked), 1)?;
                continue;
            }
            // A file that was named may be called anything.
            let packing = match (stem(&name).1, content(&path)?) {
                (Some(packing), _) => packing,
                (None, Content::Gzip) => Packing::Gzip,
                (None, Content::Zstd) => Packing::Zstd,
                (None, Content::Parquet) => Packing::Parquet,
                (None, _) => Packing::Plain,
            };
            self.file(name, &path, packing, (Some(table), asked))?;
        }
        Ok(())
    }

    fn file(
        &mut self,
        name: String,
        path: &Path,
        packing: Packing,
        (table, asked): (Option<Table>, &Asked),
    ) -> Result<()> {
        let packing = by_content(packing, path)?;
        if packing == Packing::Workbook {
            return self.sheets(&name, path, (table, asked));
        }
        let Some(table) = table else {
            self.ignored.push(name);
            return Ok(());
        };
        self.files.push(InputFile::new(name, path, (packing, None), table));
        Ok(())
    }

    /// The sheets of a workbook: each belongs to the table it is named after, else to the
    /// workbook's. One of the latter kind that names no column is ignored, unless it is alone.
    fn sheets(
        &mut self,
        name: &str,
        path: &Path,
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
                Some(table) => {
                    let of = (Packing::Workbook, Some(sheet.name));
                    self.files.push(InputFile::new(of_sheet, path, of, table));
                }
            }
        }
        Ok(())
    }
}

/// How a file is packed, by its first bytes where these are another's: a workbook may be called
/// `.csv`, and a text `.xlsx`.
fn by_content(packing: Packing, path: &Path) -> Result<Packing> {
    Ok(match packing {
        Packing::Workbook if content(path)? == Content::Other => Packing::Plain,
        Packing::Plain => match content(path)? {
            Content::Zip | Content::Compound => Packing::Workbook,
            _ => packing,
        },
        _ => packing,
    })
}
