//! Where the bytes of a file come from: positions of a plain file, or a thread that unpacks.

use super::folder::{InputFile, Packing};
use super::text::{self, Encoding};
use crate::error::Error;
use std::fs::File;
use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, sync_channel};

/// The error of a file that cannot be read or unpacked.
pub fn unreadable(file: &InputFile, error: std::io::Error) -> Error {
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

/// Blocks of a text in order; one shorter than the others is the last.
pub type Blocks = Receiver<std::io::Result<Vec<u8>>>;

/// Unpacks on a thread of its own, a few blocks of `block_bytes` ahead.
pub fn stream(
    mut text: impl Read + Send + 'static,
    recode: Option<Encoding>,
    block_bytes: usize,
) -> Blocks {
    let (sender, receiver) = sync_channel(8);
    std::thread::spawn(move || {
        let mut text: Box<dyn Read> = match recode {
            Some(encoding) => Box::new(text::Utf16Reader::new(text, encoding)),
            None => Box::new(&mut text),
        };
        loop {
            let mut block = Vec::with_capacity(block_bytes);
            let read = text.by_ref().take(block_bytes as u64).read_to_end(&mut block);
            let ended = read.is_err() || block.len() < block_bytes;
            if sender.send(read.map(|_| block)).is_err() || ended {
                return;
            }
        }
    });
    receiver
}

/// Fills a buffer from a position of a file.
#[cfg(unix)]
pub fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> std::io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, buffer, offset)
}

#[cfg(windows)]
pub fn read_at(file: &File, mut buffer: &mut [u8], mut offset: u64) -> std::io::Result<()> {
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
pub struct Counted {
    file: File,
    count: Arc<AtomicU64>,
}

impl Counted {
    /// Reads `file` and adds to `count`.
    pub fn new(file: File, count: Arc<AtomicU64>) -> Counted {
        Counted { file, count }
    }
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let got = self.file.read(buffer)?;
        self.count.fetch_add(got as u64, Ordering::Relaxed);
        Ok(got)
    }
}
