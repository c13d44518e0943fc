//! A world whose stays are a Parquet file of many small row groups.

use super::world::World;
use arrow_array::{ArrayRef, RecordBatch, StringArray, TimestampMillisecondArray};
use parquet::arrow::ArrowWriter;
use parquet::file::properties::WriterProperties;
use std::path::Path;
use std::sync::Arc;

/// Rows in a row group.
const GROUP: usize = 3;

/// Leaves the stays that are a person, two times and a place, in order of time or of place: then
/// whole row groups are out of every case's reach.
pub fn plain(world: &mut World, by_place: bool) {
    for stay in &mut world.stays {
        (stay.coord, stay.accuracy, stay.seat, stay.protected) = (None, None, None, false);
        stay.dates = None;
    }
    world.stays.retain(|stay| stay.place.is_some() && stay.end.is_some_and(|end| end > stay.start));
    match by_place {
        true => world.stays.sort_by_key(|stay| stay.place.clone()),
        false => world.stays.sort_by_key(|stay| stay.start),
    }
}

/// Puts the file in the place of `trajectories.csv`.
pub fn write(world: &World, dir: &Path) {
    let text = |texts: Vec<String>| Arc::new(StringArray::from(texts)) as ArrayRef;
    let times = |seconds: Vec<i64>| {
        let times: Vec<i64> = seconds.into_iter().map(|seconds| seconds * 1000).collect();
        Arc::new(TimestampMillisecondArray::from(times).with_timezone("UTC")) as ArrayRef
    };
    let stays = || world.stays.iter();
    let columns = [
        ("person_id", text(stays().map(|stay| stay.person.clone()).collect())),
        ("start", times(stays().map(|stay| stay.start).collect())),
        ("end", times(stays().map(|stay| stay.end.unwrap()).collect())),
        ("place_id", text(stays().map(|stay| stay.place.clone().unwrap()).collect())),
    ];
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let small = WriterProperties::builder().set_max_row_group_row_count(Some(GROUP)).build();
    std::fs::remove_file(dir.join("trajectories.csv")).unwrap();
    let file = std::fs::File::create(dir.join("trajectories.parquet")).unwrap();
    let mut writer = ArrowWriter::try_new(file, batch.schema(), Some(small)).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
}
