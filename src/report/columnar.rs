//! `NAME.parquet`: every table of findings with real types, for analysts; what changed stays CSV.
//!
//! Numbers are 64-bit, days are dates, moments are instants with the analysis time zone, everything
//! else is text; lists stay joined by `;`. Cost: a pass over each table; memory: a batch of rows.

use super::finished::{Finished, text};
use crate::base::error::Result;
use crate::base::time::TimeZone;
use crate::ingest::cells::{Bare, TimeReader};
use crate::output::description::TableShape;
use crate::output::{CellKind, Stage};
use arrow_array::{
    ArrayRef, Date32Array, Int64Array, RecordBatch, StringArray, TimestampMillisecondArray,
};
use arrow_schema::{DataType, Field, Schema, SchemaRef, TimeUnit};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use rayon::prelude::*;
use std::io::{Error, Write};
use std::sync::Arc;

/// Rows of a batch.
const BATCH: usize = 1 << 15;

/// Writes all of them.
pub fn write(finished: &Finished, stage: &Stage<'_>) -> Result<()> {
    let names: Vec<&str> = finished.tables().collect();
    let zone = text(&finished.summary["timezone"]);
    names.par_iter().try_for_each(|name| {
        let from = format!("{name}.csv");
        stage.file(&format!("{name}.parquet"), |out| table(finished, &from, zone, out))
    })
}

fn table(
    finished: &Finished,
    name: &str,
    zone: &str,
    out: &mut (dyn Write + Send),
) -> std::io::Result<()> {
    let packed = Compression::ZSTD(ZstdLevel::default());
    let how = WriterProperties::builder().set_compression(packed).build();
    let (schema, _) = shape(finished, name, zone)?;
    let mut writer = ArrowWriter::try_new(out, schema, Some(how))?;
    each_batch(finished, name, zone, |batch| Ok(writer.write(&batch)?))?;
    writer.close()?;
    Ok(())
}

/// A table of a finished output as Arrow batches, by its name without `.csv`.
///
/// # Errors
/// When it cannot be read.
pub fn batches(finished: &Finished, name: &str) -> Result<(SchemaRef, Vec<RecordBatch>)> {
    let (zone, file) = (text(&finished.summary["timezone"]), format!("{name}.csv"));
    let read = || {
        let mut all = Vec::new();
        each_batch(finished, &file, zone, |batch| {
            all.push(batch);
            Ok(())
        })?;
        Ok((shape(finished, &file, zone)?.0, all))
    };
    read().map_err(|e| crate::base::error::Error::read(&finished.dir().join(&file), e))
}

/// The columns of a table.
fn shape(
    finished: &Finished,
    name: &str,
    zone: &str,
) -> std::io::Result<(SchemaRef, &'static TableShape)> {
    let mut reader = finished.table(name)?;
    let names: Vec<String> = reader.headers()?.iter().map(str::to_owned).collect();
    let shape = TableShape::of(name.trim_end_matches(".csv"));
    let field = |(at, name): (usize, &String)| {
        let kind = match shape.kind(at) {
            CellKind::Text => DataType::Utf8,
            CellKind::Number => DataType::Int64,
            CellKind::Date => DataType::Date32,
            CellKind::Instant => DataType::Timestamp(TimeUnit::Millisecond, Some(zone.into())),
        };
        Field::new(name, kind, true)
    };
    let schema = Schema::new(names.iter().enumerate().map(field).collect::<Vec<_>>());
    Ok((Arc::new(schema), shape))
}

/// Calls `each` with the rows of a table, batch by batch.
fn each_batch(
    finished: &Finished,
    name: &str,
    zone: &str,
    mut each: impl FnMut(RecordBatch) -> std::io::Result<()>,
) -> std::io::Result<()> {
    let (schema, shape) = shape(finished, name, zone)?;
    let mut reader = finished.table(name)?;
    let mut records = reader.records();
    loop {
        let rows = records.by_ref().take(BATCH).collect::<csv::Result<Vec<_>>>()?;
        if rows.is_empty() {
            return Ok(());
        }
        let columns = (0..schema.fields().len()).map(|n| array(&rows, n, shape.kind(n), zone));
        let batch = RecordBatch::try_new(Arc::clone(&schema), columns.collect());
        each(batch.map_err(Error::other)?)?;
    }
}

fn array(rows: &[csv::StringRecord], n: usize, kind: CellKind, zone: &str) -> ArrayRef {
    let cells = || rows.iter().map(|row| row.get(n).filter(|cell| !cell.is_empty()));
    let utc = TimeZone::get("UTC").expect("a zone that is always there");
    let mut clock = TimeReader::new(&utc);
    let mut moment = |cell: &str| clock.read(cell.as_bytes(), Bare::Start);
    match kind {
        CellKind::Text => Arc::new(cells().collect::<StringArray>()),
        CellKind::Number => {
            Arc::new(cells().map(|cell| cell?.parse().ok()).collect::<Int64Array>())
        }
        CellKind::Date => {
            let days = cells().map(|cell| Some(utc.date(moment(cell?)?).0));
            Arc::new(days.collect::<Date32Array>())
        }
        CellKind::Instant => {
            let millis = cells().map(|cell| Some(moment(cell?)?.0 * 1000));
            Arc::new(millis.collect::<TimestampMillisecondArray>().with_timezone(zone))
        }
    }
}
