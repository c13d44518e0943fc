//! Sets of spans of time: their union, and the most of them inside a sliding window.
//!
//! Pure arithmetic. Cost: a sort, then linear.

use crate::base::time::{Instant, Span};

/// Makes spans disjoint and ascending (those that touch become one); returns their seconds.
///
/// ```
/// use trace::base::spans::union;
/// use trace::base::time::{Instant, Span};
/// let span = |a, b| Span::new(Instant(a), Instant(b)).unwrap();
/// let mut spans = vec![span(5, 9), span(0, 3), span(3, 6)];
/// assert_eq!(union(&mut spans), 9);
/// assert_eq!(spans, [span(0, 9)]);
/// ```
pub fn union(spans: &mut Vec<Span>) -> i64 {
    spans.sort_unstable();
    let mut kept = 0;
    for at in 0..spans.len() {
        if kept > 0 && spans[at].start <= spans[kept - 1].end {
            spans[kept - 1].end = spans[kept - 1].end.max(spans[at].end);
        } else {
            spans[kept] = spans[at];
            kept += 1;
        }
    }
    spans.truncate(kept);
    spans.iter().map(|span| span.seconds()).sum()
}

/// The most seconds of disjoint ascending `spans` inside any window of `window_s` seconds; with 0,
/// the longest span. O(n).
///
/// The best window begins where a span begins or ends where one ends: between such moments the sum
/// only grows or only falls.
///
/// ```
/// use trace::base::spans::peak;
/// use trace::base::time::{Instant, Span};
/// let span = |a, b| Span::new(Instant(a), Instant(b)).unwrap();
/// let spans = [span(0, 10), span(20, 25), span(100, 110)];
/// assert_eq!(peak(&spans, 25), 15);
/// assert_eq!(peak(&spans, 0), 10);
/// ```
pub fn peak(spans: &[Span], window_s: i64) -> i64 {
    if window_s == 0 {
        return spans.iter().map(|span| span.seconds()).max().unwrap_or(0);
    }
    if let [span] = spans {
        return span.seconds().min(window_s);
    }
    let mirrored = |span: &Span| Span { start: Instant(-span.end.0), end: Instant(-span.start.0) };
    let backwards: Vec<Span> = spans.iter().rev().map(mirrored).collect();
    peak_from_starts(spans, window_s).max(peak_from_starts(&backwards, window_s))
}

/// The window of `window_s` seconds in which [`peak`] is reached; with 0, the longest span. Of
/// several the earliest, and rather one that begins with a span than one that ends with one.
/// Nothing when there are no spans. O(n²): for the few spans that a person looks at.
///
/// ```
/// use trace::base::spans::peak_window;
/// use trace::base::time::{Instant, Span};
/// let span = |a, b| Span::new(Instant(a), Instant(b)).unwrap();
/// let spans = [span(0, 10), span(20, 25), span(100, 110)];
/// assert_eq!(peak_window(&spans, 25), Some((span(0, 25), 15)));
/// ```
pub fn peak_window(spans: &[Span], window_s: i64) -> Option<(Span, i64)> {
    if window_s == 0 {
        let longest = spans.iter().rev().max_by_key(|span| span.seconds())?;
        return Some((*longest, longest.seconds()));
    }
    let starts = spans.iter().map(|span| (false, span.start.0));
    let starts = starts.chain(spans.iter().map(|span| (true, span.end.0 - window_s)));
    let inside = |(ends_with, start): (bool, i64)| {
        let window = Span { start: Instant(start), end: Instant(start + window_s) };
        let seconds: i64 =
            spans.iter().filter_map(|span| span.overlap(window)).map(Span::seconds).sum();
        (-seconds, ends_with, window)
    };
    starts.map(inside).min().map(|(seconds, _, window)| (window, -seconds))
}

fn peak_from_starts(spans: &[Span], window_s: i64) -> i64 {
    // `inside` is the length of spans[first..next], all of which begin before the window ends.
    let (mut best, mut next, mut inside) = (0, 0, 0);
    for span in spans {
        let end = span.start.0 + window_s;
        while next < spans.len() && spans[next].start.0 < end {
            inside += spans[next].seconds();
            next += 1;
        }
        let beyond = (spans[next - 1].end.0 - end).max(0);
        best = best.max(inside - beyond);
        inside -= span.seconds();
    }
    best
}
