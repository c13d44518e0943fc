//! What every format hands over: rows, and some hundred of them column by column.

pub mod batch;
pub mod column;
#[cfg(feature = "parquet")]
pub mod held;
pub mod row;
// Without Parquet no format has statistics to ask about.
#[cfg_attr(not(feature = "parquet"), expect(dead_code))]
pub mod source;
