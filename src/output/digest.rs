//! The SHA-256 of what is written, on the way.
//!
//! Cost: that of SHA-256, a gigabyte a second and more.

use crate::base::error::{Error, Result};
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

/// A writer that digests what goes to another.
pub struct Digesting<W> {
    to: W,
    digest: Sha256,
    bytes: u64,
}

impl<W: Write> Digesting<W> {
    /// Nothing written yet.
    pub fn new(to: W) -> Digesting<W> {
        Digesting { to, digest: Sha256::new(), bytes: 0 }
    }

    /// The other writer, how many bytes went to it, and their SHA-256 in hexadecimal.
    pub fn finish(self) -> (W, u64, String) {
        let digest: String = self.digest.finalize().iter().map(|b| format!("{b:02x}")).collect();
        (self.to, self.bytes, digest)
    }
}

impl<W: Write> Write for Digesting<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.to.write(bytes)?;
        self.digest.update(&bytes[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

/// The size of a file and its SHA-256 in hexadecimal.
///
/// # Errors
/// When it cannot be read.
pub fn digest_of(path: &Path) -> Result<(u64, String)> {
    let mut digest = Digesting::new(io::sink());
    let copied = File::open(path).and_then(|mut file| io::copy(&mut file, &mut digest));
    copied.map_err(|e| Error::read(path, e))?;
    let (_, bytes, sha256) = digest.finish();
    Ok((bytes, sha256))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_of_abc_is_that_of_the_standard() {
        let mut digesting = Digesting::new(Vec::new());
        digesting.write_all(b"a").unwrap();
        digesting.write_all(b"bc").unwrap();
        let (written, bytes, digest) = digesting.finish();
        assert_eq!((written, bytes), (b"abc".to_vec(), 3));
        assert_eq!(digest, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
