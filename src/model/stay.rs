//! Stays: who was where, and when.

use super::RowRef;
use crate::base::geo::Coord;
use crate::base::time::Span;

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
    /// Nobody wrote it down: it lasts until the person's next row, or as long as the policy says.
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
