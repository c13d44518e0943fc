//! A Parquet file of stays: its columns, its row groups, and its times.

use crate::base::error::Result;
use crate::base::sieve::Wanted;
use crate::base::time::Instant;
use crate::ingest::cells;
use crate::ingest::cells::Clock;
use crate::ingest::contract::Layout;
use crate::ingest::folder::InputFile;
use crate::ingest::parquet::file::{BATCH, Opened, damaged};
use crate::ingest::parquet::footer;
use crate::ingest::parquet::text::{Column, seconds};
use crate::ingest::settings::Settings;
use crate::ingest::tables::stay_rows::StayRows;
use crate::model::TakeStays;
use arrow_array::cast::AsArray;
use arrow_array::{Array, StringViewArray};
use arrow_cast::display::FormatOptions;
use arrow_schema::DataType;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder, RowSelection,
};
use parquet::file::metadata::RowGroupMetaData;

/// Person, start, end and place, and no other column that is not blank: the columns of a common row.
pub(in crate::ingest) const NEEDED: usize = 4;

/// A file with its header matched.
pub(in crate::ingest) struct StayFile<'f> {
    pub(in crate::ingest) file: &'f InputFile,
    pub(in crate::ingest) opened: Opened,
    pub(in crate::ingest) layout: Layout,
}

impl<'f> StayFile<'f> {
    pub(in crate::ingest) fn open(
        file: &'f InputFile,
        settings: &Settings,
    ) -> Result<StayFile<'f>> {
        let opened = Opened::new(file, &settings.aliases)?;
        let name = format!("`{}`", file.name);
        let layout = Layout::new(file.table, &opened.names, &settings.aliases, &name)?;
        Ok(StayFile { file, opened, layout })
    }

    /// Where one of the table's columns is in the file, and what arrow would make of it.
    pub(in crate::ingest) fn column(&self, column: usize) -> Option<(usize, &DataType)> {
        let at = self.opened.kept[self.layout.cells[column].filter(|_| self.opened.flat)?];
        Some((at, self.opened.metadata.schema().field(at).data_type()))
    }

    /// What the end of the file tells of a row group.
    pub(in crate::ingest) fn about(&self, group: usize) -> &RowGroupMetaData {
        self.opened.metadata.metadata().row_group(group)
    }

    /// Whether it tells that no row has a value in any column but the needed ones.
    pub(in crate::ingest) fn others_are_blank(&self, group: usize) -> bool {
        let blank = |(at, _)| footer::is_blank(self.about(group), at);
        (NEEDED..self.layout.cells.len()).all(|column| self.column(column).is_none_or(blank))
    }

    /// Between which two the ids of a column of a row group lie, if none of them is blank; see
    /// [`footer::texts`].
    pub(in crate::ingest) fn ids(&self, group: usize, column: usize) -> Option<[&[u8]; 2]> {
        let (at, given_as) = self.column(column)?;
        footer::texts(self.about(group).column(at), given_as)
    }

    pub(in crate::ingest) fn batches(
        &self,
        group: usize,
        mask: ProjectionMask,
        selection: Option<RowSelection>,
    ) -> Result<ParquetRecordBatchReader> {
        let (raw, metadata) = (self.opened.raw.clone(), self.opened.metadata.clone());
        let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(raw, metadata)
            .with_row_groups(vec![group])
            .with_projection(mask)
            .with_batch_size(BATCH);
        let builder = match selection {
            Some(selection) => builder.with_row_selection(selection),
            None => builder,
        };
        builder.build().map_err(|e| damaged(self.file, e))
    }

    /// The positions in a row group of the rows of `wanted` persons.
    pub(in crate::ingest) fn rows_of(
        &self,
        group: usize,
        wanted: &Wanted<'_>,
    ) -> Result<Vec<usize>> {
        let person = self.layout.cells[0].expect("a column that must be there");
        let mask = self.opened.mask(std::iter::once(person));
        let (mut found, mut first, mut cell) = (Vec::new(), 0, Vec::new());
        let options = FormatOptions::default();
        for batch in self.batches(group, mask, None)? {
            let batch = batch.map_err(|e| damaged(self.file, e))?;
            let persons = batch.column(0);
            let column = Column::new(persons, self.opened.old_instants[person], &options);
            let column = column.map_err(|e| damaged(self.file, e))?;
            let texts = persons.as_string_view_opt();
            let blanks = persons.null_count() > 0;
            for row in 0..persons.len() {
                if blanks && persons.is_null(row) {
                    continue;
                }
                if texts
                    .and_then(|texts| short(texts.views()[row]))
                    .is_some_and(|id| !wanted.may_be(id))
                {
                    continue;
                }
                let is_wanted = match texts.map(|texts| texts.value(row).as_bytes()) {
                    Some(text) if cells::is_plain(text) => wanted.is(text),
                    _ => {
                        cell.clear();
                        write_cell(&column, row, &mut cell).map_err(|e| damaged(self.file, e))?;
                        wanted.is(cells::trim(&cell))
                    }
                };
                if is_wanted {
                    found.push(first + row);
                }
            }
            first += persons.len();
        }
        Ok(found)
    }
}

/// A column of times, as seconds.
pub(in crate::ingest) enum Moments<'a> {
    Instants(Vec<i64>),
    Walls(Vec<i64>),
    Texts(&'a StringViewArray),
}

/// The last second of a moment in eleven digits, and the years of four digits as local seconds.
const INSTANTS: std::ops::Range<i64> = 0..100_000_000_000;
const WALLS: std::ops::Range<i64> = -62_135_596_800..253_402_300_800;

impl<'a> Moments<'a> {
    pub(in crate::ingest) fn new(array: &'a dyn Array, old_instant: bool) -> Option<Moments<'a>> {
        match array.data_type() {
            DataType::Utf8View => Some(Moments::Texts(array.as_string_view())),
            DataType::Timestamp(unit, zone) => {
                let all = seconds(array, *unit);
                let instants = zone.is_some() || old_instant;
                Some(if instants { Moments::Instants(all) } else { Moments::Walls(all) })
            }
            _ => None,
        }
    }

    /// The time of a row that has one.
    #[inline(always)]
    pub(in crate::ingest) fn get(&self, row: usize, clock: &mut Clock<'_>) -> Option<Instant> {
        match self {
            Moments::Instants(all) => moment(all[row], true, clock),
            Moments::Walls(all) => moment(all[row], false, clock),
            Moments::Texts(all) => clock.read_common(all.value(row).as_bytes()),
        }
    }
}

/// The moment of an instant or of a wall-clock time.
#[inline(always)]
pub(in crate::ingest) fn moment(
    seconds: i64,
    instant: bool,
    clock: &mut Clock<'_>,
) -> Option<Instant> {
    if instant {
        return INSTANTS.contains(&seconds).then_some(Instant(seconds));
    }
    WALLS.contains(&seconds).then(|| clock.local(seconds))
}

/// Takes a plain stay; `false` when it is none.
#[inline(always)]
pub(in crate::ingest) fn take_plain<T: TakeStays>(
    ids: [&[u8]; 2],
    times: impl FnOnce(&mut Clock<'_>) -> Option<[Instant; 2]>,
    line: u64,
    rows: &mut StayRows<'_, '_, T>,
) -> bool {
    ids.iter().all(|id| cells::is_plain(id))
        && times(rows.clock()).is_some_and(|times| rows.plain(line, ids, times))
}

/// The bytes of a text that is short enough to stand in its view, the first one lowest, then zeros.
#[inline(always)]
pub(in crate::ingest) fn short(view: u128) -> Option<u128> {
    (view as u32 <= 12).then_some(view >> 32)
}

/// Writes a cell; line breaks become blanks, as in the text of a file.
pub(in crate::ingest) fn write_cell(
    column: &Column<'_>,
    row: usize,
    out: &mut Vec<u8>,
) -> std::io::Result<()> {
    let from = out.len();
    column.write(row, out)?;
    blank_line_breaks(&mut out[from..]);
    Ok(())
}

pub(in crate::ingest) fn blank_line_breaks(cell: &mut [u8]) {
    for byte in cell {
        if matches!(*byte, b'\n' | b'\r') {
            *byte = b' ';
        }
    }
}
