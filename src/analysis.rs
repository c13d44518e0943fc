//! The whole way from an export folder to findings.
//!
//! The one place where reading and the pure core meet: cases, places, persons → the cases' own stays
//! → index → every row → evidence → graph → contacts → zones → measures. Memory grows with what
//! touches a case; the bulk tables are read in chunks and not kept.

use crate::areas::{Area, Frequented, Watch};
use crate::contacts::Contacts;
use crate::crowds;
use crate::error::{Error, Result};
use crate::evidence::{Evidence, Settled};
use crate::exposure;
use crate::filter::{Sorted, Wanted};
use crate::graph::ExposureGraph;
use crate::index::CaseIndex;
use crate::ingest::{
    self, Account, Episode, Folder, Label, Progress, Settings, SmallTables, StayRules, Table,
};
use crate::measures::{self, Measures};
use crate::model::{
    At, Cases, Colocation, PlaceId, Places, Reach, Stay, TakeColocations, TakeStays,
};
use crate::open::{NextRows, OpenRules};
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
    /// The places that stays in zones are at, by their ranks.
    pub hot_places: Vec<PlaceId>,
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

/// What is known before anybody else's row is read.
struct Prepared {
    request: Request,
    folder: Folder,
    as_of: Instant,
    cases: Cases,
    places: Places,
    persons: Persons,
    stays: CaseStays,
    frequented: Frequented,
    watch: Watch,
    account: Account,
}

/// Runs an analysis on the threads of the current rayon pool.
///
/// # Errors
/// When the input cannot be used, or no case is confirmed by as-of.
pub fn analyse(folder: Folder, request: Request, progress: &dyn Progress) -> Result<Outcome> {
    let mut laps = Stopwatch { since: std::time::Instant::now(), timings: Timings::default() };
    let (settings, exposure) = (&request.settings, &request.policy.exposure);
    let mut small = ingest::read_small(&folder, settings, exposure, progress)?;
    if let Err(error) = small.account.check(&folder, settings.max_rejects) {
        small.account.sort();
        return Ok(Outcome::TooManyRejects(error, folder, small.account));
    }
    let mut prepared = prepare((folder, request), small, progress, &mut laps)?;
    let (evidence, hot_places) = scan_all(&mut prepared, progress, &mut laps)?;
    prepared.account.sort();
    let max_rejects = prepared.request.settings.max_rejects;
    if let Err(error) = prepared.account.check(&prepared.folder, max_rejects) {
        return Ok(Outcome::TooManyRejects(error, prepared.folder, prepared.account));
    }
    Ok(Outcome::Done(Box::new(conclude(prepared, evidence, hot_places, laps)?)))
}

/// The cases with their windows and their own stays, and which areas matter: pass A.
fn prepare(
    (folder, request): (Folder, Request),
    small: SmallTables,
    progress: &dyn Progress,
    laps: &mut Stopwatch,
) -> Result<Prepared> {
    let SmallTables { cases, mut places, persons, mut account } = small;
    let (policy, zone) = (&request.policy, &request.settings.zone);
    let as_of = as_of(&request, &cases, &account)?;
    let cases = ingest::latest_episodes(cases, as_of, &mut account);
    let cases = Cases::new(cases, &policy.exposure, zone, as_of);
    laps.lap("small tables");

    let gathered = Input::new(&folder, &request, as_of, progress).own_stays(&cases)?;
    let open = OpenRules::new(&policy.exposure, as_of);
    let stays = CaseStays::new(gathered, &mut places, &open, policy.exposure.max_radius_m);
    laps.lap("stays of the cases");

    let frequented = Frequented::new(&cases, &persons, &stays, &places, policy, zone);
    let expand = request.expand.is_some();
    let watch = Watch::new(&frequented, &cases, &places, policy, expand);
    laps.lap("areas");
    Ok(Prepared {
        request,
        folder,
        as_of,
        cases,
        places,
        persons,
        stays,
        frequented,
        watch,
        account,
    })
}

/// Everybody's rows against the cases' stays: pass B, and pass C where open stays may match. What was found,
/// and the places of the index in their order.
fn scan_all(
    prepared: &mut Prepared,
    progress: &dyn Progress,
    laps: &mut Stopwatch,
) -> Result<(Evidence, Vec<PlaceId>)> {
    let Prepared { request, folder, as_of, cases, places, stays, watch, account, .. } = prepared;
    let exposure = &request.policy.exposure;
    let open = OpenRules::new(exposure, *as_of);
    let index = CaseIndex::new(cases, stays, places, &watch.places, exposure, open);
    laps.lap("index");
    let input = Input::new(folder, request, *as_of, progress);
    let evidence = input.scan_all(&index, account)?;
    laps.lap("scan");
    let rows = account.of(Table::Trajectories).rows;
    let evidence = input.end_opens(&index, evidence, rows)?;
    laps.lap("open stays");
    Ok((evidence, index.hot_places()))
}

/// The rules: from evidence to contacts, zones and measures.
fn conclude(
    prepared: Prepared,
    evidence: Evidence,
    hot_places: Vec<PlaceId>,
    mut laps: Stopwatch,
) -> Result<Analysis> {
    let Prepared {
        request,
        folder,
        as_of,
        cases,
        mut places,
        persons,
        frequented,
        watch,
        account,
        ..
    } = prepared;
    let (policy, settings) = (&request.policy, &request.settings);
    let exposure = &policy.exposure;
    let at_home = scan::households(&cases, &persons, exposure.household_max);
    let mut evidence = evidence.merge(at_home).settle(&mut places);
    crowds::weaken(&mut evidence, &cases, &places, exposure);
    let pairs = exposure::pairs(&evidence, &places, exposure);
    let graph = ExposureGraph::new(&cases, &evidence, pairs);
    laps.lap("graph");

    let presence = evidence.take_presence();
    let (zone, expand) = (&settings.zone, request.expand.is_some());
    let (cases_, persons_, places_) = (&cases, &persons, &places);
    let ground =
        Ground { cases: cases_, persons: persons_, places: places_, policy, zone, as_of, expand };
    let (contacts, zones) = rayon::join(
        || Contacts::new(&graph),
        || zones::zones(&ground, &frequented, &watch, (&evidence, presence), &graph),
    );
    let measures = measures::measures(&ground, &evidence, &contacts, &zones);
    laps.lap("zones and measures");
    let labels = labels(&folder, settings, &places, &frequented, &zones)?;
    laps.lap("names");
    Ok(Analysis {
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
        hot_places,
        account,
        timings: laps.timings,
    })
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
fn as_of(request: &Request, cases: &[Episode], account: &Account) -> Result<Instant> {
    let confirmed = || cases.iter().map(|episode| episode.case.confirmed);
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
        None => Ok(zone.midnight(zone.date(last).plus(1)).min(Instant::LAST)),
    }
}

const EVERYBODY: &str = "stays of everybody";

/// One open stay in so many rows is many: then most people have one, and all rows are read by the column,
/// which is faster than looking for theirs one by one.
const MANY: u64 = 30;

/// The bulk tables, and how to read them.
struct Input<'a> {
    folder: &'a Folder,
    settings: &'a Settings,
    rules: StayRules,
    progress: &'a dyn Progress,
}

impl<'a> Input<'a> {
    fn new(
        folder: &'a Folder,
        request: &'a Request,
        as_of: Instant,
        progress: &'a dyn Progress,
    ) -> Input<'a> {
        let rules = StayRules::new(&request.policy, as_of);
        Input { folder, settings: &request.settings, rules, progress }
    }

    /// Pass A: the cases' own stays.
    fn own_stays<'c>(&self, cases: &'c Cases) -> Result<Vec<Gathered<'c>>> {
        let is_case = |person: &[u8]| cases.find(person).is_some();
        let wanted = Wanted::new(cases.iter().map(|(_, case)| case.id.as_bytes()), &is_case);
        self.stays_of(&wanted, "stays of the cases", || Gathered::new(cases))
    }

    fn stays_of<T: TakeStays + Send>(
        &self,
        wanted: &Wanted<'_>,
        what: &str,
        start: impl Fn() -> T + Sync,
    ) -> Result<Vec<T>> {
        let Input { folder, settings, rules, progress } = self;
        ingest::read_stays_of(folder, settings, rules, (*progress, what), wanted, start)
    }

    /// Pass B: everybody's rows against the index.
    fn scan_all(&self, index: &CaseIndex<'_>, account: &mut Account) -> Result<Evidence> {
        let Input { folder, settings, rules, progress } = self;
        let start = || Scan::new(index);
        let (of_stays, stays) =
            ingest::read_stays(folder, settings, rules, (*progress, EVERYBODY), start)?;
        let as_of = rules.as_of;
        let (of_rows, rows) = ingest::read_colocations(folder, settings, as_of, *progress, start)?;
        account.add(stays);
        account.add(rows);
        let found = of_stays.into_iter().chain(of_rows).map(Scan::finish);
        Ok(found.reduce(Evidence::merge).unwrap_or_default())
    }

    /// Pass C, where an open stay may match: the rows of the people concerned once more, which tell
    /// when it ended. `rows` is how many stays there are.
    fn end_opens(
        &self,
        index: &CaseIndex<'_>,
        mut evidence: Evidence,
        rows: u64,
    ) -> Result<Evidence> {
        let opens = evidence.take_opens().ordered(&index.open);
        if opens.is_empty() {
            return Ok(evidence);
        }
        let Input { folder, settings, rules, progress } = self;
        let start = || NextRows::new(&opens, index.cases(), index.open);
        let (stays, sightings) = opens.kinds();
        let mut seen = start();
        if stays {
            let what = "open stays";
            let concerned = |person: &[u8]| opens.concerns(person);
            let found = if opens.len() as u64 * MANY < rows {
                let wanted = Wanted::new(opens.people(), &concerned);
                self.stays_of(&wanted, what, start)?
            } else {
                ingest::read_stays(folder, settings, rules, (*progress, what), start)?.0
            };
            seen = found.into_iter().fold(seen, NextRows::merge);
        }
        if sightings {
            let read = ingest::read_colocations(folder, settings, rules.as_of, *progress, start)?;
            seen = read.0.into_iter().fold(seen, NextRows::merge);
        }
        let found = scan::settle_opens(index, &opens, &seen.finish());
        Ok(evidence.merge(found))
    }
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
    let policy = Policy::preset(crate::policy::DEFAULT)?;
    let small = ingest::read_small(folder, settings, &policy.exposure, progress)?;
    let mut account = small.account;
    ingest::latest_episodes(small.cases, Instant(i64::MAX), &mut account);
    let rules = StayRules::everything(&policy);
    account.add(ingest::read_stays(folder, settings, &rules, (progress, EVERYBODY), || Nobody)?.1);
    let as_of = rules.as_of;
    account.add(ingest::read_colocations(folder, settings, as_of, progress, || Nobody)?.1);
    account.sort();
    Ok(account)
}
