//! The Python module `outbreak_trace`: the same prepare, scan and conclude as the program.
//!
//! Tables come and go as Arrow streams (the Arrow PyCapsule interface), without a copy of texts and
//! numbers. Other Python threads go on while it works; Ctrl-C stops it; nothing here ends the
//! process. What is written in Python (`outbreak_trace/__init__.py`) turns arguments into texts and
//! results into mappings, and decides nothing.

mod analysis;
mod arrow;
mod distributed;
mod error;
mod table;
mod work;

use pyo3::prelude::*;

/// The native part of `outbreak_trace`.
#[pymodule]
fn _native(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add("TraceError", module.py().get_type::<error::TraceError>())?;
    module.add_class::<table::Table>()?;
    module.add_class::<distributed::Index>()?;
    module.add_class::<distributed::RowScan>()?;
    for function in [
        wrap_pyfunction!(analysis::run, module)?,
        wrap_pyfunction!(analysis::check, module)?,
        wrap_pyfunction!(analysis::ask, module)?,
        wrap_pyfunction!(analysis::policy, module)?,
        wrap_pyfunction!(analysis::known_columns, module)?,
        wrap_pyfunction!(analysis::person_columns, module)?,
        wrap_pyfunction!(analysis::table_of, module)?,
        wrap_pyfunction!(analysis::tables_of, module)?,
        wrap_pyfunction!(distributed::index, module)?,
        wrap_pyfunction!(distributed::ids_of_cases, module)?,
        wrap_pyfunction!(distributed::scan_files, module)?,
        wrap_pyfunction!(distributed::scan_next_files, module)?,
        wrap_pyfunction!(distributed::has_opens, module)?,
        wrap_pyfunction!(distributed::ids_with_opens, module)?,
        wrap_pyfunction!(distributed::push_down, module)?,
        wrap_pyfunction!(distributed::finish, module)?,
    ] {
        module.add_function(function)?;
    }
    Ok(())
}
