//! `trace explain --case`: the window of a case, its stays, who was exposed to it, and who it may
//! have been exposed to.
//!
//! Cost: the stays and pairs of the case, and the rows that are quoted.

use super::parts::{InputRow, PairShown, RuleValue, Shower};
use super::question::Question;
use crate::base::error::Result;
use crate::model::CaseIdx;
use crate::rules::exposure::Pair;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// A stay of the case inside its window.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct OwnStay {
    /// Where; nothing at a coordinate that lies in no place.
    pub place_id: Option<String>,
    /// What people call it.
    pub place: Option<String>,
    /// When it began.
    pub start: String,
    /// When it ended.
    pub end: String,
    /// `FILE:LINE`.
    pub row: String,
}

/// A close contact of the case.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct OwnContact {
    /// Who.
    pub person_id: String,
    /// Who is called first, of all contacts.
    pub rank: u32,
    /// Time together with this case.
    pub seconds: i64,
    /// By what rules.
    pub bases: Vec<&'static str>,
}

/// What follows from a case.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct CaseExplained {
    /// Who.
    pub case_id: String,
    /// The moment the analysis speaks for.
    pub as_of: String,
    /// The policy.
    pub policy: String,
    /// The row in `cases`.
    pub row: InputRow,
    /// The day the window is counted from.
    pub anchor: String,
    /// Which column it is from: `onset`, `sampled` or `confirmed`.
    pub anchor_from: &'static str,
    /// The window in which others were exposed; nothing where it is empty.
    pub window: Option<[String; 2]>,
    /// Dates that cannot be and were set aside, by their columns.
    pub set_aside: BTreeMap<&'static str, String>,
    /// The numbers that were applied, each with its source.
    pub rules: Vec<RuleValue>,
    /// Its stays inside the window.
    pub stays: Vec<OwnStay>,
    /// Its close contacts, in the order in which they are called.
    pub contacts: Vec<OwnContact>,
    /// How many people were exposed to it below the threshold.
    pub below: u64,
    /// The cases it was exposed to enough: its possible sources.
    pub sources: Vec<PairShown>,
    /// The cases that were exposed to it enough.
    pub links: Vec<String>,
    /// The zones it is a case of.
    pub zone_ids: Vec<String>,
}

/// What follows from a case; nothing when nobody of this id is one at as-of.
///
/// # Errors
/// When a row cannot be quoted because its file cannot be read.
pub fn explain(question: &Question, id: &str) -> Result<Option<CaseExplained>> {
    let analysis = &question.analysis;
    let Some(case) = analysis.cases.find(id) else { return Ok(None) };
    let (row, zone) = (analysis.cases.get(case), analysis.zone());
    let policy = &analysis.request.policy.exposure;
    let as_person = analysis.evidence.find(id);
    let pairs = analysis.graph.pairs();
    let is_source = |pair: &&Pair| pair.qualifies && Some(pair.person) == as_person;
    let sources: Vec<&Pair> = pairs.iter().filter(is_source).collect();
    let mut rows = Shower::rows(analysis, sources.iter().copied());
    rows.insert(row.row);
    let shower = Shower::new(analysis, &rows)?;
    let anchor = analysis.cases.anchor(case);
    let is_anchor = |at| zone.date(at) == anchor;
    let anchor_from = match (row.plausible_onset(policy, zone), row.sampled) {
        (Some(at), _) if is_anchor(at) => "onset",
        (None, Some(at)) if is_anchor(at) => "sampled",
        _ => "confirmed",
    };
    let of_case = || pairs.iter().filter(|pair| pair.case == case);
    let is_case = |pair: &Pair| analysis.cases.find(analysis.evidence.id(pair.person)).is_some();
    let exposed = of_case().filter(|pair| pair.qualifies && is_case(pair));
    let links = exposed.map(|pair| analysis.evidence.id(pair.person).to_owned()).collect();
    let zones = analysis.zones.iter().filter(|zone| zone.cases.contains(&case));
    let names = ["lookback_days", "after_days", "unisolated_days", "max_onset_days"];
    let names: Vec<String> = names.iter().map(|name| format!("exposure.{name}")).collect();
    let names: BTreeSet<&str> = names.iter().map(String::as_str).collect();
    let aside = row.set_aside(policy, zone).into_iter();
    Ok(Some(CaseExplained {
        case_id: id.to_owned(),
        as_of: shower.at(analysis.as_of),
        policy: analysis.request.policy.name.clone(),
        row: shower.row(row.row),
        anchor: anchor.to_string(),
        anchor_from,
        window: analysis.cases.window(case).map(|of| [shower.at(of.start), shower.at(of.end)]),
        set_aside: aside.map(|(column, at)| (column, shower.at(at))).collect(),
        rules: shower.rules(&names),
        stays: stays(question, case, &shower),
        contacts: contacts(question, case),
        below: of_case().filter(|pair| !pair.qualifies).count() as u64,
        sources: sources.into_iter().map(|pair| shower.pair(pair)).collect(),
        links,
        zone_ids: zones.map(|zone| zone.id(&analysis.places)).collect(),
    }))
}

/// The stays of a case inside its window, in order.
fn stays(question: &Question, case: CaseIdx, shower: &Shower<'_>) -> Vec<OwnStay> {
    let Question { analysis, own } = question;
    let Some(window) = analysis.cases.window(case) else { return Vec::new() };
    let places = own.visits().iter().filter(|visit| visit.case == case);
    let place_of: BTreeMap<u32, _> = places.map(|visit| (visit.stay, visit.place)).collect();
    let inside = (0..).zip(own.iter()).filter(|(_, stay)| stay.case == case);
    let inside = inside.filter_map(|(number, stay)| {
        Some((window.overlap(stay.span)?, place_of.get(&number).copied(), stay.row))
    });
    let mut inside: Vec<_> = inside.collect();
    inside.sort_unstable_by_key(|(span, place, row)| (*span, *place, *row));
    let shown = inside.into_iter().map(|(span, place, row)| OwnStay {
        place_id: place.map(|place| analysis.places.id(place).to_owned()),
        place: place.and_then(|place| shower.name(place)),
        start: shower.at(span.start),
        end: shower.at(span.end),
        row: analysis.row_ref(row),
    });
    shown.collect()
}

/// The close contacts of a case by rank.
fn contacts(question: &Question, case: CaseIdx) -> Vec<OwnContact> {
    let analysis = &question.analysis;
    let close = analysis.contacts.close.iter().zip(&analysis.contacts.ranks);
    let mut own: Vec<OwnContact> = close
        .flat_map(|(contact, &rank)| {
            let pairs = contact.pairs(&analysis.graph).filter(|pair| pair.case == case);
            pairs.map(move |pair| OwnContact {
                person_id: analysis.evidence.id(contact.person).to_owned(),
                rank,
                seconds: pair.seconds,
                bases: pair.bases.iter().map(crate::search::evidence::Basis::name).collect(),
            })
        })
        .collect();
    own.sort_by_key(|contact| contact.rank);
    own
}
