//! Columns of a Parquet row group that have no blanks: their values one behind the other, off the
//! pages.
//!
//! Where a page has no blanks, it is the values as they are (`PLAIN`), or numbers of values in a
//! dictionary, which are put in their place. An array made of them would cost more than all that is
//! done with it. Any other column is for arrow. Cost: the values of a column of one row
//! group.

use crate::ingest::parquet::file::SharedFile;
use crate::ingest::parquet::footer::{ValueKind, blanks, whole_seconds};
use arrow_schema::DataType;
use bytes::Bytes;
use parquet::basic::Encoding;
use parquet::column::page::{Page, PageReader};
use parquet::errors::Result;
use parquet::file::metadata::RowGroupMetaData;
use parquet::file::serialized_reader::SerializedPageReader;
use std::sync::Arc;

/// Row groups of more bytes or rows than this are left to arrow, which holds a page at a time.
const MOST_BYTES: i64 = 16 << 20;
const MOST_ROWS: i64 = 1 << 18;

/// The values of a column in a row group, one for each row.
#[derive(Debug, Clone)]
pub(in crate::ingest) struct PlainColumn {
    pages: Vec<Bytes>,
    kind: ValueKind,
}

impl PlainColumn {
    /// Reads and unpacks a column that arrow would give as `given_as`; `None` when its values do
    /// not stand like this.
    ///
    /// # Errors
    /// When the file cannot be read, or is damaged.
    pub fn read(
        file: &SharedFile,
        group: &RowGroupMetaData,
        (column, given_as): (usize, &DataType),
    ) -> Result<Option<PlainColumn>> {
        let (about, rows) = (group.column(column), group.num_rows() as usize);
        let Some(kind) = kind(group, (column, given_as)) else { return Ok(None) };
        let most_level = about.column_descr().max_def_level();
        let mut reader = SerializedPageReader::new(Arc::new(file.clone()), about, rows, None)?;
        let (mut pages, mut count, mut bytes, mut dictionary) = (Vec::new(), 0, 0, None);
        while let Some(page) = reader.get_next_page()? {
            if let Page::DictionaryPage { buf, num_values, .. } = &page {
                dictionary = Dictionary::new(buf.clone(), *num_values, kind);
                continue;
            }
            let fits = page.num_values() as usize <= rows - count;
            let values = values_of(&page, most_level).filter(|_| fits);
            let values = values.and_then(|values| match page.encoding() {
                Encoding::PLAIN => Some(values),
                Encoding::RLE_DICTIONARY | Encoding::PLAIN_DICTIONARY => {
                    let room = (MOST_BYTES as usize).checked_sub(bytes)?;
                    dictionary.as_ref()?.values(&values, page.num_values(), room)
                }
                _ => None,
            });
            let Some(values) = values else { return Ok(None) };
            count += page.num_values() as usize;
            bytes += values.len();
            if bytes > MOST_BYTES as usize {
                return Ok(None);
            }
            pages.push(values);
        }
        Ok((count == rows).then_some(PlainColumn { pages, kind }))
    }

    /// The values in order.
    pub fn values(&self) -> PageValues<'_> {
        PageValues { pages: self.pages.iter(), rest: &[], kind: self.kind }
    }
}

/// What the values of a column are, if they may stand as they are.
fn kind(group: &RowGroupMetaData, (column, given_as): (usize, &DataType)) -> Option<ValueKind> {
    let about = group.column(column);
    let stand = about.encodings().all(|encoding| READ.contains(&encoding))
        && blanks(about).is_none_or(|blanks| blanks == 0)
        && group.total_byte_size() <= MOST_BYTES
        && group.num_rows() <= MOST_ROWS;
    if stand { ValueKind::of(about, given_as) } else { None }
}

/// The encodings that are read: of values, and, the last two, of levels.
#[allow(deprecated)]
const READ: [Encoding; 5] = [
    Encoding::PLAIN,
    Encoding::RLE_DICTIONARY,
    Encoding::PLAIN_DICTIONARY,
    Encoding::RLE,
    Encoding::BIT_PACKED,
];

/// What stands behind the levels in a page that has no blanks.
fn values_of(page: &Page, most_level: i16) -> Option<Bytes> {
    match page {
        Page::DataPage { buf, .. } if most_level == 0 => Some(buf.clone()),
        Page::DataPage { buf, num_values, def_level_encoding: Encoding::RLE, .. } => {
            let length = u32::from_le_bytes(*buf.first_chunk()?) as usize;
            let levels = buf.get(4..)?.get(..length)?;
            all_there(levels, *num_values)?.then(|| buf.slice(4 + length..))
        }
        Page::DataPageV2 {
            buf, num_nulls: 0, def_levels_byte_len, rep_levels_byte_len, ..
        } => {
            let levels = *def_levels_byte_len as usize + *rep_levels_byte_len as usize;
            (levels <= buf.len()).then(|| buf.slice(levels..))
        }
        _ => None,
    }
}

/// Whether so many levels of one bit are all 1: no value is blank. `None` when they are not whole.
fn all_there(levels: &[u8], values: u32) -> Option<bool> {
    let mut left = values as usize;
    let mut runs = Runs { bytes: levels, width: 1 };
    while left > 0 {
        match runs.next()? {
            Run::Same(count, level) => {
                if level != 1 {
                    return Some(false);
                }
                left = left.saturating_sub(count);
            }
            Run::Packed(packed) => {
                for byte in packed {
                    let here = left.min(8);
                    if (byte.trailing_ones() as usize) < here {
                        return Some(false);
                    }
                    left -= here;
                }
            }
        }
    }
    Some(true)
}

/// Small numbers of one width in bits: repeated (run-length encoding), or packed (bit packing).
struct Runs<'a> {
    bytes: &'a [u8],
    width: usize,
}

enum Run<'a> {
    /// How often, and which.
    Same(usize, u32),
    /// The lowest bits first, of each number and of the bytes.
    Packed(&'a [u8]),
}

impl<'a> Runs<'a> {
    /// The next run, which is not empty; `None` when there is no whole one.
    fn next(&mut self) -> Option<Run<'a>> {
        let (mut header, mut shift) = (0u32, 0);
        loop {
            let byte = self.take(1)?[0];
            header |= u32::from(byte & 0x7f).checked_shl(shift)?;
            shift += 7;
            if byte < 0x80 {
                break;
            }
        }
        let count = (header >> 1) as usize;
        if count == 0 {
            return None;
        }
        if header & 1 == 1 {
            return Some(Run::Packed(self.take(count.checked_mul(self.width)?)?));
        }
        let mut value = [0; 4];
        let bytes = self.take(self.width.div_ceil(8))?;
        value.get_mut(..bytes.len())?.copy_from_slice(bytes);
        Some(Run::Same(count, u32::from_le_bytes(value)))
    }

    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.bytes.split_at_checked(count)?;
        self.bytes = rest;
        Some(taken)
    }
}

/// The values that pages name by their numbers.
enum Dictionary {
    /// Texts behind their lengths, where each begins, and where the last one ends.
    Texts(Bytes, Vec<u32>),
    Times(Vec<[u8; 8]>),
}

impl Dictionary {
    fn new(values: Bytes, count: u32, kind: ValueKind) -> Option<Dictionary> {
        if kind != ValueKind::Text {
            let (times, _) = values.as_chunks();
            return Some(Dictionary::Times(times.to_vec()));
        }
        let (mut at, mut end) = (vec![0], 0usize);
        for _ in 0..count {
            let length = values.get(end..)?.first_chunk()?;
            end += 4 + u32::from_le_bytes(*length) as usize;
            at.push(u32::try_from(end).ok()?);
        }
        (end <= values.len()).then_some(Dictionary::Texts(values, at))
    }

    /// The values of a page in place of their numbers; `None` when there are not so many of them,
    /// or they need more than `room`.
    fn values(&self, numbers: &[u8], count: u32, room: usize) -> Option<Bytes> {
        let (&width, bytes) = numbers.split_first()?;
        let (width, mut left) = (usize::from(width), count as usize);
        if width > 32 {
            return None;
        }
        let mut runs = Runs { bytes, width };
        let mut values = Vec::with_capacity((left * 8).min(room));
        while left > 0 {
            match runs.next()? {
                Run::Same(count, number) => {
                    for _ in 0..count.min(left) {
                        self.put(number, &mut values, room)?;
                    }
                    left = left.saturating_sub(count);
                }
                Run::Packed(packed) => {
                    let (mut bits, mut held) = (0u64, 0);
                    let mut packed = packed.iter();
                    let more = packed.len() * 8 / width.max(1);
                    for _ in 0..more.min(left) {
                        while held < width {
                            bits |= u64::from(*packed.next()?) << held;
                            held += 8;
                        }
                        let number = bits & ((1 << width) - 1);
                        (bits, held) = (bits >> width, held - width);
                        self.put(number as u32, &mut values, room)?;
                    }
                    left -= more.min(left);
                }
            }
        }
        Some(values.into())
    }

    /// Appends a value, if there is room.
    #[inline(always)]
    fn put(&self, number: u32, values: &mut Vec<u8>, room: usize) -> Option<()> {
        match self {
            Dictionary::Times(times) => values.extend_from_slice(times.get(number as usize)?),
            Dictionary::Texts(texts, at) => {
                let [from, to] = *at.get(number as usize..)?.first_chunk()?;
                values.extend_from_slice(texts.get(from as usize..to as usize)?);
            }
        }
        (values.len() <= room).then_some(())
    }
}

/// The values of a column, one after the other.
#[derive(Debug, Clone)]
pub(in crate::ingest) struct PageValues<'v> {
    pages: std::slice::Iter<'v, Bytes>,
    rest: &'v [u8],
    kind: ValueKind,
}

impl<'v> PageValues<'v> {
    /// Whether they are instants, if they are times.
    pub fn instants(&self) -> Option<bool> {
        match self.kind {
            ValueKind::Text => None,
            ValueKind::Time(_, instants) => Some(instants),
        }
    }

    /// Passes values over; `None` when the pages end before.
    pub fn pass(&mut self, count: usize) -> Option<()> {
        self.each(count, |_, _| ())
    }

    /// Appends the next values to `texts` or `times`, in seconds; `None` when the pages end, though
    /// there are more rows.
    pub fn read<'c>(
        &mut self,
        count: usize,
        texts: &mut Vec<&'c [u8]>,
        times: &mut Vec<i64>,
    ) -> Option<()>
    where
        'v: 'c,
    {
        match self.kind {
            ValueKind::Text => self.each(count, |text, _| texts.push(text)),
            ValueKind::Time(unit, _) => self.each(count, |time, _| {
                let time = i64::from_le_bytes(*time.first_chunk().expect("eight bytes"));
                times.push(whole_seconds(time, unit));
            }),
        }
    }

    /// Calls `take` with the bytes of the next values, and with these and what follows on the page.
    #[inline(always)]
    pub fn each(&mut self, count: usize, mut take: impl FnMut(&'v [u8], &'v [u8])) -> Option<()> {
        let (is_text, mut rest) = (self.kind == ValueKind::Text, self.rest);
        for _ in 0..count {
            while rest.is_empty() {
                rest = self.pages.next()?;
            }
            let length = if is_text {
                let (length, behind) = rest.split_first_chunk()?;
                rest = behind;
                u32::from_le_bytes(*length) as usize
            } else {
                8
            };
            let (value, behind) = rest.split_at_checked(length)?;
            take(value, rest);
            rest = behind;
        }
        self.rest = rest;
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_schema::TimeUnit;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn whatever_is_in_a_page_it_ends(
            pages in proptest::collection::vec(proptest::collection::vec(0u8..12, 0..40), 0..3),
            kind in prop_oneof![
                Just(ValueKind::Text), Just(ValueKind::Time(TimeUnit::Microsecond, true))],
            count in 0u32..40) {
            let pages: Vec<Bytes> = pages.into_iter().map(Bytes::from).collect();
            let _ = pages.first().map(|levels| all_there(levels, count));
            if let [values, numbers, ..] = &pages[..] {
                let values = Dictionary::new(values.clone(), count, kind)
                    .and_then(|dictionary| dictionary.values(numbers, count, 100));
                prop_assert!(values.is_none_or(|values| values.len() <= 100));
            }
            let column = PlainColumn { pages, kind };
            let mut values = column.values();
            let (mut texts, mut times) = (Vec::new(), Vec::new());
            while values.read(7, &mut texts, &mut times).is_some() {}
        }
    }

    #[test]
    fn levels_in_runs_and_packed() {
        assert_eq!(all_there(&[20, 1], 10), Some(true));
        assert_eq!(all_there(&[20, 0], 10), Some(false));
        assert_eq!(all_there(&[8, 1, 12, 1], 10), Some(true));
        assert_eq!(all_there(&[8, 1, 12, 0], 10), Some(false));
        assert_eq!(all_there(&[5, 0xff, 0x03], 10), Some(true));
        assert_eq!(all_there(&[5, 0xff, 0x02], 10), Some(false));
        assert_eq!(all_there(&[5, 0xff], 10), None);
        // A run of 1 000 has a header of two bytes.
        assert_eq!(all_there(&[0xd0, 0x0f, 1], 1000), Some(true));
        assert_eq!(all_there(&[], 0), Some(true));
    }
}
