//! Ordered measures against those that the evidence supports.

use super::{Finding, Wrong};
use crate::base::time::Date;
use crate::base::words::Lang;
use crate::ingest::orders::{OrderedMeasure, Orders};
use crate::pipeline::Analysis;
use crate::questions::person::of_person;
use crate::questions::question::Question;
use crate::rules::measures::{Measure, MeasureKind};
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

/// What is wrong with the measures that were ordered.
pub(super) fn findings(question: &Question, orders: &Orders<OrderedMeasure>) -> Vec<Finding> {
    let analysis = &question.analysis;
    let mut all = Vec::new();
    for order in &orders.rows {
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
    let ordered: BTreeSet<&str> = orders.rows.iter().map(|of| of.person_id.as_str()).collect();
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
    format!("{} {}", measure.kind.name(), analysis.measures.schedule(measure).release_on)
}

/// Somebody whom nothing holds, unless their order is over.
fn without_ground(analysis: &Analysis, order: &OrderedMeasure) -> Option<Finding> {
    let today = analysis.zone().date(analysis.as_of);
    let over = is_over(&order.state) || order.release_on.is_some_and(|day| day <= today);
    let left = order.release_on.map_or(1, |day| days(today, day));
    (!over).then(|| of(Wrong::PersonWithoutGround, left))
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
        _ => None,
    }
}
