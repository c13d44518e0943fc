//! When a zone is low again (降级): some days after its last case, and, if the policy says so, not
//! before a round of tests found nobody.
//!
//! Sources: the Notice, measure 4 (5 days without a new case); Beijing's reading: on the fifth day
//! everybody in the zone is tested, and all are negative; the reading of December 2022: somebody
//! who was isolated when they were found does not begin the days anew. Both are off unless the
//! policy says so. Cost: the cases of the zone; where tests are asked for, also its residents and
//! their tests.

use crate::base::time::Date;
use crate::model::CaseIdx;
use crate::model::registers::{OrderKind, Screening};
use crate::policy::ZoneRules;
use crate::rules::facts::Facts;
use std::collections::BTreeMap;

/// The day from which the days are counted: that of the latest confirmation, of those that count.
pub(super) fn last_case(
    facts: &Facts<'_>,
    rules: &ZoneRules,
    cases: impl Iterator<Item = CaseIdx>,
) -> Date {
    let days = cases.map(|case| {
        let counts = !rules.reset_excludes_isolated || !was_isolated(facts, case);
        (counts, facts.zone.date(facts.cases.get(case).confirmed))
    });
    // Where all of them were isolated, all count.
    days.max().expect("a zone has a case").1
}

/// Whether a case was isolated when they were found: by their own row, or by an order.
fn was_isolated(facts: &Facts<'_>, case: CaseIdx) -> bool {
    let row = facts.cases.get(case);
    let found = row.sampled.map_or(row.confirmed, |sampled| sampled.min(row.confirmed));
    let by_order = |order: &crate::model::registers::Order| {
        let isolates = matches!(order.kind, OrderKind::Central | OrderKind::Home);
        isolates && order.span.start <= found && found < order.span.end
    };
    row.isolated.is_some_and(|at| at <= found)
        || facts.registers.orders_of(&row.id).iter().any(by_order)
}

/// The day from whose 00:00 a zone is low: the day after the round of tests was done, or, while it
/// is not done, the day after as-of; never before `planned`. `people` live there; `tests` were made
/// there.
pub(super) fn after_screening(
    facts: &Facts<'_>,
    planned: Date,
    people: &[&str],
    tests: &[&Screening],
) -> Date {
    let (first, today) = (planned.plus(-1), facts.zone.date(facts.as_of));
    // As-of at 00:00 belongs to the new day, of which nothing is known yet.
    let known = facts.zone.last_date(facts.as_of);
    let round = || tests.iter().filter(|test| test.date >= first && test.date <= known);
    let open = planned.max(today.plus(1));
    if round().any(|test| test.positive && facts.cases.find(&*test.person).is_none()) {
        return open;
    }
    let mut negative: BTreeMap<&str, Date> = BTreeMap::new();
    for test in round().filter(|test| !test.positive) {
        let day = negative.entry(&test.person).or_insert(test.date);
        *day = (*day).min(test.date);
    }
    let is_away = |person: &str| {
        let central = |order: &crate::model::registers::Order| {
            let begun = facts.zone.date(order.span.start) <= first;
            order.kind == OrderKind::Central && begun && order.span.end > facts.as_of
        };
        facts.cases.find(person).is_some() || facts.registers.orders_of(person).iter().any(central)
    };
    let asked: Vec<&str> = people.iter().copied().filter(|person| !is_away(person)).collect();
    let done = match asked.is_empty() {
        // Nobody is recorded there: somebody must have been tested all the same.
        true => negative.values().min().copied(),
        false => {
            let days = asked.iter().map(|person| negative.get(person).copied());
            days.collect::<Option<Vec<Date>>>().and_then(|days| days.into_iter().max())
        }
    };
    done.map_or(open, |day| planned.max(day.plus(1)))
}
