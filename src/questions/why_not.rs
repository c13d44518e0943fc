//! `trace why-not`: what is missing to a verdict on somebody, in numbers, the nearest first.
//!
//! Cost: that of a run, a pass over the rows of the person and one over the co-locations; for an id
//! that is nowhere, a look at all ids.

use super::misses::{Failed, Miss, in_crowd, misses};
use super::parts::{InputRow, Shower, threshold};
use super::person::{class as class_of, of_person};
use super::question::Question;
use super::told::{Told, class, head, length, list, moment, place};
use crate::base::error::Result;
use crate::base::spans::peak;
use crate::base::words::Lang;
use crate::ingest::cells::ids;
use crate::ingest::{Fate, Progress, Reject};
use crate::model::{CaseIdx, RowRef};
use crate::pipeline::Analysis;
use crate::pipeline::looks_alike::looks_alike;
use crate::pipeline::rows_of::{RowsOf, rows_of};
use crate::rules::exposure::Pair;
use crate::search::evidence::{Basis, Match};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeSet;

/// Something that nearly counted.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct MissShown {
    /// The case.
    pub case_id: String,
    /// The condition that failed.
    pub condition: Failed,
    /// What the number is, in the unit of the condition: seconds, metres, rows, people, dBm.
    pub is: Option<f64>,
    /// What it would have to be.
    pub needed: Option<f64>,
    /// Where.
    pub place_id: Option<String>,
    /// What people call the place.
    pub place: Option<String>,
    /// When both were there, or when the person was.
    pub start: String,
    /// When that ended.
    pub end: String,
    /// The window of the case.
    pub window: Option<[String; 2]>,
    /// The row of the case.
    pub case_row: InputRow,
    /// The row of the person.
    pub person_row: InputRow,
}

/// Why somebody is no close contact.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct WhyNot {
    /// Who.
    pub person_id: String,
    /// The moment the analysis speaks for.
    pub as_of: String,
    /// The policy.
    pub policy: String,
    /// What they are: as in `explain`; `close_contact` and `case` have no why-not.
    pub class: &'static str,
    /// Stays of theirs that were looked at.
    pub stays: u64,
    /// Co-locations of theirs, with anybody.
    pub colocations: u64,
    /// Stays that lie at or after as-of.
    pub later: u64,
    /// Positions that are not accurate enough to be used.
    pub inaccurate: u64,
    /// Whether they have a row in `persons`.
    pub recorded: bool,
    /// Rows about them that were left out for a fault.
    pub rejected: Vec<RejectedRow>,
    /// Ids in this export that look like theirs; looked for only when theirs is nowhere.
    pub looks_alike: Vec<String>,
    /// What nearly counted, of each case and condition the nearest, the nearest first.
    pub misses: Vec<MissShown>,
}

impl WhyNot {
    /// Whether no row of the export is about them.
    pub fn is_nowhere(&self) -> bool {
        self.rows() == 0 && !self.recorded && self.rejected.is_empty() && self.class == "none"
    }

    /// Rows about them in the bulk tables that can be used.
    fn rows(&self) -> u64 {
        self.stays + self.later + self.inaccurate + self.colocations
    }
}

/// A row that was left out for a fault.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct RejectedRow {
    /// The row.
    pub row: InputRow,
    /// The column with the fault; blank when the row as a whole is bad.
    pub column: &'static str,
    /// Why: a reason of `rejects.csv`.
    pub reason: &'static str,
}

/// Rejected rows that are looked through for those of somebody.
const LOOKED_THROUGH: usize = 10_000;

/// Why a person is no close contact of any case, or of `only` this one.
///
/// # Errors
/// When the input cannot be read any more.
pub fn why_not(
    question: &Question,
    id: &str,
    only: Option<CaseIdx>,
    progress: &dyn Progress,
) -> Result<WhyNot> {
    let analysis = &question.analysis;
    let (pairs, measure) = of_person(analysis, id);
    let rows = rows_of(analysis, id, progress)?;
    let asked = |case: CaseIdx| only.is_none_or(|only| only == case);
    let class = class_of(analysis, id, &pairs, measure);
    let below = pairs.iter().filter(|pair| !pair.qualifies && asked(pair.case));
    let mut all: Vec<Miss> = below.flat_map(|pair| of_pair(question, pair)).collect();
    all.extend(homes(question, id).filter(|miss| asked(miss.case)));
    all.extend(misses(question, &rows, (analysis.cases.find(id), only)));
    all.sort_by_key(|miss| (miss.order(), miss.case));
    let mut quoted: BTreeSet<RowRef> = all.iter().flat_map(|miss| miss.rows).collect();
    quoted.extend(left_out(analysis).map(|reject| RowRef::new(reject.file, reject.line)));
    let shower = Shower::new(analysis, &quoted)?;
    let RowsOf { stays, later, inaccurate, colocations, .. } = rows;
    let mut found = WhyNot {
        person_id: id.to_owned(),
        as_of: shower.at(analysis.as_of),
        policy: analysis.request.policy.name.clone(),
        class,
        stays: stays.len() as u64,
        colocations,
        later,
        inaccurate,
        recorded: analysis.persons.find(id).is_some(),
        rejected: rejected(question, &shower, id),
        looks_alike: Vec::new(),
        misses: all.iter().map(|miss| shown(&shower, miss)).collect(),
    };
    if found.is_nowhere() {
        found.looks_alike = looks_alike(analysis, id, progress)?;
    }
    Ok(found)
}

/// Rows that were left out for a fault of their own.
fn left_out(analysis: &Analysis) -> impl Iterator<Item = &Reject> {
    let all = analysis.account.rejects.iter();
    all.filter(|of| of.fate == Fate::LeftOut && !of.reason.is_duplicate()).take(LOOKED_THROUGH)
}

/// Those of them that name a person.
fn rejected(question: &Question, shower: &Shower<'_>, id: &str) -> Vec<RejectedRow> {
    let analysis = &question.analysis;
    let is_theirs = |reject: &&Reject| {
        let row = RowRef::new(reject.file, reject.line);
        let file = analysis.account.files.iter().find(|of| of.file == reject.file);
        let names = file.into_iter().flat_map(|of| &of.layout.matched);
        let names: Vec<&String> =
            names.filter(|(_, of)| of.starts_with("person_")).map(|(name, _)| name).collect();
        let mut cells = shower.cells(row).filter(|(name, _)| names.contains(name));
        let mut room = Vec::new();
        cells.any(|(_, cell)| {
            let cell = ids::id(cell.as_bytes(), &mut room).unwrap_or_default();
            std::str::from_utf8(cell).is_ok_and(|cell| question.person_of(cell) == id)
        })
    };
    let all = left_out(analysis).filter(is_theirs).map(|reject| RejectedRow {
        row: shower.row(RowRef::new(reject.file, reject.line)),
        column: reject.column,
        reason: reject.reason.code(),
    });
    all.collect()
}

/// What a pair that does not qualify lacks: minutes, or a match that is not weak.
fn of_pair(question: &Question, pair: &Pair) -> Vec<Miss> {
    let analysis = &question.analysis;
    let policy = &analysis.request.policy.exposure;
    let miss = |found: &Match, failed, is: f64, needed: f64| Miss {
        case: pair.case,
        failed,
        is,
        needed,
        place: found.place(),
        span: found.span,
        rows: [found.case_row, found.person_row],
    };
    let mut all = Vec::new();
    let proof = analysis.proof(pair);
    let longest = proof.iter().filter(|of| of.basis.counts()).max_by_key(|of| of.span.seconds());
    if let Some(found) = longest {
        let window_s = i64::from(policy.window_hours) * 3600;
        let spans = pair.together(&analysis.evidence, &analysis.places);
        let peaks = spans.map(|spans| peak(&spans, window_s));
        let (_, most, needed) = threshold(None, peaks, policy);
        all.push(miss(found, Failed::TooShort, most as f64, needed as f64));
    }
    let mut told = BTreeSet::new();
    for found in proof.into_iter().filter(|of| of.basis.is_weak() && told.insert(of.basis)) {
        let most = |most: Option<u32>| most.map_or(f64::INFINITY, f64::from);
        all.push(match found.basis {
            Basis::Crowd => {
                let place = found.place().expect("a crowd is at a place");
                let people = in_crowd(question, (pair.case, place), found.span);
                miss(found, Failed::Crowd, people as f64, most(policy.room_persons))
            }
            Basis::SharedPosition => {
                let people = at_position(question, found);
                miss(
                    found,
                    Failed::SharedPosition,
                    people as f64,
                    most(policy.shared_position_persons),
                )
            }
            Basis::DateOnly => miss(found, Failed::DateOnly, f64::NAN, f64::NAN),
            Basis::SeatUnknown => miss(found, Failed::SeatUnknown, f64::NAN, f64::NAN),
            Basis::Gps | Basis::Household | Basis::Proximity | Basis::Transport | Basis::Venue => {
                continue;
            }
        });
    }
    all
}

/// How many people have a match with somebody at exactly the same coordinate.
fn at_position(question: &Question, found: &Match) -> usize {
    let matches = question.analysis.evidence.matches().iter();
    let there = matches.filter(|of| of.position().is_some() && of.position() == found.position());
    // A case counts once, also where it is the other person of a match.
    let Analysis { cases, evidence, .. } = &question.analysis;
    let ids = there.flat_map(|of| [evidence.id(of.person), &*cases.get(of.case).id]);
    ids.collect::<BTreeSet<&str>>().len()
}

/// Cases with the same recorded home, where too many are recorded for a household.
fn homes<'q>(question: &'q Question, id: &str) -> impl Iterator<Item = Miss> + use<'q> {
    let analysis = &question.analysis;
    let most = analysis.request.policy.exposure.household_max;
    let own = analysis.persons.find(id);
    let home = own.and_then(|own| Some((own.residence?, own.row)));
    let home = home.filter(|(home, _)| analysis.persons.is_home_of_many(*home, most));
    let id = id.to_owned();
    home.into_iter().flat_map(move |(home, row)| {
        let id = id.clone();
        analysis.cases.iter().filter_map(move |(case, of)| {
            let other = analysis.persons.find(&of.id).filter(|_| *of.id != *id)?;
            (other.residence == Some(home)).then_some(Miss {
                case,
                failed: Failed::TooManyAtHome,
                is: f64::from(analysis.persons.recorded_at(home)),
                needed: most.map_or(f64::INFINITY, f64::from),
                place: Some(home),
                span: analysis.cases.window(case)?,
                rows: [other.row, row],
            })
        })
    })
}

fn shown(shower: &Shower<'_>, miss: &Miss) -> MissShown {
    let analysis = shower.analysis;
    let number = |number: f64| number.is_finite().then_some((number * 100.0).round() / 100.0);
    let has_threshold = !matches!(
        miss.failed,
        Failed::Protected | Failed::OpenAir | Failed::OutsideWindow | Failed::NotAtOneTime
    );
    MissShown {
        case_id: analysis.cases.get(miss.case).id.to_string(),
        condition: miss.failed,
        is: number(miss.is),
        needed: number(miss.needed).filter(|_| has_threshold),
        place_id: miss.place.map(|place| analysis.places.id(place).to_owned()),
        place: miss.place.and_then(|place| shower.name(place)),
        start: shower.at(miss.span.start),
        end: shower.at(miss.span.end),
        window: analysis
            .cases
            .window(miss.case)
            .map(|of| [of.start, of.end].map(|at| shower.at(at))),
        case_row: shower.row(miss.rows[0]),
        person_row: shower.row(miss.rows[1]),
    }
}

/// Misses that are listed in lines; JSON has all.
const SHOWN: usize = 12;

impl MissShown {
    /// The condition that failed, in numbers.
    fn condition(&self, lang: Lang) -> String {
        let (is, needed) = (self.is.unwrap_or(0.0), self.needed.unwrap_or(0.0));
        let long = length(is as i64, lang);
        match self.condition {
            Failed::TooShort => {
                lang.fill("together {} of {}", &[&long, &length(needed as i64, lang)])
            }
            Failed::Crowd => {
                lang.fill("{} people were there together, {} are a room", &[&is, &needed])
            }
            Failed::SeatUnknown => lang.say("on one transport, a seat row is not known").to_owned(),
            Failed::DateOnly => lang.say("on the same day; nobody wrote down the hour").to_owned(),
            Failed::SharedPosition => {
                lang.fill("{} people are at the very same coordinate, {} can be", &[&is, &needed])
            }
            Failed::Protected => lang.fill("protected, for {}", &[&long]),
            Failed::OpenAir => lang.fill("in the open air where nobody crowds, for {}", &[&long]),
            Failed::SeatRows => lang.fill("{} seat rows apart, {} count", &[&is, &needed]),
            Failed::TooFar => lang.fill("{} m apart, {} m count", &[&is, &needed]),
            Failed::TooFaint => lang.fill("a signal of {} dBm, {} dBm count", &[&is, &needed]),
            Failed::TooManyAtHome => lang
                .fill("the same recorded home, of {} people; {} are a household", &[&is, &needed]),
            Failed::OutsideWindow => match &self.window {
                Some([start, _]) if self.end <= *start => {
                    lang.fill("{} before the window of the case", &[&days(is, lang)])
                }
                Some(_) => lang.fill("{} after the window of the case", &[&days(is, lang)]),
                None => lang.say("the window of the case is empty").to_owned(),
            },
            Failed::NotAtOneTime => lang.fill("one after the other, {} between them", &[&long]),
        }
    }
}

/// A length in days from two days on.
fn days(seconds: f64, lang: Lang) -> String {
    const DAY: f64 = 86_400.0;
    match seconds >= 2.0 * DAY {
        true => lang.fill("{} days", &[&((seconds / DAY) as i64)]),
        false => length(seconds as i64, lang),
    }
}

impl Told for WhyNot {
    fn told(&self, lang: Lang) -> Vec<String> {
        let mut lines = vec![format!("{} · {}", self.person_id, class(self.class, lang))];
        lines.push(head(&self.as_of, &self.policy, lang));
        if matches!(self.class, "close_contact" | "case") {
            let flag = if self.class == "case" { "case" } else { "person" };
            lines.push(lang.fill("they are one: trace explain --{} {}", &[&flag, &self.person_id]));
        }
        let rows = [&self.stays, &self.colocations, &self.later, &self.inaccurate];
        lines.push(lang.fill(
            "{} stays and {} co-locations were looked at; {} stays lie after as-of, {} positions are too inaccurate",
            &rows.map(|rows| rows as &dyn std::fmt::Display),
        ));
        for of in self.rejected.iter().take(SHOWN) {
            let reason = lang.cell(of.reason).replace('_', " ");
            lines.push(lang.fill("left out: {}", &[&format!("{} · {reason}", of.row.row)]));
        }
        let none = self.rows() == 0;
        if none && self.rejected.is_empty() {
            lines.push(
                lang.say(match self.recorded {
                    true => "they are in the table persons, and no other row is about them",
                    false => "no row of this export is about this id",
                })
                .to_owned(),
            );
        }
        if !self.looks_alike.is_empty() {
            lines.push(lang.fill("ids that look alike: {}", &[&list(&self.looks_alike, lang)]));
        }
        let is_one = matches!(self.class, "close_contact" | "case");
        if self.misses.is_empty() && !none && !is_one {
            lines.push(lang.say("they came near no case in this export").to_owned());
        }
        for miss in self.misses.iter().take(SHOWN) {
            let what = miss.condition(lang);
            lines.push(format!("  {} {}: {what}", lang.say("case"), miss.case_id));
            let at = place(miss.place_id.as_deref(), miss.place.as_deref(), lang);
            lines.push(format!("    {at} · {} – {}", moment(&miss.start), moment(&miss.end)));
            lines.push(format!("    {} · {}", miss.case_row.row, miss.person_row.row));
        }
        let more = self.misses.len().saturating_sub(SHOWN);
        lines.extend((more > 0).then(|| lang.fill("  … and {} more: --json has all", &[&more])));
        lines
    }
}
