//! What must happen in order while a file is read by many.

use crate::ingest::text::encoding::Encoding;
use std::fs::File;
use std::sync::Arc;

/// What must happen in order.
pub(super) struct Order {
    /// A plain file, until its last block is handed out: many parts are not open all at once.
    pub file: Option<Arc<File>>,
    /// Offset of the next block, for plain files.
    pub offset: u64,
    /// Blocks handed out.
    pub handed: u64,
    pub ended: bool,
    pub failed: bool,
    /// The beginning of a row whose end has not been seen.
    pub carry: Vec<u8>,
    /// Line number of the carry's first byte.
    pub line: u64,
    pub encoding: Option<Encoding>,
    pub header_passed: bool,
    /// The line of a row so long that the rest of it is being skipped.
    pub skipping: Option<u64>,
}
