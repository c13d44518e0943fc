//! Words in every language: one dictionary a language, `words/*.toml`.
//!
//! A new language is a new file and a line in [`Lang`]. What a dictionary lacks stays English. The
//! program speaks English; a sentence is looked up by what it is in English, as gettext does it,
//! and a word of the tables or of the page by its name. Cost: a dictionary is read once, when it is
//! first asked.

use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt::Display;
use std::sync::OnceLock;

/// The language of what a person reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lang {
    /// English.
    En,
    /// 中文.
    Zh,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Dictionary {
    /// The language in itself.
    name: String,
    months: Vec<String>,
    day: String,
    days: String,
    page: BTreeMap<String, String>,
    columns: BTreeMap<String, String>,
    cells: BTreeMap<String, String>,
    words: BTreeMap<String, String>,
    policies: BTreeMap<String, String>,
    help: BTreeMap<String, String>,
    sentences: BTreeMap<String, String>,
}

impl Lang {
    /// All of them.
    pub const ALL: [Lang; 2] = [Lang::En, Lang::Zh];

    /// The code of the language (ISO 639), as in `--lang`.
    pub fn code(self) -> &'static str {
        match self {
            Lang::En => "en",
            Lang::Zh => "zh",
        }
    }

    /// The language of a locale such as `zh_CN.UTF-8`; English when there is none of it.
    ///
    /// ```
    /// use trace::base::words::Lang;
    /// assert_eq!(Lang::of_locale("zh_CN.UTF-8"), Lang::Zh);
    /// assert_eq!(Lang::of_locale("fr_FR.UTF-8"), Lang::En);
    /// ```
    pub fn of_locale(locale: &str) -> Lang {
        let of = |lang: &Lang| locale.starts_with(lang.code());
        Lang::ALL.into_iter().find(of).unwrap_or(Lang::En)
    }

    fn dictionary(self) -> &'static Dictionary {
        static EN: OnceLock<Dictionary> = OnceLock::new();
        static ZH: OnceLock<Dictionary> = OnceLock::new();
        let (read, text) = match self {
            Lang::En => (&EN, include_str!("words/en.toml")),
            Lang::Zh => (&ZH, include_str!("words/zh.toml")),
        };
        read.get_or_init(|| toml::from_str(text).expect("a dictionary is read by a test"))
    }

    /// The language in itself.
    pub fn name(self) -> &'static str {
        &self.dictionary().name
    }

    /// The words of the page, by their names.
    pub fn page(self) -> &'static BTreeMap<String, String> {
        &self.dictionary().page
    }

    /// The name of a column.
    pub fn column(self, name: &str) -> &str {
        self.dictionary().columns.get(name).map_or(name, |column| column)
    }

    /// A word of the cells of a table.
    pub fn cell(self, word: &str) -> &str {
        self.dictionary().cells.get(word).map_or(word, |cell| cell)
    }

    /// A day without its year: 8 Nov, 11月8日. Months are counted from 1.
    pub fn day(self, month: u32, day: u32) -> String {
        let Dictionary { months, day: pattern, .. } = self.dictionary();
        let month = (month as usize).checked_sub(1).and_then(|at| months.get(at));
        let month = month.map_or("", |name| name);
        pattern.replace("{month}", month).replace("{day}", &day.to_string())
    }

    /// From one day of a month to another: 8 to 12 Nov, 11月8日至12日.
    pub fn days(self, month: u32, from: u32, to: u32) -> String {
        let Dictionary { months, days: pattern, .. } = self.dictionary();
        let month = (month as usize).checked_sub(1).and_then(|at| months.get(at));
        let text = pattern.replace("{month}", month.map_or("", |name| name));
        text.replace("{from}", &from.to_string()).replace("{to}", &to.to_string())
    }

    /// A word, a heading, or a sentence as it stands in the dictionary.
    pub fn say(self, english: &str) -> &str {
        let Dictionary { words, sentences, .. } = self.dictionary();
        words.get(english).or_else(|| sentences.get(english)).map_or(english, |own| own)
    }

    /// A text of a policy: its title, a source, or what one of its numbers is called.
    pub fn of_policy(self, text: &str) -> &str {
        self.dictionary().policies.get(text).map_or(text, |own| own)
    }

    /// What a flag or a command does, where there are words for it.
    pub fn of_help(self, english: &str) -> Option<&'static str> {
        // Where lines end is nothing that a dictionary knows.
        let plain = english.split_whitespace().collect::<Vec<_>>().join(" ");
        self.dictionary().help.get(&plain).map(String::as_str)
    }

    /// What a number of a policy is called, with its name behind it.
    pub fn parameter(self, name: &str) -> String {
        match self.of_policy(name) {
            own if own == name => name.to_owned(),
            own => format!("{own} ({name})"),
        }
    }

    /// A sentence with what is filled in for each `{}`, in order.
    ///
    /// ```
    /// use trace::base::words::Lang;
    /// assert_eq!(Lang::Zh.fill("{} people", &[&7]), "7 人");
    /// ```
    pub fn fill(self, english: &str, parts: &[&dyn Display]) -> String {
        let mut pieces = self.say(english).split("{}");
        let mut text = pieces.next().unwrap_or("").to_owned();
        for (piece, part) in pieces.zip(parts) {
            text += &part.to_string();
            text += piece;
        }
        text
    }

    /// An English sentence in this language, or as it is when no pattern of the dictionary fits.
    pub fn translated(self, sentence: &str) -> String {
        let sentences = &self.dictionary().sentences;
        if let Some(known) = sentences.get(sentence) {
            return known.clone();
        }
        let made_of = |(english, _): &(&String, &String)| filled_in(english, sentence).is_some();
        // Of several, the one that says the most of it.
        let known = sentences.iter().filter(made_of).max_by_key(|(english, _)| english.len());
        let Some((english, own)) = known else { return sentence.to_owned() };
        let parts = filled_in(english, sentence).unwrap_or_default();
        let mut pieces = own.split("{}");
        let mut text = pieces.next().unwrap_or("").to_owned();
        for (piece, part) in pieces.zip(parts) {
            text += &self.translated(part);
            text += piece;
        }
        text
    }
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
        let all = |lang: &Lang| lang.dictionary().words.iter().chain(&lang.dictionary().sentences);
        for (english, own) in Lang::ALL.iter().flat_map(all) {
            // What stands between the parts that are filled in, down to its words.
            let ends = [' ', '`', ':', ';', ',', '(', ')', '[', ']', '"'];
            for part in english.split("{}").map(|part| part.trim_matches(ends)) {
                assert!(text.contains(part), "nobody says `{part}` of `{english}`");
            }
            assert_eq!(english.matches("{}").count(), own.matches("{}").count(), "{english}");
        }
        let Dictionary { words, sentences, .. } = Lang::Zh.dictionary();
        assert!(words.len() > 30 && sentences.len() > 100);
    }

    #[test]
    fn every_language_has_all_words_of_the_page() {
        for lang in Lang::ALL {
            let words: Vec<&String> = lang.page().keys().collect();
            assert_eq!(words, Lang::En.page().keys().collect::<Vec<_>>(), "{}", lang.code());
        }
    }

    #[test]
    fn sentences_are_put_into_chinese() {
        let said = |sentence| Lang::Zh.translated(sentence);
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
    }
}
