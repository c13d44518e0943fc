//! Who was in the watched areas, and the last stay of each person there.

use super::LocalPerson;
use crate::base::time::Instant;
use crate::model::RowRef;
use std::cmp::Ordering;

/// A stay at a watched place: of those of one person in one area the last is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// When it ended.
    pub end: Instant,
    /// When it began.
    pub start: Instant,
    /// The rank of the place among the hot places of the index, which are in order of their ids.
    pub place: u32,
    /// Its row.
    pub row: RowRef,
}

impl Seen {
    /// Before all others.
    pub const NEVER: Seen = Seen {
        end: Instant(i64::MIN),
        start: Instant(i64::MAX),
        place: u32::MAX,
        row: RowRef::FIRST,
    };

    /// The one of two that is kept: the one that ends last, then starts first, then is at the
    /// smaller place, then has the smaller row reference.
    #[inline]
    pub fn last(self, other: Seen) -> Seen {
        let order = self.end.cmp(&other.end).then_with(|| other.rest(&self));
        if order == Ordering::Less { other } else { self }
    }

    fn rest(&self, other: &Seen) -> Ordering {
        let key = |seen: &Seen| (seen.start, seen.place);
        key(self).cmp(&key(other)).then_with(|| self.row.as_text(other.row))
    }
}

/// Who was in an area, and the last stay there. A person is in it once or a few times.
#[derive(Debug, Clone, Default)]
pub(super) struct Presence {
    pub people: Vec<(LocalPerson, Seen)>,
    /// The length of `people` when they were last put in order, each once.
    len_when_tidied: usize,
}

impl Presence {
    pub fn add_visit(&mut self, person: LocalPerson, seen: Seen) {
        match self.people.last_mut() {
            Some((last, kept)) if *last == person => *kept = kept.last(seen),
            _ => self.people.push((person, seen)),
        }
        // Appending and tidying up now and then takes less time than a look-up for each row.
        if self.people.len() > 2 * self.len_when_tidied + 64 {
            keep_latest(&mut self.people);
            self.len_when_tidied = self.people.len();
        }
    }
}

/// Puts people into order, each once, with the last stay.
pub fn keep_latest<P: Ord + Copy>(people: &mut Vec<(P, Seen)>) {
    people.sort_unstable_by_key(|(person, _)| *person);
    people.dedup_by(|next, kept| {
        let same = next.0 == kept.0;
        if same {
            kept.1 = kept.1.last(next.1);
        }
        same
    });
}
