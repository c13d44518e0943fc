//! Columns against the text of the same file.

use super::super::structure::Detail;
use super::super::{Folder, Silent, bulk, rows};
use super::*;
use crate::ingest::{Aliases, Packing, Reject, Stay, Table};
use crate::policy::Policy;
use crate::time::Zone;
use arrow_array::{ArrayRef, Float64Array, StringArray, TimestampMillisecondArray};
use parquet::arrow::ArrowWriter;
use parquet::file::properties::WriterProperties;
use proptest::prelude::*;
use std::sync::Arc;

/// Stays as text, so that they can be compared and sorted.
#[derive(Default)]
struct Shown(Vec<String>);

impl TakeStays for Shown {
    fn stay(&mut self, stay: &Stay<'_>) {
        self.0.push(format!("{:?} {stay:?}", stay.row));
    }
}

type Seen = (Vec<String>, Vec<Reject>, Vec<Tally>);

fn sorted((takers, mut account): (Vec<Shown>, Account)) -> Seen {
    let mut stays: Vec<String> = takers.into_iter().flat_map(|shown| shown.0).collect();
    stays.sort();
    account.sort();
    (stays, account.rejects, account.files.into_iter().map(|file| file.tally).collect())
}

/// The rows of a file as the text of it gives them.
fn by_text(file: &InputFile, settings: &Settings, rules: &StayRules) -> Seen {
    let start = || (Times::new(&settings.zone), Shown::default());
    let files = std::slice::from_ref(file);
    let each =
        |state: &mut (Times<'_>, Shown), reader: &_, chunk: &_, scratch: &mut _, book: &mut _| {
            let reader: &super::super::chunks::FileReader = reader;
            let of = (reader.layout(), reader.file());
            let mut taker = StayRows::new(of, &mut state.0, rules, book, &mut state.1);
            rows::for_each(chunk, reader.format(), of.0, scratch, &mut taker);
        };
    let (takers, account) =
        bulk::read(files, settings, &Silent, Detail::Cells, start, each).unwrap();
    sorted((takers.into_iter().map(|(_, shown)| shown).collect(), account))
}

type Cells = (Option<String>, Option<i64>, Option<String>, Option<String>, Option<f64>);

fn write(path: &std::path::Path, rows: &[Cells], zone: Option<&str>) {
    let text = |of: fn(&Cells) -> &Option<String>| -> ArrayRef {
        Arc::new(rows.iter().map(|row| of(row).clone()).collect::<StringArray>())
    };
    let starts: TimestampMillisecondArray = rows.iter().map(|row| row.1).collect();
    let lon: Float64Array = rows.iter().map(|row| row.4).collect();
    let batch = RecordBatch::try_from_iter_with_nullable([
        ("place_id", text(|row| &row.3), true),
        ("start", Arc::new(starts.with_timezone_opt(zone)) as ArrayRef, true),
        ("note", text(|row| &row.0), true),
        ("end", text(|row| &row.2), true),
        ("person_id", text(|row| &row.0), true),
        ("lon", Arc::new(lon) as ArrayRef, true),
    ]);
    let batch = batch.unwrap();
    let few = WriterProperties::builder().set_max_row_group_row_count(Some(7)).build();
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
        rows in proptest::collection::vec(cells(), 0..40), instants in any::<bool>()) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("trajectories.parquet");
        write(&path, &rows, instants.then_some("UTC"));
        let zone = Zone::get("Asia/Shanghai").unwrap();
        let settings =
            Settings { zone, encoding: None, aliases: Aliases::default(), max_rejects: 1.0 };
        let policy = Policy::preset("cn-2022-11").unwrap();
        let rules = StayRules::new(&policy, Instant(1_668_000_000));
        std::fs::write(dir.path().join("cases.csv"), "person_id,confirmed\n").unwrap();
            let folder = Folder::open(dir.path()).unwrap();
        let file = folder.of(Table::Trajectories).next().unwrap().clone();
        prop_assert_eq!(file.packing, Packing::Parquet);
        let files = [file];
        let all = by_text(&files[0], &settings, &rules);
        let ours = read(&files, &settings, &rules, &Silent, None, Shown::default).unwrap();
        prop_assert_eq!(&sorted(ours), &all);
        let ids = ["P1".as_bytes(), "甲P2".as_bytes()];
        let is = |id: &[u8]| ids.contains(&id);
        let wanted = Wanted::new(ids.iter().copied(), &is);
        let of = read(&files, &settings, &rules, &Silent, Some(&wanted), Shown::default);
        let (stays, ..) = sorted(of.unwrap());
        let is_wanted = |stay: &&String| {
            stay.contains("person: [80, 49],") || stay.contains("person: [231, 148, 178, 80, 50],")
        };
        prop_assert_eq!(stays, all.0.iter().filter(is_wanted).cloned().collect::<Vec<_>>());
    }
}
