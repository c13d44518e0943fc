//! The tables of a run as CSV: UTF-8, `\n`, a header always, rows sorted by their ids as bytes.
//!
//! The columns are the contract's (SPEC section 7). Rows are made here and nowhere else.

use crate::analysis::Analysis;
use crate::areas::Area;
use crate::exposure::Bases;
use crate::ingest::{Folder, Reject};
use crate::measures;
use crate::model::{CaseIdx, PlaceId, RowRef};
use crate::scan::Match;
use crate::time::{Date, Instant};
use crate::zones::{RiskZone, counties};
use std::collections::HashMap;
use std::fmt::Display;
use std::io::Write;

type Written = csv::Result<()>;

fn writer<'w>(
    out: &'w mut dyn Write,
    header: &[&str],
) -> csv::Result<csv::Writer<&'w mut dyn Write>> {
    let mut writer = csv::WriterBuilder::new().has_headers(false).from_writer(out);
    writer.write_record(header)?;
    Ok(writer)
}

fn join<T: Display>(items: impl IntoIterator<Item = T>) -> String {
    let mut joined = String::new();
    for item in items {
        if !joined.is_empty() {
            joined.push(';');
        }
        joined.push_str(&item.to_string());
    }
    joined
}

/// How things of an analysis are written in cells.
struct Cells<'a> {
    analysis: &'a Analysis,
}

impl Cells<'_> {
    fn at(&self, at: Instant) -> String {
        self.analysis.zone().show(at)
    }

    fn case(&self, case: CaseIdx) -> &str {
        &self.analysis.cases.get(case).id
    }

    /// Cases are numbered in the order of their ids.
    fn cases(&self, cases: impl Iterator<Item = CaseIdx>) -> String {
        join(cases.map(|case| self.case(case)))
    }

    fn places(&self, places: &[PlaceId]) -> String {
        let mut ids: Vec<&str> = places.iter().map(|&p| self.analysis.places.id(p)).collect();
        ids.sort_unstable();
        join(ids)
    }

    fn bases(&self, bases: Bases) -> String {
        join(bases.iter().map(crate::scan::Basis::name))
    }

    fn row(&self, row: RowRef) -> String {
        format!("{}:{}", self.analysis.folder.files[row.file() as usize].name, row.line())
    }
}

fn date(date: Date) -> String {
    date.to_string()
}

/// `contacts.csv`.
pub fn contacts(analysis: &Analysis, out: &mut dyn Write) -> Written {
    let cells = Cells { analysis };
    let header = [
        "person_id",
        "rank",
        "cases",
        "case_ids",
        "first_exposure",
        "last_exposure",
        "minutes",
        "peak_minutes",
        "bases",
        "places",
    ];
    let mut table = writer(out, &header)?;
    let contacts = analysis.contacts();
    let mut ranked: Vec<_> = (1..).zip(&contacts.close).collect();
    ranked.sort_unstable_by_key(|(_, contact)| analysis.evidence.id(contact.person));
    for (rank, contact) in ranked {
        let rank: u64 = rank;
        table.write_record([
            analysis.evidence.id(contact.person),
            &rank.to_string(),
            &contact.pairs.len().to_string(),
            &cells.cases(contact.cases()),
            &cells.at(contact.first),
            &cells.at(contact.last),
            &(contact.seconds / 60).to_string(),
            &(contact.peak_seconds / 60).to_string(),
            &cells.bases(contact.bases),
            &cells.places(&contact.places),
        ])?;
    }
    Ok(table.flush()?)
}

/// `exposures.csv`.
pub fn exposures(analysis: &Analysis, out: &mut dyn Write) -> Written {
    let cells = Cells { analysis };
    let header = [
        "case_id",
        "person_id",
        "first_exposure",
        "last_exposure",
        "seconds",
        "peak_seconds",
        "encounters",
        "bases",
        "places",
    ];
    let mut table = writer(out, &header)?;
    let contacts = analysis.contacts();
    let mut pairs: Vec<_> = contacts.close.iter().flat_map(|contact| &contact.pairs).collect();
    pairs.sort_unstable_by_key(|pair| (pair.case, analysis.evidence.id(pair.person)));
    for pair in pairs {
        table.write_record([
            cells.case(pair.case),
            analysis.evidence.id(pair.person),
            &cells.at(pair.first),
            &cells.at(pair.last),
            &pair.seconds.to_string(),
            &pair.peak_seconds.to_string(),
            &pair.encounters.to_string(),
            &cells.bases(pair.bases),
            &cells.places(&pair.places),
        ])?;
    }
    Ok(table.flush()?)
}

/// `evidence.csv`: every match of the qualifying pairs and of the links.
pub fn evidence(analysis: &Analysis, out: &mut dyn Write) -> Written {
    let cells = Cells { analysis };
    let header =
        ["case_id", "person_id", "basis", "place_id", "start", "end", "case_row", "person_row"];
    let mut table = writer(out, &header)?;
    let contacts = analysis.contacts();
    let links = analysis.graph.links();
    let of_contacts = contacts.close.iter().flat_map(|contact| contact.pairs.iter().copied());
    let mut pairs: Vec<_> = of_contacts.chain(links.iter().map(|&(_, _, pair)| pair)).collect();
    pairs.sort_unstable_by_key(|pair| (pair.case, analysis.evidence.id(pair.person)));
    for pair in pairs {
        let matches = &analysis.evidence.matches()[pair.matches.clone()];
        let mut rows: Vec<[String; 6]> = matches.iter().map(|m| match_cells(&cells, m)).collect();
        rows.sort_unstable();
        for [basis, place, start, end, case_row, person_row] in &rows {
            let (case, person) = (cells.case(pair.case), analysis.evidence.id(pair.person));
            table.write_record([case, person, basis, place, start, end, case_row, person_row])?;
        }
    }
    Ok(table.flush()?)
}

fn match_cells(cells: &Cells<'_>, found: &Match) -> [String; 6] {
    let place = found.place().map_or("", |place| cells.analysis.places.id(place));
    [
        found.basis.name().to_owned(),
        place.to_owned(),
        cells.at(found.span.start),
        cells.at(found.span.end),
        cells.row(found.case_row),
        cells.row(found.person_row),
    ]
}

/// `links.csv`.
pub fn links(analysis: &Analysis, out: &mut dyn Write) -> Written {
    let cells = Cells { analysis };
    let header = [
        "infector",
        "infectee",
        "first_exposure",
        "last_exposure",
        "seconds",
        "peak_seconds",
        "bases",
        "places",
        "serial_days",
    ];
    let mut table = writer(out, &header)?;
    for (infector, infectee, pair) in analysis.graph.links() {
        let anchor = |case| analysis.cases.anchor(case).0;
        table.write_record([
            cells.case(infector),
            cells.case(infectee),
            &cells.at(pair.first),
            &cells.at(pair.last),
            &pair.seconds.to_string(),
            &pair.peak_seconds.to_string(),
            &cells.bases(pair.bases),
            &cells.places(&pair.places),
            &(anchor(infectee) - anchor(infector)).to_string(),
        ])?;
    }
    Ok(table.flush()?)
}

/// `venue_exposed.csv`.
pub fn venue_exposed(analysis: &Analysis, out: &mut dyn Write) -> Written {
    let cells = Cells { analysis };
    let header = ["person_id", "cases", "case_ids", "last_exposure", "minutes", "bases", "places"];
    let mut table = writer(out, &header)?;
    for exposed in &analysis.contacts().venue_exposed {
        table.write_record([
            analysis.evidence.id(exposed.person),
            &exposed.pairs.len().to_string(),
            &cells.cases(exposed.cases()),
            &cells.at(exposed.last),
            &(exposed.seconds / 60).to_string(),
            &cells.bases(exposed.bases),
            &cells.places(&exposed.places),
        ])?;
    }
    Ok(table.flush()?)
}

/// The level of a zone.
pub fn level(zone: &RiskZone) -> &'static str {
    match zone.area {
        Area::Unit(..) => "unit",
        Area::Building(..) => "building",
        Area::Place(_) => "place",
    }
}

/// `zones.csv`: the zones, and the low rest of their counties.
pub fn zones(analysis: &Analysis, out: &mut dyn Write) -> Written {
    let header = [
        "zone_id",
        "level",
        "status",
        "county",
        "compound",
        "building",
        "unit",
        "place_id",
        "bases",
        "cases",
        "case_ids",
        "days",
        "minutes",
        "contacts",
        "secondary",
        "residents",
        "present",
        "risk_from",
        "last_case_date",
        "downgrade_on",
        "announce_by",
    ];
    let mut table = writer(out, &header)?;
    let mut rows: Vec<Vec<String>> =
        analysis.zones.iter().map(|zone| zone_cells(analysis, zone)).collect();
    for county in counties(&analysis.zones, &analysis.places) {
        let mut row = vec![String::new(); header.len()];
        row[0] = format!("county:{county}");
        (row[1], row[2], row[3]) = ("county".into(), "low".into(), county.to_owned());
        rows.push(row);
    }
    rows.sort_unstable();
    for row in rows {
        table.write_record(row)?;
    }
    Ok(table.flush()?)
}

fn zone_cells(analysis: &Analysis, zone: &RiskZone) -> Vec<String> {
    let (cells, places) = (Cells { analysis }, &analysis.places);
    let text = |number| places.text(number).to_owned();
    let [county, compound, building, unit] = match zone.area {
        Area::Unit(county, compound, building, unit) => [county, compound, building, unit],
        Area::Building(county, compound, building) => [county, compound, building, 0],
        Area::Place(place) => {
            let place = places.get(place);
            // A unit says nothing without its building.
            [place.county, place.compound, 0, 0]
        }
    };
    let place = match zone.area {
        Area::Place(place) => places.id(place).to_owned(),
        _ => String::new(),
    };
    vec![
        zone.id(places),
        level(zone).to_owned(),
        if zone.high { "high" } else { "low" }.to_owned(),
        text(county),
        text(compound),
        text(building),
        text(unit),
        place,
        join(zone.bases.iter().map(|basis| basis.name())),
        zone.cases.len().to_string(),
        cells.cases(zone.cases.iter().copied()),
        zone.days.to_string(),
        zone.minutes.to_string(),
        zone.contacts.to_string(),
        zone.secondary.to_string(),
        zone.residents.to_string(),
        zone.present.to_string(),
        zone.risk_from.map(|at| cells.at(at)).unwrap_or_default(),
        date(zone.last_case),
        date(zone.downgrade_on),
        zone.announce_by.map(|at| cells.at(at)).unwrap_or_default(),
    ]
}

/// `measures.csv`.
pub fn measures(analysis: &Analysis, out: &mut dyn Write) -> Written {
    let cells = Cells { analysis };
    let header = [
        "person_id",
        "measure",
        "code",
        "state",
        "day0",
        "phases",
        "tests",
        "release_on",
        "case_ids",
        "zone_ids",
    ];
    let mut table = writer(out, &header)?;
    let mut zone_ids: HashMap<&[usize], String> = HashMap::new();
    for measure in &analysis.measures {
        let stages = measure.stages.iter().map(|s| format!("{} {}..{}", s.kind, s.from, s.to));
        let zones = zone_ids.entry(&measure.zones).or_insert_with(|| {
            join(measures::zone_ids(measure, &analysis.zones, &analysis.places))
        });
        table.write_record([
            measure.person.as_str(),
            measure.kind.name(),
            &measure.code,
            if measure.active { "active" } else { "elapsed" },
            &date(measure.day0),
            &join(stages),
            &join(measure.tests.iter().copied().map(date)),
            &date(measure.release_on),
            &cells.cases(measure.cases.iter().copied()),
            zones,
        ])?;
    }
    Ok(table.flush()?)
}

/// `rejects.csv`, by file and line.
pub fn rejects(folder: &Folder, rejects: &[Reject], out: &mut dyn Write) -> Written {
    let mut table = writer(out, &["file", "line", "column", "value", "reason"])?;
    for reject in rejects {
        table.write_record([
            folder.files[reject.file as usize].name.as_str(),
            &reject.line.to_string(),
            reject.column,
            &reject.value,
            reject.reason.code(),
        ])?;
    }
    Ok(table.flush()?)
}
