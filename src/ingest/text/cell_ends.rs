//! Where the cells and lines of a text end.
//!
//! The innermost loop of the bulk tables: 64 bytes at a time with AVX-512 or AVX2 where the
//! processor has it, eight at a time elsewhere. All give the same lists; a test holds them
//! together.

use crate::ingest::rows::row::BEFORE;

/// How much of a text to find.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Find {
    /// Line ends.
    Lines,
    /// Line ends, and where every cell ends.
    Cells,
}

/// Positions of separators and of line ends, ascending, and what else is in a text.
#[derive(Debug, Default)]
pub struct CellEnds {
    ends: Vec<u32>,
    newlines: Vec<u32>,
    counts: (usize, usize),
    /// Whether there is a quote.
    pub quotes: bool,
    /// Whether every byte is ASCII, and none is NUL.
    pub ascii: bool,
}

impl CellEnds {
    /// [`BEFORE`], and the positions where cells end, at a separator or at a line end, if they were
    /// to be found.
    pub fn ends(&self) -> &[u32] {
        &self.ends[..self.counts.0]
    }

    /// Positions of line ends.
    pub fn newlines(&self) -> &[u32] {
        &self.newlines[..self.counts.1]
    }

    /// Finds them in a text of less than 4 GiB.
    pub fn find(&mut self, text: &[u8], separator: u8, newline: u8, detail: Find) {
        self.make_room(text.len());
        match detail {
            Find::Lines => self.find_fast::<false>(text, separator, newline),
            Find::Cells => self.find_fast::<true>(text, separator, newline),
        }
    }

    /// Takes the separators in quoted cells out of the ends of cells, from the second line on.
    /// `false` when that does not make plain rows of all whole lines there, because there is a
    /// quote or a line break in a quoted cell, or something behind it; the ends of cells are of no
    /// use then.
    pub fn unquote(&mut self, text: &[u8], newline: u8) -> bool {
        let lines = self.newlines();
        let Some((&first, &last)) = lines.first().zip(lines.last()) else { return false };
        let begin = 1 + self.ends()[1..].partition_point(|&end| end <= first);
        let (mut kept, mut start, mut quotes) = (begin, first as usize + 1, 0);
        for at in begin..self.counts.0 {
            let end = self.ends[at] as usize;
            if end > last as usize {
                break;
            }
            if text[start] == b'"' {
                let line_ends = text[end] == newline;
                let close = end - usize::from(line_ends && text[end - 1] == b'\r');
                if close <= start + 1 || text[close - 1] != b'"' {
                    if line_ends {
                        return false;
                    }
                    continue;
                }
                quotes += 2;
            }
            self.ends[kept] = end as u32;
            kept += 1;
            start = end + 1;
        }
        self.counts.0 = kept;
        // If all quotes are around cells, none is inside a cell. Else one may be in a cell without
        // quotes around it, where it means nothing.
        let lines = &text[first as usize..last as usize];
        memchr::memchr_iter(b'"', lines).count() == quotes || {
            let mut cells = self.ends[begin - 1..kept].windows(2);
            cells.all(|ends| {
                let cell = text[ends[0] as usize + 1..ends[1] as usize].trim_ascii_end();
                let inside =
                    cell.strip_prefix(b"\"").map_or(&b""[..], |cell| &cell[..cell.len() - 1]);
                memchr::memchr(b'"', inside).is_none()
            })
        }
    }

    #[cfg(target_arch = "x86_64")]
    #[allow(unsafe_code)]
    fn find_fast<const CELLS: bool>(&mut self, text: &[u8], separator: u8, newline: u8) {
        use std::arch::is_x86_feature_detected as has;
        if has!("avx512f") && has!("avx512bw") && has!("avx512vbmi2") {
            // SAFETY: the processor has all that the function asks for.
            unsafe { avx512::find::<CELLS>(self, text, separator, newline) }
        } else if has!("avx2") && has!("bmi1") {
            // SAFETY: the processor has all that the function asks for.
            unsafe { avx2::find::<CELLS>(self, text, separator, newline) }
        } else {
            self.find_portable::<CELLS>(text, separator, newline);
        }
    }

    #[cfg(not(target_arch = "x86_64"))]
    fn find_fast<const CELLS: bool>(&mut self, text: &[u8], separator: u8, newline: u8) {
        self.find_portable::<CELLS>(text, separator, newline);
    }

    /// Room for the most there can be, kept from chunk to chunk: writing needs no check for growth.
    fn make_room(&mut self, bytes: usize) {
        if self.newlines.len() < bytes + 64 {
            self.ends = vec![0; bytes + 65];
            self.ends[0] = BEFORE;
            self.newlines = vec![0; bytes + 64];
        }
    }

    /// The same without instructions of one processor.
    fn find_portable<const CELLS: bool>(&mut self, text: &[u8], separator: u8, newline: u8) {
        self.counts = (1, 0);
        (self.quotes, self.ascii) = (false, true);
        let (blocks, rest) = text.as_chunks::<64>();
        for (number, block) in blocks.iter().enumerate() {
            let newlines = mask(block, newline);
            let ends = if CELLS { mask(block, separator) | newlines } else { 0 };
            self.push((ends, newlines), number * 64);
            self.look(block);
        }
        self.push_rest::<CELLS>(rest, blocks.len() * 64, (separator, newline));
    }

    /// Looks for quotes and for bytes that are not plain ASCII.
    fn look(&mut self, text: &[u8]) {
        self.quotes |= text.contains(&b'"');
        self.ascii &= text.is_ascii() && !text.contains(&0);
    }

    #[inline(always)]
    fn push(&mut self, (ends, newlines): (u64, u64), base: usize) {
        self.counts.0 = spread::<8>(ends, base as u32, &mut self.ends, self.counts.0);
        self.counts.1 = spread::<2>(newlines, base as u32, &mut self.newlines, self.counts.1);
    }

    fn push_rest<const CELLS: bool>(
        &mut self,
        rest: &[u8],
        base: usize,
        (separator, newline): (u8, u8),
    ) {
        self.look(rest);
        for (at, &byte) in rest.iter().enumerate() {
            if CELLS && (byte == separator || byte == newline) {
                self.ends[self.counts.0] = (base + at) as u32;
                self.counts.0 += 1;
            }
            if byte == newline {
                self.newlines[self.counts.1] = (base + at) as u32;
                self.counts.1 += 1;
            }
        }
    }
}

/// Writes the positions of the set bits of `mask` behind the first `count` entries of `out`.
///
/// Always `N` at a time, even where fewer bits are set, or none: a loop that may end after each
/// bit, or tests for the first, is often mispredicted (branch prediction).
#[inline(always)]
fn spread<const N: usize>(mut mask: u64, base: u32, out: &mut [u32], count: usize) -> usize {
    let total = count + mask.count_ones() as usize;
    let mut at = count;
    loop {
        let some: &mut [u32; N] = (&mut out[at..at + N]).try_into().expect("room");
        for position in some {
            *position = base.wrapping_add(mask.trailing_zeros());
            mask &= mask.wrapping_sub(1);
        }
        at += N;
        if at >= total {
            return total;
        }
    }
}

/// Bit n is set where byte n is `wanted`.
fn mask(block: &[u8; 64], wanted: u8) -> u64 {
    const LOW: u64 = 0x7f7f_7f7f_7f7f_7f7f;
    let pattern = u64::from(wanted) * 0x0101_0101_0101_0101;
    let mut mask = 0;
    for (number, word) in block.as_chunks::<8>().0.iter().enumerate() {
        let other = u64::from_le_bytes(*word) ^ pattern;
        // 0x80 in each byte that is zero, and in no other.
        let zero = !(((other & LOW) + LOW) | other | LOW);
        let bits = (zero >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56;
        mask |= bits << (number * 8);
    }
    mask
}

#[cfg(target_arch = "x86_64")]
mod avx2 {
    use super::CellEnds;
    use std::arch::x86_64::{
        __m256i, _mm256_cmpeq_epi8, _mm256_movemask_epi8, _mm256_or_si256, _mm256_set_epi64x,
        _mm256_set1_epi8, _mm256_setzero_si256,
    };

    #[inline]
    #[target_feature(enable = "avx2,bmi1")]
    fn load(bytes: &[u8; 32]) -> __m256i {
        let word =
            |n: usize| i64::from_le_bytes(bytes[n * 8..n * 8 + 8].try_into().expect("8 bytes"));
        _mm256_set_epi64x(word(3), word(2), word(1), word(0))
    }

    #[target_feature(enable = "avx2,bmi1")]
    pub(in crate::ingest) fn find<const CELLS: bool>(
        found: &mut CellEnds,
        text: &[u8],
        separator: u8,
        newline: u8,
    ) {
        found.counts = (1, 0);
        let separators = _mm256_set1_epi8(separator as i8);
        let newlines = _mm256_set1_epi8(newline as i8);
        let (quote, zero) = (_mm256_set1_epi8(b'"' as i8), _mm256_setzero_si256());
        // The high bit of a byte in here says: a quote; NUL or no ASCII.
        let (mut quotes, mut others) = (zero, zero);
        let (blocks, rest) = text.as_chunks::<64>();
        for (number, block) in blocks.iter().enumerate() {
            let (low, high) = block.split_at(32);
            let low = load(low.try_into().expect("32 bytes"));
            let high = load(high.try_into().expect("32 bytes"));
            for half in [low, high] {
                quotes = _mm256_or_si256(quotes, _mm256_cmpeq_epi8(half, quote));
                let nul = _mm256_cmpeq_epi8(half, zero);
                others = _mm256_or_si256(others, _mm256_or_si256(half, nul));
            }
            let mask = |wanted| {
                let low = _mm256_movemask_epi8(_mm256_cmpeq_epi8(low, wanted)) as u32;
                let high = _mm256_movemask_epi8(_mm256_cmpeq_epi8(high, wanted)) as u32;
                u64::from(low) | u64::from(high) << 32
            };
            let of_lines = mask(newlines);
            let of_cells = if CELLS { mask(separators) | of_lines } else { 0 };
            found.push((of_cells, of_lines), number * 64);
        }
        found.quotes = _mm256_movemask_epi8(quotes) != 0;
        found.ascii = _mm256_movemask_epi8(others) == 0;
        found.push_rest::<CELLS>(rest, blocks.len() * 64, (separator, newline));
    }
}

/// The same with 512 bits, and positions written eight at once: about half the time of AVX2.
#[cfg(target_arch = "x86_64")]
mod avx512 {
    use super::CellEnds;
    use std::arch::x86_64::{
        __m256i, __m512i, _mm256_add_epi32, _mm256_cvtepu8_epi32, _mm256_set1_epi32,
        _mm256_storeu_si256, _mm512_castsi512_si128, _mm512_cmpeq_epi8_mask,
        _mm512_maskz_compress_epi8, _mm512_min_epu8, _mm512_movepi8_mask, _mm512_or_si512,
        _mm512_set1_epi8, _mm512_setzero_si512, _mm512_xor_si512,
    };

    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vbmi2")]
    #[allow(unsafe_code)]
    fn load(bytes: &[u8; 64]) -> __m512i {
        // SAFETY: both are 64 bytes in which every bit pattern is valid.
        unsafe { std::mem::transmute(*bytes) }
    }

    /// As [`super::spread`].
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vbmi2")]
    #[allow(unsafe_code)]
    fn spread(mask: u64, base: __m256i, out: &mut [u32], count: usize, bytes: __m512i) -> usize {
        let total = count + mask.count_ones() as usize;
        let (mut mask, mut at) = (mask, count);
        loop {
            let some: &mut [u32; 8] = (&mut out[at..at + 8]).try_into().expect("room");
            let numbers = _mm512_castsi512_si128(_mm512_maskz_compress_epi8(mask, bytes));
            let positions = _mm256_add_epi32(_mm256_cvtepu8_epi32(numbers), base);
            // SAFETY: `some` is 32 bytes to write to, and the store needs no alignment.
            unsafe { _mm256_storeu_si256(some.as_mut_ptr().cast(), positions) };
            at += 8;
            if at >= total {
                return total;
            }
            for _ in 0..8 {
                mask &= mask.wrapping_sub(1);
            }
        }
    }

    #[target_feature(enable = "avx512f,avx512bw,avx512vbmi2")]
    pub(in crate::ingest) fn find<const CELLS: bool>(
        found: &mut CellEnds,
        text: &[u8],
        separator: u8,
        newline: u8,
    ) {
        let (mut cells, mut lines) = (1, 0);
        let (of_cells, of_lines) = (&mut found.ends[..], &mut found.newlines[..]);
        let all = |byte: u8| _mm512_set1_epi8(byte as i8);
        let (separators, newlines) = (all(separator), all(newline));
        let (quote, zero) = (all(b'"'), _mm512_setzero_si512());
        let numbers = load(&std::array::from_fn(|n| n as u8));
        let (mut base, step) = (_mm256_set1_epi32(0), _mm256_set1_epi32(64));
        // A byte is 0 where some block has a quote, or NUL; and has the high bit where one has no
        // ASCII.
        let (mut quotes, mut nuls, mut others) = (quote, quote, zero);
        let (blocks, rest) = text.as_chunks::<64>();
        for block in blocks {
            let block = load(block);
            quotes = _mm512_min_epu8(quotes, _mm512_xor_si512(block, quote));
            nuls = _mm512_min_epu8(nuls, block);
            others = _mm512_or_si512(others, block);
            let line_ends = _mm512_cmpeq_epi8_mask(block, newlines);
            if CELLS {
                let ends = _mm512_cmpeq_epi8_mask(block, separators) | line_ends;
                cells = spread(ends, base, of_cells, cells, numbers);
            }
            lines = spread(line_ends, base, of_lines, lines, numbers);
            base = _mm256_add_epi32(base, step);
        }
        found.counts = (cells, lines);
        found.quotes = _mm512_cmpeq_epi8_mask(quotes, zero) != 0;
        let nul = _mm512_cmpeq_epi8_mask(nuls, zero) != 0;
        found.ascii = !nul && _mm512_movepi8_mask(others) == 0;
        found.push_rest::<CELLS>(rest, blocks.len() * 64, (separator, newline));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What each way that this processor can go finds.
    fn all_ways<const CELLS: bool>(text: &[u8]) -> Vec<CellEnds> {
        let mut found = Vec::new();
        let mut add = |find: &dyn Fn(&mut CellEnds)| {
            let mut structure = CellEnds::default();
            structure.make_room(text.len());
            find(&mut structure);
            found.push(structure);
        };
        add(&|structure| structure.find_portable::<CELLS>(text, b',', b'\n'));
        add(&|structure| structure.find_fast::<CELLS>(text, b',', b'\n'));
        #[cfg(target_arch = "x86_64")]
        if std::arch::is_x86_feature_detected!("avx2") {
            #[allow(unsafe_code)]
            // SAFETY: the processor has AVX2, and BMI1 came before it.
            add(&|structure| unsafe { avx2::find::<CELLS>(structure, text, b',', b'\n') });
        }
        found
    }

    proptest! {
        #[test]
        fn all_ways_find_the_same(text in proptest::collection::vec(any::<u8>(), 0..300),
                                  dense in "[,\na+\u{c}]{0,90}[,\"\u{0}]?[,\na]{0,90}") {
            for text in [text.as_slice(), dense.as_bytes()] {
                let at = |wanted: &[u8]| -> Vec<u32> {
                    (0..).zip(text).filter(|(_, b)| wanted.contains(b)).map(|(n, _)| n).collect()
                };
                let lines = at(b"\n");
                let ends = [vec![BEFORE], at(b",\n")].concat();
                let quotes = text.contains(&b'"');
                let ascii = text.is_ascii() && !text.contains(&0);
                for (ways, ends) in [(all_ways::<true>(text), &ends[..]), (all_ways::<false>(text), &[BEFORE][..])] {
                    for found in ways {
                        prop_assert_eq!((found.quotes, found.ascii), (quotes, ascii));
                        prop_assert_eq!(found.ends(), ends);
                        prop_assert_eq!(found.newlines(), &lines[..]);
                    }
                }
            }
        }
    }
}
