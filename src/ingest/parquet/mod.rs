//! Parquet: stays by their columns, the other tables as text.

pub mod file;
pub mod footer;
pub mod pages;
mod plain;
mod pruning;
mod stay_file;
pub mod stays;
pub mod text;
