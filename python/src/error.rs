//! Errors as exceptions: the message with its hint, and the exit code that the program would have.

use pyo3::create_exception;
use pyo3::exceptions::PyException;
use pyo3::prelude::*;
use trace::base::error::Error;

create_exception!(
    outbreak_trace,
    TraceError,
    PyException,
    "What went wrong, where, and what to do next.\n\n\
     `hint` is what to do next, or None; `code` is 2 for what cannot be asked, 3 for input that\n\
     cannot be used, 4 for too many rejected rows, 1 for all else."
);

/// An error of the library as an exception.
pub fn raised(py: Python<'_>, error: &Error) -> PyErr {
    let mut text = error.to_string();
    let hint = error.hint_text().map(|hint| hint.into_owned());
    if let Some(hint) = hint.as_ref().filter(|hint| !text.contains(hint.as_str())) {
        text = format!("{text}\nhint: {hint}");
    }
    let raised = TraceError::new_err(text);
    let value = raised.value(py);
    // An exception without these is better than none.
    let _ = value.setattr("hint", hint).and_then(|()| value.setattr("code", error.exit_code()));
    raised
}
