//! Identifiers as people and spreadsheets write them.
//!
//! An id is compared as bytes. What nobody sees or means is taken off before: zero-width and
//! direction marks, the `'` or `="…"` that spreadsheets wrap text in, the `.0` of a number; full-
//! width letters and digits are their ASCII selves, and the last letter of a national number (GB
//! 11643) is `X`. An id that a spreadsheet has cut is none: many people would be one. Cost: none
//! for ids as they stand.

use crate::base::sieve::Wanted;
use crate::ingest::cells::{is_nothing, trim};

/// Why an id is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Damage {
    /// Cut by a spreadsheet: `1.10101E+17`.
    Mangled,
    /// An error of a spreadsheet: `#REF!`.
    Error,
    /// Longer than any id: a cell that did not end, or what is to fill the memory.
    TooLong,
}

/// The longest id, in bytes.
pub const LONGEST_ID: usize = 1024;

/// Errors of spreadsheets; `#N/A` is a word for nothing.
const ERRORS: [&str; 6] = ["#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!"];

/// Whether a cell of a spreadsheet is an error.
pub fn is_error(cell: &[u8]) -> bool {
    cell.first() == Some(&b'#') && ERRORS.iter().any(|error| error.as_bytes() == cell)
}

/// Quick test whether an ASCII cell, if it is no word for nothing, is an id that needs no cleaning;
/// `false` when it has to be looked at.
#[inline(always)]
pub fn is_as_it_stands(cell: &[u8]) -> bool {
    let Some(&first) = cell.first() else { return true };
    let end = match cell.last_chunk::<4>() {
        Some(&[_, c, b, a]) => ends_as_it_stands([c, b, a]),
        None => !cell.contains(&b'.'),
    };
    begins_as_it_stands(first) & end
}

/// Whether an id may begin so.
#[inline(always)]
pub(in crate::ingest) fn begins_as_it_stands(first: u8) -> bool {
    (first >= b'(') & (first != b'=')
}

/// Whether an id of four bytes and more may end so: with no `.0`, no `E+17`, no `x`.
#[inline(always)]
pub(in crate::ingest) fn ends_as_it_stands([c, b, a]: [u8; 3]) -> bool {
    // One comparison for `.` and `+`, and for `*` and `/`, which are looked at in vain.
    const POINT_OR_PLUS: u8 = b'.' | b'+';
    let rare = |byte: u8| byte | 0b101 == POINT_OR_PLUS;
    !rare(b) & !rare(c) & (a != b'x')
}

/// Whether a text has marks that are not seen, or full-width letters or digits.
pub fn has_marks(text: &str) -> bool {
    text.chars().any(|c| is_unseen(c) || ascii_of(c).is_some())
}

/// Whether a character is not seen and takes no room.
fn is_unseen(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}'
        | '\u{feff}' | '\u{ad}')
}

/// The ASCII self of a full-width letter or digit.
fn ascii_of(c: char) -> Option<char> {
    let wide = u32::from(c).checked_sub(0xfee0).filter(|ascii| (0x21..0x7f).contains(ascii))?;
    char::from_u32(wide).filter(char::is_ascii_alphanumeric)
}

/// The id in a cell, blank for a word for nothing; `buffer` holds it if it is not as it stands.
///
/// # Errors
/// When the cell is no id any more.
///
/// ```
/// use trace::ingest::cells::ids::{Damage, id};
/// let read = |cell: &str| id(cell.as_bytes(), &mut Vec::new()).map(<[u8]>::to_vec);
/// assert_eq!(read("Ｐ００１"), Ok(b"P001".to_vec()));
/// assert_eq!(read("'0123"), Ok(b"0123".to_vec()));
/// assert_eq!(read("1001.0"), Ok(b"1001".to_vec()));
/// assert_eq!(read("1.10101E+17"), Err(Damage::Mangled));
/// ```
#[inline]
pub fn id<'a>(cell: &'a [u8], buffer: &'a mut Vec<u8>) -> Result<&'a [u8], Damage> {
    let cell = trim(cell);
    if cell.len() > LONGEST_ID {
        return Err(Damage::TooLong);
    }
    if cell.is_ascii() && is_as_it_stands(cell) {
        return Ok(if is_nothing(cell) { b"" } else { cell });
    }
    rare(cell, buffer)
}

/// Whether the id in a cell is one of those that are looked for.
pub(in crate::ingest) fn is_wanted(cell: &[u8], wanted: &Wanted<'_>) -> bool {
    id(cell, &mut Vec::new()).is_ok_and(|id| wanted.is(id))
}

#[cold]
fn rare<'a>(cell: &'a [u8], buffer: &'a mut Vec<u8>) -> Result<&'a [u8], Damage> {
    buffer.clear();
    match std::str::from_utf8(cell) {
        Ok(text) => {
            let seen = text.chars().filter(|c| !is_unseen(*c));
            let seen: String = seen.map(|c| ascii_of(c).unwrap_or(c)).collect();
            buffer.extend_from_slice(unwrapped(seen.trim()).as_bytes());
        }
        Err(_) => buffer.extend_from_slice(cell),
    }
    if is_error(buffer) {
        return Err(Damage::Error);
    }
    if is_scientific(buffer) {
        return Err(Damage::Mangled);
    }
    if let [digits @ .., b'.', b'0'] = &buffer[..]
        && is_digits(digits)
    {
        buffer.truncate(buffer.len() - 2);
    }
    if let [digits @ .., last @ b'x'] = &mut buffer[..]
        && digits.len() == 17
        && is_digits(digits)
    {
        *last = b'X';
    }
    Ok(if is_nothing(buffer) { b"" } else { buffer })
}

/// Without what spreadsheets wrap text in.
fn unwrapped(text: &str) -> &str {
    let formula = text.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"'));
    formula.or_else(|| text.strip_prefix('\'')).unwrap_or(text).trim()
}

fn is_digits(text: &[u8]) -> bool {
    !text.is_empty() && text.iter().all(u8::is_ascii_digit)
}

/// `1.10101E+17`.
fn is_scientific(text: &[u8]) -> bool {
    let Some(at) = text.iter().position(|b| matches!(b, b'E' | b'e')) else { return false };
    let mut number = text[..at].splitn(2, |b| *b == b'.');
    let whole = number.next().is_some_and(|whole| whole.len() == 1 && is_digits(whole));
    let power = text[at + 1..].strip_prefix(b"+").is_some_and(is_digits);
    whole && power && number.next().is_none_or(is_digits)
}

/// Whether a text is a number of so many digits that a spreadsheet cuts it.
pub fn is_long_number(text: &str) -> bool {
    (16..=20).contains(&text.len()) && is_digits(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::sieve::IdRange;
    use crate::ingest::cells::nothing_between;
    use proptest::prelude::*;

    fn read(cell: &str) -> Result<String, Damage> {
        let mut buffer = Vec::new();
        id(cell.as_bytes(), &mut buffer).map(|id| String::from_utf8_lossy(id).into_owned())
    }

    #[test]
    fn what_nobody_means_is_taken_off() {
        for (cell, expected) in [
            ("P001", "P001"),
            (" P001\t", "P001"),
            ("P\u{200b}001\u{feff}", "P001"),
            ("\u{202a}P001\u{202c}", "P001"),
            ("\u{a0}P001", "P001"),
            ("Ｐ００１", "P001"),
            ("'0123", "0123"),
            ("=\"0123\"", "0123"),
            ("1001.0", "1001"),
            ("V1.0", "V1.0"),
            ("1.5", "1.5"),
            ("11010519491231002x", "11010519491231002X"),
            ("box", "box"),
            ("东湖苑（一期）", "东湖苑（一期）"),
            ("'-", ""),
            ("1E5", "1E5"),
            ("", ""),
        ] {
            assert_eq!(read(cell).as_deref(), Ok(expected), "{cell}");
        }
        for cell in ["1.10101E+17", "1E+17", "1.1e+17"] {
            assert_eq!(read(cell), Err(Damage::Mangled), "{cell}");
        }
        assert_eq!(read("#REF!"), Err(Damage::Error));
    }

    proptest! {
        /// What a glance takes for an id as it stands is one.
        #[test]
        fn a_glance_sees_what_a_look_sees(
            cell in "[0-9'=\".+xXeEP#!]{1,6}|[0-9]{17}[xX]|[0-9][.0-9]{0,3}E\\+[0-9]{1,2}"
        ) {
            if is_as_it_stands(cell.as_bytes()) {
                let mut buffer = Vec::new();
                prop_assert_eq!(rare(cell.as_bytes(), &mut buffer), Ok(cell.as_bytes()));
            }
        }

        /// Cells from the least to the most are not passed over if they are read as an id that is
        /// sought, or as nothing.
        #[test]
        fn no_cell_between_two_is_passed_over(
            ids in proptest::collection::vec("[BC][12]{0,2}|N/?A", 1..4),
            mark in "[\u{ad}\u{200b}\u{feff} ]|",
            least in "[BCN][12/]{0,2}", most in "[BCN][12A]{0,2}",
        ) {
            let bounds = [least.as_bytes(), most.as_bytes()];
            let sought = IdRange::new(ids.iter().map(String::as_bytes));
            let mut buffer = Vec::new();
            let between = |cell: &&String| (&least..=&most).contains(cell);
            let marked = |id: &String| {
                let places = id.char_indices().map(|(at, _)| at).chain([id.len()]);
                let cells = places.map(|at| format!("{}{mark}{}", &id[..at], &id[at..]));
                cells.chain([id.replace('1', "１")]).collect::<Vec<_>>()
            };
            let cells: Vec<String> = ids.iter().flat_map(marked).collect();
            for cell in cells.iter().chain([&least, &most]).filter(between) {
                let Ok(read) = id(cell.as_bytes(), &mut buffer) else { continue };
                let is_sought = ids.iter().any(|id| id.as_bytes() == read);
                let may_be = sought.may_be_between(bounds) || sought.may_be_marked_between(bounds);
                prop_assert!(!is_sought || may_be, "{cell:?}");
                prop_assert!(!read.is_empty() || nothing_between(bounds[0], bounds[1]), "{cell:?}");
            }
        }

        #[test]
        fn an_id_is_its_own_id(cell in "[0-9'=\".+xP０Ｐ\u{200b} ]{0,8}") {
            if let Ok(once) = read(&cell) {
                // But for what is wrapped twice.
                prop_assume!(!once.starts_with(['\'', '=']) && !once.ends_with(".0"));
                prop_assert_eq!(read(&once), Ok(once));
            }
        }
    }
}
