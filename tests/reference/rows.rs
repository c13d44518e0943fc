//! Rows that an engine hands over, in any order and cut anyhow, against the slow reading.

use super::{compare_with, done, policy};
use crate::world::World;
use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use proptest::prelude::*;
use std::path::Path;
use std::sync::Arc;
use trace::arrow as arrow_array;
use trace::base::time::{Instant, TimeZone};
use trace::ingest::{Asked, Folder, InputFile, Settings, Silent, Table};
use trace::pipeline::distributed::{
    Evidence, IndexFile, Opened, RowScan, finish, has_opens, ids_of_cases, prepare_rows,
};
use trace::pipeline::{Analysis, Parameters, Request};
use trace::policy::{PRESETS, Policy};

/// The rows of a table as an engine holds them, with the file and the row of each.
fn taken(dir: &Path, table: &str) -> Option<(Vec<String>, Vec<csv::StringRecord>)> {
    let path = dir.join(format!("{table}.csv"));
    let mut reader = csv::Reader::from_path(&path).ok()?;
    let names = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let rows = reader.records().collect::<csv::Result<Vec<_>>>().unwrap();
    std::fs::remove_file(path).unwrap();
    // Whoever has no rows of a table gives none: that none came is an error.
    (!rows.is_empty()).then_some((names, rows))
}

/// Some of them as a batch.
fn batch(file: &str, names: &[String], rows: &[(usize, &csv::StringRecord)]) -> RecordBatch {
    let column = |n: usize| {
        let cells = rows.iter().map(|(_, row)| Some(&row[n]).filter(|cell| !cell.is_empty()));
        Arc::new(cells.collect::<StringArray>()) as ArrayRef
    };
    let mut columns: Vec<(&str, ArrayRef, bool)> =
        names.iter().enumerate().map(|(n, name)| (name.as_str(), column(n), true)).collect();
    // As a path there is, and as a number from 0 on.
    let path = format!("file:///lake/{file}");
    let files = rows.iter().map(|_| Some(path.as_str())).collect::<StringArray>();
    let numbers = Int64Array::from_iter_values(rows.iter().map(|(n, _)| *n as i64));
    columns.push(("_file", Arc::new(files), true));
    columns.push(("_row", Arc::new(numbers), true));
    RecordBatch::try_from_iter_with_nullable(columns).unwrap()
}

/// The analysis of an export whose rows are handed over in pieces of `piece`, from the last one on;
/// nothing where there are no rows.
fn handed_over(
    dir: &Path,
    policy: &Policy,
    as_of: Option<i64>,
    piece: usize,
) -> Option<Box<Analysis>> {
    let zone = TimeZone::get(&policy.timezone).unwrap();
    let set = Parameters {
        as_of: as_of.map(|at| zone.show(Instant(at))),
        max_rejects: "0".to_owned(),
        timezone: vec![zone.name().to_owned()],
        ..Parameters::default()
    };
    let settings = Settings { max_rejects: 0.0, ..Settings::new(zone) };
    let request = Request { as_of: as_of.map(Instant), ..Request::new(policy.clone(), settings) };
    let tables = [Table::Trajectories, Table::Colocations];
    let taken: Vec<_> =
        tables.into_iter().filter_map(|table| Some((table, taken(dir, table.name())?))).collect();
    if taken.is_empty() {
        return None;
    }
    let elsewhere = |(table, (names, _)): &(Table, (Vec<String>, _))| {
        InputFile::elsewhere(format!("{}.csv", table.name()), *table, names.clone())
    };
    let folder = || {
        let held = taken.iter().map(elsewhere).collect();
        Folder::open_with(dir, &Asked::default(), held).unwrap()
    };
    let batches = |table: Table, keep: &dyn Fn(&csv::StringRecord, &[String]) -> bool| {
        let own = taken.iter().filter(|(of, _)| *of == table);
        let pieces = own.flat_map(|(_, (names, rows))| {
            let rows: Vec<_> =
                rows.iter().enumerate().filter(|(_, row)| keep(row, names)).collect();
            let file = format!("{}.csv", table.name());
            rows.chunks(piece).rev().map(|rows| batch(&file, names, rows)).collect::<Vec<_>>()
        });
        pieces.collect::<Vec<_>>()
    };
    let cases = ids_of_cases(&folder(), &request, &Silent).unwrap();
    let is_case = |row: &csv::StringRecord, names: &[String]| {
        let person = names.iter().position(|name| name == "person_id").unwrap();
        cases.contains(&row[person])
    };
    let own = batches(Table::Trajectories, &is_case);
    let prepared = done(prepare_rows(folder(), request, &own, &Silent).unwrap());
    let file = IndexFile::new(&prepared, &set).unwrap();
    let file = IndexFile::read(file.bytes()).unwrap();
    let mut evidence = Evidence::default();
    for table in tables {
        for batch in batches(table, &|_, _| true) {
            let mut scan = RowScan::new(&file, table);
            scan.add(&batch).unwrap();
            evidence.found.extend(scan.finish());
        }
    }
    if has_opens(&evidence.found).unwrap() {
        let unfinished = finish(&file, folder(), file.request.clone(), &evidence, &Silent);
        let error = unfinished.unwrap_err().to_string();
        assert!(error.contains("open stays") && error.contains("--next"), "{error}");
        let opened = Opened::new(&file, &evidence.found).unwrap();
        let mut next = Vec::new();
        for table in tables {
            let mut scan = opened.scan(table);
            batches(table, &|_, _| true).iter().for_each(|batch| scan.add(batch).unwrap());
            next.extend(scan.finish());
        }
        evidence.next = Some(next);
    }
    let missing = Evidence::default();
    let error = finish(&file, folder(), file.request.clone(), &missing, &Silent).unwrap_err();
    assert!(error.to_string().contains("was scanned 0 times"), "{error}");
    Some(done(finish(&file, folder(), file.request.clone(), &evidence, &Silent).unwrap()))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]
    #[test]
    fn rows_that_are_handed_over_are_those_of_files(seed: u64, preset in 0..PRESETS.len(),
                                                     people in 2u64..14, rows in 0u64..240,
                                                     piece in 1usize..90) {
        let world = World::random(seed, people, rows);
        let dir = tempfile::tempdir().unwrap();
        world.write(dir.path());
        let policy = policy(preset, seed);
        if let Some(analysis) = handed_over(dir.path(), &policy, world.as_of, piece) {
            compare_with(&analysis, &world, &policy, false);
        }
    }
}
