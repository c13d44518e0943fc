//! Columns against the text of the same rows.

use super::*;
use crate::base::sieve::IdRange;
use crate::base::time::{Instant, TimeZone};
use crate::ingest::account::Account;
use crate::ingest::folder::Folder;
use crate::ingest::read::read_stays;
use crate::ingest::rejects::{Reason, Reject};
use crate::ingest::rows::column::{Column, NONE};
use crate::ingest::settings::Silent;
use crate::ingest::tables::stays::StayLimits;
use crate::model::{Interest, Reach, Stay, TakeStays};
use crate::policy::Policy;
use arrow_array::types::Int32Type;
use arrow_array::{
    ArrayRef, DictionaryArray, Float64Array, RecordBatch, StringArray, TimestampMillisecondArray,
};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, Encoding};
use parquet::file::metadata::{
    FileMetaData, ParquetMetaDataBuilder, ParquetMetaDataReader, ParquetMetaDataWriter,
};
use parquet::file::properties::{WriterProperties, WriterVersion};
use proptest::prelude::*;
use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;

mod reach;

/// Stays as text, so that they can be compared and sorted.
#[derive(Default)]
struct Shown<'w> {
    stays: Vec<String>,
    wanted: Option<&'w Wanted<'w>>,
    /// Since when the places are in reach, if not all are.
    near: Option<Instant>,
    places: IdRange,
}

impl Interest for Shown<'_> {
    fn persons(&self) -> Option<&Wanted<'_>> {
        self.wanted
    }

    fn reach(&self) -> Option<Reach<'_>> {
        Some(Reach { places: &self.places, since: self.near? })
    }
}

impl TakeStays for Shown<'_> {
    fn stay(&mut self, stay: &Stay<'_>) {
        self.stays.push(format!("{:?} {stay:?}", stay.row));
    }
}

type Seen = (Vec<String>, Vec<Reject>, Vec<Tally>);

fn sorted((takers, mut account): (Vec<Shown<'_>>, Account)) -> Seen {
    let mut stays: Vec<String> = takers.into_iter().flat_map(|shown| shown.stays).collect();
    stays.sort();
    account.sort();
    (
        stays,
        account.rejects.iter().cloned().collect(),
        account.files.into_iter().map(|file| file.tally).collect(),
    )
}

/// A folder with a file of stays, and how it is read.
struct Export {
    dir: tempfile::TempDir,
    settings: Settings,
    limits: StayLimits,
}

impl Export {
    fn new(zone: &str, policy: &str, as_of: Instant) -> Export {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("cases.csv"), "person_id,confirmed\n").unwrap();
        let settings = Settings { max_rejects: 1.0, ..Settings::new(TimeZone::get(zone).unwrap()) };
        let limits = StayLimits::new(&Policy::preset(policy).unwrap(), as_of);
        Export { dir, settings, limits }
    }

    fn path(&self) -> PathBuf {
        self.dir.path().join("trajectories.parquet")
    }

    fn read<'w>(&self, start: impl Fn() -> Shown<'w> + Sync) -> Result<(Vec<Shown<'w>>, Account)> {
        let folder = Folder::open(self.dir.path()).unwrap();
        read_stays(&folder, &self.settings, &self.limits, (&Silent, ""), start)
    }

    /// The rows as those of a text with the same cells.
    fn by_text(&self, header: &[&str], rows: &[Vec<String>]) -> Seen {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(header).unwrap();
        for row in rows {
            let cells = row.iter().map(|cell| cell.replace(['\n', '\r'], " "));
            writer.write_record(cells).unwrap();
        }
        let parquet = self.path();
        let (text, aside) = (parquet.with_extension("csv"), self.dir.path().join("aside"));
        std::fs::write(&text, writer.into_inner().unwrap()).unwrap();
        std::fs::rename(&parquet, &aside).unwrap();
        let seen = sorted(self.read(Shown::default).unwrap());
        std::fs::rename(&aside, &parquet).unwrap();
        std::fs::remove_file(&text).unwrap();
        seen
    }
}

/// A time as a cell of a text.
fn time(milliseconds: Option<i64>, instants: bool) -> String {
    let seconds = [milliseconds.map_or(NONE, |time| time.div_euclid(1000))];
    let mut text = Vec::new();
    Column::Times(&seconds, instants).write(0, &mut text);
    String::from_utf8(text).unwrap()
}

type Cells = (Option<String>, Option<i64>, Option<String>, Option<String>, Option<f64>);

/// How a file is written.
#[derive(Debug, Clone, Copy)]
struct Written {
    /// Starts are instants.
    instants: bool,
    dictionary: bool,
    second_version: bool,
    packed: bool,
    /// No cell of the first four columns is blank, and no other is there.
    no_blanks: bool,
}

/// Nothing of all that.
const PLAIN: Written = Written {
    instants: false,
    dictionary: false,
    second_version: false,
    packed: false,
    no_blanks: false,
};

fn written() -> impl Strategy<Value = Written> {
    proptest::array::uniform5(any::<bool>()).prop_map(
        |[instants, dictionary, second_version, packed, no_blanks]| Written {
            instants,
            dictionary,
            second_version,
            packed,
            no_blanks,
        },
    )
}

fn write(path: &std::path::Path, rows: &[Cells], how: Written) {
    let text = |of: fn(&Cells) -> &Option<String>| -> ArrayRef {
        Arc::new(rows.iter().map(|row| of(row).clone()).collect::<StringArray>())
    };
    let starts: TimestampMillisecondArray = rows.iter().map(|row| row.1).collect();
    let lon: Float64Array = rows.iter().map(|row| row.4).collect();
    let batch = RecordBatch::try_from_iter_with_nullable([
        ("place_id", text(|row| &row.3), true),
        (
            "start",
            Arc::new(starts.with_timezone_opt(how.instants.then_some("UTC"))) as ArrayRef,
            true,
        ),
        ("note", text(|row| &row.0), true),
        ("end", text(|row| &row.2), true),
        ("person_id", text(|row| &row.0), true),
        ("lon", Arc::new(lon) as ArrayRef, true),
    ]);
    let batch = batch.unwrap();
    let few = WriterProperties::builder()
        .set_max_row_group_row_count(Some(7))
        .set_data_page_row_count_limit(3)
        .set_write_batch_size(1)
        .set_dictionary_enabled(how.dictionary)
        .set_writer_version(if how.second_version {
            WriterVersion::PARQUET_2_0
        } else {
            WriterVersion::PARQUET_1_0
        })
        // Else lengths and differences are written, which is for arrow.
        .set_encoding(Encoding::PLAIN)
        .set_compression(if how.packed { Compression::SNAPPY } else { Compression::UNCOMPRESSED })
        .build();
    let file = std::fs::File::create(path).unwrap();
    let mut writer = ArrowWriter::try_new(file, batch.schema(), Some(few)).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
}

fn cells() -> impl Strategy<Value = Cells> {
    let id = || proptest::option::weighted(0.9, "[PQ]1|P1 ?|[ ,\"\n\r甲\u{0}]?P[12][ ;\n]?|");
    let end = "2022-11-(0[1-9]) 1[0-9]:30:00|2022/11/9 8:30|noon|";
    (
        id(),
        proptest::option::weighted(
            0.9,
            prop_oneof![
                1_667_200_000_000i64..1_668_300_000_000,
                Just(-1),
                Just(-99_999_999_999_999),
                Just(99_999_999_999_999_999),
            ],
        ),
        proptest::option::weighted(0.9, end),
        id(),
        proptest::option::weighted(0.1, 100.0..200.0f64),
    )
}

proptest! {
    #[test]
    fn columns_give_the_stays_of_the_text(
        mut rows in proptest::collection::vec(cells(), 0..40), how in written()) {
        if how.no_blanks {
            let whole = |row: &Cells| row.0.is_some() && row.2.is_some() && row.3.is_some();
            rows.retain(|row| row.1.is_some() && whole(row));
            rows.iter_mut().for_each(|row| row.4 = None);
        }
        let export = Export::new("Asia/Shanghai", "cn-2022-11", Instant(1_668_000_000));
        write(&export.path(), &rows, how);
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let cells: Vec<Vec<String>> = rows.iter().map(|(person, start, end, place, lon)| {
            let lon = lon.map_or(String::new(), |lon| lon.to_string());
            vec![text(place), time(*start, how.instants), text(end), text(person), lon]
        }).collect();
        let all = export.by_text(&["place_id", "start", "end", "person_id", "lon"], &cells);
        prop_assert_eq!(&sorted(export.read(Shown::default).unwrap()), &all);
        let ids = ["P1".as_bytes(), "甲P2".as_bytes()];
        let is = |id: &[u8]| ids.contains(&id);
        let wanted = Wanted::new(ids.iter().copied(), &is);
        let start = || Shown { wanted: Some(&wanted), ..Shown::default() };
        let (stays, ..) = sorted(export.read(start).unwrap());
        let is_wanted = |stay: &&String| {
            stay.contains("person: [80, 49],") || stay.contains("person: [231, 148, 178, 80, 50],")
        };
        prop_assert_eq!(stays, all.0.iter().filter(is_wanted).cloned().collect::<Vec<_>>());
    }
}

#[test]
fn a_column_that_begins_before_its_file_is_an_error() {
    let export = Export::new("Asia/Shanghai", "cn-2022-11", Instant(1_668_000_000));
    let path = export.path();
    let how = Written { no_blanks: true, ..PLAIN };
    let text = |text: &str| Some(text.to_owned());
    let row = (text("P1"), Some(0), text("2022-11-09 08:00:00"), text("H1"), None);
    write(&path, &[row], how);
    let metadata = ParquetMetaDataReader::new().parse_and_finish(&File::open(&path).unwrap());
    let metadata = metadata.unwrap();
    let mut group = metadata.row_group(0).clone().into_builder().set_column_metadata(Vec::new());
    for column in metadata.row_group(0).columns() {
        let before = column.clone().into_builder().set_data_page_offset(-5).build().unwrap();
        group = group.add_column_metadata(before);
    }
    let groups = vec![group.build().unwrap()];
    let metadata = metadata.into_builder().set_row_groups(groups).build();
    let mut file = b"PAR1".to_vec();
    ParquetMetaDataWriter::new(&mut file, &metadata).finish().unwrap();
    std::fs::write(&path, file).unwrap();
    let error = export.read(Shown::default).map(|_| ()).unwrap_err();
    assert!(error.to_string().contains("a column is not in the file"), "{error}");
}

#[test]
fn an_end_that_claims_other_rows_than_the_pages_hold_is_an_error() {
    let export = Export::new("Asia/Shanghai", "cn-2022-11", Instant(1_668_000_000));
    let path = export.path();
    for (dictionary, no_blanks) in [(false, true), (true, true), (true, false)] {
        let how = Written { dictionary, no_blanks, ..PLAIN };
        let text = |text: &str| Some(text.to_owned());
        let end = (!no_blanks).then(|| "2022-11-09 08:00:00".to_owned());
        let row = (text("P1"), Some(0), end, text("H1"), None);
        write(&path, &[row.clone(), row.clone(), row], how);
        let pages = std::fs::read(&path).unwrap();
        let metadata = ParquetMetaDataReader::new().parse_and_finish(&File::open(&path).unwrap());
        let metadata = metadata.unwrap();
        let about = metadata.file_metadata();
        // In the whole end of the file, or of the rows alone.
        for (values, rows) in [(2, 2), (4, 4), (3, 2)] {
            let group = metadata.row_group(0);
            let mut changed =
                group.clone().into_builder().set_num_rows(rows).set_column_metadata(Vec::new());
            for column in group.columns() {
                let column = column.clone().into_builder().set_num_values(values).build();
                changed = changed.add_column_metadata(column.unwrap());
            }
            let about = FileMetaData::new(
                about.version(),
                rows,
                None,
                None,
                about.schema_descr_ptr(),
                None,
            );
            let groups = vec![changed.build().unwrap()];
            let lie = ParquetMetaDataBuilder::new(about).set_row_groups(groups).build();
            let mut file = pages.clone();
            ParquetMetaDataWriter::new(&mut file, &lie).finish().unwrap();
            std::fs::write(&path, file).unwrap();
            let error = export.read(Shown::default).map(|_| ()).unwrap_err();
            assert!(error.to_string().contains("hold 3 values"), "{values} {rows}: {error}");
        }
    }
}

#[test]
fn texts_by_number_are_not_written_out() {
    // One text of a megabyte, which four thousand rows name.
    let export = Export::new("Asia/Shanghai", "cn-2022-11", Instant(1_668_000_000));
    let long = "x".repeat(1 << 20);
    let long: DictionaryArray<Int32Type> = std::iter::repeat_n(long.as_str(), 4000).collect();
    let one = |text: &str| -> ArrayRef { Arc::new(StringArray::from(vec![text; 4000])) };
    let batch = RecordBatch::try_from_iter([
        ("person_id", one("P1")),
        ("start", one("2022-11-08 08:00:00")),
        ("place_id", Arc::new(long) as ArrayRef),
    ]);
    let (batch, file) = (batch.unwrap(), File::create(export.path()).unwrap());
    let mut writer = ArrowWriter::try_new(file, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    let (takers, account) = export.read(Shown::default).unwrap();
    assert!(account.files.iter().all(|file| file.unchecked), "it has no checksums");
    let (stays, rejects, _) = sorted((takers, account));
    assert!(stays.is_empty());
    assert_eq!(rejects.len(), 4000);
    assert!(rejects.iter().all(|reject| reject.reason == Reason::TooLong));
}
