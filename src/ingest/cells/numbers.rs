//! Numbers in cells, as the standard library reads them, only faster.
//!
//! Nothing here allocates, and no locale is guessed: a point is a point.

/// The high bit of each byte.
pub(in crate::ingest) const HIGH: u64 = 0x8080_8080_8080_8080;

/// A finite decimal number.
///
/// ```
/// use trace::ingest::cells::numbers::number;
/// assert_eq!(number(b"120.155"), Some(120.155));
/// assert_eq!(number(b"nan"), None);
/// ```
#[inline]
pub fn number(cell: &[u8]) -> Option<f64> {
    fraction(cell).or_else(|| general_number(cell))
}

/// Powers of ten that are exact.
const TENS: [f64; 16] =
    [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];

/// `121.4270496`: up to three digits, a point, up to eight digits; eight bytes at least. The most
/// common shape of a coordinate, with the decimals read all at once.
#[inline]
fn fraction(cell: &[u8]) -> Option<f64> {
    let last: &[u8; 8] = cell.last_chunk()?;
    let point = (1..4).find(|&at| cell.get(at) == Some(&b'.'))?;
    let decimals = cell.len() - point - 1;
    if !(1..=8).contains(&decimals) {
        return None;
    }
    let whole = digits(&cell[..point])?;
    // What stands before the decimals is made zeros.
    let before = 64 - 8 * decimals as u32;
    let others = !(u64::MAX << before);
    const ZEROS: u64 = u64::from_le_bytes(*b"00000000");
    let text = u64::from_le_bytes(*last) & !others | ZEROS & others;
    let values = text ^ ZEROS;
    if (values.wrapping_add(0x7676_7676_7676_7676) | values) & HIGH != 0 {
        return None;
    }
    // Two digits to a number of two, two of those to one of four, two of those to one of eight.
    let two = values.wrapping_mul(10).wrapping_add(values >> 8) & 0x00ff_00ff_00ff_00ff;
    let four = two.wrapping_mul(100).wrapping_add(two >> 16) & 0x0000_ffff_0000_ffff;
    let eight = four.wrapping_mul(10_000).wrapping_add(four >> 32) & 0xffff_ffff;
    // No more than eleven digits: all is exact, and the quotient is the number nearest to the
    // cell's.
    Some((whole as f64 * TENS[decimals] + eight as f64) / TENS[decimals])
}

fn general_number(cell: &[u8]) -> Option<f64> {
    let (negative, digits) = match cell.first()? {
        b'-' => (true, &cell[1..]),
        b'+' => (false, &cell[1..]),
        _ => (false, cell),
    };
    let (mut mantissa, mut decimals, mut point, mut count) = (0u64, 0, false, 0);
    for &byte in digits {
        match byte {
            b'0'..=b'9' => {
                count += 1;
                mantissa = mantissa.wrapping_mul(10).wrapping_add(u64::from(byte - b'0'));
                decimals += usize::from(point);
            }
            b'.' if !point => point = true,
            _ => return rare_number(cell),
        }
    }
    // Up to 15 digits both the digits and the power of ten are exact, and so is their quotient.
    if count == 0 || count > 15 {
        return rare_number(cell);
    }
    let value = mantissa as f64 / TENS[decimals];
    Some(if negative { -value } else { value })
}

#[cold]
fn rare_number(cell: &[u8]) -> Option<f64> {
    let allowed = |b: &u8| b.is_ascii_digit() || b"+-.eE".contains(b);
    let text = std::str::from_utf8(cell).ok().filter(|_| cell.iter().all(allowed))?;
    text.parse().ok().filter(|value: &f64| value.is_finite())
}

/// A whole number of up to nine digits and nothing else.
#[inline(always)]
pub fn digits(cell: &[u8]) -> Option<i64> {
    if cell.len() > 9 { None } else { whole(cell) }
}

/// A whole number.
pub fn integer(cell: &[u8]) -> Option<i64> {
    std::str::from_utf8(cell).ok()?.parse().ok()
}

/// Digits and nothing else; the caller sees to it that they are few.
#[inline]
pub(in crate::ingest) fn whole(digits: &[u8]) -> Option<i64> {
    digits.iter().try_fold(0, |value, byte| {
        byte.is_ascii_digit().then(|| value * 10 + i64::from(byte - b'0'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn numbers_are_those_of_the_standard_library(cell in "[+-]?[0-9]{0,18}(\\.[0-9]{0,12})?") {
            prop_assert_eq!(number(cell.as_bytes()), cell.parse::<f64>().ok());
        }

        #[test]
        fn what_is_no_number_is_refused(cell in "[0-9:/a]{1,3}\\.[0-9:/a+]{1,9}") {
            prop_assert_eq!(number(cell.as_bytes()), cell.parse::<f64>().ok());
        }
    }
}
