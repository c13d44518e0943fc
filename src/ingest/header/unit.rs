//! Units in brackets behind the name of a column: `distance (m)`, `距离（米）`.
//!
//! A unit is no part of a name, but a wrong one makes every value wrong: a distance in centimetres
//! that is read as metres makes nobody a contact.

use crate::ingest::contract::Column;

/// A name and what stands in brackets at its end, if anything does.
///
/// ```
/// use trace::ingest::header::unit::split;
/// assert_eq!(split("距离（米）"), ("距离", Some("米")));
/// assert_eq!(split("start"), ("start", None));
/// ```
pub fn split(cell: &str) -> (&str, Option<&str>) {
    for (open, close) in [('(', ')'), ('（', '）'), ('[', ']'), ('【', '】')] {
        let inside = cell.strip_suffix(close).and_then(|rest| rest.split_once(open));
        if let Some((name, unit)) = inside
            && !name.trim().is_empty()
        {
            return (name.trim_end(), Some(unit.trim()));
        }
    }
    (cell, None)
}

const METRES: &[&str] = &["m", "meter", "meters", "metre", "metres", "米"];
const SECONDS: &[&str] = &["s", "sec", "secs", "second", "seconds", "秒"];
const MINUTES: &[&str] = &["min", "mins", "minute", "minutes", "分", "分钟"];
const OTHERS: &[&str] = &[
    "cm", "mm", "km", "ft", "feet", "mi", "miles", "公里", "千米", "厘米", "毫米", "h", "hour",
    "hours", "小时", "时", "ms", "毫秒",
];
const ZONES: &[&str] = &["utc", "gmt", "z", "世界时"];

fn is(unit: &str, words: &[&str]) -> bool {
    words.iter().any(|word| word.eq_ignore_ascii_case(unit))
}

/// Whether a unit is minutes.
pub fn is_minutes(unit: &str) -> bool {
    is(unit, MINUTES)
}

/// Whether a unit is seconds.
pub fn is_seconds(unit: &str) -> bool {
    is(unit, SECONDS)
}

/// The unit a column must be in, if the one behind its name is another.
pub fn wanted(column: &Column, unit: &str) -> Option<&'static str> {
    let foreign = |own: &[&[&str]]| {
        let all = [METRES, SECONDS, MINUTES, OTHERS];
        all.iter().any(|words| is(unit, words)) && !own.iter().any(|words| is(unit, words))
    };
    match column.name {
        "distance_m" | "accuracy_m" | "radius_m" => foreign(&[METRES]).then_some("m"),
        "seconds" => foreign(&[SECONDS, MINUTES]).then_some("s"),
        _ if column.is_time() => is(unit, ZONES).then_some("--timezone"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::contract::Table;

    #[test]
    fn a_unit_stands_in_brackets_at_the_end() {
        assert_eq!(split("distance (m)"), ("distance", Some("m")));
        assert_eq!(split("时长（分钟）"), ("时长", Some("分钟")));
        assert_eq!(split("(m) distance"), ("(m) distance", None));
        assert_eq!(split("(m)"), ("(m)", None));
    }

    #[test]
    fn a_wrong_unit_is_told_from_the_right_one() {
        let wanted = |column: &str, unit: &str| {
            let all = Table::ALL.into_iter().flat_map(Table::columns);
            super::wanted(all.into_iter().find(|of| of.name == column).unwrap(), unit)
        };
        assert_eq!(wanted("distance_m", "M"), None);
        assert_eq!(wanted("distance_m", "厘米"), Some("m"));
        assert_eq!(wanted("seconds", "分钟"), None);
        assert_eq!(wanted("seconds", "小时"), Some("s"));
        assert_eq!(wanted("start", "UTC"), Some("--timezone"));
        assert_eq!(wanted("start", "填写"), None);
        // No time of any table, also of one that is seldom there, is silently eight hours off.
        for time in Table::ALL.into_iter().flat_map(Table::columns).filter(|of| of.is_time()) {
            assert_eq!(wanted(time.name, "UTC"), Some("--timezone"), "{}", time.name);
        }
    }
}
