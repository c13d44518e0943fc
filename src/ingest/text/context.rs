//! The encoding of the other files of a folder, for a file whose own bytes leave it open.
//!
//! The words 学校 in GBK are letters in UTF-8: a file with nothing else is what its neighbours are.
//! Cost: nothing, until a file asks; then the beginning of each text of the folder, once.

use crate::ingest::names::Packing;
use crate::ingest::text::encoding::{Encoding, Signs};
use std::fs::File;
use std::io::Read;
use std::path::PathBuf;
use std::sync::OnceLock;

/// How much of each file is looked at.
const SAMPLE: u64 = 1 << 16;

/// The texts of a folder.
#[derive(Debug, Default)]
pub struct Context {
    files: Vec<(PathBuf, Packing)>,
    found: OnceLock<Option<Encoding>>,
}

impl Context {
    /// Of some files.
    pub fn new(files: Vec<(PathBuf, Packing)>) -> Context {
        Context { files, found: OnceLock::new() }
    }

    /// The encoding of those files of which there is no doubt, if they are of one.
    pub fn encoding(&self) -> Option<Encoding> {
        *self.found.get_or_init(|| {
            let sure = self.files.iter().filter_map(|(path, packing)| {
                // Where a file cannot be read, that is said when its turn comes.
                let text = beginning(path, *packing).ok()?;
                Signs::of(&text).settled()
            });
            let mut sure: Vec<Encoding> = sure.collect();
            sure.dedup();
            match sure[..] {
                [only] => Some(only),
                _ => None,
            }
        })
    }
}

/// The first bytes of a text, unpacked.
fn beginning(path: &PathBuf, packing: Packing) -> std::io::Result<Vec<u8>> {
    let (file, mut text) = (File::open(path)?, Vec::new());
    let unpacked: Box<dyn Read> = match packing {
        Packing::Gzip => Box::new(flate2::read::MultiGzDecoder::new(file)),
        Packing::Zstd => Box::new(zstd::stream::read::Decoder::new(file)?),
        _ => Box::new(file),
    };
    unpacked.take(SAMPLE).read_to_end(&mut text)?;
    Ok(text)
}
