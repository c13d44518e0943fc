//! Prepare: the cases with their windows and their own stays, and where it matters who else was there.
//!
//! Cost: a pass over the rows of the cases.

use super::passes::Input;
use super::request::{Request, Stopwatch};
use crate::base::error::{Error, Result};
use crate::base::time::Instant;
use crate::ingest::{self, Account, Episode, Folder, Progress, SmallTables, Table};
use crate::model::persons::Persons;
use crate::model::{Cases, Places};
use crate::rules::areas::{CaseAreas, WatchedAreas};
use crate::search::open::OpenRules;
use crate::search::own_stays::CaseStays;

/// What is known before anybody else's row is read.
#[derive(Debug)]
pub struct Prepared {
    /// What was asked.
    pub request: Request,
    /// The input folder.
    pub folder: Folder,
    /// The moment it speaks for.
    pub as_of: Instant,
    /// The cases, with their windows.
    pub cases: Cases,
    /// The places.
    pub places: Places,
    /// The persons.
    pub persons: Persons,
    /// The cases' own stays.
    pub stays: CaseStays,
    /// Where cases live and go.
    pub frequented: CaseAreas,
    /// Where it matters who else was there.
    pub watch: WatchedAreas,
    /// What became of the rows so far.
    pub account: Account,
}

/// The cases with their windows and their own stays, and which areas matter: pass A.
///
/// # Errors
/// When a file cannot be used, or no case is confirmed by as-of.
pub fn prepare(
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

    let frequented = CaseAreas::new(&cases, &persons, &stays, &places, policy, zone);
    let expand = request.expand.is_some();
    let watch = WatchedAreas::new(&frequented, &cases, &places, policy, expand);
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
