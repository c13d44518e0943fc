//! What answers are put together from: rows of the input, rules with their sources, pairs with
//! their matches, plans.
//!
//! Moments are RFC 3339 in the analysis time zone, days are dates, lengths are seconds. Cost: the
//! matches that are shown, and a light pass over the files they come from.

use crate::base::error::Result;
use crate::base::spans::peak_window;
use crate::base::time::{Instant, Span};
use crate::ingest::{Quote, quote};
use crate::model::{PlaceId, RowRef};
use crate::pipeline::Analysis;
use crate::policy::Exposure;
use crate::rules::exposure::{Ground, Pair, ground};
use crate::rules::measures::{Measure, zone_ids};
use crate::search::evidence::{Basis, Match};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// A row of the input as it stands there.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct InputRow {
    /// `FILE:LINE`, the file relative to the input folder.
    pub row: String,
    /// Its cells that are not blank, by what the file calls their columns.
    pub cells: Map<String, Value>,
}

/// A number of the policy that was applied.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct RuleValue {
    /// Its name in the policy: `exposure.min_minutes`.
    pub name: String,
    /// What it is; null where the policy has none.
    pub value: Value,
    /// Which document says so, or why it was chosen.
    pub source: Option<String>,
}

/// What a verdict takes for granted and no row says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Assumed {
    /// The row of the case has no end.
    EndOfCase,
    /// The row of the other person has no end.
    EndOfPerson,
    /// A sighting without a length is held until the next one.
    LengthOfSighting,
    /// That two people of one home met at all.
    HouseholdMet,
}

/// A match: two rows, and what they have in common.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct MatchShown {
    /// By what rule they match.
    pub basis: &'static str,
    /// Whether its time is time together.
    pub counts: bool,
    /// Whether it is only for somebody to check.
    pub weak: bool,
    /// Where.
    pub place_id: Option<String>,
    /// What people call the place.
    pub place: Option<String>,
    /// When it begins, inside the window of the case.
    pub start: String,
    /// When it ends.
    pub end: String,
    /// How long it is.
    pub seconds: i64,
    /// The row of the case.
    pub case_row: InputRow,
    /// The row of the other.
    pub person_row: InputRow,
    /// What no row says.
    pub assumed: Vec<Assumed>,
}

/// Where the most time together lies.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct WindowShown {
    /// When the sliding window begins.
    pub start: String,
    /// When it ends.
    pub end: String,
    /// The times together inside it: start and end of each, in seconds from its start.
    pub together: Vec<[i64; 2]>,
    /// Its length.
    pub seconds: i64,
}

/// A case and another person.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct PairShown {
    /// The case.
    pub case_id: String,
    /// The other.
    pub person_id: String,
    /// Whether the other is a close contact by it, or linked to the case.
    pub qualifies: bool,
    /// By what: `household`, `minutes` or `dense_minutes`.
    pub by: Option<&'static str>,
    /// Time together.
    pub seconds: i64,
    /// The most of it inside one sliding window: what is compared with the threshold.
    pub peak_seconds: i64,
    /// The threshold.
    pub needed_seconds: i64,
    /// By how much the threshold is passed; missed where it is below 0.
    pub margin_seconds: i64,
    /// Where the most of it lies.
    pub window: Option<WindowShown>,
    /// Start of the first exposure.
    pub first_exposure: String,
    /// End of the last one.
    pub last_exposure: String,
    /// Its matches, as in `evidence.csv`.
    pub matches: Vec<MatchShown>,
}

/// A part of a plan.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct PhaseShown {
    /// `central`, `home` or `monitor`.
    pub kind: String,
    /// Its first day.
    pub from: String,
    /// Its last day.
    pub to: String,
}

/// What a person gets.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct PlanShown {
    /// Why.
    pub measure: &'static str,
    /// The health code.
    pub code: String,
    /// `active`, or `elapsed`: nobody is held past it.
    pub state: &'static str,
    /// The day it is counted from.
    pub day0: String,
    /// Its parts.
    pub phases: Vec<PhaseShown>,
    /// The days of the tests.
    pub tests: Vec<String>,
    /// The day after the last part.
    pub release_on: String,
    /// The zones it is for.
    pub zone_ids: Vec<String>,
}

/// Puts answers together: an analysis, and the rows that are quoted.
pub struct Shower<'a> {
    /// The analysis.
    pub analysis: &'a Analysis,
    quotes: BTreeMap<RowRef, Quote>,
}

impl<'a> Shower<'a> {
    /// To quote these rows.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn new(analysis: &'a Analysis, rows: &BTreeSet<RowRef>) -> Result<Shower<'a>> {
        let quotes = quote(&analysis.folder, &analysis.request.settings, rows)?;
        Ok(Shower { analysis, quotes })
    }

    /// To quote none.
    pub fn without_rows(analysis: &'a Analysis) -> Shower<'a> {
        Shower { analysis, quotes: BTreeMap::new() }
    }

    /// The rows that prove some pairs.
    pub fn rows<'p>(
        analysis: &Analysis,
        pairs: impl IntoIterator<Item = &'p Pair>,
    ) -> BTreeSet<RowRef> {
        let matches = pairs.into_iter().flat_map(|pair| analysis.proof(pair));
        matches.flat_map(|found| [found.case_row, found.person_row]).collect()
    }

    /// A moment.
    pub fn at(&self, at: Instant) -> String {
        self.analysis.zone().show(at)
    }

    /// What people call a place, if they call it something.
    pub fn name(&self, place: PlaceId) -> Option<String> {
        let label = self.analysis.labels.get(self.analysis.places.id(place))?;
        Some(label.name.clone()).filter(|name| !name.is_empty())
    }

    /// A row of the input.
    pub fn row(&self, row: RowRef) -> InputRow {
        let cells = self.quotes.get(&row).into_iter().flat_map(|quote| &quote.cells);
        let cells = cells.map(|(name, cell)| (name.clone(), Value::from(cell.as_str()))).collect();
        InputRow { row: self.analysis.row_ref(row), cells }
    }

    /// The cells of a row that is quoted, by what the file calls their columns.
    pub fn cells(&self, row: RowRef) -> impl Iterator<Item = (&String, &String)> {
        let cells = self.quotes.get(&row).into_iter().flat_map(|quote| &quote.cells);
        cells.map(|(name, cell)| (name, cell))
    }

    /// Whether a row says no end.
    fn is_open(&self, row: RowRef) -> bool {
        self.quotes.get(&row).is_some_and(|quote| quote.says_no_end)
    }

    /// A match.
    pub fn found(&self, found: &Match) -> MatchShown {
        let [of_case, of_person] = [found.case_row, found.person_row].map(|row| self.is_open(row));
        let proximity = found.basis == Basis::Proximity;
        let assumed = [
            (of_case && !proximity, Assumed::EndOfCase),
            (of_person && !proximity, Assumed::EndOfPerson),
            (of_person && proximity, Assumed::LengthOfSighting),
            (found.basis == Basis::Household, Assumed::HouseholdMet),
        ];
        MatchShown {
            basis: found.basis.name(),
            counts: found.basis.counts(),
            weak: found.basis.is_weak(),
            place_id: found.place().map(|place| self.analysis.places.id(place).to_owned()),
            place: found.place().and_then(|place| self.name(place)),
            start: self.at(found.span.start),
            end: self.at(found.span.end),
            seconds: found.span.seconds(),
            case_row: self.row(found.case_row),
            person_row: self.row(found.person_row),
            assumed: assumed.into_iter().filter(|(is, _)| *is).map(|(_, what)| what).collect(),
        }
    }

    /// A pair.
    pub fn pair(&self, pair: &Pair) -> PairShown {
        let analysis = self.analysis;
        let policy = &analysis.request.policy.exposure;
        let window_s = i64::from(policy.window_hours) * 3600;
        let [all, crowded] = pair.together(&analysis.evidence, &analysis.places);
        let windows = [&all, &crowded].map(|spans| peak_window(spans, window_s));
        let peaks = windows.map(|window| window.map_or(0, |(_, seconds)| seconds));
        let by = ground(pair.bases, peaks, policy);
        let (dense, peak, needed) = threshold(by, peaks, policy);
        let spans = if dense { &crowded } else { &all };
        PairShown {
            case_id: analysis.cases.get(pair.case).id.to_string(),
            person_id: analysis.evidence.id(pair.person).to_owned(),
            qualifies: pair.qualifies,
            by: by.map(|by| match by {
                Ground::Household => "household",
                Ground::Minutes => "minutes",
                Ground::DenseMinutes => "dense_minutes",
            }),
            seconds: pair.seconds,
            peak_seconds: peak,
            needed_seconds: needed,
            margin_seconds: peak - needed,
            window: windows[usize::from(dense)].map(|(window, _)| self.window(window, spans)),
            first_exposure: self.at(pair.first),
            last_exposure: self.at(pair.last),
            matches: analysis.proof(pair).into_iter().map(|found| self.found(found)).collect(),
        }
    }

    fn window(&self, window: Span, spans: &[Span]) -> WindowShown {
        let inside = spans.iter().filter_map(|span| span.overlap(window));
        let from_start = |span: Span| [span.start, span.end].map(|at| at.0 - window.start.0);
        WindowShown {
            start: self.at(window.start),
            end: self.at(window.end),
            together: inside.map(from_start).collect(),
            seconds: window.seconds(),
        }
    }

    /// What somebody gets.
    pub fn plan(&self, measure: &Measure) -> PlanShown {
        let Analysis { measures, zones, places, .. } = self.analysis;
        let schedule = measures.schedule(measure);
        let phase = |stage: &crate::rules::measures::DatedPhase| PhaseShown {
            kind: stage.kind.clone(),
            from: stage.from.to_string(),
            to: stage.to.to_string(),
        };
        PlanShown {
            measure: measure.kind.name(),
            code: schedule.code.clone(),
            state: if schedule.active { "active" } else { "elapsed" },
            day0: schedule.day0.to_string(),
            phases: schedule.stages.iter().map(phase).collect(),
            tests: schedule.tests.iter().map(ToString::to_string).collect(),
            release_on: schedule.release_on.to_string(),
            zone_ids: zone_ids(&measures.zone_lists[measure.zones as usize], zones, places),
        }
    }

    /// Numbers of the policy, by their names.
    pub fn rules(&self, names: &BTreeSet<&str>) -> Vec<RuleValue> {
        let policy = &self.analysis.request.policy;
        let values = policy.values();
        let rule = |name: &&str| RuleValue {
            name: (*name).to_owned(),
            value: values.get(*name).cloned().unwrap_or(Value::Null),
            source: policy.sources.get(*name).cloned(),
        };
        names.iter().map(rule).collect()
    }
}

/// The threshold that a pair passed or came nearest to: whether it is that of places where people
/// crowd, the most seconds that count for it, and the seconds that it needs.
pub(super) fn threshold(
    by: Option<Ground>,
    [peak, dense_peak]: [i64; 2],
    policy: &Exposure,
) -> (bool, i64, i64) {
    let seconds = |minutes: u32| i64::from(minutes) * 60;
    let (all, crowded) = (seconds(policy.min_minutes), seconds(policy.dense_min_minutes));
    let dense = match by {
        Some(by) => by == Ground::DenseMinutes,
        None => dense_peak > 0 && crowded - dense_peak < all - peak,
    };
    if dense { (true, dense_peak, crowded) } else { (false, peak, all) }
}

/// The numbers of the policy that a kind of match rests on.
pub fn rules_of(basis: Basis) -> &'static [&'static str] {
    match basis {
        Basis::Venue => &["exposure.room_persons", "exposure.checkin_minutes"],
        Basis::Crowd => &["exposure.room_persons"],
        Basis::Gps => &["exposure.gps_m", "exposure.ping_gap_minutes", "exposure.max_accuracy_m"],
        Basis::SharedPosition => &["exposure.shared_position_persons"],
        Basis::Household => &["exposure.household_max"],
        Basis::Proximity => &["exposure.proximity_m", "exposure.min_rssi_dbm"],
        Basis::Transport | Basis::SeatUnknown => &["exposure.transport_rows"],
        Basis::DateOnly => &["exposure.date_only_counts"],
    }
}
