//! Messages in Chinese: the library speaks English, and its sentences are put into Chinese here.
//!
//! `messages.zh.txt` has each sentence in both languages, with `{}` for what is filled in; a sentence it
//! lacks stays English. A test sees to it that every sentence in it is one the program says.

use trace::base::error::Error;
use trace::report::Lang;

const SENTENCES: &str = include_str!("messages.zh.txt");

/// An error as a person reads it.
pub fn error(error: &Error, lang: Lang) -> String {
    let text = error.to_string();
    if lang == Lang::En {
        return format!("error: {text}");
    }
    match text.split_once("\n\nhint: ") {
        Some((what, hint)) => format!("错误：{}\n\n提示：{}", said(what), said(hint)),
        None => format!("错误：{}", said(&text)),
    }
}

/// Lines of text, each put into the language if it is a sentence that is known.
pub fn lines(text: &str, lang: Lang) -> String {
    if lang == Lang::En {
        return text.to_owned();
    }
    let line = |line: &str| {
        let (line, end) = line.strip_suffix('\n').map_or((line, ""), |line| (line, "\n"));
        let sentence = line.trim_start();
        format!("{}{}{end}", &line[..line.len() - sentence.len()], said(sentence))
    };
    text.split_inclusive('\n').map(line).collect()
}

/// A sentence in Chinese, or as it is.
fn said(sentence: &str) -> String {
    let pairs = SENTENCES.split("\n\n").filter_map(|pair| pair.trim().split_once('\n'));
    for (english, chinese) in pairs {
        if let Some(parts) = filled_in(english, sentence) {
            let mut parts = parts.into_iter();
            let mut pieces = chinese.split("{}");
            let mut text = pieces.next().unwrap_or("").to_owned();
            for piece in pieces {
                text += &parts.next().map(said).unwrap_or_default();
                text += piece;
            }
            return text;
        }
    }
    sentence.to_owned()
}

/// What stands for each `{}` of a pattern, when a sentence is made from it.
fn filled_in<'s>(pattern: &str, sentence: &'s str) -> Option<Vec<&'s str>> {
    let mut fixed = pattern.split("{}");
    let mut rest = sentence.strip_prefix(fixed.next()?)?;
    let (mut parts, mut fixed) = (Vec::new(), fixed.peekable());
    while let Some(next) = fixed.next() {
        // The last fixed part ends the sentence; the others are looked for from the left.
        let at =
            if fixed.peek().is_none() { rest.strip_suffix(next)?.len() } else { rest.find(next)? };
        parts.push(&rest[..at]);
        rest = &rest[at + next.len()..];
    }
    // A lone `{}` would take in anything.
    (rest.is_empty() && pattern != "{}").then_some(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The text of all sources, with lines joined as the compiler joins them.
    fn sources(dir: &std::path::Path, text: &mut String) {
        for entry in std::fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                sources(&path, text);
            } else if path.extension().is_some_and(|e| e == "rs") {
                for (n, line) in std::fs::read_to_string(&path).unwrap().split("\\\n").enumerate() {
                    text.push_str(if n == 0 { line } else { line.trim_start() });
                }
            }
        }
    }

    #[test]
    fn every_sentence_is_one_the_program_says() {
        let mut text = String::new();
        sources(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut text);
        let mut pairs = 0;
        for pair in SENTENCES.split("\n\n") {
            let (english, chinese) = pair.trim().split_once('\n').unwrap();
            pairs += 1;
            // What stands between the parts that are filled in, down to its words.
            let ends = [' ', '`', ':', ';', ',', '(', ')'];
            for part in english.split("{}").map(|part| part.trim_matches(ends)) {
                assert!(text.contains(part), "nobody says `{part}` of `{english}`");
            }
            assert_eq!(english.matches("{}").count(), chinese.matches("{}").count(), "{english}");
        }
        assert!(pairs > 80);
    }

    #[test]
    fn sentences_are_put_into_chinese() {
        assert_eq!(said("there is no folder `x`"), "文件夹 `x` 不存在");
        assert_eq!(
            said(
                "write times as 2022-11-09 08:30:00; `trace run` lists all of them in `r.csv`; \
                 --max-rejects PERCENT lets more pass"
            ),
            "时间请写成 2022-11-09 08:30:00；`trace run` 会将其全部列入 `r.csv`；--max-rejects 百分比 \
             可放宽"
        );
        assert_eq!(said("something new"), "something new");
        assert_eq!(lines("  ignored columns: a, b\nx\n", Lang::Zh), "  忽略的列：a, b\nx\n");
        let error_ = Error::usage("`Mars` is no time zone").hint("give a folder");
        assert_eq!(error(&error_, Lang::Zh), "错误：`Mars` 不是时区\n\n提示：请给出文件夹");
    }
}
