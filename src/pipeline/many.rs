//! Many analyses of one export, which is read once for all policies that read rows alike.
//!
//! Policies that differ in what a scan looks at have a scan each, which gets every row; what only
//! the rules look at is concluded again from the same evidence. Each result is as that of
//! [`analyse`](super::analyse()). Cost: the look-ups of all scans for each row, and a pass over the
//! rows of the cases for each.

use super::conclude::conclude;
use super::passes::EVERYBODY;
use super::prepare::{Prepared, prepare};
use super::request::{Analysis, Outcome, Request};
use super::scan::Scanned;
use crate::base::error::Result;
use crate::base::time::{Instant, Span};
use crate::ingest::{self, Account, Folder, Progress, StayLimits};
use crate::model::{At, Colocation, Interest, Stay, TakeColocations, TakeStays};
use crate::policy::Policy;
use crate::search::evidence::Found;
use crate::search::next_rows::NextRows;
use crate::search::scan::{Scan, settle_opens};

/// Takes rows for several at once.
struct Many<T>(Vec<T>);

impl<T: Interest> Interest for Many<T> {
    fn may_matter(&self, at: At<'_>, span: Span) -> bool {
        self.0.iter().any(|one| one.may_matter(at, span))
    }

    const ASKS_WHO: bool = T::ASKS_WHO;

    fn may_concern(&self, person: &[u8], start: Instant) -> bool {
        self.0.iter().any(|one| one.may_concern(person, start))
    }

    fn may_matter_to(&self, persons: [&[u8]; 2]) -> bool {
        self.0.iter().any(|one| one.may_matter_to(persons))
    }
}

impl<T: TakeStays> TakeStays for Many<T> {
    fn stay(&mut self, stay: &Stay<'_>) {
        self.0.iter_mut().for_each(|one| one.stay(stay));
    }

    fn stays(&mut self, stays: &[Stay<'_>]) {
        self.0.iter_mut().for_each(|one| one.stays(stays));
    }
}

impl<T: TakeColocations> TakeColocations for Many<T> {
    fn colocation(&mut self, row: &Colocation<'_>) {
        self.0.iter_mut().for_each(|one| one.colocation(row));
    }
}

/// A policy as far as preparing and scanning depend on it: what only the rules look at is as in
/// `like`.
fn of_scan(policy: &Policy, like: &Policy) -> Policy {
    let mut own = policy.clone();
    let (e, other) = (&mut own.exposure, &like.exposure);
    (e.min_minutes, e.dense_min_minutes) = (other.min_minutes, other.dense_min_minutes);
    e.window_hours = other.window_hours;
    e.room_persons = other.room_persons;
    e.shared_position_persons = other.shared_position_persons;
    if let (Some(zone), Some(other)) = (&mut own.zone, &like.zone) {
        (zone.min_contacts, zone.min_secondary) = (other.min_contacts, other.min_secondary);
        zone.downgrade_days = other.downgrade_days;
        zone.announce_hours = other.announce_hours;
    }
    own.close_contact = like.close_contact.clone();
    own.spillover = like.spillover.clone();
    own.venue_exposed = like.venue_exposed.clone();
    own.closed_loop = like.closed_loop.clone();
    (own.name, own.title) = (like.name.clone(), like.title.clone());
    own.timezone.clone_from(&like.timezone);
    own.sources.clone_from(&like.sources);
    own
}

/// Of a policy, what decides how a reader makes a stay of a row, but for how long positions are
/// held.
fn of_reading(policy: &Policy) -> (u32, u32, u64, bool) {
    let e = &policy.exposure;
    (e.checkin_minutes, e.ping_seconds, e.max_accuracy_m.to_bits(), e.date_only_counts)
}

/// What a scan is needed for.
struct Way {
    prepared: Prepared,
    scanned: Scanned,
    /// The positions of the policies that are concluded from it.
    of: Vec<usize>,
}

/// Calls `each` with the number of each policy and the analysis under it; `request` says the rest.
/// As-of is that of the first policy.
///
/// # Errors
/// When the input cannot be used, or no case is confirmed by as-of.
pub fn many(
    folder: &Folder,
    request: &Request,
    policies: &[Policy],
    progress: &dyn Progress,
    mut each: impl FnMut(usize, Analysis),
) -> Result<Outcome<()>> {
    let mut ways: Vec<(Policy, Way)> = Vec::new();
    let mut as_of = request.as_of;
    for (number, policy) in policies.iter().enumerate() {
        let key = of_scan(policy, &policies[0]);
        if let Some((_, way)) = ways.iter_mut().find(|(other, _)| *other == key) {
            way.of.push(number);
            continue;
        }
        let request = Request { policy: policy.clone(), as_of, ..request.clone() };
        let prepared = match prepare(folder.clone(), request, progress)? {
            Outcome::Done(prepared) => *prepared,
            Outcome::TooManyRejects(rejected) => return Ok(Outcome::TooManyRejects(rejected)),
        };
        as_of.get_or_insert(prepared.index.as_of());
        ways.push((key, Way { prepared, scanned: Scanned::default(), of: vec![number] }));
    }
    let mut ways: Vec<Way> = ways.into_iter().map(|(_, way)| way).collect();
    // Those that read rows in one way read them together.
    ways.sort_by_key(|way| of_reading(&way.prepared.request.policy));
    for together in ways.chunk_by_mut(|a, b| {
        of_reading(&a.prepared.request.policy) == of_reading(&b.prepared.request.policy)
    }) {
        scan_together(folder, together, progress)?;
    }
    folder.unchanged()?;
    for way in ways {
        for number in way.of {
            let mut prepared = way.prepared.clone();
            prepared.request.policy = policies[number].clone();
            match conclude(prepared, way.scanned.clone())? {
                Outcome::Done(analysis) => each(number, *analysis),
                Outcome::TooManyRejects(rejected) => return Ok(Outcome::TooManyRejects(rejected)),
            }
        }
    }
    Ok(Outcome::Done(Box::new(())))
}

/// Passes B and C for several indexes at once.
fn scan_together(folder: &Folder, ways: &mut [Way], progress: &dyn Progress) -> Result<()> {
    // A position that is held longer matches whatever a shorter one does, and is settled later.
    let longest = ways.iter().map(|way| &way.prepared.request.policy);
    let longest = longest.max_by_key(|policy| policy.exposure.ping_gap_minutes);
    let (first, longest) = (&ways[0].prepared, longest.expect("there is a way"));
    let (request, as_of) = (first.request.clone(), first.index.as_of());
    let limits = StayLimits::new(longest, as_of);
    let settings = &request.settings;
    let start = || Many(ways.iter().map(|way| Scan::new(&way.prepared.index)).collect::<Vec<_>>());
    let told = (progress, EVERYBODY);
    let (stays, of_stays) = ingest::read_stays(folder, settings, &limits, told, start)?;
    let (rows, of_rows) = ingest::read_colocations(folder, settings, as_of, progress, start)?;
    let mut account = Account::default();
    account.add(of_stays);
    account.add(of_rows);
    let mut found: Vec<Found> = ways.iter().map(|_| Found::default()).collect();
    for many in stays.into_iter().chain(rows) {
        for (all, scan) in found.iter_mut().zip(many.0) {
            *all = std::mem::take(all).merge(scan.finish());
        }
    }
    let open =
        |(way, found): (&Way, &mut Found)| found.take_opens().ordered(&way.prepared.index.open);
    let opens: Vec<_> = ways.iter().zip(&mut found).map(open).collect();
    let kinds = opens.iter().map(|opens| opens.kinds());
    let (some_stays, some_rows) = kinds.fold((false, false), |a, b| (a.0 || b.0, a.1 || b.1));
    let start = || {
        let mut next = Vec::with_capacity(ways.len());
        for (way, opens) in ways.iter().zip(&opens) {
            let index = &way.prepared.index;
            next.push(NextRows::new(opens, index.cases(), index.open));
        }
        Many(next)
    };
    let mut seen = start().0;
    let mut take = |all: Vec<Many<NextRows<'_>>>| {
        for many in all {
            let old = std::mem::take(&mut seen).into_iter();
            seen = old.zip(many.0).map(|(a, b)| a.merge(b)).collect();
        }
    };
    if some_stays {
        take(ingest::read_stays(folder, settings, &limits, (progress, "open stays"), start)?.0);
    }
    if some_rows {
        take(ingest::read_colocations(folder, settings, as_of, progress, start)?.0);
    }
    let next: Vec<_> = seen.into_iter().map(NextRows::finish).collect();
    for (((way, found), opens), next) in ways.iter_mut().zip(found).zip(&opens).zip(next) {
        let ended = settle_opens(&way.prepared.index, opens, &next);
        way.scanned = Scanned { found: found.merge(ended), account: account.clone() };
    }
    Ok(())
}
