//! Columns of a Parquet row group whose values stand one behind the other: read off the pages.
//!
//! Without a dictionary and without blanks, a page is the values as they are (`PLAIN`), and an array
//! made of them would cost more than all that is done with it. Any other column is for arrow; see
//! [`super::columnar`]. Cost: the pages of a column of one row group, unpacked.

use super::parquet::SharedFile;
use arrow_schema::{DataType, TimeUnit};
use bytes::Bytes;
use parquet::basic::{ConvertedType, Encoding, LogicalType, TimeUnit as Unit, Type};
use parquet::column::page::{Page, PageReader};
use parquet::errors::Result;
use parquet::file::metadata::{ColumnChunkMetaData, RowGroupMetaData};
use parquet::file::serialized_reader::SerializedPageReader;
use std::sync::Arc;

/// Row groups of more bytes than this, unpacked, are left to arrow, which holds a page at a time.
const MOST: i64 = 16 << 20;

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    /// In what unit, and whether they are instants or wall-clock times.
    Time(TimeUnit, bool),
}

/// The values of a column in a row group, one for each row.
#[derive(Debug)]
pub(super) struct PlainColumn {
    pages: Vec<Bytes>,
    kind: Kind,
    rows: usize,
}

/// A value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Value<'v> {
    /// Text, not looked at yet.
    Text(&'v [u8]),
    /// Seconds since 1970, and whether they are an instant or a wall-clock time.
    Time(i64, bool),
}

impl PlainColumn {
    /// Reads and unpacks a column that arrow would give as `given_as`; `None` when its values do not stand
    /// like this.
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
        let (mut pages, mut count) = (Vec::new(), 0);
        while let Some(page) = reader.get_next_page()? {
            let Some(values) = plain_values(&page, most_level) else { return Ok(None) };
            count += page.num_values() as usize;
            pages.push(values);
        }
        Ok((count == rows).then_some(PlainColumn { pages, kind, rows }))
    }

    /// How many rows the row group has.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The values in order.
    pub fn values(&self) -> Values<'_> {
        Values { pages: self.pages.iter(), rest: &[], kind: self.kind }
    }
}

/// Whether the values of a column may stand like this, as far as the end of the file tells.
pub(super) fn may_be_plain(group: &RowGroupMetaData, column: (usize, &DataType)) -> bool {
    kind(group, column).is_some()
}

/// Whether the end of the file tells that a column has no value.
pub(super) fn is_blank(group: &RowGroupMetaData, column: usize) -> bool {
    blanks(group.column(column)) == Some(group.num_rows() as u64)
}

fn blanks(about: &ColumnChunkMetaData) -> Option<u64> {
    about.statistics()?.null_count_opt()
}

/// What the values of a column are, if they may stand as they are.
fn kind(group: &RowGroupMetaData, (column, given_as): (usize, &DataType)) -> Option<Kind> {
    let about = group.column(column);
    let column = about.column_descr();
    let plain =
        |encoding| matches!(encoding, Encoding::PLAIN | Encoding::RLE) || encoding == LEVELS_OF_OLD;
    let flat = column.max_rep_level() == 0 && column.max_def_level() <= 1;
    let stand = flat
        && about.dictionary_page_offset().is_none()
        && about.encodings().all(plain)
        && blanks(about).is_none_or(|blanks| blanks == 0)
        && group.total_byte_size() <= MOST;
    if !stand {
        return None;
    }
    match (about.column_type(), given_as) {
        (Type::BYTE_ARRAY, DataType::Utf8View) => Some(Kind::Text),
        (Type::INT64, DataType::Timestamp(unit, zone)) => {
            // What the file says, not what a program has written beside it.
            let unit_of_old = match column.converted_type() {
                ConvertedType::TIMESTAMP_MILLIS => Some(Unit::MILLIS),
                ConvertedType::TIMESTAMP_MICROS => Some(Unit::MICROS),
                _ => None,
            };
            let stored = match column.logical_type_ref() {
                Some(LogicalType::Timestamp(about)) => Some(about.unit),
                _ => unit_of_old,
            };
            let same = matches!(
                (stored?, unit),
                (Unit::MILLIS, TimeUnit::Millisecond)
                    | (Unit::MICROS, TimeUnit::Microsecond)
                    | (Unit::NANOS, TimeUnit::Nanosecond)
            );
            same.then_some(Kind::Time(*unit, zone.is_some()))
        }
        _ => None,
    }
}

/// Named by files for levels that no column of ours has.
#[allow(deprecated)]
const LEVELS_OF_OLD: Encoding = Encoding::BIT_PACKED;

/// The values of a page that has no blanks.
fn plain_values(page: &Page, most_level: i16) -> Option<Bytes> {
    match page {
        Page::DataPage {
            buf, num_values, encoding: Encoding::PLAIN, def_level_encoding, ..
        } => {
            if most_level == 0 {
                return Some(buf.clone());
            }
            let length = u32::from_le_bytes(*buf.first_chunk()?) as usize;
            let levels = buf.get(4..)?.get(..length)?;
            let all = *def_level_encoding == Encoding::RLE && all_there(levels, *num_values)?;
            all.then(|| buf.slice(4 + length..))
        }
        Page::DataPageV2 {
            buf,
            encoding: Encoding::PLAIN,
            num_nulls: 0,
            def_levels_byte_len,
            rep_levels_byte_len,
            ..
        } => {
            let levels = *def_levels_byte_len as usize + *rep_levels_byte_len as usize;
            (levels <= buf.len()).then(|| buf.slice(levels..))
        }
        _ => None,
    }
}

/// Whether so many levels of one bit, in runs or packed, are all 1: no value is blank. `None` when they
/// are not whole.
fn all_there(mut levels: &[u8], values: u32) -> Option<bool> {
    let mut left = u64::from(values);
    while left > 0 {
        let (mut header, mut shift) = (0u64, 0);
        loop {
            let (&byte, rest) = levels.split_first()?;
            levels = rest;
            header |= u64::from(byte & 0x7f) << shift;
            shift += 7;
            if byte < 0x80 {
                break;
            }
            if shift > 35 {
                return None;
            }
        }
        let count = header >> 1;
        if header & 1 == 0 {
            let (&level, rest) = levels.split_first()?;
            levels = rest;
            if level != 1 || count == 0 {
                return Some(false);
            }
            left = left.saturating_sub(count);
        } else {
            for _ in 0..count {
                let (&packed, rest) = levels.split_first()?;
                levels = rest;
                let here = left.min(8);
                if u64::from(packed.trailing_ones()) < here {
                    return Some(false);
                }
                left -= here;
            }
            if count == 0 {
                return Some(false);
            }
        }
    }
    Some(true)
}

/// The values of a column, one after the other.
#[derive(Debug, Clone)]
pub(super) struct Values<'v> {
    pages: std::slice::Iter<'v, Bytes>,
    rest: &'v [u8],
    kind: Kind,
}

impl<'v> Values<'v> {
    /// The bytes from the next value on; a text begins behind four bytes of length. Empty after the
    /// last value of a page, too.
    #[inline(always)]
    pub fn ahead(&self) -> &'v [u8] {
        self.rest
    }

    /// The next value; `None` when the pages end, though there are more rows.
    #[inline(always)]
    pub fn next(&mut self) -> Option<Value<'v>> {
        while self.rest.is_empty() {
            self.rest = self.pages.next()?;
        }
        match self.kind {
            Kind::Text => {
                let (length, rest) = self.rest.split_first_chunk()?;
                let length = u32::from_le_bytes(*length) as usize;
                let (text, rest) = rest.split_at_checked(length)?;
                self.rest = rest;
                Some(Value::Text(text))
            }
            Kind::Time(unit, instant) => {
                let (time, rest) = self.rest.split_first_chunk()?;
                self.rest = rest;
                let time = i64::from_le_bytes(*time);
                // Divisions by a number that is known: a third of the time of any other.
                let seconds = match unit {
                    TimeUnit::Second => time,
                    TimeUnit::Millisecond => time.div_euclid(1_000),
                    TimeUnit::Microsecond => time.div_euclid(1_000_000),
                    TimeUnit::Nanosecond => time.div_euclid(1_000_000_000),
                };
                Some(Value::Time(seconds, instant))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
