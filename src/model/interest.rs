//! What can matter to whoever takes rows: asked before a row is looked at as a whole, or read at
//! all.
//!
//! Databases call it predicate push-down. Every answer may be yes at any time: a reader need not
//! ask.

use super::stay::At;
use crate::base::sieve::{IdRange, Wanted};
use crate::base::time::{Instant, Span};

/// Who and what can matter. Methods are inlined where rows are read.
pub trait Interest {
    /// The only persons whose stays matter; `None` when those of all may. Rows of others are not
    /// even checked.
    fn persons(&self) -> Option<&Wanted<'_>> {
        None
    }
    /// Whether something can come of a stay there and then, whoever it is.
    #[inline(always)]
    fn may_matter(&self, _at: At<'_>, _span: Span) -> bool {
        true
    }
    /// Whether [`may_concern`](Interest::may_concern) is worth being asked.
    const ASKS_WHO: bool = false;
    /// Whether something can come of a stay of somebody that begins then, wherever it is.
    #[inline(always)]
    fn may_concern(&self, _person: &[u8], _start: Instant) -> bool {
        true
    }
    /// The stays at places of which something can come; `None` when that may be any.
    fn reach(&self) -> Option<Reach<'_>> {
        None
    }
    /// Whether something can come of a co-location of two persons.
    #[inline(always)]
    fn may_matter_to(&self, _persons: [&[u8]; 2]) -> bool {
        true
    }
}

/// Which stays at places something can come of, whoever it is.
#[derive(Debug)]
pub struct Reach<'r> {
    /// Those at these.
    pub places: &'r IdRange,
    /// And of them those that end later than this.
    pub since: Instant,
}
