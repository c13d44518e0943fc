//! Times as people and programs write them.
//!
//! Nothing here allocates. [`TimeReader`] remembers the days it read, because neighbours in a file
//! share them.

use crate::base::time::{DAY, Date, Instant, TimeZone};
use crate::ingest::cells::numbers::{HIGH, whole};
use crate::ingest::cells::time_style::{
    Serial, TimeStyle, day_and_month, of_serial, serial_day, utc_day,
};

/// What a date without a time of day stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bare {
    /// 00:00 of the day.
    Start,
    /// 24:00 of the day: in `end` and `isolated`.
    End,
}

/// Reads moments in a time zone.
#[derive(Debug, Clone)]
pub struct TimeReader<'z> {
    zone: &'z TimeZone,
    /// Days read on the fast path, as written, and their first local seconds: a slot for each day
    /// of a month.
    days: [(u64, u16, i64); DAYS],
    /// The offset last used, and the local seconds `[from, to)` it is good for.
    offset: (i64, i64, i32),
}

/// Slots for days: by the two digits of the day of the month.
const DAYS: usize = 64;

/// A day as two words: bytes put together one by one would wait for their stores.
#[inline(always)]
fn day_words(day: &[u8; 10]) -> (u64, u16) {
    let (head, tail) = day.split_at(8);
    let head = u64::from_le_bytes(head.try_into().expect("8 bytes"));
    (head, u16::from_le_bytes(tail.try_into().expect("2 bytes")))
}

/// The first local second of `2022-11-09`.
#[cold]
fn common_day(day: &[u8; 10]) -> Option<i64> {
    let (year, month, of_month) = (whole(&day[0..4])?, whole(&day[5..7])?, whole(&day[8..10])?);
    let date =
        Date::from_civil(year, month, of_month).filter(|_| day[4] == b'-' && day[7] == b'-')?;
    Some(i64::from(date.0) * DAY)
}

/// The last second of the year 9999 UTC.
const LAST: i64 = 253_402_300_799;

impl<'z> TimeReader<'z> {
    /// A reader of local times in `zone`.
    pub fn new(zone: &'z TimeZone) -> TimeReader<'z> {
        let (head, tail) = day_words(b"1970-01-01");
        TimeReader { zone, days: [(head, tail, 0); DAYS], offset: zone.local_offset(0) }
    }

    /// The zone it reads in.
    pub fn zone(&self) -> &'z TimeZone {
        self.zone
    }

    /// The moment a cell names, `None` when it names none. Fractions of a second are cut off.
    ///
    /// ```
    /// use trace::ingest::cells::{Bare, TimeReader};
    /// use trace::base::time::{Instant, TimeZone};
    /// let zone = TimeZone::get("Asia/Shanghai").unwrap();
    /// let mut clock = TimeReader::new(&zone);
    /// let moment = Some(Instant(1_667_953_800));
    /// for cell in ["2022-11-09 08:30:00", "2022/11/9 8:30", "2022年11月9日8时30分", "1667953800"] {
    ///     assert_eq!(clock.read(cell.as_bytes(), Bare::Start), moment);
    /// }
    /// ```
    #[inline]
    pub fn read(&mut self, cell: &[u8], bare: Bare) -> Option<Instant> {
        Some(self.read_told(cell, bare)?.0)
    }

    /// The moment a cell names, and whether it is a date without a time of day.
    #[inline]
    pub fn read_told(&mut self, cell: &[u8], bare: Bare) -> Option<(Instant, bool)> {
        self.read_common(cell).map(|at| (at, false)).or_else(|| self.general(cell, bare))
    }

    /// The moment a cell names in a column whose times are written in a style, and whether it is a
    /// date without a time of day.
    #[inline]
    pub fn read_as(
        &mut self,
        cell: &[u8],
        bare: Bare,
        style: TimeStyle,
    ) -> Option<(Instant, bool)> {
        if style == TimeStyle::default() {
            return self.read_told(cell, bare);
        }
        self.styled(cell, bare, style).or_else(|| self.read_told(cell, bare))
    }

    /// What only the style of the column tells.
    fn styled(&mut self, cell: &[u8], bare: Bare, style: TimeStyle) -> Option<(Instant, bool)> {
        if let Some(serial) = style.serial
            && let Some(day) = serial_day(cell)
        {
            let (date, second) = of_serial(day);
            return Some(match serial {
                Serial::Days if second == 0 => (self.day(date, bare), true),
                _ => (self.at(date, second), false),
            });
        }
        if style.utc_days
            && let Some(date) = utc_day(cell)
        {
            return Some((self.day(date, bare), true));
        }
        let order = style.order?;
        let (numbers, year, rest) = day_and_month(cell)?;
        self.behind(order.date(numbers, year)?, Rest(rest), bare, false)
    }

    /// The moment of a cell in the most common style only.
    #[inline(always)]
    pub fn read_common(&mut self, cell: &[u8]) -> Option<Instant> {
        <&[u8; 19]>::try_from(cell).ok().and_then(|cell| self.common(cell))
    }

    /// `2022-11-09 08:30:00`, with a blank or `T` in the middle.
    #[inline(always)]
    fn common(&mut self, cell: &[u8; 19]) -> Option<Instant> {
        let day: &[u8; 10] = cell.first_chunk()?;
        let (head, tail) = day_words(day);
        let slot = usize::from((tail & 3) << 4 | (tail >> 8) & 15);
        if (head, tail) != (self.days[slot].0, self.days[slot].1) {
            self.days[slot] = (head, tail, common_day(day)?);
        }
        let (second, bad) = time_of_day(u64::from_le_bytes(cell[11..19].try_into().ok()?));
        if bad != 0 || cell[10] != b' ' && cell[10] != b'T' {
            return None;
        }
        Some(self.local(self.days[slot].2 + second as i64))
    }

    /// The local seconds `[from, to)` the offset last used is good for, and the offset; all far
    /// from the ends of what the numbers hold.
    pub fn offset(&self) -> (i64, i64, i64) {
        let (from, to, offset) = self.offset;
        (from.max(i64::MIN / 4), to.min(i64::MAX / 4), i64::from(offset))
    }

    /// The moment of a local second.
    #[inline]
    pub fn local(&mut self, local: i64) -> Instant {
        let (from, to, _) = self.offset;
        if local < from || local >= to {
            self.offset = self.zone.local_offset(local);
        }
        Instant(local - i64::from(self.offset.2))
    }

    /// The moment of a time that is a number: an instant of up to eleven digits, or a wall-clock
    /// time of a year of four.
    #[inline(always)]
    pub fn moment(&mut self, seconds: i64, is_instant: bool) -> Option<Instant> {
        const INSTANTS: std::ops::Range<i64> = 0..100_000_000_000;
        const WALLS: std::ops::Range<i64> = -62_135_596_800..253_402_300_800;
        if is_instant {
            return INSTANTS.contains(&seconds).then_some(Instant(seconds));
        }
        WALLS.contains(&seconds).then(|| self.local(seconds))
    }

    /// Every accepted style; whether it is a date without a time of day.
    fn general(&mut self, cell: &[u8], bare: Bare) -> Option<(Instant, bool)> {
        if cell.iter().all(u8::is_ascii_digit) {
            return match compact(cell) {
                Some((date, None)) => Some((self.day(date, bare), true)),
                Some((date, Some(second))) => Some((self.at(date, second), false)),
                None => unix(cell).map(|at| (at, false)),
            };
        }
        let mut rest = Rest(cell);
        let (date, chinese) = rest.date()?;
        self.behind(date, rest, bare, chinese)
    }

    /// What stands behind a date: nothing, or a time of day.
    fn behind(
        &mut self,
        date: Date,
        mut rest: Rest<'_>,
        bare: Bare,
        chinese: bool,
    ) -> Option<(Instant, bool)> {
        if rest.0.is_empty() {
            return Some((self.day(date, bare), true));
        }
        // Behind 日 a time of day may stand at once.
        if !(rest.blanks() || rest.skip("T") || rest.skip("t") || chinese) {
            return None;
        }
        let second = rest.time_of_day()?;
        let at = match rest.offset()? {
            Some(offset) => Instant(i64::from(date.0) * DAY + second - offset),
            None => self.at(date, second),
        };
        Some((at, false))
    }

    /// The moment of a second of a day.
    fn at(&mut self, date: Date, second: i64) -> Instant {
        self.local(i64::from(date.0) * DAY + second)
    }

    /// What a date without a time of day stands for.
    fn day(&self, date: Date, bare: Bare) -> Instant {
        self.zone.midnight(if bare == Bare::End { date.plus(1) } else { date })
    }
}

/// A date, and perhaps a second of it, in 8, 12 or 14 digits: of the years 1900 to 2099 only, for
/// other numbers are moments.
fn compact(digits: &[u8]) -> Option<(Date, Option<i64>)> {
    if !matches!(digits.len(), 8 | 12 | 14) {
        return None;
    }
    let two = |at: usize| digits.get(at..at + 2).map_or(Some(0), whole);
    let year = whole(&digits[..4]).filter(|year| (1900..2100).contains(year))?;
    let date = Date::from_civil(year, two(4)?, two(6)?)?;
    let (hour, minute, second) = (two(8)?, two(10)?, two(12)?);
    let second = Rest::second_of_day(hour, minute, second)?;
    Some((date, (digits.len() > 8).then_some(second)))
}

/// Seconds (up to 11 digits), milliseconds (14), microseconds (17) or nanoseconds since 1970.
fn unix(digits: &[u8]) -> Option<Instant> {
    let value: i64 = std::str::from_utf8(digits).ok()?.parse().ok()?;
    let seconds = match digits.len() {
        ..=11 => value,
        12..=14 => value / 1_000,
        15..=17 => value / 1_000_000,
        _ => value / 1_000_000_000,
    };
    (seconds <= LAST).then_some(Instant(seconds))
}

/// Three numbers of two digits that stand in eight bytes: the digits minus '0', and 0 for what is
/// between them as in `pattern`; and bits that are 0 when that is what stands there.
#[inline(always)]
pub(in crate::ingest) fn digit_pairs(text: u64, pattern: &[u8; 8]) -> (u64, u64) {
    // Added to bytes, each of these carries into the high bit of those that are out of range.
    const NO_DIGIT: u64 = 0x7676_7f76_767f_7676;
    let values = text ^ u64::from_le_bytes(*pattern);
    (values, (values.wrapping_add(NO_DIGIT) | values) & HIGH)
}

/// Seconds of a word `08:30:00`, and bits that are 0 when it is one. Without a branch, so that a
/// column of them can be read a vector at a time.
#[inline(always)]
pub(in crate::ingest) fn time_of_day(text: u64) -> (u64, u64) {
    const TOO_MUCH: u64 = (128 - 24) | (128 - 60) << 24 | (128 - 60) << 48;
    let (values, bad) = digit_pairs(text, b"00:00:00");
    // Hour, minute and second in bytes 0, 3 and 6.
    let numbers = (values.wrapping_mul(10).wrapping_add(values >> 8)) & 0x00ff_0000_ff00_00ff;
    let of = |at: u32| numbers >> at & 0xff;
    let bad = bad | numbers.wrapping_add(TOO_MUCH) & HIGH;
    (of(0) * 3600 + of(24) * 60 + of(48), bad)
}

/// What is left to read of a cell.
struct Rest<'a>(&'a [u8]);

impl Rest<'_> {
    fn skip(&mut self, text: &str) -> bool {
        let rest = self.0.strip_prefix(text.as_bytes());
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    fn blanks(&mut self) -> bool {
        let before = self.0.len();
        while self.skip(" ") || self.skip("\u{3000}") {}
        self.0.len() < before
    }

    fn digits(&mut self, least: usize, most: usize) -> Option<i64> {
        let count = self.0.iter().take(most).take_while(|b| b.is_ascii_digit()).count();
        let (digits, rest) = self.0.split_at(count);
        self.0 = rest;
        (count >= least).then(|| whole(digits)).flatten()
    }

    /// `2022-11-09`, `2022/11/9`, `2022.11.9` or `2022年11月9日`; `true` for the last form.
    fn date(&mut self) -> Option<(Date, bool)> {
        const MARKS: [[&str; 3]; 4] =
            [["年", "月", "日"], ["-", "-", ""], ["/", "/", ""], [".", ".", ""]];
        let year = self.digits(4, 4)?;
        let [_, behind_month, end] = MARKS.into_iter().find(|marks| self.skip(marks[0]))?;
        let month = self.digits(1, 2)?;
        if !self.skip(behind_month) {
            return None;
        }
        let day = self.digits(1, 2)?;
        let date = Date::from_civil(year, month, day).filter(|_| self.skip(end))?;
        Some((date, !end.is_empty()))
    }

    /// A time of day in seconds, by the 24-hour clock, or by the 12-hour clock with a word such as
    /// AM or 下午 before or behind it. 24:00 is the midnight that ends the day.
    fn time_of_day(&mut self) -> Option<i64> {
        let before = self.half_of_day();
        self.blanks();
        let (mut hour, minute, second) = self.clock_time()?;
        let mut behind = Rest(self.0);
        behind.blanks();
        let after = behind.half_of_day();
        if after.is_some() {
            *self = behind;
        }
        match before.or(after) {
            // Some write 下午 before an hour of the clock of 24, too.
            Some(true) if hour > 12 => {}
            Some(_) if hour > 12 || before.is_some() && after.is_some() => return None,
            Some(is_after_noon) => hour = hour % 12 + if is_after_noon { 12 } else { 0 },
            None => {}
        }
        Rest::second_of_day(hour, minute, second)
    }

    /// Whether a word for half a day says that it is after noon.
    fn half_of_day(&mut self) -> Option<bool> {
        let words = [("上午", false), ("下午", true), ("AM", false), ("PM", true)];
        let small = [("am", false), ("pm", true)];
        words.into_iter().chain(small).find(|(word, _)| self.skip(word)).map(|(_, after)| after)
    }

    fn second_of_day(hour: i64, minute: i64, second: i64) -> Option<i64> {
        let valid = hour < 24 && minute < 60 && second < 60;
        let ends_day = (hour, minute, second) == (24, 0, 0);
        (valid || ends_day).then_some(hour * 3600 + minute * 60 + second)
    }

    /// `8:30`, `08:30:00.123` or `8时30分[00秒]`: hour, minute and second.
    fn clock_time(&mut self) -> Option<(i64, i64, i64)> {
        let hour = self.digits(1, 2)?;
        let (minute, second);
        if self.skip("时") {
            minute = self.digits(1, 2)?;
            if !self.skip("分") {
                return None;
            }
            let has_seconds = self.0.first().is_some_and(u8::is_ascii_digit);
            second = if has_seconds { self.digits(1, 2)? } else { 0 };
            if has_seconds && !self.skip("秒") {
                return None;
            }
        } else {
            if !self.skip(":") {
                return None;
            }
            minute = self.digits(2, 2)?;
            second = if self.skip(":") { self.digits(2, 2)? } else { 0 };
            if self.0.first() == Some(&b'.') {
                let count = self.0[1..].iter().take_while(|b| b.is_ascii_digit()).count();
                if count == 0 {
                    return None;
                }
                self.0 = &self.0[1 + count..];
            }
        }
        Some((hour, minute, second))
    }

    /// `Z`, `+08:00`, `+0800` or `+08` at the end, in seconds; `Some(None)` when there is none.
    fn offset(&mut self) -> Option<Option<i64>> {
        if self.0.is_empty() {
            return Some(None);
        }
        self.blanks();
        if self.skip("Z") || self.skip("z") {
            return self.0.is_empty().then_some(Some(0));
        }
        let sign = if self.skip("+") { 1 } else { -1 };
        if sign < 0 && !self.skip("-") {
            return None;
        }
        let hours = self.digits(2, 2)?;
        let colon = self.skip(":");
        let minutes = if colon || !self.0.is_empty() { self.digits(2, 2)? } else { 0 };
        let valid = self.0.is_empty() && hours < 24 && minutes < 60;
        valid.then_some(Some(sign * (hours * 3600 + minutes * 60)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shanghai() -> TimeZone {
        TimeZone::get("Asia/Shanghai").unwrap()
    }

    fn read(cell: &str) -> Option<String> {
        let zone = shanghai();
        TimeReader::new(&zone).read(cell.as_bytes(), Bare::Start).map(|at| zone.show(at))
    }

    #[test]
    fn every_style_of_the_contract_is_read() {
        for (cell, expected) in [
            ("2022-11-09 08:30", "2022-11-09T08:30:00+08:00"),
            ("2022-11-09 08:30:59.999", "2022-11-09T08:30:59+08:00"),
            ("2022/11/9 8:30:00", "2022-11-09T08:30:00+08:00"),
            ("2022-11-09T08:30:00", "2022-11-09T08:30:00+08:00"),
            ("2022-11-09T00:30:00Z", "2022-11-09T08:30:00+08:00"),
            ("2022-11-08T19:30:00.5-05:00", "2022-11-09T08:30:00+08:00"),
            ("1667953800", "2022-11-09T08:30:00+08:00"),
            ("1667953800999", "2022-11-09T08:30:00+08:00"),
            ("2022年11月9日 8时30分", "2022-11-09T08:30:00+08:00"),
            ("2022年11月9日8时30分07秒", "2022-11-09T08:30:07+08:00"),
            ("2022年11月9日", "2022-11-09T00:00:00+08:00"),
            ("2022/11/9", "2022-11-09T00:00:00+08:00"),
            ("1986-05-04 02:30:00", "1986-05-04T03:30:00+09:00"),
            ("2022.11.9 8:30", "2022-11-09T08:30:00+08:00"),
            ("2022.11.09", "2022-11-09T00:00:00+08:00"),
            ("2022-11-09 08:30:00+0800", "2022-11-09T08:30:00+08:00"),
            ("2022-11-09 08:30 PM", "2022-11-09T20:30:00+08:00"),
            ("2022/11/9 12:05:00am", "2022-11-09T00:05:00+08:00"),
            ("2022-11-09 下午8:30", "2022-11-09T20:30:00+08:00"),
            ("2022年11月9日 上午12时05分", "2022-11-09T00:05:00+08:00"),
            ("2022年11月9日下午 12:30", "2022-11-09T12:30:00+08:00"),
            ("2022-11-09 下午 20:30", "2022-11-09T20:30:00+08:00"),
            ("2022-11-09 24:00", "2022-11-10T00:00:00+08:00"),
            ("2022-11-09T24:00:00", "2022-11-10T00:00:00+08:00"),
            ("20221109", "2022-11-09T00:00:00+08:00"),
            ("202211090830", "2022-11-09T08:30:00+08:00"),
            ("20221109083007", "2022-11-09T08:30:07+08:00"),
            ("1667953800999999", "2022-11-09T08:30:00+08:00"),
            ("1667953800999999999", "2022-11-09T08:30:00+08:00"),
            ("20221309", "1970-08-23T09:01:49+08:00"),
        ] {
            assert_eq!(read(cell).as_deref(), Some(expected), "{cell}");
        }
    }

    #[test]
    fn a_bare_date_as_an_end_is_the_end_of_that_day() {
        let zone = shanghai();
        let mut clock = TimeReader::new(&zone);
        let end = clock.read(b"2022-11-09", Bare::End).unwrap();
        assert_eq!(zone.show(end), "2022-11-10T00:00:00+08:00");
        assert_eq!(clock.read(b"20221109", Bare::End), Some(end));
        assert_eq!(clock.read_told(b"2022.11.9", Bare::End), Some((end, true)));
        let timed = clock.read(b"2022-11-09 00:00:00", Bare::End).unwrap();
        assert_eq!(zone.show(timed), "2022-11-09T00:00:00+08:00");
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for cell in [
            "",
            "noon",
            "2022-13-40 08:00",
            "2022-11-09 24:00:01",
            "2022-11-09 24:30",
            "2022-11-09 上午13:30",
            "2022-11-09 上午8:30 AM",
            "2022.11-09",
            "2022-11-09下午8:30",
            "2022-11-09 08:60",
            "22-11-09",
            "2022-11/09",
            "2022年11月9",
            "2022-11-09T08:30:00+25:00",
            "99999999999999999999",
            "2022-11-09 08:30:0x",
            "2022-11-09x08:30:00",
            "2022-11-09 08:30:00.",
            "2022-11-0908:30:00",
            "2022-02-30",
            "-5",
            "2022-11-09 0::30:00",
            "2022-11-09 08:3:000",
        ] {
            assert_eq!(read(cell), None, "{cell}");
        }
    }

    proptest! {
        #[test]
        fn the_fast_path_reads_what_the_general_path_reads(
            day in "[0-9]{4}-[0-2][0-9]-[0-3][0-9]",
            time in "[ Tx][0-2][0-9][:;][0-7][0-9]:[0-7][0-9a:/]") {
            let cell = day + &time;
            let zone = shanghai();
            let mut clock = TimeReader::new(&zone);
            let fast = clock.common(cell.as_bytes().try_into().unwrap());
            let slow = TimeReader::new(&zone).general(cell.as_bytes(), Bare::Start);
            prop_assert_eq!(fast.map(|at| (at, false)), slow);
        }
    }
}
