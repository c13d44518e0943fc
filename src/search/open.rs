//! Open stays: how long a stay lasts whose end nobody wrote down.
//!
//! A door without a check-out, and a phone that says where it is every few minutes, tell when
//! somebody was there and not until when. An open stay ends at the person's next row at the latest;
//! a position is held until the next one if that comes soon and near. A sighting, a co-location row
//! that lasted no time, is held in the same way. Rules: `docs/rules.md`. How the next row is found:
//! [`super::next_rows`].

use crate::base::geo::Coord;
use crate::base::time::{Instant, Span};
use crate::model::At;
use crate::policy::Exposure;

/// The numbers of a policy that say how long open stays last.
#[derive(Debug, Clone, Copy)]
pub struct OpenRules {
    checkin_seconds: i64,
    ping_seconds: i64,
    gap_seconds: i64,
    gps_m: f64,
    as_of: Instant,
}

/// The next start of the same person: how many seconds later it is, and whether a position that
/// begins then is near. The smaller, the sooner; of one moment the near one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Next(u32);

impl Next {
    /// There is none.
    pub const NONE: Next = Next(u32::MAX);

    /// A start `seconds` later, which is at least one.
    pub fn new(seconds: i64, near: bool) -> Next {
        match u32::try_from(seconds) {
            Ok(seconds) if seconds < u32::MAX / 2 => Next(seconds << 1 | u32::from(!near)),
            _ => Next::NONE,
        }
    }

    /// How many seconds later it is.
    pub fn seconds(self) -> Option<i64> {
        (self != Next::NONE).then_some(i64::from(self.0 >> 1))
    }

    /// Whether it is near.
    pub fn is_near(self) -> bool {
        self.0 & 1 == 0
    }
}

/// A stay of which the end may not be known.
pub trait MayBeOpen {
    /// When it begins.
    fn start(&self) -> Instant;
    /// The coordinate, if it is at one and at no place by its row.
    fn position(&self) -> Option<Coord>;
    /// Whether its row says no end.
    fn is_open(&self) -> bool;
    /// Whether its dates alone are known: such a stay is no next stay.
    fn has_no_hour(&self) -> bool;
    /// When it is, now that this is known.
    fn lasts(&mut self, span: Span);
}

impl OpenRules {
    /// Ends the open ones of all stays of one person, which are in order of their starts.
    pub fn end_all(&self, stays: &mut [impl MayBeOpen]) {
        let timed = (0..stays.len()).filter(|&at| !stays[at].has_no_hour());
        let timed: Vec<(usize, Instant, Option<Coord>)> =
            timed.map(|at| (at, stays[at].start(), stays[at].position())).collect();
        let together: Vec<&[(usize, Instant, Option<Coord>)]> =
            timed.chunk_by(|a, b| a.1 == b.1).collect();
        for (n, now) in together.iter().enumerate() {
            let of_next = together.get(n + 1).copied().unwrap_or_default();
            let mut then: Vec<At<'_>> =
                of_next.iter().map(|(.., at)| at.map_or(At::Place(b""), At::Coord)).collect();
            let later = of_next.first().map(|(_, start, _)| *start);
            // Rows that repeat each other ask once.
            then.dedup();
            let mut last: Option<(Option<Coord>, Next)> = None;
            for &(at, start, coord) in *now {
                if !stays[at].is_open() {
                    continue;
                }
                let known = last.filter(|(other, _)| *other == coord);
                let next = known.map_or_else(
                    || {
                        let near = then.iter().any(|&at| self.is_near(coord, at));
                        later.map_or(Next::NONE, |later| Next::new(later.0 - start.0, near))
                    },
                    |(_, next)| next,
                );
                last = Some((coord, next));
                stays[at].lasts(self.stay(start, coord.is_some(), next));
            }
        }
    }

    /// From a policy and the moment the analysis speaks for.
    pub fn new(policy: &Exposure, as_of: Instant) -> OpenRules {
        OpenRules {
            checkin_seconds: i64::from(policy.checkin_minutes) * 60,
            ping_seconds: i64::from(policy.ping_seconds),
            gap_seconds: i64::from(policy.ping_gap_minutes) * 60,
            gps_m: policy.gps_m,
            as_of,
        }
    }

    /// The longest that an open stay can be, however it is held.
    pub(super) fn longest_stay(&self) -> i64 {
        self.checkin_seconds.max(self.ping_seconds).max(self.gap_seconds)
    }

    /// Whether a position is near enough to a later one to be held until then.
    pub fn is_near(&self, position: Option<Coord>, later: At<'_>) -> bool {
        match (position, later) {
            (Some(position), At::Coord(later)) => position.distance_m(later) <= self.gps_m,
            _ => false,
        }
    }

    fn span(&self, start: Instant, seconds: i64) -> Span {
        Span { start, end: Instant(start.0 + seconds).min(self.as_of) }
    }

    /// The span of an open stay that begins before as-of.
    pub fn stay(&self, start: Instant, is_position: bool, next: Next) -> Span {
        let most = if is_position { self.ping_seconds } else { self.checkin_seconds };
        let held = |seconds: i64| is_position && next.is_near() && seconds <= self.gap_seconds;
        let seconds = match next.seconds() {
            Some(seconds) if held(seconds) => seconds,
            Some(seconds) => seconds.min(most),
            None => most,
        };
        self.span(start, seconds)
    }

    /// The span of a sighting that begins before as-of.
    pub fn sighting(&self, start: Instant, next: Next) -> Span {
        let held = next.seconds().filter(|&seconds| seconds <= self.gap_seconds);
        self.span(start, held.unwrap_or(self.ping_seconds))
    }

    /// The longest that a sighting can be.
    pub fn longest_sighting(&self, start: Instant) -> Span {
        self.span(start, self.gap_seconds.max(self.ping_seconds))
    }
}
