//! Text once, numbers everywhere: an arena of distinct strings.
//!
//! Numbers are dense and in order of first sight. Cost: the text, 4 bytes an end, about 5 bytes of
//! table; O(1) a look-up. The hash is seeded at random: identifiers come from strangers.

use hashbrown::hash_table::Entry;
use hashbrown::{DefaultHashBuilder, HashTable};
use std::hash::BuildHasher;

/// Strings behind each other, numbered from 0.
#[derive(Debug, Clone, Default)]
pub struct Texts {
    text: Vec<u8>,
    ends: Vec<u32>,
}

impl Texts {
    /// Appends a string; its number. Panics past 4 GiB of text.
    pub fn push(&mut self, text: &[u8]) -> u32 {
        let number = u32::try_from(self.ends.len()).expect("fewer than 2^32 identifiers");
        self.text.extend_from_slice(text);
        self.ends.push(u32::try_from(self.text.len()).expect("less than 4 GiB of identifiers"));
        number
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The bytes of a string. Panics when no string has the number.
    #[inline]
    pub fn bytes(&self, number: u32) -> &[u8] {
        let number = number as usize;
        let start = if number == 0 { 0 } else { self.ends[number - 1] as usize };
        &self.text[start..self.ends[number] as usize]
    }

    /// The string of a number. Panics when no string has it.
    pub fn get(&self, number: u32) -> &str {
        std::str::from_utf8(self.bytes(number)).expect("only text is pushed")
    }
}

/// Distinct strings, numbered from 0.
#[derive(Debug, Clone, Default)]
pub struct Interner {
    texts: Texts,
    table: HashTable<u32>,
    hasher: DefaultHashBuilder,
    /// The number given last: rows of one person often stand together.
    last: u32,
}

impl Interner {
    /// How many distinct strings there are.
    pub fn len(&self) -> usize {
        self.texts.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }

    /// Room for so many strings, so that the table need not be made anew as it grows.
    pub fn reserve(&mut self, strings: usize) {
        let Interner { texts, table, hasher, .. } = self;
        table.reserve(strings, |&n| hasher.hash_one(texts.bytes(n)));
        texts.ends.reserve(strings);
    }

    /// The bytes of a string. Panics when no string has the number.
    pub fn bytes(&self, number: u32) -> &[u8] {
        self.texts.bytes(number)
    }

    /// The string of a number. Panics when no string has it.
    pub fn get(&self, number: u32) -> &str {
        self.texts.get(number)
    }

    /// The number of a string, if it was seen.
    pub fn find(&self, text: impl AsRef<[u8]>) -> Option<u32> {
        let text = text.as_ref();
        let hash = self.hasher.hash_one(text);
        self.table.find(hash, |&n| self.bytes(n) == text).copied()
    }

    /// The number of a string, new if it was not seen before.
    ///
    /// The bytes are UTF-8: whoever reads them has checked. Panics past 4 GiB of distinct text,
    /// which is more than 10^8 identifiers.
    pub fn intern(&mut self, text: impl AsRef<[u8]>) -> u32 {
        let text = text.as_ref();
        if (self.last as usize) < self.len() && self.bytes(self.last) == text {
            return self.last;
        }
        let hash = self.hasher.hash_one(text);
        let Interner { texts, table, hasher, last } = self;
        let entry =
            table.entry(hash, |&n| texts.bytes(n) == text, |&n| hasher.hash_one(texts.bytes(n)));
        *last = match entry {
            Entry::Occupied(found) => *found.get(),
            Entry::Vacant(free) => {
                let number = texts.push(text);
                free.insert(number);
                number
            }
        };
        *last
    }

    /// Every string in order of its number.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len() as u32).map(|n| self.get(n))
    }
}

/// Distinct strings in the order of their bytes, numbered from 0. O(log n) a look-up.
#[derive(Debug, Clone, Default)]
pub struct Ordered {
    texts: Texts,
}

impl Ordered {
    /// Appends a string that sorts behind all others, unless it is the last one; its number.
    pub fn push(&mut self, text: &[u8]) -> u32 {
        match self.texts.len().checked_sub(1).map(|last| last as u32) {
            Some(last) if self.bytes(last) == text => last,
            _ => self.texts.push(text),
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.texts.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }

    /// The bytes of a string. Panics when no string has the number.
    pub fn bytes(&self, number: u32) -> &[u8] {
        self.texts.bytes(number)
    }

    /// The string of a number. Panics when no string has it.
    pub fn get(&self, number: u32) -> &str {
        self.texts.get(number)
    }

    /// The number of a string, if it is one of them.
    pub fn find(&self, text: &[u8]) -> Option<u32> {
        let (mut low, mut high) = (0, self.len() as u32);
        while low < high {
            let middle = low + (high - low) / 2;
            match self.bytes(middle).cmp(text) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
                std::cmp::Ordering::Equal => return Some(middle),
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_string_keeps_its_number() {
        let mut interner = Interner::default();
        let numbers: Vec<u32> =
            ["甲", "", "b", "甲", ""].iter().map(|s| interner.intern(s)).collect();
        assert_eq!(numbers, [0, 1, 2, 0, 1]);
        assert_eq!(interner.iter().collect::<Vec<_>>(), ["甲", "", "b"]);
        assert_eq!(interner.find("b"), Some(2));
        assert_eq!(interner.find("c"), None);
    }

    #[test]
    fn ordered_strings_are_found() {
        let mut ordered = Ordered::default();
        let numbers: Vec<u32> =
            ["", "a", "a", "ab", "甲"].iter().map(|s| ordered.push(s.as_bytes())).collect();
        assert_eq!(numbers, [0, 1, 1, 2, 3]);
        for (number, text) in [(0, ""), (1, "a"), (2, "ab"), (3, "甲")] {
            assert_eq!((ordered.find(text.as_bytes()), ordered.get(number)), (Some(number), text));
        }
        assert_eq!(ordered.find(b"aa"), None);
        assert_eq!(ordered.find("乙".as_bytes()), None);
    }
}
