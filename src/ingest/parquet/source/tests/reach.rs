//! Row groups that are not read, because nothing can come of them.

use super::super::*;
use super::{Export, Shown, sorted, time};
use crate::base::sieve::IdRange;
use crate::base::time::Instant;
use crate::ingest::folder::Folder;
use arrow_array::{ArrayRef, RecordBatch, StringArray, TimestampMillisecondArray};
use parquet::arrow::ArrowWriter;
use parquet::file::metadata::{ParquetMetaDataReader, ParquetMetaDataWriter};
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::statistics::Statistics as OfColumn;
use proptest::prelude::*;
use std::fs::File;
use std::io::{Seek, SeekFrom, Write};
use std::sync::Arc;

/// Person, start, end and place.
type Row = (Option<String>, Option<i64>, Option<i64>, Option<String>);

/// Rows in a row group.
const GROUP: usize = 4;

/// With `others`, one row has a cell of another column, which is no good.
fn write(rows: &[Row], instants: bool, bounded: bool, others: bool) -> Export {
    let export = Export::new("America/New_York", "cdc", Instant(40_000));
    let text = |of: fn(&Row) -> &Option<String>| -> ArrayRef {
        Arc::new(rows.iter().map(|row| of(row).clone()).collect::<StringArray>())
    };
    let time = |of: fn(&Row) -> Option<i64>| -> ArrayRef {
        let times = rows.iter().map(|row| of(row).map(|seconds| seconds * 1000));
        let times: TimestampMillisecondArray = times.collect();
        Arc::new(times.with_timezone_opt(instants.then_some("UTC")))
    };
    let other = (0..rows.len()).map(|row| (others && row == 5).then_some("perhaps"));
    let other = Arc::new(other.collect::<StringArray>()) as ArrayRef;
    // In another order than the table's.
    let batch = RecordBatch::try_from_iter_with_nullable([
        ("protected", other, true),
        ("end", time(|row| row.2), true),
        ("place_id", text(|row| &row.3), true),
        ("start", time(|row| row.1), true),
        ("person_id", text(|row| &row.0), true),
    ]);
    let batch = batch.unwrap();
    let few = WriterProperties::builder().set_max_row_group_row_count(Some(GROUP));
    let few = few
        .set_dictionary_enabled(false)
        .set_statistics_truncate_length(bounded.then_some(2))
        .set_statistics_enabled(EnabledStatistics::Chunk);
    let file = File::create(export.path()).unwrap();
    let mut writer = ArrowWriter::try_new(file, batch.schema(), Some(few.build())).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    export
}

impl Export {
    /// Has the end of the file tell something else of a column of a row group.
    fn retell(&self, group: usize, column: usize, statistics: OfColumn) {
        let metadata = ParquetMetaDataReader::new();
        let metadata = metadata.parse_and_finish(&File::open(self.path()).unwrap()).unwrap();
        let mut groups = metadata.row_groups().to_vec();
        let mut columns = groups[group].columns().to_vec();
        let about = columns[column].clone().into_builder().set_statistics(statistics);
        columns[column] = about.build().unwrap();
        let about = groups[group].clone().into_builder().set_column_metadata(columns);
        groups[group] = about.build().unwrap();
        let metadata = metadata.into_builder().set_row_groups(groups).build();
        let mut bytes = std::fs::read(self.path()).unwrap();
        let length = u32::from_le_bytes(*bytes[..bytes.len() - 4].last_chunk().unwrap());
        bytes.truncate(bytes.len() - 8 - length as usize);
        ParquetMetaDataWriter::new(&mut bytes, &metadata).finish().unwrap();
        std::fs::write(self.path(), bytes).unwrap();
    }

    /// Writes rubbish over the values of a column in a row group.
    fn spoil(&self, group: usize, column: usize) {
        let folder = Folder::open(self.dir.path()).unwrap();
        let file = folder.of(crate::ingest::Table::Trajectories).next().unwrap();
        let described = Described::new(file).unwrap();
        let about = described.metadata.metadata().row_group(group).column(column);
        let (at, length) = about.byte_range();
        let mut file = File::options().write(true).open(self.path()).unwrap();
        file.seek(SeekFrom::Start(at)).unwrap();
        file.write_all(&vec![0xff; length as usize]).unwrap();
    }
}

/// Whether a stay, as shown, is in reach.
fn is_near((places, since): (&[&str], Instant), shown: &str) -> bool {
    let (_, end) = shown.split_once("end: Instant(").unwrap();
    let (end, _) = end.split_once(')').unwrap();
    let is = |place: &&str| shown.contains(&format!("Place({:?})", place.as_bytes()));
    end.parse::<i64>().unwrap() > since.0 && places.iter().any(is)
}

/// Takes what is in reach.
fn near(places: &[&str], since: i64) -> Shown<'static> {
    let places = IdRange::new(places.iter().map(|place| place.as_bytes()));
    Shown { near: Some(Instant(since)), places, ..Shown::default() }
}

/// Takes the stays of some persons.
fn of<'w>(wanted: &'w Wanted<'w>) -> Shown<'w> {
    Shown { wanted: Some(wanted), ..Shown::default() }
}

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let id = || {
        let text = prop_oneof![
            20 => "[A-D][0-9]",
            4 => "[A-D][0-9]([ \n\r][a-z]?|\u{3000}| b)",
            1 => "[ \n]?|\u{3000}A1|甲[ ]?|A1甲",
        ];
        proptest::option::weighted(0.99, text)
    };
    let time = |range| proptest::option::weighted(0.99, range);
    let row = (id(), time(0..30_000i64), time(30..3_000i64), id());
    let row = row.prop_map(|(person, start, length, place)| {
        let end = length.map(|length| start.unwrap_or(0) + length - 60);
        (person, start, end, place)
    });
    proptest::collection::vec(row, 0..60)
}

proptest! {
    #[test]
    fn all_that_is_in_reach_is_read_and_every_row_is_counted(
        mut rows in rows(), by_place in any::<bool>(), instants in any::<bool>(), bounded in any::<bool>(),
        others in any::<bool>(),
        places in proptest::sample::subsequence(vec!["A1", "A1 b", "B", "B2", "C3", "D9", "甲"], 0..4),
        persons in proptest::sample::subsequence(vec!["A1", "A1 b", "B2", "C3", "甲"], 1..3),
        since in prop_oneof![0i64..50_000, Just(i64::MAX)]) {
        match by_place {
            true => rows.sort_by_key(|row| row.3.clone()),
            false => rows.sort_by_key(|row| row.1),
        }
        let written = write(&rows, instants, bounded, others);
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let time = |seconds: Option<i64>| time(seconds.map(|seconds| seconds * 1000), instants);
        let cells: Vec<Vec<String>> = rows.iter().enumerate().map(|(n, (person, start, end, place))| {
            let other = if others && n == 5 { "perhaps" } else { "" };
            vec![other.to_owned(), time(*end), text(place), time(*start), text(person)]
        }).collect();
        let header = ["protected", "end", "place_id", "start", "person_id"];
        let (all, rejects, tallies) = written.by_text(&header, &cells);
        let only_near = |mut stays: Vec<String>| {
            stays.retain(|stay| is_near((&places, Instant(since)), stay));
            stays
        };
        let ours = sorted(written.read(|| near(&places, since)).unwrap());
        prop_assert_eq!((only_near(ours.0), ours.1, ours.2), (only_near(all.clone()), rejects, tallies));

        let is = |id: &[u8]| persons.iter().any(|person| person.as_bytes() == id);
        let wanted = Wanted::new(persons.iter().map(|person| person.as_bytes()), &is);
        let (of_persons, ..) = sorted(written.read(|| of(&wanted)).unwrap());
        let named = |stay: &&String| {
            persons.iter().any(|person| stay.contains(&format!("person: {:?},", person.as_bytes())))
        };
        prop_assert_eq!(of_persons, all.iter().filter(named).cloned().collect::<Vec<_>>());
    }
}

/// Rows of three row groups: of A0 to A3 at H0 to H3 in the first hour, of A4 to A7 at H4 to H7 in
/// the second, and so on.
fn three_hours() -> Vec<Row> {
    let row = |n: i64| {
        let start = n / GROUP as i64 * 3600 + 60 * n;
        (Some(format!("A{n:02}")), Some(start), Some(start + 50), Some(format!("H{n:02}")))
    };
    (0..3 * GROUP as i64).map(row).collect()
}

const END: usize = 1;
const PLACE: usize = 2;
const PERSON: usize = 4;

#[test]
fn what_is_too_early_or_elsewhere_is_not_read() {
    let shown = |written: &Export, places: &[&str], since| {
        let (takers, account) = written.read(|| near(places, since))?;
        assert_eq!(account.files[0].tally.rows, 12);
        Ok::<_, crate::base::error::Error>(
            takers.iter().map(|shown| shown.stays.len()).sum::<usize>(),
        )
    };
    let written = write(&three_hours(), true, false, false);
    // The first two hours end at 3600 + 7 * 60 + 50.
    assert_eq!(shown(&written, &["H00", "H05", "H11"], 4069).unwrap(), 8);
    assert_eq!(shown(&written, &["H00", "H05", "H11"], 4070).unwrap(), 4);
    assert_eq!(shown(&written, &["H05"], 0).unwrap(), 4);
    assert_eq!(shown(&written, &["A", "H035", "H079", "I"], 0).unwrap(), 0);
    assert_eq!(shown(&written, &["H00", "H05", "H11"], i64::MAX).unwrap(), 0);
    for column in [PERSON, PLACE] {
        written.spoil(0, column);
    }
    assert!(shown(&written, &["H00"], 0).is_err());
    assert_eq!(shown(&written, &["H05"], 0).unwrap(), 4);
    assert_eq!(shown(&written, &["H00", "H05", "H11"], 3600).unwrap(), 8);
    // Times are looked at all the same.
    written.spoil(0, END);
    assert!(shown(&written, &["H05"], 0).is_err());
}

#[test]
fn statistics_of_times_are_not_believed() {
    let written = write(&three_hours(), true, false, false);
    written.retell(1, END, OfColumn::int64(Some(0), Some(0), None, Some(0), false));
    let places = ["H00", "H05", "H11"];
    let (takers, _) = written.read(|| near(&places, 3600)).unwrap();
    assert_eq!(takers.iter().map(|shown| shown.stays.len()).sum::<usize>(), 8);
}

#[test]
fn groups_without_a_wanted_person_are_not_read() {
    // No group has ids of two tens: a mark behind the first letter may stand there.
    let mut rows = three_hours();
    rows.iter_mut().zip(12..).for_each(|(row, n)| row.0 = Some(format!("A{n}")));
    let written = write(&rows, false, false, false);
    written.spoil(0, PERSON);
    written.spoil(2, PERSON);
    let shown = |id: &'static str| {
        let is = |other: &[u8]| other == id.as_bytes();
        let wanted = Wanted::new(std::iter::once(id.as_bytes()), &is);
        let takers = written.read(|| of(&wanted))?.0;
        Ok::<_, crate::base::error::Error>(
            takers.iter().map(|shown| shown.stays.len()).sum::<usize>(),
        )
    };
    assert_eq!(shown("A17").unwrap(), 1);
    assert_eq!(shown("A175").unwrap(), 0);
    assert!(shown("A12").is_err() && shown("A23").is_err());
}
