//! What every format hands over: rows, and some hundred of them column by column.

pub mod batch;
pub mod row;
