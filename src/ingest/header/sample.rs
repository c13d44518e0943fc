//! The first rows of a file, for what a header alone does not settle.
//!
//! Which of two columns holds values, whether a column only counts its rows, how times are written:
//! that is looked up in the rows, and only when it is asked. Cost: up to a thousand rows, once a
//! file.

use crate::base::time::TimeZone;
use crate::ingest::cells::numbers::number;
use crate::ingest::cells::time_style::{Serial, day_and_month, serial_day};
use crate::ingest::cells::{self, Bare, TimeReader};
use std::cell::OnceCell;

/// The header is one of so many first rows.
pub const HEADER_ROWS: usize = 20;

/// How many rows are looked at.
pub const ROWS: usize = 1000;

/// The first rows of a file, read when they are asked for.
pub struct Sample<'a> {
    read: Box<dyn Fn() -> Vec<Vec<String>> + 'a>,
    rows: OnceCell<Vec<Vec<String>>>,
}

impl<'a> Sample<'a> {
    /// Rows that `read` gives, cells untrimmed, at most [`ROWS`] of them.
    pub fn new(read: impl Fn() -> Vec<Vec<String>> + 'a) -> Sample<'a> {
        Sample { read: Box::new(read), rows: OnceCell::new() }
    }

    /// The values of a cell that are not blank.
    pub fn values(&self, cell: usize) -> impl Iterator<Item = &str> {
        let rows = self.rows.get_or_init(|| (self.read)());
        rows.iter().filter_map(move |row| {
            let value = cells::value(row.get(cell)?.as_bytes());
            (!value.is_empty()).then(|| std::str::from_utf8(value).unwrap_or_default())
        })
    }

    /// Whether a cell holds a value in some row.
    pub fn has_values(&self, cell: usize) -> bool {
        self.values(cell).next().is_some()
    }

    /// Whether a cell holds times of day and nothing else.
    pub fn is_times(&self, cell: usize) -> bool {
        let zone = TimeZone::get("UTC").expect("it is built in");
        let mut clock = TimeReader::new(&zone);
        // A plain number may be a time, and may be anything.
        let marked = |value: &str| value.contains([':', '-', '/', '.', '年']);
        let mut is = |value: &str| {
            let number = value.bytes().all(|b| b.is_ascii_digit() || b == b'.' || b == b'-');
            let read = clock.read(value.as_bytes(), Bare::Start).is_some();
            marked(value) && read && !(number && value.len() < 8)
        };
        self.has_values(cell) && self.values(cell).all(&mut is)
    }

    /// Whether some value is a date with its year last.
    pub fn has_day_and_month(&self, cell: usize) -> bool {
        self.values(cell).any(|value| day_and_month(value.as_bytes()).is_some())
    }

    /// What the numbers of a column of times are, if all are serial days of a spreadsheet.
    pub fn serial_days(&self, cell: usize) -> Option<Serial> {
        let is_number = |value: &&str| number(value.as_bytes()).is_some();
        let days = self.values(cell).filter(is_number).map(|v| serial_day(v.as_bytes()));
        let days: Vec<f64> = days.collect::<Option<_>>()?;
        let whole = days.iter().all(|day| day.fract() == 0.0);
        (!days.is_empty()).then_some(if whole { Serial::Days } else { Serial::Times })
    }

    /// Whether the values of a cell only count the rows: 1, 2, 3 …
    pub fn is_running_number(&self, cell: usize) -> bool {
        let (mut values, mut next) = (self.values(cell).peekable(), 1);
        if values.peek() == Some(&"0") {
            next = 0;
        }
        let mut count = 0;
        let all = values.all(|value| {
            count += 1;
            next += 1;
            value.parse() == Ok(next - 1)
        });
        all && count > 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_running_number_counts_rows() {
        let is = |values: &[&str]| {
            let rows: Vec<_> = values.iter().map(|value| vec![(*value).to_owned()]).collect();
            Sample::new(|| rows.clone()).is_running_number(0)
        };
        assert!(is(&["1", "2", "3"]));
        assert!(is(&["0", "1"]));
        assert!(!is(&["1", "1"]));
        assert!(!is(&["1"]));
        assert!(!is(&["7", "8", "9"]));
        assert!(!is(&["P1", "P2"]));
    }
}
