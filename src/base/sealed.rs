//! Lines of JSON with the SHA-256 of all of them at the end: files that are whole, or an error.
//!
//! Pure: texts in, texts out. Cost: the hash of the text.

use super::error::{Error, Result};
use super::problem::Problem;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct End {
    sha256: String,
}

/// Adds a line.
pub fn line(value: &impl Serialize, out: &mut Vec<u8>) {
    serde_json::to_writer(&mut *out, value).expect("memory takes all");
    out.push(b'\n');
}

/// The SHA-256 of a text.
pub fn hash(text: &[u8]) -> String {
    Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Ends a text with its hash, which is returned.
///
/// ```
/// use trace::base::sealed::{line, opened, seal};
/// let mut text = Vec::new();
/// line(&"a case", &mut text);
/// let hash = seal(&mut text);
/// assert_eq!(opened(&text).unwrap(), (&b"\"a case\"\n"[..], hash));
/// text[3] ^= 1;
/// assert!(opened(&text).is_err());
/// ```
pub fn seal(text: &mut Vec<u8>) -> String {
    let sha256 = hash(text);
    line(&End { sha256: sha256.clone() }, text);
    sha256
}

/// What stands before the hash, and the hash.
///
/// # Errors
/// When it is damaged or cut short.
pub fn opened(text: &[u8]) -> Result<(&[u8], String)> {
    let last = text.strip_suffix(b"\n").and_then(|text| memchr::memrchr(b'\n', text));
    let (body, end) = text.split_at(last.map_or(0, |at| at + 1));
    let hash = hash(body);
    match serde_json::from_slice(end) {
        Ok(End { sha256 }) if sha256 == hash => Ok((body, hash)),
        _ => Err(Problem::IndexDamaged.into()),
    }
}

/// The lines of a text.
#[derive(Debug, Clone)]
pub struct Lines<'t> {
    /// What was not read yet.
    pub rest: &'t [u8],
    line: usize,
}

impl<'t> Lines<'t> {
    /// Of a text, from its first line on.
    pub fn new(text: &'t [u8]) -> Lines<'t> {
        Lines { rest: text, line: 0 }
    }

    /// The next line.
    ///
    /// # Errors
    /// When it is not of this form, or there is none.
    pub fn read<T: Deserialize<'t>>(&mut self) -> Result<T> {
        self.line += 1;
        let end = memchr::memchr(b'\n', self.rest).unwrap_or(self.rest.len());
        let (text, rest) = self.rest.split_at(end);
        self.rest = rest.get(1..).unwrap_or_default();
        serde_json::from_slice(text).map_err(|error| self.bad(&error.to_string()))
    }

    /// What is wrong with the line that was read last.
    pub fn bad(&self, what: &str) -> Error {
        Problem::IndexWrong { line: self.line, what: what.to_owned() }.into()
    }
}
