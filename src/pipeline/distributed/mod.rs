//! The same analysis in pieces: an index file, scans of files or rows anywhere, and the end of it.
//!
//! [`IndexFile`] holds what a worker needs; a scan is a pure function of it and the rows, which may
//! run twice, in any order; [`finish()`] puts the evidence together. A run is these three in one
//! process: the same functions read rows, search, and conclude.
//!
//! The person's next row, which may lie anywhere, tells where an open stay ends: if the evidence
//! has open stays, a second scan goes through the rows of the people concerned ([`NextScan`]).

mod account;
mod finish;
mod index_file;
mod next;
mod prepare;
mod push_down;
mod rows;
mod scan;

pub use finish::{Counted, Evidence, finish, has_opens};
pub use index_file::{IndexFile, Listed};
pub use next::{NextScan, Opened};
pub use prepare::{ids_of_cases, prepare_rows};
pub use push_down::PushDown;
pub use scan::{RowScan, scan_files};
