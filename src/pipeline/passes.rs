//! The passes over the bulk tables: A for the cases' own stays, B for everybody's, C for the ends
//! of open ones.

use super::request::Request;
use crate::base::error::Result;
use crate::base::sieve::Wanted;
use crate::base::time::{Instant, Span};
use crate::ingest::{self, Account, Folder, Progress, Settings, StayLimits};
use crate::model::{At, Cases, Interest, Reach, Stay, TakeColocations, TakeStays};
use crate::search::evidence::Found;
use crate::search::index::CaseIndex;
use crate::search::next_rows::{NextRows, OrderedOpens};
use crate::search::own_stays::Gathered;
use crate::search::scan::{self, Scan};

/// What is told of a pass over all stays.
pub(super) const EVERYBODY: &str = "stays of everybody";

/// With one open stay or more in this many rows most people have one: then all rows are read by the
/// column, which is faster than looking for theirs one by one.
const MANY: u64 = 30;

/// The bulk tables, and how to read them.
pub(super) struct Input<'a> {
    folder: &'a Folder,
    settings: &'a Settings,
    rules: StayLimits,
    progress: &'a dyn Progress,
}

impl<'a> Input<'a> {
    pub(super) fn new(
        folder: &'a Folder,
        request: &'a Request,
        as_of: Instant,
        progress: &'a dyn Progress,
    ) -> Input<'a> {
        Input::with_limits(folder, request, StayLimits::new(&request.policy, as_of), progress)
    }

    /// With other limits than those of a run.
    pub(super) fn with_limits(
        folder: &'a Folder,
        request: &'a Request,
        rules: StayLimits,
        progress: &'a dyn Progress,
    ) -> Input<'a> {
        Input { folder, settings: &request.settings, rules, progress }
    }

    /// The same reading of another folder.
    #[cfg(feature = "parquet")]
    pub(super) fn over<'b>(&'b self, folder: &'b Folder) -> Input<'b> {
        let Input { settings, progress, .. } = *self;
        Input { folder, settings, rules: self.rules, progress }
    }

    /// Pass A: the cases' own stays.
    pub(super) fn own_stays<'c>(&self, cases: &'c Cases) -> Result<Vec<Gathered<'c>>> {
        let is_case = |person: &[u8]| cases.find(person).is_some();
        let wanted = Wanted::new(cases.iter().map(|(_, case)| case.id.as_bytes()), &is_case);
        self.stays_of(&wanted, "stays of the cases", || Gathered::new(cases))
    }

    /// The stays of some persons.
    pub(super) fn stays_of<T: TakeStays + Send>(
        &self,
        wanted: &Wanted<'_>,
        what: &str,
        start: impl Fn() -> T + Sync,
    ) -> Result<Vec<T>> {
        let Input { folder, settings, rules, progress } = self;
        let start = || OnlyOf { wanted, taker: start() };
        let (takers, _) = ingest::read_stays(folder, settings, rules, (*progress, what), start)?;
        Ok(takers.into_iter().map(|of| of.taker).collect())
    }

    /// Pass B: everybody's rows against the index.
    pub(super) fn scan_all(&self, index: &CaseIndex, account: &mut Account) -> Result<Found> {
        let Input { folder, settings, rules, progress } = self;
        let start = || Scan::new(index);
        let (of_stays, stays) =
            ingest::read_stays(folder, settings, rules, (*progress, EVERYBODY), start)?;
        let as_of = rules.as_of;
        let (of_rows, rows) = ingest::read_colocations(folder, settings, as_of, *progress, start)?;
        account.add(stays);
        account.add(rows);
        let found = of_stays.into_iter().chain(of_rows).map(Scan::finish);
        Ok(found.reduce(Found::merge).unwrap_or_default())
    }

    /// Everybody's stays.
    pub(super) fn all_stays<T: TakeStays + Send>(
        &self,
        what: &str,
        start: impl Fn() -> T + Sync,
    ) -> Result<Vec<T>> {
        let Input { folder, settings, rules, progress } = self;
        Ok(ingest::read_stays(folder, settings, rules, (*progress, what), start)?.0)
    }

    /// Everybody's rows, as they are.
    pub(super) fn everybody<T: TakeStays + TakeColocations + Send>(
        &self,
        what: &str,
        start: impl Fn() -> T + Sync,
    ) -> Result<Vec<T>> {
        let Input { folder, settings, rules, progress } = self;
        let stays = self.all_stays(what, &start)?;
        let rows = ingest::read_colocations(folder, settings, rules.as_of, *progress, &start)?.0;
        Ok(stays.into_iter().chain(rows).collect())
    }

    /// Pass C, where an open stay may match: the rows of the people concerned once more, which tell
    /// when it ended. `rows` is how many stays there are.
    pub(super) fn end_opens(
        &self,
        index: &CaseIndex,
        mut evidence: Found,
        rows: u64,
    ) -> Result<Found> {
        let opens = evidence.take_opens().ordered(&index.open);
        if opens.is_empty() {
            return Ok(evidence);
        }
        let few = opens.len() as u64 * MANY < rows;
        let seen = self.next_rows(index, &opens, few)?;
        let found = scan::settle_opens(index, &opens, &seen.finish());
        Ok(evidence.merge(found))
    }

    /// The next rows of what is open, of which there may be `few`.
    pub(super) fn next_rows<'o>(
        &self,
        index: &'o CaseIndex,
        opens: &'o OrderedOpens,
        few: bool,
    ) -> Result<NextRows<'o>> {
        let Input { folder, settings, rules, progress } = self;
        let start = || NextRows::new(opens, index.cases(), index.open);
        let (stays, sightings) = opens.kinds();
        let mut seen = start();
        if stays {
            let what = "open stays";
            let concerned = |person: &[u8]| opens.concerns(person);
            let found = if few {
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
        Ok(seen)
    }
}

/// Takes the stays of some persons only.
struct OnlyOf<'w, T> {
    wanted: &'w Wanted<'w>,
    taker: T,
}

impl<T: TakeStays> Interest for OnlyOf<'_, T> {
    fn persons(&self) -> Option<&Wanted<'_>> {
        Some(self.wanted)
    }

    fn may_matter(&self, at: At<'_>, span: Span) -> bool {
        self.taker.may_matter(at, span)
    }

    const ASKS_WHO: bool = T::ASKS_WHO;

    fn may_concern(&self, person: &[u8], start: Instant) -> bool {
        self.taker.may_concern(person, start)
    }

    fn reach(&self) -> Option<Reach<'_>> {
        self.taker.reach()
    }
}

impl<T: TakeStays> TakeStays for OnlyOf<'_, T> {
    fn stay(&mut self, stay: &Stay<'_>) {
        self.taker.stay(stay);
    }

    fn stays(&mut self, stays: &[Stay<'_>]) {
        self.taker.stays(stays);
    }
}
