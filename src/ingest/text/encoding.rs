//! Text encodings: their names, how to tell them, and UTF-16 as a stream of UTF-8.

use std::io::{self, Read};

/// A text encoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// With or without a mark.
    Utf8,
    /// Includes GBK and GB2312.
    Gb18030,
    /// Little endian.
    Utf16Le,
    /// Big endian.
    Utf16Be,
}

impl Encoding {
    /// The encoding of a name given to `--encoding`.
    pub fn from_name(name: &str) -> Option<Encoding> {
        Some(match name.to_ascii_lowercase().as_str() {
            "utf-8" | "utf8" => Encoding::Utf8,
            "gb18030" | "gbk" | "gb2312" => Encoding::Gb18030,
            "utf-16le" | "utf-16" | "utf16" => Encoding::Utf16Le,
            "utf-16be" => Encoding::Utf16Be,
            _ => return None,
        })
    }

    /// Its usual name.
    pub fn name(self) -> &'static str {
        match self {
            Encoding::Utf8 => "UTF-8",
            Encoding::Gb18030 => "GB18030",
            Encoding::Utf16Le => "UTF-16LE",
            Encoding::Utf16Be => "UTF-16BE",
        }
    }

    /// The encoding of a text that is not all ASCII. Where its own bytes leave it open, it is that
    /// of its neighbours in the folder; where these do, too, the likelier one.
    pub fn of_lines(text: &[u8], neighbours: impl FnOnce() -> Option<Encoding>) -> Encoding {
        let signs = Signs::of(text);
        signs.settled().or_else(neighbours).unwrap_or_else(|| signs.likelier())
    }
}

/// What the lines of a text say of its encoding.
///
/// A line that is no UTF-8 is one of GB18030, or damaged. One that is UTF-8 may be GB18030 all the
/// same, when all its characters are of two bytes: 学校 and 12路 are. But then it reads as words of
/// Chinese, of which none stands beside a small Latin letter, and not as a Russian or Greek word.
#[derive(Debug, Clone, Copy, Default)]
pub struct Signs {
    utf8: usize,
    no_utf8: usize,
    /// Lines that may be either.
    either: usize,
    /// Of these, lines of which all that is not ASCII is signs such as ° and ±.
    symbols: usize,
}

impl Signs {
    /// Looks at the lines of a text.
    pub fn of(text: &[u8]) -> Signs {
        let mut signs = Signs::default();
        for line in text.split(|b| b"\r\n".contains(b)).filter(|line| !line.is_ascii()) {
            if !valid_but_for_its_end(line) {
                signs.no_utf8 += 1;
            } else if !is_words_of_gb2312(line) || has_foreign_word(line) {
                signs.utf8 += 1;
            } else {
                signs.either += 1;
                signs.symbols += usize::from(is_symbols(line));
            }
        }
        signs
    }

    /// The encoding, if there is no doubt: a damaged line or a few do not turn a whole file into
    /// another.
    pub fn settled(self) -> Option<Encoding> {
        if self.utf8 > 0 && self.utf8 >= self.no_utf8 {
            return Some(Encoding::Utf8);
        }
        (self.no_utf8 > 0).then_some(Encoding::Gb18030)
    }

    /// The likelier one.
    fn likelier(self) -> Encoding {
        if self.symbols == self.either { Encoding::Utf8 } else { Encoding::Gb18030 }
    }
}

/// Whether all that is not ASCII in a line are Chinese characters of GB2312, and none stands beside
/// a small Latin letter.
fn is_words_of_gb2312(line: &[u8]) -> bool {
    let mut at = 0;
    while at < line.len() {
        if line[at].is_ascii() {
            at += 1;
            continue;
        }
        let second = line.get(at + 1).copied().unwrap_or(0xa1);
        let is_character = (0xb0..=0xf7).contains(&line[at]) && second >= 0xa1;
        let before = at.checked_sub(1).and_then(|before| line.get(before));
        let beside = [before, line.get(at + 2)].into_iter().flatten();
        if !is_character || beside.into_iter().any(u8::is_ascii_lowercase) {
            return false;
        }
        at += 2;
    }
    true
}

/// Whether a line of UTF-8 has three Cyrillic or Greek letters beside each other.
fn has_foreign_word(line: &[u8]) -> bool {
    let mut beside = 0;
    String::from_utf8_lossy(line).chars().any(|c| {
        let is_letter = matches!(c, '\u{400}'..='\u{45f}' | '\u{370}'..='\u{3ff}');
        beside = if is_letter { beside + 1 } else { 0 };
        beside == 3
    })
}

/// Whether all that is not ASCII in a line of UTF-8 are signs, but for a · behind a digit, which is
/// the 路 of a bus.
fn is_symbols(line: &[u8]) -> bool {
    line.windows(3).filter(|bytes| !bytes[1].is_ascii() && bytes[1] >= 0xc0).all(
        |bytes| matches!(bytes, [before, 0xc2, last] if !(before.is_ascii_digit() && *last == 0xb7)),
    )
}

/// UTF-8, allowing a last character cut off where a sample ends.
fn valid_but_for_its_end(line: &[u8]) -> bool {
    std::str::from_utf8(line).err().is_none_or(|e| e.error_len().is_none())
}

/// UTF-16 as a stream of UTF-8. What is no character becomes U+FFFD.
pub struct Utf16Reader<R> {
    inner: R,
    decoder: encoding_rs::Decoder,
    raw: Vec<u8>,
    ready: Vec<u8>,
    given: usize,
    ended: bool,
}

impl<R: Read> Utf16Reader<R> {
    /// Reads `inner` as `encoding`, after its mark.
    pub fn new(inner: R, encoding: Encoding) -> Self {
        let encoding = match encoding {
            Encoding::Utf16Be => encoding_rs::UTF_16BE,
            _ => encoding_rs::UTF_16LE,
        };
        let decoder = encoding.new_decoder_without_bom_handling();
        let (raw, ready) = (vec![0; 1 << 16], Vec::new());
        Utf16Reader { inner, decoder, raw, ready, given: 0, ended: false }
    }
}

impl<R: Read> Read for Utf16Reader<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.given == self.ready.len() && !self.ended {
            let got = self.inner.read(&mut self.raw)?;
            self.ended = got == 0;
            let most = self.decoder.max_utf8_buffer_length(got).unwrap_or(got * 3 + 16);
            self.ready.resize(most, 0);
            let (.., written, _) =
                self.decoder.decode_to_utf8(&self.raw[..got], &mut self.ready, self.ended);
            self.ready.truncate(written);
            self.given = 0;
        }
        let count = out.len().min(self.ready.len() - self.given);
        out[..count].copy_from_slice(&self.ready[self.given..self.given + count]);
        self.given += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signs(text: &[u8]) -> Option<Encoding> {
        Signs::of(text).settled()
    }

    #[test]
    fn words_that_are_both_are_settled_by_the_others() {
        let gbk = |text: &str| encoding_rs::GB18030.encode(text).0.into_owned();
        for either in ["12路", "学校", "医院", "小学", "B院"] {
            assert_eq!(signs(&gbk(either)), None, "{either}");
            assert_eq!(signs(&gbk(&format!("{either}\n万达广场"))), Some(Encoding::Gb18030));
            assert_eq!(Encoding::of_lines(&gbk(either), || None), Encoding::Gb18030);
            assert_eq!(Encoding::of_lines(&gbk(either), || Some(Encoding::Utf8)), Encoding::Utf8);
        }
        for utf8 in ["José", "Müller", "Школа", "Ελλάδα", "学校", "naïve", "ÑANDÚ"]
        {
            assert_eq!(signs(utf8.as_bytes()), Some(Encoding::Utf8), "{utf8}");
        }
        assert_eq!(Encoding::of_lines("23 °C".as_bytes(), || None), Encoding::Utf8);
    }

    #[test]
    fn a_damaged_line_settles_nothing() {
        let mut utf8 = "东湖苑\n".repeat(3).into_bytes();
        utf8.extend(b"\xff\xfe,1\n");
        assert_eq!(signs(&utf8), Some(Encoding::Utf8));
        let gbk = encoding_rs::GB18030.encode("东湖苑\n东湖\n").0.into_owned();
        let cut = [&gbk[..gbk.len() - 2], b"\n", &gbk].concat();
        assert_eq!(signs(&cut), Some(Encoding::Gb18030));
    }
}
