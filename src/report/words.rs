//! How a person reads the cells of the tables.
//!
//! The words themselves stand in the dictionaries; the tables are the same in any language.

use crate::base::time::Date;

pub use crate::base::words::Lang;

/// A cell of a table as a person reads it.
pub fn shown(column: &str, cell: &str, lang: Lang) -> String {
    match column {
        "measure" | "state" | "status" | "level" | "bases" | "basis" | "row" | "check" | "what"
        | "code" | "task" | "cause" | "reason" | "reasons" | "next_step" | "there"
        | "may_leave" | "because" | "verdict" | "late" | "near" | "kind" | "how" | "needs"
        | "edge" => {
            let word = |word| match lang.cell(word) {
                // What to look at is a sentence.
                own if own == word => lang.say(word),
                own => own,
            };
            cell.split(';').map(word).collect::<Vec<_>>().join(";")
        }
        "phases" => phases(cell, lang),
        "tests" => days(cell, lang),
        _ => cell.to_owned(),
    }
}

/// A day without its year: 11月8日, 8 Nov.
pub fn day(date: Date, lang: Lang) -> String {
    let (_, month, day) = date.civil();
    lang.day(month, day)
}

/// Days that are joined with `;`.
fn days(cell: &str, lang: Lang) -> String {
    let day = |text: &str| Date::parse(text).map_or(text.to_owned(), |date| day(date, lang));
    cell.split(';').map(day).collect::<Vec<_>>().join(lang.say(", "))
}

/// From a day to another: 11月8日至12日, 8 to 12 Nov.
fn span(from: Date, to: Date, lang: Lang) -> String {
    let (year, month, first) = from.civil();
    let (other_year, other, last) = to.civil();
    match (year, month) == (other_year, other) {
        true if first == last => day(from, lang),
        true => lang.days(month, first, last),
        false => lang.fill("{} to {}", &[&day(from, lang), &day(to, lang)]),
    }
}

/// A phase of `measures.csv`, as `central 2022-11-08..2022-11-12`: its kind, its first and its last
/// day.
pub fn phase_of(text: &str) -> Option<(&str, Date, Date)> {
    let (kind, days) = text.split_once(' ')?;
    let (from, to) = days.split_once("..")?;
    Some((kind, Date::parse(from)?, Date::parse(to)?))
}

/// The phases of a plan: 集中隔离 11月8日至12日.
fn phases(cell: &str, lang: Lang) -> String {
    let phase = |text: &str| {
        let (kind, from, to) = phase_of(text)?;
        let kind = lang.say(match kind {
            "central" => "central isolation",
            "home" => "home isolation",
            "monitor" => "health monitoring",
            other => other,
        });
        Some(format!("{kind} {}", span(from, to, lang)))
    };
    let phase = |text: &str| phase(text).unwrap_or_else(|| text.to_owned());
    cell.split(';').map(phase).collect::<Vec<_>>().join(lang.say("; "))
}

/// A moment as an office says it: 11月10日24时, 24:00 on 10 Nov.
pub fn moment(text: &str, lang: Lang) -> String {
    let number = |range: std::ops::Range<usize>| text.get(range)?.parse::<u32>().ok();
    let (Some(date), Some(hour), Some(minute)) =
        (Date::parse(text), number(11..13), number(14..16))
    else {
        return text.to_owned();
    };
    match (hour, minute) {
        // The midnight that ends a day is said of the day that it ends.
        (0, 0) => lang.fill("{} at {}:00", &[&day(date.plus(-1), lang), &24]),
        (hour, 0) => lang.fill("{} at {}:00", &[&day(date, lang), &hour]),
        (hour, minute) => {
            lang.fill("{} at {}:{}", &[&day(date, lang), &hour, &format!("{minute:02}")])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::{PRESETS, Policy};

    #[test]
    fn plans_are_said_in_words() {
        let plan = "central 2022-11-08..2022-11-12;home 2022-11-13..2022-11-13";
        let said = |lang| shown("phases", plan, lang);
        assert_eq!(said(Lang::Zh), "集中隔离 11月8日至12日；居家隔离 11月13日");
        assert_eq!(said(Lang::En), "central isolation 8 to 12 Nov; home isolation 13 Nov");
        assert_eq!(shown("tests", "2022-11-08;2022-12-01", Lang::Zh), "11月8日，12月1日");
        assert_eq!(shown("phases", "", Lang::Zh), "");
    }

    #[test]
    fn chinese_policies_speak_chinese() {
        for (name, _) in PRESETS.iter().filter(|(name, _)| name.starts_with("cn-")) {
            let policy = Policy::preset(name).unwrap();
            let texts = policy.sources.iter().flat_map(|(key, source)| [key, source]);
            for text in texts.chain([&policy.title]) {
                assert_ne!(Lang::Zh.of_policy(text), text, "{name}");
            }
        }
        assert_eq!(Lang::Zh.parameter("zone.min_days"), "活动频繁：最少天数 (zone.min_days)");
        assert_eq!(Lang::En.parameter("zone.min_days"), "zone.min_days");
    }

    #[test]
    fn midnight_is_said_of_the_day_that_it_ends() {
        assert_eq!(moment("2022-11-11T00:00:00+08:00", Lang::Zh), "11月10日24时");
        assert_eq!(moment("2022-11-11T00:00:00+08:00", Lang::En), "10 Nov at 24:00");
        assert_eq!(moment("2022-11-11T18:00:00+08:00", Lang::Zh), "11月11日18时");
        assert_eq!(moment("2022-11-11T08:05:00+08:00", Lang::Zh), "11月11日8时05分");
    }
}
