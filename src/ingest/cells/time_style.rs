//! How the times of a column are written, where single cells do not tell: serial days of a
//! spreadsheet, days before months or the other way round.

use crate::base::time::{DAY, Date};
use crate::ingest::cells::numbers::number;

/// Which of two numbers is the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DayMonth {
    /// `31/12/2022`.
    DayFirst,
    /// `12/31/2022`.
    MonthFirst,
}

/// What a number from 20000 to 80000 is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Serial {
    /// A day of a spreadsheet and the time of it.
    Times,
    /// A day of a spreadsheet, and nothing else.
    Days,
}

/// How the times of a column are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TimeStyle {
    /// Which comes first of days and months, where years come last.
    pub order: Option<DayMonth>,
    /// Whether numbers are serial days.
    pub serial: Option<Serial>,
    /// Whether moments at 00:00 UTC are days.
    pub utc_days: bool,
}

/// The day of a spreadsheet that is 1970-01-01 (1900 system).
const EPOCH: f64 = 25_569.0;

/// The serial day in a cell.
pub fn serial_day(cell: &[u8]) -> Option<f64> {
    let plain = cell.iter().all(|b| b.is_ascii_digit() || *b == b'.');
    number(cell).filter(|day| plain && (20_000.0..80_000.0).contains(day))
}

/// The date of a serial day, and the second of it.
pub fn of_serial(day: f64) -> (Date, i64) {
    let seconds = ((day - EPOCH) * DAY as f64).round() as i64;
    (Date(seconds.div_euclid(DAY) as i32), seconds.rem_euclid(DAY))
}

/// The day of a moment at 00:00 UTC, as `2022-11-09T00:00:00.000Z`.
pub fn utc_day(cell: &[u8]) -> Option<Date> {
    let (date, rest) = std::str::from_utf8(cell).ok()?.split_at_checked(10)?;
    let rest = rest.strip_prefix(['T', ' '])?.strip_prefix("00:00:00")?;
    let rest = rest.strip_prefix(".000").unwrap_or(rest);
    ["Z", "+00:00", "+0000"].contains(&rest).then(|| Date::parse(date))?
}

/// The two numbers before the year of `9/11/2022`, the year, and what stands behind it.
pub fn day_and_month(cell: &[u8]) -> Option<([i64; 2], i64, &[u8])> {
    let digits = |text: &[u8]| text.iter().take_while(|b| b.is_ascii_digit()).count();
    let (mut rest, mut numbers, mut mark) = (cell, [0; 2], None);
    for number in &mut numbers {
        let count = digits(rest);
        let (own, behind) = rest.split_at(count);
        let (&next, behind) = behind.split_first()?;
        let fits = (1..=2).contains(&count) && matches!(next, b'/' | b'.' | b'-');
        if !fits || mark.is_some_and(|mark| mark != next) {
            return None;
        }
        (*number, rest, mark) = (super::numbers::whole(own)?, behind, Some(next));
    }
    let (year, rest) = rest.split_at(digits(rest));
    (year.len() == 4).then(|| Some((numbers, super::numbers::whole(year)?, rest)))?
}

impl DayMonth {
    /// The date of two numbers and a year.
    pub fn date(self, [first, second]: [i64; 2], year: i64) -> Option<Date> {
        match self {
            DayMonth::DayFirst => Date::from_civil(year, second, first),
            DayMonth::MonthFirst => Date::from_civil(year, first, second),
        }
    }
}

/// What the cells of a column say of the order of days and months.
#[derive(Debug, Clone, Copy, Default)]
pub struct Order {
    /// Whether the first number is above 12 in some cell, and the second.
    above: [bool; 2],
}

impl Order {
    /// Looks at a cell.
    pub fn look(&mut self, cell: &[u8]) {
        if let Some((numbers, ..)) = day_and_month(cell) {
            self.above[0] |= numbers[0] > 12;
            self.above[1] |= numbers[1] > 12;
        }
    }

    /// Adds what another has seen.
    pub fn add(&mut self, other: Order) {
        self.above[0] |= other.above[0];
        self.above[1] |= other.above[1];
    }

    /// Whether no cell contradicts an order.
    pub fn is_open_to(self, order: DayMonth) -> bool {
        match order {
            DayMonth::DayFirst => !self.above[1],
            DayMonth::MonthFirst => !self.above[0],
        }
    }

    /// Which comes first, if that is beyond doubt.
    pub fn settled(self) -> Option<DayMonth> {
        match self.above {
            [true, false] => Some(DayMonth::DayFirst),
            [false, true] => Some(DayMonth::MonthFirst),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn serial_days_are_those_of_spreadsheets() {
        let read = |cell: &[u8]| serial_day(cell).map(of_serial);
        let date = Date::from_civil(2022, 11, 9).unwrap();
        // 08:29:46, to the nearest second.
        assert_eq!(read(b"44874.354"), Some((date, 8 * 3600 + 29 * 60 + 46)));
        assert_eq!(read(b"44874"), Some((date, 0)));
        assert_eq!(read(b"44873.99999999"), Some((date, 0)));
        for no in [&b"19999"[..], b"80000", b"-44874", b"4.4874e4", b"", b"44874 08:30"] {
            assert_eq!(read(no), None);
        }
    }

    #[test]
    fn an_order_is_settled_only_beyond_doubt() {
        let order = |cells: &[&str]| {
            let mut order = Order::default();
            cells.iter().for_each(|cell| order.look(cell.as_bytes()));
            order.settled()
        };
        assert_eq!(order(&["09/11/2022", "13/11/2022 08:30"]), Some(DayMonth::DayFirst));
        assert_eq!(order(&["09-11-2022", "11-13-2022"]), Some(DayMonth::MonthFirst));
        assert_eq!(order(&["09/11/2022"]), None);
        assert_eq!(order(&["13/11/2022", "11/13/2022"]), None);
        assert_eq!(order(&["2022-11-13", "13/11-2022", "13/11/22"]), None);
    }
}
