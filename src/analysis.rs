//! The whole way from an export folder to findings.
//!
//! The one place where reading and the pure core meet: cases, places, persons → the cases' own stays
//! → index → every row → evidence → graph → contacts → zones → measures. Memory grows with what
//! touches a case; the bulk tables are read in chunks and not kept.

use crate::areas::{Area, Frequented, Watch};
use crate::contacts::Contacts;
use crate::error::{Error, Result};
use crate::evidence::{Evidence, Settled};
use crate::exposure;
use crate::filter::{Sorted, Wanted};
use crate::graph::ExposureGraph;
use crate::index::CaseIndex;
use crate::ingest::{
    self, Account, At, Colocation, Folder, Label, Progress, Reach, Settings, SmallTables, Stay,
    StayRules, Table, TakeColocations, TakeStays,
};
use crate::measures::{self, Measures};
use crate::model::{Cases, Places};
use crate::policy::Policy;
use crate::register::Persons;
use crate::scan::{self, Scan};
use crate::stays::{CaseStays, Gathered};
use crate::time::{Instant, Span, Zone};
use crate::zones::{self, Ground, RiskZone};
use hashbrown::{HashMap, HashSet};
use std::time::Duration;

/// What to analyse, and how.
#[derive(Debug, Clone)]
pub struct Request {
    /// The numbers.
    pub policy: Policy,
    /// How to read; its zone is the analysis time zone.
    pub settings: Settings,
    /// The moment to speak for; the end of the day of the latest confirmation when `None`.
    pub as_of: Option<Instant>,
    /// Raise every unit zone to its building, and why.
    pub expand: Option<String>,
}

/// How long the parts took.
#[derive(Debug, Clone, Default)]
pub struct Timings(pub Vec<(&'static str, Duration)>);

/// Everything a run found.
#[derive(Debug)]
pub struct Analysis {
    /// What was asked.
    pub request: Request,
    /// The input folder.
    pub folder: Folder,
    /// The moment it speaks for.
    pub as_of: Instant,
    /// The cases.
    pub cases: Cases,
    /// The places.
    pub places: Places,
    /// The persons.
    pub persons: Persons,
    /// Where cases live and go.
    pub frequented: Frequented,
    /// Every match.
    pub evidence: Settled,
    /// The exposure graph.
    pub graph: ExposureGraph,
    /// Close contacts and venue-exposed people.
    pub contacts: Contacts,
    /// Names and coordinates of the places where cases were, and of those in zones.
    pub labels: HashMap<String, Label>,
    /// The zones, by id.
    pub zones: Vec<RiskZone>,
    /// The measures, by person.
    pub measures: Measures,
    /// What became of the rows.
    pub account: Account,
    /// How long it took.
    pub timings: Timings,
}

/// How a run ended that could read its input.
#[derive(Debug)]
pub enum Outcome {
    /// With findings.
    Done(Box<Analysis>),
    /// A table has too many rejects: the error, and the account to write.
    TooManyRejects(Error, Folder, Account),
}

impl Analysis {
    /// The analysis time zone.
    pub fn zone(&self) -> &Zone {
        &self.request.settings.zone
    }
}

struct Stopwatch {
    since: std::time::Instant,
    timings: Timings,
}

impl Stopwatch {
    fn lap(&mut self, what: &'static str) {
        let now = std::time::Instant::now();
        self.timings.0.push((what, now - self.since));
        self.since = now;
    }
}

/// Runs an analysis on the threads of the current rayon pool.
///
/// # Errors
/// When the input cannot be used, or no case is confirmed by as-of.
pub fn analyse(folder: Folder, request: Request, progress: &dyn Progress) -> Result<Outcome> {
    let mut watch_ = Stopwatch { since: std::time::Instant::now(), timings: Timings::default() };
    let settings = &request.settings;
    let small = ingest::read_small(&folder, settings, progress)?;
    let SmallTables { cases, mut places, persons, mut account } = small;
    if let Err(error) = account.check(&folder, settings.max_rejects) {
        account.sort();
        return Ok(Outcome::TooManyRejects(error, folder, account));
    }
    let as_of = as_of(&request, &cases, &account)?;
    let cases = Cases::new(cases, &request.policy, &settings.zone, as_of);
    watch_.lap("small tables");

    let rules = StayRules::new(&request.policy, as_of);
    let stays = own_stays(&folder, settings, &rules, progress, &cases, &mut places)?;
    watch_.lap("stays of the cases");

    let (policy, expand) = (&request.policy, request.expand.is_some());
    let frequented = Frequented::new(&cases, &persons, &stays, &places, policy, &settings.zone);
    let watch = Watch::new(&frequented, &cases, &places, policy, expand);
    let index = CaseIndex::new(&cases, &stays, &places, &watch, policy);
    watch_.lap("index");

    let evidence = scan_all(&folder, settings, &rules, progress, &index, &mut account)?;
    drop(index);
    watch_.lap("scan");
    account.sort();
    if let Err(error) = account.check(&folder, settings.max_rejects) {
        return Ok(Outcome::TooManyRejects(error, folder, account));
    }
    let mut evidence = evidence.merge(scan::households(&cases, &persons)).settle(&mut places);
    let pairs = exposure::pairs(&evidence, &places, &policy.exposure);
    let graph = ExposureGraph::new(&cases, &evidence, pairs);
    watch_.lap("graph");

    let presence = evidence.take_presence();
    let zone = &settings.zone;
    let (cases_, persons_, places_) = (&cases, &persons, &places);
    let ground =
        Ground { cases: cases_, persons: persons_, places: places_, policy, zone, as_of, expand };
    let (contacts, zones) = rayon::join(
        || Contacts::new(&graph),
        || zones::zones(&ground, &frequented, &watch, (&evidence, presence), &graph),
    );
    let measures = measures::measures(&ground, &evidence, &contacts, &zones);
    watch_.lap("zones and measures");
    let labels = labels(&folder, settings, &places, &frequented, &zones)?;
    watch_.lap("names");
    let timings = watch_.timings;
    Ok(Outcome::Done(Box::new(Analysis {
        request,
        folder,
        as_of,
        cases,
        places,
        persons,
        frequented,
        evidence,
        graph,
        contacts,
        labels,
        zones,
        measures,
        account,
        timings,
    })))
}

/// The labels of the places that are shown.
fn labels(
    folder: &Folder,
    settings: &Settings,
    places: &Places,
    frequented: &Frequented,
    zones: &[RiskZone],
) -> Result<HashMap<String, Label>> {
    let number: HashMap<Area, usize> = zones.iter().map(|zone| zone.area).zip(0..).collect();
    let in_zones = places
        .iter()
        .filter(|(place, _)| zones::zone_of(&number, Area::of(places, *place)).is_some());
    let mut shown: HashSet<&[u8]> = in_zones.map(|(place, _)| places.id_bytes(place)).collect();
    shown.extend(frequented.by_place.keys().map(|&place| places.id_bytes(place)));
    let is_shown = |id: &[u8]| shown.contains(id);
    let wanted = Wanted::new(shown.iter().copied(), &is_shown);
    ingest::read_labels(folder, settings, &wanted)
}

/// As-of as asked, or the end of the local day of the latest confirmation.
fn as_of(request: &Request, cases: &[crate::model::Case], account: &Account) -> Result<Instant> {
    let confirmed = || cases.iter().map(|case| case.confirmed);
    let zone = &request.settings.zone;
    let (Some(first), Some(last)) = (confirmed().min(), confirmed().max()) else {
        let rows = account.of(Table::Cases).rows;
        return Err(Error::input(format!("table `cases` has no usable case ({rows} rows)"))
            .hint("there is nobody to trace from: check that the export holds the cases"));
    };
    match request.as_of {
        Some(as_of) if as_of < first => Err(Error::usage(format!(
            "no case is confirmed by --as-of {}; the first is confirmed at {}",
            zone.show(as_of),
            zone.show(first)
        ))
        .hint("choose a later --as-of, or leave it out")),
        Some(as_of) => Ok(as_of),
        None => Ok(zone.midnight(zone.date(last).plus(1))),
    }
}

/// Pass A: the cases' own stays.
fn own_stays(
    folder: &Folder,
    settings: &Settings,
    rules: &StayRules,
    progress: &dyn Progress,
    cases: &Cases,
    places: &mut Places,
) -> Result<CaseStays> {
    let is_case = |person: &[u8]| cases.find(person).is_some();
    let wanted = Wanted::new(cases.iter().map(|(_, case)| case.id.as_bytes()), &is_case);
    let start = || Gathered::new(cases);
    let gathered = ingest::read_stays_of(folder, settings, rules, progress, &wanted, start)?;
    Ok(CaseStays::new(gathered, places))
}

/// Pass B: everybody's rows against the index.
fn scan_all(
    folder: &Folder,
    settings: &Settings,
    rules: &StayRules,
    progress: &dyn Progress,
    index: &CaseIndex<'_>,
    account: &mut Account,
) -> Result<Evidence> {
    let start = || Scan::new(index);
    let (of_stays, stays) = ingest::read_stays(folder, settings, rules, progress, start)?;
    let (of_rows, rows) = ingest::read_colocations(folder, settings, rules.as_of, progress, start)?;
    account.add(stays);
    account.add(rows);
    let found = of_stays.into_iter().chain(of_rows).map(Scan::finish);
    Ok(found.reduce(Evidence::merge).unwrap_or_default())
}

/// Takes rows and does nothing with them.
struct Nobody;

impl TakeStays for Nobody {
    fn stay(&mut self, _: &Stay<'_>) {}

    fn passes_by(&self, _: At<'_>, _: Span) -> bool {
        true
    }

    fn reach(&self) -> Option<Reach<'_>> {
        Some(Reach { places: Sorted::default(), since: Instant(i64::MAX) })
    }
}

impl TakeColocations for Nobody {
    fn colocation(&mut self, _: &Colocation<'_>) {}

    fn passes_by(&self, _: [&[u8]; 2]) -> bool {
        true
    }
}

/// Reads every table to the end and only keeps the books: what `trace check` shows.
///
/// # Errors
/// When a file cannot be used.
pub fn inspect(folder: &Folder, settings: &Settings, progress: &dyn Progress) -> Result<Account> {
    let mut account = ingest::read_small(folder, settings, progress)?.account;
    let policy = Policy::preset(crate::policy::DEFAULT)?;
    let rules = StayRules::everything(&policy);
    account.add(ingest::read_stays(folder, settings, &rules, progress, || Nobody)?.1);
    let as_of = rules.as_of;
    account.add(ingest::read_colocations(folder, settings, as_of, progress, || Nobody)?.1);
    account.sort();
    Ok(account)
}
