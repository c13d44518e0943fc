//! A sheet of a workbook as the file of a table.
//!
//! One worker reads it, from the top; a row's line number is its number in the sheet. A cell that
//! is an error, or a formula that was not calculated, is a bad value. A column whose dates in the
//! first rows have no time of day holds days; else a midnight is a time. Cost: the sheet is decoded
//! once a pass; memory: what [`Spreadsheet`] needs.

use crate::base::error::Result;
use crate::base::problem::Problem;
use crate::ingest::account::{FileAccount, Tally};
use crate::ingest::cells::ids;
use crate::ingest::header::layout::Layout;
use crate::ingest::header::notes::Note;
use crate::ingest::header::sample::{self, Sample};
use crate::ingest::input::InputFile;
use crate::ingest::rejects::{Fault, Reason};
use crate::ingest::rows::batch::{Batch, ROWS};
use crate::ingest::rows::column::Column;
use crate::ingest::rows::source::{Rows, Sought, Source, TakeRows};
use crate::ingest::settings::Settings;
use crate::ingest::workbook::cell::Cell;
use crate::ingest::workbook::first::{first_rows, header, name};
use crate::ingest::workbook::merged::Merged;
use crate::ingest::workbook::sheets::Spreadsheet;
use std::sync::atomic::{AtomicBool, Ordering};

/// A sheet with its header matched.
pub struct SheetFile {
    file: InputFile,
    sheet: String,
    layout: Layout,
    /// The row of the header.
    header: u32,
    /// Which cells hold days.
    days: Vec<bool>,
    taken: AtomicBool,
}

impl SheetFile {
    /// Opens a sheet and matches its header.
    ///
    /// # Errors
    /// An input error when the workbook cannot be read, or the sheet lacks a column.
    pub fn open(file: &InputFile, sheet: &str, settings: &Settings) -> Result<SheetFile> {
        let mut book = Spreadsheet::open(&file.path, &file.name)?;
        let first = first_rows(&mut book, (&file.name, sheet), sample::HEADER_ROWS + sample::ROWS)?;
        let Some(at) = header(&first, file.table, &settings.aliases) else {
            return Err(Problem::EmptySheet { file: format!("`{}`", file.name) }.into());
        };
        let row = first[at].0;
        let names: Vec<String> = first[at].1.iter().map(|cell| name(&cell.shown())).collect();
        let rows = &first[at + 1..];
        let width = names.len();
        let sample = Sample::new(|| {
            let shown = |cells: &Vec<Cell>| cells.iter().take(width).map(Cell::shown).collect();
            rows.iter().map(|(_, cells)| shown(cells)).collect()
        });
        let of = format!("`{}`", file.name);
        let mut layout = Layout::new(file.table, &names, settings, &of, &sample)?;
        let is_day = |cell: usize| {
            let mut dates = rows.iter().filter_map(|(_, cells)| match cells.get(cell) {
                Some(Cell::Moment(moment)) => Some(moment.is_day()),
                _ => None,
            });
            dates.all(|is_day| is_day)
        };
        let days = (0..width).map(is_day).collect();
        if at > 0 {
            layout.notes.push(Note::AboveHeader { lines: at });
        }
        // They stand at the end of a sheet: to find them takes as long as to read it.
        let spans = file.spans.get_or_init(|| book.merged(sheet));
        let merged = Merged::new(spans.clone()).below(row);
        if merged > 0 {
            layout.notes.push(Note::Merged { cells: merged });
        }
        let (file, sheet) = (file.clone(), sheet.to_owned());
        Ok(SheetFile { file, sheet, layout, header: row, days, taken: AtomicBool::new(false) })
    }
}

impl Source for SheetFile {
    fn layout(&self) -> &Layout {
        &self.layout
    }

    fn layout_mut(&mut self) -> &mut Layout {
        &mut self.layout
    }

    fn rows<'s, 'w: 's>(&'s self, sought: Option<&'s Sought<'w>>) -> Result<Box<dyn Rows + 's>> {
        Ok(Box::new(SheetRows { of: self, sought }))
    }

    fn account(&self, tally: Tally) -> FileAccount {
        FileAccount::of_cells(&self.file, &self.layout, tally)
    }
}

/// The rows of a sheet on their way to the one worker that gets them.
struct SheetRows<'s, 'w> {
    of: &'s SheetFile,
    sought: Option<&'s Sought<'w>>,
}

impl Rows for SheetRows<'_, '_> {
    fn next(&mut self, taker: &mut dyn TakeRows) -> Result<Option<u64>> {
        if self.of.taken.swap(true, Ordering::Relaxed) {
            return Ok(None);
        }
        let SheetFile { file, sheet, layout, header, .. } = self.of;
        let mut book = Spreadsheet::open(&file.path, &file.name)?;
        let mut merged = Merged::new(file.spans.get().cloned().unwrap_or_default());
        let sought = self.sought.map(|sought| (sought.cell(layout), sought));
        let mut block = Block::new(self.of);
        book.rows((&file.name, sheet), &mut |row, cells| {
            merged.fill(row, cells);
            if row <= *header {
                return true;
            }
            block.add(row, cells, sought, taker);
            true
        })?;
        block.hand_on(sought, taker);
        Ok(Some(file.bytes))
    }
}

/// Rows that follow each other, as text.
struct Block<'s> {
    of: &'s SheetFile,
    text: String,
    /// Where each cell of each row ends.
    ends: Vec<usize>,
    /// The number of the first row, and how many there are.
    first: u32,
    rows: usize,
}

impl<'s> Block<'s> {
    fn new(of: &'s SheetFile) -> Block<'s> {
        Block { of, text: String::new(), ends: Vec::new(), first: 0, rows: 0 }
    }

    fn add(
        &mut self,
        row: u32,
        cells: &mut [Cell],
        sought: Option<(usize, &Sought<'_>)>,
        taker: &mut dyn TakeRows,
    ) {
        if self.rows == ROWS || row != self.first + self.rows as u32 {
            self.hand_on(sought, taker);
            self.first = row;
        }
        if !self.mend(row, cells, taker) {
            // A gap: what follows begins anew.
            self.hand_on(sought, taker);
            self.first = row + 1;
            return;
        }
        for cell in 0..self.of.layout.width {
            if let Some(value) = cells.get(cell) {
                value.write(self.of.days[cell], &mut self.text);
            }
            self.ends.push(self.text.len());
        }
        self.rows += 1;
    }

    /// Enters the cells of a row that are no values, and makes them blank; `false` if the row is
    /// left out for one.
    fn mend(&self, row: u32, cells: &mut [Cell], taker: &mut dyn TakeRows) -> bool {
        let SheetFile { layout, file, .. } = self.of;
        for (cell, column) in layout.cells.iter().zip(file.table.columns()) {
            let Some(value) = cell.and_then(|cell| cells.get_mut(cell)) else { continue };
            let reason = match value {
                Cell::Bad(_) => Reason::BadValue,
                // A date in a column of ids was an id once.
                Cell::Moment(_) if column.is_id() => Reason::MangledId,
                _ => continue,
            };
            let (fault, line) = (Fault { column: column.name, reason }, u64::from(row) + 1);
            let bulk = file.table.is_bulk();
            let shown = value.shown();
            if column.required || bulk {
                taker.book().tally.rows += 1;
                taker.book().reject(line, fault, shown.as_bytes());
                return false;
            }
            taker.book().blank(line, fault, shown.as_bytes());
            *value = Cell::Blank;
        }
        true
    }

    fn hand_on(&mut self, sought: Option<(usize, &Sought<'_>)>, taker: &mut dyn TakeRows) {
        let width = self.of.layout.width;
        let text = self.text.as_bytes();
        let cell = |number: usize| {
            let from = if number == 0 { 0 } else { self.ends[number - 1] };
            &text[from..self.ends[number]]
        };
        let rows = self.rows;
        let cells: Vec<Vec<&[u8]>> = (0..width)
            .map(|column| (0..rows).map(|row| cell(row * width + column)).collect())
            .collect();
        let columns: Vec<Column<'_>> = cells.iter().map(|cells| Column::Cells(cells)).collect();
        if rows > 0 {
            let batch = Batch::of_columns(&columns, rows, u64::from(self.first) + 1);
            match sought {
                None => taker.batch(&batch),
                Some((column, sought)) => {
                    let wanted = |&row: &usize| ids::is_wanted(cells[column][row], sought.wanted);
                    for row in (0..rows).filter(wanted) {
                        batch.with_row(row, |row| taker.row(row));
                    }
                }
            }
        }
        self.text.clear();
        self.ends.clear();
        (self.first, self.rows) = (self.first + rows as u32, 0);
    }
}
