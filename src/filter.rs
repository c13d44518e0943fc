//! A quick no: is this identifier one of a few among very many strangers?
//!
//! One bit a key in sixteen times as many bits, behind a hash of a few instructions. It may say yes to
//! a stranger, one time in some twenty; it never says no to a key. Cost: 2 to 4 bytes a key, and 8 KiB
//! at least, which a processor has room for.

/// A hash of an identifier: its length and all its bytes.
///
/// Not seeded: a crafted export could slow its own analysis down, and nothing else.
#[inline]
pub fn fingerprint(id: &[u8]) -> u64 {
    const MIX: u64 = 0x9e37_79b9_7f4a_7c15;
    let fold = |hash: u64, word: u64| {
        let wide = u128::from(hash ^ word) * u128::from(MIX);
        (wide as u64) ^ (wide >> 64) as u64
    };
    let eight = |at: usize| {
        let bytes = id[at..at + 8].try_into().expect("eight bytes");
        u64::from_le_bytes(bytes)
    };
    let four = |at: usize| {
        let bytes = id[at..at + 4].try_into().expect("four bytes");
        u64::from(u32::from_le_bytes(bytes))
    };
    let length = id.len();
    let mut hash = (length as u64).wrapping_mul(MIX);
    // The last words overlap those before, so that no length needs a loop over bytes.
    match length {
        0 => {}
        1..=3 => {
            let word = u64::from(id[0]) | u64::from(id[length / 2]) << 8;
            hash = fold(hash, word | u64::from(id[length - 1]) << 16);
        }
        4..=8 => hash = fold(hash, four(0) | four(length - 4) << 32),
        _ => {
            let mut at = 0;
            while at + 8 < length {
                hash = fold(hash, eight(at));
                at += 8;
            }
            hash = fold(hash, eight(length - 8));
        }
    }
    hash
}

/// The bits.
#[derive(Debug, Clone)]
pub struct Filter {
    words: Vec<u64>,
    shift: u32,
}

impl Filter {
    /// An empty filter for about `keys` keys.
    pub fn new(keys: usize) -> Filter {
        let bits = (keys * 16).max(1 << 16).next_power_of_two();
        Filter { words: vec![0; bits / 64], shift: 64 - bits.trailing_zeros() }
    }

    #[inline]
    fn bit(&self, key: u64) -> (usize, u64) {
        let bit = key >> self.shift;
        ((bit / 64) as usize, 1 << (bit % 64))
    }

    /// Adds a fingerprint.
    pub fn add(&mut self, key: u64) {
        let (word, bit) = self.bit(key);
        self.words[word] |= bit;
    }

    /// `false` when the fingerprint was never added.
    #[inline]
    pub fn may_have(&self, key: u64) -> bool {
        let (word, bit) = self.bit(key);
        self.words[word] & bit != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn keys_are_found_and_few_strangers() {
        for keys in [1usize, 500, 40_000] {
            let mut filter = Filter::new(keys);
            (0..keys).for_each(|n| filter.add(fingerprint(format!("P{n:07}").as_bytes())));
            assert!((0..keys).all(|n| filter.may_have(fingerprint(format!("P{n:07}").as_bytes()))));
            let strangers = (keys..keys + 100_000)
                .filter(|n| filter.may_have(fingerprint(format!("P{n:07}").as_bytes())))
                .count();
            assert!(strangers < 10_000, "{strangers} of 100000 pass a filter of {keys}");
        }
    }

    #[test]
    fn every_byte_and_the_length_count() {
        let mut seen = HashSet::new();
        for length in 0..40 {
            assert!(seen.insert(fingerprint(&vec![b'a'; length])));
            for at in 0..length {
                let mut id = vec![b'a'; length];
                id[at] = b'b';
                assert!(seen.insert(fingerprint(&id)), "byte {at} of {length}");
            }
        }
    }
}
