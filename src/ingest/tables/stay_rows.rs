//! Rows of `trajectories` on their way to whoever takes stays.
//!
//! Ordinary rows are taken a column at a time: most are about nobody who matters, and need no more
//! than to be found valid. An ordinary row is a person and two times at a place, or a person and a
//! time at a coordinate; nothing else, and no blanks around. That is decided here and nowhere else;
//! every other row is read by [`stays::stay`], which would read these the same.

use crate::base::datum::Datum;
use crate::base::time::{Instant, Span};
use crate::ingest::books::Book;
use crate::ingest::cells;
use crate::ingest::cells::time_column::TimeColumn;
use crate::ingest::header::layout::Layout;
use crate::ingest::rows::batch::{AnyCells, Batch, ColumnCells, ROWS};
use crate::ingest::rows::column::NONE;
use crate::ingest::rows::row::Row;
use crate::ingest::rows::source::{PassOver, Statistics, TakeRows};
use crate::ingest::settings::{Reading, before};
use crate::ingest::tables::stays;
use crate::ingest::tables::stays::{Columns, Outcome, StayLimits, coord};
use crate::model::{At, Ends, RowRef, Stay, TakeStays};

/// Takes the rows of a worker and hands the stays on; the other rows go into the book.
pub struct StayRows<'s, T> {
    columns: Columns,
    needed: Needed,
    times: TimeColumn<'s>,
    limits: &'s StayLimits,
    table: Reading<'s>,
    book: Book,
    /// Room for the ids of a row that are not as they stand.
    ids: [Vec<u8>; 2],
    taker: T,
}

/// The cells of a file that ordinary rows have.
#[derive(Debug, Default)]
struct Needed {
    person: usize,
    start: usize,
    end: Option<usize>,
    place: Option<usize>,
    /// Longitude and latitude.
    coord: Option<[usize; 2]>,
    /// The cells that must be blank, at a place and at a coordinate.
    blank: [Vec<usize>; 2],
}

impl Needed {
    fn new(columns: &Columns) -> Needed {
        let Columns { person, start, end, seconds, place, lon, lat, .. } = *columns;
        let Columns { accuracy, datum, seat_row, protected, .. } = *columns;
        let present = |cells: &[Option<usize>]| cells.iter().copied().flatten().collect();
        let others = [seconds, accuracy, datum, seat_row, protected];
        let blank = [
            present(&[&[lon, lat], &others[..]].concat()),
            present(&[&[end, place], &others[..]].concat()),
        ];
        let [person, start] =
            [person, start].map(|cell| cell.expect("a column that must be there"));
        let coord = lon.zip(lat).map(|(lon, lat)| [lon, lat]);
        Needed { person, start, end, place, coord, blank }
    }
}

impl<'s, T: TakeStays> StayRows<'s, T> {
    /// For the rows that a worker gets.
    pub fn new(table: Reading<'s>, limits: &'s StayLimits, taker: T) -> Self {
        let (times, book) = (TimeColumn::new(table.zone), Book::default());
        StayRows {
            columns: Columns::default(),
            needed: Needed::default(),
            times,
            limits,
            table,
            book,
            ids: Default::default(),
            taker,
        }
    }

    /// Ordinary stays begin before this moment: before as-of, and not in the future.
    fn before(&self) -> Instant {
        before(self.limits.as_of, self.table.latest)
    }

    /// Who took the stays.
    pub fn taker(self) -> T {
        self.taker
    }

    /// The ordinary stays at places.
    fn at_places(&mut self, batch: &Batch<'_>) -> Option<[bool; ROWS]> {
        let place = self.needed.place?;
        match batch.cells(place) {
            AnyCells::Text(places) => self.at_places_of(batch, places),
            places => self.at_places_of(batch, places),
        }
    }

    /// The same, for the cells of the places.
    #[inline(never)]
    fn at_places_of<'b>(
        &mut self,
        batch: &Batch<'b>,
        places: impl ColumnCells<'b>,
    ) -> Option<[bool; ROWS]> {
        let (mut found, before) = (Ordinary::NONE, self.before());
        let cells = [self.needed.start, self.needed.end?];
        found.read_places(batch, cells, &mut self.times, before);
        let cells = (0..batch.len()).map(|row| places.get(row));
        for ((is, matters, span), place) in found.rows().zip(cells) {
            *is = *is && batch.is_solid(place);
            *matters = *is && self.taker.may_matter(At::Place(place), span);
        }
        batch.only_blank(self.needed.blank[0].iter().copied(), &mut found.is);
        Some(self.hand_on(batch, found, |row| (At::Place(places.get(row)), Ends::Recorded)))
    }

    /// The ordinary positions.
    #[inline(never)]
    fn at_coords(&mut self, batch: &Batch<'_>) -> Option<[bool; ROWS]> {
        let [lon, lat] = self.needed.coord?;
        let mut found = Ordinary::NONE;
        let of = (self.limits.longest_position, self.before());
        found.read_positions(batch, self.needed.start, &mut self.times, of);
        let mut coords = [None; ROWS];
        for (at, (lon, lat)) in coords.iter_mut().zip(batch.column(lon).zip(batch.column(lat))) {
            *at = coord(lon, lat);
        }
        if self.table.datum != Datum::Wgs84 {
            coords.iter_mut().flatten().for_each(|at| *at = self.table.datum.to_wgs84(*at));
        }
        for ((is, matters, span), at) in found.rows().zip(&coords) {
            *is &= at.is_some();
            *matters = *is && at.is_some_and(|at| self.taker.may_matter(At::Coord(at), span));
        }
        batch.only_blank(self.needed.blank[1].iter().copied(), &mut found.is);
        let at = |row: usize| coords[row].expect("an ordinary row is somewhere");
        Some(self.hand_on(batch, found, |row| (At::Coord(at(row)), Ends::Open)))
    }

    /// Hands the rows on that are ordinary if their persons are, and says which; `at` is where one
    /// is, and how its end is known.
    #[inline(always)]
    fn hand_on<'b>(
        &mut self,
        batch: &Batch<'b>,
        mut found: Ordinary,
        at: impl Fn(usize) -> (At<'b>, Ends),
    ) -> [bool; ROWS] {
        let person = self.needed.person;
        batch.only_solid(person, &mut found.is);
        self.book.ordinary(&found.is);
        let [starts, ends] = &found.moments;
        if T::ASKS_WHO {
            let rows = found.matters.iter_mut().zip(starts).zip(batch.column(person));
            for ((matters, &start), person) in rows {
                *matters &= self.taker.may_concern(person, Instant(start));
            }
        }
        let persons = batch.cells(person);
        let stay = |row: usize| {
            let end = Instant(ends[row]).min(self.limits.as_of);
            let span = Span { start: Instant(starts[row]), end };
            let (person, (at, ends)) = (persons.get(row), at(row));
            let row = RowRef::new(self.book.file, batch.line(row));
            Stay { person, at, span, ends, seat_row: None, protected: false, row }
        };
        let chosen =
            std::array::from_fn::<u8, ROWS, _>(|n| u8::from(found.is[n] & found.matters[n]));
        let count = chosen.iter().map(|&is| usize::from(is)).sum();
        let mut stays: Vec<Stay<'_>> = Vec::with_capacity(count);
        // Few are: a search that asks about many at once finds the next one.
        stays.extend(memchr::memchr_iter(1, &chosen).map(stay));
        self.taker.stays(&stays);
        found.is
    }
}

/// Which rows of a batch are ordinary.
struct Ordinary {
    is: [bool; ROWS],
    /// Those of which something may come.
    matters: [bool; ROWS],
    /// The moments a stay begins and ends, before it is cut to as-of.
    moments: [[i64; ROWS]; 2],
}

impl Ordinary {
    const NONE: Ordinary =
        Ordinary { is: [false; ROWS], matters: [false; ROWS], moments: [[NONE; ROWS]; 2] };

    /// Reads starts and ends: a stay has a length of its own, and begins before as-of.
    #[inline(always)]
    fn read_places(
        &mut self,
        batch: &Batch<'_>,
        [start, end]: [usize; 2],
        times: &mut TimeColumn<'_>,
        before: Instant,
    ) {
        let [starts, ends] = &mut self.moments;
        times.read(batch, start, starts);
        times.read(batch, end, ends);
        self.judge(before);
    }

    /// Reads starts: a position is held as long as one can be.
    #[inline(always)]
    fn read_positions(
        &mut self,
        batch: &Batch<'_>,
        start: usize,
        times: &mut TimeColumn<'_>,
        (longest, before): (i64, Instant),
    ) {
        let [starts, ends] = &mut self.moments;
        times.read(batch, start, starts);
        for (start, end) in starts.iter().zip(ends) {
            *end = start.saturating_add(longest);
        }
        self.judge(before);
    }

    #[inline(always)]
    fn judge(&mut self, before: Instant) {
        let [starts, ends] = &self.moments;
        for (is, (&start, &end)) in self.is.iter_mut().zip(starts.iter().zip(ends)) {
            *is = (start != NONE) & (start < end) & (start < before.0);
        }
    }

    /// Of each row whether it is one, whether it matters, and when it is.
    #[inline(always)]
    fn rows(&mut self) -> impl Iterator<Item = (&mut bool, &mut bool, Span)> {
        let [starts, ends] = &self.moments;
        let span = |(&start, &end): (&i64, &i64)| Span { start: Instant(start), end: Instant(end) };
        let rows = self.is.iter_mut().zip(&mut self.matters).zip(starts.iter().zip(ends));
        rows.map(move |((is, matters), times)| (is, matters, span(times)))
    }
}

impl<T: TakeStays> TakeRows for StayRows<'_, T> {
    fn begin(&mut self, file: u32, layout: &Layout) {
        self.book.begin(file, layout);
        self.columns = Columns::new(layout);
        self.needed = Needed::new(&self.columns);
    }

    fn book(&mut self) -> &mut Book {
        &mut self.book
    }

    fn row(&mut self, row: &Row<'_>) {
        self.book.tally.rows += 1;
        let file = self.book.file;
        let (clock, of) = (&mut self.times.clock, (self.limits, self.table, file));
        match stays::stay(row, &self.columns, clock, of, &mut self.ids) {
            Ok(Outcome::Stay(stay)) => self.taker.stay(&stay),
            Ok(Outcome::AfterAsOf) => self.book.tally.after_as_of += 1,
            Ok(Outcome::Inaccurate) => self.book.tally.inaccurate += 1,
            Err((fault, value)) => self.book.fault(row, fault, value),
        }
    }

    fn ordinary(&mut self, batch: &Batch<'_>) -> [bool; ROWS] {
        // Most files have rows of one kind only: those of the first come first.
        let at_place = self.needed.place.is_some_and(|place| !batch.cells(place).get(0).is_empty());
        let mut is = [false; ROWS];
        for at_place in [at_place, !at_place] {
            let more = if at_place { self.at_places(batch) } else { self.at_coords(batch) };
            let more = more.unwrap_or([false; ROWS]);
            is.iter_mut().zip(more).for_each(|(is, more)| *is |= more);
            if batch.are_all(&is) {
                break;
            }
        }
        is
    }

    /// Rows at places where nothing can come of anybody, or that end too early. The statistics say
    /// that no id is blank, and between which bounds ids lie. Starts and ends are read all the
    /// same, so that no verdict rests on statistics of times. Ids are read only where a word for
    /// nothing, or a wanted id with marks in it, may lie within the bounds.
    fn pass_over(&mut self, about: &dyn Statistics) -> Option<PassOver> {
        let reach = self.taker.reach()?;
        let Needed { person, start, end, place, blank, .. } = &self.needed;
        let (end, place) = ((*end)?, (*place)?);
        let ids = [about.texts(*person)?, about.texts(place)?];
        if !blank[0].iter().all(|&cell| about.is_blank(cell)) {
            return None;
        }
        let elsewhere = !reach.places.may_be_between(ids[1]);
        let mut latest = || {
            let (seconds, instant) = about.latest(end)?;
            self.times.clock.moment(seconds, instant)
        };
        if !elsewhere && latest().is_none_or(|latest| latest > reach.since) {
            return None;
        }
        let doubtful = |[least, most]: [&[u8]; 2]| cells::nothing_between(least, most);
        let mut cells = vec![*start, end];
        cells.extend(doubtful(ids[0]).then_some(*person));
        let marked = elsewhere && reach.places.may_be_marked_between(ids[1]);
        cells.extend((marked || doubtful(ids[1])).then_some(place));
        Some(PassOver { cells, since: (!elsewhere).then_some(reach.since) })
    }

    fn can_pass(&mut self, batch: &Batch<'_>, how: &PassOver) -> bool {
        let Needed { person, start, end, place, .. } = self.needed;
        let Some((end, place)) = end.zip(place) else { return false };
        let mut found = Ordinary::NONE;
        let before = self.before();
        found.read_places(batch, [start, end], &mut self.times, before);
        let ids = [person, place].into_iter().filter(|&cell| !batch.is_told(cell));
        batch.only(ids, &mut found.is, |cell| batch.is_solid(cell));
        let is_early =
            |since: Instant| found.moments[1][..batch.len()].iter().all(|&end| end <= since.0);
        batch.are_all(&found.is) && how.since.is_none_or(is_early)
    }
}
