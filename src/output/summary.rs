//! `summary.json`: what was asked, what was read, what was found, and how long it took.
//!
//! Everything but `timings` depends on the input only.

use super::Findings;
use super::digest::Digesting;
use super::notice::unanswered;
use crate::ingest::{Fate, Reject, Table, Tally};
use crate::pipeline::{Analysis, looser};
use crate::rules::measures::{Measure, MeasureKind};
use crate::rules::zones::counties;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::Ordering::Relaxed;

/// The summary of a run whose tables are made.
pub fn summary(
    findings: &Findings<'_>,
    arguments: &[String],
    digests: &BTreeMap<PathBuf, String>,
) -> Value {
    let Findings { analysis, contacts, links, .. } = findings;
    let analysis: &Analysis = analysis;
    let id = |&case: &crate::model::CaseIdx| analysis.cases.get(case).id.to_string();
    let clusters = analysis.graph.clusters();
    let joined: Vec<Vec<String>> = clusters
        .iter()
        .filter(|cluster| cluster.len() > 1)
        .map(|cluster| cluster.iter().map(id).collect())
        .collect();
    let without_source: Vec<String> =
        analysis.graph.without_source(&analysis.cases).iter().map(id).collect();
    let rejects = analysis.account.rejects.kinds();
    let with_rejects = |fate| -> u64 {
        rejects.iter().filter(|(first, _)| first.fate == fate).map(|(_, count)| count).sum()
    };
    json!({
        "program": "trace",
        "version": env!("CARGO_PKG_VERSION"),
        "arguments": arguments,
        "as_of": analysis.zone().show(analysis.as_of),
        "timezone": analysis.zone().name(),
        "policy": analysis.request.policy,
        "policy_sha256": policy_digest(analysis),
        "expand": analysis.request.expand.as_ref().map(|because| json!({
            "to": "building",
            "because": because,
        })),
        "input": input(analysis, digests),
        "counts": {
            "cases": analysis.cases.len(),
            "close_contacts": contacts.close.len(),
            "venue_exposed": contacts.venue_exposed.len(),
            "exposures": findings.pairs.len(),
            "evidence": findings.evidence_rows.load(Relaxed),
            "links": links.len(),
            "clusters": joined.len(),
            "zones": zones(analysis),
            "measures": measures(analysis),
            "presence": analysis.measures.presence.len(),
            "checks": analysis.checks.len(),
            "rejects": with_rejects(Fate::LeftOut),
            "used_without_a_cell": with_rejects(Fate::Used),
            "rejects_not_listed": analysis.account.rejects.not_kept(),
            "inaccurate": analysis.account.of(Table::Trajectories).inaccurate,
        },
        "avoided": avoided(analysis),
        "not_answered": not_answered(analysis),
        "clusters": joined,
        "cases_without_source": without_source,
        "timings": timings(analysis),
    })
}

/// What was not answered, and what it needs.
fn not_answered(analysis: &Analysis) -> Vec<Value> {
    let all = unanswered(analysis).into_iter();
    all.map(|(what, needs)| json!({ "what": what, "needs": needs })).collect()
}

/// What other practices would hold besides, by their names.
fn avoided(analysis: &Analysis) -> Value {
    let practices = looser::avoided(analysis, analysis.looser.as_ref()).into_iter();
    let of = |it: looser::Practice| {
        (it.practice.to_owned(), json!({ "people": it.people, "person_days": it.person_days }))
    };
    Value::Object(practices.map(of).collect())
}

/// The SHA-256 of the policy.
pub(super) fn policy_digest(analysis: &Analysis) -> String {
    digest(&json!(analysis.request.policy))
}

/// The SHA-256 of a value as it is written.
fn digest(value: &Value) -> String {
    let mut digest = Digesting::new(std::io::sink());
    serde_json::to_writer(&mut digest, value).expect("a sink takes all");
    digest.finish().2
}

fn input(analysis: &Analysis, digests: &BTreeMap<PathBuf, String>) -> Value {
    let files: Vec<Value> = analysis
        .account
        .files
        .iter()
        .map(|account| {
            let file = &analysis.folder.files[account.file as usize];
            let mut of_file = json!({
                "file": file.name,
                "table": file.table.name(),
                "bytes": file.bytes,
                "sha256": digests.get(&file.path),
                "encoding": account.encoding.name(),
                "ignored_columns": account.layout.unknown,
                "notes": account.layout.notes.iter().map(ToString::to_string).collect::<Vec<_>>(),
            });
            if let (Some(object), Value::Object(rows)) =
                (of_file.as_object_mut(), tally(&account.tally))
            {
                object.extend(rows);
            }
            of_file
        })
        .collect();
    let tables: serde_json::Map<String, Value> = Table::ALL
        .into_iter()
        .filter(|&table| analysis.folder.of(table).next().is_some())
        .map(|table| (table.name().to_owned(), tally(&analysis.account.of(table))))
        .collect();
    json!({
        "tables": tables,
        "files": files,
        "rejects": rejects(analysis),
        "ignored": analysis.folder.ignored,
        "hidden_sheets": analysis.folder.hidden,
    })
}

/// A line for each file and each reason: how many rows, and the first of them.
fn rejects(analysis: &Analysis) -> Vec<Value> {
    let groups = analysis.account.rejects.kinds();
    let line = |(first, count): &(&Reject, u64)| {
        json!({
            "file": analysis.folder.files[first.file as usize].name,
            "reason": first.reason.code(),
            "row": first.fate.name(),
            "count": count,
            "line": first.line,
            "column": first.column,
            "value": first.value,
        })
    };
    groups.iter().map(line).collect()
}

fn tally(tally: &Tally) -> Value {
    json!({
        "rows": tally.rows,
        "used": tally.used(),
        "repeated": tally.repeated,
        "after_as_of": tally.after_as_of,
        "inaccurate": tally.inaccurate,
        "earlier_episode": tally.earlier_episode,
        "rejected": tally.rejected,
        "blank": tally.blank,
        "header_again": tally.headers,
        "totals": tally.totals,
        "nobody": tally.nobody,
        "no_case": tally.no_case,
    })
}

fn zones(analysis: &Analysis) -> Value {
    let count = |level: &str, high: bool| {
        let zones = analysis.zones.iter();
        zones.filter(|zone| zone.area.level() == level && zone.high == high).count()
    };
    let of = |level| json!({ "high": count(level, true), "low": count(level, false) });
    json!({
        "unit": of("unit"),
        "building": of("building"),
        "place": of("place"),
        "county": { "high": 0, "low": counties(&analysis.zones, &analysis.places).len() },
    })
}

fn measures(analysis: &Analysis) -> Value {
    let of = |kind: MeasureKind| {
        let count = |active: bool| {
            let measures = &analysis.measures;
            let counted = |m: &&Measure| m.kind == kind && measures.schedule(m).active == active;
            measures.list.iter().filter(counted).count()
        };
        (kind.name().to_owned(), json!({ "active": count(true), "elapsed": count(false) }))
    };
    Value::Object(MeasureKind::ALL.into_iter().map(of).collect())
}

fn timings(analysis: &Analysis) -> Value {
    let laps = analysis.timings.0.iter();
    let mut laps: serde_json::Map<String, Value> =
        laps.map(|(what, time)| (format!("{what} s"), json!(millis(*time)))).collect();
    let total = analysis.timings.0.iter().map(|(_, time)| *time).sum();
    laps.insert("total s".to_owned(), json!(millis(total)));
    laps.insert("threads".to_owned(), json!(rayon::current_num_threads()));
    Value::Object(laps)
}

fn millis(time: std::time::Duration) -> f64 {
    (time.as_secs_f64() * 1000.0).round() / 1000.0
}
