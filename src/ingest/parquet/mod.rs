//! Parquet: row groups whose arrays become columns of cells and times.

pub mod batches;
pub mod columns;
pub mod file;
pub mod footer;
mod headers;
mod pages;
pub mod piece;
pub mod source;
