//! A file as chunks of whole rows, for any number of workers at once.
//!
//! Each worker takes the next block, reads and surveys it on its own, and then waits its turn to
//! join it to what the block before left over. Only that joining is in order, and it is short: it
//! looks at bytes again only where there are quotes. So the rows, their line numbers and the file's
//! encoding never depend on how many workers there are. Packed files are unpacked on a thread of
//! their own. Cost: one copy of the file through a buffer; memory: a block and a row for each worker.

use super::Settings;
use super::columns::Layout;
use super::folder::{InputFile, Packing};
use super::quotes::{self, Quoting};
use super::rejects::{Fault, FileAccount, Reason, Reject, Tally};
use super::text::{self, Encoding, Sniffed};
use crate::error::{Error, Result};
use std::fs::File;
use std::io::{Cursor, Read};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};

/// Bytes of a block.
const BLOCK: usize = 1 << 18;

/// The longest row, in bytes; what is longer is rejected.
pub const MAX_ROW: usize = 1 << 20;

/// Whole rows of a file, as UTF-8 (but for damaged bytes).
#[derive(Debug, Default)]
pub struct Chunk {
    /// The text, from the first byte of a row to the last byte of one.
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    /// Line number of its first byte.
    pub line: u64,
    /// Whether every byte is ASCII, and none is NUL.
    pub ascii: bool,
    /// Whether there is a quote.
    pub quotes: bool,
    /// Rows that could not even be cut out, already blanked in the text.
    pub broken: Vec<Reject>,
    /// Lines those rows would have taken in.
    pub swallowed: u64,
    decoded: String,
}

impl Chunk {
    /// The rows.
    pub fn text(&self) -> &[u8] {
        if self.decoded.is_empty() {
            &self.buffer[self.start..self.end]
        } else {
            self.decoded.as_bytes()
        }
    }
}

/// A file that is being read.
pub struct FileReader {
    file: InputFile,
    sniffed: Sniffed,
    layout: Layout,
    forced: Option<Encoding>,
    source: Source,
    order: Mutex<Order>,
    turn: Condvar,
    packed_bytes: Arc<AtomicU64>,
    told_bytes: AtomicU64,
}

enum Source {
    /// Any block can be read at any time.
    Plain(File),
    /// Blocks come in order, from a thread.
    Stream(Mutex<Receiver<std::io::Result<Vec<u8>>>>),
}

/// What must happen in order.
struct Order {
    /// Offset of the next block, for plain files.
    offset: u64,
    /// Blocks handed out and blocks joined.
    handed: u64,
    joined: u64,
    ended: bool,
    failed: bool,
    /// The beginning of a row whose end has not been seen.
    carry: Vec<u8>,
    /// Line number of the carry's first byte.
    line: u64,
    encoding: Option<Encoding>,
    header_passed: bool,
    /// The line of a row so long that the rest of it is being skipped.
    skipping: Option<u64>,
}

/// What a worker finds out about a block before its turn.
struct Survey {
    newlines: u64,
    last_newline: Option<usize>,
    quotes: bool,
    ascii: bool,
}

impl FileReader {
    /// Opens a file and reads its header.
    ///
    /// # Errors
    /// An input error when it cannot be read, is no text, or lacks a column.
    pub fn open(file: &InputFile, settings: &Settings) -> Result<FileReader> {
        let raw = File::open(&file.path).map_err(|e| Error::read(&file.path, e))?;
        let packed_bytes = Arc::new(AtomicU64::new(0));
        let counted = Counted { file: raw, count: Arc::clone(&packed_bytes) };
        let mut unpacked = text::unpack(file, counted)?;
        let mut sample = Vec::new();
        unpacked
            .by_ref()
            .take(text::SAMPLE as u64)
            .read_to_end(&mut sample)
            .map_err(|e| unreadable(file, e))?;
        let sniffed = text::sniff(&sample, file, settings.encoding, &settings.aliases)?;
        let layout = Layout::new(
            file.table,
            &sniffed.header,
            &settings.aliases,
            &format!("`{}`", file.name),
        )?;
        let wide = [Encoding::Utf16Le, Encoding::Utf16Be];
        let recode = sniffed.encoding.filter(|encoding| wide.contains(encoding));
        let source = if file.packing == Packing::Plain && recode.is_none() {
            let raw = File::open(&file.path).map_err(|e| Error::read(&file.path, e))?;
            Source::Plain(raw)
        } else {
            let all = Cursor::new(sample.split_off(sniffed.mark)).chain(unpacked);
            Source::Stream(Mutex::new(stream(all, recode)))
        };
        let order = Order {
            offset: sniffed.mark as u64,
            handed: 0,
            joined: 0,
            ended: false,
            failed: false,
            carry: Vec::new(),
            line: 1,
            encoding: sniffed.encoding,
            header_passed: false,
            skipping: None,
        };
        Ok(FileReader {
            file: file.clone(),
            sniffed,
            layout,
            forced: settings.encoding,
            source,
            order: Mutex::new(order),
            turn: Condvar::new(),
            packed_bytes,
            told_bytes: AtomicU64::new(0),
        })
    }

    /// The file.
    pub fn file(&self) -> &InputFile {
        &self.file
    }

    /// Which cell is which column.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// How rows are cut.
    pub fn format(&self) -> text::Format {
        self.sniffed.format
    }

    /// The account of this file with the given tally.
    pub fn account(&self, tally: Tally) -> FileAccount {
        FileAccount {
            file: self.file.number,
            table: self.file.table,
            encoding: self.lock().encoding.unwrap_or(Encoding::Utf8),
            format: self.sniffed.format,
            layout: self.layout.clone(),
            tally,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Order> {
        self.order.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Fills `chunk` with the next rows; `None` after the last. Returns how many bytes on disk were
    /// read for it.
    ///
    /// # Errors
    /// An input error when reading or unpacking fails.
    pub fn next(&self, chunk: &mut Chunk) -> Result<Option<u64>> {
        let Some((ticket, bytes)) = self.read_block(chunk)? else { return Ok(None) };
        let survey = self.survey(&chunk.buffer);
        let mut order = self.lock();
        while order.joined != ticket && !order.failed {
            order = self.turn.wait(order).unwrap_or_else(std::sync::PoisonError::into_inner);
        }
        self.join(&mut order, chunk, &survey);
        order.joined += 1;
        let encoding = order.encoding;
        drop(order);
        self.turn.notify_all();
        chunk.decoded.clear();
        if encoding == Some(Encoding::Gb18030) && !chunk.ascii {
            let text = &chunk.buffer[chunk.start..chunk.end];
            let (decoded, _) = encoding_rs::GB18030.decode_without_bom_handling(text);
            chunk.decoded.push_str(&decoded);
        }
        Ok(Some(bytes))
    }

    /// Takes a ticket and reads the block it stands for. A block shorter than [`BLOCK`] is the last.
    fn read_block(&self, chunk: &mut Chunk) -> Result<Option<(u64, u64)>> {
        match &self.source {
            Source::Plain(file) => {
                let (ticket, offset) = {
                    let mut order = self.lock();
                    if order.ended || order.failed {
                        return Ok(None);
                    }
                    let offset = order.offset;
                    order.offset += BLOCK as u64;
                    order.ended = order.offset >= self.file.bytes;
                    order.handed += 1;
                    (order.handed - 1, offset)
                };
                let length = self.file.bytes.saturating_sub(offset).min(BLOCK as u64) as usize;
                chunk.buffer.resize(length, 0);
                read_at(file, &mut chunk.buffer, offset).map_err(|e| self.fail(e))?;
                Ok(Some((ticket, length as u64)))
            }
            Source::Stream(blocks) => {
                let blocks = blocks.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                if self.lock().ended || self.lock().failed {
                    return Ok(None);
                }
                chunk.buffer = match blocks.recv() {
                    Ok(block) => block.map_err(|e| self.fail(e))?,
                    Err(_) => Vec::new(),
                };
                let mut order = self.lock();
                order.ended = chunk.buffer.len() < BLOCK;
                order.handed += 1;
                let now = self.packed_bytes.load(Ordering::Relaxed);
                let told = self.told_bytes.swap(now, Ordering::Relaxed);
                Ok(Some((order.handed - 1, now.saturating_sub(told))))
            }
        }
    }

    fn fail(&self, error: std::io::Error) -> Error {
        self.lock().failed = true;
        self.turn.notify_all();
        unreadable(&self.file, error)
    }

    fn survey(&self, block: &[u8]) -> Survey {
        let newline = self.sniffed.format.newline;
        Survey {
            newlines: memchr::memchr_iter(newline, block).count() as u64,
            last_newline: memchr::memrchr(newline, block),
            quotes: memchr::memchr(b'"', block).is_some(),
            ascii: block.is_ascii() && memchr::memchr(0, block).is_none(),
        }
    }

    /// Joins a block to the carry, cuts it after its last whole row, and keeps the rest as carry.
    fn join(&self, order: &mut Order, chunk: &mut Chunk, survey: &Survey) {
        let last = order.ended && order.joined + 1 == order.handed;
        let newline = self.sniffed.format.newline;
        chunk.broken.clear();
        chunk.swallowed = 0;
        chunk.line = order.line;
        if let Some(line) = order.skipping {
            self.skip(order, chunk, line, last);
            return;
        }
        let carried = order.carry.len();
        let carry_plain = carried == 0 || (order.carry.is_ascii() && !order.carry.contains(&0));
        chunk.ascii = survey.ascii && carry_plain;
        chunk.quotes = survey.quotes || memchr::memchr(b'"', &order.carry).is_some();
        chunk.buffer.splice(0..0, order.carry.drain(..));
        if last && chunk.buffer.last().is_some_and(|&b| b != newline) {
            chunk.buffer.push(newline);
        }
        if !chunk.ascii && order.encoding.is_none() {
            let found = self.forced.unwrap_or_else(|| Encoding::of_lines(&chunk.buffer));
            order.encoding = Some(found);
        }
        chunk.start = 0;
        if chunk.quotes {
            self.cut_quoted(chunk, last);
        } else {
            let end = survey.last_newline.map_or(0, |at| carried + at + 1);
            chunk.end = if last { chunk.buffer.len() } else { end };
        }
        order.line += if chunk.quotes {
            memchr::memchr_iter(newline, &chunk.buffer[..chunk.end]).count() as u64
        } else {
            survey.newlines
        };
        order.carry.extend_from_slice(&chunk.buffer[chunk.end..]);
        if order.carry.len() > MAX_ROW {
            chunk.broken.push(self.broken(order.line, &order.carry));
            order.skipping = Some(order.line);
            order.carry.clear();
        }
        if !order.header_passed && chunk.end > 0 {
            order.header_passed = true;
            self.pass_header(chunk);
        }
    }

    /// Drops the rest of a row that is too long.
    fn skip(&self, order: &mut Order, chunk: &mut Chunk, line: u64, last: bool) {
        (chunk.start, chunk.end, chunk.ascii, chunk.quotes) = (0, 0, true, false);
        if let Some(end) = memchr::memchr(self.sniffed.format.newline, &chunk.buffer) {
            order.skipping = None;
            order.line = line + 1;
            chunk.buffer.drain(..=end);
            let survey = self.survey(&chunk.buffer);
            self.join(order, chunk, &survey);
        } else if last {
            order.skipping = None;
        }
    }

    /// Cuts a chunk with quotes, and blanks the first line of each row whose quote never closes.
    fn cut_quoted(&self, chunk: &mut Chunk, last: bool) {
        let (newline, separator) = (self.sniffed.format.newline, self.sniffed.format.separator);
        let quoting = Quoting { separator, newline };
        let mut from = 0;
        loop {
            let cut = quotes::last_row_end(&chunk.buffer, from, quoting, MAX_ROW);
            chunk.end = cut.end;
            let open = match cut.open {
                Some(row) if last || chunk.buffer.len() - row > MAX_ROW => row,
                _ => return,
            };
            let rest = &chunk.buffer[open..];
            let length = memchr::memchr(newline, rest).map_or(rest.len(), |at| at + 1);
            let lines = |text: &[u8]| memchr::memchr_iter(newline, text).count() as u64;
            let line = chunk.line + lines(&chunk.buffer[..open]);
            chunk.broken.push(self.broken(line, &rest[..length]));
            chunk.swallowed += lines(rest).saturating_sub(1);
            for byte in chunk.buffer[open..open + length].iter_mut().filter(|b| **b != newline) {
                *byte = b' ';
            }
            from = open + length;
            chunk.end = from;
        }
    }

    fn broken(&self, line: u64, text: &[u8]) -> Reject {
        let what = if text.contains(&b'"') { "a quote that never closes: " } else { "too long: " };
        let mut value = what.as_bytes().to_vec();
        value.extend_from_slice(&text[..text.len().min(100)]);
        let fault = Fault { column: "", reason: Reason::BadRow };
        Reject::new(self.file.number, line, fault, value.trim_ascii_end())
    }

    /// Begins the first chunk after its header.
    fn pass_header(&self, chunk: &mut Chunk) {
        let newline = self.sniffed.format.newline;
        let (separator, text) = (self.sniffed.format.separator, &chunk.buffer[..chunk.end]);
        let end = quotes::first_row_end(text, Quoting { separator, newline });
        chunk.line += memchr::memchr_iter(newline, &text[..end]).count() as u64;
        chunk.start = end;
    }
}

fn unreadable(file: &InputFile, error: std::io::Error) -> Error {
    use std::io::ErrorKind::{InvalidData, InvalidInput, Other};
    let damaged = matches!(error.kind(), InvalidData | InvalidInput | Other);
    let failed = Error::read(&file.path, error);
    match file.packing {
        Packing::Gzip if damaged => {
            failed.hint("this is not gzip, or it is damaged: copy or export it again")
        }
        Packing::Zstd if damaged => {
            failed.hint("this is not zstd, or it is damaged: copy or export it again")
        }
        _ => failed,
    }
}

/// Unpacks on a thread of its own, a few blocks ahead.
fn stream(
    mut text: impl Read + Send + 'static,
    recode: Option<Encoding>,
) -> Receiver<std::io::Result<Vec<u8>>> {
    let (sender, receiver) = sync_channel(8);
    std::thread::spawn(move || {
        let mut text: Box<dyn Read> = match recode {
            Some(encoding) => Box::new(text::Utf16Reader::new(text, encoding)),
            None => Box::new(&mut text),
        };
        loop {
            let mut block = Vec::with_capacity(BLOCK);
            let read = text.by_ref().take(BLOCK as u64).read_to_end(&mut block);
            let ended = read.is_err() || block.len() < BLOCK;
            if sender.send(read.map(|_| block)).is_err() || ended {
                return;
            }
        }
    });
    receiver
}

#[cfg(unix)]
fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> std::io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, buffer, offset)
}

#[cfg(windows)]
fn read_at(file: &File, mut buffer: &mut [u8], mut offset: u64) -> std::io::Result<()> {
    while !buffer.is_empty() {
        let got = std::os::windows::fs::FileExt::seek_read(file, buffer, offset)?;
        if got == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        buffer = &mut buffer[got..];
        offset += got as u64;
    }
    Ok(())
}

/// Counts the bytes that were read of a packed file.
struct Counted {
    file: File,
    count: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let got = self.file.read(buffer)?;
        self.count.fetch_add(got as u64, Ordering::Relaxed);
        Ok(got)
    }
}
