//! The headers of the pages of a Parquet column, before any page is unpacked.
//!
//! They are held against what the end of the file says: as many values, and sizes that can be. The
//! library believes the end of the file, and stops reading where it says so. Pages are not read
//! here. Cost: a small read a page.

use crate::base::error::Result;
use crate::base::problem::Problem;
use crate::ingest::input::InputFile;
use crate::ingest::parquet::file::{Described, SharedFile, damaged};
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::reader::{ChunkReader, Length};

/// What is known of a page before it is read.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct PageHeader {
    /// Of the header itself.
    length: usize,
    unpacked: i64,
    packed: i64,
    has_checksum: bool,
    /// Of a page of data; `None` of any other.
    values: Option<i64>,
}

/// Bytes of a header at the first try, and at most.
const FIRST: usize = 256;
const MOST: usize = 1 << 24;

/// Pages up to so many bytes may be packed as densely as can be.
const LARGE_PAGE: u64 = 64 << 20;

/// Whether each page of a cell has a checksum, in one row group; pages may unpack to `most`
/// times their size. Whoever reads a cell begins here.
///
/// # Errors
/// When the pages hold more or less than the end of the file says, or unpack to more than can be.
pub(in crate::ingest) fn examine(
    described: &Described,
    raw: (&InputFile, &SharedFile),
    (group, cell): (usize, usize),
    most: u64,
) -> Result<bool> {
    let columns = described.metadata.parquet_schema();
    let group = described.metadata.metadata().row_group(group);
    let rows = group.num_rows().max(0) as u64;
    (0..columns.num_columns())
        .filter(|leaf| columns.get_column_root_idx(*leaf) == cell)
        .try_fold(true, |all, leaf| Ok(examine_column(raw, group.column(leaf), rows, most)? && all))
}

/// Whether each page of a column has a checksum; `rows` is how many rows its row group is said to
/// have.
fn examine_column(
    (file, raw): (&InputFile, &SharedFile),
    about: &ColumnChunkMetaData,
    rows: u64,
    most: u64,
) -> Result<bool> {
    let differ = |pages: i64, footer: u64| Problem::PagesDiffer {
        file: format!("`{}`", file.name),
        pages: pages.max(0) as u64,
        footer,
    };
    let (mut at, length) = about.byte_range();
    let end = at.saturating_add(length).min(raw.len());
    let said = about.num_values();
    // A value a row, but for lists.
    if about.column_descr().max_rep_level() == 0 && u64::try_from(said) != Ok(rows) {
        return Err(differ(said, rows).into());
    }
    let (mut values, mut all_have) = (0i64, true);
    while at < end {
        let Some(page) = header(raw, at, end).map_err(|e| damaged(file, e))? else {
            // What old programs leave behind the last page is no page.
            if values == said {
                break;
            }
            return Err(damaged(file, "a page has no header"));
        };
        let (unpacked, packed) = (page.unpacked.max(0) as u64, page.packed.max(0) as u64);
        if unpacked > LARGE_PAGE && unpacked > packed.saturating_mul(most) {
            return Err(Problem::UnpacksTooFar { file: format!("`{}`", file.name), most }.into());
        }
        values = values.saturating_add(page.values.unwrap_or(0).max(0));
        all_have &= page.has_checksum;
        at = at.saturating_add(page.length as u64).saturating_add(packed);
    }
    if values != said {
        return Err(differ(values, said.max(0) as u64).into());
    }
    Ok(all_have)
}

/// The header of a page that begins at a position; `None` when there is no whole one.
fn header(raw: &SharedFile, at: u64, end: u64) -> parquet::errors::Result<Option<PageHeader>> {
    let mut take = FIRST;
    loop {
        let here = take.min(usize::try_from(end - at).unwrap_or(MOST));
        let found = PageHeader::read(&raw.get_bytes(at, here)?);
        if found.is_some() || here < take || take >= MOST {
            return Ok(found);
        }
        take *= 16;
    }
}

impl PageHeader {
    /// Reads a header off the bytes it begins; `None` when it is not whole or is none.
    fn read(bytes: &[u8]) -> Option<PageHeader> {
        let mut compact = Compact { bytes, depth: 0 };
        let mut page = PageHeader { unpacked: -1, packed: -1, ..PageHeader::default() };
        let mut field = 0;
        while let Some(kind) = compact.field(&mut field)? {
            match (field, kind) {
                (2, I32) => page.unpacked = compact.number()?,
                (3, I32) => page.packed = compact.number()?,
                (4, I32) => {
                    compact.number()?;
                    page.has_checksum = true;
                }
                // Of data, of the first and of the second version: values come first.
                (5 | 8, STRUCT) => {
                    let mut inner = 0;
                    while let Some(kind) = compact.field(&mut inner)? {
                        match (inner, kind) {
                            (1, I32) => page.values = Some(compact.number()?),
                            _ => compact.skip(kind)?,
                        }
                    }
                }
                _ => compact.skip(kind)?,
            }
        }
        page.length = bytes.len() - compact.bytes.len();
        (page.unpacked >= 0 && page.packed >= 0).then_some(page)
    }
}

/// Kinds of fields in Thrift's compact protocol.
const I32: u8 = 5;
const STRUCT: u8 = 12;

/// Fields in Thrift's compact protocol, one after the other.
struct Compact<'a> {
    bytes: &'a [u8],
    depth: usize,
}

/// Structures within structures that are followed; a page header has two.
const DEEPEST: usize = 16;

impl Compact<'_> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.bytes.split_first()?;
        self.bytes = rest;
        Some(*first)
    }

    fn pass(&mut self, count: u64) -> Option<()> {
        self.bytes = self.bytes.get(usize::try_from(count).ok()?..)?;
        Some(())
    }

    /// A number of seven bits a byte, the lowest first.
    fn plain(&mut self) -> Option<u64> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(value);
            }
        }
        None
    }

    /// A number whose lowest bit is its sign.
    fn number(&mut self) -> Option<i64> {
        let value = self.plain()?;
        Some((value >> 1) as i64 ^ -((value & 1) as i64))
    }

    /// The number and the kind of the next field; `Some(None)` at the end of a structure.
    fn field(&mut self, number: &mut i64) -> Option<Option<u8>> {
        let byte = self.byte()?;
        let (step, kind) = (byte >> 4, byte & 0xf);
        if kind == 0 {
            return Some(None);
        }
        *number = if step == 0 { self.number()? } else { number.checked_add(step.into())? };
        Some(Some(kind))
    }

    /// Passes over a value.
    fn skip(&mut self, kind: u8) -> Option<()> {
        match kind {
            1 | 2 => Some(()),
            3 => self.pass(1),
            4..=6 => self.plain().map(|_| ()),
            7 => self.pass(8),
            8 => {
                let length = self.plain()?;
                self.pass(length)
            }
            9 | 10 => {
                let head = self.byte()?;
                let count = if head >> 4 == 15 { self.plain()? } else { u64::from(head >> 4) };
                self.many(count, |own| match head & 0xf {
                    // Truths in a list have a byte each.
                    1 | 2 => own.pass(1),
                    kind => own.skip(kind),
                })
            }
            STRUCT => {
                let mut number = 0;
                self.depth += 1;
                while self.depth < DEEPEST {
                    match self.field(&mut number)? {
                        Some(kind) => self.skip(kind)?,
                        None => {
                            self.depth -= 1;
                            return Some(());
                        }
                    }
                }
                None
            }
            // Maps, of which a page header has none, and what is no kind.
            _ => None,
        }
    }

    fn many(&mut self, count: u64, mut each: impl FnMut(&mut Self) -> Option<()>) -> Option<()> {
        self.depth += 1;
        for _ in 0..count {
            if self.depth >= DEEPEST {
                return None;
            }
            each(self)?;
        }
        self.depth -= 1;
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_header_with_statistics() {
        // Type 0, 300 unpacked, 40 packed, a checksum, and a page of 25 values with statistics.
        let header = [
            0x15, 0x00, 0x15, 0xd8, 0x04, 0x15, 0x50, 0x15, 0x07, 0x1c, 0x15, 0x32, 0x15, 0x00,
            0x15, 0x06, 0x15, 0x06, 0x1c, 0x18, 0x02, b'a', b'b', 0x11, 0x00, 0x00, 0x00,
        ];
        let mut with_more = header.to_vec();
        with_more.extend([7; 9]);
        let page = PageHeader::read(&with_more).unwrap();
        let (length, values) = (header.len(), Some(25));
        assert_eq!(
            page,
            PageHeader { length, unpacked: 300, packed: 40, has_checksum: true, values }
        );
        for cut in 0..header.len() {
            assert_eq!(PageHeader::read(&header[..cut]), None, "{cut}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_end(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let page = PageHeader::read(&bytes);
            prop_assert!(page.is_none_or(|page| page.length <= bytes.len()));
        }

        #[test]
        fn numbers_are_those_of_the_protocol(number: i32) {
            let zigzag = u64::from(((number << 1) ^ (number >> 31)) as u32);
            let (mut bytes, mut rest) = (Vec::new(), zigzag);
            while rest > 0x7f {
                bytes.push(rest as u8 | 0x80);
                rest >>= 7;
            }
            bytes.push(rest as u8);
            let read = Compact { bytes: &bytes, depth: 0 }.number();
            prop_assert_eq!(read, Some(i64::from(number)));
        }
    }
}
