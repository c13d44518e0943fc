//! Sieves (Bloom filter and kin): is this identifier one of a few among very many others?
//!
//! [`Filter`] looks at a hash of the identifier, [`Wanted`] at its first bytes, [`IdRange`] at its
//! place in sorted order. A filter sets two bits a key, both in one 64-bit word, and has at least
//! sixteen bits a key; its hash takes a few instructions. It may say yes to a stranger, one time in
//! some fifty; it never says no to a key. Cost: 2 to 4 bytes a key, and at least 8 KiB, which fits
//! into a cache of the processor.

/// 2^64 divided by the golden ratio: a factor that spreads what differs in few bits.
pub(crate) const MIX: u64 = 0x9e37_79b9_7f4a_7c15;

/// The halves of a product, folded: each bit of both counts.
#[inline(always)]
fn product(a: u64, b: u64) -> u64 {
    let wide = u128::from(a) * u128::from(b);
    (wide as u64) ^ (wide >> 64) as u64
}

/// A hash of an identifier: its length and all its bytes.
///
/// Not seeded, so for filters only: an export can be crafted whose ids all have one hash. A filter
/// lets these through; a hash table would compare them one by one.
#[inline]
pub fn fingerprint(id: &[u8]) -> u64 {
    let fold = |hash: u64, word: u64| product(hash ^ word, MIX);
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

    /// A word and two bits of it, from either end of the key: both have to be spread well.
    #[inline]
    fn bits(&self, key: u64) -> (usize, u64) {
        let bit = key >> self.shift;
        ((bit / 64) as usize, 1 << (bit % 64) | 1 << (key % 64))
    }

    /// Adds a fingerprint.
    pub fn add(&mut self, key: u64) {
        let (word, bits) = self.bits(key);
        self.words[word] |= bits;
    }

    /// `false` only when the fingerprint was never added.
    #[inline]
    pub fn may_have(&self, key: u64) -> bool {
        let (word, bits) = self.bits(key);
        self.words[word] & bits == bits
    }
}

/// A few identifiers that are looked for in a text.
pub struct Wanted<'w> {
    /// The bytes of a beginning that count: as many as the shortest identifier has.
    mask: u128,
    beginnings: Filter,
    ids: Vec<&'w [u8]>,
    is: &'w (dyn Fn(&[u8]) -> bool + Sync),
}

impl<'w> Wanted<'w> {
    /// The `ids`, which are those that `is` says yes to. Cost: one hash each.
    pub fn new(
        ids: impl Iterator<Item = &'w [u8]>,
        is: &'w (dyn Fn(&[u8]) -> bool + Sync),
    ) -> Wanted<'w> {
        let ids: Vec<&[u8]> = ids.collect();
        let shortest = ids.iter().map(|id| id.len()).min().unwrap_or(0).min(16);
        let mask = u128::MAX.checked_shr(128 - 8 * shortest as u32).unwrap_or(0);
        let mut beginnings = Filter::new(ids.len());
        for id in &ids {
            let mut bytes = [0; 16];
            bytes[..shortest].copy_from_slice(&id[..shortest]);
            beginnings.add(of_beginning(u128::from_le_bytes(bytes)));
        }
        Wanted { mask, beginnings, ids, is }
    }

    /// The identifiers.
    pub fn ids(&self) -> impl Iterator<Item = &'w [u8]> {
        self.ids.iter().copied()
    }

    /// The identifiers in order. Cost: sorting them.
    pub fn sorted(&self) -> IdRange {
        IdRange::new(self.ids.iter().copied())
    }

    /// Whether it is one of them.
    #[inline]
    pub fn is(&self, id: &[u8]) -> bool {
        (self.is)(id)
    }

    /// `false` only when no cell that begins at `from`, blanks around it or not, is one of them.
    #[inline(always)]
    pub fn may_begin(&self, text: &[u8], from: usize) -> bool {
        let Some(bytes) = text[from..].first_chunk::<16>() else { return true };
        self.may_be(u128::from_le_bytes(*bytes))
    }

    /// `false` only when no cell of at most 16 bytes that are these, the first one lowest, and then
    /// zeros, is one of them. A cell may be one in another spelling: see `ingest::cells::ids`.
    #[inline(always)]
    pub fn may_be(&self, bytes: u128) -> bool {
        let beginning = of_beginning(bytes & self.mask);
        self.beginnings.may_have(beginning) || may_be_written_otherwise(bytes & self.mask)
    }
}

/// A few identifiers in order: may one of them be among many cells of which only the least and the
/// most are known?
#[derive(Debug, Clone, Default)]
pub struct IdRange(Vec<Box<[u8]>>);

impl IdRange {
    /// Of no identifiers.
    pub const EMPTY: &'static IdRange = &IdRange(Vec::new());

    /// In any order. Cost: a copy of them, sorted.
    pub fn new<'i>(ids: impl Iterator<Item = &'i [u8]>) -> IdRange {
        // A cell goes on as it likes from a blank on: it is trimmed, and its line breaks become
        // blanks.
        let solid = |id: &'i [u8]| id.split(|&byte| byte == b' ').next().unwrap_or(id);
        let mut all: Vec<Box<[u8]>> = ids.map(|id| solid(id).into()).collect();
        // The last letter of a national number may be a small one.
        let small = |id: &[u8]| match id {
            [digits @ .., b'X'] if digits.len() == 17 => Some([digits, b"x"].concat().into()),
            _ => None,
        };
        let small: Vec<Box<[u8]>> = all.iter().filter_map(|id| small(id)).collect();
        all.extend(small);
        all.sort_unstable();
        IdRange(all)
    }

    /// `false` only when no cell from `least` to `most`, as bytes, is one of them, with blanks
    /// behind or not. Cells begin without blanks, and have no unseen marks. Cost: some searches.
    pub fn may_be_between(&self, [least, most]: [&[u8]; 2]) -> bool {
        let next = self.0.partition_point(|id| &**id < least);
        // An identifier comes before the cells that begin with it.
        let begins =
            |length: usize| self.0.binary_search_by(|id| (**id).cmp(&least[..length])).is_ok();
        self.0.get(next).is_some_and(|id| &**id <= most) || (0..least.len()).any(begins)
    }

    /// `false` only when no cell from `least` to `most`, as bytes, is one of them with unseen marks
    /// in it or letters of full width. Cost: a search.
    pub fn may_be_marked_between(&self, [least, most]: [&[u8]; 2]) -> bool {
        let from = least_with_marks(least, most);
        let next = self.0.partition_point(|id| &**id < from);
        let are_ascii = least.is_ascii() && most.is_ascii();
        !are_ascii || self.0.get(next).is_some_and(|id| &**id <= most)
    }
}

/// What the least id is as bytes that may be a cell from `least` to `most`, both of ASCII, with
/// marks in it that are not seen.
///
/// A mark is greater than all ASCII: `C\u{200b}1` stands behind `C2`. So behind the letter by which
/// the two cells differ anything may follow.
pub fn least_with_marks<'c>(least: &'c [u8], most: &[u8]) -> &'c [u8] {
    let same = least.iter().zip(most).take_while(|(a, b)| a == b).count();
    if same < most.len() { &least[..least.len().min(same + 1)] } else { least }
}

/// Whether a cell with these first bytes, the first one lowest, may be an identifier with more
/// around it or in it: blanks, wrapping, marks, other letters.
#[inline(always)]
fn may_be_written_otherwise(bytes: u128) -> bool {
    const HIGH: u128 = 0x8080_8080_8080_8080_8080_8080_8080_8080;
    let first = bytes as u8;
    first < b'(' || first == b'=' || first == 0x7f || bytes & HIGH != 0
}

/// A hash of the first bytes of an identifier.
#[inline(always)]
fn of_beginning(bytes: u128) -> u64 {
    product(bytes as u64 ^ MIX, (bytes >> 64) as u64 ^ MIX.rotate_left(32))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashSet;

    #[test]
    fn keys_are_found_and_few_strangers() {
        for keys in [1usize, 500, 4_096, 40_000, 65_536] {
            let mut filter = Filter::new(keys);
            (0..keys).for_each(|n| filter.add(fingerprint(format!("P{n:07}").as_bytes())));
            assert!((0..keys).all(|n| filter.may_have(fingerprint(format!("P{n:07}").as_bytes()))));
            let strangers = (keys..keys + 100_000)
                .filter(|n| filter.may_have(fingerprint(format!("P{n:07}").as_bytes())))
                .count();
            assert!(strangers < 3_000, "{strangers} of 100000 pass a filter of {keys}");
        }
    }

    proptest! {
        #[test]
        fn no_wanted_cell_is_passed_over(
            ids in proptest::collection::vec("[ab]{1,3}|[ab甲]{1,20}|P[01]{7}|[0-9a-f]{32}", 0..5),
            cells in proptest::collection::vec("[ab甲]{0,20}|P[01]{7}", 0..5),
            before in "[ \u{3000}\t]{0,2}", after in "[ \u{3000}]{0,2}") {
            let is = |id: &[u8]| ids.iter().any(|wanted| wanted.as_bytes() == id);
            let wanted = Wanted::new(ids.iter().map(String::as_bytes), &is);
            for cell in ids.iter().chain(&cells) {
                let text = format!("x\n{before}{cell}{after},2022-11-09 08:00:00\n");
                prop_assert!(wanted.may_begin(text.as_bytes(), 2) || !is(cell.as_bytes()));
            }
        }
    }

    #[test]
    fn ids_are_found_between_cells() {
        let ids = IdRange::new(["B1", "B10", "C 2", "A9"].map(str::as_bytes).into_iter());
        let between =
            |least: &str, most: &str| ids.may_be_between([least.as_bytes(), most.as_bytes()]);
        assert!(between("A9", "A9") && between("A0", "B0") && between("B2", "Z"));
        assert!(!between("B2", "B9") && !between("A", "A8") && !between("D", "Z"));
        // With a mark in it that is not seen `B10` stands behind `B9`.
        let (ten, crossing) = (IdRange::new([&b"B10"[..]].into_iter()), [&b"B9"[..], b"C0"]);
        assert!(!ten.may_be_between(crossing) && ten.may_be_marked_between(crossing));
        assert!(!ten.may_be_marked_between([b"B9", b"B99"]));
        // With blanks behind, or a line break, of which a blank is made.
        assert!(between("B10 ", "B10 ") && between("B1\u{3000}", "B2") && between("C\n2", "C\n3"));
        assert!(!IdRange::default().may_be_between([b"A", b"Z"]));
    }

    #[test]
    fn few_strangers_begin_like_the_wanted() {
        let id = |n: usize| format!("P{n:07}");
        let ids: Vec<String> = (0..500).map(|n| id(n * 3777)).collect();
        let wanted = Wanted::new(ids.iter().map(String::as_bytes), &|_| unreachable!());
        let passed = (0..1_900_000)
            .filter(|&n| wanted.may_begin(format!("{},2022-11-09", id(n)).as_bytes(), 0));
        assert!(passed.count() < 40_000);
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
