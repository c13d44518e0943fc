//! A table that Python gets: Arrow batches, which show themselves in a notebook.

use crate::arrow::{Stream, capsule};
use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use pyo3::prelude::*;
use pyo3::types::PyCapsule;

/// A table: anything that speaks Arrow takes it, as in `pyarrow.table(t)`, `polars.DataFrame(t)` or
/// `pandas.DataFrame.from_arrow(t)`.
#[pyclass(frozen, module = "outbreak_trace")]
pub struct Table {
    pub schema: SchemaRef,
    pub batches: Vec<RecordBatch>,
}

impl Table {
    pub fn of(batches: Vec<RecordBatch>) -> Table {
        let schema = batches.first().map(RecordBatch::schema);
        Table { schema: schema.expect("evidence has a batch"), batches }
    }
}

#[pymethods]
impl Table {
    /// Takes a table of anything that speaks Arrow.
    #[new]
    fn new(table: &Bound<'_, PyAny>) -> PyResult<Table> {
        let stream = Stream::of(table)?;
        let schema = stream.schema();
        Ok(Table { schema, batches: table.py().detach(move || stream.all())? })
    }

    /// The stream of the Arrow PyCapsule interface.
    #[pyo3(signature = (requested_schema = None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        // Another schema is a wish, which a producer may leave.
        let _ = requested_schema;
        capsule(py, &self.schema, &self.batches)
    }

    fn __len__(&self) -> usize {
        self.batches.iter().map(RecordBatch::num_rows).sum()
    }

    /// The names of the columns.
    #[getter]
    fn column_names(&self) -> Vec<String> {
        self.schema.fields().iter().map(|field| field.name().clone()).collect()
    }

    fn __repr__(&self) -> String {
        format!("<Table: {} rows of {}>", self.__len__(), self.column_names().join(", "))
    }
}
