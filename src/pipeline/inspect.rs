//! A look at every row that concludes nothing: what `trace check` shows.

use super::passes::EVERYBODY;
use crate::base::error::Result;
use crate::base::sieve::IdRange;
use crate::base::time::{Instant, Span};
use crate::ingest::{self, Account, Folder, Progress, Settings, StayLimits};
use crate::model::{At, Colocation, Interest, Reach, Stay, TakeColocations, TakeStays};
use crate::policy::Policy;

/// Takes rows and does nothing with them.
struct CountOnly;

impl Interest for CountOnly {
    fn may_matter(&self, _: At<'_>, _: Span) -> bool {
        false
    }

    fn reach(&self) -> Option<Reach<'_>> {
        Some(Reach { places: IdRange::EMPTY, since: Instant(i64::MAX) })
    }

    fn may_matter_to(&self, _: [&[u8]; 2]) -> bool {
        false
    }
}

impl TakeStays for CountOnly {
    fn stay(&mut self, _: &Stay<'_>) {}
}

impl TakeColocations for CountOnly {
    fn colocation(&mut self, _: &Colocation<'_>) {}
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
    let rules = StayLimits::everything(&policy);
    account
        .add(ingest::read_stays(folder, settings, &rules, (progress, EVERYBODY), || CountOnly)?.1);
    let as_of = rules.as_of;
    account.add(ingest::read_colocations(folder, settings, as_of, progress, || CountOnly)?.1);
    account.sort();
    Ok(account)
}
