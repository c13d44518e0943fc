//! Text once, numbers everywhere: an arena of distinct strings.
//!
//! Numbers are dense and in order of first sight. Cost: the text, 4 bytes an end, about 5 bytes of
//! table; O(1) a look-up. The hash is seeded at random: identifiers come from strangers.

use hashbrown::{DefaultHashBuilder, HashTable};
use std::hash::BuildHasher;

/// Distinct strings, numbered from 0.
#[derive(Debug, Clone, Default)]
pub struct Interner {
    text: Vec<u8>,
    ends: Vec<u32>,
    table: HashTable<u32>,
    hasher: DefaultHashBuilder,
}

impl Interner {
    /// How many distinct strings there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Room for so many strings, so that the table need not be made anew as it grows.
    pub fn reserve(&mut self, strings: usize) {
        let Interner { text, ends, table, hasher } = self;
        table.reserve(strings, |&n| hasher.hash_one(slice(text, ends, n)));
        ends.reserve(strings);
    }

    /// The bytes of a string. Panics when no string has the number.
    pub fn bytes(&self, number: u32) -> &[u8] {
        slice(&self.text, &self.ends, number)
    }

    /// The string of a number. Panics when no string has it.
    pub fn get(&self, number: u32) -> &str {
        std::str::from_utf8(self.bytes(number)).expect("only text is interned")
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
        let hash = self.hasher.hash_one(text);
        let Interner { text: arena, ends, table, hasher } = self;
        let entry = table.entry(
            hash,
            |&n| slice(arena, ends, n) == text,
            |&n| hasher.hash_one(slice(arena, ends, n)),
        );
        if let hashbrown::hash_table::Entry::Occupied(found) = &entry {
            return *found.get();
        }
        let number = u32::try_from(ends.len()).expect("fewer than 2^32 identifiers");
        entry.insert(number);
        arena.extend_from_slice(text);
        ends.push(u32::try_from(arena.len()).expect("less than 4 GiB of identifiers"));
        number
    }

    /// Every string in order of its number.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len() as u32).map(|n| self.get(n))
    }
}

fn slice<'a>(arena: &'a [u8], ends: &[u32], number: u32) -> &'a [u8] {
    let number = number as usize;
    let start = if number == 0 { 0 } else { ends[number - 1] as usize };
    &arena[start..ends[number] as usize]
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
}
