//! `trace explain --zone`: why an area is a zone at this grain, or is none; what it costs; until
//! when.
//!
//! Cost: the stays of the cases; of a high-risk zone, a light pass over the persons, too.

use super::parts::{RuleValue, Shower};
use super::question::Question;
use crate::base::error::Result;
use crate::model::CaseIdx;
use crate::pipeline::{Analysis, particulars};
use crate::rules::areas::{Area, Attendance, Presence};
use crate::rules::notice::needs::{groups, needs_of};
use crate::rules::options::ZoneOption;
use crate::rules::zones::ZoneBasis;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// A case of an area.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct CaseThere {
    /// Who.
    pub case_id: String,
    /// Whether they live there: `recorded` or `inferred`; nothing when they do not.
    pub lives_there: Option<&'static str>,
    /// On how many days they were there inside their window.
    pub days: u64,
    /// How many minutes.
    pub minutes: u64,
}

/// A number that misses its threshold.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct MissingShown {
    /// `days`, `minutes`, `contacts` or `secondary`.
    pub what: &'static str,
    /// What it is.
    pub is: u64,
    /// What it has to be.
    pub least: u64,
}

/// An area one step smaller or larger, and who lives there.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Step {
    /// Its areas.
    pub zone_ids: Vec<String>,
    /// Persons with a recorded residence in them.
    pub residents: u64,
}

/// The people of a key group (重点人群) who live in a zone.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct GroupThere {
    /// The group, as it stands in the input.
    pub group: String,
    /// How many of them live there.
    pub people: u64,
    /// What they need there.
    pub needs: Vec<&'static str>,
}

/// Why an area is a zone, or is none.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct ZoneExplained {
    /// Which.
    pub zone_id: String,
    /// The moment the analysis speaks for.
    pub as_of: String,
    /// The policy.
    pub policy: String,
    /// `unit`, `building` or `place`.
    pub level: &'static str,
    /// `high`, `low` (released), or `not_drawn`.
    pub status: &'static str,
    /// Why: `residence`, `activity`, `escalated`, `expanded`; of what is not drawn, why it nearly
    /// is.
    pub reasons: Vec<&'static str>,
    /// What it misses to be a zone; any of the numbers would do.
    pub missing: Vec<MissingShown>,
    /// Its cases.
    pub cases: Vec<CaseThere>,
    /// The numbers that were applied, each with its source.
    pub rules: Vec<RuleValue>,
    /// Close contacts met there.
    pub contacts: u64,
    /// Links made there to a case with a later anchor.
    pub secondary: u64,
    /// Persons with a recorded residence in it.
    pub residents: u64,
    /// Of a high-risk zone, the key groups among them.
    pub key_groups: Vec<GroupThere>,
    /// The days they have to stay inside from as-of on, all together.
    pub resident_days: u64,
    /// Persons, no cases, who were there since the risk began.
    pub present: Option<u64>,
    /// People who get the measure of spillover for it, or would get it.
    pub spillover: u64,
    /// The days of their plans, all together.
    pub spillover_days: u64,
    /// One step smaller: the units of a building that have cases.
    pub smaller: Option<Step>,
    /// One step larger: the building of a unit.
    pub larger: Option<Step>,
    /// The first stay of a case in it, or the window's start of one who lives there.
    pub risk_from: Option<String>,
    /// The latest day one of its cases was confirmed.
    pub last_case_date: Option<String>,
    /// The day from whose 00:00 it is low.
    pub downgrade_on: Option<String>,
    /// By when it has to be announced.
    pub announce_by: Option<String>,
}

/// Why an area is a zone, or is none; nothing when no case lives there or was there often, and not
/// enough people were met there. `id` is one of `zone_options.csv`.
///
/// # Errors
/// When the input cannot be read any more.
pub fn explain(question: &Question, id: &str) -> Result<Option<ZoneExplained>> {
    let analysis = &question.analysis;
    let ids = |area: &Area| area.id(&analysis.places);
    let Some(option) = analysis.options.iter().find(|option| ids(&option.area) == id) else {
        return Ok(None);
    };
    let shower = Shower::without_rows(analysis);
    let number = analysis.zones.iter().position(|zone| zone.area == option.area);
    let zone = number.map(|number| &analysis.zones[number]);
    let step = |zone_ids: Vec<String>, residents| {
        (!zone_ids.is_empty()).then_some(Step { zone_ids, residents })
    };
    let missing = option.missing.iter();
    Ok(Some(ZoneExplained {
        zone_id: id.to_owned(),
        as_of: shower.at(analysis.as_of),
        policy: analysis.request.policy.name.clone(),
        level: option.area.level(),
        status: option.status(),
        reasons: option.bases.iter().map(|basis| basis.name()).collect(),
        missing: missing
            .map(|of| MissingShown { what: of.what, is: of.is, least: of.least })
            .collect(),
        cases: cases(question, option),
        rules: shower.rules(&rules(option)),
        contacts: option.contacts,
        secondary: option.secondary,
        residents: option.residents,
        key_groups: key_groups(analysis, number.filter(|_| zone.is_some_and(|zone| zone.high)))?,
        resident_days: option.resident_days,
        present: option.present,
        spillover: option.spillover,
        spillover_days: option.spillover_days,
        smaller: step(option.smaller.iter().map(ids).collect(), option.smaller_residents),
        larger: step(option.larger.iter().map(ids).collect(), option.larger_residents),
        risk_from: zone.and_then(|zone| zone.risk_from).map(|at| shower.at(at)),
        last_case_date: zone.map(|zone| zone.last_case.to_string()),
        downgrade_on: zone.map(|zone| zone.downgrade_on.to_string()),
        announce_by: zone.and_then(|zone| zone.announce_by).map(|at| shower.at(at)),
    }))
}

/// The key groups of a zone; none where no zone is asked for.
fn key_groups(analysis: &Analysis, zone: Option<usize>) -> Result<Vec<GroupThere>> {
    let Some(zone) = zone else { return Ok(Vec::new()) };
    let key_people = particulars(analysis)?.1;
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    let there = key_people.iter().filter(|of| of.zone == zone);
    there
        .flat_map(|of| groups(&of.groups))
        .for_each(|group| *counts.entry(group).or_default() += 1);
    let shown = counts.into_iter().map(|(group, people)| {
        let needs = needs_of([group]);
        GroupThere { group: group.to_owned(), people, needs }
    });
    Ok(shown.collect())
}

/// The cases of an area: whether they live there, and how often they were there.
fn cases(question: &Question, option: &ZoneOption) -> Vec<CaseThere> {
    let analysis = &question.analysis;
    let is_in = |area: Area| area == option.area || area.building() == Some(option.area);
    let mut there = Presence::default();
    for (&place, presence) in &analysis.frequented.by_place {
        if is_in(Area::of(&analysis.places, place)) {
            there.stays.extend_from_slice(&presence.stays);
        }
    }
    let often: BTreeMap<CaseIdx, Attendance> =
        there.of_cases(analysis.zone()).into_iter().map(|of| (of.case, of)).collect();
    let lives_there = |case: CaseIdx| {
        let home = analysis.frequented.residences[case.position() as usize]?;
        let is_home = is_in(Area::of(&analysis.places, home.place));
        is_home.then_some(match home.source {
            crate::rules::areas::ResidenceSource::Recorded => "recorded",
            crate::rules::areas::ResidenceSource::Inferred => "inferred",
        })
    };
    let shown = option.cases.iter().map(|case| CaseThere {
        case_id: analysis.cases.get(*case).id.to_string(),
        lives_there: lives_there(*case),
        days: often.get(case).map_or(0, |of| of.days),
        minutes: often.get(case).map_or(0, |of| of.minutes),
    });
    shown.collect()
}

/// The numbers of the policy that a zone rests on.
fn rules(option: &ZoneOption) -> BTreeSet<&'static str> {
    let mut names = BTreeSet::from(["zone.downgrade_days"]);
    for basis in &option.bases {
        names.extend::<&[&str]>(match basis {
            ZoneBasis::Activity => {
                &["zone.min_days", "zone.min_minutes", "zone.min_contacts", "zone.min_secondary"]
            }
            ZoneBasis::Escalated => &["zone.building_units"],
            ZoneBasis::Residence => &["exposure.household_max"],
            ZoneBasis::Expanded => &[],
        });
    }
    names
}
