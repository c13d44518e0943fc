//! `changes.csv`: what is new, gone, longer, shorter or another against an earlier output, and why.
//!
//! Two lists of states side by side; applied to the earlier one, the changes give the later one.
//! Cost: linear in both.

use super::description::TableShape;
use super::states::{State, States, What, building_of};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::io::Write;

/// How something changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// It was not there.
    New,
    /// It is not there any more.
    Gone,
    /// It is something else: another measure, another level.
    Class,
    /// It ends later, or begins earlier.
    Longer,
    /// It ends earlier, or begins later.
    Shorter,
    /// Its plan has run out, or its zone is released; or the other way round.
    State,
    /// It is for other cases.
    Cases,
}

/// Why something changed: the first that applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// The person is a case now.
    BecameCase,
    /// A case that it was for is none any more.
    CaseTakenBack,
    /// A case that it is for is new.
    NewCase,
    /// The policy is another.
    Policy,
    /// Zones are raised to their buildings (`--expand`), or no longer are.
    Expand,
    /// Its time has run out.
    RanOut,
    /// The window of a case that it is for is another.
    Window,
    /// Time has passed: rows count that lay after the earlier as-of.
    AsOf,
    /// Rows of the input are others.
    Rows,
}

impl Cause {
    /// The name in the output.
    pub fn name(self) -> &'static str {
        match self {
            Cause::BecameCase => "became_case",
            Cause::CaseTakenBack => "case_taken_back",
            Cause::NewCase => "new_case",
            Cause::Policy => "policy",
            Cause::Expand => "expand",
            Cause::RanOut => "ran_out",
            Cause::Window => "window",
            Cause::AsOf => "as_of",
            Cause::Rows => "rows",
        }
    }
}

/// A row of `changes.csv`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Changed {
    /// What kind of thing it is.
    pub what: What,
    /// Its id; of a link the case.
    pub id: String,
    /// Of a link the exposed case.
    pub other_id: String,
    /// How it changed.
    pub change: Change,
    /// Why.
    pub cause: Cause,
    /// What it was.
    pub old_class: String,
    /// What it is.
    pub new_class: String,
    /// In which state it was.
    pub old_state: String,
    /// In which state it is.
    pub new_state: String,
    /// From when it was counted.
    pub old_since: String,
    /// From when it is counted.
    pub new_since: String,
    /// When it ended.
    pub old_until: String,
    /// When it ends.
    pub new_until: String,
    /// The cases it was for.
    pub old_case_ids: String,
    /// The cases it is for.
    pub new_case_ids: String,
}

/// The run that made an output.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RunOf {
    /// The moment it speaks for.
    pub as_of: String,
    /// The hash of its policy.
    pub policy_sha256: String,
}

/// Two outputs side by side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Compared {
    /// The earlier one.
    pub old: RunOf,
    /// The later one.
    pub new: RunOf,
    /// What changed, in order of what and whose it is.
    pub changes: Vec<Changed>,
}

impl Compared {
    /// Compares two outputs. O(n) over both.
    pub fn new(old: &States, new: &States) -> Compared {
        let run = |states: &States| {
            let (as_of, policy) = states.run();
            RunOf { as_of: as_of.to_owned(), policy_sha256: policy.to_owned() }
        };
        Compared { old: run(old), new: run(new), changes: changes(old, new) }
    }
}

/// What changed from one output to another, in order of what and whose it is.
///
/// ```
/// use trace::output::{States, changes};
/// assert!(changes(&States::default(), &States::default()).is_empty());
/// ```
pub fn changes(old: &States, new: &States) -> Vec<Changed> {
    let (mut olds, mut news) = (old.iter().peekable(), new.iter().peekable());
    let mut all = Vec::new();
    loop {
        let key = match (olds.peek(), news.peek()) {
            (None, None) => return all,
            (Some(one), None) | (None, Some(one)) => one.key(),
            (Some(one), Some(other)) => one.key().min(other.key()),
        };
        let before = olds.next_if(|state| state.key() == key);
        let now = news.next_if(|state| state.key() == key);
        if before == now || key.0 == What::Run {
            continue;
        }
        let change = how(before, now);
        let cause = why((old, new), before, now, change);
        let part =
            |of: Option<&State>, get: fn(&State) -> &String| of.map_or("", |of| get(of)).to_owned();
        all.push(Changed {
            what: key.0,
            id: key.1.to_owned(),
            other_id: key.2.to_owned(),
            change,
            cause,
            old_class: part(before, |of| &of.class),
            new_class: part(now, |of| &of.class),
            old_state: part(before, |of| &of.state),
            new_state: part(now, |of| &of.state),
            old_since: part(before, |of| &of.since),
            new_since: part(now, |of| &of.since),
            old_until: part(before, |of| &of.until),
            new_until: part(now, |of| &of.until),
            old_case_ids: part(before, |of| &of.case_ids),
            new_case_ids: part(now, |of| &of.case_ids),
        });
    }
}

fn how(before: Option<&State>, now: Option<&State>) -> Change {
    let (Some(before), Some(now)) = (before, now) else {
        return if now.is_some() { Change::New } else { Change::Gone };
    };
    if before.class != now.class {
        Change::Class
    } else if before.until != now.until {
        if before.until < now.until { Change::Longer } else { Change::Shorter }
    } else if before.state != now.state {
        Change::State
    } else if before.since != now.since {
        // A window that opens earlier is longer.
        if before.since > now.since { Change::Longer } else { Change::Shorter }
    } else {
        Change::Cases
    }
}

fn why(
    (old, new): (&States, &States),
    before: Option<&State>,
    now: Option<&State>,
    change: Change,
) -> Cause {
    let is_case = |of: &States, id: &str| of.find(What::Case, id).is_some();
    let cases = |of: Option<&State>| -> BTreeSet<String> {
        let Some(of) = of else { return BTreeSet::new() };
        match of.what {
            What::Case => BTreeSet::from([of.id.clone()]),
            What::Link => BTreeSet::from([of.id.clone(), of.other_id.clone()]),
            _ => of.case_ids.split(';').filter(|id| !id.is_empty()).map(str::to_owned).collect(),
        }
    };
    let then = cases(before);
    // A zone that is gone because its building became one did not end: it is for others now.
    let taken_in = before.filter(|of| of.what == What::Zone && now.is_none());
    let around = taken_in.and_then(|of| building_of(&of.class, &of.id));
    let today = cases(now.or_else(|| new.find(What::Zone, around?)));
    let ((old_as_of, old_policy), (new_as_of, new_policy)) = (old.run(), new.run());
    let moved = |id: &String| old.find(What::Case, id) != new.find(What::Case, id);
    if before.is_some_and(|of| of.what == What::Person && is_case(new, &of.id)) {
        Cause::BecameCase
    } else if change == Change::State {
        Cause::RanOut
    } else if then.iter().any(|id| !is_case(new, id)) {
        Cause::CaseTakenBack
    } else if today.iter().any(|id| !is_case(old, id)) {
        Cause::NewCase
    } else if old_policy != new_policy {
        Cause::Policy
    } else if old.is_expanded() != new.is_expanded() {
        Cause::Expand
    } else if then.union(&today).any(moved) {
        Cause::Window
    } else if old_as_of != new_as_of {
        Cause::AsOf
    } else {
        Cause::Rows
    }
}

/// Writes `changes.csv`.
///
/// # Errors
/// When it cannot be written.
pub fn write_changes(changes: &[Changed], out: &mut dyn Write) -> std::io::Result<()> {
    let mut table = csv::WriterBuilder::new().has_headers(false).from_writer(out);
    table.write_record(TableShape::of("changes").header())?;
    changes.iter().try_for_each(|changed| table.serialize(changed))?;
    table.flush()
}

/// What a report says of the changes in short: what there was, and how many are new or gone.
pub fn changes_in_short(old: &States, changes: &[Changed]) -> Value {
    let count = |what: What| old.iter().filter(|state| state.what == what).count();
    let of = |what: What| changes.iter().filter(move |changed| changed.what == what);
    let close = |class: &str| class == "close_contact";
    let contacts = |is: fn(bool, bool) -> bool| {
        of(What::Person).filter(|of| is(close(&of.old_class), close(&of.new_class))).count()
    };
    let before = |is: &dyn Fn(&State) -> bool| {
        old.iter().filter(|of| of.what == What::Person && is(of)).count()
    };
    // Somebody who became a case is counted as such, and not here.
    let no_longer = of(What::Person)
        .filter(|of| close(&of.old_class) && !close(&of.new_class) && of.cause != Cause::BecameCase)
        .count();
    let zones = |is: &dyn Fn(&Changed) -> bool| -> Vec<&str> {
        of(What::Zone).filter(|of| is(of)).map(|of| of.id.as_str()).collect()
    };
    let (high, low) = (|state: &str| state == "high", |state: &str| state == "low");
    json!({
        "since": old.run().0,
        "before": {
            "cases": count(What::Case),
            "links": count(What::Link),
            "close_contacts": before(&|of| close(&of.class)),
            "venue_exposed": before(&|of| of.class == "venue_exposed"),
            "held": before(&|of| of.state == "active"),
            "high_zones": old.iter().filter(|of| of.what == What::Zone && high(&of.state)).count(),
        },
        "new_cases": of(What::Case).filter(|of| of.change == Change::New).count(),
        "new_spillover": of(What::Person)
            .filter(|of| of.new_class == "spillover" && of.old_class != "spillover")
            .count(),
        "became_cases": of(What::Person).filter(|of| of.cause == Cause::BecameCase).count(),
        "new_contacts": contacts(|was, is| !was && is),
        "contacts_no_longer": no_longer,
        "new_zones": zones(&|of| high(&of.new_state) && !high(&of.old_state)),
        "released_zones": zones(&|of| high(&of.old_state) && low(&of.new_state)),
        "zones_no_longer": zones(&|of| high(&of.old_state) && of.change == Change::Gone),
    })
}
