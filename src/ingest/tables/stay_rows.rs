//! Rows of `trajectories` on their way to whoever takes stays.
//!
//! Row by row, or, where a batch of rows is at hand, the ordinary ones a column at a time: most are
//! about nobody who matters, and need no more than to be found valid.

use crate::base::geo::Coord;
use crate::base::time::{Instant, Span};
use crate::ingest::account::Book;
#[cfg(feature = "parquet")]
use crate::ingest::cells::Clock;
use crate::ingest::cells::times::{NONE, Times};
use crate::ingest::contract::Layout;
use crate::ingest::folder::InputFile;
use crate::ingest::rows::batch::{Batch, ROWS, TakeRows};
use crate::ingest::rows::row::{BadRow, Row};
use crate::ingest::tables::stays::{
    Columns, CommonColumns, Outcome, StayLimits, common, coord, stay,
};
#[cfg(feature = "parquet")]
use crate::ingest::tables::stays::{ordinary_span, plain_stay};
use crate::model::{At, Ends, RowRef, Stay, TakeStays};

/// Takes the rows of a chunk and hands the stays on; the other rows go into the book.
pub struct StayRows<'s, 'z, T> {
    columns: Columns,
    common: Option<CommonColumns>,
    file: u32,
    times: &'s mut Times<'z>,
    rules: &'s StayLimits,
    book: &'s mut Book,
    taker: &'s mut T,
}

impl<'s, 'z, T: TakeStays> StayRows<'s, 'z, T> {
    /// For the rows of a file.
    pub fn new(
        (layout, file): (&Layout, &InputFile),
        times: &'s mut Times<'z>,
        rules: &'s StayLimits,
        book: &'s mut Book,
        taker: &'s mut T,
    ) -> Self {
        let (columns, file) = (Columns::new(layout), file.number);
        let common = CommonColumns::new(&columns);
        StayRows { columns, common, file, times, rules, book, taker }
    }

    /// What reads times.
    #[cfg(feature = "parquet")]
    pub fn clock(&mut self) -> &mut Clock<'z> {
        &mut self.times.clock
    }

    /// Takes a row whose times are read already and that has nothing but person, times and place,
    /// both ids without blanks around them. Gives it back as `false` when it is not a plain stay.
    #[cfg(feature = "parquet")]
    #[inline]
    pub fn plain(&mut self, line: u64, ids: [&[u8]; 2], [start, end]: [Instant; 2]) -> bool {
        let row = RowRef::new(self.file, line);
        let Some(stay) = plain_stay(row, ids, [start, end], self.rules) else { return false };
        self.book.tally.rows += 1;
        self.taker.stay(&stay);
        true
    }

    /// Whether a stay with these times is an ordinary one.
    #[cfg(feature = "parquet")]
    pub fn is_ordinary(&self, times: [Instant; 2]) -> bool {
        ordinary_span(times, self.rules).is_some()
    }

    /// Counts rows that are valid and that nothing comes of.
    #[cfg(feature = "parquet")]
    pub fn pass_by(&mut self, rows: u64) {
        self.book.tally.rows += rows;
    }

    /// Takes the rows that are ordinary if their persons are, and says which; `at` is where one is, and how
    /// its end is known.
    #[inline(always)]
    fn take_ordinary<'b>(
        &mut self,
        batch: &Batch<'b>,
        (mut found, person): (Ordinary, usize),
        at: impl Fn(&Row<'b>, usize) -> (At<'b>, Ends),
    ) -> [bool; ROWS] {
        batch.only([person], &mut found.is, |cell| batch.is_solid(cell));
        self.book.ordinary(&found.is);
        let [starts, ends] = &found.moments;
        if T::ASKS_WHO {
            let rows = found.busy.iter_mut().zip(starts).zip(batch.column(person));
            for ((busy, &start), person) in rows {
                *busy &= !self.taker.passes_over(person, Instant(start));
            }
        }
        let stay = |number: usize| {
            let row = batch.row(number);
            let end = Instant(ends[number]).min(self.rules.as_of);
            let span = Span { start: Instant(starts[number]), end };
            let (person, (at, ends)) = (row.at(person), at(&row, number));
            let row = RowRef::new(self.file, row.line);
            Stay { person, at, span, ends, seat_row: None, protected: false, row }
        };
        let busy = std::array::from_fn::<u8, ROWS, _>(|n| u8::from(found.is[n] & found.busy[n]));
        let count = busy.iter().map(|&busy| usize::from(busy)).sum();
        let mut stays: Vec<Stay<'_>> = Vec::with_capacity(count);
        // Few are busy: a search that asks about many at once finds the next one.
        stays.extend(memchr::memchr_iter(1, &busy).map(stay));
        self.taker.stays(&stays);
        found.is
    }

    // By value: a row that is only looked at need not be in memory.
    #[inline(never)]
    fn other(&mut self, row: Row<'_>) {
        match stay(&row, &self.columns, &mut self.times.clock, self.rules, self.file) {
            Ok(Outcome::Stay(stay)) => self.taker.stay(&stay),
            Ok(Outcome::AfterAsOf) => self.book.tally.after_as_of += 1,
            Ok(Outcome::Inaccurate) => self.book.tally.inaccurate += 1,
            Err((fault, value)) => self.book.reject(self.file, row.line, fault, value),
        }
    }
}

/// The ordinary rows of a batch: a person and two times at a place, or a person and a time at a
/// coordinate; nothing else, and no blanks around.
struct Ordinary {
    is: [bool; ROWS],
    /// Those that the taker does not pass by.
    busy: [bool; ROWS],
    /// The moments a stay begins and ends, before it is cut to as-of.
    moments: [[i64; ROWS]; 2],
}

impl Ordinary {
    const NONE: Ordinary =
        Ordinary { is: [false; ROWS], busy: [false; ROWS], moments: [[NONE; ROWS]; 2] };

    /// Looks at the times and the place of each row; the other cells are still to be looked at.
    #[inline(never)]
    fn at_places(
        &mut self,
        batch: &Batch<'_>,
        [start, end]: [usize; 2],
        place: usize,
        (times, rules): (&mut Times<'_>, &StayLimits),
        taker: &impl TakeStays,
    ) {
        let [starts, ends] = &mut self.moments;
        times.read(batch, start, starts);
        times.read(batch, end, ends);
        let rows = self.is.iter_mut().zip(&mut self.busy).zip(starts.iter().zip(ends.iter()));
        for (((is, busy), (&start, &end)), place) in rows.zip(batch.column(place)) {
            let plain = (start != NONE) & (start < end) & (start < rules.as_of.0);
            let span = Span { start: Instant(start), end: Instant(end) };
            *is = plain && batch.is_solid(place);
            *busy = *is && !taker.passes_by(At::Place(place), span);
        }
    }

    /// Looks at the time and the coordinate of each row, and gives the coordinates back; the other cells
    /// are still to be looked at.
    #[inline(never)]
    fn at_coords(
        &mut self,
        batch: &Batch<'_>,
        start: usize,
        [lon, lat]: [usize; 2],
        (times, rules): (&mut Times<'_>, &StayLimits),
        taker: &impl TakeStays,
    ) -> [Option<Coord>; ROWS] {
        let [starts, ends] = &mut self.moments;
        times.read(batch, start, starts);
        let cells = batch.column(lon).zip(batch.column(lat));
        let mut coords = [None; ROWS];
        for (at, (lon, lat)) in coords.iter_mut().zip(cells) {
            *at = coord(lon, lat);
        }
        let rows = self.is.iter_mut().zip(&mut self.busy).zip(starts.iter().zip(ends.iter_mut()));
        for (((is, busy), (&start, end)), at) in rows.zip(&coords) {
            *end = start.saturating_add(rules.longest_position);
            let plain = (start != NONE) & (start < *end) & (start < rules.as_of.0);
            let span = Span { start: Instant(start), end: Instant(*end) };
            *is = plain && at.is_some();
            *busy = *is && !at.is_some_and(|at| taker.passes_by(At::Coord(at), span));
        }
        coords
    }
}

impl<T: TakeStays> TakeRows for StayRows<'_, '_, T> {
    #[inline(always)]
    fn row(&mut self, row: &Row<'_>) {
        self.book.tally.rows += 1;
        let columns = self.common.as_ref();
        let clock = &mut self.times.clock;
        match columns.and_then(|columns| common(row, columns, clock, self.rules, self.file)) {
            Some(stay) => self.taker.stay(&stay),
            None => self.other(*row),
        }
    }

    fn bad_row(&mut self, row: BadRow) {
        self.book.bad_row(self.file, &row);
    }

    #[inline(never)]
    fn ordinary(&mut self, batch: &Batch<'_>) -> [bool; ROWS] {
        let mut found = Ordinary::NONE;
        let Some(columns) = &self.common else { return found.is };
        let place = columns.place.filter(|&place| !batch.row(0).at(place).is_empty());
        let reading = (&mut *self.times, self.rules);
        match (place, columns.end, columns.coord) {
            (Some(place), Some(end), _) => {
                found.at_places(batch, [columns.start, end], place, reading, self.taker);
                batch.only(columns.blank[0].iter().copied(), &mut found.is, <[u8]>::is_empty);
                let of = (found, columns.person);
                self.take_ordinary(batch, of, |row, _| (At::Place(row.at(place)), Ends::Recorded))
            }
            (None, _, Some(coord)) => {
                let coords = found.at_coords(batch, columns.start, coord, reading, self.taker);
                let others = columns.place.into_iter().chain(columns.end);
                let blank = columns.blank[1].iter().copied().chain(others);
                batch.only(blank, &mut found.is, <[u8]>::is_empty);
                let at = |number: usize| coords[number].expect("an ordinary row is somewhere");
                let of = (found, columns.person);
                self.take_ordinary(batch, of, |_, number| (At::Coord(at(number)), Ends::Open))
            }
            _ => found.is,
        }
    }
}
