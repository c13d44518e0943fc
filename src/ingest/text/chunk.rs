//! A chunk: whole rows of a file, in three pieces.

use crate::ingest::rejects::Reject;
use crate::ingest::text::cell_ends::CellEnds;
use std::ops::Range;

/// Whole rows of a file, as UTF-8 (but for damaged bytes).
///
/// Three pieces in order: the row that the block before began, the rows of the block, and at the
/// end of a file the row that no line end closes. Where quotes are not tidy, or a text had to be
/// recoded, all is in the first piece.
#[derive(Debug, Default)]
pub struct Chunk {
    pub(super) head: Vec<u8>,
    pub(super) block: Vec<u8>,
    /// What is where in the block.
    pub(super) structure: CellEnds,
    /// The part of the block that is whole rows.
    pub(super) body: Range<usize>,
    /// Whether all whole lines of the block but the first are rows, though there are quotes.
    pub(super) tidy: bool,
    pub(super) tail: Vec<u8>,
    /// Line number of the first row.
    pub line: u64,
    /// Whether every byte is ASCII, and none is NUL.
    pub ascii: bool,
    /// Whether there is a quote.
    pub quotes: bool,
    /// Rows so long that they are not in the text.
    pub broken: Vec<Reject>,
}

impl Chunk {
    /// The first piece.
    pub fn head(&self) -> &[u8] {
        &self.head
    }

    /// The rows of the block: the block, where its separators and line ends are, and the part that
    /// is whole rows.
    pub fn body(&self) -> (&[u8], &CellEnds, Range<usize>) {
        (&self.block, &self.structure, self.body.clone())
    }

    /// The last piece.
    pub fn tail(&self) -> &[u8] {
        &self.tail
    }

    /// All of it in one.
    pub fn text(&self) -> Vec<u8> {
        [&self.head, &self.block[self.body.clone()], &self.tail].concat()
    }
}
