//! Pseudonyms: what a person is called where their number is nobody's business.
//!
//! A pseudonym is the HMAC-SHA-256 (RFC 2104) of an id under a key, cut to 128 bits. Without the
//! key nobody can try numbers out, few as there are. Rows get them as they are read, so that no
//! table and no message of a run knows anything else. Cost: two blocks of SHA-256 a row.

use crate::base::error::Result;
use crate::base::problem::Problem;
use hmac::{Hmac, Mac};
use sha2::Sha256;

/// A `p`, so that no spreadsheet takes it for a number, and 32 hexadecimal digits.
pub type Pseudonym = [u8; 33];

/// Room for one.
pub(in crate::ingest) const NO_PSEUDONYM: Pseudonym = [0; 33];

/// The fewest bytes of a key: half as many as SHA-256 gives.
const SHORTEST_KEY: usize = 16;

/// Gives out pseudonyms: under one key to one id always the same one.
#[derive(Clone)]
pub struct Pseudonyms(Hmac<Sha256>);

/// The key is not shown.
impl std::fmt::Debug for Pseudonyms {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Pseudonyms")
    }
}

impl Pseudonyms {
    /// Under a key, the blanks around which do not count: an editor may have left a line end.
    ///
    /// # Errors
    /// When the key is shorter than 16 bytes.
    ///
    /// ```
    /// use trace::ingest::Pseudonyms;
    /// let pseudonyms = Pseudonyms::new(b"a key of many letters").expect("long enough");
    /// assert_eq!(&pseudonyms.of(b"13800001234")[..9], b"pda7d13dc");
    /// ```
    pub fn new(key: &[u8]) -> Result<Pseudonyms> {
        let key = key.trim_ascii();
        if key.len() < SHORTEST_KEY {
            return Err(Problem::KeyTooShort { bytes: key.len(), least: SHORTEST_KEY }.into());
        }
        Ok(Pseudonyms(Hmac::new_from_slice(key).expect("a key of any length is one")))
    }

    /// The pseudonym of an id.
    pub fn of(&self, id: &[u8]) -> Pseudonym {
        let digest = self.0.clone().chain_update(id).finalize().into_bytes();
        let mut pseudonym = [b'p'; 33];
        let digits = |byte: u8| [byte >> 4, byte & 15];
        for (place, digit) in pseudonym[1..].iter_mut().zip(digest.into_iter().flat_map(digits)) {
            *place = b"0123456789abcdef"[usize::from(digit)];
        }
        pseudonym
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_those_of_rfc_4231() {
        // Test case 3 of the RFC: a key of 20 bytes 0xaa, 50 bytes 0xdd.
        let pseudonyms = Pseudonyms::new(&[0xaa; 20]).unwrap();
        let expected = b"p773ea91e36800e46854db8ebd09181a7";
        assert_eq!(&pseudonyms.of(&[0xdd; 50]), expected);
        assert!(Pseudonyms::new(b"  too short         \n").is_err());
    }
}
