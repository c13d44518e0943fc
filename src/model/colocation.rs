//! Co-locations: two people near each other.

use super::RowRef;
use crate::base::time::Span;

/// Two people near each other.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Colocation<'a> {
    /// One of them.
    pub person_a: &'a [u8],
    /// The other.
    pub person_b: &'a [u8],
    /// When; of a sighting, the one second that begins at its moment.
    pub span: Span,
    /// It lasted no time by its row: see [`crate::search::open`].
    pub is_sighting: bool,
    /// Where, when known; else blank.
    pub place: &'a [u8],
    /// How near, when known.
    pub distance_m: Option<f64>,
    /// How strong the signal was, when known.
    pub rssi_dbm: Option<f64>,
    /// Effective protection.
    pub protected: bool,
    /// Its row.
    pub row: RowRef,
}
