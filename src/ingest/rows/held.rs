//! Rows in memory: Arrow batches, each with the lines of its rows.
//!
//! Texts of whatever kind (large, views, dictionaries) become views. Cost: that, once.

use crate::base::error::{Error, Result};
use crate::base::problem::Problem;
use crate::base::texts::beginning;
use crate::ingest::header::sample::ROWS;
use arrow_array::{Array, ArrayRef, RecordBatch, RecordBatchOptions};
use arrow_cast::cast;
use arrow_cast::display::{ArrayFormatter, FormatOptions};
use arrow_schema::{ArrowError, DataType, Field, FieldRef, Schema, SchemaRef};
use std::sync::Arc;

/// Bytes of a cell that are looked at to tell what a column is.
const CELL: usize = 1000;

/// Rows of a batch at most.
const MOST: usize = 1 << 16;

/// Rows of a table in memory.
#[derive(Debug, Clone)]
pub struct HeldRows {
    pub(in crate::ingest) names: Vec<String>,
    pub(in crate::ingest) batches: Vec<Held>,
    /// Whether what the columns are is told by their names alone: each part of a table must read
    /// them the same.
    pub(in crate::ingest) by_names: bool,
    /// Whether its rows are not here.
    pub(in crate::ingest) elsewhere: bool,
}

#[derive(Debug, Clone)]
pub(in crate::ingest) struct Held {
    pub batch: RecordBatch,
    /// Where the rows stand: one after the other from a line on, or each on its own.
    pub lines: Lines,
}

#[derive(Debug, Clone)]
pub(in crate::ingest) enum Lines {
    From(u64),
    Each(Arc<[u64]>),
}

impl HeldRows {
    /// A whole table: its first row is on line 2, behind the header that a file would have.
    ///
    /// # Errors
    /// When a column has values of a kind that cannot be read.
    pub fn whole(schema: &SchemaRef, batches: Vec<RecordBatch>) -> Result<HeldRows> {
        let names = names(schema);
        let mut line = 2;
        let mut held = Vec::with_capacity(batches.len());
        for batch in batches {
            // One that is large is many, for as many workers.
            for from in (0..batch.num_rows()).step_by(MOST) {
                let piece = batch.slice(from, MOST.min(batch.num_rows() - from));
                held.push(Held { batch: readable(&piece)?, lines: Lines::From(line) });
                line += piece.num_rows() as u64;
            }
        }
        Ok(HeldRows { names, batches: held, by_names: false, elsewhere: false })
    }

    /// Some rows of a table that is elsewhere, each with its line there.
    ///
    /// # Errors
    /// When a column has values of a kind that cannot be read.
    pub fn part(batch: &RecordBatch, lines: Vec<u64>) -> Result<HeldRows> {
        let (names, lines) = (names(&batch.schema()), Lines::Each(lines.into()));
        let batches = vec![Held { batch: readable(batch)?, lines }];
        Ok(HeldRows { names, batches, by_names: true, elsewhere: false })
    }

    /// How many rows there are, if they are here.
    pub fn count(&self) -> Option<u64> {
        let rows = self.batches.iter().map(|held| held.batch.num_rows() as u64);
        (!self.elsewhere).then(|| rows.sum())
    }

    /// A table that is elsewhere, of which only the columns are known.
    pub fn elsewhere(names: Vec<String>) -> HeldRows {
        HeldRows { names, batches: Vec::new(), by_names: true, elsewhere: true }
    }

    /// Whether its rows are not here.
    pub fn is_elsewhere(&self) -> bool {
        self.elsewhere
    }

    /// What the columns are called.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The first rows, as texts.
    pub(in crate::ingest) fn first_rows(
        &self,
    ) -> std::result::Result<Vec<Vec<String>>, ArrowError> {
        let mut rows = Vec::new();
        for Held { batch, .. } in &self.batches {
            rows.extend(texts(batch, ROWS - rows.len())?);
            if rows.len() == ROWS {
                break;
            }
        }
        Ok(rows)
    }
}

/// The first `most` rows of a batch as texts, for what a header alone does not settle.
pub(in crate::ingest) fn texts(
    batch: &RecordBatch,
    most: usize,
) -> std::result::Result<Vec<Vec<String>>, ArrowError> {
    let options = FormatOptions::default();
    let columns = batch.columns().iter();
    let shown = columns.map(|column| ArrayFormatter::try_new(column.as_ref(), &options));
    let shown: Vec<_> = shown.collect::<std::result::Result<_, _>>()?;
    let cell =
        |of: &ArrayFormatter<'_>, row| beginning(&of.value(row).to_string(), CELL).to_owned();
    let rows = 0..batch.num_rows().min(most);
    Ok(rows.map(|row| shown.iter().map(|of| cell(of, row)).collect()).collect())
}

fn names(schema: &SchemaRef) -> Vec<String> {
    schema.fields().iter().map(|field| field.name().clone()).collect()
}

/// A batch whose texts are views, whatever they were.
fn readable(batch: &RecordBatch) -> Result<RecordBatch> {
    let (mut fields, mut columns): (Vec<FieldRef>, Vec<ArrayRef>) = Default::default();
    for (field, column) in batch.schema_ref().fields().iter().zip(batch.columns()) {
        let text = match field.data_type() {
            DataType::Utf8 | DataType::LargeUtf8 => true,
            DataType::Dictionary(_, of) => {
                matches!(**of, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View)
            }
            _ => false,
        };
        let given = match field.data_type() {
            DataType::Dictionary(_, of) => Some(of.as_ref().clone()),
            _ => None,
        };
        let to = if text { Some(DataType::Utf8View) } else { given };
        let column = match &to {
            Some(to) => cast(column, to).map_err(|e| unreadable(field.name(), &e))?,
            None => Arc::clone(column),
        };
        fields.push(Arc::new(Field::new(field.name(), column.data_type().clone(), true)));
        columns.push(column);
    }
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    let schema = Arc::new(Schema::new(fields));
    RecordBatch::try_new_with_options(schema, columns, &options).map_err(|e| unreadable("", &e))
}

#[cold]
pub(in crate::ingest) fn unreadable(column: &str, error: &ArrowError) -> Error {
    Problem::ColumnUnreadable { column: column.to_owned(), what: error.to_string() }.into()
}
