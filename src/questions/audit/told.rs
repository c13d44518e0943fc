//! An audit as lines for people.

use super::{Audit, Finding, Wrong};
use crate::base::words::Lang;
use crate::pipeline::looser;
use crate::questions::told::{Told, head};
use std::collections::BTreeMap;

/// Findings of a kind that are listed in lines; JSON and --csv have all.
const SHOWN: usize = 15;

fn what(wrong: Wrong) -> &'static str {
    match wrong {
        Wrong::ZoneWider => "zones wider than justified",
        Wrong::ZoneWithoutGround => "zones without ground",
        Wrong::ZonePastDowngrade => "zones past the day of their downgrade",
        Wrong::ZoneNarrower => "zones narrower than justified",
        Wrong::ZoneNotAnnounced => "zones not announced in time",
        Wrong::ZoneMissing => "zones that were not ordered",
        Wrong::ZoneUnknown => "zones of no place in this export",
        Wrong::PersonWithoutGround => "people held without ground",
        Wrong::PersonTooLong => "people held too long",
        Wrong::PersonWrongMeasure => "people with another measure than justified",
        Wrong::PersonTooEarly => "people released too early",
        Wrong::PersonMissing => "people whose measure was not ordered",
        Wrong::NoProof => "verdicts without proof: please report this",
    }
}

impl Told for Audit {
    fn told(&self, lang: Lang) -> Vec<String> {
        let mut lines = vec![head(&self.as_of, &self.policy, lang)];
        lines.push(match self.findings.len() {
            0 => lang.say("nothing is wrong: every verdict has its proof").to_owned(),
            count => lang.fill("{} findings", &[&count]),
        });
        let mut kinds: BTreeMap<Wrong, Vec<&Finding>> = BTreeMap::new();
        self.findings.iter().for_each(|of| kinds.entry(of.wrong).or_default().push(of));
        for (wrong, all) in kinds {
            let people: u64 = all.iter().map(|of| of.people).sum();
            let days: u64 = all.iter().map(|of| of.person_days).sum();
            let head =
                [&lang.say(what(wrong)) as &dyn std::fmt::Display, &all.len(), &people, &days];
            lines.extend([String::new(), lang.fill("{}: {} ({} people, {} person-days)", &head)]);
            lines.extend(all.iter().take(SHOWN).map(|of| line(of)));
            let more = all.len().saturating_sub(SHOWN);
            lines
                .extend((more > 0).then(|| lang.fill("  … and {} more: --json has all", &[&more])));
        }
        if !self.unusable.is_empty() {
            lines.push(String::new());
            lines.push(lang.fill("{} rows of the orders cannot be used", &[&self.unusable.len()]));
            let rows = self.unusable.iter().take(SHOWN);
            lines.extend(rows.map(|(row, why)| format!("  {row}  {why}")));
        }
        for (file, columns) in &self.not_read {
            let columns = columns.join(", ");
            lines.push(lang.fill("{}: columns that are not read: {}", &[file, &columns]));
        }
        let rests = &self.rests_on;
        lines.push(String::new());
        lines.push(lang.fill(
            "of {} close contacts, {} rest on assumed ends of stays, {} on one match alone, \
             {} on living together alone",
            &[&rests.close_contacts, &rests.assumed_ends, &rests.one_match, &rests.household_only],
        ));
        lines.extend([
            String::new(),
            lang.say("what other practices would hold besides (counted, never named):").to_owned(),
        ]);
        for of in &self.avoided {
            let name = lang.say(looser::what(of.practice));
            let parts = [&name as &dyn std::fmt::Display, &of.people, &of.person_days];
            lines.push(lang.fill("  {}: {} people, {} person-days", &parts));
        }
        lines
    }
}

fn line(of: &Finding) -> String {
    let justified = if of.justified.is_empty() { "–" } else { &of.justified };
    let ordered = if of.ordered.is_empty() { "–" } else { &of.ordered };
    let row = of.row.as_deref().unwrap_or("");
    format!("  {} · {ordered} → {justified} · {} / {}   {row}", of.id, of.people, of.person_days)
}
