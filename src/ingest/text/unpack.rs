//! Packed texts: unpacked on a thread of their own.

use crate::base::error::{Error, Result};
use crate::base::problem::Problem;
use crate::ingest::input::InputFile;
use crate::ingest::names::Packing;
use crate::ingest::text::encoding::{Encoding, Utf16Reader};
use std::fs::File;
use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, sync_channel};

/// The error of a file that cannot be read or unpacked.
pub fn unreadable(file: &InputFile, error: std::io::Error) -> Error {
    use std::io::ErrorKind::{InvalidData, InvalidInput, Other};
    let damaged = matches!(error.kind(), InvalidData | InvalidInput | Other);
    if let Some(TooFar(most)) = error.get_ref().and_then(|inner| inner.downcast_ref()) {
        return Problem::UnpacksTooFar { file: format!("`{}`", file.name), most: *most }.into();
    }
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
) -> io::Result<Blocks> {
    let (sender, receiver) = sync_channel(8);
    std::thread::Builder::new().spawn(move || {
        let mut text: Box<dyn Read> = match recode {
            Some(encoding) => Box::new(Utf16Reader::new(text, encoding)),
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
    })?;
    Ok(receiver)
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

/// Texts up to so many bytes may be packed as densely as can be.
const LARGE: u64 = 1 << 30;

/// A text that is longer than its packed form can be believed to hold.
#[derive(Debug, thiserror::Error)]
#[error("it unpacks to more than {0} times its size")]
struct TooFar(u64);

/// A text up to so many bytes.
struct Bounded<R> {
    text: R,
    left: u64,
    most: u64,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let got = self.text.read(buffer)?;
        let left = self.left.checked_sub(got as u64);
        self.left = left.ok_or_else(|| io::Error::other(TooFar(self.most)))?;
        Ok(got)
    }
}

/// A packed file as a stream of its text, which may be `most` times as long.
///
/// # Errors
/// An input error when it is not packed as its name says.
pub fn unpack(
    file: &InputFile,
    raw: impl Read + Send + 'static,
    most: u64,
) -> Result<Box<dyn Read + Send>> {
    let left = file.bytes.saturating_mul(most).max(LARGE);
    let raw = io::BufReader::with_capacity(1 << 17, raw);
    Ok(match file.packing {
        Packing::Gzip => {
            Box::new(Bounded { text: flate2::bufread::MultiGzDecoder::new(raw), left, most })
        }
        Packing::Zstd => {
            let text = zstd::stream::read::Decoder::with_buffer(raw);
            Box::new(Bounded { text: text.map_err(|e| Error::read(&file.path, e))?, left, most })
        }
        Packing::Plain | Packing::Parquet | Packing::Workbook => Box::new(raw),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::contract::Table;
    use std::path::Path;

    #[test]
    fn a_text_that_is_far_too_long_is_an_error_that_says_so() {
        let read = |left: u64| {
            let mut text = Vec::new();
            let mut bounded = Bounded { text: &b"0123456789"[..], left, most: 7 };
            bounded.read_to_end(&mut text).map(|_| text)
        };
        assert_eq!(read(10).unwrap(), b"0123456789");
        let file = InputFile::new(
            "cases.csv.zst".to_owned(),
            Path::new("cases.csv.zst"),
            (Packing::Zstd, None),
            Table::Cases,
        );
        let error = unreadable(&file, read(9).unwrap_err());
        assert!(matches!(error.problem(), Problem::UnpacksTooFar { most: 7, .. }), "{error}");
        assert_eq!(error.exit_code(), 3);
    }
}
