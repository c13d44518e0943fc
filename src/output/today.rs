//! `today.csv`: what is to be done on the day of as-of, for whom, by when.
//!
//! Whom to take to hospital, whom to call, whom to tell that their days are others, who is tested,
//! who goes home from central isolation, who is released, which doors open, which zones are to be
//! announced. What fell due since the earlier output is on the list, too: nobody is held over a
//! weekend because nobody ran it. Nothing is decided here: the days are those of the plans and
//! zones. Cost: the people with a measure, and what changed.

use super::changes::{Cause, Change, Changed};
use super::row_writer::{Findings, RowWriter, write_table};
use super::states::{State, States, What, building_of};
use crate::base::time::{Date, Instant};
use crate::rules::measures::arrival::ArrivalState;
use crate::rules::measures::{DatedPhase, Measure, MeasureKind, Schedule};
use crate::search::evidence::PersonId;
use hashbrown::{HashMap, HashSet};
use rayon::prelude::*;
use std::io::{Result, Write};

/// What is to be done, in the order in which it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Task {
    /// 转运定点医院: somebody from abroad whose sample was positive.
    Hospital,
    /// 流调联系: somebody who has a measure since today.
    Call,
    /// 告知调整: somebody whose measure or days are others than at the earlier output.
    Change,
    /// 公布: a zone that nobody knows of yet, or whose day of downgrade is another.
    Announce,
    /// 核酸检测.
    Test,
    /// 转居家: from central isolation home.
    Transfer,
    /// 解除.
    Release,
    /// 降级: a zone whose doors open.
    Open,
    /// 转为病例: somebody who had a measure, and is a case now.
    BecameCase,
}

impl Task {
    /// All of them.
    pub const ALL: [Task; 9] = [
        Task::Hospital,
        Task::Call,
        Task::Change,
        Task::Announce,
        Task::Test,
        Task::Transfer,
        Task::Release,
        Task::Open,
        Task::BecameCase,
    ];

    /// The name in the output.
    pub fn name(self) -> &'static str {
        match self {
            Task::Hospital => "hospital",
            Task::Call => "call",
            Task::Change => "change",
            Task::Announce => "announce",
            Task::Test => "test",
            Task::Transfer => "transfer",
            Task::Release => "release",
            Task::Open => "open",
            Task::BecameCase => "became_case",
        }
    }
}

/// A row.
#[derive(Debug, Clone)]
pub struct ToDo<'a> {
    /// What is to be done.
    pub task: Task,
    /// The day it fell due.
    day: Date,
    /// Whom to call first.
    rank: u32,
    person: &'a str,
    zone: String,
    by: Option<Instant>,
    /// The plan; without one what the person had.
    plan: Option<&'a Measure>,
    had: &'a str,
    cause: &'static str,
}

/// The day of as-of, and what was known before it.
struct Day<'f> {
    today: Date,
    /// The day of the earlier output.
    last: Option<Date>,
    /// The states of the earlier output; `None` where the same as-of is run again: it gets the same
    /// lists.
    earlier: Option<&'f States>,
}

impl Day<'_> {
    /// Whether something fell due after the day of the earlier output; without one, today.
    fn is_due(&self, day: Date) -> bool {
        let last = self.last.filter(|last| *last < self.today);
        day <= self.today && day > last.unwrap_or_else(|| self.today.plus(-1))
    }

    /// Whether nobody has been told of it: `told` says what of the earlier output they were told.
    fn is_new(&self, what: What, id: &str, told: impl Fn(&State) -> bool) -> bool {
        self.earlier.is_none_or(|old| !old.find(what, id).is_some_and(told))
    }
}

/// What is to be done, in order.
fn tasks<'a>(findings: &'a Findings<'_>) -> Vec<ToDo<'a>> {
    let analysis = findings.analysis;
    let since = findings.since.as_ref();
    let as_of = analysis.zone().show(analysis.as_of);
    let day = Day {
        today: analysis.zone().date(analysis.as_of),
        last: since.and_then(|(old, _)| Date::parse(old.run().0)),
        earlier: since.map(|(old, _)| old).filter(|old| old.run().0 != as_of),
    };
    let mut all = of_people(findings, &day);
    all.extend(of_zones(findings, &day));
    let changed = || since.into_iter().flat_map(|(_, changed)| changed);
    let causes: HashMap<(What, &str), &'static str> =
        changed().map(|of| ((of.what, of.id.as_str()), of.cause.name())).collect();
    for of in all.iter_mut().filter(|of| matches!(of.task, Task::Change | Task::Announce)) {
        let key =
            if of.zone.is_empty() { (What::Person, of.person) } else { (What::Zone, &*of.zone) };
        of.cause = causes.get(&key).copied().unwrap_or("");
    }
    // Whoever was positive has no plan any more, and is not let go.
    let positive: HashSet<&str> = arrived(findings, ArrivalState::Positive).collect();
    // A unit that is no zone of its own any more stays closed within a building that is one.
    let places = &analysis.places;
    let high: HashSet<String> =
        analysis.zones.iter().filter(|zone| zone.high).map(|zone| zone.id(places)).collect();
    let is_closed = |of: &Changed| {
        let building = building_of(&of.old_class, &of.id).filter(|_| of.what == What::Zone);
        building.is_some_and(|id| high.contains(id))
    };
    let gone = changed().filter(|of| !is_closed(of)).filter_map(|of| gone(of, day.today));
    all.extend(gone.filter(|of| !positive.contains(of.person)));
    all.extend(positive.into_iter().map(|person| {
        let to_do = ToDo::new(Task::Hospital, day.today, 0);
        ToDo { person, had: MeasureKind::Arrival.name(), ..to_do }
    }));
    all.par_sort_by(|a, b| {
        let key = |of: &ToDo<'a>| (of.task, of.day, of.rank);
        key(a).cmp(&key(b)).then_with(|| (a.person, &a.zone).cmp(&(b.person, &b.zone)))
    });
    all
}

/// The people from abroad in a state.
fn arrived<'a>(findings: &'a Findings<'_>, state: ArrivalState) -> impl Iterator<Item = &'a str> {
    let all = findings.analysis.measures.arrived.iter();
    all.filter(move |of| of.state == state).map(|of| &*of.person)
}

/// Whom to call, to test, to move, to release.
fn of_people<'a>(findings: &'a Findings<'_>, day: &Day<'_>) -> Vec<ToDo<'a>> {
    let analysis = findings.analysis;
    let ranks = ranks(findings);
    let rank = |person: &str| ranks.get(person).copied().unwrap_or(u32::MAX);
    // Whose sample is to be taken again is tested until it was, whatever the plan says.
    let again: HashSet<&str> = arrived(findings, ArrivalState::Retest).collect();
    let mut all = Vec::new();
    for measure in &analysis.measures.list {
        let person = measure.person(&analysis.evidence);
        let schedule = analysis.measures.schedule(measure);
        let mut add = |task, due, rank| {
            let plan = Some(measure);
            all.push(ToDo { person, plan, ..ToDo::new(task, due, rank) });
        };
        if again.contains(person) || schedule.active && schedule.tests.contains(&day.today) {
            add(Task::Test, day.today, 0);
        }
        if !schedule.active {
            if day.is_due(schedule.release_on) {
                add(Task::Release, schedule.release_on, 0);
            }
            continue;
        }
        if day.is_new(What::Person, person, |of| of.state == "active") {
            add(Task::Call, day.today, rank(person));
        } else if day.is_new(What::Person, person, |of| is_as_told(of, measure.kind, schedule)) {
            add(Task::Change, day.today, rank(person));
        }
        let goes_home = |two: &&[DatedPhase]| {
            two[0].kind == "central" && two[1].kind != "central" && day.is_due(two[1].from)
        };
        if let Some(two) = schedule.stages.windows(2).find(goes_home) {
            add(Task::Transfer, two[1].from, 0);
        }
    }
    // A policy may have no measure for close contacts: they are called all the same.
    if analysis.request.policy.close_contact.is_none() {
        let told = |of: &State| of.class == "close_contact" && of.state != "elapsed";
        let close = analysis.contacts.close.iter().map(|of| analysis.evidence.id(of.person));
        let new = close.filter(|id| day.is_new(What::Person, id, told));
        all.extend(new.map(|person| {
            let call = ToDo::new(Task::Call, day.today, rank(person));
            ToDo { person, had: "close_contact", ..call }
        }));
    }
    all
}

/// Whether somebody knows what is in store for them.
fn is_as_told(of: &State, kind: MeasureKind, schedule: &Schedule) -> bool {
    let days = [&schedule.day0, &schedule.release_on].map(ToString::to_string);
    of.class == kind.name() && [&of.since, &of.until] == [&days[0], &days[1]]
}

/// Which zones to announce, and which to open.
fn of_zones<'a>(findings: &Findings<'_>, day: &Day<'_>) -> Vec<ToDo<'a>> {
    let analysis = findings.analysis;
    let mut all = Vec::new();
    for of in &analysis.zones {
        let zone = of.id(&analysis.places);
        let until = of.downgrade_on.to_string();
        let is_new = day.is_new(What::Zone, &zone, |of| of.state == "high" && of.until == until);
        if of.high && (is_new || of.announce_by > Some(analysis.as_of)) {
            let by = of.announce_by;
            all.push(ToDo { zone, by, ..ToDo::new(Task::Announce, day.today, 0) });
        } else if !of.high && day.is_due(of.downgrade_on) {
            all.push(ToDo { zone, ..ToDo::new(Task::Open, of.downgrade_on, 0) });
        }
    }
    all
}

impl<'a> ToDo<'a> {
    fn new(task: Task, day: Date, rank: u32) -> ToDo<'a> {
        let (zone, by, plan) = (String::new(), None, None);
        ToDo { task, day, rank, person: "", zone, by, plan, had: "", cause: "" }
    }
}

/// The rank of each close contact.
fn ranks<'a>(findings: &'a Findings<'_>) -> HashMap<&'a str, u32> {
    let contacts = findings.contacts;
    let id = |person: PersonId| findings.analysis.evidence.id(person);
    contacts.close.iter().zip(&contacts.ranks).map(|(of, rank)| (id(of.person), *rank)).collect()
}

/// What is no more, although its time has not run out: whom to let go, and which door to open.
fn gone(of: &Changed, today: Date) -> Option<ToDo<'_>> {
    let cause = of.cause.name();
    match (of.what, of.cause, of.change) {
        (What::Person, Cause::BecameCase, _) => {
            let (person, had) = (of.id.as_str(), of.old_class.as_str());
            Some(ToDo { person, had, cause, ..ToDo::new(Task::BecameCase, today, 0) })
        }
        (What::Person, _, Change::Gone) if of.old_state != "elapsed" => {
            let (person, had) = (of.id.as_str(), of.old_class.as_str());
            Some(ToDo { person, had, cause, ..ToDo::new(Task::Release, today, 0) })
        }
        (What::Zone, _, Change::Gone) if of.old_state == "high" => {
            Some(ToDo { zone: of.id.clone(), cause, ..ToDo::new(Task::Open, today, 0) })
        }
        _ => None,
    }
}

/// The table.
pub fn today(findings: &Findings<'_>, out: &mut (dyn Write + Send)) -> Result<()> {
    let analysis = findings.analysis;
    let tasks = tasks(findings);
    let rank = |rank: u32| if (1..u32::MAX).contains(&rank) { rank.to_string() } else { "".into() };
    write_table(findings, out, "today", &tasks, |of, row: &mut RowWriter<'_>| {
        row.word(of.task.name()).date(of.day).text(rank(of.rank)).text(of.person).text(&of.zone);
        row.at(of.by);
        match of.plan {
            Some(measure) => {
                let schedule = analysis.measures.schedule(measure);
                let cases = measure.cases(&analysis.contacts, &analysis.graph);
                row.word(measure.kind.name()).phases(&schedule.stages);
                row.date(schedule.release_on).text(of.cause).cases(cases);
            }
            None => {
                row.text(of.had).text("").text("").text(of.cause).text("");
            }
        }
        row.named(of.person).end();
    })
}
