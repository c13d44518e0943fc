//! Cells: what a person, a spreadsheet or a program wrote for a word, a truth or nothing.
//!
//! Nothing here allocates. Times are read by [`TimeReader`]. Which column a cell stands in, and
//! what happens to a bad one, is not decided here.

pub mod ids;
pub mod numbers;
pub mod time_column;
pub mod time_reader;
pub mod time_style;

use crate::base::sieve::least_with_marks;
use crate::ingest::cells::numbers::HIGH;
pub use time_reader::{Bare, TimeReader};

/// Whether a cell is not blank and has no blanks around it, at a glance.
#[inline(always)]
fn is_tight(cell: &[u8]) -> bool {
    match (cell.first(), cell.last()) {
        (Some(first), Some(last)) => (0x21..0x7f).contains(first) && (0x21..0x7f).contains(last),
        _ => false,
    }
}

/// Whether a cell of ASCII is an id as it stands: with a value, and no blanks around it.
#[inline(always)]
pub fn is_solid(cell: &[u8]) -> bool {
    match cell.last_chunk::<4>() {
        // Without a branch: this is asked of every id of a file.
        Some(&[_, c, b, a]) => {
            let (first, tight) = (cell[0], (0x21..0x7f).contains(&a));
            let as_it_stands = ids::begins_as_it_stands(first) & ids::ends_as_it_stands([c, b, a]);
            let short = cell.len() <= ids::LONGEST_ID;
            (first < 0x7f) & tight & short & as_it_stands && (cell.len() > 4 || !is_nothing(cell))
        }
        None => is_tight(cell) && ids::is_as_it_stands(cell) && !is_nothing(cell),
    }
}

/// The words that systems write for nothing.
const NOTHING: [&str; 15] = [
    "#N/A", "-", "--", "/", "N/A", "NA", "NULL", "NaN", "None", "\\N", "null", "不详", "无",
    "未知", "空",
];

/// Whether a cell is one of the words that systems write for nothing. A place called `NULL` would
/// be the one where everybody met.
#[inline]
pub fn is_nothing(cell: &[u8]) -> bool {
    cell.len() <= 6 && NOTHING.iter().any(|word| word.as_bytes() == cell)
}

/// Whether a cell is text and an id as it stands; `ascii` if it is known to be ASCII.
#[inline(always)]
pub(in crate::ingest) fn is_solid_text(cell: &[u8], ascii: bool) -> bool {
    if ascii { is_solid(cell) } else { is_plain(cell) || is_solid_unicode(cell) }
}

#[inline(never)]
fn is_solid_unicode(cell: &[u8]) -> bool {
    let has_line_break = || memchr::memchr2(b'\n', b'\r', cell).is_some();
    let solid = || !cell.is_empty() && value(cell).len() == cell.len() && is_text(cell);
    let has_marks = || std::str::from_utf8(cell).is_ok_and(ids::has_marks);
    cell.len() <= ids::LONGEST_ID
        && solid()
        && !has_line_break()
        && !has_marks()
        && ids::is_as_it_stands(cell)
}

/// Printable ASCII without blanks around it.
#[inline(always)]
pub(in crate::ingest) fn is_plain(cell: &[u8]) -> bool {
    is_solid(cell) && is_printable(cell)
}

/// Whether every byte is printable ASCII. Eight at a time, the last eight once more.
#[inline(always)]
fn is_printable(text: &[u8]) -> bool {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let is = |word: &[u8; 8]| {
        let word = u64::from_le_bytes(*word);
        // At least 0x20, below 0x80, and not 0x7f; no byte lends to or borrows from another.
        let low = (word | HIGH).wrapping_sub(0x20 * ONES);
        low & !word & !(word & !HIGH).wrapping_add(ONES) & HIGH == HIGH
    };
    let (words, rest) = text.as_chunks::<8>();
    match text.last_chunk::<8>() {
        Some(last) => words.iter().all(is) && (rest.is_empty() || is(last)),
        None => rest.iter().all(|byte| (0x20..0x7f).contains(byte)),
    }
}

/// UTF-8 without NUL and without the mark that a decoder leaves for what it could not read.
pub(in crate::ingest) fn is_text(value: &[u8]) -> bool {
    value.is_ascii() && !value.contains(&0)
        || std::str::from_utf8(value).is_ok_and(|text| !text.contains(['\0', '\u{fffd}']))
}

/// Whether a word for nothing, also with blanks behind it or marks in it, may lie between two cells
/// in the order of their bytes.
pub fn nothing_between(least: &[u8], most: &[u8]) -> bool {
    if !(least.is_ascii() && most.is_ascii()) {
        return true;
    }
    let least = least_with_marks(least, most);
    NOTHING
        .iter()
        .map(|word| word.as_bytes())
        .any(|word| word <= most && (least <= word || least.starts_with(word)))
}

/// Without blanks around it, the ideographic space U+3000 included.
#[inline]
pub fn trim(cell: &[u8]) -> &[u8] {
    if cell.is_empty() || is_tight(cell) { cell } else { trim_blanks(cell) }
}

/// What a cell says: trimmed, and nothing where a word for nothing stands.
///
/// ```
/// use trace::ingest::cells::value;
/// assert_eq!(value(" H001 ".as_bytes()), b"H001");
/// assert_eq!(value("不详".as_bytes()), b"");
/// ```
#[inline]
pub fn value(cell: &[u8]) -> &[u8] {
    let cell = trim(cell);
    if is_nothing(cell) { b"" } else { cell }
}

fn trim_blanks(cell: &[u8]) -> &[u8] {
    match std::str::from_utf8(cell) {
        Ok(text) => text.trim().as_bytes(),
        Err(_) => cell.trim_ascii(),
    }
}

/// One of `1 0 true false t f yes no y n 是 否`, in any case.
pub fn boolean(cell: &[u8]) -> Option<bool> {
    match cell {
        b"1" => return Some(true),
        b"0" => return Some(false),
        _ => {}
    }
    let text = std::str::from_utf8(cell).ok()?;
    let any = |words: &[&str]| words.iter().any(|word| word.eq_ignore_ascii_case(text));
    if any(&["true", "t", "yes", "y", "是"]) {
        Some(true)
    } else if any(&["false", "f", "no", "n", "否"]) {
        Some(false)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn printable_is_told_in_words_as_byte_by_byte(
            text in proptest::collection::vec(any::<u8>(), 0..40), ascii in any::<bool>()) {
            let near = |byte: u8| if ascii { byte % 0x60 + 0x20 } else { byte };
            let text: Vec<u8> = text.into_iter().map(near).collect();
            prop_assert_eq!(is_printable(&text), text.iter().all(|byte| (0x20..0x7f).contains(byte)));
        }
    }

    #[test]
    fn truths_and_blanks() {
        assert_eq!(["是", "Y", "TRUE", "1"].map(|c| boolean(c.as_bytes())), [Some(true); 4]);
        assert_eq!(["否", "n", "False", "0"].map(|c| boolean(c.as_bytes())), [Some(false); 4]);
        assert_eq!(boolean(b"maybe"), None);
        assert_eq!(trim("\u{3000} 甲 \t\u{3000}".as_bytes()), "甲".as_bytes());
        assert_eq!(trim(b" a\r"), b"a");
    }
}
