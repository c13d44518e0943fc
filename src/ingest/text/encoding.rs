//! Text encodings: their names, how to tell them, and UTF-16 as a stream of UTF-8.

use std::io::{self, Read};

/// A text encoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// With or without a mark.
    Utf8,
    /// And so GBK and GB2312.
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

    /// The encoding of a text that is not all ASCII: UTF-8 if at least half of its lines with other
    /// bytes are, so that a damaged row does not turn a whole file into GB18030.
    pub fn of_lines(text: &[u8]) -> Encoding {
        let other = || text.split(|b| b"\r\n".contains(b)).filter(|line| !line.is_ascii());
        let utf8 = other().filter(|line| valid_but_for_its_end(line)).count();
        if utf8 * 2 >= other().count() { Encoding::Utf8 } else { Encoding::Gb18030 }
    }
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
