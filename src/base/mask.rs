//! Numbers of people with stars in the middle: who knows a number still recognises it.
//!
//! For a screen, a print, a log. It hides nothing from somebody who has the input. Cost: linear in
//! the text.

/// A word with at least this many digits may be somebody's number.
const DIGITS: usize = 6;

/// A text in which each word with many digits has stars in the middle.
///
/// ```
/// use trace::base::mask::masked;
/// assert_eq!(masked("330102199003070011"), "3301**********0011");
/// assert_eq!(masked("C1 of 2022-11-09"), "C1 of 2022-11-09");
/// ```
pub fn masked(text: &str) -> String {
    let mut shown = String::new();
    // Numbers of phones have dashes, and so have dates, which are nobody's.
    let is_of_word = |c: char| c.is_alphanumeric() || c == '-';
    for word in text.split_inclusive(|c: char| !is_of_word(c)) {
        let letters = word.trim_end_matches(|c: char| !is_of_word(c));
        let (count, end) = (letters.chars().count(), &word[letters.len()..]);
        let is_date = letters.find('-') == Some(4) && count <= 10;
        if is_date || letters.chars().filter(|c| c.is_numeric()).count() < DIGITS {
            shown.push_str(word);
            continue;
        }
        let sides = (count / 4).min(4);
        let star = |(n, c)| if (sides..count - sides).contains(&n) { '*' } else { c };
        shown.extend(letters.chars().enumerate().map(star));
        shown.push_str(end);
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_masked_and_dates_are_not() {
        assert_eq!(masked("330102199003071234"), "3301**********1234");
        assert_eq!(masked("`13800001234`, x"), "`13*******34`, x");
        assert_eq!(masked("138-0013-8000"), "138*******000");
        assert_eq!(masked("１３８００００１２３４"), "１３*******３４");
        assert_eq!(masked("2022-11-09 08:30 P12 昨天"), "2022-11-09 08:30 P12 昨天");
    }
}
