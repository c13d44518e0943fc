//! The brief: what is new, what is to be decided today, what opens next. Three sentences that a
//! leader reads in ten seconds, on the page and on the cover of the workbook.
//!
//! Nothing is counted here that a table does not have. Cost: the rows of `today.csv` and the zones.

use super::finished::{Finished, text};
use super::todo::{ToDo, ZoneNames};
use super::words::{Lang, day, moment};
use crate::base::time::Date;
use serde_json::Value;
use std::io::Result;

/// The sentences in a language.
///
/// # Errors
/// When a table cannot be read.
pub fn brief(finished: &Finished, lang: Lang) -> Result<Vec<String>> {
    let todo = ToDo::of(finished)?;
    let mut sentences = vec![news(finished, lang), decide(finished, &todo, lang)];
    if finished.draws_zones() {
        sentences.push(opens(finished, lang)?);
    }
    Ok(sentences)
}

/// Parts joined with commas; nothing when there is none.
fn joined<const N: usize>(parts: [Option<String>; N], lang: Lang) -> Option<String> {
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(lang.say(", ")))
}

/// How many there are, if there are any: of one and of several.
fn count(count: u64, [one, more]: [&str; 2], lang: Lang) -> Option<String> {
    match count {
        0 => None,
        1 => Some(lang.fill(one, &[&1])),
        _ => Some(lang.fill(more, &[&count])),
    }
}

/// What is new since the earlier output, or what there is where nothing is to compare with.
fn news(finished: &Finished, lang: Lang) -> String {
    let counts = &finished.summary["counts"];
    let number = |value: &Value| value.as_u64().unwrap_or(0);
    let high = ["unit", "building", "place"].map(|level| number(&counts["zones"][level]["high"]));
    let there_is = [
        count(number(&counts["cases"]), ["{} case", "{} cases"], lang),
        count(number(&counts["close_contacts"]), ["{} close contact", "{} close contacts"], lang),
        count(high.iter().sum(), ["{} high-risk zone", "{} high-risk zones"], lang),
    ];
    let changes = &finished.kept["changes"];
    let of = |name: &str| number(&changes[name]);
    let zones = |name: &str| changes[name].as_array().map_or(0, |zones| zones.len() as u64);
    let new = [
        count(of("new_cases"), ["{} new case", "{} new cases"], lang),
        count(of("new_contacts"), ["{} new close contact", "{} new close contacts"], lang),
        count(
            of("new_spillover"),
            ["{} person who left a high-risk zone", "{} people who left a high-risk zone"],
            lang,
        ),
        count(of("became_cases"), ["{} contact became a case", "{} contacts became cases"], lang),
        count(zones("new_zones"), ["{} new high-risk zone", "{} new high-risk zones"], lang),
        count(zones("released_zones"), ["{} zone released", "{} zones released"], lang),
    ];
    let since = text(&changes["since"]);
    match joined(new, lang) {
        Some(all) => lang.fill("Since {}: {}.", &[&moment(since, lang), &all]),
        // A day that is run again has nothing before it.
        None if since.is_empty() || since == finished.as_of() => {
            let all = joined(there_is, lang).unwrap_or_default();
            lang.fill("There is no earlier output to compare with: {}.", &[&all])
        }
        None => lang.fill("Since {} nothing is new.", &[&moment(since, lang)]),
    }
}

/// What has to be done on the day.
fn decide(finished: &Finished, todo: &ToDo, lang: Lang) -> String {
    let today = Date::parse(finished.as_of()).map_or(String::new(), |date| day(date, lang));
    let of = |task: &str| todo.rows(task).len() as u64;
    let parts = [
        count(of("hospital"), ["take {} person to hospital", "take {} people to hospital"], lang),
        count(of("call"), ["call {} person", "call {} people"], lang),
        count(of("change"), ["tell {} person of a change", "tell {} people of a change"], lang),
        count(of("announce"), ["announce {} zone", "announce {} zones"], lang),
        count(of("test"), ["test {} person", "test {} people"], lang),
        count(
            of("transfer"),
            [
                "move {} person from central isolation home",
                "move {} people from central isolation home",
            ],
            lang,
        ),
        count(of("release"), ["release {} person", "release {} people"], lang),
        count(of("open"), ["open {} zone", "open {} zones"], lang),
    ];
    match joined(parts, lang) {
        Some(all) => lang.fill("Today, {}: {}.", &[&today, &all]),
        None => lang.say("Today nothing has to be done.").to_owned(),
    }
}

/// Which door opens next.
fn opens(finished: &Finished, lang: Lang) -> Result<String> {
    let names = ZoneNames::of(finished, lang)?;
    let mut high = finished.zones()?;
    high.retain(|zone| zone.status == "high");
    let Some(next) = high.iter().map(|zone| zone.downgrade_on.as_str()).min() else {
        return Ok(lang.say("No door is closed.").to_owned());
    };
    let then: Vec<_> = high.iter().filter(|zone| zone.downgrade_on == next).collect();
    let residents: u64 = then.iter().filter_map(|zone| zone.residents).sum();
    let on = Date::parse(next).map_or(next.to_owned(), |date| day(date, lang));
    let first = names.name(&then[0].zone_id);
    Ok(match then.len() {
        1 => lang.fill("Next to open: {}, on {} ({} residents).", &[&first, &on, &residents]),
        all => lang.fill(
            "Next to open: {} and {} more, on {} ({} residents).",
            &[&first, &(all - 1), &on, &residents],
        ),
    })
}
