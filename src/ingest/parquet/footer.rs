//! What the end of a Parquet file tells of the values of a row group, before any of them is read.
//!
//! Blanks, and the least and the latest value of a column. Only what today's format defines is
//! believed: the bounds of old files are in an order of which nobody is sure. Cost: none.

use arrow_schema::{DataType, TimeUnit};
use parquet::basic::{ConvertedType, LogicalType, TimeUnit as Unit, Type};
use parquet::file::metadata::{ColumnChunkMetaData, RowGroupMetaData};
use parquet::file::statistics::Statistics;

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::ingest) enum ValueKind {
    Text,
    /// In what unit, and whether they are instants or wall-clock times.
    Time(TimeUnit, bool),
}

impl ValueKind {
    /// What the values of a column are that arrow would give as `given_as`; `None` when they are
    /// neither texts nor times, or the column is made of others.
    pub(in crate::ingest) fn of(
        about: &ColumnChunkMetaData,
        given_as: &DataType,
    ) -> Option<ValueKind> {
        let column = about.column_descr();
        if column.max_rep_level() > 0 || column.max_def_level() > 1 {
            return None;
        }
        match (about.column_type(), given_as) {
            (Type::BYTE_ARRAY, DataType::Utf8View) => Some(ValueKind::Text),
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
                same.then_some(ValueKind::Time(*unit, zone.is_some()))
            }
            _ => None,
        }
    }
}

/// The seconds of a time; fractions are cut off. Divisions by numbers that are known: a third of
/// the time of any other.
#[inline(always)]
pub(in crate::ingest) fn whole_seconds(time: i64, unit: TimeUnit) -> i64 {
    match unit {
        TimeUnit::Second => time,
        TimeUnit::Millisecond => time.div_euclid(1_000),
        TimeUnit::Microsecond => time.div_euclid(1_000_000),
        TimeUnit::Nanosecond => time.div_euclid(1_000_000_000),
    }
}

/// How many rows have no value, if the file tells.
pub(in crate::ingest) fn blanks(about: &ColumnChunkMetaData) -> Option<u64> {
    about.statistics()?.null_count_opt()
}

/// Whether the file tells that no row has a value.
pub(in crate::ingest) fn is_blank(group: &RowGroupMetaData, column: usize) -> bool {
    blanks(group.column(column)) == Some(group.num_rows() as u64)
}

/// Between which two all values of a column of texts lie as bytes; `None` when the file does not
/// tell, or a row may have no text, or one that begins with a blank.
pub(in crate::ingest) fn texts<'a>(
    about: &'a ColumnChunkMetaData,
    given_as: &DataType,
) -> Option<[&'a [u8]; 2]> {
    let found = about.statistics()?;
    let told = ValueKind::of(about, given_as) == Some(ValueKind::Text)
        && blanks(about) == Some(0)
        && !found.is_min_max_deprecated();
    let bounds = [found.min_bytes_opt()?, found.max_bytes_opt()?];
    // What lies between two printable characters is one; and no text may begin with what a
    // spreadsheet wraps it in.
    let printable = |text: &[u8]| text.first().is_some_and(|byte| (b'('..0x7f).contains(byte));
    let wrapped = bounds[0] < &b">"[..] && bounds[1] >= &b"="[..];
    (told && bounds.into_iter().all(printable) && !wrapped).then_some(bounds)
}

/// The latest value of a column of times, in seconds since 1970, and whether it is an instant or a
/// wall-clock time.
pub(in crate::ingest) fn latest(
    about: &ColumnChunkMetaData,
    given_as: &DataType,
) -> Option<(i64, bool)> {
    let Statistics::Int64(found) = about.statistics()? else { return None };
    match ValueKind::of(about, given_as)? {
        ValueKind::Time(unit, instant) => Some((whole_seconds(*found.max_opt()?, unit), instant)),
        ValueKind::Text => None,
    }
}
