//! Tables in memory: Arrow batches in place of a file.
//!
//! Whoever holds rows (a data frame, a partition of a cluster) hands them over as they are: no file
//! is written. Texts of whatever kind (large, views, dictionaries) are read as one, times as in a
//! Parquet file. A row is on the line that it would have in a file with a header, or on the line
//! that the batch says. Cost: that of reading the columns.

use crate::base::error::Result;
use crate::base::problem::Problem;
use crate::ingest::account::{FileAccount, Tally};
use crate::ingest::cells::ids;
use crate::ingest::header::layout::Layout;
use crate::ingest::header::sample::Sample;
use crate::ingest::input::InputFile;
use crate::ingest::parquet::columns::{Values, each_batch};
use crate::ingest::rows::batch::Batch;
use crate::ingest::rows::column::Column;
use crate::ingest::rows::held::{Held, HeldRows, Lines, unreadable};
use crate::ingest::rows::source::{Rows, Sought, Source, TakeRows};
use crate::ingest::settings::Settings;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A table in memory with its header matched.
pub(in crate::ingest) struct HeldTable {
    file: InputFile,
    rows: Arc<HeldRows>,
    layout: Layout,
    /// The cells that must be read.
    cells: Vec<usize>,
    /// The next batch that nobody has had.
    next: AtomicUsize,
}

impl HeldTable {
    /// Matches the columns of a table.
    ///
    /// # Errors
    /// An input error when a column is missing.
    pub fn open(file: &InputFile, rows: &Arc<HeldRows>, settings: &Settings) -> Result<HeldTable> {
        let name = format!("`{}`", file.name);
        let sample = match rows.by_names {
            true => Sample::unknown(),
            false => Sample::new(|| rows.first_rows().unwrap_or_default()),
        };
        let layout = Layout::new(file.table, &rows.names, settings, &name, &sample)?;
        drop(sample);
        let cells = layout.cells_read(&settings.keep);
        let (file, rows) = (file.clone(), Arc::clone(rows));
        Ok(HeldTable { file, rows, layout, cells, next: AtomicUsize::new(0) })
    }

    /// Calls `each` with the rows of a batch of Arrow, some hundred at a time.
    fn each(&self, held: &Held, mut each: impl FnMut(&Batch<'_>)) -> Result<()> {
        let columns = held.batch.columns().iter().enumerate();
        let values = columns.map(|(cell, column)| match Values::new(column.as_ref(), false) {
            Err(error) if self.cells.contains(&cell) => {
                Err(unreadable(&self.rows.names[cell], &error))
            }
            // What no table knows need not be of a kind that is read.
            read => Ok(read.unwrap_or(Values::Told)),
        });
        let values: Vec<Values<'_>> = values.collect::<Result<_>>()?;
        let (rows, mut pages) = (held.batch.num_rows(), Vec::new());
        pages.resize_with(values.len(), || None);
        let whole = each_batch(
            &values,
            &mut pages,
            rows,
            |_| true,
            |first, rows, columns| {
                let lines = match &held.lines {
                    Lines::From(line) => {
                        return each(&Batch::of_columns(columns, rows, line + first as u64));
                    }
                    Lines::Each(lines) => &lines[first..first + rows],
                };
                // Rows of a batch are on lines that follow each other.
                let mut from = 0;
                for run in lines.chunk_by(|line, next| line + 1 == *next) {
                    let some = from..from + run.len();
                    let columns: Vec<Column<'_>> =
                        columns.iter().map(|column| column.slice(some.clone())).collect();
                    each(&Batch::of_columns(&columns, run.len(), run[0]));
                    from = some.end;
                }
            },
        );
        whole.expect("nothing is read off pages");
        Ok(())
    }
}

impl Source for HeldTable {
    fn layout(&self) -> &Layout {
        &self.layout
    }

    fn layout_mut(&mut self) -> &mut Layout {
        &mut self.layout
    }

    fn rows<'s, 'w: 's>(&'s self, sought: Option<&'s Sought<'w>>) -> Result<Box<dyn Rows + 's>> {
        if self.rows.elsewhere {
            return Err(Problem::RowsElsewhere { file: self.file.name.clone() }.into());
        }
        Ok(Box::new(HeldOnTheirWay { of: self, sought }))
    }

    fn account(&self, tally: Tally) -> FileAccount {
        FileAccount::of_cells(&self.file, &self.layout, tally)
    }
}

/// Batches on their way to one worker.
struct HeldOnTheirWay<'s, 'w> {
    of: &'s HeldTable,
    sought: Option<&'s Sought<'w>>,
}

impl Rows for HeldOnTheirWay<'_, '_> {
    fn next(&mut self, taker: &mut dyn TakeRows) -> Result<Option<u64>> {
        let next = self.of.next.fetch_add(1, Ordering::Relaxed);
        let Some(held) = self.of.rows.batches.get(next) else { return Ok(None) };
        let mut text = Vec::new();
        self.of.each(held, |batch| match self.sought {
            None => taker.batch(batch),
            Some(sought) => {
                let cell = sought.cell(&self.of.layout);
                for row in 0..batch.len() {
                    batch.write(row, cell, &mut text);
                    if ids::is_wanted(&text, sought.wanted) {
                        batch.with_row(row, |row| taker.row(row));
                    }
                }
            }
        })?;
        Ok(Some(0))
    }
}
