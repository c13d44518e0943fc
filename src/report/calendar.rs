//! `tests.ics`: for each day from as-of on and each county, how many people are to be tested.
//!
//! All-day events as RFC 5545 has them; no person is named. The same input gives the same file.

use super::Lang;
use super::finished::{Finished, text};
use std::io::{Result, Write};

/// Writes it.
pub fn calendar(finished: &Finished, lang: Lang, out: &mut dyn Write) -> Result<()> {
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let stamp = digits(finished.as_of().get(..19).unwrap_or(""));
    let stamp = format!("{}T{}Z", stamp.get(..8).unwrap_or(""), stamp.get(8..).unwrap_or(""));
    line(out, "BEGIN:VCALENDAR")?;
    line(out, "VERSION:2.0")?;
    line(out, "PRODID:-//trace//tests//EN")?;
    for (number, row) in finished.list("tests").iter().enumerate() {
        let (day, county, people) = (digits(text(&row[0])), text(&row[1]), &row[2]);
        let county = if county.is_empty() { lang.say("county not known") } else { county };
        let (people, what) = (lang.fill("{} people", &[people]), lang.say("tests"));
        line(out, "BEGIN:VEVENT")?;
        line(out, &format!("UID:{day}-{number}@trace"))?;
        line(out, &format!("DTSTAMP:{stamp}"))?;
        line(out, &format!("DTSTART;VALUE=DATE:{day}"))?;
        line(out, &format!("SUMMARY:{}", escaped(&format!("{county}: {people}, {what}"))))?;
        line(out, "TRANSP:TRANSPARENT")?;
        line(out, "END:VEVENT")?;
    }
    line(out, "END:VCALENDAR")
}

fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for c in text.chars() {
        match c {
            ',' | ';' | '\\' => escaped.extend(['\\', c]),
            c if c.is_control() => escaped.push(' '),
            c => escaped.push(c),
        }
    }
    escaped
}

/// A line of at most 75 bytes, continued after a blank.
fn line(out: &mut dyn Write, text: &str) -> Result<()> {
    let mut room = 75;
    for c in text.chars() {
        if c.len_utf8() > room {
            out.write_all(b"\r\n ")?;
            room = 74;
        }
        room -= c.len_utf8();
        out.write_all(c.encode_utf8(&mut [0; 4]).as_bytes())?;
    }
    out.write_all(b"\r\n")
}

#[cfg(test)]
mod tests {
    #[test]
    fn long_lines_are_continued_between_characters() {
        let mut out = Vec::new();
        super::line(&mut out, &"区".repeat(60)).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(text.split("\r\n").all(|line| line.len() <= 75));
        assert_eq!(text.replace("\r\n ", "").trim_end(), "区".repeat(60));
    }
}
