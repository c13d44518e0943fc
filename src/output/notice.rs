//! The tables of the Notice's other measures: suggestions, each with its proof.
//!
//! A table is written where its question can be asked: the policy has the measure, the export the
//! table, the run the flag. What cannot be answered is listed in `summary.json`.

use super::files::WriteTable;
use super::row_writer::{Findings, RowWriter, write_table};
use crate::ingest::{Names, Table};
use crate::pipeline::Analysis;
use crate::rules::measures::arrival::Arrived;
use crate::rules::measures::{DatedPhase, MeasureKind};
use crate::rules::notice::delays::{DayOfCounty, Delay};
use crate::rules::notice::needs::{groups, needs_of};
use crate::rules::notice::testing::CountyTesting;
use crate::rules::notice::visitors::{Stays, Stranded, Traveller, Visitors};
use std::collections::BTreeMap;
use std::io::{Result, Write};

/// Whether a table can be asked for.
type Asks = fn(&Analysis) -> bool;

/// The tables of the questions that can be asked.
pub(super) fn asked(analysis: &Analysis) -> Vec<(&'static str, WriteTable)> {
    let all = TABLES.into_iter().filter(|(_, _, asks)| asks(analysis));
    all.map(|(file, write, _)| (file, write)).collect()
}

/// The names of all of them, in the order in which people look at them.
pub const NAMES: [&str; 12] = [
    "arrivals",
    "breaches",
    "bubble_contacts",
    "isolation_contacts",
    "mass_testing",
    "delays",
    "delay_medians",
    "needs",
    "key_people",
    "stranded",
    "stranded_counties",
    "travellers",
];

/// Whether a table of an export is there.
fn has(analysis: &Analysis, table: Table) -> bool {
    analysis.folder.of(table).next().is_some()
}

/// Whether it can be told if orders were kept.
fn follows_orders(analysis: &Analysis) -> bool {
    has(analysis, Table::Orders) && analysis.folder.has_all_rows()
}

/// All of them, and when they are written.
pub(super) const TABLES: [(&str, WriteTable, Asks); 12] = [
    ("arrivals.csv", arrivals, |of| {
        of.request.policy.arrival.is_some() && has(of, Table::Arrivals)
    }),
    ("travellers.csv", travellers, |of| {
        of.visitors.is_some() && of.request.policy.low_risk_traveller.is_some()
    }),
    ("stranded.csv", stranded, |of| of.visitors.is_some()),
    ("stranded_counties.csv", stranded_counties, |of| of.visitors.is_some()),
    ("key_people.csv", key_people, |of| of.request.policy.zone.is_some() && knows_groups(of)),
    ("needs.csv", needs, |of| of.request.policy.zone.is_some() && knows_groups(of)),
    ("mass_testing.csv", mass_testing, |of| of.request.policy.mass_testing.is_some()),
    ("delays.csv", delays, |of| of.request.policy.early.is_some()),
    ("delay_medians.csv", delay_medians, |of| of.request.policy.early.is_some()),
    ("isolation_contacts.csv", isolation_contacts, |of| has(of, Table::Orders)),
    ("breaches.csv", breaches, follows_orders),
    ("bubble_contacts.csv", bubble_contacts, follows_orders),
];

/// Whether a file of `persons` has a column of key groups, and it is read.
fn knows_groups(analysis: &Analysis) -> bool {
    let settings = &analysis.request.settings;
    if settings.names == Names::Nowhere || settings.pseudonyms.is_some() {
        return false;
    }
    let of_persons = analysis.account.files.iter().filter(|file| file.table == Table::Persons);
    let groups = Table::Persons.column("groups");
    of_persons.into_iter().any(|file| file.layout.cells[groups].is_some())
}

/// What a run could not answer, and what it would need for it.
pub fn unanswered(analysis: &Analysis) -> Vec<(&'static str, &'static str)> {
    let policy = &analysis.request.policy;
    let zones = policy.zone.as_ref();
    let all = [
        (
            policy.arrival.is_some() && !has(analysis, Table::Arrivals),
            ("the plans of people who came from abroad", "the table `arrivals`"),
        ),
        (
            !has(analysis, Table::Orders),
            ("whether orders and closed loops were kept", "the table `orders`"),
        ),
        (
            has(analysis, Table::Orders) && !follows_orders(analysis),
            ("whether orders and closed loops were kept", "the rows as files in the input folder"),
        ),
        (
            zones.is_some_and(|zone| zone.screening) && !has(analysis, Table::Screenings),
            ("whether the last round of tests in a zone found nobody", "the table `screenings`"),
        ),
        (
            zones.is_some_and(|zone| zone.announce_hours.is_some())
                && !has(analysis, Table::Announcements),
            ("whether zones were announced in time", "the table `announcements`"),
        ),
        (
            zones.is_some() && !knows_groups(analysis),
            ("who in a zone needs help", "the column `groups` of the table `persons`"),
        ),
        (
            zones.is_some() && analysis.visitors.is_none(),
            ("who is not from here, and may leave", "the flag --visitors"),
        ),
    ];
    all.into_iter().filter(|(is, _)| *is).map(|(_, what)| what).collect()
}

type Out<'w> = &'w mut (dyn Write + Send);

/// `arrivals.csv`.
pub fn arrivals(findings: &Findings<'_>, out: Out<'_>) -> Result<()> {
    let analysis = findings.analysis;
    let reasons = |arrived: &Arrived| -> Vec<&'static str> {
        if !arrived.state.has_plan() {
            return Vec::new();
        }
        let measure = analysis.measures.of(&arrived.person, &analysis.evidence);
        let other = measure.and_then(|measure| match measure.kind {
            MeasureKind::Arrival => measure.beside,
            kind => Some(kind),
        });
        std::iter::once("arrival").chain(other.map(MeasureKind::name)).collect()
    };
    write_table(findings, out, "arrivals", &analysis.measures.arrived, |arrived, row| {
        let plan = arrived.state.has_plan().then_some(&arrived.schedule);
        row.text(&*arrived.person).at(arrived.entered).date(arrived.schedule.day0);
        row.word(arrived.state.name()).list(reasons(arrived));
        row.text(plan.map_or("", |plan| &plan.code));
        match plan {
            Some(plan) => planned(row, &plan.stages, &plan.tests).date(plan.release_on),
            None => row.text("").text("").text(""),
        };
        row.word(arrived.next.name()).at(arrived.due).row_ref(arrived.row);
        row.named(&arrived.person).end();
    })
}

/// The cells of phases and tests.
fn planned<'r, 'a>(
    row: &'r mut RowWriter<'a>,
    stages: &[DatedPhase],
    tests: &[crate::base::time::Date],
) -> &'r mut RowWriter<'a> {
    row.phases(stages).list(tests.iter().map(ToString::to_string))
}

fn of_visitors(analysis: &Analysis) -> (&[Traveller], &[Stranded]) {
    let visitors: Option<&Visitors> = analysis.visitors.as_ref();
    visitors.map_or((&[], &[]), |found| (&found.travellers, &found.stranded))
}

/// `travellers.csv`.
pub fn travellers(findings: &Findings<'_>, out: Out<'_>) -> Result<()> {
    let analysis = findings.analysis;
    let policy = analysis.request.policy.low_risk_traveller.as_ref();
    let code = policy.map_or("", |plan| &plan.code);
    let places = &analysis.places;
    write_table(findings, out, "travellers", of_visitors(analysis).0, |of, row| {
        row.text(&*of.person).text(places.text(of.home)).text(places.text(of.last.county));
        row.at(of.last.start).text(&of.last.place);
        row.word(if of.is_there { "yes" } else { "no" }).date(of.day0).text(code);
        planned(row, &of.stages, &of.tests).date(of.release_on).row_ref(of.last.row);
        row.named(&of.person).end();
    })
}

/// `stranded.csv`.
pub fn stranded(findings: &Findings<'_>, out: Out<'_>) -> Result<()> {
    let analysis = findings.analysis;
    let places = &analysis.places;
    let zone = |of: &Stranded| match of.because {
        Some(Stays::InZone(zone)) => analysis.zones[zone].id(places),
        _ => String::new(),
    };
    write_table(findings, out, "stranded", of_visitors(analysis).1, |of, row| {
        row.text(&*of.person).text(places.text(of.home)).text(places.text(of.last.county));
        row.word(if of.because.is_none() { "yes" } else { "no" });
        row.word(of.because.as_ref().map_or("", Stays::name)).text(zone(of));
        row.at(of.last.start).text(&of.last.place).row_ref(of.last.row);
        row.named(&of.person).end();
    })
}

/// `stranded_counties.csv`.
pub fn stranded_counties(findings: &Findings<'_>, out: Out<'_>) -> Result<()> {
    let analysis = findings.analysis;
    let name = |county: u32| analysis.places.text(county);
    let mut counties: BTreeMap<(&str, &str), (u64, u64)> = BTreeMap::new();
    for of in of_visitors(analysis).1 {
        let count = counties.entry((name(of.home), name(of.last.county))).or_default();
        count.0 += 1;
        count.1 += u64::from(of.because.is_none());
    }
    let rows: Vec<_> = counties.into_iter().collect();
    write_table(findings, out, "stranded_counties", &rows, |((home, county), (all, may)), row| {
        row.text(home).text(county).number(*all).number(*may).end();
    })
}

/// `key_people.csv`.
pub fn key_people(findings: &Findings<'_>, out: Out<'_>) -> Result<()> {
    let analysis = findings.analysis;
    write_table(findings, out, "key_people", &findings.key_people, |of, row| {
        row.text(analysis.zones[of.zone].id(&analysis.places)).text(&*of.person);
        row.text(&of.groups).list(needs_of(groups(&of.groups)));
        row.named(&of.person).end();
    })
}

/// `needs.csv`.
pub fn needs(findings: &Findings<'_>, out: Out<'_>) -> Result<()> {
    let analysis = findings.analysis;
    let mut counts: BTreeMap<(String, &str), (usize, u64)> = BTreeMap::new();
    for of in &findings.key_people {
        let id = analysis.zones[of.zone].id(&analysis.places);
        for group in groups(&of.groups) {
            counts.entry((id.clone(), group)).or_insert((of.zone, 0)).1 += 1;
        }
    }
    let rows: Vec<_> = counts.into_iter().collect();
    write_table(findings, out, "needs", &rows, |((id, group), (zone, people)), row| {
        let area = analysis.zones[*zone].area.parts(&analysis.places);
        row.text(area[0]).text(area[1]).text(id).text(group).number(*people);
        row.list(needs_of([*group])).end();
    })
}

/// `mass_testing.csv`.
pub fn mass_testing(findings: &Findings<'_>, out: Out<'_>) -> Result<()> {
    let analysis = findings.analysis;
    let row = |of: &CountyTesting, row: &mut RowWriter<'_>| {
        let unlinked = of.unlinked.len() as u64;
        row.text(analysis.places.text(of.county));
        row.word(if of.because.is_empty() { "not_indicated" } else { "unclear" });
        row.list(of.because.iter().map(|why| why.name()));
        row.number(of.cases).number(unlinked).number(unlinked * 100 / u64::from(of.cases));
        row.number(of.clusters).number(of.largest).number(of.oldest_days);
        row.text(of.first_unlinked.map_or(String::new(), |date| date.to_string()));
        row.text(of.spread_days.map_or(String::new(), |days| days.to_string()));
        row.number(of.outside_zones).cases(of.unlinked.iter().copied()).end();
    };
    write_table(findings, out, "mass_testing", &analysis.notice.testing, row)
}

fn hours(row: &mut RowWriter<'_>, all: [Option<i64>; 4]) {
    for hours in all {
        row.text(hours.map_or(String::new(), |hours| hours.to_string()));
    }
}

/// `delays.csv`.
pub fn delays(findings: &Findings<'_>, out: Out<'_>) -> Result<()> {
    let analysis = findings.analysis;
    let row = |of: &Delay, row: &mut RowWriter<'_>| {
        let case = analysis.cases.get(of.case);
        row.case(of.case).text(analysis.places.text(of.county));
        row.at(case.onset).at(case.sampled).at(case.confirmed).at(case.isolated);
        hours(row, [of.to_sample, of.to_confirmation, of.to_isolation, of.at_large]);
        row.number(of.contacts_at_large);
        let mut zones: Vec<String> =
            of.zones.iter().map(|&zone| analysis.zones[zone].id(&analysis.places)).collect();
        zones.sort();
        row.list(zones).at(of.announce_by).at(of.announced);
        row.list(of.late.iter().map(|late| late.name())).end();
    };
    write_table(findings, out, "delays", &analysis.notice.delays, row)
}

/// `delay_medians.csv`.
pub fn delay_medians(findings: &Findings<'_>, out: Out<'_>) -> Result<()> {
    let analysis = findings.analysis;
    let row = |of: &DayOfCounty, row: &mut RowWriter<'_>| {
        row.text(analysis.places.text(of.county)).date(of.day).number(of.cases);
        hours(row, of.medians);
        row.number(of.contacts_at_large).number(of.late).end();
    };
    write_table(findings, out, "delay_medians", &analysis.notice.medians, row)
}

/// `isolation_contacts.csv`.
pub fn isolation_contacts(findings: &Findings<'_>, out: Out<'_>) -> Result<()> {
    write_table(findings, out, "isolation_contacts", &findings.analysis.notice.sites, |of, row| {
        row.case(of.case).text(&*of.person).word(of.near.name()).place(Some(of.place));
        row.at(of.span.start).at(of.span.end).row_ref(of.rows[0]).row_ref(of.rows[1]);
        row.named(&of.person).end();
    })
}

/// `breaches.csv`.
pub fn breaches(findings: &Findings<'_>, out: Out<'_>) -> Result<()> {
    let evidence = &findings.analysis.evidence;
    write_table(findings, out, "breaches", &findings.analysis.kept.breaches, |of, row| {
        row.text(&*of.person).word(of.kind.name()).word(of.what.name());
        row.text(of.place.as_deref().unwrap_or(b"")).at(of.span.start).at(of.span.end);
        row.list(of.edge.names());
        row.number(of.span.seconds() / 60).number(of.rows).row_ref(of.row).row_ref(of.order);
        row.number(of.exposed.len());
        row.list(of.exposed.iter().map(|&person| evidence.id_bytes(person)));
        row.named(&of.person).end();
    })
}

/// `bubble_contacts.csv`.
pub fn bubble_contacts(findings: &Findings<'_>, out: Out<'_>) -> Result<()> {
    write_table(findings, out, "bubble_contacts", &findings.analysis.kept.crossings, |of, row| {
        row.text(&*of.person).text(&*of.other).word(of.how.name()).text(&*of.place);
        row.at(of.span.start).at(of.span.end);
        row.row_ref(of.row).row_ref(of.other_row).row_ref(of.order);
        row.named(&of.person).end();
    })
}
