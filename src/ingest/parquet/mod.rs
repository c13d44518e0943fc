//! Parquet: row groups whose arrays become columns of cells and times.

mod columns;
pub mod file;
pub mod footer;
mod headers;
mod pages;
pub mod source;
