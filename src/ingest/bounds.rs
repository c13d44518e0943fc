//! What the end of a Parquet file tells of the values of a row group, before any of them is read.
//!
//! Blanks, and the least and the latest value of a column. Only what today's format defines is
//! believed: the bounds of old files are in an order of which nobody is sure. Cost: none.

use super::pages::Kind;
use super::parquet::whole_seconds;
use arrow_schema::DataType;
use parquet::file::metadata::{ColumnChunkMetaData, RowGroupMetaData};
use parquet::file::statistics::Statistics;

/// How many rows have no value, if the file tells.
pub(super) fn blanks(about: &ColumnChunkMetaData) -> Option<u64> {
    about.statistics()?.null_count_opt()
}

/// Whether the file tells that no row has a value.
pub(super) fn is_blank(group: &RowGroupMetaData, column: usize) -> bool {
    blanks(group.column(column)) == Some(group.num_rows() as u64)
}

/// Between which two all values of a column of texts lie as bytes; `None` when the file does not tell, or a
/// row may have no text, or one that begins with a blank.
pub(super) fn texts<'a>(
    about: &'a ColumnChunkMetaData,
    given_as: &DataType,
) -> Option<[&'a [u8]; 2]> {
    let found = about.statistics()?;
    let told = Kind::of(about, given_as) == Some(Kind::Text)
        && blanks(about) == Some(0)
        && !found.is_min_max_deprecated();
    let bounds = [found.min_bytes_opt()?, found.max_bytes_opt()?];
    // What lies between two printable characters is one.
    let printable = |text: &[u8]| text.first().is_some_and(|byte| (0x21..0x7f).contains(byte));
    (told && bounds.into_iter().all(printable)).then_some(bounds)
}

/// The latest value of a column of times, in seconds since 1970, and whether it is an instant or a
/// wall-clock time.
pub(super) fn latest(about: &ColumnChunkMetaData, given_as: &DataType) -> Option<(i64, bool)> {
    let Statistics::Int64(found) = about.statistics()? else { return None };
    match Kind::of(about, given_as)? {
        Kind::Time(unit, instant) => Some((whole_seconds(*found.max_opt()?, unit), instant)),
        Kind::Text => None,
    }
}
