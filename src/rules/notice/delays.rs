//! The early clock (四早): how long it took until a case was found, isolated, and their zone
//! announced.
//!
//! Sources: the Notice, measure 15; Shanxi: zones are announced within 5 hours of the confirmation.
//! What a late isolation cost is counted in close contacts who were exposed on the day of the
//! anchor or later. Cost: the cases, their zones and their pairs.

use super::Drawn;
use crate::base::time::{DAY, Date, Instant};
use crate::model::{Case, CaseIdx};
use crate::policy::Early;
use crate::rules::facts::Facts;
use crate::rules::zones::RiskZone;
use std::collections::{BTreeMap, BTreeSet};

/// What came late.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Late {
    /// The announcement of a zone.
    Announcement,
    /// The confirmation, after the sample.
    Confirmation,
    /// The isolation, after the confirmation.
    Isolation,
}

impl Late {
    /// All of them.
    pub const ALL: [Late; 3] = [Late::Announcement, Late::Confirmation, Late::Isolation];

    /// The name in the output.
    pub fn name(self) -> &'static str {
        match self {
            Late::Announcement => "announcement",
            Late::Confirmation => "confirmation",
            Late::Isolation => "isolation",
        }
    }
}

/// The clock of a case. Hours are whole, cut towards zero.
#[derive(Debug, Clone)]
pub struct Delay {
    /// Who.
    pub case: CaseIdx,
    /// The number of the name of the county where they live.
    pub county: u32,
    /// From the onset, if it is known and can be one, to the sample.
    pub to_sample: Option<i64>,
    /// From the sample to the confirmation.
    pub to_confirmation: Option<i64>,
    /// From the confirmation to the isolation; negative: they were isolated before.
    pub to_isolation: Option<i64>,
    /// From the onset to the isolation.
    pub at_large: Option<i64>,
    /// Close contacts exposed to them on the day of the anchor or later.
    pub contacts_at_large: u32,
    /// The zones of theirs, as positions in the list of all.
    pub zones: Vec<usize>,
    /// Of the zones whose first case this is: by when the first of them had to be announced.
    pub announce_by: Option<Instant>,
    /// And when the last of them was, if all were.
    pub announced: Option<Instant>,
    /// What came late.
    pub late: BTreeSet<Late>,
}

fn hours(from: Option<Instant>, to: Option<Instant>) -> Option<i64> {
    Some((to?.0 - from?.0) / 3600)
}

/// Whether a moment says an hour: at 00:00 of a day it is most likely a day alone.
fn has_hour(facts: &Facts<'_>, at: Instant) -> bool {
    facts.zone.midnight(facts.zone.date(at)) != at
}

/// Whether `to` is certainly more than `hours` after `from`, however days without an hour are read:
/// `to` may be the midnight that ends its day.
fn is_after(facts: &Facts<'_>, from: Instant, to: Instant, hours: u32) -> bool {
    let latest = if has_hour(facts, from) { from.0 } else { from.0 + DAY };
    let earliest = if has_hour(facts, to) { to.0 } else { to.0 - DAY };
    earliest > latest + i64::from(hours) * 3600
}

/// The clocks of all cases, by id; nothing under a policy without such numbers.
pub fn delays(drawn: &Drawn<'_>) -> Vec<Delay> {
    let (facts, cases) = (&drawn.facts, drawn.facts.cases);
    let Some(rules) = &facts.policy.early else { return Vec::new() };
    let mut announced: BTreeMap<&str, Instant> = BTreeMap::new();
    for of in facts.registers.announcements.iter().filter(|of| of.at <= facts.as_of) {
        let at = announced.entry(&of.zone).or_insert(of.at);
        *at = (*at).min(of.at);
    }
    let mut zones_of: BTreeMap<CaseIdx, Vec<usize>> = BTreeMap::new();
    for (number, zone) in drawn.zones.iter().enumerate() {
        zone.cases.iter().for_each(|&case| zones_of.entry(case).or_default().push(number));
    }
    let contacts = contacts_at_large(drawn);
    let of_case = |(case, row): (CaseIdx, &Case)| {
        let onset = row.plausible_onset(&facts.policy.exposure, facts.zone);
        let aside = row.set_aside(&facts.policy.exposure, facts.zone);
        let can_be = |name: &str, at: Option<Instant>| {
            at.filter(|_| !aside.iter().any(|(column, _)| *column == name))
        };
        let sampled = can_be("sampled", row.sampled);
        // Who was isolated long before was not late; the year 2100 stands for "not yet".
        let isolated = row.isolated.filter(|at| *at <= facts.as_of);
        let confirmed = Some(row.confirmed);
        // Where only a day is known no hours are counted, but for the onset: it rarely has one.
        let timed = |at: Option<Instant>| at.filter(|at| has_hour(facts, *at));
        let zones = zones_of.remove(&case).unwrap_or_default();
        // The clock of a zone runs from its first case.
        let first = |zone: &&RiskZone| {
            zone.cases.iter().all(|&other| cases.get(other).confirmed >= row.confirmed)
        };
        let of_zones = zones.iter().map(|&zone| &drawn.zones[zone]).filter(first);
        let told = of_zones.clone().map(|zone| {
            let id = zone.id(facts.places);
            // A building counts as announced with the last of its announced units.
            let unit = |of: &&str| of.rsplit_once('/').is_some_and(|(building, _)| building == id);
            let units = announced.iter().filter(|(of, _)| unit(of)).map(|(_, at)| *at);
            announced.get(&*id).copied().or_else(|| units.max())
        });
        let told = told.collect::<Option<BTreeSet<Instant>>>().and_then(|all| all.last().copied());
        let mut delay = Delay {
            case,
            county: drawn.county(case),
            to_sample: hours(onset, timed(sampled)),
            to_confirmation: hours(timed(sampled), timed(confirmed)),
            to_isolation: hours(timed(confirmed), timed(isolated)),
            at_large: hours(onset, timed(isolated)),
            contacts_at_large: contacts.get(&case).copied().unwrap_or(0),
            announce_by: of_zones.filter_map(|zone| zone.announce_by).min(),
            announced: told,
            zones,
            late: BTreeSet::new(),
        };
        delay.late = late(facts, rules, (sampled, row.confirmed, isolated), &delay);
        delay
    };
    cases.iter().map(of_case).collect()
}

/// How many close contacts were exposed to each case on the day of its anchor or later.
fn contacts_at_large(drawn: &Drawn<'_>) -> BTreeMap<CaseIdx, u32> {
    let (facts, cases) = (&drawn.facts, drawn.facts.cases);
    let mut contacts: BTreeMap<CaseIdx, u32> = BTreeMap::new();
    for pair in drawn.graph.pairs().iter().filter(|pair| pair.qualifies) {
        let since = facts.zone.midnight(cases.anchor(pair.case));
        let is_case = drawn.graph.is_case(pair.person);
        if !is_case && pair.last > since {
            *contacts.entry(pair.case).or_default() += 1;
        }
    }
    contacts
}

/// What came late; what has not come yet is late when its time is over at as-of.
fn late(
    facts: &Facts<'_>,
    rules: &Early,
    (sampled, confirmed, isolated): (Option<Instant>, Instant, Option<Instant>),
    delay: &Delay,
) -> BTreeSet<Late> {
    let over = |from: Instant, to: Option<Instant>, hours: u32| match to {
        Some(to) => is_after(facts, from, to, hours),
        // As-of is a moment whatever its hour.
        None => is_after(facts, from, Instant(facts.as_of.0 - 1), hours),
    };
    let hours = facts.policy.zone.as_ref().and_then(|rules| rules.announce_hours);
    let is_asked = delay.announced.is_some() || !facts.registers.announcements.is_empty();
    let hours = hours.filter(|_| is_asked && delay.announce_by.is_some());
    let all = [
        (hours.is_some_and(|hours| over(confirmed, delay.announced, hours)), Late::Announcement),
        (
            sampled.is_some_and(|at| over(at, Some(confirmed), rules.confirm_hours)),
            Late::Confirmation,
        ),
        (over(confirmed, isolated, rules.isolate_hours), Late::Isolation),
    ];
    all.into_iter().filter_map(|(is, late)| is.then_some(late)).collect()
}

/// The medians of the cases of a county who were confirmed on one day.
#[derive(Debug, Clone)]
pub struct DayOfCounty {
    /// The number of the county's name.
    pub county: u32,
    /// The day of the confirmation.
    pub day: Date,
    /// Cases.
    pub cases: u32,
    /// Medians, in hours, in the order of [`Delay`]: of an even number the smaller of the two in
    /// the middle.
    pub medians: [Option<i64>; 4],
    /// Cases of whom something came late.
    pub late: u32,
    /// Close contacts exposed on the day of the anchor or later, of all of them.
    pub contacts_at_large: u32,
}

/// The medians by county and day.
pub fn medians(drawn: &Drawn<'_>, delays: &[Delay]) -> Vec<DayOfCounty> {
    let facts = &drawn.facts;
    let mut days: BTreeMap<(&str, Date), Vec<&Delay>> = BTreeMap::new();
    for delay in delays {
        let day = facts.zone.date(facts.cases.get(delay.case).confirmed);
        days.entry((facts.places.text(delay.county), day)).or_default().push(delay);
    }
    let of_day = |((_, day), delays): ((&str, Date), Vec<&Delay>)| {
        let hours = |of: fn(&Delay) -> Option<i64>| {
            let mut all: Vec<i64> = delays.iter().filter_map(|delay| of(delay)).collect();
            all.sort_unstable();
            all.get(all.len().saturating_sub(1) / 2).copied()
        };
        let medians = [
            hours(|delay| delay.to_sample),
            hours(|delay| delay.to_confirmation),
            hours(|delay| delay.to_isolation),
            hours(|delay| delay.at_large),
        ];
        DayOfCounty {
            county: delays[0].county,
            day,
            cases: delays.len() as u32,
            medians,
            late: delays.iter().filter(|delay| !delay.late.is_empty()).count() as u32,
            contacts_at_large: delays.iter().map(|delay| delay.contacts_at_large).sum(),
        }
    };
    days.into_iter().map(of_day).collect()
}
