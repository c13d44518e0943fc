//! Looks at every row and concludes nothing: what `trace check` shows.
//!
//! Cost: the small tables, and two passes over the bulk tables.

use super::checks::{Check, Weight, alike, cases, files, rows, shifted};
use super::passes::{EVERYBODY, Input};
use super::request::Request;
use super::survey::Survey;
use crate::base::error::Result;
use crate::base::time::Instant;
use crate::ingest::{self, Account, Folder, Progress, Settings, SmallTables, StayLimits};
use crate::model::Cases;
use crate::search::open::OpenRules;
use crate::search::own_stays::CaseStays;

/// What was found out about an export.
#[derive(Debug)]
pub struct Inspection {
    /// What became of the rows.
    pub account: Account,
    /// What to look at, the heaviest first.
    pub checks: Vec<Check>,
}

impl Inspection {
    /// Whether every table has few enough rejects; of one that has not the checks speak first.
    ///
    /// # Errors
    /// For the first table that cannot be used.
    pub fn usable(&mut self, folder: &Folder, max_rejects: f64) -> Result<()> {
        let usable = self.account.check(folder, max_rejects);
        if let Err(error) = &usable {
            let what = "a table cannot be used";
            let check = Check::new("too_many_rejects", "", Weight::Stop, what);
            self.checks.insert(0, check.value(error.to_string().lines().next().unwrap_or("")));
        }
        usable
    }
}

/// Reads every table to the end, and tells what a person should look at before a run.
///
/// # Errors
/// When a file cannot be used.
pub fn inspect(folder: &Folder, request: &Request, progress: &dyn Progress) -> Result<Inspection> {
    let small = ingest::read_small(folder, &request.settings, &request.policy, progress)?;
    let SmallTables { cases, mut places, persons, identities, mut account, .. } = small;
    let request = &Request {
        settings: Settings { identities, ..request.settings.clone() },
        ..request.clone()
    };
    let (policy, settings) = (&request.policy, &request.settings);
    let latest = cases.iter().map(|episode| episode.case.confirmed).max();
    let zone = &settings.zone;
    let of_latest = latest.map(|at| zone.midnight(zone.date(at).plus(1)).min(Instant::LAST));
    let as_of = request.as_of.or(of_latest).unwrap_or(Instant::LAST);
    let cases = ingest::latest_episodes(cases, Instant(i64::MAX), &mut account);
    let cases = Cases::new(cases, &policy.exposure, zone, as_of);
    let normal = |id: &str| (alike::normal(id), id.to_owned());
    let of_cases = cases.iter().map(|(_, case)| normal(&case.id)).collect();
    let gathered = Input::new(folder, request, as_of, progress).own_stays(&cases)?;
    let open = OpenRules::new(&policy.exposure, as_of);
    let known = places.iter().count() as u32;
    let own = CaseStays::new(gathered, &mut places, &open, policy.exposure.max_radius_m);
    let of_places = own.visits().iter().map(|visit| normal(places.id(visit.place))).collect();

    let rules = StayLimits::everything(policy);
    let start = || Survey::new((&cases, zone), [&of_cases, &of_places], (&places, known));
    let (of_stays, stays) =
        ingest::read_stays(folder, settings, &rules, (progress, EVERYBODY), start)?;
    let (of_rows, colocations) =
        ingest::read_colocations(folder, settings, rules.as_of, progress, start)?;
    account.add(stays);
    account.add(colocations);
    account.sort();
    folder.unchanged()?;
    let survey = of_stays.into_iter().chain(of_rows).reduce(Survey::merge);
    let mut checks = files::checks(folder, &account);
    if let Some(survey) = survey {
        checks.extend(rows::checks(folder, &survey, zone));
        checks.extend(shifted::checks(folder, &survey));
    }

    let (persons, places) = (&persons, &places);
    let of = cases::Of { cases: &cases, persons, places, folder, policy: &policy.exposure, zone };
    checks.extend(of.dates());
    checks.extend(of.homes());
    checks.extend(of.wide_homes());
    checks.extend(of.long_stays(&own));
    if folder.of(ingest::Table::Colocations).next().is_none() {
        let rows = own.in_windows(&cases);
        checks.extend(of.without_rows(|case| rows[case.position() as usize]));
    }
    let ids: Vec<&str> = cases.iter().map(|(_, case)| &*case.id).collect();
    checks.extend(alike::pairs(&ids));
    checks.sort_by(|a, b| b.weight.cmp(&a.weight).then_with(|| a.cmp(b)));
    checks.dedup();
    Ok(Inspection { account, checks })
}
