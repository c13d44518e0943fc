//! Errors and lines of text in the language of the reader: the library speaks English.

use std::io::IsTerminal;
use trace::base::error::Error;
use trace::base::mask::masked;
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

/// A message in colours: what is wrong in red, and the hint below.
pub fn painted(text: &str) -> String {
    match text.split_once("\n\n") {
        Some((what, hint)) => format!("\u{1b}[1;31m{what}\u{1b}[0m\n\n\u{1b}[36m{hint}\u{1b}[0m"),
        None => format!("\u{1b}[1;31m{text}\u{1b}[0m"),
    }
}

/// Whether stderr shows colours: it is a terminal, and nobody asked for none with `NO_COLOR`.
pub fn has_colours() -> bool {
    let asked = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let plain = asked("NO_COLOR") || std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    std::io::stderr().is_terminal() && !plain
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
    fn control_characters_are_seen() {
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
