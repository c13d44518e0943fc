//! The rows that prove what lies between a case and another person: those of `evidence.csv`.
//!
//! Cost: a sort of the matches of a pair.

use super::request::Analysis;
use crate::base::time::{Instant, Span};
use crate::model::{PlaceId, RowRef};
use crate::rules::exposure::Pair;
use crate::search::evidence::{Basis, Match};
use std::cmp::Ordering;

impl Analysis {
    /// A row of the input as `FILE:LINE`.
    pub fn row_ref(&self, row: RowRef) -> String {
        format!("{}:{}", self.folder.files[row.file() as usize].name, row.line())
    }

    /// The matches of a pair by the bytes of their cells. An export that repeats its rows proves
    /// nothing twice: of those that say the same, the one with the smallest row references.
    pub fn proof<'a>(&'a self, pair: &Pair) -> Vec<&'a Match> {
        let mut matches: Vec<&Match> = pair.matches(&self.evidence).iter().collect();
        matches.sort_unstable_by(|a, b| as_bytes(self, a, b));
        matches.dedup_by_key(|found| said(found));
        matches
    }
}

/// What a match of a pair says, but for its rows.
fn said(found: &Match) -> (Basis, Option<PlaceId>, Span) {
    (found.basis, found.place(), found.span)
}

/// The order of two matches of a pair by the bytes of their cells.
fn as_bytes(analysis: &Analysis, a: &Match, b: &Match) -> Ordering {
    // A clock that is set back shows a later instant with an earlier time: compare as shown.
    let shown = |at: Instant| {
        let offset = analysis.zone().offset(at);
        (at.0 + i64::from(offset), offset < 0, offset.abs())
    };
    let place = |m: &Match| m.place().map_or(&b""[..], |place| analysis.places.id_bytes(place));
    // Mostly they were in one place, or in none that is known.
    let places = || match a.place() == b.place() {
        true => Ordering::Equal,
        false => place(a).cmp(place(b)),
    };
    a.basis
        .cmp(&b.basis)
        .then_with(places)
        .then_with(|| shown(a.span.start).cmp(&shown(b.span.start)))
        .then_with(|| shown(a.span.end).cmp(&shown(b.span.end)))
        .then_with(|| analysis.row_ref(a.case_row).cmp(&analysis.row_ref(b.case_row)))
        .then_with(|| analysis.row_ref(a.person_row).cmp(&analysis.row_ref(b.person_row)))
}
