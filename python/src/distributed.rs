//! `index`, `scan`, `finish`: the analysis in pieces.

use crate::analysis::{Data, Output, clock, kind, parameters, too_many};
use crate::arrow::Stream;
use crate::error::raised;
use crate::table::Table;
use crate::work::work;
use arrow_array::RecordBatch;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use std::path::PathBuf;
use std::sync::Arc;
use trace::base::error::{Error, Result};
use trace::pipeline::distributed::{
    self as pieces, Counted, Evidence, IndexFile, Opened, PushDown,
};
use trace::pipeline::{Outcome, prepare};

/// What a scan needs: the cases with their stays, the places that matter, the policy, as-of. Plain
/// bytes, which go anywhere; a damaged one, or one of another version, is an error.
#[pyclass(frozen, module = "outbreak_trace")]
pub struct Index(Arc<IndexFile>);

#[pymethods]
impl Index {
    /// Of bytes.
    #[new]
    fn new(py: Python<'_>, bytes: &[u8]) -> PyResult<Index> {
        let file = IndexFile::read(bytes).map_err(|error| raised(py, &error))?;
        Ok(Index(Arc::new(file)))
    }

    fn __bytes__<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, self.0.bytes())
    }

    /// To be sent elsewhere.
    fn __reduce__<'py>(
        this: &Bound<'py, Self>,
    ) -> PyResult<(Bound<'py, PyAny>, (Bound<'py, PyBytes>,))> {
        Ok((this.get_type().into_any(), (this.get().__bytes__(this.py()),)))
    }

    /// The SHA-256 of its contents.
    #[getter]
    fn hash(&self) -> String {
        self.0.hash.clone()
    }

    /// The files to scan: names, below the folder of the export.
    #[getter]
    fn files(&self) -> Vec<String> {
        self.0.bulk().map(|(_, listed)| listed.name.clone()).collect()
    }

    /// The same, with Parquet files in pieces of about `size` bytes, each some row groups.
    fn pieces(&self, size: u64) -> Vec<String> {
        self.0.pieces(size)
    }

    fn __repr__(&self) -> String {
        let (cases, files) = (self.0.index.cases().len(), self.0.bulk().count());
        let stays = self.0.index.stays().iter().len();
        format!("<Index: {cases} cases, {stays} stays, {files} files to scan>")
    }
}

/// Makes an index. `rows` are files whose rows are elsewhere (name, table, columns), `stays` the
/// rows of the cases in them.
#[pyfunction]
#[pyo3(signature = (folder, tables, rows, stays, set, threads))]
pub fn index(
    py: Python<'_>,
    folder: Option<PathBuf>,
    tables: Vec<(String, Bound<'_, PyAny>)>,
    rows: Vec<(String, String, Vec<String>)>,
    stays: Option<Bound<'_, PyAny>>,
    set: &str,
    threads: usize,
) -> PyResult<Index> {
    let data = Data::new(py, folder, tables)?.with_elsewhere(py, rows)?;
    let stays = stays.map(|stays| batches(&[stays])).transpose()?;
    let file = work(py, threads, |stop| {
        let set = parameters(set)?;
        let (folder, request) = (data.open(&set, stop)?, set.request(clock())?);
        let prepared = match &stays {
            None => prepare(folder, request, stop)?,
            Some(stays) => pieces::prepare_rows(folder, request, stays, stop)?,
        };
        match prepared {
            Outcome::Done(prepared) => IndexFile::new(&prepared, &set),
            Outcome::TooManyRejects(rejected) => Err(too_many(*rejected)),
        }
    })?;
    Ok(Index(Arc::new(file)))
}

/// The ids under which rows of the cases may stand.
#[pyfunction]
pub fn ids_of_cases(
    py: Python<'_>,
    folder: Option<PathBuf>,
    tables: Vec<(String, Bound<'_, PyAny>)>,
    rows: Vec<(String, String, Vec<String>)>,
    set: &str,
) -> PyResult<Vec<String>> {
    let data = Data::new(py, folder, tables)?.with_elsewhere(py, rows)?;
    let ids = work(py, 1, |stop| {
        let set = parameters(set)?;
        pieces::ids_of_cases(&data.open(&set, stop)?, &set.request(clock())?, stop)
    })?;
    Ok(ids.into_iter().collect())
}

/// Scans files of the export, which are below `root` here.
#[pyfunction]
pub fn scan_files(
    py: Python<'_>,
    index: &Index,
    root: PathBuf,
    files: Vec<String>,
    threads: usize,
) -> PyResult<Table> {
    let of = &index.0;
    work(py, threads, |stop| pieces::scan_files(of, &root, &files, stop)).map(Table::of)
}

/// The second round, over files.
#[pyfunction]
pub fn scan_next_files(
    py: Python<'_>,
    index: &Index,
    opens: Vec<Bound<'_, PyAny>>,
    root: PathBuf,
    files: Vec<String>,
    threads: usize,
) -> PyResult<Table> {
    let (of, opens) = (&index.0, batches(&opens)?);
    let found = work(py, threads, |stop| Opened::new(of, &opens)?.scan_files(&root, &files, stop))?;
    Ok(Table::of(found))
}

fn batches(tables: &[Bound<'_, PyAny>]) -> PyResult<Vec<RecordBatch>> {
    let mut all = Vec::new();
    for table in tables {
        let stream = Stream::of(table)?;
        // The producer may wait for another thread of Python.
        all.extend(table.py().detach(move || stream.all())?);
    }
    Ok(all)
}

/// A scan of rows, batch by batch; with `opens` one of the second round. On one thread.
#[pyclass(frozen, module = "outbreak_trace")]
pub struct RowScan {
    index: Arc<IndexFile>,
    table: String,
    opens: Option<Arc<Vec<RecordBatch>>>,
}

#[pymethods]
impl RowScan {
    #[new]
    #[pyo3(signature = (index, table, opens = None))]
    fn new(
        py: Python<'_>,
        index: &Index,
        table: String,
        opens: Option<Vec<Bound<'_, PyAny>>>,
    ) -> PyResult<RowScan> {
        kind(&table).map_err(|error| raised(py, &error))?;
        let opens = opens.map(|opens| batches(&opens)).transpose()?.map(Arc::new);
        Ok(RowScan { index: Arc::clone(&index.0), table, opens })
    }

    /// Scans all batches of something that speaks Arrow, and returns the evidence.
    fn scan(&self, py: Python<'_>, rows: &Bound<'_, PyAny>) -> PyResult<Table> {
        let stream = Stream::of(rows)?;
        let (index, opens) = (Arc::clone(&self.index), self.opens.clone());
        let table = kind(&self.table).map_err(|error| raised(py, &error))?;
        let found = work(py, 1, move |stop| -> Result<PyResult<Vec<RecordBatch>>> {
            match opens {
                None => {
                    let mut scan = pieces::RowScan::new(&index, table);
                    each(stream, |batch| {
                        stop.look();
                        scan.add(batch)
                    })
                    .map(|taken| taken.map(|()| scan.finish()))
                }
                Some(opens) => {
                    let opened = Opened::new(&index, &opens)?;
                    let mut scan = opened.scan(table);
                    each(stream, |batch| {
                        stop.look();
                        scan.add(batch)
                    })
                    .map(|taken| taken.map(|()| scan.finish()))
                }
            }
        })??;
        Ok(Table::of(found))
    }
}

/// Calls `take` with each batch; what the producer fails with is its own.
fn each(stream: Stream, mut take: impl FnMut(&RecordBatch) -> Result<()>) -> Result<PyResult<()>> {
    for batch in stream {
        match batch {
            Ok(batch) => take(&batch)?,
            Err(error) => return Ok(Err(error)),
        }
    }
    Ok(Ok(()))
}

/// Whether some of the evidence is open, and a second round is needed.
#[pyfunction]
pub fn has_opens(py: Python<'_>, evidence: Vec<Bound<'_, PyAny>>) -> PyResult<bool> {
    pieces::has_opens(&batches(&evidence)?).map_err(|error| raised(py, &error))
}

/// The ids under which the rows stand that the second round needs.
#[pyfunction]
pub fn ids_with_opens(
    py: Python<'_>,
    index: &Index,
    evidence: Vec<Bound<'_, PyAny>>,
) -> PyResult<Vec<String>> {
    let fail = |error: Error| raised(py, &error);
    let opened = Opened::new(&index.0, &batches(&evidence)?).map_err(fail)?;
    Ok(opened.ids().map(str::to_owned).collect())
}

/// Which rows of a table are needed, as JSON: see [`PushDown`]; nothing where all are.
#[pyfunction]
pub fn push_down(py: Python<'_>, index: &Index, table: &str) -> PyResult<Option<String>> {
    let down = || PushDown::new(&index.0, kind(table)?);
    let down = down().map_err(|error| raised(py, &error))?;
    Ok(down.map(|down| serde_json::to_string(&down).expect("plain data")))
}

/// Puts the evidence together and writes the results; returns the summary as JSON.
#[pyfunction]
#[pyo3(signature = (index, folder, tables, evidence, next, counted, output, threads))]
#[allow(clippy::too_many_arguments)]
pub fn finish(
    py: Python<'_>,
    index: &Index,
    folder: Option<PathBuf>,
    tables: Vec<(String, Bound<'_, PyAny>)>,
    evidence: Vec<Bound<'_, PyAny>>,
    next: Option<Vec<Bound<'_, PyAny>>>,
    counted: Option<Vec<(String, u64, bool)>>,
    output: Output,
    threads: usize,
) -> PyResult<String> {
    let file = &index.0;
    let data = Data::new(py, folder, tables)?.with_elsewhere(py, file.rows_elsewhere())?;
    let next = next.map(|next| batches(&next)).transpose()?;
    let counted = counted.map(|all| {
        let of = |(file, rows, some_left)| Counted { file, rows, some_left };
        all.into_iter().map(of).collect()
    });
    let evidence = Evidence { found: batches(&evidence)?, next, counted };
    work(py, threads, |stop| {
        let mut request = file.request.clone();
        output.asks(&mut request)?;
        let claimed = output.claim(data.folder())?;
        let folder = data.open(&file.parameters, stop)?;
        let outcome = pieces::finish(file, folder, request, &evidence, stop)?;
        output.write(&claimed, outcome, stop)
    })
}
