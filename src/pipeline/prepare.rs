//! Prepare: the cases with their windows and their own stays, and where it matters who else was
//! there.
//!
//! Cost: a pass over the rows of the cases.

use super::checks::{self, Check};
use super::passes::Input;
use super::request::{Outcome, Rejected, Request};
use crate::base::error::Result;
use crate::base::problem::Problem;
use crate::base::time::Instant;
use crate::ingest::{
    self, Account, Episode, Fate, Folder, Progress, Reject, Settings, SmallTables, Table,
    is_same_name,
};
use crate::model::persons::Persons;
use crate::model::registers::Registers;
use crate::model::{Cases, Places};
use crate::rules::areas::CaseAreas;
use crate::rules::watch::WatchedAreas;
use crate::rules::zones::candidates::Candidates;
use crate::search::index::CaseIndex;
use crate::search::open::OpenRules;
use crate::search::own_stays::{CaseStays, Gathered};

/// What is known before anybody else's row is read.
#[derive(Debug, Clone)]
pub struct Prepared {
    /// What was asked.
    pub request: Request,
    /// The input folder.
    pub folder: Folder,
    /// The places.
    pub places: Places,
    /// The persons.
    pub persons: Persons,
    /// What else the export holds.
    pub registers: Registers,
    /// Where cases live and go.
    pub frequented: CaseAreas,
    /// The areas that can become a zone.
    pub candidates: Candidates,
    /// Where it matters who else was there.
    pub watch: WatchedAreas,
    /// The cases with their windows and their own stays, to be looked for.
    pub index: CaseIndex,
    /// What became of the rows of the small tables.
    pub account: Account,
    /// What a person should look at in the stays of the cases.
    pub checks: Vec<Check>,
}

/// The cases with their windows and their own stays, and which areas matter: the small tables, and
/// pass A.
///
/// # Errors
/// When a file cannot be used, or no case is confirmed by as-of.
pub fn prepare(
    folder: Folder,
    request: Request,
    progress: &dyn Progress,
) -> Result<Outcome<Prepared>> {
    prepare_with(folder, request, progress, |cases, input| input.own_stays(cases))
}

/// The same, where the stays of the cases come from somewhere else.
pub(super) fn prepare_with(
    folder: Folder,
    mut request: Request,
    progress: &dyn Progress,
    own_stays: impl for<'c> FnOnce(&'c Cases, &Input<'_>) -> Result<Vec<Gathered<'c>>>,
) -> Result<Outcome<Prepared>> {
    let small = ingest::read_small(&folder, &request.settings, &request.policy, progress)?;
    let SmallTables { cases, mut places, persons, registers, identities, mut account } = small;
    request.settings.identities = identities;
    let (policy, settings) = (&request.policy, &request.settings);
    if let Err(error) = account.check(&folder, settings.max_rejects) {
        account.sort();
        return Ok(Outcome::TooManyRejects(Box::new(Rejected { error, folder, account })));
    }
    keeps_columns(settings, &account)?;
    let as_of = match as_of(&request, &cases, &account) {
        Err(error) if account.rejects.kinds().iter().any(|(of, _)| of.fate == Fate::LeftOut) => {
            // What was left out tells why there is nobody.
            account.sort();
            return Ok(Outcome::TooManyRejects(Box::new(Rejected { error, folder, account })));
        }
        as_of => as_of?,
    };
    let cases = ingest::latest_episodes(cases, as_of, &mut account);
    let cases = Cases::new(cases, &policy.exposure, &settings.zone, as_of);

    let gathered = own_stays(&cases, &Input::new(&folder, &request, as_of, progress))?;
    let open = OpenRules::new(&policy.exposure, as_of);
    let stays = CaseStays::new(gathered, &mut places, &open, policy.exposure.max_radius_m);

    let frequented = CaseAreas::new(&cases, &persons, &stays, &places, &settings.zone);
    let of = (&cases, &persons, &places);
    let candidates = Candidates::new(&frequented, of, policy, &settings.zone);
    let expand = request.expand.is_some();
    let watch = WatchedAreas::new(&frequented, &candidates, &cases, &places, expand);
    let of = (&policy.exposure, &settings.zone, as_of);
    let index = CaseIndex::new(cases, stays, &places, &watch.places, of);
    let (cases, zone) = (index.cases(), &settings.zone);
    let of = checks::cases::Of {
        cases,
        persons: &persons,
        places: &places,
        folder: &folder,
        policy: &policy.exposure,
        zone,
    };
    let checks = of.long_stays(index.stays());
    let prepared = Prepared {
        request,
        folder,
        places,
        persons,
        registers,
        frequented,
        candidates,
        watch,
        index,
        account,
        checks,
    };
    Ok(Outcome::Done(Box::new(prepared)))
}

/// Checks that every column to keep is there: a mistyped name is found before the work.
fn keeps_columns(settings: &Settings, account: &Account) -> Result<()> {
    let headers = || account.files.iter().filter(|of| of.table.is_of_people());
    let names = || headers().flat_map(|of| &of.layout.header);
    match settings.keep.iter().find(|column| !names().any(|name| is_same_name(name, column))) {
        None => Ok(()),
        Some(column) => {
            let mut known: Vec<&str> =
                headers().flat_map(|of| &of.layout.unknown).map(String::as_str).collect();
            known.dedup();
            Err(Problem::KeepsNoColumn { column: column.clone(), known: known.join(", ") }.into())
        }
    }
}

/// As-of as asked, or the end of the local day of the latest confirmation.
fn as_of(request: &Request, cases: &[Episode], account: &Account) -> Result<Instant> {
    let confirmed = || cases.iter().map(|episode| episode.case.confirmed);
    let zone = &request.settings.zone;
    let (Some(first), Some(last)) = (confirmed().min(), confirmed().max()) else {
        let rows = account.of(Table::Cases).rows;
        let of_cases = |reject: &&Reject| {
            account.files.iter().any(|f| f.file == reject.file && f.table == Table::Cases)
        };
        let first = account.rejects.iter().find(of_cases);
        let reason = first.map(|first| (first.reason.code(), first.reason.hint(first.column)));
        return Err(Problem::NoCase { rows, reason }.into());
    };
    match request.as_of {
        Some(as_of) if as_of < first => {
            let (as_of, first) = (zone.show(as_of), zone.show(first));
            Err(Problem::AsOfBeforeCases { as_of, first }.into())
        }
        Some(as_of) => Ok(as_of),
        None => Ok(zone.midnight(zone.date(last).plus(1)).min(Instant::LAST)),
    }
}
