//! `trace explain --person`: from the verdict on somebody back to the rows of the input.
//!
//! Cost: the pairs of the person, and the rows that are quoted.

use super::noted::{Noted, notes};
use super::parts::{InputRow, PairShown, PlanShown, RuleValue, Shower, rules_of};
use super::question::Question;
use crate::base::error::Result;
use crate::model::RowRef;
use crate::pipeline::Analysis;
use crate::rules::exposure::Pair;
use crate::rules::measures::{InZone, Measure};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeSet;

/// A stay in a zone.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct StayInZone {
    /// Which zone.
    pub zone_id: String,
    /// At which of its places.
    pub place_id: String,
    /// What people call it.
    pub place: Option<String>,
    /// When it began.
    pub start: String,
    /// When it ended.
    pub end: String,
    /// Its row.
    pub row: InputRow,
}

/// Why somebody is what they are.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct PersonExplained {
    /// Who.
    pub person_id: String,
    /// The moment the analysis speaks for.
    pub as_of: String,
    /// The policy.
    pub policy: String,
    /// `case`, `close_contact`, `spillover`, `venue_exposed`, `closed_loop`, `arrival`, or `none`:
    /// nothing is asked of them.
    pub class: &'static str,
    /// What they get.
    pub plan: Option<PlanShown>,
    /// The numbers that were applied, each with its source.
    pub rules: Vec<RuleValue>,
    /// They and each case they were exposed to, those that count first.
    pub pairs: Vec<PairShown>,
    /// The stays in zones that the plan is for.
    pub stays: Vec<StayInZone>,
    /// What other lists say of them: from abroad, under orders, from elsewhere.
    pub noted: Vec<Noted>,
    /// Their row in `persons`, if they have one.
    pub record: Option<InputRow>,
}

/// Of a person: the pairs with cases, and the measure.
pub(super) fn of_person<'a>(
    analysis: &'a Analysis,
    id: &str,
) -> (Vec<&'a Pair>, Option<&'a Measure>) {
    let found = analysis.evidence.find(id);
    let pairs = analysis.graph.pairs().iter().filter(|pair| Some(pair.person) == found);
    let person = |measure: &Measure| measure.person(&analysis.evidence).as_bytes().to_vec();
    let at = analysis.measures.list.binary_search_by(|of| person(of).as_slice().cmp(id.as_bytes()));
    (pairs.collect(), at.ok().map(|at| &analysis.measures.list[at]))
}

/// What somebody is: see [`PersonExplained::class`].
pub(super) fn class(
    analysis: &Analysis,
    id: &str,
    pairs: &[&Pair],
    measure: Option<&Measure>,
) -> &'static str {
    match measure {
        _ if analysis.cases.find(id).is_some() => "case",
        Some(measure) => measure.kind.name(),
        // A policy may have no measure for a class that there is.
        None if pairs.iter().any(|pair| pair.qualifies) => "close_contact",
        None if !pairs.is_empty() => "venue_exposed",
        None => "none",
    }
}

/// Why a person is what they are. Somebody of whom nothing is known has class `none` and no pairs.
///
/// # Errors
/// When a row cannot be quoted because its file cannot be read.
///
/// ```
/// use std::path::Path;
/// use trace::base::time::TimeZone;
/// use trace::ingest::{Folder, Settings, Silent};
/// use trace::pipeline::{Outcome, Request};
/// use trace::policy::Policy;
/// use trace::questions::{ask, person};
///
/// # fn main() -> trace::base::error::Result<()> {
/// let policy = Policy::preset("cn-2022-11")?;
/// let settings = Settings::new(TimeZone::get(&policy.timezone)?);
/// let request = Request::new(policy, settings);
/// let folder = Folder::open(Path::new("data/samples/city"))?;
/// let Outcome::Done(question) = ask(folder, request, &Silent)? else { panic!() };
/// let contact = &question.analysis.contacts.close[0];
/// let id = question.analysis.evidence.id(contact.person);
/// let why = person::explain(&question, id)?;
/// assert_eq!(why.class, "close_contact");
/// assert!(why.pairs[0].qualifies && !why.pairs[0].matches[0].person_row.cells.is_empty());
/// # Ok(())
/// # }
/// ```
pub fn explain(question: &Question, id: &str) -> Result<PersonExplained> {
    let analysis = &question.analysis;
    let (pairs, measure) = of_person(analysis, id);
    let stays: Vec<&InZone> = match (analysis.evidence.find(id), measure) {
        (Some(person), Some(_)) => {
            analysis.measures.presence.iter().filter(|there| there.person == person).collect()
        }
        _ => Vec::new(),
    };
    let record = analysis.persons.find(id).map(|person| person.row);
    let mut rows = Shower::rows(analysis, pairs.iter().copied());
    rows.extend(stays.iter().map(|there| there.seen.row));
    rows.extend(record);
    let notes = notes(analysis, id);
    rows.extend(notes.iter().flat_map(|note| note.rows()));
    let shower = Shower::new(analysis, &rows)?;
    let class = class(analysis, id, &pairs, measure);
    let mut shown: Vec<PairShown> = pairs.iter().map(|pair| shower.pair(pair)).collect();
    shown.sort_by_key(|pair| (!pair.qualifies, -pair.margin_seconds));
    Ok(PersonExplained {
        person_id: id.to_owned(),
        as_of: shower.at(analysis.as_of),
        policy: analysis.request.policy.name.clone(),
        class,
        plan: measure.map(|measure| shower.plan(measure)),
        rules: shower.rules(&rules(&pairs, measure)),
        pairs: shown,
        stays: stays.into_iter().map(|there| stay(&shower, there)).collect(),
        noted: notes.into_iter().map(|note| note.shown(&shower)).collect(),
        record: record.map(|row: RowRef| shower.row(row)),
    })
}

/// The numbers of the policy that a verdict rests on.
fn rules(pairs: &[&Pair], measure: Option<&Measure>) -> BTreeSet<&'static str> {
    let mut names = BTreeSet::new();
    if !pairs.is_empty() {
        names.extend(["exposure.lookback_days", "exposure.min_minutes", "exposure.window_hours"]);
    }
    for pair in pairs {
        names.extend(pair.bases.iter().flat_map(rules_of));
    }
    names.extend(measure.into_iter().flat_map(|measure| measure.kind.rules()));
    names
}

fn stay(shower: &Shower<'_>, there: &InZone) -> StayInZone {
    let analysis = shower.analysis;
    let place = analysis.case_places[there.seen.place as usize];
    StayInZone {
        zone_id: analysis.zones[there.zone].id(&analysis.places),
        place_id: analysis.places.id(place).to_owned(),
        place: shower.name(place),
        start: shower.at(there.seen.start),
        end: shower.at(there.seen.end),
        row: shower.row(there.seen.row),
    }
}
