//! Open stays: how long a stay lasts whose end nobody wrote down.
//!
//! A door without a check-out, and a phone that says where it is every few minutes, tell when
//! somebody was there and not until when. An open stay ends where the person is next, and a
//! position is held until the next one if that comes soon and near. A sighting, a co-location row
//! that lasted no time, is held in the same way. Rules: SPEC section 3. How the next row is found:
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

    fn seconds(self) -> Option<i64> {
        (self != Next::NONE).then_some(i64::from(self.0 >> 1))
    }

    fn is_near(self) -> bool {
        self.0 & 1 == 0
    }
}

impl OpenRules {
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

    /// When an open stay is that begins before as-of.
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

    /// When a sighting is that begins before as-of.
    pub fn sighting(&self, start: Instant, next: Next) -> Span {
        let held = next.seconds().filter(|&seconds| seconds <= self.gap_seconds);
        self.span(start, held.unwrap_or(self.ping_seconds))
    }

    /// The longest that a sighting can be.
    pub fn longest_sighting(&self, start: Instant) -> Span {
        self.span(start, self.gap_seconds.max(self.ping_seconds))
    }
}
