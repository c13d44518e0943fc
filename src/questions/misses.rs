//! What nearly made somebody a contact of a case, and the condition that failed, in numbers.
//!
//! The rows of one person against the stays of all cases, by the conditions of `docs/rules.md`,
//! one after the other. Nothing is decided here: what did match is read off the graph. Cost: the
//! stays of the person × those of cases at the same places, and at positions within the same hour.

use super::question::Question;
use crate::base::geo::Coord;
use crate::base::time::{Instant, Span};
use crate::model::{CaseIdx, PlaceId, PlaceKind, RowRef};
use crate::pipeline::rows_of::{Meeting, RowsOf};
use crate::search::evidence::{Basis, Match};
use crate::search::own_stays::CaseStay;
use crate::search::person_stay::PersonStay;
use hashbrown::{HashMap, HashSet};
use schemars::JsonSchema;
use serde::Serialize;

/// The condition that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Failed {
    /// They were together, and not long enough: seconds.
    TooShort,
    /// They were at one place among more people than share a room.
    Crowd,
    /// On one transport, a seat is not known.
    SeatUnknown,
    /// Only the dates are known.
    DateOnly,
    /// At a coordinate that too many share.
    SharedPosition,
    /// The person was protected: seconds of the overlap.
    Protected,
    /// The place is open air, and nobody crowds: seconds of the overlap.
    OpenAir,
    /// On one transport, the seats are too many rows apart.
    SeatRows,
    /// Positions, or a co-location, too far apart: metres.
    TooFar,
    /// The signal of a co-location is too weak: dBm.
    TooFaint,
    /// More people have the same recorded home than a household has.
    TooManyAtHome,
    /// Before or after the window of the case: seconds.
    OutsideWindow,
    /// At one place, one after the other: seconds between them.
    NotAtOneTime,
}

/// Something that nearly counted.
#[derive(Debug, Clone)]
pub struct Miss {
    /// The case.
    pub case: CaseIdx,
    /// What failed.
    pub failed: Failed,
    /// What the number is.
    pub is: f64,
    /// What it would have to be.
    pub needed: f64,
    /// Where, when it is a place.
    pub place: Option<PlaceId>,
    /// The time of the person's row, or what both rows have in common.
    pub span: Span,
    /// The row of the case, and of the person.
    pub rows: [RowRef; 2],
}

impl Miss {
    /// What comes first came nearer: conditions in the order of [`Failed`], then by the number; of
    /// overlaps that one thing alone kept from counting, the longest.
    pub fn order(&self) -> (Failed, i64) {
        let number = match self.failed {
            Failed::Protected | Failed::OpenAir => -self.is,
            _ => (self.is - self.needed).abs(),
        };
        (self.failed, (number * 1000.0) as i64)
    }
}

/// Positions farther apart than this are not near.
const FAR_M: f64 = 200.0;

/// Stays at one place that are farther apart are not near in time, in seconds.
const LONG_AGO: i64 = 12 * 3600;

/// What nearly counted, of each case and condition the nearest, the nearest first. `own` is the
/// person as a case, if they are one: nobody meets themselves; `only` is the one case that is asked
/// about.
pub fn misses(
    question: &Question,
    rows: &RowsOf,
    (own, only): (Option<CaseIdx>, Option<CaseIdx>),
) -> Vec<Miss> {
    let mut all = Vec::new();
    at_places(question, rows, &mut all);
    at_positions(question, rows, &mut all);
    meetings(question, rows, &mut all);
    all.retain(|miss| own != Some(miss.case) && only.is_none_or(|case| case == miss.case));
    all.sort_by_key(|miss| (miss.case, miss.order(), miss.span, miss.rows));
    all.dedup_by_key(|miss| (miss.case, miss.failed));
    all.sort_by_key(|miss| (miss.order(), miss.case));
    all
}

/// How far outside of a window that is empty.
const NEVER: i64 = i64::MAX;

/// A number of seconds; infinite for an empty window.
fn seconds_outside(seconds: i64) -> f64 {
    if seconds == NEVER { f64::INFINITY } else { seconds as f64 }
}

/// How a span lies to a window: what of it is inside, or how far outside it is.
fn to_window(span: Span, window: Option<Span>) -> Result<Span, i64> {
    let Some(window) = window else { return Err(NEVER) };
    window
        .overlap(span)
        .ok_or_else(|| (window.start.0 - span.end.0).max(span.start.0 - window.end.0) + 1)
}

/// The places of each stay of the person: named, or by their circles.
fn visits(question: &Question, rows: &RowsOf) -> Vec<(PlaceId, usize)> {
    let Question { analysis, own } = question;
    let places = &analysis.places;
    let of_cases: HashSet<PlaceId> = own.visits().iter().map(|visit| visit.place).collect();
    let widest = analysis.request.policy.exposure.max_radius_m;
    let (circles, of) = places.circles(widest, |place| of_cases.contains(&place));
    let mut visits = Vec::new();
    for (number, stay) in rows.stays.iter().enumerate() {
        if let Some(place) = stay.place.as_ref().and_then(|id| places.find(&**id)) {
            visits.push((place, number));
        }
        if let Some(at) = stay.coord {
            circles.holding(at, |circle| visits.push((of[circle as usize], number)));
        }
    }
    visits
}

fn at_places(question: &Question, rows: &RowsOf, all: &mut Vec<Miss>) {
    let Question { analysis, own } = question;
    let visits = visits(question, rows);
    let mut by_place: HashMap<PlaceId, Vec<u32>> = HashMap::new();
    visits.iter().for_each(|&(place, _)| _ = by_place.entry(place).or_default());
    for visit in own.visits() {
        if let Some(there) = by_place.get_mut(&visit.place) {
            there.push(visit.stay);
        }
    }
    for (place, number) in visits {
        let stay = &rows.stays[number];
        for &of_case in &by_place[&place] {
            let case = own.get(of_case);
            let miss = |failed, is: f64, needed: f64, span| Miss {
                case: case.case,
                failed,
                is,
                needed,
                place: Some(place),
                span,
                rows: [case.row, stay.row],
            };
            let Some(both) = case.span.overlap(stay.span) else {
                let gap =
                    (case.span.start.0 - stay.span.end.0).max(stay.span.start.0 - case.span.end.0);
                let counted = to_window(case.span, analysis.cases.window(case.case)).is_ok();
                if gap <= LONG_AGO && counted {
                    all.push(miss(Failed::NotAtOneTime, gap as f64, 0.0, stay.span));
                }
                continue;
            };
            let both = match to_window(both, analysis.cases.window(case.case)) {
                Ok(inside) => inside,
                Err(seconds) => {
                    all.push(miss(Failed::OutsideWindow, seconds_outside(seconds), 0.0, both));
                    continue;
                }
            };
            if let Some((failed, is, needed)) = condition(question, place, (case, stay), both) {
                all.push(miss(failed, is, needed, both));
            }
        }
    }
}

/// The condition by which two who were at one place at one time do not match.
fn condition(
    question: &Question,
    place: PlaceId,
    (case, stay): (&CaseStay, &PersonStay),
    both: Span,
) -> Option<(Failed, f64, f64)> {
    let of = question.analysis.places.get(place);
    let seconds = both.seconds() as f64;
    if stay.protected {
        return Some((Failed::Protected, seconds, 0.0));
    }
    if of.kind == PlaceKind::Transport {
        let most = question.analysis.request.policy.exposure.transport_rows;
        let apart = case.seat_row?.abs_diff(stay.seat_row?);
        return (apart > most).then_some((Failed::SeatRows, apart.into(), most.into()));
    }
    (!of.enclosed && !of.dense).then_some((Failed::OpenAir, seconds, 0.0))
}

/// Seconds of a slot in which positions are compared.
const SLOT: i64 = 3600;

fn slots(span: Span) -> std::ops::RangeInclusive<i64> {
    span.start.0.div_euclid(SLOT)..=(span.end.0 - 1).div_euclid(SLOT)
}

/// Adds the misses between positions, which are compared hour by hour.
fn at_positions(question: &Question, rows: &RowsOf, all: &mut Vec<Miss>) {
    let Question { analysis, own } = question;
    let positions = || rows.stays.iter().filter_map(|stay| Some((stay.coord?, stay)));
    let Some(first) = positions().map(|(_, stay)| stay.span.start).min() else { return };
    let last = positions().map(|(_, stay)| stay.span.end).max().unwrap_or(first);
    let Some(whole) = Span::new(first, last) else { return };
    let mut of_slot: HashMap<i64, Vec<&CaseStay>> = HashMap::new();
    for stay in own.iter().filter(|stay| stay.coord.is_some()) {
        for slot in stay.span.overlap(whole).into_iter().flat_map(slots) {
            of_slot.entry(slot).or_default().push(stay);
        }
    }
    let most = analysis.request.policy.exposure.gps_m;
    for (at, stay) in positions() {
        for slot in slots(stay.span) {
            for case in of_slot.get(&slot).into_iter().flatten() {
                let Some(both) = case.span.overlap(stay.span) else { continue };
                let Some(metres) = case.coord.and_then(|of| near(of, at)) else { continue };
                let is_far = metres > most;
                let (failed, is, needed) = match to_window(both, analysis.cases.window(case.case)) {
                    Err(seconds) if !is_far => {
                        (Failed::OutsideWindow, seconds_outside(seconds), 0.0)
                    }
                    Err(_) => continue,
                    Ok(_) if is_far => (Failed::TooFar, metres, most),
                    Ok(both) if stay.protected => (Failed::Protected, both.seconds() as f64, 0.0),
                    Ok(_) => continue,
                };
                let (case, rows) = (case.case, [case.row, stay.row]);
                all.push(Miss { case, failed, is, needed, place: None, span: both, rows });
            }
        }
    }
}

/// The distance in metres, when two positions are near enough to be spoken of.
fn near(one: Coord, other: Coord) -> Option<f64> {
    // No degree of latitude is shorter than this.
    const METRES: f64 = 110_000.0;
    let may_be = (one.lat - other.lat).abs() * METRES <= FAR_M;
    may_be.then(|| one.distance_m(other)).filter(|metres| *metres <= FAR_M)
}

fn meetings(question: &Question, rows: &RowsOf, all: &mut Vec<Miss>) {
    let analysis = &question.analysis;
    let policy = &analysis.request.policy.exposure;
    for meeting in &rows.meetings {
        let Meeting { case, span, distance_m, rssi_dbm, protected, row, .. } = *meeting;
        let far = distance_m.filter(|metres| *metres > policy.proximity_m);
        let faint = rssi_dbm.zip(policy.min_rssi_dbm).filter(|(rssi, min)| rssi < min);
        let outside = to_window(span, analysis.cases.window(case)).err();
        let (failed, is, needed) = match (outside, protected, far, faint) {
            (Some(seconds), ..) => (Failed::OutsideWindow, seconds_outside(seconds), 0.0),
            (_, true, ..) => (Failed::Protected, span.seconds() as f64, 0.0),
            (_, _, Some(metres), _) => (Failed::TooFar, metres, policy.proximity_m),
            (.., Some((rssi, min))) => (Failed::TooFaint, rssi, min),
            _ => continue,
        };
        all.push(Miss { case, failed, is, needed, place: None, span, rows: [row, row] });
    }
}

/// How many people were in a crowd with a case, at the fullest moment of a match there.
pub fn in_crowd(question: &Question, (case, place): (CaseIdx, PlaceId), during: Span) -> usize {
    let analysis = &question.analysis;
    let mut moves: Vec<(Instant, i32)> = Vec::new();
    for pair in analysis.graph.pairs().iter().filter(|pair| pair.case == case) {
        let matches = pair.matches(&analysis.evidence).iter();
        let counted = |of: &&Match| matches!(of.basis, Basis::Venue | Basis::Crowd);
        let there = matches.filter(counted).filter(|of| of.place() == Some(place));
        let mut spans: Vec<Span> = there.filter_map(|of| of.span.overlap(during)).collect();
        crate::base::spans::union(&mut spans);
        moves.extend(spans.iter().flat_map(|span| [(span.start, 1), (span.end, -1)]));
    }
    moves.sort_unstable();
    let counts = moves.iter().scan(0, |people, (_, by)| {
        *people += by;
        Some(*people)
    });
    counts.max().unwrap_or(0) as usize
}
