//! Errors and lines of text in the language of the reader: the library speaks English.

use trace::base::error::Error;
use trace::report::Lang;

/// An error as a person reads it: on a screen, in a log, in a mail to whoever can help. Ids are
/// masked in the middle, unless they are to be shown.
pub fn error(error: &Error, lang: Lang, show_values: bool) -> String {
    let mut text = visible(&error.to_string());
    for value in error.problem().values().into_iter().filter(|_| !show_values) {
        let value = visible(value);
        text = text.replace(&value, &masked(&value));
    }
    let (what, hint) = text.split_once("\n\nhint: ").map_or((&*text, None), |(a, b)| (a, Some(b)));
    let what = lang.fill("error: {}", &[&lang.translated(what)]);
    match hint {
        Some(hint) => format!("{what}\n\n{}", lang.fill("hint: {}", &[&lang.translated(hint)])),
        None => what,
    }
}

/// A text with a picture in place of each control character but line ends and tabs: what stands
/// in a cell or in the name of a file must not tell a terminal what to do.
pub fn visible(text: &str) -> String {
    let picture = |c: char| match c {
        '\n' | '\t' => c,
        '\u{7f}' => '␡',
        '\0'..='\u{1f}' => char::from_u32(0x2400 + u32::from(c)).unwrap_or('�'),
        '\u{80}'..='\u{9f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => '�',
        c => c,
    };
    text.chars().map(picture).collect()
}

/// Digits from which on a word may be somebody's number.
const DIGITS: usize = 6;

/// A text in which each word with many digits has stars in the middle.
fn masked(text: &str) -> String {
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

/// Lines of text, each put into the language if it is a sentence that is known.
pub fn lines(text: &str, lang: Lang) -> String {
    let line = |line: &str| {
        let (line, end) = line.strip_suffix('\n').map_or((line, ""), |line| (line, "\n"));
        let sentence = line.trim_start();
        format!("{}{}{end}", &line[..line.len() - sentence.len()], lang.translated(sentence))
    };
    text.split_inclusive('\n').map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use trace::base::problem::Problem;

    #[test]
    fn ids_are_masked_and_control_characters_seen() {
        assert_eq!(masked("330102199003071234"), "3301**********1234");
        assert_eq!(masked("`13800001234`, x"), "`13*******34`, x");
        assert_eq!(masked("138-0013-8000"), "138*******000");
        assert_eq!(masked("１３８００００１２３４"), "１３*******３４");
        assert_eq!(masked("2022-11-09 08:30 P12 昨天"), "2022-11-09 08:30 P12 昨天");
        assert_eq!(visible("a\u{1b}[31mb\u{7}\u{202e}\n"), "a␛[31mb␇�\n");
    }

    #[test]
    fn errors_and_lines_are_put_into_chinese() {
        assert_eq!(lines("  ignored columns: a, b\nx\n", Lang::Zh), "  忽略的列：a, b\nx\n");
        let error_ =
            Error::from(Problem::NoTimeZone { name: "Mars".to_owned() }).hint("give a folder");
        assert_eq!(error(&error_, Lang::Zh, false), "错误：`Mars` 不是时区\n\n提示：请给出文件夹");
        assert_eq!(
            error(&error_, Lang::En, false),
            "error: `Mars` is no time zone\n\nhint: give a folder"
        );
    }
}
