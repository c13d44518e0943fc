//! `trace audit`: what was ordered against what the evidence supports, and a run against itself.
//!
//! Source of the idea: the Notice, measure 16 (no piling on: 层层加码). Cost: that of a run, a light
//! pass over the rows of contacts, one over places and persons, and one over all rows for what
//! looser practices would hold.

mod itself;
mod people;
mod told;
mod zones;

use super::question::Question;
use crate::base::error::Result;
use crate::ingest::orders::{OrderedMeasure, OrderedZone, Orders};
use crate::ingest::{Folder, Progress, Reject, Settings, Table, quote};
use crate::model::RowRef;
use crate::pipeline::looser::{Practice, avoided, looser};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;

/// What is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Wrong {
    /// A zone takes in more than is justified.
    ZoneWider,
    /// Nothing justifies a zone there.
    ZoneWithoutGround,
    /// A zone has been high past the day of its downgrade.
    ZonePastDowngrade,
    /// A zone takes in less than is justified.
    ZoneNarrower,
    /// A zone was not announced in time.
    ZoneNotAnnounced,
    /// A zone is justified, and was not ordered.
    ZoneMissing,
    /// No place of the export lies in an ordered zone.
    ZoneUnknown,
    /// Somebody is held whom nothing in the evidence holds.
    PersonWithoutGround,
    /// Somebody is held longer than is justified.
    PersonTooLong,
    /// Somebody has another measure than is justified.
    PersonWrongMeasure,
    /// Somebody is released earlier than is justified.
    PersonTooEarly,
    /// A measure is justified, and was not ordered.
    PersonMissing,
    /// A verdict of the run that no row of the input proves: a fault of the program.
    NoProof,
}

/// Something that is wrong.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Finding {
    /// What.
    pub wrong: Wrong,
    /// The zone or the person.
    pub id: String,
    /// The row of the order, as `FILE:LINE`.
    pub row: Option<String>,
    /// Where it is.
    #[serde(skip)]
    at: Option<RowRef>,
    /// What was ordered.
    pub ordered: String,
    /// What is justified.
    pub justified: String,
    /// People concerned.
    pub people: u64,
    /// Their days that are not as justified, added up; 0 where no days can be counted.
    pub person_days: u64,
    /// The cells of the row that are not blank, by what the list calls their columns.
    pub order: Map<String, Value>,
}

impl Finding {
    /// A finding about this many people and days; the rest is blank.
    fn new(wrong: Wrong, people: u64, person_days: u64) -> Finding {
        let (id, ordered, justified) = (String::new(), String::new(), String::new());
        let (row, at, order) = (None, None, Map::new());
        Finding { wrong, id, row, at, ordered, justified, people, person_days, order }
    }
}

/// On what the verdicts of close contacts rest.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct RestsOn {
    /// Close contacts.
    pub close_contacts: u64,
    /// Those who are contacts only if stays without a recorded end lasted as long as assumed.
    pub assumed_ends: u64,
    /// Those who are contacts by a single match of two rows.
    pub one_match: u64,
    /// Those who are contacts only because they live with a case.
    pub household_only: u64,
}

/// What an audit finds.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Audit {
    /// The moment the analysis speaks for.
    pub as_of: String,
    /// The policy.
    pub policy: String,
    /// What is wrong, in order of what it is.
    pub findings: Vec<Finding>,
    /// Rows of the orders that cannot be used, with the reason.
    pub unusable: BTreeMap<String, String>,
    /// Columns of the lists that nothing is made of, by file.
    pub not_read: BTreeMap<String, Vec<String>>,
    /// On what the verdicts rest.
    pub rests_on: RestsOn,
    /// What other practices would hold besides.
    pub avoided: Vec<Practice>,
}

/// Audits what was ordered, where lists are given, and the run itself. Without a list of people
/// the table `orders` of the export is it, where there is one.
///
/// # Errors
/// When the input cannot be read any more.
pub fn audit(
    question: &Question,
    ordered_zones: Option<&Orders<OrderedZone>>,
    ordered_people: Option<&Orders<OrderedMeasure>>,
    progress: &dyn Progress,
) -> Result<Audit> {
    let analysis = &question.analysis;
    let settings = &analysis.request.settings;
    let mut findings = itself::unproven(question);
    let (mut unusable, mut not_read) = (BTreeMap::new(), BTreeMap::new());
    if let Some(orders) = ordered_zones {
        let found = zones::findings(question, orders);
        findings.extend(quoted(found, &orders.folder, settings)?);
        not_read.extend(unknown_columns(orders));
        unusable.extend(rejected(orders.account.rejects.iter(), &orders.folder));
    }
    if let Some(orders) = ordered_people {
        let found = people::findings(question, &orders.rows);
        findings.extend(quoted(found, &orders.folder, settings)?);
        not_read.extend(unknown_columns(orders));
        unusable.extend(rejected(orders.account.rejects.iter(), &orders.folder));
    } else {
        let orders = people::of_table(analysis);
        if !orders.is_empty() {
            let found = people::findings(question, &orders);
            findings.extend(quoted(found, &analysis.folder, settings)?);
            let is_order = |file: u32| analysis.folder.files[file as usize].table == Table::Orders;
            let all = analysis.account.rejects.iter().filter(|reject| is_order(reject.file));
            unusable.extend(rejected(all, &analysis.folder));
        }
    }
    findings.sort_by(|a, b| (a.wrong, &a.id, &a.row).cmp(&(b.wrong, &b.id, &b.row)));
    let counted = looser(analysis, &question.own, progress)?;
    Ok(Audit {
        as_of: analysis.zone().show(analysis.as_of),
        policy: analysis.request.policy.name.clone(),
        findings,
        unusable,
        not_read,
        rests_on: itself::rests_on(question)?,
        avoided: avoided(analysis, Some(&counted)),
    })
}

/// Findings with the rows of the orders that they are about.
fn quoted(
    mut findings: Vec<Finding>,
    orders: &Folder,
    settings: &Settings,
) -> Result<Vec<Finding>> {
    let rows: BTreeSet<RowRef> = findings.iter().filter_map(|finding| finding.at).collect();
    let quotes = quote(orders, settings, &rows)?;
    for finding in &mut findings {
        let Some(at) = finding.at else { continue };
        finding.row = Some(format!("{}:{}", orders.files[at.file() as usize].name, at.line()));
        let cells = quotes.get(&at).into_iter().flat_map(|quote| &quote.cells);
        finding.order = cells.map(|(name, cell)| (name.clone(), cell.as_str().into())).collect();
    }
    Ok(findings)
}

/// Writes findings as CSV: a column for each of their fields, and behind them those of the orders.
///
/// # Errors
/// When it cannot be written.
pub fn write_findings(findings: &[Finding], out: &mut dyn Write) -> std::io::Result<()> {
    let mut of_orders: Vec<&str> = Vec::new();
    for name in findings.iter().flat_map(|finding| finding.order.keys()) {
        if !of_orders.contains(&name.as_str()) {
            of_orders.push(name);
        }
    }
    let mut table = csv::Writer::from_writer(out);
    let own = ["wrong", "id", "row", "ordered", "justified", "people", "person_days"];
    // Theirs may be called like ours.
    let theirs = of_orders.iter().map(|name| format!("order: {name}"));
    table.write_record(own.map(str::to_owned).into_iter().chain(theirs))?;
    for finding in findings {
        let fields = serde_json::to_value(finding)?;
        let text = |value: &Value| match value {
            Value::Null => String::new(),
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let own = own.iter().map(|name| text(&fields[name]));
        let theirs = of_orders.iter().map(|name| finding.order.get(*name).map_or("".into(), text));
        table.write_record(own.chain(theirs))?;
    }
    table.flush()
}

/// The columns of a list that nothing is made of, by file.
fn unknown_columns<T>(orders: &Orders<T>) -> impl Iterator<Item = (String, Vec<String>)> {
    let files = orders.account.files.iter().filter(|of| !of.layout.unknown.is_empty());
    files.map(|of| {
        let name = orders.folder.files[of.file as usize].name.clone();
        (name, of.layout.unknown.clone())
    })
}

/// The rows of a list that cannot be used, and why.
fn rejected<'a>(
    rejects: impl Iterator<Item = &'a Reject>,
    orders: &'a Folder,
) -> impl Iterator<Item = (String, String)> {
    rejects.map(|reject| {
        let file = &orders.files[reject.file as usize].name;
        (format!("{file}:{}", reject.line), format!("{} {}", reject.column, reject.reason.code()))
    })
}
