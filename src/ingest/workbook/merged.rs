//! Merged cells: one value for several rows, as in the list of a household.
//!
//! A merged cell is its value in each row that it spans, in its first column. Cost: a look at the
//! open ones for each row.

use crate::ingest::workbook::cell::Cell;
use calamine::Dimensions;

/// Where the merged cells of a sheet are.
pub type Spans = Vec<Dimensions>;

/// The merged cells of a sheet, on the way through its rows.
#[derive(Debug, Default)]
pub struct Merged {
    /// Those that span several rows, by their first.
    all: Vec<Dimensions>,
    next: usize,
    /// Those that began above and have not ended: column, last row, and value.
    open: Vec<(usize, u32, Cell)>,
}

impl Merged {
    /// Of a sheet; only those count that span several rows.
    pub fn new(mut all: Spans) -> Merged {
        all.retain(|merged| merged.end.0 > merged.start.0);
        all.sort_by_key(|merged| merged.start);
        Merged { all, next: 0, open: Vec::new() }
    }

    /// How many reach below a row.
    pub fn below(&self, row: u32) -> usize {
        self.all.iter().filter(|merged| merged.end.0 > row).count()
    }

    /// Fills in the cells of the next row.
    pub fn fill(&mut self, row: u32, cells: &mut Vec<Cell>) {
        self.open.retain(|(_, last, _)| *last >= row);
        for (column, _, value) in &self.open {
            if cells.len() <= *column {
                cells.resize(column + 1, Cell::Blank);
            }
            if cells[*column].is_blank() {
                cells[*column] = value.clone();
            }
        }
        while let Some(merged) = self.all.get(self.next).filter(|merged| merged.start.0 <= row) {
            let column = merged.start.1 as usize;
            if merged.start.0 == row
                && let Some(value) = cells.get(column).filter(|cell| !cell.is_blank())
            {
                self.open.push((column, merged.end.0, value.clone()));
            }
            self.next += 1;
        }
    }
}
