//! What a file's bytes are: packed, in which encoding, with which separator and line ends.
//!
//! Detection looks at a sample from the beginning ([`sniff`]). UTF-16 is turned into UTF-8 on the
//! way in; GB18030 is turned chunk by chunk, and only where a byte is not ASCII, because its second
//! bytes are never a separator (but `|`), a quote or a line end.

use crate::base::error::Result;
use crate::base::problem::Problem;
use crate::ingest::contract::Table;
use crate::ingest::header::aliases::Aliases;
use crate::ingest::header::layout::Layout;
use crate::ingest::header::notes::Note;
use crate::ingest::header::sample;
use crate::ingest::input::InputFile;
use crate::ingest::text::encoding::Encoding;
use crate::ingest::text::quotes;
use crate::ingest::text::quotes::Quoting;

/// How to cut a file into rows and cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Format {
    /// Between cells.
    pub separator: u8,
    /// After rows: `\n`, also where it follows `\r`; or `\r` alone.
    pub newline: u8,
}

impl Format {
    /// How rows with quotes are cut.
    pub fn quoting(self, layout: &Layout) -> Quoting<'_> {
        let Format { separator, newline } = self;
        Quoting { separator, newline, width: layout.width, one_line: &layout.one_line }
    }
}

/// What the beginning of a file says about the rest.
#[derive(Debug, Clone)]
pub struct Sniffed {
    /// How to cut it.
    pub format: Format,
    /// Its encoding, unless the sample is ASCII and leaves it open.
    pub encoding: Option<Encoding>,
    /// Length of the byte-order mark.
    pub mark: usize,
    /// The cells of the header.
    pub header: Vec<String>,
    /// How many lines there are up to its end.
    pub header_lines: usize,
    /// What a person should know about what stands above it.
    pub notes: Vec<Note>,
}

/// How much of a file is looked at.
pub const SAMPLE: usize = 1 << 18;

/// Reads the signs of a file from its first bytes (unpacked), and the text behind its header, as
/// far as the sample goes.
///
/// # Errors
/// An input error when there is no header to read, or the bytes are no text.
pub fn sniff(
    sample: &[u8],
    file: &InputFile,
    forced: Option<Encoding>,
    aliases: &Aliases,
) -> Result<(Sniffed, String)> {
    let name = &file.name;
    if sample.is_empty() {
        return Err(Problem::EmptyFile { file: name.clone() }.into());
    }
    let (marked, mark) = match sample {
        [0xef, 0xbb, 0xbf, ..] => (Some(Encoding::Utf8), 3),
        [0xff, 0xfe, ..] => (Some(Encoding::Utf16Le), 2),
        [0xfe, 0xff, ..] => (Some(Encoding::Utf16Be), 2),
        _ => (None, 0),
    };
    let text = &sample[mark..];
    // Every separator and line end of UTF-16 has a NUL byte: a file without one is something else.
    let wide = |e: &Encoding| matches!(e, Encoding::Utf16Le | Encoding::Utf16Be);
    let forced = forced.filter(|e| !wide(e) || text.contains(&0));
    let known = marked.or(forced);
    if known.is_none_or(|e| e == Encoding::Utf8 || e == Encoding::Gb18030) {
        check_text(text, name)?;
    }
    // Where the sample ends in the middle of a line, that line is left to whoever reads it whole.
    let last = text.iter().rposition(|b| b"\r\n".contains(b)).filter(|_| sample.len() >= SAMPLE);
    let lines = &text[..last.unwrap_or(text.len())];
    let encoding = known.or_else(|| {
        (!lines.is_ascii()).then(|| Encoding::of_lines(lines, || file.context.encoding()))
    });
    let decoded = match encoding {
        Some(Encoding::Utf16Le) => encoding_rs::UTF_16LE.decode_without_bom_handling(text).0,
        Some(Encoding::Utf16Be) => encoding_rs::UTF_16BE.decode_without_bom_handling(text).0,
        Some(Encoding::Gb18030) => encoding_rs::GB18030.decode_without_bom_handling(text).0,
        _ => String::from_utf8_lossy(text),
    };
    let newline = newline(decoded.as_bytes());
    let first = first_line(&decoded, newline)
        .ok_or_else(|| Problem::EndlessFirstLine { file: name.clone(), bytes: SAMPLE })?;
    let (forced, from) = match separator_line(first) {
        Some(separator) => (Some(separator), first.len() + 1),
        None => (None, 0),
    };
    let whole = format!("{decoded}{}", char::from(newline));
    let Header { start, end, separator, cells } =
        header(&whole, from, newline, forced, (file.table, aliases)).map_err(
            |what| match what {
                NoHeader::Blank => Problem::BlankFirstLine { file: name.clone() },
                NoHeader::OpenQuote => Problem::OpenQuoteInHeader { file: name.clone() },
            },
        )?;
    let lines = |range: std::ops::Range<usize>| {
        memchr::memchr_iter(newline, &whole.as_bytes()[range]).count()
    };
    let above = lines(from..start);
    let notes = (above > 0).then_some(Note::AboveHeader { lines: above }).into_iter().collect();
    let (format, header_lines) = (Format { separator, newline }, lines(0..end));
    let sniffed = Sniffed { format, encoding, mark, header: cells, header_lines, notes };
    Ok((sniffed, whole[end..].to_owned()))
}

/// The separator that a first line `sep=;` names, as spreadsheets write it.
fn separator_line(line: &str) -> Option<u8> {
    let line = line.trim_end_matches('\r').trim_matches('"');
    match line.get(..4).filter(|begin| begin.eq_ignore_ascii_case("sep=")) {
        Some(_) => match line.as_bytes()[4..] {
            [separator] if b",;\t|".contains(&separator) => Some(separator),
            _ => None,
        },
        None => None,
    }
}

/// The row that names the columns.
struct Header {
    start: usize,
    end: usize,
    separator: u8,
    cells: Vec<String>,
}

/// Why there is none.
enum NoHeader {
    Blank,
    OpenQuote,
}

/// The first of the first rows that names all that the table must have; else the one that names
/// most, so that the message is about that.
fn header(
    text: &str,
    from: usize,
    newline: u8,
    forced: Option<u8>,
    (table, aliases): (Table, &Aliases),
) -> std::result::Result<Header, NoHeader> {
    let (mut start, mut best, mut open) = (from, None, false);
    for _ in 0..sample::HEADER_ROWS {
        if start >= text.len() {
            break;
        }
        let rest = &text.as_bytes()[start..];
        let line_end = memchr::memchr(newline, rest).map_or(rest.len(), |at| at + 1);
        let line = &text[start..start + line_end];
        let separator = forced.unwrap_or_else(|| separator(line, table, aliases));
        let end = quotes::header_end(rest, separator, newline);
        let is_open = end.is_none();
        open |= is_open && best.is_none();
        let end = start + end.unwrap_or(line_end);
        let cells = cells_of(&text[start..end], separator);
        let is_blank = cells.iter().all(String::is_empty);
        let known = aliases.matched(table, cells.iter().map(String::as_str));
        let is_header = aliases.is_header(table, &cells);
        let found = Header { start, end, separator, cells };
        if is_header {
            return if is_open { Err(NoHeader::OpenQuote) } else { Ok(found) };
        }
        if !is_blank && best.as_ref().is_none_or(|(most, _)| known > *most) {
            best = Some((known, found));
        }
        start = end;
    }
    if open && best.as_ref().is_none_or(|(known, _)| *known == 0) {
        return Err(NoHeader::OpenQuote);
    }
    best.map(|(_, header)| header).ok_or(NoHeader::Blank)
}

/// The first rows of a text, as cells.
pub fn first_rows(text: &str, separator: u8) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(separator)
        .from_reader(text.as_bytes());
    let rows = reader.records().filter_map(std::result::Result::ok).take(sample::ROWS);
    rows.map(|row| row.iter().map(str::to_owned).collect()).collect()
}

fn check_text(text: &[u8], name: &str) -> Result<()> {
    let file = name.to_owned();
    match text {
        [0x1f, 0x8b, ..] => {
            return Err(Problem::PackedNotText { file, what: "gzip", ending: ".gz" }.into());
        }
        [0x28, 0xb5, 0x2f, 0xfd, ..] => {
            return Err(Problem::PackedNotText { file, what: "zstd", ending: ".zst" }.into());
        }
        [b'P', b'K', 3, 4, ..] => return Err(Problem::ZipNotText { file }.into()),
        _ => {}
    }
    let begins = text.trim_ascii_start();
    let begins = begins[..begins.len().min(15)].to_ascii_lowercase();
    if [&b"<html"[..], b"<!doctype html", b"<table", b"<?xml"].iter().any(|w| begins.starts_with(w))
    {
        return Err(Problem::WebPage { file }.into());
    }
    let header = text.split(|&b| b == b'\n').next().unwrap_or(text);
    let nul = memchr::memchr_iter(0, text).count();
    if header.contains(&0) || nul * 10 > text.len() {
        return Err(Problem::NotText { file }.into());
    }
    Ok(())
}

/// What ends the lines: `\r` only if it ends the first one and more lines than `\n` does. One that
/// went astray, or one too many before each `\n`, does not count.
fn newline(text: &[u8]) -> u8 {
    let alone = |at: usize| text[at] == b'\r' && text.get(at + 1) != Some(&b'\n');
    if !memchr::memchr2(b'\n', b'\r', text).is_some_and(alone) {
        return b'\n';
    }
    let alone = memchr::memchr_iter(b'\r', text).filter(|&at| alone(at)).count();
    if alone > memchr::memchr_iter(b'\n', text).count() { b'\r' } else { b'\n' }
}

/// The first line; all of a short text without a line end.
fn first_line(text: &str, newline: u8) -> Option<&str> {
    match memchr::memchr(newline, text.as_bytes()) {
        Some(at) => Some(&text[..at]),
        None => (text.len() < SAMPLE / 2).then_some(text),
    }
}

/// The trimmed cells of a header.
fn cells_of(line: &str, separator: u8) -> Vec<String> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .delimiter(separator)
        .from_reader(line.as_bytes());
    let record = reader.records().next().and_then(std::result::Result::ok).unwrap_or_default();
    record.iter().map(|cell| cell.trim().to_owned()).collect()
}

/// The separator that finds most known columns, else most cells.
fn separator(line: &str, table: Table, aliases: &Aliases) -> u8 {
    let readings = [b',', b';', b'\t', b'|'].map(|separator| {
        let cells = cells_of(line, separator);
        let known = aliases.matched(table, cells.iter().map(String::as_str));
        (known, cells.len(), separator)
    });
    let best = readings.into_iter().rev().max_by_key(|(known, width, _)| (*known, *width));
    best.map(|(.., separator)| separator).expect("four readings")
}
