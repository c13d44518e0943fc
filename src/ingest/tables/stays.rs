//! `trajectories`: rows that say where a person was, and how long.
//!
//! A row is checked whole, column by column in the contract's order, whether anybody asks for it or
//! not. What makes a stay of it (SPEC section 3): a length where the row has none, a cut at as-of.

use crate::base::geo::Coord;
use crate::base::time::{Instant, Span};
use crate::ingest::account::{Fault, Reason};
use crate::ingest::cells;
use crate::ingest::cells::{Bare, Clock, numbers};
use crate::ingest::contract::Layout;
use crate::ingest::rows::row::Row;
use crate::model::{At, Ends, RowRef, Stay};
use crate::policy::Policy;

/// The numbers of a policy that make a stay of a row.
#[derive(Debug, Clone, Copy)]
pub struct StayLimits {
    checkin_seconds: i64,
    /// The longest that an open position can last.
    pub(in crate::ingest) longest_position: i64,
    max_accuracy_m: f64,
    date_only_counts: bool,
    /// Where stays are cut.
    pub as_of: Instant,
}

impl StayLimits {
    /// From a policy and the moment the analysis speaks for.
    pub fn new(policy: &Policy, as_of: Instant) -> StayLimits {
        let exposure = &policy.exposure;
        let gap_seconds = i64::from(exposure.ping_gap_minutes) * 60;
        StayLimits {
            checkin_seconds: i64::from(exposure.checkin_minutes) * 60,
            longest_position: i64::from(exposure.ping_seconds).max(gap_seconds),
            max_accuracy_m: exposure.max_accuracy_m,
            date_only_counts: exposure.date_only_counts,
            as_of,
        }
    }
}

impl StayLimits {
    /// Rules under which every valid row is a stay: nothing is too late or too inaccurate.
    pub fn everything(policy: &Policy) -> StayLimits {
        let as_of = Instant(i64::MAX / 4);
        StayLimits { max_accuracy_m: f64::INFINITY, ..StayLimits::new(policy, as_of) }
    }
}

/// The cells of a file of stays, in the contract's order.
#[derive(Debug, Clone, Copy)]
pub(in crate::ingest) struct Columns {
    person: Option<usize>,
    start: Option<usize>,
    end: Option<usize>,
    place: Option<usize>,
    lon: Option<usize>,
    lat: Option<usize>,
    accuracy: Option<usize>,
    seat_row: Option<usize>,
    protected: Option<usize>,
}

impl Columns {
    pub fn new(layout: &Layout) -> Columns {
        let [person, start, end, place, lon, lat, accuracy, seat_row, protected] =
            layout.cells[..].try_into().expect("the nine columns of trajectories");
        Columns { person, start, end, place, lon, lat, accuracy, seat_row, protected }
    }
}

/// The cells of a file as the common rows need them.
#[derive(Debug)]
pub(in crate::ingest) struct CommonColumns {
    pub person: usize,
    pub start: usize,
    pub end: Option<usize>,
    pub place: Option<usize>,
    /// Longitude and latitude.
    pub coord: Option<[usize; 2]>,
    /// The cells that must be blank, at a place and at a coordinate.
    pub blank: [Vec<usize>; 2],
}

impl CommonColumns {
    pub fn new(columns: &Columns) -> Option<CommonColumns> {
        let Columns { person, start, end, place, lon, lat, accuracy, seat_row, protected } =
            *columns;
        let present = |cells: &[Option<usize>]| cells.iter().copied().flatten().collect();
        let blank = [
            present(&[lon, lat, accuracy, seat_row, protected]),
            present(&[accuracy, seat_row, protected]),
        ];
        let coord = lon.zip(lat).map(|(lon, lat)| [lon, lat]);
        Some(CommonColumns { person: person?, start: start?, end, place, coord, blank })
    }
}

/// A fault and the cell it is in.
pub(in crate::ingest) type Bad<'a> = (Fault, &'a [u8]);

pub(in crate::ingest) fn fault<'a, T>(
    column: &'static str,
    reason: Reason,
    value: &'a [u8],
) -> Result<T, Bad<'a>> {
    Err((Fault { column, reason }, value))
}

/// The trimmed bytes of a cell that must be text.
#[inline]
pub(in crate::ingest) fn text<'a>(
    row: &Row<'a>,
    column: &'static str,
    cell: Option<usize>,
) -> Result<&'a [u8], Bad<'a>> {
    let value = cells::value(row.cell(cell));
    if !row.ascii && !cells::is_text(value) {
        return fault(column, Reason::BadEncoding, value);
    }
    Ok(value)
}

/// The number in a cell, if there is one; `least` is the smallest it may be, `most` the largest.
#[inline]
pub(in crate::ingest) fn number<'a>(
    value: &'a [u8],
    column: &'static str,
    least: f64,
    most: f64,
) -> Result<Option<f64>, Bad<'a>> {
    if value.is_empty() {
        return Ok(None);
    }
    match numbers::number(value) {
        None => fault(column, Reason::BadNumber, value),
        Some(number) if !(least..=most).contains(&number) => {
            fault(column, Reason::OutOfRange, value)
        }
        some => Ok(some),
    }
}

#[inline]
pub(in crate::ingest) fn truth<'a>(
    value: &'a [u8],
    column: &'static str,
    blank: bool,
) -> Result<bool, Bad<'a>> {
    if value.is_empty() {
        return Ok(blank);
    }
    cells::boolean(value).map_or_else(|| fault(column, Reason::BadBool, value), Ok)
}

pub(in crate::ingest) enum Outcome<'a> {
    Stay(Stay<'a>),
    AfterAsOf,
    Inaccurate,
}

/// The coordinate of two cells without blanks around them; `None` too for what a device without a fix
/// writes.
#[inline(always)]
pub(in crate::ingest) fn coord(lon: &[u8], lat: &[u8]) -> Option<Coord> {
    let lon = numbers::number(lon).filter(|lon| (-180.0..=180.0).contains(lon))?;
    let lat = numbers::number(lat).filter(|lat| (-90.0..=90.0).contains(lat))?;
    Some(Coord { lon, lat }).filter(|at| !is_no_fix(*at))
}

/// Whether a position is what a device without a fix writes.
#[inline(always)]
fn is_no_fix(at: Coord) -> bool {
    (at.lon == 0.0) & (at.lat == 0.0)
}

/// The most common rows: a person and two times at a place, or a person and a time at a coordinate;
/// nothing else, and no blanks around. `None` for every other row, valid or not: [`stay`] reads
/// those, and would read these the same.
#[inline(always)]
pub(in crate::ingest) fn common<'a>(
    row: &Row<'a>,
    columns: &CommonColumns,
    clock: &mut Clock<'_>,
    rules: &StayLimits,
    file: u32,
) -> Option<Stay<'a>> {
    let person = row.at(columns.person);
    if !row.is_solid(person) {
        return None;
    }
    let is_blank = |cells: &[usize]| cells.iter().all(|&cell| row.at(cell).is_empty());
    let (number, end) = (RowRef::new(file, row.line), row.cell(columns.end));
    let place = row.cell(columns.place);
    if place.is_empty() {
        let plain = is_blank(&columns.blank[1]) && end.is_empty();
        let [lon, lat] = columns.coord.filter(|_| plain)?.map(|cell| row.at(cell));
        let at = At::Coord(coord(lon, lat)?);
        let start = clock.read_common(row.at(columns.start))?;
        let end = Instant(start.0 + rules.longest_position).min(rules.as_of);
        let (span, ends) = (Span::new(start, end)?, Ends::Open);
        return Some(Stay {
            person,
            at,
            span,
            ends,
            seat_row: None,
            protected: false,
            row: number,
        });
    }
    if !row.is_solid(place) || !is_blank(&columns.blank[0]) {
        return None;
    }
    let times = [clock.read_common(row.at(columns.start))?, clock.read_common(end)?];
    plain_stay(number, [person, place], times, rules)
}

/// When an ordinary stay is: it has a length of its own, and begins before as-of.
#[inline(always)]
pub(in crate::ingest) fn ordinary_span(
    [start, end]: [Instant; 2],
    rules: &StayLimits,
) -> Option<Span> {
    (start < end && start < rules.as_of).then(|| Span { start, end: end.min(rules.as_of) })
}

#[inline(always)]
pub(in crate::ingest) fn plain_stay<'a>(
    row: RowRef,
    [person, place]: [&'a [u8]; 2],
    [start, end]: [Instant; 2],
    rules: &StayLimits,
) -> Option<Stay<'a>> {
    let (span, ends) = (ordinary_span([start, end], rules)?, Ends::Recorded);
    Some(Stay { person, at: At::Place(place), span, ends, seat_row: None, protected: false, row })
}

#[inline(always)]
pub(in crate::ingest) fn stay<'a>(
    row: &Row<'a>,
    columns: &Columns,
    clock: &mut Clock<'_>,
    rules: &StayLimits,
    file: u32,
) -> Result<Outcome<'a>, Bad<'a>> {
    if !row.ascii {
        encoding(row, columns)?;
    }
    let cell = |number| cells::value(row.cell(number));
    let person = cell(columns.person);
    if person.is_empty() {
        return fault("person_id", Reason::MissingValue, person);
    }
    let start_cell = cell(columns.start);
    if start_cell.is_empty() {
        return fault("start", Reason::MissingValue, start_cell);
    }
    let Some((start, is_date)) = clock.read_told(start_cell, Bare::Start) else {
        return fault("start", Reason::BadTime, start_cell);
    };
    let (end, ends) = end(cell(columns.end), (start_cell, start, is_date), clock, rules)?;
    let place = cell(columns.place);
    let (lon, lat) = (cell(columns.lon), cell(columns.lat));
    if place.is_empty() && (lon.is_empty() || lat.is_empty()) {
        return fault("place_id", Reason::MissingValue, place);
    }
    let lon = number(lon, "lon", -180.0, 180.0)?;
    let lat = number(lat, "lat", -90.0, 90.0)?;
    let accuracy = number(cell(columns.accuracy), "accuracy_m", f64::MIN, f64::MAX)?;
    let seat_row = seat_row(cell(columns.seat_row))?;
    let protected = truth(cell(columns.protected), "protected", false)?;
    let (at, length) = match (lon, lat) {
        (Some(lon), Some(lat)) if place.is_empty() => {
            let at = Coord { lon, lat };
            let fine = |accuracy: f64| (0.0..=rules.max_accuracy_m).contains(&accuracy);
            if is_no_fix(at) || !accuracy.is_none_or(fine) {
                return Ok(Outcome::Inaccurate);
            }
            (At::Coord(at), rules.longest_position)
        }
        _ => (At::Place(place), rules.checkin_seconds),
    };
    let end = end.unwrap_or(Instant(start.0 + length));
    let Some(span) = Span::new(start, end.min(rules.as_of)) else { return Ok(Outcome::AfterAsOf) };
    let row = RowRef::new(file, row.line);
    Ok(Outcome::Stay(Stay { person, at, span, ends, seat_row, protected, row }))
}

/// The end of a stay as its row has it, and how it is known. A date without a time of day says no more
/// than the day, if nothing else in the row does.
#[inline(always)]
fn end<'a>(
    cell: &'a [u8],
    (start_cell, start, is_date): (&[u8], Instant, bool),
    clock: &mut Clock<'_>,
    rules: &StayLimits,
) -> Result<(Option<Instant>, Ends), Bad<'a>> {
    let dated = if rules.date_only_counts { Ends::Recorded } else { Ends::DateOnly };
    if cell.is_empty() {
        let day = if is_date { clock.read(start_cell, Bare::End) } else { None };
        return Ok((day, if is_date { dated } else { Ends::Open }));
    }
    match clock.read_told(cell, Bare::End) {
        None => fault("end", Reason::BadTime, cell),
        Some((end, _)) if end < start => fault("end", Reason::EndBeforeStart, cell),
        Some((end, true)) if is_date && end == start => fault("end", Reason::EndBeforeStart, cell),
        Some((end, true)) if is_date => Ok((Some(end), dated)),
        Some((end, _)) if end == start => Ok((None, Ends::Open)),
        Some((end, _)) => Ok((Some(end), Ends::Recorded)),
    }
}

#[cold]
fn encoding<'a>(row: &Row<'a>, columns: &Columns) -> Result<(), Bad<'a>> {
    let Columns { person, start, end, place, lon, lat, accuracy, seat_row, protected } = *columns;
    let all = [person, start, end, place, lon, lat, accuracy, seat_row, protected];
    for (cell, column) in
        all.into_iter().zip(crate::ingest::contract::Table::Trajectories.columns())
    {
        text(row, column.name, cell)?;
    }
    Ok(())
}

fn seat_row(value: &[u8]) -> Result<Option<u32>, Bad<'_>> {
    if value.is_empty() {
        return Ok(None);
    }
    match numbers::integer(value) {
        None => fault("seat_row", Reason::BadNumber, value),
        Some(number) => match u32::try_from(number) {
            Ok(number) => Ok(Some(number)),
            Err(_) => fault("seat_row", Reason::OutOfRange, value),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::time::Zone;
    use crate::ingest::rows::row::Cells;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig { cases: 8192, ..ProptestConfig::default() })]

        #[test]
        fn a_common_row_is_read_as_any_other(
            person in "(P[0-9]|P[0-9]{2}|P[0-9]{2}| P|)", start in "2022-11-0[1-6] 0[1-9]:00:0[0-9x]",
            end in "(2022-11-0[5-9] 0[1-9]:00:00||||2022-11-05)", place in "(H[0-9]| |||)",
            lon in "(|1?[12]0\\.[0-9]{5,8}|1?[12]0\\.[0-9]{5,8}|181.00000)",
            lat in "(|[39]1\\.[0-9]{5,8}|[31]1\\.[0-9]{5,8}|-31.5)",
            accuracy in "(|||||||90)", seat in "(|||||||3)", protected in "(|||||||1)", missing in 0usize..14) {
            let cells = [person, start, end, place, lon, lat, accuracy, seat, protected];
            let text = cells.join(",");
            let mut in_row = Cells::default();
            in_row.clear();
            for cell in &cells {
                in_row.text().extend_from_slice(cell.as_bytes());
                in_row.end();
            }
            // A file may lack a column.
            let column = |n: usize| (n != missing || n < 2).then_some(n);
            let [person, start, end, place, lon, lat, accuracy, seat_row, protected] =
                std::array::from_fn(column);
            let columns =
                Columns { person, start, end, place, lon, lat, accuracy, seat_row, protected };
            let row = in_row.row(None, 2, true);
            let zone = Zone::get("Asia/Shanghai").unwrap();
            let as_of = Clock::new(&zone).read(b"2022-11-06 03:00:00", Bare::Start).unwrap();
            let rules = StayLimits::new(&Policy::preset("cn-2022-11").unwrap(), as_of);
            let common_columns = CommonColumns::new(&columns).unwrap();
            let common = common(&row, &common_columns, &mut Clock::new(&zone), &rules, 0);
            if let Some(common) = common {
                match stay(&row, &columns, &mut Clock::new(&zone), &rules, 0) {
                    Ok(Outcome::Stay(stay)) => prop_assert_eq!(stay, common),
                    _ => prop_assert!(false, "{} is no stay", text),
                }
            }
        }
    }
}
