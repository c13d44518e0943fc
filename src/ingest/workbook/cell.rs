//! Cells of workbooks, as the text that a person would type.
//!
//! Numbers and dates are taken as they are stored, not as they are shown: a date to the nearest
//! second, because a day's fraction is never quite what it stands for. A number of 16 and more
//! digits was cut by the spreadsheet, and reads as it shows it: `1.10101E+17`.

use crate::base::time::Date;
use calamine::{Data, DataRef, ExcelDateTime};
use std::fmt::Write;

/// What a cell holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Nothing.
    Blank,
    /// A text, or a number as one.
    Text(String),
    /// A number that is too long to be kept.
    Long(f64),
    /// A wall-clock time, or a day if that is all it says.
    Moment(Moment),
    /// An error, or a formula without a value.
    Bad(String),
}

/// A date of a spreadsheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// The day; `None` for a time of day alone.
    pub day: Option<Date>,
    /// Seconds since midnight, up to 24:00.
    pub second: u32,
}

/// Where a spreadsheet begins to lose digits.
const LONG: f64 = 1e15;

impl Cell {
    /// Of a cell that is streamed; `formula` if it has one.
    pub fn of(value: DataRef<'_>, formula: bool) -> Cell {
        match value {
            DataRef::Empty if formula => Cell::Bad("formula".to_owned()),
            DataRef::Empty => Cell::Blank,
            DataRef::SharedString(text) => Cell::text(text),
            DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => {
                Cell::text(&text)
            }
            DataRef::Int(number) => Cell::Text(number.to_string()),
            DataRef::Float(number) => Cell::number(number),
            DataRef::Bool(is) => Cell::text(if is { "true" } else { "false" }),
            DataRef::DateTime(at) => Cell::date(at),
            DataRef::Error(error) => Cell::Bad(error.to_string()),
        }
    }

    /// Of a cell of a sheet that is held in memory.
    pub fn of_data(value: &Data) -> Cell {
        Cell::of(
            match value {
                Data::Int(number) => DataRef::Int(*number),
                Data::Float(number) => DataRef::Float(*number),
                Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => {
                    DataRef::SharedString(text)
                }
                Data::Bool(is) => DataRef::Bool(*is),
                Data::DateTime(at) => DataRef::DateTime(*at),
                Data::Error(error) => DataRef::Error(error.clone()),
                Data::Empty => DataRef::Empty,
            },
            false,
        )
    }

    fn text(text: &str) -> Cell {
        if text.trim().is_empty() { Cell::Blank } else { Cell::Text(text.to_owned()) }
    }

    fn number(number: f64) -> Cell {
        if number.abs() >= LONG { Cell::Long(number) } else { Cell::Text(number.to_string()) }
    }

    fn date(at: ExcelDateTime) -> Cell {
        let (year, month, day, hour, minute, second, milli) = at.to_ymd_hms_milli();
        let second = u32::from(hour) * 3600 + u32::from(minute) * 60 + u32::from(second);
        let second = second + u32::from(milli >= 500);
        let has_day = at.is_datetime() && at.as_f64() >= 1.0;
        let day = Date::from_civil(year.into(), month.into(), day.into()).filter(|_| has_day);
        Cell::Moment(Moment { day, second })
    }

    /// Whether it holds nothing.
    pub fn is_blank(&self) -> bool {
        *self == Cell::Blank
    }

    /// Writes it as a text has it; a midnight as a date alone if `as_day` says so.
    pub fn write(&self, as_day: bool, out: &mut String) {
        match self {
            Cell::Blank => {}
            Cell::Text(text) | Cell::Bad(text) => {
                out.extend(text.chars().map(|c| if matches!(c, '\n' | '\r') { ' ' } else { c }));
            }
            Cell::Long(number) => out.push_str(&scientific(*number)),
            Cell::Moment(moment) => moment.write(as_day, out),
        }
    }

    /// The cell as text.
    pub fn shown(&self) -> String {
        let mut text = String::new();
        self.write(false, &mut text);
        text
    }
}

impl Moment {
    /// Whether it may be a day without a time.
    pub fn is_day(self) -> bool {
        self.day.is_some() && self.second == 0
    }

    fn write(self, as_day: bool, out: &mut String) {
        let (mut day, mut second) = (self.day, self.second);
        if second >= 86_400 {
            (day, second) = (day.map(|day| day.plus(1)), second - 86_400);
        }
        if let Some(day) = day {
            let mut text = Vec::new();
            day.write(&mut text);
            out.push_str(std::str::from_utf8(&text).expect("digits"));
        }
        if as_day && self.is_day() {
            return;
        }
        if day.is_some() {
            out.push(' ');
        }
        let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
        write!(out, "{hour:02}:{minute:02}:{second:02}").expect("memory takes all");
    }
}

/// A long number as a spreadsheet shows it: `1.10101E+17`.
fn scientific(number: f64) -> String {
    let text = format!("{number:.5E}");
    let (digits, power) = text.split_once('E').unwrap_or((&text, "0"));
    format!("{}E+{power}", digits.trim_end_matches('0').trim_end_matches('.'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use calamine::ExcelDateTimeType::{DateTime, TimeDelta};

    #[test]
    fn cells_read_as_a_person_would_type_them() {
        let date = |value, is_1904| DataRef::DateTime(ExcelDateTime::new(value, DateTime, is_1904));
        for (value, shown) in [
            (DataRef::Float(13.0), "13"),
            (DataRef::Float(120.155), "120.155"),
            (DataRef::Float(1.101_011_990_030_778e17), "1.10101E+17"),
            (DataRef::Float(44_874.354), "44874.354"),
            (DataRef::Bool(true), "true"),
            // A fraction of a day is never quite what it stands for.
            (date(44_871.354_166_666_66, false), "2022-11-06 08:30:00"),
            (date(44_871.999_999_99, false), "2022-11-07 00:00:00"),
            (date(44_871.0, false), "2022-11-06 00:00:00"),
            (date(43_409.354_166_666_66, true), "2022-11-06 08:30:00"),
            (date(0.354_166_666_666, false), "08:30:00"),
            (DataRef::DateTime(ExcelDateTime::new(1.5, TimeDelta, false)), "12:00:00"),
            (DataRef::DateTimeIso("2022-11-06".to_owned()), "2022-11-06"),
        ] {
            assert_eq!(Cell::of(value, false).shown(), shown);
        }
        let day = Cell::of(date(44_871.0, false), false);
        let mut text = String::new();
        day.write(true, &mut text);
        assert_eq!(text, "2022-11-06");
        assert_eq!(Cell::of(DataRef::Empty, true), Cell::Bad("formula".to_owned()));
        assert_eq!(Cell::of(DataRef::String("  ".to_owned()), false), Cell::Blank);
    }
}
