//! `colocations`: rows that say two people were near each other.
//!
//! Checked like the rows of [`crate::ingest::tables::stays`]. A row that begins before as-of is cut
//! to it, and counts even if it lasted no time (a sighting); a later row is left out.

use crate::base::time::{Instant, Span};
use crate::ingest::books::Book;
use crate::ingest::cells;
use crate::ingest::cells::time_column::TimeColumn;
use crate::ingest::cells::time_style::TimeStyle;
use crate::ingest::cells::{Bare, TimeReader, numbers};
use crate::ingest::contract::Table;
use crate::ingest::header::layout::Layout;
use crate::ingest::rejects::Reason;
use crate::ingest::rows::batch::{Batch, ColumnCells, ROWS};
use crate::ingest::rows::column::NONE;
use crate::ingest::rows::row::Row;
use crate::ingest::rows::source::TakeRows;
use crate::ingest::settings::{Reading, before};
use crate::ingest::tables::stays::{Bad, fault, id, length, number, text, truth};
use crate::model::{Colocation, RowRef, TakeColocations};

#[derive(Debug, Clone, Copy, Default)]
struct Columns {
    all: [Option<usize>; 9],
    /// How many seconds one is in the column of lengths.
    unit_seconds: i64,
    /// How starts and ends are written.
    styles: [TimeStyle; 2],
}

impl Columns {
    fn new(layout: &Layout) -> Columns {
        let all = layout.cells[..].try_into().expect("the nine columns of colocations");
        let styles = layout.styles(Table::Colocations, ["start", "end"]);
        Columns { all, unit_seconds: layout.unit_seconds, styles }
    }
}

/// Takes the rows of a worker and hands the valid ones on; the others go into the book.
pub struct ColocationRows<'s, T> {
    columns: Columns,
    times: TimeColumn<'s>,
    as_of: Instant,
    /// The last moment at which a row may begin.
    latest: Instant,
    book: Book,
    /// Room for the ids of a row that are not as they stand.
    ids: [Vec<u8>; 3],
    taker: T,
}

impl<'s, T: TakeColocations> ColocationRows<'s, T> {
    /// For the rows that a worker gets.
    pub fn new(table: Reading<'s>, as_of: Instant, taker: T) -> Self {
        let Reading { zone, latest, .. } = table;
        let (times, book) = (TimeColumn::new(zone), Book::default());
        let ids = Default::default();
        ColocationRows { columns: Columns::default(), times, as_of, latest, book, ids, taker }
    }

    /// Who took the co-locations.
    pub fn taker(self) -> T {
        self.taker
    }
}

impl<T: TakeColocations> TakeRows for ColocationRows<'_, T> {
    fn begin(&mut self, file: u32, layout: &Layout) {
        self.book.begin(file, layout);
        self.columns = Columns::new(layout);
    }

    fn book(&mut self) -> &mut Book {
        &mut self.book
    }

    fn row(&mut self, row: &Row<'_>) {
        self.book.tally.rows += 1;
        let (clock, file) = (&mut self.times.clock, self.book.file);
        match colocation(row, &self.columns, clock, (self.as_of, self.latest, file), &mut self.ids)
        {
            Ok(Some(colocation)) => self.taker.colocation(&colocation),
            Ok(None) => self.book.tally.after_as_of += 1,
            Err((fault, value)) => self.book.fault(row, fault, value),
        }
    }

    /// Two ids and a start without blanks around them, an end or a whole number of seconds, perhaps
    /// a place, a distance and a signal, no word of protection; and of two people who do not
    /// matter: the others are few.
    #[inline(never)]
    fn ordinary(&mut self, batch: &Batch<'_>) -> [bool; ROWS] {
        let mut is = [false; ROWS];
        let [Some(a), Some(b), Some(start), end, seconds, place, distance, protected, rssi] =
            self.columns.all
        else {
            return is;
        };
        let unit = self.columns.unit_seconds;
        let (mut starts, mut ends) = ([NONE; ROWS], [NONE; ROWS]);
        self.times.read(batch, start, &mut starts);
        // As the first row is written, so nearly always are all.
        let has_end = end.is_some_and(|end| !batch.cells(end).get(0).is_empty());
        let blank = match (seconds.filter(|_| !has_end), end) {
            (Some(seconds), end) => {
                let lengths = batch.column(seconds).map(|cell| match cell {
                    [b'0'..=b'9', ..] => numbers::digits(cell),
                    _ => None,
                });
                for ((until, start), length) in ends.iter_mut().zip(starts).zip(lengths) {
                    *until = length.map_or(NONE, |length| start.saturating_add(length * unit));
                }
                end
            }
            (None, Some(end)) => {
                self.times.read(batch, end, &mut ends);
                seconds
            }
            (None, None) => return is,
        };
        let before = before(self.as_of, self.latest);
        let rows = is.iter_mut().zip(starts.iter().zip(&ends));
        for ((is, (&start, &end)), (a, b)) in rows.zip(batch.column(a).zip(batch.column(b))) {
            let plain = (start != NONE) & (start <= end) & (start < before.0);
            let solid = plain && batch.is_solid(a) && batch.is_solid(b) && !same(a, b);
            *is = solid && !self.taker.may_matter_to([a, b]);
        }
        batch.only_blank(blank.into_iter().chain(protected), &mut is);
        batch.only(place, &mut is, |cell| cell.is_empty() || batch.is_solid(cell));
        let number = |cell: &[u8], least: f64| {
            cell.is_empty() || numbers::number(cell).is_some_and(|number| number >= least)
        };
        batch.only(distance, &mut is, |cell| number(cell, 0.0));
        batch.only(rssi, &mut is, |cell| number(cell, f64::MIN));
        self.book.ordinary(&is);
        is
    }
}

/// The co-location of a valid row that begins before as-of.
#[inline(always)]
fn row_of<'a>(
    [person_a, person_b]: [&'a [u8]; 2],
    [from, until]: [Instant; 2],
    (place, distance_m, rssi_dbm, protected): (&'a [u8], Option<f64>, Option<f64>, bool),
    as_of: Instant,
    row: RowRef,
) -> Colocation<'a> {
    let is_sighting = until == from;
    let end = if is_sighting { Instant(from.0 + 1) } else { until.min(as_of) };
    let span = Span { start: from, end };
    Colocation {
        person_a,
        person_b,
        span,
        is_sighting,
        place,
        distance_m,
        rssi_dbm,
        protected,
        row,
    }
}

/// Whether two ids are one. Those that differ nearly always differ in their last four bytes, and a
/// comparison of so many is no loop.
#[inline(always)]
fn same(a: &[u8], b: &[u8]) -> bool {
    a.last_chunk::<4>() == b.last_chunk::<4>() && a == b
}

#[inline(always)]
fn colocation<'a>(
    row: &Row<'a>,
    columns: &Columns,
    clock: &mut TimeReader<'_>,
    (as_of, latest, file): (Instant, Instant, u32),
    [of_a, of_b, of_place]: &'a mut [Vec<u8>; 3],
) -> Result<Option<Colocation<'a>>, Bad<'a>> {
    if !row.ascii {
        for (&cell, column) in columns.all.iter().zip(Table::Colocations.columns()) {
            text(row, column.name, cell)?;
        }
    }
    let [_, _, start, end, seconds, _, distance, protected, rssi] =
        columns.all.map(|cell| cells::value(row.cell(cell)));
    let [a, b, _, _, _, place, ..] = columns.all.map(|cell| row.cell(cell));
    let a = id(a, "person_a", of_a)?;
    if a.is_empty() {
        return fault("person_a", Reason::MissingValue, a);
    }
    let b = id(b, "person_b", of_b)?;
    if b.is_empty() {
        return fault("person_b", Reason::MissingValue, b);
    }
    if start.is_empty() {
        return fault("start", Reason::MissingValue, start);
    }
    let Some((from, _)) = clock.read_as(start, Bare::Start, columns.styles[0]) else {
        return fault("start", Reason::BadTime, start);
    };
    let until = match end {
        b"" if seconds.is_empty() => return fault("end", Reason::MissingValue, end),
        b"" => None,
        _ => match clock.read_as(end, Bare::End, columns.styles[1]) {
            None => return fault("end", Reason::BadTime, end),
            Some((until, _)) if until < from => return fault("end", Reason::EndBeforeStart, end),
            Some((until, _)) => Some(until),
        },
    };
    let length = length(seconds, columns.unit_seconds)?.unwrap_or(0);
    let place = id(place, "place_id", of_place)?;
    let distance_m = number(distance, "distance_m", 0.0, f64::MAX)?;
    let protected = truth(protected, "protected", false)?;
    let rssi_dbm = number(rssi, "rssi_dbm", f64::MIN, f64::MAX)?;
    if a == b {
        return fault("person_b", Reason::SelfContact, b);
    }
    if from > latest {
        return fault("start", Reason::InFuture, start);
    }
    if from >= as_of {
        return Ok(None);
    }
    let until = until.unwrap_or(Instant(from.0 + length));
    let of = (place, distance_m, rssi_dbm, protected);
    Ok(Some(row_of([a, b], [from, until], of, as_of, RowRef::new(file, row.line))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn ids_are_the_same_when_all_their_bytes_are(a in "[ab]{0,9}", head in "[ab]{0,2}", cut in 0usize..9) {
            let b = format!("{head}{}", &a[cut.min(a.len())..]);
            prop_assert_eq!(same(a.as_bytes(), b.as_bytes()), a == b);
        }
    }
}
