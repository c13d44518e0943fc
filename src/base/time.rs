//! Instants, half-open spans, local dates, and the time zone that joins them.
//!
//! Everything is whole seconds. A [`TimeZone`] is a table of offsets read once from the bundled
//! time zone database, so that converting is a search in a short list. Reading text is in
//! [`crate::ingest`]; nothing here reads a clock.

use crate::base::error::Result;
use crate::base::problem::Problem;

/// Seconds in a day without a clock change.
pub const DAY: i64 = 86_400;

/// A moment: seconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Instant(pub i64);

/// A calendar day: days since 1970-01-01.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(pub i32);

/// A half-open interval of time `[start, end)`, never empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The first second inside.
    pub start: Instant,
    /// The first second after.
    pub end: Instant,
}

impl Span {
    /// `[start, end)`, or nothing when it would be empty.
    pub fn new(start: Instant, end: Instant) -> Option<Span> {
        (start < end).then_some(Span { start, end })
    }

    /// What both have in common, if anything.
    ///
    /// ```
    /// use trace::base::time::{Instant, Span};
    /// let a = Span::new(Instant(0), Instant(10)).unwrap();
    /// let b = Span::new(Instant(10), Instant(20)).unwrap();
    /// assert_eq!(a.overlap(b), None); // they touch, and share no second
    /// ```
    pub fn overlap(self, other: Span) -> Option<Span> {
        Span::new(self.start.max(other.start), self.end.min(other.end))
    }

    /// Length in seconds, at least 1.
    pub fn seconds(self) -> i64 {
        self.end.0 - self.start.0
    }
}

impl Instant {
    /// The last moment that a year of four digits shows in every time zone.
    pub const LAST: Instant = Instant(253_402_214_399);
}

impl Date {
    /// The day of a civil year (1 to 9999), month and day, if there is such a day.
    pub fn from_civil(year: i64, month: i64, day: i64) -> Option<Date> {
        let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
        let length = match month {
            2 => 28 + i64::from(leap),
            4 | 6 | 9 | 11 => 30,
            1..=12 => 31,
            _ => return None,
        };
        if !(1..=9999).contains(&year) || day < 1 || day > length {
            return None;
        }
        // Years counted from March: the leap day is then the last of its year.
        let shifted = if month <= 2 { year - 1 } else { year };
        let era = shifted.div_euclid(400);
        let of_era = shifted.rem_euclid(400);
        let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
        let days = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468;
        Some(Date(days as i32))
    }

    /// Civil year, month and day.
    pub fn civil(self) -> (i32, u32, u32) {
        let days = i64::from(self.0) + 719_468;
        let era = days.div_euclid(146_097);
        let of_era = days.rem_euclid(146_097);
        let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year + year / 4 - year / 100);
        let month = (5 * of_year + 2) / 153;
        let day = of_year - (153 * month + 2) / 5 + 1;
        let month = if month < 10 { month + 3 } else { month - 9 };
        ((year + era * 400 + i64::from(month <= 2)) as i32, month as u32, day as u32)
    }

    /// The day at the beginning of `2022-11-09…`, as [`write`](Date::write) has it.
    pub fn parse(text: &str) -> Option<Date> {
        let number = |range: std::ops::Range<usize>| text.get(range)?.parse().ok();
        Date::from_civil(number(0..4)?, number(5..7)?, number(8..10)?)
    }

    /// Appends `2022-11-09`.
    pub fn write(self, text: &mut Vec<u8>) {
        text.extend_from_slice(&self.digits());
    }

    fn digits(self) -> [u8; 10] {
        let (year, month, day) = self.civil();
        let ([a, b], [c, d]) = (two_digits(year as u32 / 100), two_digits(year as u32 % 100));
        let ([e, f], [g, h]) = (two_digits(month), two_digits(day));
        [a, b, c, d, b'-', e, f, b'-', g, h]
    }

    /// The day `days` later (earlier when negative).
    #[must_use]
    pub fn plus(self, days: i64) -> Date {
        Date((i64::from(self.0) + days) as i32)
    }
}

impl std::fmt::Display for Date {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (year, month, day) = self.civil();
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

/// A time zone as a list of offsets.
#[derive(Debug, Clone)]
pub struct TimeZone {
    name: String,
    /// (first instant, offset in seconds), ascending; the first entry holds since ever.
    utc: Vec<(i64, i32)>,
    /// (first local second read with this offset, offset), ascending.
    local: Vec<(i64, i32)>,
}

/// Zones with eternal clock changes are listed up to 2400-01-01.
const LAST_TRANSITION: i64 = 13_569_465_600;

impl TimeZone {
    /// The zone of an IANA name such as `Asia/Shanghai`, or of a fixed offset such as `+08:00`.
    ///
    /// # Errors
    /// A usage error for a name that is not in the bundled database.
    pub fn get(name: &str) -> Result<TimeZone> {
        if let Some(seconds) = fixed_offset(name) {
            let only = vec![(i64::MIN, seconds)];
            return Ok(TimeZone { name: name.to_owned(), utc: only.clone(), local: only });
        }
        let zone = jiff::tz::TimeZone::get(name)
            .map_err(|_| Problem::NoTimeZone { name: name.to_owned() })?;
        let start = jiff::Timestamp::from_second(-3_000_000_000).unwrap_or_default();
        let first = zone.to_offset(start).seconds();
        let mut utc = vec![(i64::MIN, first)];
        let mut local = vec![(i64::MIN, first)];
        for change in zone.following(start) {
            let at = change.timestamp().as_second();
            if at > LAST_TRANSITION {
                break;
            }
            let (before, after) = (utc[utc.len() - 1].1, change.offset().seconds());
            if before != after {
                utc.push((at, after));
                // A local time that a change skips or repeats takes the earlier offset's reading.
                local.push((at + i64::from(before.max(after)), after));
            }
        }
        Ok(TimeZone { name: name.to_owned(), utc, local })
    }

    /// The name it was asked for by.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The offset in force at an instant, in seconds east of Greenwich.
    pub fn offset(&self, at: Instant) -> i32 {
        self.utc_offset(at).2
    }

    /// The offset in force at an instant, and the instants `[from, to)` it is good for.
    fn utc_offset(&self, at: Instant) -> (i64, i64, i32) {
        let next = self.utc.partition_point(|&(start, _)| start <= at.0);
        let to = self.utc.get(next).map_or(i64::MAX, |&(start, _)| start);
        let (from, offset) = self.utc[next - 1];
        (from, to, offset)
    }

    /// A span in pieces of one offset each, with their offsets in seconds.
    pub fn pieces(&self, span: Span) -> impl Iterator<Item = (Span, i64)> {
        let first = self.utc.partition_point(|&(start, _)| start <= span.start.0) - 1;
        (first..self.utc.len()).map_while(move |n| {
            let start = span.start.max(Instant(self.utc[n].0));
            let end =
                self.utc.get(n + 1).map_or(span.end, |&(next, _)| span.end.min(Instant(next)));
            Some((Span::new(start, end)?, i64::from(self.utc[n].1)))
        })
    }

    /// The offset to read a local second with, and the local seconds `[from, to)` it is good for.
    pub fn local_offset(&self, local: i64) -> (i64, i64, i32) {
        let next = self.local.partition_point(|&(start, _)| start <= local);
        let to = self.local.get(next).map_or(i64::MAX, |&(start, _)| start);
        let (from, offset) = self.local[next - 1];
        (from, to, offset)
    }

    /// The instant of a local wall-clock reading, given as seconds since 1970-01-01T00:00 local.
    pub fn instant(&self, local: i64) -> Instant {
        Instant(local - i64::from(self.local_offset(local).2))
    }

    /// 00:00 of a local day.
    pub fn midnight(&self, date: Date) -> Instant {
        self.instant(i64::from(date.0) * DAY)
    }

    /// The local day of an instant.
    pub fn date(&self, at: Instant) -> Date {
        Date((at.0 + i64::from(self.offset(at))).div_euclid(DAY) as i32)
    }

    /// The local day on which a span ends: one that ends at 00:00 ends on the day before.
    pub fn last_date(&self, end: Instant) -> Date {
        self.date(Instant(end.0 - 1))
    }

    /// The local day on which whoever was held until `end` is free: a last day is over at its
    /// midnight, also where its last minute or second is written.
    pub fn free_from(&self, end: Instant) -> Date {
        self.date(Instant(end.0.saturating_add(60)))
    }

    /// RFC 3339 with the zone's offset: `2022-11-09T08:30:00+08:00`.
    ///
    /// ```
    /// use trace::base::time::{Instant, TimeZone};
    /// let zone = TimeZone::get("Asia/Shanghai").unwrap();
    /// assert_eq!(zone.show(Instant(1_667_953_800)), "2022-11-09T08:30:00+08:00");
    /// ```
    pub fn show(&self, at: Instant) -> String {
        let mut text = Vec::with_capacity(25);
        TimeWriter::new(self).write(at, &mut text);
        String::from_utf8(text).expect("digits")
    }
}

/// Writes moments as [`TimeZone::show`] does. Remembers the day and the offset, which neighbours
/// share.
#[derive(Debug, Clone)]
pub struct TimeWriter<'z> {
    zone: &'z TimeZone,
    /// An offset, and the instants `[from, to)` it is good for.
    offset: (i64, i64, i32),
    /// The first local second of the day that is shown.
    day: i64,
    /// That day and the `T`.
    before: [u8; 11],
    /// The offset.
    after: [u8; 6],
}

impl<'z> TimeWriter<'z> {
    /// In a zone.
    pub fn new(zone: &'z TimeZone) -> TimeWriter<'z> {
        TimeWriter { zone, offset: (0, 0, 0), day: 0, before: *b"1970-01-01T", after: *b"+00:00" }
    }

    /// Appends a moment.
    pub fn write(&mut self, at: Instant, text: &mut Vec<u8>) {
        if at.0 < self.offset.0 || at.0 >= self.offset.1 {
            self.offset = self.zone.utc_offset(at);
            let ahead = self.offset.2.unsigned_abs();
            let sign = if self.offset.2 < 0 { b'-' } else { b'+' };
            let ([a, b], [c, d]) = (two_digits(ahead / 3600), two_digits(ahead / 60 % 60));
            self.after = [sign, a, b, b':', c, d];
        }
        let local = at.0 + i64::from(self.offset.2);
        if !(self.day..self.day + DAY).contains(&local) {
            let day = local.div_euclid(DAY);
            self.day = day * DAY;
            self.before[..10].copy_from_slice(&Date(day as i32).digits());
        }
        let second = (local - self.day) as u32;
        let ([a, b], [c, d]) = (two_digits(second / 3600), two_digits(second / 60 % 60));
        let [e, f] = two_digits(second % 60);
        // The time goes from registers to the text: put into a template first, the processor would
        // wait for those bytes to come back from memory.
        text.reserve(25);
        text.extend_from_slice(&self.before);
        text.extend_from_slice(&[a, b, b':', c, d, b':', e, f]);
        text.extend_from_slice(&self.after);
    }
}

fn two_digits(value: u32) -> [u8; 2] {
    [b'0' + (value / 10 % 10) as u8, b'0' + (value % 10) as u8]
}

fn fixed_offset(name: &str) -> Option<i32> {
    let (sign, rest) = match name.as_bytes().first()? {
        b'+' => (1, &name[1..]),
        b'-' => (-1, &name[1..]),
        _ => return None,
    };
    let (hours, minutes) = rest.split_once(':')?;
    let two = |s: &str| (s.len() == 2).then(|| s.parse::<u8>().ok()).flatten();
    let (hours, minutes) = (two(hours)?, two(minutes)?);
    (hours < 24 && minutes < 60).then(|| sign * (i32::from(hours) * 3600 + i32::from(minutes) * 60))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_of_four_centuries_goes_there_and_back() {
        let first = Date::from_civil(1799, 12, 31).unwrap();
        for days in 0..146_100 {
            let date = first.plus(days);
            let (y, m, d) = date.civil();
            assert_eq!(Date::from_civil(y.into(), m.into(), d.into()), Some(date));
            let other = jiff::civil::date(y as i16, m as i8, d as i8);
            assert_eq!(other.to_string(), date.to_string());
        }
    }

    #[test]
    fn days_that_do_not_exist_are_refused() {
        for (y, m, d) in [(2022, 2, 29), (2022, 13, 1), (2022, 0, 1), (2022, 4, 31), (0, 1, 1)] {
            assert_eq!(Date::from_civil(y, m, d), None, "{y}-{m}-{d}");
        }
    }

    #[test]
    fn skipped_and_repeated_local_times_take_the_earlier_offset() {
        for name in ["America/New_York", "Europe/Stockholm", "Asia/Shanghai", "Australia/Lord_Howe"]
        {
            let ours = TimeZone::get(name).unwrap();
            let theirs = jiff::tz::TimeZone::get(name).unwrap();
            let start = Date::from_civil(1985, 1, 1).unwrap().0 as i64 * DAY;
            for step in 0..800_000i64 {
                let local = start + step * 1800;
                let date = Date(local.div_euclid(DAY) as i32).civil();
                let second = local.rem_euclid(DAY);
                let civil = jiff::civil::date(date.0 as i16, date.1 as i8, date.2 as i8).at(
                    (second / 3600) as i8,
                    (second / 60 % 60) as i8,
                    0,
                    0,
                );
                let expected = theirs.to_ambiguous_timestamp(civil).compatible().unwrap();
                assert_eq!(ours.instant(local).0, expected.as_second(), "{name} {civil}");
            }
        }
    }

    #[test]
    fn an_exposure_that_ends_at_midnight_ends_on_the_day_before() {
        let zone = TimeZone::get("Asia/Shanghai").unwrap();
        let day = Date::from_civil(2022, 11, 9).unwrap();
        assert_eq!(zone.last_date(zone.midnight(day)), day.plus(-1));
        assert_eq!(zone.date(zone.midnight(day)), day);
    }
}
