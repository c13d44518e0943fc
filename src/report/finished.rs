//! A finished output folder, read back: its tables row by row, its summary, and what it keeps for
//! reports.

use super::people::{Known, People};
use crate::base::error::{Error, Result, shown};
use crate::base::problem::Problem;
use crate::output::{
    CHANGES, MARK, NOTICE, REPORT_DATA, States, changes, changes_in_short, digest_of, table_names,
    write_changes,
};
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// A finished folder.
#[derive(Debug)]
pub struct Finished {
    dir: PathBuf,
    /// `summary.json`.
    pub summary: Value,
    /// `report.json`.
    pub kept: Value,
    full_ids: bool,
    /// `changes.csv` against another output than the run was compared with.
    changes: Option<Vec<u8>>,
    people: OnceLock<People>,
}

/// A row of `exposures.csv` or, with other names for the two, of `links.csv`.
#[derive(Debug, serde::Deserialize)]
pub struct PairRow {
    /// The case.
    pub case_id: String,
    /// The other; of a link a case, too.
    #[serde(alias = "exposed_case_id")]
    pub person_id: String,
    /// Earliest start.
    pub first_exposure: String,
    /// Latest end.
    pub last_exposure: String,
    /// The union.
    pub seconds: i64,
    /// The most of it in one window.
    pub peak_seconds: i64,
    /// By what rules.
    pub bases: String,
    /// Where.
    pub places: String,
}

impl PairRow {
    /// Whether they match by a rule.
    pub fn has(&self, basis: &str) -> bool {
        self.bases.split(';').any(|of| of == basis)
    }
}

/// A row of `zones.csv`.
#[derive(Debug, serde::Deserialize)]
pub struct ZoneRow {
    pub zone_id: String,
    pub level: String,
    pub status: String,
    pub county: String,
    pub compound: String,
    pub building: String,
    pub unit: String,
    pub place_id: String,
    pub bases: String,
    pub case_ids: String,
    pub days: Option<u64>,
    pub minutes: Option<u64>,
    pub contacts: Option<u64>,
    pub secondary: Option<u64>,
    pub residents: Option<u64>,
    pub present: Option<u64>,
    pub last_case_date: String,
    pub downgrade_on: String,
}

/// A row of `measures.csv`.
#[derive(Debug, serde::Deserialize)]
pub struct MeasureRow {
    pub person_id: String,
    pub measure: String,
    pub code: String,
    pub state: String,
    pub phases: String,
    pub tests: String,
    pub release_on: String,
    pub case_ids: String,
    pub zone_ids: String,
}

impl Finished {
    /// Reads the two JSON files.
    ///
    /// # Errors
    /// When they are missing or are no JSON.
    pub fn open(dir: &Path) -> Result<Finished> {
        let read = |name: &str| -> Result<Value> {
            let path = dir.join(name);
            let hint = "run `trace run` again with this output folder";
            let bytes = std::fs::read(&path).map_err(|e| Error::read(&path, e).hint(hint))?;
            serde_json::from_slice(&bytes).map_err(|e| Error::read(&path, e.into()).hint(hint))
        };
        let summary = read(MARK)?;
        let kept = read(REPORT_DATA)?;
        let (full_ids, changes, people) = (false, None, OnceLock::new());
        Ok(Finished { dir: dir.to_owned(), summary, kept, full_ids, changes, people })
    }

    /// Shows ids whole, and not with stars in the middle.
    pub fn with_full_ids(self, full_ids: bool) -> Finished {
        Finished { full_ids, ..self }
    }

    /// Shows what changed since another output than the one that the run was compared with.
    ///
    /// # Errors
    /// When an output is none, or a table of it cannot be read.
    pub fn since(mut self, old: &Path) -> Result<Finished> {
        let (old, new) = (States::read(old)?, States::read(&self.dir)?);
        let changed = changes(&old, &new);
        let mut text = Vec::new();
        write_changes(&changed, &mut text).map_err(|e| Error::read(&self.dir, e))?;
        self.kept["changes"] = changes_in_short(&old, &changed);
        self.changes = Some(text);
        Ok(self)
    }

    /// What people are called.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub fn people(&self) -> io::Result<&People> {
        if let Some(people) = self.people.get() {
            return Ok(people);
        }
        let people = People::new(self.rows::<Known>("people.csv")?, self.full_ids)?;
        Ok(self.people.get_or_init(|| people))
    }

    /// Compares every table with its digest in `summary.json`: none is damaged, and none is of
    /// another run. O(n) over the tables.
    ///
    /// # Errors
    /// For the first that is not as it was.
    pub fn verify(&self) -> Result<()> {
        let files = self.summary["files"].as_object();
        for (name, about) in files.into_iter().flatten() {
            let (bytes, sha256) = digest_of(&self.dir.join(name))?;
            if about["bytes"] != bytes || about["sha256"] != sha256 {
                return Err(self.mixed(name));
            }
        }
        Ok(())
    }

    /// Compares the summary with what it was when it was read: no other run has put its output in
    /// this place meanwhile.
    ///
    /// # Errors
    /// When one has.
    pub fn unchanged(&self) -> Result<()> {
        let now = std::fs::read(self.dir.join(MARK)).ok();
        let now: Option<Value> = now.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        if now.as_ref() == Some(&self.summary) { Ok(()) } else { Err(self.mixed(MARK)) }
    }

    fn mixed(&self, file: &str) -> Error {
        Problem::OutputMixed { folder: shown(&self.dir), file: format!("`{file}`") }.into()
    }

    /// The rows of a table as text.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub fn table(&self, name: &str) -> io::Result<csv::Reader<Box<dyn Read + Send>>> {
        let text: Box<dyn Read + Send> = match &self.changes {
            Some(text) if name == CHANGES => Box::new(io::Cursor::new(text.clone())),
            _ => Box::new(File::open(self.dir.join(name))?),
        };
        Ok(csv::ReaderBuilder::new().buffer_capacity(1 << 18).from_reader(text))
    }

    /// The rows of a table as records.
    ///
    /// # Errors
    /// When it cannot be opened; each row when it is not as it should be.
    pub fn rows<T: DeserializeOwned>(
        &self,
        name: &str,
    ) -> io::Result<impl Iterator<Item = io::Result<T>> + use<T>> {
        Ok(self.table(name)?.into_deserialize().map(|row| row.map_err(io::Error::other)))
    }

    /// The zones, without the rest of the counties.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub fn zones(&self) -> io::Result<Vec<ZoneRow>> {
        let rows = self.rows::<ZoneRow>("zones.csv")?;
        rows.filter(|row| !row.as_ref().is_ok_and(|row| row.level == "county")).collect()
    }

    /// Whether the policy of the run draws risk zones.
    pub fn draws_zones(&self) -> bool {
        self.summary["policy"]["zone"].is_object()
    }

    /// The tables that are there, without `.csv`.
    pub fn tables(&self) -> impl Iterator<Item = &'static str> {
        table_names().filter(|name| self.dir.join(format!("{name}.csv")).is_file())
    }

    /// Those of them that answer the Notice's other questions, in the order of looking.
    pub fn other_lists(&self) -> impl Iterator<Item = &'static str> {
        NOTICE.into_iter().filter(|name| self.dir.join(format!("{name}.csv")).is_file())
    }

    /// A list of `report.json`.
    pub fn list(&self, name: &str) -> &[Value] {
        self.kept[name].as_array().map_or(&[], |list| list)
    }

    /// The moment it speaks for, as it is written.
    pub fn as_of(&self) -> &str {
        text(&self.summary["as_of"])
    }

    /// Whether ids are shown whole.
    pub fn shows_full_ids(&self) -> bool {
        self.full_ids
    }

    /// The folder.
    pub fn dir(&self) -> &Path {
        &self.dir
    }
}

/// A text of a JSON value, blank when it is none.
pub fn text(value: &Value) -> &str {
    value.as_str().unwrap_or("")
}
