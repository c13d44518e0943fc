//! `run`, `check`, and the questions.

use crate::arrow::Stream;
use crate::error::raised;
use crate::table::Table;
use crate::work::{Stop, work};
use pyo3::prelude::*;
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;
use trace::base::error::{Error, Result};
use trace::base::problem::Problem;
use trace::base::time::Instant;
use trace::ingest::{Folder, HeldRows, InputFile, Names, Table as Kind, layout_of};
use trace::output::{self, OutputFolder, Provenance};
use trace::pipeline::{self, Outcome, Parameters, Rejected, Request};
use trace::questions::whom::who;
use trace::questions::{self, Question, case, person, why_not, zone};
use trace::report::columnar;
use trace::report::{self, Extra, Finished, Lang};

/// What is to be read: a folder (or none), tables that are in memory, and tables whose rows are
/// elsewhere.
pub struct Data {
    folder: PathBuf,
    /// Tables that are in memory: each is opened when its turn comes, for a session of DuckDB gives
    /// one at a time.
    tables: Mutex<Vec<(String, Kind, Py<PyAny>)>>,
    elsewhere: Vec<(String, Kind, Vec<String>)>,
}

/// The table of a name.
pub fn kind(name: &str) -> Result<Kind> {
    let known = Kind::ALL.into_iter().find(|table| table.name() == name);
    known.ok_or_else(|| Problem::NoSuchTable { name: name.to_owned() }.into())
}

impl Data {
    /// Of a folder and tables in memory, by their names.
    pub fn new(
        py: Python<'_>,
        folder: Option<PathBuf>,
        tables: Vec<(String, Bound<'_, PyAny>)>,
    ) -> PyResult<Data> {
        let mut given = Vec::new();
        for (name, table) in tables {
            let kind = kind(&name).map_err(|error| raised(py, &error))?;
            Stream::speaks(&table)?;
            given.push((name, kind, table.unbind()));
        }
        let (folder, tables) = (folder.unwrap_or_default(), Mutex::new(given));
        Ok(Data { folder, tables, elsewhere: Vec::new() })
    }

    /// Adds tables whose rows are elsewhere: file, table, columns.
    pub fn with_elsewhere(
        mut self,
        py: Python<'_>,
        files: Vec<(String, String, Vec<String>)>,
    ) -> PyResult<Data> {
        for (name, table, columns) in files {
            let kind = kind(&table).map_err(|error| raised(py, &error))?;
            self.elsewhere.push((name, kind, columns));
        }
        Ok(self)
    }

    /// The folder of an export; the tables in memory are taken over, which can be done once.
    pub fn open(&self, set: &Parameters, stop: &Stop) -> Result<Folder> {
        let mut held = Vec::new();
        let mut tables = self.tables.lock().unwrap_or_else(PoisonError::into_inner);
        for (name, kind, table) in tables.drain(..) {
            let failed =
                |e: PyErr| Problem::TableUnreadable { table: name.clone(), what: e.to_string() };
            let stream = Python::attach(|py| Stream::of(table.bind(py))).map_err(failed)?;
            let (schema, mut batches) = (stream.schema(), Vec::new());
            for batch in stream {
                stop.look();
                batches.push(batch.map_err(failed)?);
            }
            let rows = HeldRows::whole(&schema, batches)?;
            held.push(InputFile::held(name, kind, Arc::new(rows)));
        }
        for (name, kind, columns) in &self.elsewhere {
            // What is given is here.
            if held.iter().all(|given: &InputFile| given.name != *name) {
                held.push(InputFile::elsewhere(name.clone(), *kind, columns.clone()));
            }
        }
        Folder::open_with(&self.folder, &set.asked()?, held)
    }

    /// The folder that results must not go into.
    pub fn folder(&self) -> &Path {
        &self.folder
    }
}

/// Parameters as JSON.
pub fn parameters(text: &str) -> Result<Parameters> {
    let bad = |what: serde_json::Error| Problem::ParametersWrong { what: what.to_string() };
    Ok(serde_json::from_str(text).map_err(bad)?)
}

/// What the clock says.
pub fn clock() -> Instant {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    Instant(since.map_or(0, |since| since.as_secs() as i64))
}

/// How results are written.
#[derive(Debug, Clone, FromPyObject)]
pub struct Output {
    #[pyo3(item)]
    folder: PathBuf,
    #[pyo3(item)]
    since: Option<PathBuf>,
    #[pyo3(item)]
    names: Option<String>,
    #[pyo3(item)]
    keep: Vec<String>,
    #[pyo3(item)]
    looser: bool,
    #[pyo3(item)]
    report: bool,
    #[pyo3(item)]
    lang: String,
}

impl Output {
    /// What is asked of the results.
    pub fn asks(&self, request: &mut Request) -> Result<()> {
        request.settings.names = match self.names.as_deref() {
            None | Some("apart") => Names::Apart,
            Some("beside") => Names::Beside,
            Some("nowhere") => Names::Nowhere,
            Some(other) => {
                let what = format!("names={other:?}: beside, nowhere or apart");
                return Err(Problem::ParametersWrong { what }.into());
            }
        };
        request.settings.keep.clone_from(&self.keep);
        request.looser = self.looser;
        self.lang().map(drop)
    }

    fn lang(&self) -> Result<Lang> {
        let known = Lang::ALL.into_iter().find(|lang| lang.code() == self.lang);
        let what = || format!("lang={:?}: en or zh", self.lang);
        Ok(known.ok_or_else(|| Problem::ParametersWrong { what: what() })?)
    }

    /// The folder for the results: what cannot be written is better known before the work.
    pub fn claim(&self, input: &Path) -> Result<OutputFolder> {
        let output = OutputFolder::claim(&self.folder, input, false)?;
        drop(output.stage()?);
        Ok(output)
    }

    /// Writes the results of an analysis; returns the summary as JSON.
    pub fn write(&self, output: &OutputFolder, outcome: Outcome, stop: &Stop) -> Result<String> {
        let analysis = match outcome {
            Outcome::Done(analysis) => analysis,
            Outcome::TooManyRejects(rejected) => return Err(too_many(*rejected)),
        };
        let arguments = vec!["outbreak_trace".to_owned()];
        let provenance = Provenance { arguments, digest_all: false, since: self.since.clone() };
        let (stage, summary) = output::write(&analysis, output, &provenance)?;
        drop(analysis);
        if self.report {
            let finished = Finished::open(stage.path())?;
            report::make(&finished, &[Extra::Html], self.lang()?, &stage)?;
        }
        // Whoever stopped it gets no output.
        stage.commit_if(|| {
            stop.look();
            Ok(())
        })?;
        Ok(summary.to_string())
    }
}

/// Why nothing is answered of an export of which too many rows cannot be used.
pub fn too_many(rejected: Rejected) -> Error {
    rejected.error.hint("check(…) shows them; max_rejects lets more pass")
}

/// Runs an analysis into a folder; returns the summary as JSON.
#[pyfunction]
pub fn run(
    py: Python<'_>,
    folder: Option<PathBuf>,
    tables: Vec<(String, Bound<'_, PyAny>)>,
    set: &str,
    output: Output,
    threads: usize,
) -> PyResult<String> {
    let data = Data::new(py, folder, tables)?;
    work(py, threads, |stop| {
        let set = parameters(set)?;
        let mut request = set.request(clock())?;
        output.asks(&mut request)?;
        let claimed = output.claim(data.folder())?;
        let outcome = pipeline::analyse(data.open(&set, stop)?, request, stop)?;
        output.write(&claimed, outcome, stop)
    })
}

/// Reads everything and says what is there, as JSON: the files, and what to look at.
#[pyfunction]
pub fn check(
    py: Python<'_>,
    folder: Option<PathBuf>,
    tables: Vec<(String, Bound<'_, PyAny>)>,
    set: &str,
    threads: usize,
) -> PyResult<String> {
    let data = Data::new(py, folder, tables)?;
    work(py, threads, |stop| {
        let set = parameters(set)?;
        let request = set.request(clock())?;
        let folder = data.open(&set, stop)?;
        let mut found = pipeline::inspect(&folder, &request, stop)?;
        // That a table cannot be used stands among the checks.
        let _ = found.usable(&folder, request.settings.max_rejects);
        Ok(output::checks::json(&folder, &found.account, &found.checks).to_string())
    })
}

/// Answers a question, as JSON: `about` is `person`, `zone`, `case` or `why_not`; `None` for a zone
/// or a case that is not there.
#[pyfunction]
#[pyo3(signature = (folder, tables, set, about, id, case_id, threads))]
#[allow(clippy::too_many_arguments)]
pub fn ask(
    py: Python<'_>,
    folder: Option<PathBuf>,
    tables: Vec<(String, Bound<'_, PyAny>)>,
    set: &str,
    about: &str,
    id: &str,
    case_id: Option<&str>,
    threads: usize,
) -> PyResult<Option<String>> {
    let data = Data::new(py, folder, tables)?;
    work(py, threads, |stop| {
        let set = parameters(set)?;
        let request = set.request(clock())?;
        match questions::ask(data.open(&set, stop)?, request, stop)? {
            Outcome::Done(question) => answered(&question, (about, id, case_id), stop),
            Outcome::TooManyRejects(rejected) => Err(too_many(*rejected)),
        }
    })
}

fn answered(
    question: &Question,
    (about, id, case_id): (&str, &str, Option<&str>),
    stop: &Stop,
) -> Result<Option<String>> {
    fn json(of: &impl Serialize) -> Option<String> {
        serde_json::to_string(of).ok()
    }
    Ok(match about {
        "person" => json(&person::explain(question, &who(question, id)?)?),
        "zone" => zone::explain(question, id)?.as_ref().and_then(json),
        "case" => case::explain(question, &who(question, id)?)?.as_ref().and_then(json),
        "why_not" => {
            let case = |id: &str| -> Result<_> {
                let unknown = || Problem::NothingAsked { kind: "case", id: id.to_owned() };
                Ok(question.analysis.cases.find(&who(question, id)?).ok_or_else(unknown)?)
            };
            let (person, case) = (who(question, id)?, case_id.map(case).transpose()?);
            json(&why_not::why_not(question, &person, case, stop)?)
        }
        other => {
            let id = other.to_owned();
            return Err(Problem::NothingAsked { kind: "question", id }.into());
        }
    })
}

/// A policy as JSON: every number, with its source.
#[pyfunction]
pub fn policy(py: Python<'_>, set: &str) -> PyResult<String> {
    let policy = parameters(set).and_then(|set| set.policy());
    let policy = policy.map_err(|error| raised(py, &error))?;
    Ok(serde_json::to_string(&policy).expect("plain data"))
}

/// Those of some columns that a table knows, under any name.
#[pyfunction]
pub fn known_columns(
    py: Python<'_>,
    table: &str,
    columns: Vec<String>,
    set: &str,
) -> PyResult<Vec<String>> {
    let known = || {
        let (kind, asked) = (kind(table)?, parameters(set)?.asked()?);
        let is = |name: &String| asked.aliases.matched(kind, std::iter::once(&**name)) > 0;
        Ok(columns.iter().filter(|name| is(name)).cloned().collect())
    };
    known().map_err(|error: Error| raised(py, &error))
}

/// The columns of a table that name a person, as its header calls them.
#[pyfunction]
pub fn person_columns(
    py: Python<'_>,
    table: &str,
    columns: Vec<String>,
    set: &str,
) -> PyResult<Vec<String>> {
    let named = || {
        let (kind, set) = (kind(table)?, parameters(set)?);
        let settings = set.request(clock())?.settings;
        let file = InputFile::elsewhere(table.to_owned(), kind, columns);
        let layout = layout_of(&file, &settings)?;
        let persons = kind.columns().iter().zip(&layout.cells);
        let persons = persons.filter(|(column, _)| column.name.starts_with("person_"));
        Ok(persons.filter_map(|(_, cell)| Some(layout.header[(*cell)?].clone())).collect())
    };
    named().map_err(|error: Error| raised(py, &error))
}

/// The names of the tables of a finished output.
#[pyfunction]
pub fn tables_of(py: Python<'_>, folder: PathBuf) -> PyResult<Vec<String>> {
    let finished = Finished::open(&folder).map_err(|error| raised(py, &error))?;
    let changes = folder.join("changes.csv").is_file().then_some("changes");
    Ok(finished.tables().chain(changes).map(str::to_owned).collect())
}

/// A table of a finished output.
#[pyfunction]
pub fn table_of(py: Python<'_>, folder: PathBuf, name: String) -> PyResult<Table> {
    let (schema, batches) = work(py, 1, |_| {
        let finished = Finished::open(&folder)?;
        columnar::batches(&finished, &name)
    })?;
    Ok(Table { schema, batches })
}
