//! Timelines: intervals by start, with the latest end so far.
//!
//! A look-up is a binary search and a walk over what overlaps.

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
#[derive(Debug, Default)]
pub struct Timelines {
    entries: Vec<Entry>,
}

impl Timelines {
    /// Appends a timeline made of `(span, stay)` in order.
    pub fn push(&mut self, spans: impl Iterator<Item = (Span, u32)>) -> Range<u32> {
        let first = self.entries.len() as u32;
        let mut latest = Instant(i64::MIN);
        for (span, stay) in spans {
            latest = latest.max(span.end);
            self.entries.push(Entry { start: span.start, latest, stay });
        }
        first..self.entries.len() as u32
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
        let entries = &self.entries[range.start as usize..range.end as usize];
        let before = entries.partition_point(|entry| entry.start < span.end);
        for entry in entries[..before].iter().rev() {
            if entry.latest <= span.start {
                break;
            }
            each(entry);
        }
    }
}
