//! Answers as lines for people, in their language.
//!
//! Ids and names stand as they are: whoever asks about somebody knows who they are.

use super::case::CaseExplained;
use super::noted::Noted;
use super::parts::{Assumed, InputRow, MatchShown, PairShown, PlanShown, RuleValue, WindowShown};
use super::person::PersonExplained;
use super::zone::{Step, ZoneExplained};
use crate::base::words::Lang;
use serde_json::Value;
use std::fmt::Display;

/// An answer that a person can read.
pub trait Told {
    /// Its lines.
    fn told(&self, lang: Lang) -> Vec<String>;
}

/// `2022-11-09 08:30` of `2022-11-09T08:30:00+08:00`: seconds are shown where there are some.
pub(super) fn moment(at: &str) -> String {
    let (date, time) = at.split_once('T').unwrap_or((at, ""));
    let time = time.get(..8).unwrap_or(time);
    format!("{date} {}", time.strip_suffix(":00").unwrap_or(time))
}

/// A length as `1 h 20 min` or `40 s`.
pub(super) fn length(seconds: i64, lang: Lang) -> String {
    let (hours, minutes, rest) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match (hours, minutes, rest) {
        (0, 0, rest) => lang.fill("{} s", &[&rest]),
        (0, minutes, 0) => lang.fill("{} min", &[&minutes]),
        (0, minutes, rest) => lang.fill("{} min {} s", &[&minutes, &rest]),
        (hours, 0, _) => lang.fill("{} h", &[&hours]),
        (hours, minutes, _) => lang.fill("{} h {} min", &[&hours, &minutes]),
    }
}

/// A word of the tables: in English, too, without the marks of a program.
pub(super) fn word(name: &str, lang: Lang) -> String {
    lang.cell(name).replace('_', " ")
}

/// What somebody is.
pub(super) fn class(name: &str, lang: Lang) -> String {
    match name {
        "none" => lang.say("nothing is asked of them").to_owned(),
        name => word(name, lang),
    }
}

/// Parts of a list, with a comma between.
pub(super) fn list<T: Display>(parts: impl IntoIterator<Item = T>, lang: Lang) -> String {
    let parts: Vec<String> = parts.into_iter().map(|part| part.to_string()).collect();
    parts.join(lang.say(", "))
}

/// A place by what people call it, and its id.
pub(super) fn place(id: Option<&str>, name: Option<&str>, lang: Lang) -> String {
    match (id, name) {
        (Some(id), Some(name)) => format!("{name} ({id})"),
        (Some(id), None) => id.to_owned(),
        _ => lang.say("no place is named").to_owned(),
    }
}

/// What an answer speaks for.
pub(super) fn head(as_of: &str, policy: &str, lang: Lang) -> String {
    format!("{} {} · {} {policy}", lang.say("as of"), moment(as_of), lang.say("policy"))
}

fn row(row: &InputRow) -> String {
    let cell =
        |(name, value): (&String, &Value)| format!("{name}={}", value.as_str().unwrap_or(""));
    format!("{}  {}", row.row, row.cells.iter().map(cell).collect::<Vec<_>>().join(", "))
}

/// Cells of the picture of a window.
const CELLS: i64 = 48;

/// A picture of the sliding window: where the two were together.
fn bar(window: &WindowShown) -> String {
    let together = |cell: i64| {
        let (from, to) = (cell * window.seconds / CELLS, (cell + 1) * window.seconds / CELLS);
        let inside = |span: &[i64; 2]| (span[1].min(to) - span[0].max(from)).max(0);
        let seconds: i64 = window.together.iter().map(inside).sum();
        // A second is seen, and the whole is full.
        let cell = (to - from).max(1);
        match (seconds * 8 + cell - 1) / cell {
            0 => '·',
            8.. => '█',
            eighths => ['▁', '▂', '▃', '▄', '▅', '▆', '▇'][eighths as usize - 1],
        }
    };
    let picture: String = (0..CELLS).map(together).collect();
    format!("    |{picture}| {} – {}", moment(&window.start), moment(&window.end))
}

/// The verdict of a pair, and by how much.
fn verdict(pair: &PairShown, lang: Lang) -> String {
    let (peak, needed) = (length(pair.peak_seconds, lang), length(pair.needed_seconds, lang));
    let margin = length(pair.margin_seconds.abs(), lang);
    match pair.by {
        Some("household") => lang.say("the same recorded home: counts, however long").to_owned(),
        Some("dense_minutes") => lang.fill(
            "together {} where people crowd; {} are enough: {} more",
            &[&peak, &needed, &margin],
        ),
        Some(_) => lang.fill("together {}; {} are enough: {} more", &[&peak, &needed, &margin]),
        None if pair.peak_seconds == 0 => {
            lang.say("no time together that counts: weak matches only").to_owned()
        }
        None => lang.fill("together {} of {}: {} too few", &[&peak, &needed, &margin]),
    }
}

fn assumed(what: Assumed, lang: Lang) -> &'static str {
    let english = match what {
        Assumed::EndOfCase => {
            "assumed: the row of the case has no end; it lasts until their next row, or as long as the policy says"
        }
        Assumed::EndOfPerson => {
            "assumed: the row of the person has no end; it lasts until their next row, or as long as the policy says"
        }
        Assumed::LengthOfSighting => {
            "assumed: the sighting has no length; it is held until the next one, or as long as the policy says"
        }
        Assumed::HouseholdMet => "assumed: who lives in one home meets there; no row says so",
    };
    lang.say(english)
}

impl Told for MatchShown {
    fn told(&self, lang: Lang) -> Vec<String> {
        let at = place(self.place_id.as_deref(), self.place.as_deref(), lang);
        let weak = if self.weak { lang.say(" (weak: for somebody to check)") } else { "" };
        let (start, end) = (moment(&self.start), moment(&self.end));
        let (basis, long) = (word(self.basis, lang), length(self.seconds, lang));
        let mut lines = vec![format!("    {basis}{weak} · {at} · {start} – {end} · {long}")];
        if self.case_row.row == self.person_row.row {
            lines.push(format!("      {}", row(&self.case_row)));
        } else {
            let rows = [("the case", &self.case_row), ("the other", &self.person_row)];
            let line =
                |(who, of): (&str, &InputRow)| format!("      {}: {}", lang.say(who), row(of));
            lines.extend(rows.map(line));
        }
        lines.extend(self.assumed.iter().map(|what| format!("      {}", assumed(*what, lang))));
        lines
    }
}

impl Told for PairShown {
    fn told(&self, lang: Lang) -> Vec<String> {
        let verdict = verdict(self, lang);
        let mut lines = vec![format!("  {} {}: {verdict}", lang.say("case"), self.case_id)];
        let shown = self.window.iter().filter(|_| self.peak_seconds > 0);
        lines.extend(shown.map(bar));
        lines.extend(self.matches.iter().flat_map(|found| found.told(lang)));
        lines
    }
}

impl Told for PlanShown {
    fn told(&self, lang: Lang) -> Vec<String> {
        let (measure, state) = (word(self.measure, lang), word(self.state, lang));
        let phase = |of: &super::parts::PhaseShown| {
            format!("{} {} – {}", word(&of.kind, lang), of.from, of.to)
        };
        let mut lines = vec![
            lang.fill(
                "measure: {}, {}; health code {}",
                &[&measure, &state, &word(&self.code, lang)],
            ),
            lang.fill(
                "  day 0 is {}, the day of the last exposure, of leaving or of entry; {}; released on {}",
                &[&self.day0, &list(self.phases.iter().map(phase), lang), &self.release_on],
            ),
        ];
        if !self.tests.is_empty() {
            lines.push(lang.fill("  tests on {}", &[&list(&self.tests, lang)]));
        }
        if !self.zone_ids.is_empty() {
            lines.push(lang.fill("  for having been in {}", &[&list(&self.zone_ids, lang)]));
        }
        lines
    }
}

/// The numbers that were applied.
fn rules(rules: &[RuleValue], lang: Lang) -> Vec<String> {
    let line = |rule: &RuleValue| {
        let source = lang.of_policy(rule.source.as_deref().unwrap_or("–"));
        format!("  {} = {}   [{source}]", lang.parameter(&rule.name), rule.value)
    };
    let mut lines =
        vec![String::new(), lang.say("numbers that were applied, and their sources:").to_owned()];
    lines.extend(rules.iter().map(line));
    lines
}

impl Told for Noted {
    fn told(&self, lang: Lang) -> Vec<String> {
        let said = |(name, value): (&String, &Value)| {
            let value = value.as_str().unwrap_or("");
            let value = if value.contains('T') && value.contains(':') {
                moment(value)
            } else {
                word(value, lang)
            };
            format!("{} {value}", lang.column(name).replace('_', " "))
        };
        let says = list(self.says.iter().map(said), lang);
        let name = word(self.list, lang);
        let colon = if says.is_empty() { "" } else { ": " };
        let mut lines = vec![String::new(), format!("{name}{colon}{says}")];
        lines.extend(self.rows.iter().map(|of| format!("    {}", row(of))));
        lines
    }
}

impl Told for PersonExplained {
    fn told(&self, lang: Lang) -> Vec<String> {
        let mut lines = vec![format!("{} · {}", self.person_id, class(self.class, lang))];
        lines.push(head(&self.as_of, &self.policy, lang));
        lines.extend(self.plan.iter().flat_map(|plan| plan.told(lang)));
        if !self.pairs.is_empty() {
            lines.extend([String::new(), lang.say("exposures:").to_owned()]);
            lines.extend(self.pairs.iter().flat_map(|pair| pair.told(lang)));
        }
        if !self.stays.is_empty() {
            lines.extend([String::new(), lang.say("stays in high-risk zones:").to_owned()]);
        }
        for stay in &self.stays {
            let at = place(Some(&stay.place_id), stay.place.as_deref(), lang);
            let (start, end) = (moment(&stay.start), moment(&stay.end));
            lines.push(format!("  {} · {at} · {start} – {end}", stay.zone_id));
            lines.push(format!("    {}", row(&stay.row)));
        }
        lines.extend(self.noted.iter().flat_map(|noted| noted.told(lang)));
        if let Some(record) = &self.record {
            lines.extend([String::new(), lang.fill("recorded: {}", &[&row(record)])]);
        }
        if !self.rules.is_empty() {
            lines.extend(rules(&self.rules, lang));
        }
        if self.class == "none" || self.class == "venue_exposed" {
            lines.push(String::new());
            lines.push(lang.fill(
                "what is missing to a verdict: trace why-not --person {}",
                &[&self.person_id],
            ));
        }
        lines
    }
}

/// Contacts of a case that are listed in lines; JSON has all.
const SHOWN: usize = 20;

impl Told for CaseExplained {
    fn told(&self, lang: Lang) -> Vec<String> {
        let mut lines = vec![format!("{} · {}", self.case_id, word("case", lang))];
        lines.push(head(&self.as_of, &self.policy, lang));
        lines.push(row(&self.row));
        let from = lang.say(self.anchor_from);
        lines.push(lang.fill("the window is counted from {}: {}", &[&self.anchor, &from]));
        lines.push(match &self.window {
            Some([start, end]) => lang.fill("window: {} – {}", &[&moment(start), &moment(end)]),
            None => lang.say("the window is empty: nobody was exposed").to_owned(),
        });
        let aside = self.set_aside.iter();
        lines.extend(aside.map(|(column, at)| {
            lang.fill("set aside, because it cannot be: {} {}", &[&lang.say(column), &moment(at)])
        }));
        lines.push(lang.fill(
            "{} close contacts, {} people below the threshold, {} cases exposed to it",
            &[&self.contacts.len(), &self.below, &self.links.len()],
        ));
        for contact in self.contacts.iter().take(SHOWN) {
            let bases = list(contact.bases.iter().map(|basis| word(basis, lang)), lang);
            let long = length(contact.seconds, lang);
            lines.push(format!("  {:>4}  {} · {long} · {bases}", contact.rank, contact.person_id));
        }
        let more = self.contacts.len().saturating_sub(SHOWN);
        lines.extend((more > 0).then(|| lang.fill("  … and {} more: --json has all", &[&more])));
        lines.push(String::new());
        lines.push(match self.sources.len() {
            0 => lang.say("no case is known that it was exposed to").to_owned(),
            count => lang.fill("possible sources ({}); an exposure, not a proof:", &[&count]),
        });
        lines.extend(self.sources.iter().flat_map(|pair| pair.told(lang)));
        lines.extend([String::new(), lang.say("stays inside the window:").to_owned()]);
        for stay in &self.stays {
            let at = place(stay.place_id.as_deref(), stay.place.as_deref(), lang);
            let (start, end) = (moment(&stay.start), moment(&stay.end));
            lines.push(format!("  {start} – {end} · {at}   {}", stay.row));
        }
        if !self.zone_ids.is_empty() {
            lines.extend([String::new(), lang.fill("zones: {}", &[&list(&self.zone_ids, lang)])]);
        }
        lines.extend(rules(&self.rules, lang));
        lines
    }
}

fn step(step: &Step, lang: Lang) -> String {
    lang.fill("{}: {} residents", &[&list(&step.zone_ids, lang), &step.residents])
}

impl Told for ZoneExplained {
    fn told(&self, lang: Lang) -> Vec<String> {
        let (level, status) = (word(self.level, lang), word(self.status, lang));
        let reasons = list(self.reasons.iter().map(|basis| word(basis, lang)), lang);
        let mut lines = vec![format!("{} · {level} · {status} · {reasons}", self.zone_id)];
        lines.push(head(&self.as_of, &self.policy, lang));
        lines.extend(self.missing.iter().map(|of| {
            let what = lang.column(of.what);
            lang.fill("it is no zone for want of {}: {} of {}", &[&what, &of.is, &of.least])
        }));
        for case in &self.cases {
            let home = match case.lives_there {
                Some("recorded") => lang.say("lives there"),
                Some(_) => lang.say("seems to live there: most nights"),
                None => lang.say("does not live there"),
            };
            let was = lang.fill("there on {} days, {} minutes", &[&case.days, &case.minutes]);
            lines.push(format!("  {} {}: {home}; {was}", lang.say("case"), case.case_id));
        }
        lines.push(lang.fill(
            "met there: {} close contacts, {} links to a later case",
            &[&self.contacts, &self.secondary],
        ));
        lines.push(lang.fill(
            "price: {} residents, {} person-days from now on; {} people who left, {} person-days at home",
            &[&self.residents, &self.resident_days, &self.spillover, &self.spillover_days],
        ));
        lines.extend(self.key_groups.iter().map(|of| {
            let needs = list(of.needs.iter().map(|need| word(need, lang)), lang);
            format!("  {}: {} · {needs}", word(&of.group, lang), of.people)
        }));
        let smaller = self.smaller.iter();
        lines.extend(smaller.map(|of| lang.fill("one step smaller: {}", &[&step(of, lang)])));
        let larger = self.larger.iter();
        lines.extend(larger.map(|of| lang.fill("one step larger: {}", &[&step(of, lang)])));
        let dates = [
            ("risk since {}", &self.risk_from),
            ("last case confirmed on {}", &self.last_case_date),
            ("low from {} on, 00:00", &self.downgrade_on),
            ("to be announced by {}", &self.announce_by),
        ];
        let dates = dates.into_iter().filter_map(|(what, at)| Some((what, at.as_ref()?)));
        lines.extend(dates.map(|(what, at)| match at.contains('T') {
            true => lang.fill(what, &[&moment(at)]),
            false => lang.fill(what, &[at]),
        }));
        lines.extend(rules(&self.rules, lang));
        lines
    }
}
