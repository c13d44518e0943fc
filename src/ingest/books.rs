//! The book that a worker keeps of the rows of a file, while it reads them.

use crate::ingest::account::Tally;
use crate::ingest::cells;
use crate::ingest::header::layout::Layout;
use crate::ingest::rejects::{Fate, Fault, Reason, Reject, Rejects};
use crate::ingest::rows::row::{BadRow, Row};

/// The book a worker keeps of the rows of a file.
#[derive(Debug, Default)]
pub struct Book {
    /// Number of the file.
    pub file: u32,
    /// What became of the rows.
    pub tally: Tally,
    /// The rejected ones.
    pub rejects: Rejects,
    /// The columns of the file that the table knows, and what it calls them.
    known: Vec<(usize, String)>,
    /// Whether a row of captions is still to come, as SORMAS writes one below the header.
    captions: bool,
}

impl Book {
    /// The rows to come are of this file.
    pub fn begin(&mut self, file: u32, layout: &Layout) {
        self.file = file;
        let known = layout.cells.iter().flatten();
        self.known = known.map(|&cell| (cell, layout.header[cell].clone())).collect();
        self.captions = layout.captions;
    }

    /// Counts a row without data (the header again, captions, blank, a total); `true` if it is one.
    pub fn no_row(&mut self, row: &Row<'_>) -> bool {
        let cells = || (0..row.width()).map(|cell| cells::trim(row.at(cell)));
        // Columns that no table knows may not be at hand.
        let mut header = self.known.iter().filter(|(cell, _)| *cell < row.width());
        let is_name =
            |(cell, name): &(usize, String)| cells::trim(row.at(*cell)) == name.as_bytes();
        let count = if !self.known.is_empty() && header.all(is_name) {
            &mut self.tally.headers
        } else {
            match cells().find(|cell| !cell.is_empty()) {
                None => &mut self.tally.blank,
                Some(first) if std::mem::take(&mut self.captions) && first.starts_with(b"##") => {
                    &mut self.tally.headers
                }
                Some(first) if is_total(first) => &mut self.tally.totals,
                Some(_) => return false,
            }
        };
        *count += 1;
        true
    }

    /// Enters the rows of a batch that are ordinary.
    pub fn ordinary(&mut self, ordinary: &[bool]) {
        self.tally.rows += ordinary.iter().map(|&is| u64::from(is)).sum::<u64>();
    }

    /// Enters a row that could not be cut into cells.
    pub fn bad_row(&mut self, row: &BadRow) {
        self.tally.rows += 1;
        let fault = Fault { column: "", reason: Reason::BadRow };
        self.reject(row.line, fault, row.what.as_bytes());
    }

    /// Enters a bad cell of a row that counts without it.
    pub fn blank(&mut self, line: u64, fault: Fault, value: &[u8]) {
        let reject = Reject::new(self.file, line, fault, value);
        self.rejects.push(Reject { fate: Fate::Used, ..reject });
    }

    /// Rejects a row that is already counted as read, unless it has no data: see `no_row`.
    pub fn fault(&mut self, row: &Row<'_>, fault: Fault, value: &[u8]) {
        if !self.no_row(row) {
            self.reject(row.line, fault, value);
        }
    }

    /// Enters a rejected row that is counted as read already.
    pub fn reject(&mut self, line: u64, fault: Fault, value: &[u8]) {
        self.tally.rejected += 1;
        self.rejects.push(Reject::new(self.file, line, fault, value));
    }

    /// Enters the rows that were rejected while the block was cut.
    pub fn broken_rows(&mut self, broken: &[Reject]) {
        self.tally.rows += broken.len() as u64;
        self.tally.rejected += broken.len() as u64;
        broken.iter().for_each(|reject| self.rejects.push(reject.clone()));
    }
}

/// What stands before the totals of a list.
const TOTALS: [&str; 7] = ["合计", "总计", "小计", "共计", "Total", "Subtotal", "Sum"];

/// Whether a cell says that its row is one of totals.
pub fn is_total(cell: &[u8]) -> bool {
    cell.len() < 9 && TOTALS.iter().any(|word| word.as_bytes().eq_ignore_ascii_case(cell))
}
