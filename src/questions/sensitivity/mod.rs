//! `trace sensitivity`: what a run would find if one number of the policy was another.
//!
//! Every line is what `trace run` finds under that policy, at one as-of, from one reading of the
//! bulk tables. Cost: see [`many`].

mod picture;

pub use picture::picture;

use super::told::{Told, head, length};
use crate::base::error::Result;
use crate::base::words::Lang;
use crate::ingest::{Folder, Progress};
use crate::pipeline::many::many;
use crate::pipeline::{Analysis, Outcome, Request};
use crate::policy::{PRESETS, Policy};
use crate::rules::measures::DatedPhase;
use schemars::JsonSchema;
use serde::Serialize;

/// The numbers that are varied, and what they are set to besides what they are.
const NUMBERS: [(&str, &[&str]); 7] = [
    ("exposure.min_minutes", &["1", "5", "10", "15", "30"]),
    ("exposure.proximity_m", &["1", "1.5", "2", "6"]),
    ("exposure.lookback_days", &["1", "2", "3", "4"]),
    ("exposure.room_persons", &["20", "50", "100", "200", "none"]),
    ("exposure.ping_gap_minutes", &["0", "5", "10", "20"]),
    ("zone.min_days", &["1", "2", "3"]),
    ("zone.min_minutes", &["60", "120", "240", "480"]),
];

/// What a run finds under a policy.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Line {
    /// The number that is another, or `policy`.
    pub number: String,
    /// What it is set to.
    pub value: String,
    /// Whether that is what it is in the policy that was asked for.
    pub as_asked: bool,
    /// Close contacts.
    pub close_contacts: u64,
    /// Venue-exposed people.
    pub venue_exposed: u64,
    /// People whose plan has not run out and keeps them somewhere: centrally, or at home.
    pub held: u64,
    /// The days of theirs that are left from as-of on, centrally or at home.
    pub held_days: u64,
    /// Risk zones that are high.
    pub zones: u64,
    /// Who lives in those.
    pub residents: u64,
}

/// Somebody within a fifth of the threshold: for a human to look at.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct NearThreshold {
    /// Who.
    pub person_id: String,
    /// The case they were with.
    pub case_id: String,
    /// The most time together inside one sliding window.
    pub peak_seconds: i64,
    /// The threshold.
    pub needed_seconds: i64,
    /// Whether they are a close contact by it.
    pub qualifies: bool,
}

/// How findings hang on the numbers of the policy.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Sensitivity {
    /// The moment all lines speak for.
    pub as_of: String,
    /// The policy that was asked for.
    pub policy: String,
    /// A line for each number and value.
    pub lines: Vec<Line>,
    /// Who is within a fifth of the threshold of minutes, the nearest first.
    pub near: Vec<NearThreshold>,
}

/// The policies that are tried, each with its changed number and value; first the one asked for.
///
/// # Errors
/// When a policy refuses a changed number.
pub fn variants(asked: &Policy) -> Result<Vec<(String, String, Policy)>> {
    let values = asked.values();
    let mut all = vec![("policy".to_owned(), asked.name.clone(), asked.clone())];
    for (number, settings) in NUMBERS {
        let is_there = |name: &str| name.starts_with("exposure.") || asked.zone.is_some();
        for value in settings.iter().filter(|_| is_there(number)) {
            let policy = asked.with(&format!("{number}={value}"))?;
            all.push((number.to_owned(), (*value).to_owned(), policy));
        }
        let own = values.get(number).map_or("none".to_owned(), ToString::to_string);
        let is_own = |of: &(String, String, Policy)| of.0 == number && of.2.values() == values;
        if is_there(number) && !all.iter().any(is_own) {
            all.push((number.to_owned(), own, asked.clone()));
        }
    }
    for (name, _) in PRESETS.iter().filter(|(name, _)| *name != asked.name) {
        all.push(("policy".to_owned(), (*name).to_owned(), Policy::preset(name)?));
    }
    Ok(all)
}

/// How the findings of an export hang on the numbers of the policy that is asked for.
///
/// # Errors
/// When the input cannot be used, or no case is confirmed by as-of.
pub fn sensitivity(
    folder: &Folder,
    request: &Request,
    progress: &dyn Progress,
) -> Result<Outcome<Sensitivity>> {
    let variants = variants(&request.policy)?;
    let policies: Vec<Policy> = variants.iter().map(|(.., policy)| policy.clone()).collect();
    let mut lines: Vec<Option<Line>> = vec![None; variants.len()];
    let (mut as_of, mut nearly) = (String::new(), Vec::new());
    let done = many(folder, request, &policies, progress, |number, analysis| {
        let (name, value, _) = &variants[number];
        let as_asked = policies[number].values() == policies[0].values();
        lines[number] = Some(line((name, value, as_asked), &analysis));
        if number == 0 {
            as_of = analysis.zone().show(analysis.as_of);
            nearly = near(&analysis);
        }
    })?;
    if let Outcome::TooManyRejects(rejected) = done {
        return Ok(Outcome::TooManyRejects(rejected));
    }
    let lines = lines.into_iter().flatten().collect();
    let policy = request.policy.name.clone();
    Ok(Outcome::Done(Box::new(Sensitivity { as_of, policy, lines, near: nearly })))
}

fn line((number, value, as_asked): (&str, &str, bool), analysis: &Analysis) -> Line {
    let today = analysis.zone().date(analysis.as_of);
    let keeps = |stage: &&DatedPhase| matches!(stage.kind.as_str(), "central" | "home");
    let left = |stage: &DatedPhase| i64::from((stage.to.0 - stage.from.0.max(today.0) + 1).max(0));
    let (mut held, mut held_days) = (0, 0);
    for measure in &analysis.measures.list {
        let schedule = analysis.measures.schedule(measure);
        let days: i64 = schedule.stages.iter().filter(keeps).map(left).sum();
        if schedule.active && days > 0 {
            held += 1;
            held_days += days as u64;
        }
    }
    let high = || analysis.zones.iter().filter(|zone| zone.high);
    Line {
        number: number.to_owned(),
        value: value.to_owned(),
        as_asked,
        close_contacts: analysis.contacts.close.len() as u64,
        venue_exposed: analysis.contacts.venue_exposed.len() as u64,
        held,
        held_days,
        zones: high().count() as u64,
        residents: high().map(|zone| zone.residents).sum(),
    }
}

/// Pairs within a fifth of the threshold of minutes, the nearest first.
fn near(analysis: &Analysis) -> Vec<NearThreshold> {
    let needed = i64::from(analysis.request.policy.exposure.min_minutes) * 60;
    let away = |seconds: i64| (seconds - needed).abs();
    let pairs = analysis.graph.pairs().iter();
    let is_case = |id: &str| analysis.cases.find(id).is_some();
    let pairs = pairs.filter(|pair| pair.peak_seconds > 0 && away(pair.peak_seconds) * 5 <= needed);
    let shown = pairs.map(|pair| NearThreshold {
        person_id: analysis.evidence.id(pair.person).to_owned(),
        case_id: analysis.cases.get(pair.case).id.to_string(),
        peak_seconds: pair.peak_seconds,
        needed_seconds: needed,
        qualifies: pair.qualifies,
    });
    let mut near: Vec<NearThreshold> = shown.filter(|of| !is_case(&of.person_id)).collect();
    near.sort_by(|a, b| {
        let key = |of: &NearThreshold| (away(of.peak_seconds), of.person_id.clone());
        key(a).cmp(&key(b)).then_with(|| a.case_id.cmp(&b.case_id))
    });
    near
}

/// People near the threshold that are listed in lines; JSON has all.
const SHOWN: usize = 15;

/// The widths of the columns of numbers.
const WIDTH: usize = 12;

impl Told for Sensitivity {
    fn told(&self, lang: Lang) -> Vec<String> {
        let mut lines = vec![head(&self.as_of, &self.policy, lang)];
        let heads = ["contacts", "venue", "held", "days held", "zones", "residents"];
        let heads: String = heads.iter().map(|head| padded(lang.say(head))).collect();
        let mut last = "";
        for line in &self.lines {
            if line.number != last {
                lines.extend([String::new(), format!("{:<24}{heads}", line.number)]);
                last = &line.number;
            }
            let numbers = [
                line.close_contacts,
                line.venue_exposed,
                line.held,
                line.held_days,
                line.zones,
                line.residents,
            ];
            let numbers: String =
                numbers.iter().map(|number| format!("{number:>WIDTH$}")).collect();
            let mark = if line.as_asked { "*" } else { " " };
            lines.push(format!("{mark} {:<22}{numbers}", line.value));
        }
        lines.extend([
            String::new(),
            lang.fill(
                "{} people are within a fifth of the threshold: look at them yourself",
                &[&self.near.len()],
            ),
        ]);
        for of in self.near.iter().take(SHOWN) {
            let (peak, needed) = (length(of.peak_seconds, lang), length(of.needed_seconds, lang));
            let so = if of.qualifies { lang.cell("close_contact") } else { lang.say("below") };
            let so = so.replace('_', " ");
            let with = lang.fill("with {}: {} of {}", &[&of.case_id, &peak, &needed]);
            lines.push(format!("  {} · {with} · {so}", of.person_id));
        }
        let more = self.near.len().saturating_sub(SHOWN);
        lines.extend((more > 0).then(|| lang.fill("  … and {} more: --json has all", &[&more])));
        lines
    }
}

/// A heading, as wide as the numbers below it: a Chinese sign is two letters wide.
fn padded(text: &str) -> String {
    let width: usize = text.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum();
    format!("{}{text}", " ".repeat(WIDTH.saturating_sub(width)))
}
