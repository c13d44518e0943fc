//! `colocations`: rows that say two people were near each other.
//!
//! Checked like the rows of [`crate::ingest::tables::stays`]. A row is cut to as-of; one that is empty then, or was
//! empty from the start, is still a row.

use crate::base::time::{Instant, Span};
use crate::ingest::account::{Book, Reason};
use crate::ingest::cells;
use crate::ingest::cells::times::{NONE, Times};
use crate::ingest::cells::{Bare, Clock, numbers};
use crate::ingest::contract::{Layout, Table};
use crate::ingest::rows::batch::{Batch, ROWS, TakeRows};
use crate::ingest::rows::row::{BadRow, Row};
use crate::ingest::tables::stays::{Bad, fault, number, text, truth};
use crate::ingest::text::blocks::FileReader;
use crate::model::{Colocation, RowRef, TakeColocations};

#[derive(Debug, Clone, Copy)]
struct Columns {
    all: [Option<usize>; 9],
}

impl Columns {
    fn new(layout: &Layout) -> Columns {
        let all = layout.cells[..].try_into().expect("the nine columns of colocations");
        Columns { all }
    }
}

/// The cells of a file as the common rows need them.
#[derive(Debug)]
struct CommonColumns {
    persons: [usize; 2],
    start: usize,
    end: Option<usize>,
    seconds: Option<usize>,
    place: Option<usize>,
    distance: Option<usize>,
    protected: Option<usize>,
    rssi: Option<usize>,
}

impl CommonColumns {
    fn new(columns: &Columns) -> Option<CommonColumns> {
        let [a, b, start, end, seconds, place, distance, protected, rssi] = columns.all;
        let (persons, start) = ([a?, b?], start?);
        Some(CommonColumns { persons, start, end, seconds, place, distance, protected, rssi })
    }
}

/// Takes the rows of a chunk and hands the valid ones on; the others go into the book.
pub struct ColocationRows<'s, 'z, T> {
    columns: Columns,
    common: Option<CommonColumns>,
    file: u32,
    times: &'s mut Times<'z>,
    as_of: Instant,
    book: &'s mut Book,
    taker: &'s mut T,
}

impl<'s, 'z, T: TakeColocations> ColocationRows<'s, 'z, T> {
    /// For the chunks of `reader`.
    pub fn new(
        reader: &FileReader,
        times: &'s mut Times<'z>,
        as_of: Instant,
        book: &'s mut Book,
        taker: &'s mut T,
    ) -> Self {
        let (columns, file) = (Columns::new(reader.layout()), reader.file().number);
        let common = CommonColumns::new(&columns);
        ColocationRows { columns, common, file, times, as_of, book, taker }
    }
}

impl<T: TakeColocations> TakeRows for ColocationRows<'_, '_, T> {
    #[inline(always)]
    fn row(&mut self, row: &Row<'_>) {
        self.book.tally.rows += 1;
        let columns = self.common.as_ref();
        let clock = &mut self.times.clock;
        match columns.and_then(|columns| common(row, columns, clock, self.as_of, self.file)) {
            Some(colocation) => self.taker.colocation(&colocation),
            None => self.other(*row),
        }
    }

    fn bad_row(&mut self, row: BadRow) {
        self.book.bad_row(self.file, &row);
    }

    #[inline(never)]
    fn ordinary(&mut self, batch: &Batch<'_>) -> [bool; ROWS] {
        // Only those that the taker passes by: the others are few.
        let mut idle = [false; ROWS];
        let Some(columns) = &self.common else { return idle };
        // By its end or by its seconds: as the first of them is written, so nearly always are all.
        let seconds = columns.seconds.filter(|_| batch.row(0).cell(columns.end).is_empty());
        let (mut starts, mut ends) = ([NONE; ROWS], [NONE; ROWS]);
        self.times.read(batch, columns.start, &mut starts);
        let blank = match (seconds, columns.end) {
            (Some(seconds), end) => {
                let lengths = batch.column(seconds).map(|cell| match cell {
                    [b'0'..=b'9', ..] => numbers::digits(cell),
                    _ => None,
                });
                for ((until, start), length) in ends.iter_mut().zip(starts).zip(lengths) {
                    *until = length.map_or(NONE, |length| start.saturating_add(length));
                }
                end
            }
            (None, Some(end)) => {
                self.times.read(batch, end, &mut ends);
                columns.seconds
            }
            (None, None) => return idle,
        };
        let [a, b] = columns.persons.map(|column| batch.column(column));
        for (row, (a, b)) in a.zip(b).enumerate() {
            let (start, end) = (starts[row], ends[row]);
            let plain = (start != NONE) & (start <= end) & (start < self.as_of.0);
            let solid = plain && batch.is_solid(a) && batch.is_solid(b) && !same(a, b);
            idle[row] = solid && self.taker.passes_by([a, b]);
        }
        batch.only(blank.into_iter().chain(columns.protected), &mut idle, <[u8]>::is_empty);
        let solid_or_blank = |cell: &[u8]| cell.is_empty() || batch.is_solid(cell);
        batch.only(columns.place, &mut idle, solid_or_blank);
        let number = |cell: &[u8], least: f64| {
            cell.is_empty() || numbers::number(cell).is_some_and(|number| number >= least)
        };
        batch.only(columns.distance, &mut idle, |cell| number(cell, 0.0));
        batch.only(columns.rssi, &mut idle, |cell| number(cell, f64::MIN));
        self.book.ordinary(&idle);
        idle
    }
}

impl<T: TakeColocations> ColocationRows<'_, '_, T> {
    #[inline(never)]
    fn other(&mut self, row: Row<'_>) {
        match colocation(&row, &self.columns, &mut self.times.clock, self.as_of, self.file) {
            Ok(Some(colocation)) => self.taker.colocation(&colocation),
            Ok(None) => self.book.tally.after_as_of += 1,
            Err((fault, value)) => self.book.reject(self.file, row.line, fault, value),
        }
    }
}

/// The most common row: two ids and a start without blanks around them, an end or a whole number of
/// seconds, perhaps a place and a distance, and no word of protection. `None` for every other row,
/// valid or not: [`colocation`] reads those, and would read this one the same.
#[inline(always)]
fn common<'a>(
    row: &Row<'a>,
    columns: &CommonColumns,
    clock: &mut Clock<'_>,
    as_of: Instant,
    file: u32,
) -> Option<Colocation<'a>> {
    let (a, b) = (row.at(columns.persons[0]), row.at(columns.persons[1]));
    let (place, protected) = (row.cell(columns.place), row.cell(columns.protected));
    let (end, seconds) = (row.cell(columns.end), row.cell(columns.seconds));
    let solid = |cell: &[u8]| row.is_solid(cell);
    let plain = solid(a) && solid(b) && !same(a, b) && protected.is_empty();
    if !plain || !(place.is_empty() || solid(place)) {
        return None;
    }
    let from = clock.read_common(row.at(columns.start))?;
    let until = match (end, seconds) {
        (b"", [b'0'..=b'9', ..]) => Instant(from.0 + numbers::digits(seconds)?),
        (b"", _) => return None,
        (end, b"") => clock.read_common(end)?,
        _ => return None,
    };
    if until < from || from >= as_of {
        return None;
    }
    let distance_m = match row.cell(columns.distance) {
        b"" => None,
        distance => {
            Some(numbers::number(distance).filter(|metres| (0.0..=f64::MAX).contains(metres))?)
        }
    };
    let rssi_dbm = match row.cell(columns.rssi) {
        b"" => None,
        rssi => Some(numbers::number(rssi)?),
    };
    let persons = [a, b];
    let of = (place, distance_m, rssi_dbm, false);
    Some(row_of(persons, [from, until], of, as_of, RowRef::new(file, row.line)))
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
    clock: &mut Clock<'_>,
    as_of: Instant,
    file: u32,
) -> Result<Option<Colocation<'a>>, Bad<'a>> {
    if !row.ascii {
        for (&cell, column) in columns.all.iter().zip(Table::Colocations.columns()) {
            text(row, column.name, cell)?;
        }
    }
    let [a, b, start, end, seconds, place, distance, protected, rssi] =
        columns.all.map(|cell| cells::value(row.cell(cell)));
    if a.is_empty() {
        return fault("person_a", Reason::MissingValue, a);
    }
    if b.is_empty() {
        return fault("person_b", Reason::MissingValue, b);
    }
    if start.is_empty() {
        return fault("start", Reason::MissingValue, start);
    }
    let Some(from) = clock.read(start, Bare::Start) else {
        return fault("start", Reason::BadTime, start);
    };
    let until = match end {
        b"" if seconds.is_empty() => return fault("end", Reason::MissingValue, end),
        b"" => None,
        _ => match clock.read(end, Bare::End) {
            None => return fault("end", Reason::BadTime, end),
            Some(until) if until < from => return fault("end", Reason::EndBeforeStart, end),
            until => until,
        },
    };
    let length = number(seconds, "seconds", 0.0, f64::MAX)?.unwrap_or(0.0);
    let distance_m = number(distance, "distance_m", 0.0, f64::MAX)?;
    let protected = truth(protected, "protected", false)?;
    let rssi_dbm = number(rssi, "rssi_dbm", f64::MIN, f64::MAX)?;
    if a == b {
        return fault("person_b", Reason::SelfContact, b);
    }
    if from >= as_of {
        return Ok(None);
    }
    // A million years is as good as for ever, and does not overflow.
    let until = until.unwrap_or(Instant(from.0 + length.min(3e13) as i64));
    let of = (place, distance_m, rssi_dbm, protected);
    Ok(Some(row_of([a, b], [from, until], of, as_of, RowRef::new(file, row.line))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::time::Zone;
    use crate::ingest::rows::row::Cells;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn ids_are_the_same_when_all_their_bytes_are(a in "[ab]{0,9}", head in "[ab]{0,2}", cut in 0usize..9) {
            let b = format!("{head}{}", &a[cut.min(a.len())..]);
            prop_assert_eq!(same(a.as_bytes(), b.as_bytes()), a == b);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 8192, ..ProptestConfig::default() })]

        #[test]
        fn a_common_row_is_read_as_any_other(
            a in "(P[0-3]|P[0-3]| P1|)", b in "P[0-3]", start in "2022-11-0[1-9] 0[1-9]:00:0[0-9x]",
            end in "(2022-11-0[1-9] 0[1-9]:00:00|2022-11-05|)", seconds in "(|60|0|1e2|-5)",
            place in "(H[0-9]| |)", distance in "(|1.50000|-2|12.345678)", protected in "(|||1)",
            rssi in "(||-70|-70.5|x)", missing in 0usize..14) {
            let cells = [a, b, start, end, seconds, place, distance, protected, rssi];
            let text = cells.join(",");
            let mut in_row = Cells::default();
            in_row.clear();
            for cell in &cells {
                in_row.text().extend_from_slice(cell.as_bytes());
                in_row.end();
            }
            // A file may lack a column.
            let all = std::array::from_fn(|n| (n != missing || n < 3).then_some(n));
            let columns = Columns { all };
            let row = in_row.row(None, 2, true);
            let zone = Zone::get("Asia/Shanghai").unwrap();
            let as_of = Clock::new(&zone).read(b"2022-11-06 03:00:00", Bare::Start).unwrap();
            let common_columns = CommonColumns::new(&columns).unwrap();
            let common = common(&row, &common_columns, &mut Clock::new(&zone), as_of, 0);
            if let Some(common) = common {
                match colocation(&row, &columns, &mut Clock::new(&zone), as_of, 0) {
                    Ok(Some(other)) => prop_assert_eq!(other, common),
                    _ => prop_assert!(false, "{} is no co-location", text),
                }
            }
        }
    }
}
