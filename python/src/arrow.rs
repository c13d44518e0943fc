//! Tables in and out by the Arrow PyCapsule interface, which pyarrow, pandas, Polars and DuckDB
//! speak.
//!
//! Two pointers change hands, and no value is copied. This is the one place with `unsafe`: a capsule
//! holds a C structure of the interface, which is taken out once, and left as released.

use arrow_array::ffi::{FFI_ArrowArray, from_ffi};
use arrow_array::ffi_stream::{FFI_ArrowArrayStream, RecordBatchStreamReader};
use arrow_array::{RecordBatch, RecordBatchIterator, RecordBatchReader, StructArray};
use arrow_schema::ffi::FFI_ArrowSchema;
use arrow_schema::{ArrowError, SchemaRef};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyCapsule;
use std::ffi::CStr;

const STREAM: &CStr = c"arrow_array_stream";
const ARRAY: &CStr = c"arrow_array";
const SCHEMA: &CStr = c"arrow_schema";

/// Batches that come from an object.
pub struct Stream(Box<dyn RecordBatchReader + Send>);

impl Stream {
    /// Of anything that speaks the interface.
    ///
    /// # Errors
    /// A `TypeError` for what does not.
    pub fn of(table: &Bound<'_, PyAny>) -> PyResult<Stream> {
        if table.hasattr("__arrow_c_stream__")? {
            let capsule = table.call_method0("__arrow_c_stream__")?;
            let raw: FFI_ArrowArrayStream = taken(&capsule, STREAM, FFI_ArrowArrayStream::empty())?;
            let reader = RecordBatchStreamReader::try_new(raw).map_err(|e| bad(&e))?;
            return Ok(Stream(Box::new(reader)));
        }
        if table.hasattr("__arrow_c_array__")? {
            let both = table.call_method0("__arrow_c_array__")?;
            let schema: FFI_ArrowSchema =
                taken(&both.get_item(0)?, SCHEMA, FFI_ArrowSchema::empty())?;
            let array: FFI_ArrowArray = taken(&both.get_item(1)?, ARRAY, FFI_ArrowArray::empty())?;
            // SAFETY: both were taken out of capsules of the interface, whose producer promises
            // that the array is one of the schema.
            #[allow(unsafe_code)]
            let data = unsafe { from_ffi(array, &schema) }.map_err(|e| bad(&e))?;
            let batch = RecordBatch::from(StructArray::from(data));
            let schema = batch.schema();
            return Ok(Stream(Box::new(RecordBatchIterator::new([Ok(batch)], schema))));
        }
        Err(no_table(table))
    }

    /// Whether an object speaks the interface.
    ///
    /// # Errors
    /// A `TypeError` where it does not.
    pub fn speaks(table: &Bound<'_, PyAny>) -> PyResult<()> {
        let speaks = table.hasattr("__arrow_c_stream__")? || table.hasattr("__arrow_c_array__")?;
        if speaks { Ok(()) } else { Err(no_table(table)) }
    }

    /// The columns.
    pub fn schema(&self) -> SchemaRef {
        self.0.schema()
    }

    /// All batches. Not to be called with Python's lock held by a thread that the producer waits
    /// for.
    ///
    /// # Errors
    /// What the producer fails with.
    pub fn all(self) -> PyResult<Vec<RecordBatch>> {
        self.0.map(|batch| batch.map_err(|e| bad(&e))).collect()
    }
}

impl Iterator for Stream {
    type Item = PyResult<RecordBatch>;

    fn next(&mut self) -> Option<PyResult<RecordBatch>> {
        Some(self.0.next()?.map_err(|e| bad(&e)))
    }
}

fn no_table(table: &Bound<'_, PyAny>) -> PyErr {
    let name = table.get_type().name().map(|name| name.to_string()).unwrap_or_default();
    PyTypeError::new_err(format!(
        "{name} is no table: give something with __arrow_c_stream__ or __arrow_c_array__, as \
         tables of pyarrow, pandas, Polars and DuckDB have"
    ))
}

fn bad(error: &ArrowError) -> PyErr {
    PyValueError::new_err(error.to_string())
}

/// The structure of a capsule; a released one stays in its place.
fn taken<T>(capsule: &Bound<'_, PyAny>, name: &CStr, empty: T) -> PyResult<T> {
    let capsule = capsule.cast::<PyCapsule>()?;
    let pointer = capsule.pointer_checked(Some(name))?.cast::<T>();
    // SAFETY: a capsule of this name holds a structure of this layout (the Arrow C data and stream
    // interfaces); Python's lock is held, so nobody else takes it out; `empty` is a released one,
    // which the capsule's destructor leaves alone.
    #[allow(unsafe_code)]
    Ok(unsafe { pointer.replace(empty) })
}

/// Batches as a capsule of a stream.
pub fn capsule<'py>(
    py: Python<'py>,
    schema: &SchemaRef,
    batches: &[RecordBatch],
) -> PyResult<Bound<'py, PyCapsule>> {
    let batches: Vec<_> = batches.iter().cloned().map(Ok).collect();
    let reader = RecordBatchIterator::new(batches, SchemaRef::clone(schema));
    let stream = FFI_ArrowArrayStream::new(Box::new(reader));
    PyCapsule::new_with_value(py, stream, STREAM)
}
