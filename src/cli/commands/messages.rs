//! Errors and lines of text in the language of the reader: the library speaks English.

use trace::base::error::Error;
use trace::report::Lang;

/// An error as a person reads it.
pub fn error(error: &Error, lang: Lang) -> String {
    let text = error.to_string();
    let (what, hint) = text.split_once("\n\nhint: ").map_or((&*text, None), |(a, b)| (a, Some(b)));
    let what = lang.fill("error: {}", &[&lang.translated(what)]);
    match hint {
        Some(hint) => format!("{what}\n\n{}", lang.fill("hint: {}", &[&lang.translated(hint)])),
        None => what,
    }
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
    fn errors_and_lines_are_put_into_chinese() {
        assert_eq!(lines("  ignored columns: a, b\nx\n", Lang::Zh), "  忽略的列：a, b\nx\n");
        let error_ =
            Error::from(Problem::NoTimeZone { name: "Mars".to_owned() }).hint("give a folder");
        assert_eq!(error(&error_, Lang::Zh), "错误：`Mars` 不是时区\n\n提示：请给出文件夹");
        assert_eq!(
            error(&error_, Lang::En),
            "error: `Mars` is no time zone\n\nhint: give a folder"
        );
    }
}
