//! Text once, numbers everywhere: an arena of distinct strings.
//!
//! Numbers are dense and in order of first sight. Cost: the text, 4 bytes an end where lengths
//! differ, about 12 bytes of table; O(1) a look-up. The hash is seeded at random: identifiers come
//! from strangers.

use crate::base::sieve::MIX;
use hashbrown::hash_table::Entry;
use hashbrown::{DefaultHashBuilder, HashTable};
use std::hash::BuildHasher;

/// The beginning of a text: as many whole characters as at most so many bytes hold.
///
/// ```
/// use trace::base::texts::beginning;
/// assert_eq!(beginning("甲乙", 5), "甲");
/// ```
pub fn beginning(text: &str, most: usize) -> &str {
    let end = (0..=most.min(text.len())).rev().find(|&at| text.is_char_boundary(at));
    &text[..end.unwrap_or(0)]
}

/// Strings behind each other, numbered from 0.
#[derive(Debug, Clone, Default)]
pub struct Texts {
    text: Vec<u8>,
    count: u32,
    /// How long each is, as long as all are of one length, as ids mostly are. Then where one begins
    /// need not be looked up.
    width: usize,
    /// Where each ends; empty as long as all are of one length.
    ends: Vec<u32>,
}

impl Texts {
    /// Appends a string; its number. Panics past 4 GiB of text.
    pub fn push(&mut self, text: &[u8]) -> u32 {
        let number = self.count;
        self.count = number.checked_add(1).expect("fewer than 2^32 identifiers");
        if number == 0 {
            self.width = text.len();
        } else if self.ends.is_empty() && text.len() != self.width {
            self.ends.extend((1..=number).map(|n| n * self.width as u32));
        }
        self.text.extend_from_slice(text);
        let end = u32::try_from(self.text.len()).expect("less than 4 GiB of identifiers");
        if !self.ends.is_empty() {
            self.ends.push(end);
        }
        number
    }

    /// Appends all of others. Panics past 4 GiB of text.
    pub fn append(&mut self, others: &Texts) {
        (0..others.count).for_each(|n| _ = self.push(others.bytes(n)));
    }

    /// Takes all of them out.
    pub fn clear(&mut self) {
        self.text.clear();
        self.ends.clear();
        self.count = 0;
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.count as usize
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// All of them, one behind the other.
    pub fn joined(&self) -> &[u8] {
        &self.text
    }

    /// The bytes of a string. Panics when no string has the number.
    #[inline]
    pub fn bytes(&self, number: u32) -> &[u8] {
        let number = number as usize;
        if self.ends.is_empty() {
            assert!(number < self.len(), "no string has the number {number}");
            return &self.text[number * self.width..][..self.width];
        }
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
    /// With its hash beside it, a number can move in the table without a look at its text.
    table: HashTable<(u32, Hash)>,
    hasher: DefaultHashBuilder,
    /// The number given last: rows of one person often stand together.
    last: u32,
}

/// Half a hash of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Hash(u32);

impl Hash {
    /// As wide as the table wants it: every bit counts at both ends.
    fn wide(self) -> u64 {
        u64::from(self.0).wrapping_mul(MIX)
    }
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
        self.table.reserve(strings, |(_, hash)| hash.wide());
    }

    /// All of them, one behind the other, in the order of their numbers.
    pub fn joined(&self) -> &[u8] {
        self.texts.joined()
    }

    /// The bytes of a string. Panics when no string has the number.
    pub fn bytes(&self, number: u32) -> &[u8] {
        self.texts.bytes(number)
    }

    /// The string of a number. Panics when no string has it.
    pub fn get(&self, number: u32) -> &str {
        self.texts.get(number)
    }

    fn hash(&self, text: &[u8]) -> Hash {
        Hash((self.hasher.hash_one(text) >> 32) as u32)
    }

    /// The number of a string, if it was seen.
    pub fn find(&self, text: impl AsRef<[u8]>) -> Option<u32> {
        let text = text.as_ref();
        let hash = self.hash(text);
        let is = |&(n, of): &(u32, Hash)| of == hash && self.bytes(n) == text;
        self.table.find(hash.wide(), is).map(|&(n, _)| n)
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
        let hash = self.hash(text);
        self.last = self.intern_hashed(text, hash);
        self.last
    }

    fn intern_hashed(&mut self, text: &[u8], hash: Hash) -> u32 {
        let Interner { texts, table, .. } = self;
        let is = |&(n, of): &(u32, Hash)| of == hash && texts.bytes(n) == text;
        match table.entry(hash.wide(), is, |(_, hash)| hash.wide()) {
            Entry::Occupied(found) => found.get().0,
            Entry::Vacant(free) => {
                let number = texts.push(text);
                free.insert((number, hash));
                number
            }
        }
    }

    /// The numbers of many strings, as [`intern`](Interner::intern) would give them one by one.
    ///
    /// In steps, each for all of them: where the table is larger than the processor's caches, it
    /// waits for many of its lines at once.
    pub fn intern_all(&mut self, texts: &Texts, numbers: &mut Vec<u32>) {
        let hashes = (0..texts.len() as u32).map(|n| self.hash(texts.bytes(n))).collect();
        self.intern_all_hashed(texts, hashes, numbers);
    }

    fn intern_all_hashed(&mut self, texts: &Texts, hashes: Vec<Hash>, numbers: &mut Vec<u32>) {
        let all = || (0..texts.len() as u32).map(|n| texts.bytes(n));
        // No string has so high a number.
        const NOBODY: u32 = u32::MAX;
        numbers.clear();
        numbers.extend(hashes.iter().map(|&hash| {
            let found = self.table.find(hash.wide(), |&(_, of)| of == hash);
            found.map_or(NOBODY, |&(number, _)| number)
        }));
        for (text, number) in all().zip(numbers.iter_mut()) {
            if *number != NOBODY && self.bytes(*number) != text {
                *number = NOBODY;
            }
        }
        for ((text, number), hash) in all().zip(numbers).zip(hashes) {
            if *number == NOBODY {
                *number = self.intern_hashed(text, hash);
            }
        }
    }

    /// Every string in order of its number.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len() as u32).map(|n| self.get(n))
    }
}

/// Distinct strings in the order of their bytes, numbered from 0. O(log n) a look-up.
#[derive(Debug, Clone, Default)]
pub struct SortedTexts {
    texts: Texts,
}

impl SortedTexts {
    /// Strings that are in order, each once.
    pub fn new(texts: Texts) -> SortedTexts {
        SortedTexts { texts }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.texts.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }

    /// All of them, one behind the other, in the order of their numbers.
    pub fn joined(&self) -> &[u8] {
        self.texts.joined()
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
    use proptest::prelude::*;

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

    proptest! {
        #[test]
        fn many_get_the_numbers_they_would_get_one_by_one(
            lists in proptest::collection::vec(
                proptest::collection::vec("[ab]{0,3}|甲", 0..8), 0..6),
            alike in proptest::bool::ANY) {
            let (mut singly, mut together) = (Interner::default(), Interner::default());
            let mut numbers = Vec::new();
            for list in &lists {
                let mut texts = Texts::default();
                list.iter().for_each(|text| _ = texts.push(text.as_bytes()));
                if alike {
                    // All texts with one hash: then only the texts themselves tell them apart.
                    let hashes = vec![Hash(7); list.len()];
                    together.intern_all_hashed(&texts, hashes, &mut numbers);
                } else {
                    together.intern_all(&texts, &mut numbers);
                }
                let expected: Vec<u32> = list.iter().map(|text| singly.intern(text)).collect();
                prop_assert_eq!(&numbers, &expected);
            }
            prop_assert!(singly.iter().eq(together.iter()));
        }
    }

    proptest! {
        #[test]
        fn texts_are_what_was_pushed_and_appended(
            lists in proptest::collection::vec(
                proptest::collection::vec("[ab]{2}|[ab]{2}|[ab]{2}|[ab]{0,2}", 0..5), 0..5)) {
            let mut all = Texts::default();
            for list in &lists {
                let mut texts = Texts::default();
                list.iter().for_each(|text| _ = texts.push(text.as_bytes()));
                all.append(&texts);
            }
            let expected: Vec<&str> = lists.iter().flatten().map(String::as_str).collect();
            let found: Vec<&str> = (0..all.len() as u32).map(|n| all.get(n)).collect();
            prop_assert_eq!(found, expected);
        }
    }

    #[test]
    fn ordered_strings_are_found() {
        let [mut texts, mut rest] = [Texts::default(), Texts::default()];
        for text in ["", "a"] {
            texts.push(text.as_bytes());
        }
        for text in ["ab", "甲"] {
            rest.push(text.as_bytes());
        }
        texts.append(&rest);
        let ordered = SortedTexts::new(texts);
        for (number, text) in [(0, ""), (1, "a"), (2, "ab"), (3, "甲")] {
            assert_eq!((ordered.find(text.as_bytes()), ordered.get(number)), (Some(number), text));
        }
        assert_eq!(ordered.find(b"aa"), None);
        assert_eq!(ordered.find("乙".as_bytes()), None);
    }
}
