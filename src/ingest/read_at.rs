//! Bytes from a position of a file, for many threads at once.

use std::fs::File;

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
