//! Ordered measures against those that the evidence supports.
//!
//! What was ordered is a list of measures, or the table `orders` of the export. A list names the
//! class (close contact) or where somebody stays (central): each is compared with its own.

use super::{Finding, Wrong};
use crate::base::time::{Date, Instant};
use crate::base::words::Lang;
use crate::ingest::kind_of_order;
use crate::ingest::orders::OrderedMeasure;
use crate::model::registers::{Order, OrderKind};
use crate::pipeline::Analysis;
use crate::questions::person::of_person;
use crate::questions::question::Question;
use crate::rules::measures::{Measure, MeasureKind, Schedule};
use crate::rules::notice::visitors::Visitors;
use std::collections::BTreeSet;

/// Whether a state says that a measure is over.
fn is_over(state: &str) -> bool {
    let state = state.to_lowercase();
    ["elapsed", "released", "ended", "已期满", "已解除", "解除", "期满"].contains(&&*state)
}

/// The measure that a word names, in any language.
fn named(word: &str) -> Option<MeasureKind> {
    let is = |kind: &MeasureKind| {
        word == kind.name() || Lang::ALL.iter().any(|lang| lang.cell(kind.name()) == word)
    };
    MeasureKind::ALL.into_iter().find(is)
}

/// Days from one to another, and at least one.
fn days(from: Date, to: Date) -> u64 {
    u64::try_from(to.0 - from.0).unwrap_or(0).max(1)
}

/// The table `orders` as a list of measures: of everybody the order in force at as-of, or else
/// their last one, until the end of the last one. Closed loops are no measure.
pub(super) fn of_table(analysis: &Analysis) -> Vec<OrderedMeasure> {
    let held = |order: &&Order| order.kind != OrderKind::Bubble;
    let orders = &analysis.registers.orders;
    let of_persons = orders.chunk_by(|one, next| one.person == next.person);
    let measure = |all: &[Order]| {
        let last = all.iter().filter(held).max_by_key(|order| order.span.end)?;
        let mut in_force = all.iter().filter(held);
        let now = in_force
            .find(|order| order.span.start <= analysis.as_of && analysis.as_of < order.span.end)
            .unwrap_or(last);
        let end = last.span.end;
        Some(OrderedMeasure {
            person_id: last.person.to_string(),
            measure: now.kind.name().to_owned(),
            state: String::new(),
            day0: None,
            release_on: (end < Instant::LAST).then(|| analysis.zone().free_from(end)),
            row: now.row,
        })
    };
    of_persons.filter_map(measure).collect()
}

/// What is wrong with the measures that were ordered.
pub(super) fn findings(question: &Question, orders: &[OrderedMeasure]) -> Vec<Finding> {
    let analysis = &question.analysis;
    let mut all = Vec::new();
    for order in orders {
        if analysis.cases.find(&order.person_id).is_some() {
            continue;
        }
        let (_, measure) = of_person(analysis, &order.person_id);
        let found = match measure {
            None => without_ground(analysis, order),
            Some(measure) => against(analysis, order, measure),
        };
        all.extend(found.map(|of| Finding {
            id: order.person_id.clone(),
            at: Some(order.row),
            ordered: said(order),
            ..of
        }));
    }
    let ordered: BTreeSet<&str> = orders.iter().map(|of| of.person_id.as_str()).collect();
    for measure in &analysis.measures.list {
        let (id, schedule) =
            (measure.person(&analysis.evidence), analysis.measures.schedule(measure));
        if schedule.active && !ordered.contains(id) {
            let justified = justified(analysis, measure);
            let missing = of(Wrong::PersonMissing, 0);
            all.push(Finding { id: id.to_owned(), justified, ..missing });
        }
    }
    all
}

fn of(wrong: Wrong, person_days: u64) -> Finding {
    Finding::new(wrong, 1, person_days)
}

/// An order in words.
fn said(order: &OrderedMeasure) -> String {
    let until = order.release_on.map_or(String::new(), |day| day.to_string());
    let parts = [order.measure.as_str(), order.state.as_str(), until.as_str()];
    let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join(" ")
}

fn justified(analysis: &Analysis, measure: &Measure) -> String {
    let (schedule, today) =
        (analysis.measures.schedule(measure), analysis.zone().date(analysis.as_of));
    let now = schedule.phase_on(today);
    let phase = now.map_or(String::new(), |stage| format!("{} ", stage.kind));
    format!("{} {phase}{}", measure.kind.name(), schedule.release_on)
}

/// Somebody whom nothing holds, unless their order is over.
fn without_ground(analysis: &Analysis, order: &OrderedMeasure) -> Option<Finding> {
    let today = analysis.zone().date(analysis.as_of);
    let over = is_over(&order.state) || order.release_on.is_some_and(|day| day <= today);
    let left = order.release_on.map_or(1, |day| days(today, day));
    (!over && !is_monitored(analysis, order)).then(|| of(Wrong::PersonWithoutGround, left))
}

/// Whether an order is the monitoring of somebody who came out of a closed loop (the Notice,
/// measure 5), or who travelled from high-risk zones (Shanxi, item 1): these have no
/// row in the measures.
fn is_monitored(analysis: &Analysis, order: &OrderedMeasure) -> bool {
    let person = order.person_id.as_str();
    let travelled = |of: &Visitors| of.travellers.iter().any(|of| &*of.person == person);
    let mut orders = analysis.registers.orders_of(person).iter();
    kind_of_order(&order.measure.to_lowercase()) == Some(OrderKind::Monitor)
        && (orders.any(|of| of.kind == OrderKind::Bubble)
            || analysis.visitors.as_ref().is_some_and(travelled))
}

/// An order against the measure that is justified.
fn against(analysis: &Analysis, order: &OrderedMeasure, measure: &Measure) -> Option<Finding> {
    let today = analysis.zone().date(analysis.as_of);
    let schedule = analysis.measures.schedule(measure);
    let finding =
        |wrong, days| Some(Finding { justified: justified(analysis, measure), ..of(wrong, days) });
    if named(&order.measure).is_some_and(|kind| kind != measure.kind) {
        return finding(Wrong::PersonWrongMeasure, 0);
    }
    let release = schedule.release_on;
    if is_over(&order.state) {
        let early = schedule.active.then(|| finding(Wrong::PersonTooEarly, days(today, release)));
        return early.flatten();
    }
    match order.release_on {
        Some(day) if day > release && day > today => {
            finding(Wrong::PersonTooLong, days(release, day))
        }
        Some(day) if day < release && schedule.active => {
            finding(Wrong::PersonTooEarly, days(day, release))
        }
        None if !schedule.active => finding(Wrong::PersonTooLong, days(release, today)),
        _ if is_elsewhere(schedule, &order.measure, today) => finding(Wrong::PersonWrongMeasure, 0),
        _ => None,
    }
}

/// Whether an order names another phase than that of today.
fn is_elsewhere(schedule: &Schedule, word: &str, today: Date) -> bool {
    let now = schedule.phase_on(today);
    let ordered = kind_of_order(&word.to_lowercase());
    now.zip(ordered).is_some_and(|(now, kind)| now.kind != kind.name())
}
