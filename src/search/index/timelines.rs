//! Timelines: intervals by start, with the latest end so far.
//!
//! A look-up is a binary search and a walk back over what overlaps. Where the walk meets one after
//! the other that does not, because a long interval lies before them, it goes on in the tree that
//! is laid over the same intervals (an implicit interval tree): O(log n) an interval that overlaps,
//! whatever lies between.

use crate::base::time::{Instant, Span};
use std::ops::Range;

/// An interval of a timeline.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// When it begins.
    pub start: Instant,
    /// The latest end of this interval and all before it.
    latest: Instant,
    /// The number of the stay.
    pub stay: u32,
}

/// Intervals by start.
#[derive(Debug, Clone, Default)]
pub struct Timelines {
    entries: Vec<Entry>,
    /// The end of each.
    ends: Vec<Instant>,
    /// For each: the latest end in the part of the timeline of which it is the middle.
    most: Vec<Instant>,
}

/// Intervals that do not overlap, one after the other, before the tree is asked.
const PATIENCE: u32 = 16;

/// The middle of a part of a timeline.
fn middle(part: &Range<usize>) -> usize {
    part.start + (part.end - part.start) / 2
}

impl Timelines {
    /// Appends a timeline made of `(span, stay)` in order.
    pub fn push(&mut self, spans: impl Iterator<Item = (Span, u32)>) -> Range<u32> {
        let first = self.entries.len();
        let mut latest = Instant(i64::MIN);
        for (span, stay) in spans {
            latest = latest.max(span.end);
            self.entries.push(Entry { start: span.start, latest, stay });
            self.ends.push(span.end);
        }
        self.most.resize(self.ends.len(), Instant(i64::MIN));
        self.fill(first..self.ends.len());
        first as u32..self.entries.len() as u32
    }

    /// The latest end in a part, noted at its middle. As deep as the logarithm of its length.
    fn fill(&mut self, part: Range<usize>) -> Instant {
        if part.is_empty() {
            return Instant(i64::MIN);
        }
        let at = middle(&part);
        let before = self.fill(part.start..at);
        let behind = self.fill(at + 1..part.end);
        self.most[at] = self.ends[at].max(before).max(behind);
        self.most[at]
    }

    /// From the first start of a timeline to the latest end; the end is before the start when it is
    /// empty.
    pub fn whole(&self, range: &Range<u32>) -> Span {
        let entries = &self.entries[range.start as usize..range.end as usize];
        match (entries.first(), entries.last()) {
            (Some(first), Some(last)) => Span { start: first.start, end: last.latest },
            _ => Span { start: Instant(i64::MAX), end: Instant(i64::MIN) },
        }
    }

    /// Calls `each` with the entries of a timeline that can overlap `span`.
    #[inline]
    pub fn near(&self, range: &Range<u32>, span: Span, mut each: impl FnMut(&Entry)) {
        let first = range.start as usize;
        let entries = &self.entries[first..range.end as usize];
        let mut before = entries.partition_point(|entry| entry.start < span.end);
        let mut in_vain = 0;
        while before > 0 && entries[before - 1].latest > span.start {
            before -= 1;
            if self.ends[first + before] > span.start {
                in_vain = 0;
                each(&entries[before]);
            } else {
                in_vain += 1;
                if in_vain == PATIENCE {
                    let all = first..range.end as usize;
                    return self.rest(all, first + before, span.start, &mut each);
                }
            }
        }
    }

    /// Calls `each` with the entries of a part that stand before `end` and end after `start`.
    #[cold]
    #[inline(never)]
    fn rest(&self, part: Range<usize>, end: usize, start: Instant, each: &mut impl FnMut(&Entry)) {
        if part.start >= part.end.min(end) {
            return;
        }
        let at = middle(&part);
        if self.most[at] <= start {
            return;
        }
        self.rest(part.start..at, end, start, each);
        if at < end && self.ends[at] > start {
            each(&self.entries[at]);
        }
        self.rest(at + 1..part.end, end, start, each);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn span() -> impl Strategy<Value = Span> {
        let length = prop_oneof![9 => 1i64..5, 1 => 1i64..3000];
        (0i64..2000, length)
            .prop_map(|(start, length)| Span::new(Instant(start), Instant(start + length)).unwrap())
    }

    proptest! {
        #[test]
        fn what_overlaps_is_named_once_and_nothing_else(
            mut spans in proptest::collection::vec(span(), 0..300), asked in span()) {
            spans.sort_unstable();
            let mut timelines = Timelines::default();
            timelines.push([(asked, 7)].into_iter());
            let range = timelines.push(spans.iter().copied().zip(0..));
            let mut named = Vec::new();
            timelines.near(&range, asked, |entry| named.push(entry.stay));
            named.sort_unstable();
            let overlaps = |n: &u32| spans[*n as usize].overlap(asked).is_some();
            prop_assert_eq!(named, (0..spans.len() as u32).filter(overlaps).collect::<Vec<_>>());
        }
    }
}
