//! The tables of a run as CSV: UTF-8, `\n`, a header always, rows sorted by their ids as bytes.
//!
//! The columns are in [`super::description`]; the other tables have files of their own.

use super::description::TableShape;
use super::row_writer::{Findings, RowWriter, write_table};
use crate::ingest::{Folder, Rejects};
use crate::pipeline::Analysis;
use crate::rules::areas::Area;
use crate::rules::contacts::{Contacts, ExposedPerson};
use crate::rules::measures::{self, Schedule};
use crate::rules::zones::{RiskZone, counties};
use crate::search::evidence::Match;
use std::io::{Result, Write};
use std::sync::atomic::Ordering::Relaxed;

/// `contacts.csv`.
pub fn contacts(findings: &Findings<'_>, out: &mut (dyn Write + Send)) -> Result<()> {
    let analysis = findings.analysis;
    let Contacts { close, ranks, .. } = findings.contacts;
    let ranked: Vec<(&ExposedPerson, u32)> = close.iter().zip(ranks.iter().copied()).collect();
    write_table(findings, out, "contacts", &ranked, |&(contact, rank), row| {
        row.person(contact.person).number(rank);
        row.number(contact.pairs).cases(contact.cases(&analysis.graph));
        row.at(contact.first(&analysis.graph)).at(contact.last);
        row.number(contact.seconds / 60).number(contact.peak_seconds(&analysis.graph) / 60);
        row.bases(contact.bases).places(contact.pairs(&analysis.graph));
        row.named(analysis.evidence.id(contact.person)).end();
    })
}

/// `exposures.csv`.
pub fn exposures(findings: &Findings<'_>, out: &mut (dyn Write + Send)) -> Result<()> {
    write_table(findings, out, "exposures", &findings.pairs, |pair, row| {
        row.case(pair.case).person(pair.person);
        row.at(pair.first).at(pair.last).number(pair.seconds).number(pair.peak_seconds);
        row.number(pair.encounters).bases(pair.bases).places([*pair]).end();
    })
}

/// `evidence.csv`: every match of every pair, weak ones and pairs that do not qualify included.
pub fn evidence(findings: &Findings<'_>, out: &mut (dyn Write + Send)) -> Result<()> {
    let analysis = findings.analysis;
    let pairs = analysis.graph.pairs();
    write_table(findings, out, "evidence", pairs, |pair, row| {
        match pair.matches(&analysis.evidence) {
            [found] => {
                findings.evidence_rows.fetch_add(1, Relaxed);
                evidence_row(found, row);
            }
            _ => {
                let matches = analysis.proof(pair);
                findings.evidence_rows.fetch_add(matches.len() as u64, Relaxed);
                matches.into_iter().for_each(|found| evidence_row(found, row));
            }
        }
    })
}

fn evidence_row(found: &Match, row: &mut RowWriter<'_>) {
    row.case(found.case).person(found.person).word(found.basis.name()).place(found.place());
    row.at(found.span.start).at(found.span.end);
    row.row_ref(found.case_row).row_ref(found.person_row).end();
}

/// `links.csv`.
pub fn links(findings: &Findings<'_>, out: &mut (dyn Write + Send)) -> Result<()> {
    let anchor = |case| findings.analysis.cases.anchor(case).0;
    write_table(findings, out, "links", &findings.links, |&(case, exposed, pair), row| {
        row.case(case).case(exposed).at(pair.first).at(pair.last);
        row.number(pair.seconds).number(pair.peak_seconds).bases(pair.bases).places([pair]);
        row.number(anchor(exposed) - anchor(case)).end();
    })
}

/// `venue_exposed.csv`.
pub fn venue_exposed(findings: &Findings<'_>, out: &mut (dyn Write + Send)) -> Result<()> {
    let people = &findings.contacts.venue_exposed;
    write_table(findings, out, "venue_exposed", people, |exposed, row| {
        row.person(exposed.person);
        row.number(exposed.pairs).cases(exposed.cases(&findings.analysis.graph)).at(exposed.last);
        row.number(exposed.seconds / 60).bases(exposed.bases);
        row.places(exposed.pairs(&findings.analysis.graph));
        row.named(findings.analysis.evidence.id(exposed.person)).end();
    })
}

/// `zones.csv`: the zones, and the low rest of their counties.
pub fn zones(findings: &Findings<'_>, out: &mut (dyn Write + Send)) -> Result<()> {
    let analysis = findings.analysis;
    let of_zones = analysis.zones.iter().map(|zone| (zone.id(&analysis.places), Ok(zone)));
    let counties = counties(&analysis.zones, &analysis.places);
    let of_counties = counties.into_iter().map(|county| (format!("county:{county}"), Err(county)));
    let mut rows: Vec<(String, std::result::Result<&RiskZone, &str>)> =
        of_zones.chain(of_counties).collect();
    rows.sort_by(|a, b| a.0.cmp(&b.0));
    write_table(findings, out, "zones", &rows, |(id, what), row| match what {
        Ok(zone) => zone_row(analysis, id, zone, row),
        Err(county) => {
            row.text(id).text("county").text("low").text(county);
            for _ in 4..21 {
                row.text("");
            }
            row.end();
        }
    })
}

fn zone_row(analysis: &Analysis, id: &str, zone: &RiskZone, row: &mut RowWriter<'_>) {
    let places = &analysis.places;
    let place = match zone.area {
        Area::Place(id) => places.id(id),
        _ => "",
    };
    row.text(id).word(zone.area.level()).text(if zone.high { "high" } else { "low" });
    for part in zone.area.parts(places) {
        row.text(part);
    }
    row.text(place).list(zone.bases.iter().map(|basis| basis.name()));
    row.number(zone.cases.len()).cases(zone.cases.iter().copied());
    for number in [zone.days, zone.minutes, zone.contacts, zone.secondary] {
        row.number(number);
    }
    row.number(zone.residents).number(zone.present).at(zone.risk_from);
    row.date(zone.last_case).date(zone.downgrade_on).at(zone.announce_by).end();
}

/// `measures.csv`.
pub fn measures(findings: &Findings<'_>, out: &mut (dyn Write + Send)) -> Result<()> {
    let analysis = findings.analysis;
    // What many rows share is made once.
    let schedules: Vec<Vec<u8>> = analysis
        .measures
        .schedules
        .iter()
        .map(|schedule| cells_of(schedule, RowWriter::new(findings)))
        .collect();
    let zone_ids = |list: &Vec<usize>| measures::zone_ids(list, &analysis.zones, &analysis.places);
    let zone_cell = |list: &Vec<usize>| {
        let mut row = RowWriter::new(findings);
        row.list(zone_ids(list));
        row.into_cells()
    };
    let zone_cells: Vec<Vec<u8>> = analysis.measures.zone_lists.iter().map(zone_cell).collect();
    write_table(findings, out, "measures", &analysis.measures.list, |measure, row| {
        row.text(measure.person(&analysis.evidence)).word(measure.kind.name());
        row.cells(&schedules[measure.schedule as usize]);
        row.cases(measure.cases(&analysis.contacts, &analysis.graph));
        row.cells(&zone_cells[measure.zones as usize]);
        row.named(measure.person(&analysis.evidence)).end();
    })
}

/// `presence.csv`: the proof of spillover, the last stay of each person in each zone.
pub fn presence(findings: &Findings<'_>, out: &mut (dyn Write + Send)) -> Result<()> {
    let analysis = findings.analysis;
    let zone_ids: Vec<String> =
        analysis.zones.iter().map(|zone| zone.id(&analysis.places)).collect();
    write_table(findings, out, "presence", &analysis.measures.presence, |there, row| {
        let place = analysis.case_places[there.seen.place as usize];
        row.person(there.person).text(&zone_ids[there.zone]).place(Some(place));
        row.at(there.seen.start).at(there.seen.end).row_ref(there.seen.row);
        row.named(analysis.evidence.id(there.person)).end();
    })
}

/// The cells from `code` to `release_on`.
fn cells_of(schedule: &Schedule, mut row: RowWriter<'_>) -> Vec<u8> {
    row.text(&schedule.code).text(if schedule.active { "active" } else { "elapsed" });
    row.date(schedule.day0);
    row.phases(&schedule.stages)
        .list(schedule.tests.iter().map(ToString::to_string))
        .date(schedule.release_on);
    row.into_cells()
}

/// `rejects.csv`, by file and line.
pub fn rejects(folder: &Folder, rejects: &Rejects, out: &mut dyn Write) -> Result<()> {
    let mut table = csv::WriterBuilder::new().has_headers(false).from_writer(out);
    table.write_record(TableShape::of("rejects").header())?;
    for reject in rejects.iter() {
        table.write_record([
            folder.files[reject.file as usize].name.as_str(),
            &reject.line.to_string(),
            reject.column,
            &reject.value,
            reject.reason.code(),
            reject.fate.name(),
        ])?;
    }
    table.flush()
}
