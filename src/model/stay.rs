//! Stays: who was where, and when; and who takes them.

use super::RowRef;
use crate::base::geo::Coord;
use crate::base::sieve::IdRange;
use crate::base::time::{Instant, Span};

/// Where a stay was.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum At<'a> {
    /// At a place, by its id.
    Place(&'a [u8]),
    /// At a coordinate.
    Coord(Coord),
}

/// How the end of a stay is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ends {
    /// Its row says so.
    Recorded,
    /// CountOnly wrote it down: it lasts until the person is somewhere else, and not for ever.
    Open,
    /// Its row says on which days, and not when.
    DateOnly,
}

/// A stay (停留), valid and cut to as-of.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stay<'a> {
    /// Who.
    pub person: &'a [u8],
    /// Where.
    pub at: At<'a>,
    /// When; of an open one, the longest that it can be: see [`crate::search::open`].
    pub span: Span,
    /// How its end is known.
    pub ends: Ends,
    /// On transport.
    pub seat_row: Option<u32>,
    /// Effective protection: exposes this person to nobody.
    pub protected: bool,
    /// Its row.
    pub row: RowRef,
}

/// Takes stays one by one. A trait and not a closure, so that it can be inlined.
pub trait TakeStays {
    /// A stay.
    fn stay(&mut self, stay: &Stay<'_>);
    /// Several. Whoever has to look them up in something large can do so for many at once.
    fn stays(&mut self, stays: &[Stay<'_>]) {
        stays.iter().for_each(|stay| self.stay(stay));
    }
    /// Whether nothing can come of a stay there and then, whoever it is. May say no at any time.
    #[inline(always)]
    fn passes_by(&self, _at: At<'_>, _span: Span) -> bool {
        false
    }
    /// Whether [`passes_over`](TakeStays::passes_over) is worth being asked.
    const ASKS_WHO: bool = false;
    /// Whether nothing can come of a stay of somebody that begins then, wherever it is. May say no at any
    /// time.
    #[inline(always)]
    fn passes_over(&self, _person: &[u8], _start: Instant) -> bool {
        false
    }
    /// The stays at places of which something can come; `None` when that may be any.
    fn reach(&self) -> Option<Reach<'_>> {
        None
    }
}

/// Which stays at places something can come of, whoever it is.
#[derive(Debug)]
pub struct Reach<'r> {
    /// Those at these.
    pub places: IdRange<'r>,
    /// And of them those that end later than this.
    pub since: Instant,
}
