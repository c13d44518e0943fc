//! The first rows of a file, for what a header alone does not settle.
//!
//! Which of two columns holds values, whether a column only counts its rows, how times are written:
//! that is looked up in the rows, and only when it is asked. Cost: up to a thousand rows, once a
//! file.

use crate::base::time::TimeZone;
use crate::ingest::cells::numbers::number;
use crate::ingest::cells::time_style::{
    DayMonth, Order, Serial, day_and_month, serial_day, utc_day,
};
use crate::ingest::cells::{self, Bare, TimeReader};
use std::cell::OnceCell;

/// The header is looked for in this many first rows.
pub const HEADER_ROWS: usize = 20;

/// How many rows are looked at.
pub const ROWS: usize = 1000;

/// The first rows of a file, read when they are asked for.
pub struct Sample<'a> {
    read: Box<dyn Fn() -> Vec<Vec<String>> + 'a>,
    rows: OnceCell<Vec<Vec<String>>>,
    is_unknown: bool,
}

impl<'a> Sample<'a> {
    /// Rows that `read` gives, cells untrimmed, at most [`ROWS`] of them.
    pub fn new(read: impl Fn() -> Vec<Vec<String>> + 'a) -> Sample<'a> {
        Sample { read: Box::new(read), rows: OnceCell::new(), is_unknown: false }
    }

    /// No rows, because nobody knows them: what a header does not settle stays open.
    pub fn unknown() -> Sample<'a> {
        Sample { is_unknown: true, ..Sample::new(Vec::new) }
    }

    /// Whether nobody knows the rows.
    pub fn is_unknown(&self) -> bool {
        self.is_unknown
    }

    fn rows(&self) -> &[Vec<String>] {
        self.rows.get_or_init(|| (self.read)())
    }

    /// The row of captions that stands in place of the first, as below the header of an export of
    /// SORMAS.
    pub fn captions(&self) -> Option<&[String]> {
        let first = self.rows().first()?;
        first.first()?.starts_with("##").then_some(first)
    }

    /// The values of a cell that are not blank; captions are none.
    pub fn values(&self, cell: usize) -> impl Iterator<Item = &str> {
        let rows = &self.rows()[usize::from(self.captions().is_some())..];
        rows.iter().filter_map(move |row| {
            let value = cells::value(row.get(cell)?.as_bytes());
            (!value.is_empty()).then(|| std::str::from_utf8(value).unwrap_or_default())
        })
    }

    /// Whether a cell holds a value in some row.
    pub fn has_values(&self, cell: usize) -> bool {
        self.values(cell).next().is_some()
    }

    /// Whether a cell has values and all read as times, with marks such as `:` or `-`.
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

    /// Whether the values of a cell are moments at 00:00 UTC and nothing else, by which programs
    /// write a day: west of Greenwich they would be the day before.
    pub fn is_utc_days(&self, cell: usize) -> bool {
        self.has_values(cell) && self.values(cell).all(|value| utc_day(value.as_bytes()).is_some())
    }

    /// Whether the day or the month comes first, if a row of captions says so: `Born (M/d/yyyy)`.
    /// `None` if the values contradict it.
    pub fn order_in_caption(&self, cell: usize) -> Option<DayMonth> {
        let (_, format) = self.captions()?.get(cell)?.split_once('(')?;
        let format = format.trim_end().strip_suffix(')')?;
        if !format.contains('y') || !format.chars().all(|c| "dMyHhms/.- :,".contains(c)) {
            return None;
        }
        let [day, month] = ['d', 'M'].map(|letter| format.find(letter));
        let order = if day? < month? { DayMonth::DayFirst } else { DayMonth::MonthFirst };
        let mut told = Order::default();
        self.values(cell).for_each(|value| told.look(value.as_bytes()));
        told.is_open_to(order).then_some(order)
    }

    /// The first date that cannot be read in an order, where dates of the other order leave no
    /// doubt. A slip of the pen in one row turns round nothing.
    pub fn against(&self, cell: usize, order: DayMonth) -> Option<&str> {
        let (mut told, mut all, mut against) = (Order::default(), 0, Vec::new());
        for value in self.values(cell).filter(|value| day_and_month(value.as_bytes()).is_some()) {
            let mut own = Order::default();
            own.look(value.as_bytes());
            told.add(own);
            all += 1;
            against.extend((!own.is_open_to(order)).then_some(value));
        }
        let many = against.len() >= 2 && against.len() * 20 >= all;
        against.first().copied().filter(|_| many && told.settled().is_some())
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
    fn captions_tell_the_order_of_dates() {
        let of = |caption: &str| {
            let row = |cells: [&str; 2]| cells.map(str::to_owned).to_vec();
            let rows = vec![row(["##Case ID", caption]), row(["C1", "7/8/2022"])];
            let sample = Sample::new(|| rows.clone());
            assert_eq!(sample.values(1).collect::<Vec<_>>(), ["7/8/2022"]);
            sample.order_in_caption(1)
        };
        assert_eq!(of("Date of report (M/d/yyyy)"), Some(DayMonth::MonthFirst));
        assert_eq!(of("Meldedatum (dd.MM.yyyy)"), Some(DayMonth::DayFirst));
        assert_eq!(of("Date of report"), None);
        assert_eq!(of("Date (yyyy)"), None);
        assert_eq!(of("Datum (nach der Meldung)"), None);
    }

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
