//! Workbooks (`calamine`): their sheets, cells as text, and a sheet as a source of rows.

pub mod cell;
pub mod first;
pub mod merged;
pub mod sheets;
pub mod source;
