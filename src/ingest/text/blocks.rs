//! A file as chunks of whole rows, for any number of workers at once.
//!
//! Each worker takes the next block, reads and surveys it on its own, and then waits its turn to
//! join it to what the block before left over. Only that joining is in order, and it is short: it
//! looks at bytes again only where there are quotes that are not tidy. So the rows, their line
//! numbers and the file's encoding never depend on how many workers there are. Packed files are
//! unpacked on a thread of their own. Cost: one copy of the file through a buffer; memory: a block
//! and a row for each worker.

use crate::base::error::{Error, Result};
use crate::ingest::account::{FileAccount, Tally};
use crate::ingest::header::layout::Layout;
use crate::ingest::header::sample::Sample;
use crate::ingest::input::InputFile;
use crate::ingest::names::Packing;
use crate::ingest::read_at::read_at;
use crate::ingest::rejects::{Fault, Reason, Reject};
use crate::ingest::settings::Settings;
use crate::ingest::text::cell_ends::Find;
use crate::ingest::text::chunk::Chunk;
use crate::ingest::text::encoding::Encoding;
use crate::ingest::text::order::Order;
use crate::ingest::text::quotes::{MAX_ROW, RowEnd};
use crate::ingest::text::sniff::{Format, Sniffed};
use crate::ingest::text::unpack::{Blocks, Counted, stream, unpack, unreadable};
use crate::ingest::text::{quotes, sniff};
use std::fs::File;
use std::io::{Cursor, Read};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};

/// Bytes of a block.
const BLOCK: usize = 1 << 18;
const _: () = assert!(BLOCK <= MAX_ROW, "a row within a block is not too long");

/// How often a worker looks whether it is its turn before it sleeps: some ten microseconds.
const PATIENCE: usize = 1 << 9;

/// A file that is being read.
pub struct FileReader {
    file: InputFile,
    sniffed: Sniffed,
    pub(super) layout: Layout,
    forced: Option<Encoding>,
    source: Source,
    order: Mutex<Order>,
    turn: Condvar,
    /// Blocks joined. Changes under the lock, and is looked at without it, too.
    joined: AtomicU64,
    packed_bytes: Arc<AtomicU64>,
    told_bytes: AtomicU64,
}

enum Source {
    /// Any block can be read at any time, as long as the file is open.
    Plain,
    /// Blocks come in order, from a thread.
    Stream(Mutex<Blocks>),
}

impl FileReader {
    /// Opens a file and reads its header.
    ///
    /// # Errors
    /// An input error when it cannot be read, is no text, or lacks a column.
    pub fn open(file: &InputFile, settings: &Settings) -> Result<FileReader> {
        let raw = File::open(&file.path).map_err(|e| Error::read(&file.path, e))?;
        let forced = settings.encoding;
        let packed_bytes = Arc::new(AtomicU64::new(0));
        let counted = Counted::new(raw, Arc::clone(&packed_bytes));
        let mut unpacked = unpack(file, counted, settings.most_unpacked)?;
        let mut sample = Vec::new();
        unpacked
            .by_ref()
            .take(sniff::SAMPLE as u64)
            .read_to_end(&mut sample)
            .map_err(|e| unreadable(file, e))?;
        let (mut sniffed, text) = sniff::sniff(&sample, file, forced, &settings.aliases)?;
        let first_rows = Sample::new(|| sniff::first_rows(&text, sniffed.format.separator));
        let mut layout = Layout::new(
            file.table,
            &sniffed.header,
            settings,
            &format!("`{}`", file.name),
            &first_rows,
        )?;
        drop(first_rows);
        layout.notes.append(&mut sniffed.notes);
        let wide = [Encoding::Utf16Le, Encoding::Utf16Be];
        let recode = sniffed.encoding.filter(|encoding| wide.contains(encoding));
        let mut plain = None;
        let source = if file.packing == Packing::Plain && recode.is_none() {
            plain = Some(Arc::new(File::open(&file.path).map_err(|e| Error::read(&file.path, e))?));
            Source::Plain
        } else {
            let all = Cursor::new(sample.split_off(sniffed.mark)).chain(unpacked);
            let blocks = stream(all, recode, BLOCK).map_err(|e| Error::read(&file.path, e))?;
            Source::Stream(Mutex::new(blocks))
        };
        let order = Order {
            file: plain,
            offset: sniffed.mark as u64,
            handed: 0,
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
            forced: forced.filter(|encoding| !wide.contains(encoding)),
            source,
            order: Mutex::new(order),
            turn: Condvar::new(),
            joined: AtomicU64::new(0),
            packed_bytes,
            told_bytes: AtomicU64::new(0),
        })
    }

    /// How rows are cut.
    pub fn format(&self) -> Format {
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
            unchecked: false,
            tally,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Order> {
        self.order.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Fills `chunk` with the next rows; `None` after the last. Returns how many bytes on disk were
    /// read for it. Cells of the block are found if `detail` says so.
    ///
    /// # Errors
    /// An input error when reading or unpacking fails.
    pub fn next(&self, chunk: &mut Chunk, detail: Find) -> Result<Option<u64>> {
        let Some((ticket, bytes)) = self.read_block(chunk)? else { return Ok(None) };
        let format = self.sniffed.format;
        chunk.structure.find(&chunk.block, format.separator, format.newline, detail);
        chunk.tidy = chunk.structure.quotes && {
            if detail == Find::Lines {
                let cells = Find::Cells;
                chunk.structure.find(&chunk.block, format.separator, format.newline, cells);
            }
            chunk.structure.unquote(&chunk.block, format.newline)
        };
        // The block before is nearly always as good as joined: sleeping would take longer.
        for _ in 0..PATIENCE {
            if self.joined.load(Ordering::Acquire) == ticket {
                break;
            }
            std::hint::spin_loop();
        }
        let mut order = self.lock();
        while self.joined.load(Ordering::Acquire) != ticket && !order.failed {
            order = self.turn.wait(order).unwrap_or_else(std::sync::PoisonError::into_inner);
        }
        self.join(&mut order, chunk);
        self.joined.store(ticket + 1, Ordering::Release);
        let encoding = order.encoding;
        drop(order);
        self.turn.notify_all();
        if encoding == Some(Encoding::Gb18030) && !chunk.ascii {
            let text = chunk.text();
            let (decoded, _) = encoding_rs::GB18030.decode_without_bom_handling(&text);
            chunk.head.clear();
            chunk.head.extend_from_slice(decoded.as_bytes());
            chunk.body = 0..0;
            chunk.tail.clear();
        }
        Ok(Some(bytes))
    }

    /// Takes a ticket and reads the block it stands for. A block shorter than [`BLOCK`] is the
    /// last.
    fn read_block(&self, chunk: &mut Chunk) -> Result<Option<(u64, u64)>> {
        match &self.source {
            Source::Plain => {
                let (ticket, offset, file) = {
                    let mut order = self.lock();
                    let Some(file) = order.file.clone().filter(|_| !order.ended && !order.failed)
                    else {
                        return Ok(None);
                    };
                    let offset = order.offset;
                    order.offset += BLOCK as u64;
                    order.ended = order.offset >= self.file.bytes;
                    order.handed += 1;
                    if order.ended {
                        order.file = None;
                    }
                    (order.handed - 1, offset, file)
                };
                let length = self.file.bytes.saturating_sub(offset).min(BLOCK as u64) as usize;
                chunk.block.resize(length, 0);
                read_at(&file, &mut chunk.block, offset).map_err(|e| self.fail(e))?;
                Ok(Some((ticket, length as u64)))
            }
            Source::Stream(blocks) => {
                let blocks = blocks.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                if self.lock().ended || self.lock().failed {
                    return Ok(None);
                }
                chunk.block = match blocks.recv() {
                    Ok(block) => block.map_err(|e| self.fail(e))?,
                    // It sends a last block before it ends.
                    Err(_) => {
                        let ended = "the thread that unpacks it has ended";
                        return Err(self.fail(std::io::Error::other(ended)));
                    }
                };
                let mut order = self.lock();
                order.ended = chunk.block.len() < BLOCK;
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

    /// Joins a block to the carry, cuts it after its last whole row, and keeps the rest as carry.
    fn join(&self, order: &mut Order, chunk: &mut Chunk) {
        let last = order.ended && self.joined.load(Ordering::Acquire) + 1 == order.handed;
        chunk.head.clear();
        chunk.tail.clear();
        chunk.broken.clear();
        chunk.body = 0..0;
        let from = match order.skipping {
            Some(line) => match self.skip(order, chunk, line, last) {
                Some(from) => from,
                None => return,
            },
            None => 0,
        };
        chunk.line = order.line;
        let carry_plain = order.carry.is_ascii() && memchr::memchr(0, &order.carry).is_none();
        chunk.ascii = chunk.structure.ascii && carry_plain;
        chunk.quotes = chunk.structure.quotes || memchr::memchr(b'"', &order.carry).is_some();
        if chunk.quotes {
            // Of a header below other lines more than the first is to be passed.
            let one = order.header_passed || self.sniffed.header_lines == 1;
            if from > 0 || !chunk.tidy || !one || !self.join_tidy(order, chunk, last) {
                self.join_quoted(order, chunk, from, last);
            }
        } else {
            self.join_plain(order, chunk, from, last);
        }
        if !chunk.ascii && order.encoding.is_none() {
            // What is left over speaks for itself in the next chunk, with the rest of its row.
            let text = chunk.text();
            if !text.is_ascii() {
                let neighbours = || self.file.context.encoding();
                let found = || Encoding::of_lines(&text, neighbours);
                order.encoding = Some(self.forced.unwrap_or_else(found));
            }
        }
        if order.carry.len() > MAX_ROW {
            chunk.broken.push(self.too_long(order));
            order.skipping = Some(order.line);
            order.carry.clear();
        }
        if !order.header_passed && (!chunk.head.is_empty() || !chunk.body.is_empty()) {
            order.header_passed = true;
            self.pass_header(chunk);
        }
    }

    /// Where there is no quote, rows end at line ends, and the block stays where it is.
    fn join_plain(&self, order: &mut Order, chunk: &mut Chunk, from: usize, last: bool) {
        let newlines = chunk.structure.newlines();
        let newlines = &newlines[newlines.partition_point(|&at| (at as usize) < from)..];
        let Some((&first, &end)) = newlines.first().zip(newlines.last()) else {
            order.carry.extend_from_slice(&chunk.block[from..]);
            if last && !order.carry.is_empty() {
                chunk.head.append(&mut order.carry);
                chunk.head.push(self.sniffed.format.newline);
            }
            return;
        };
        order.line += newlines.len() as u64;
        let (first, end) = (first as usize + 1, end as usize + 1);
        chunk.body = from..end;
        if !order.carry.is_empty() {
            chunk.head.append(&mut order.carry);
            chunk.head.extend_from_slice(&chunk.block[from..first]);
            chunk.body.start = first;
        }
        let rest = &chunk.block[end..];
        if last && !rest.is_empty() {
            chunk.tail.extend_from_slice(rest);
            chunk.tail.push(self.sniffed.format.newline);
        } else {
            order.carry.extend_from_slice(rest);
        }
    }

    /// Where all whole lines but the first are rows, quoted or not, only the first is looked at.
    /// `false` when it is not the end of a row.
    fn join_tidy(&self, order: &mut Order, chunk: &mut Chunk, last: bool) -> bool {
        let newlines = chunk.structure.newlines();
        let Some((&first, &end)) = newlines.first().zip(newlines.last()) else { return false };
        let (first, end) = (first as usize + 1, end as usize + 1);
        if last && end < chunk.block.len() {
            return false;
        }
        let carried = order.carry.len();
        chunk.head.append(&mut order.carry);
        chunk.head.extend_from_slice(&chunk.block[..first]);
        let Format { newline, .. } = self.sniffed.format;
        let quoting = self.sniffed.format.quoting(&self.layout);
        if quotes::row_end(&chunk.head, 0, quoting, false) != RowEnd::Whole(chunk.head.len()) {
            order.carry.extend_from_slice(&chunk.head[..carried]);
            chunk.head.clear();
            return false;
        }
        order.line += memchr::memchr_iter(newline, &chunk.head).count() as u64;
        order.line += newlines.len() as u64 - 1;
        chunk.body = first..end;
        order.carry.extend_from_slice(&chunk.block[end..]);
        true
    }

    /// Where there are quotes, every cell is looked at to find where rows end.
    fn join_quoted(&self, order: &mut Order, chunk: &mut Chunk, from: usize, last: bool) {
        let newline = self.sniffed.format.newline;
        chunk.head.append(&mut order.carry);
        chunk.head.extend_from_slice(&chunk.block[from..]);
        if last && chunk.head.last().is_some_and(|&b| b != newline) {
            chunk.head.push(newline);
        }
        let quoting = self.sniffed.format.quoting(&self.layout);
        let end = quotes::last_row_end(&chunk.head, quoting, last);
        order.line += memchr::memchr_iter(newline, &chunk.head[..end]).count() as u64;
        order.carry.extend_from_slice(&chunk.head[end..]);
        chunk.head.truncate(end);
    }

    /// Drops the rest of a row that is too long; the block goes on at the position returned.
    fn skip(&self, order: &mut Order, chunk: &mut Chunk, line: u64, last: bool) -> Option<usize> {
        (chunk.line, chunk.ascii, chunk.quotes) = (line, true, false);
        let end = chunk.structure.newlines().first().map(|&at| at as usize + 1);
        if end.is_some() {
            order.line = line + 1;
        }
        if end.is_some() || last {
            order.skipping = None;
        }
        end
    }

    /// The reject of a row that is too long to be looked at.
    fn too_long(&self, order: &Order) -> Reject {
        let begins = &order.carry[..100];
        let begins = match order.encoding {
            Some(Encoding::Gb18030) => encoding_rs::GB18030.decode_without_bom_handling(begins).0,
            _ => String::from_utf8_lossy(begins),
        };
        let fault = Fault { column: "", reason: Reason::BadRow };
        Reject::new(self.file.number, order.line, fault, format!("too long: {begins}").as_bytes())
    }

    /// Begins the first chunk after its header.
    fn pass_header(&self, chunk: &mut Chunk) {
        let of_head = !chunk.head.is_empty();
        let text = if of_head { &chunk.head[..] } else { &chunk.block[chunk.body.clone()] };
        let lines = self.sniffed.header_lines;
        let last = memchr::memchr_iter(self.sniffed.format.newline, text).nth(lines - 1);
        let end = last.map_or(text.len(), |at| at + 1);
        chunk.line += lines as u64;
        if of_head {
            chunk.head.drain(..end);
        } else {
            chunk.body.start += end;
        }
    }
}
