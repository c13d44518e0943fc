//! `trajectories`: rows that say where a person was, and how long.
//!
//! A row is checked whole, column by column in the contract's order, whether anybody asks for it or
//! not. A stay gets a length where the row has none, and is cut at as-of (`docs/rules.md`).

use crate::base::datum::Datum;
use crate::base::geo::Coord;
use crate::base::time::{Instant, Span};
use crate::ingest::cells;
use crate::ingest::cells::ids::{self, Damage};
use crate::ingest::cells::time_style::TimeStyle;
use crate::ingest::cells::{Bare, TimeReader, numbers};
use crate::ingest::contract::Table;
use crate::ingest::header::layout::Layout;
use crate::ingest::rejects::{Fault, Reason};
use crate::ingest::rows::row::Row;
use crate::ingest::settings::Reading;
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
    /// The longest that an open position can last, in seconds.
    pub fn longest_position(&self) -> i64 {
        self.longest_position
    }

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
    /// Limits under which nothing is too late or too inaccurate, but for a device without a fix.
    pub fn everything(policy: &Policy) -> StayLimits {
        let as_of = Instant(i64::MAX / 4);
        StayLimits { max_accuracy_m: f64::INFINITY, ..StayLimits::new(policy, as_of) }
    }
}

/// The cells of a file of stays, in the contract's order.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::ingest) struct Columns {
    pub person: Option<usize>,
    pub start: Option<usize>,
    pub end: Option<usize>,
    pub seconds: Option<usize>,
    pub place: Option<usize>,
    pub lon: Option<usize>,
    pub lat: Option<usize>,
    pub accuracy: Option<usize>,
    pub datum: Option<usize>,
    pub seat_row: Option<usize>,
    pub protected: Option<usize>,
    /// How many seconds one is in the column of lengths.
    pub unit_seconds: i64,
    /// How starts and ends are written.
    pub styles: [TimeStyle; 2],
}

impl Columns {
    pub fn new(layout: &Layout) -> Columns {
        let [person, start, end, seconds, place, lon, lat, accuracy, datum, seat_row, protected] =
            layout.cells[..].try_into().expect("the eleven columns of trajectories");
        let unit_seconds = layout.unit_seconds;
        let styles = layout.styles(Table::Trajectories, ["start", "end"]);
        Columns {
            person,
            start,
            end,
            seconds,
            place,
            lon,
            lat,
            accuracy,
            datum,
            seat_row,
            protected,
            unit_seconds,
            styles,
        }
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

/// The id in a cell.
#[inline]
pub(in crate::ingest) fn id<'a>(
    cell: &'a [u8],
    column: &'static str,
    buffer: &'a mut Vec<u8>,
) -> Result<&'a [u8], Bad<'a>> {
    ids::id(cell, buffer).or_else(|damage| {
        let reason = match damage {
            Damage::Mangled => Reason::MangledId,
            Damage::Error => Reason::BadValue,
            Damage::TooLong => Reason::TooLong,
        };
        fault(column, reason, cell)
    })
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

/// The datum in a cell, or `else_` where it is blank.
pub(in crate::ingest) fn datum_of(value: &[u8], else_: Datum) -> Result<Datum, Bad<'_>> {
    if value.is_empty() {
        return Ok(else_);
    }
    let named = std::str::from_utf8(value).ok().and_then(Datum::from_name);
    named.map_or_else(|| fault("datum", Reason::BadValue, value), Ok)
}

/// The length in a cell, in seconds; fractions are cut off.
#[inline]
pub(in crate::ingest) fn length(value: &[u8], unit_seconds: i64) -> Result<Option<i64>, Bad<'_>> {
    let length = number(value, "seconds", 0.0, f64::MAX)?;
    // A million years is as good as for ever, and does not overflow.
    Ok(length.map(|length| (length * unit_seconds as f64).min(3e13) as i64))
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

/// The coordinate of two cells without blanks around them; `None` too for what a device without a
/// fix writes.
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

/// The stay of any row, or what is wrong with it.
pub(in crate::ingest) fn stay<'a>(
    row: &Row<'a>,
    columns: &Columns,
    clock: &mut TimeReader<'_>,
    (rules, Reading { latest, datum, .. }, file): (&StayLimits, Reading<'_>, u32),
    [of_person, of_place]: &'a mut [Vec<u8>; 2],
) -> Result<Outcome<'a>, Bad<'a>> {
    if !row.ascii {
        encoding(row, columns)?;
    }
    let cell = |number| cells::value(row.cell(number));
    let person = id(row.cell(columns.person), "person_id", of_person)?;
    if person.is_empty() {
        return fault("person_id", Reason::MissingValue, person);
    }
    let start_cell = cell(columns.start);
    if start_cell.is_empty() {
        return fault("start", Reason::MissingValue, start_cell);
    }
    let Some((start, is_date)) = clock.read_as(start_cell, Bare::Start, columns.styles[0]) else {
        return fault("start", Reason::BadTime, start_cell);
    };
    let styles = (columns.styles, rules.date_only_counts);
    let (end, ends) = end(cell(columns.end), (start_cell, start, is_date), clock, styles)?;
    let seconds = length(cell(columns.seconds), columns.unit_seconds)?;
    let (end, ends) = match (ends, seconds) {
        (Ends::Open, Some(length)) if end.is_none() && length > 0 => {
            (Some(Instant(start.0 + length)), Ends::Recorded)
        }
        _ => (end, ends),
    };
    let place = id(row.cell(columns.place), "place_id", of_place)?;
    let (lon, lat) = (cell(columns.lon), cell(columns.lat));
    if place.is_empty() && (lon.is_empty() || lat.is_empty()) {
        return fault("place_id", Reason::MissingValue, place);
    }
    let lon = number(lon, "lon", -180.0, 180.0)?;
    let lat = number(lat, "lat", -90.0, 90.0)?;
    let accuracy = number(cell(columns.accuracy), "accuracy_m", f64::MIN, f64::MAX)?;
    let datum = datum_of(cell(columns.datum), datum)?;
    let seat_row = seat_row(cell(columns.seat_row))?;
    let protected = truth(cell(columns.protected), "protected", false)?;
    if start > latest {
        return fault("start", Reason::InFuture, start_cell);
    }
    let (at, length) = match (lon, lat) {
        (Some(lon), Some(lat)) if place.is_empty() => {
            let at = Coord { lon, lat };
            let fine = |accuracy: f64| (0.0..=rules.max_accuracy_m).contains(&accuracy);
            if is_no_fix(at) || !accuracy.is_none_or(fine) {
                return Ok(Outcome::Inaccurate);
            }
            (At::Coord(datum.to_wgs84(at)), rules.longest_position)
        }
        _ => (At::Place(place), rules.checkin_seconds),
    };
    let end = end.unwrap_or(Instant(start.0 + length));
    let Some(span) = Span::new(start, end.min(rules.as_of)) else { return Ok(Outcome::AfterAsOf) };
    let row = RowRef::new(file, row.line);
    Ok(Outcome::Stay(Stay { person, at, span, ends, seat_row, protected, row }))
}

/// The end of a stay as its row has it, and how it is known. A date without a time of day says no
/// more than the day, if nothing else in the row does.
#[inline(always)]
fn end<'a>(
    cell: &'a [u8],
    (start_cell, start, is_date): (&[u8], Instant, bool),
    clock: &mut TimeReader<'_>,
    (styles, date_only_counts): ([TimeStyle; 2], bool),
) -> Result<(Option<Instant>, Ends), Bad<'a>> {
    let dated = if date_only_counts { Ends::Recorded } else { Ends::DateOnly };
    if cell.is_empty() {
        let mut day = || clock.read_as(start_cell, Bare::End, styles[0]).map(|(day, _)| day);
        let day = if is_date { day() } else { None };
        return Ok((day, if is_date { dated } else { Ends::Open }));
    }
    match clock.read_as(cell, Bare::End, styles[1]) {
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
    let Columns { person, start, end, seconds, place, lon, lat, .. } = *columns;
    let Columns { accuracy, datum, seat_row, protected, .. } = *columns;
    let all = [person, start, end, seconds, place, lon, lat, accuracy, datum, seat_row, protected];
    for (cell, column) in all.into_iter().zip(Table::Trajectories.columns()) {
        text(row, column.name, cell)?;
    }
    Ok(())
}

fn seat_row(value: &[u8]) -> Result<Option<u32>, Bad<'_>> {
    // Who stands has no seat: 无座, 站票.
    if value.is_empty() || ["无座", "站票"].iter().any(|word| word.as_bytes() == value) {
        return Ok(None);
    }
    let mut room = Vec::new();
    // Full-width digits and letters are their ASCII selves, as in ids.
    let plain = if value.is_ascii() { value } else { ids::id(value, &mut room).unwrap_or(value) };
    // `12F` is a seat of row 12.
    let row = match plain {
        [digits @ .., letter] if letter.is_ascii_alphabetic() => digits,
        _ => plain,
    };
    match numbers::integer(row) {
        None => fault("seat_row", Reason::BadNumber, value),
        Some(number) => match u32::try_from(number) {
            Ok(number) => Ok(Some(number)),
            Err(_) => fault("seat_row", Reason::OutOfRange, value),
        },
    }
}
