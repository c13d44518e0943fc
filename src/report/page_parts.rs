//! The parts of the page that are loaded when they are looked at: packed with gzip, as text.
//!
//! A browser unpacks them by itself (`DecompressionStream`), without a network. So a page of fifty
//! thousand contacts opens as fast as one of fifty. Nothing is cut off silently: what does not fit
//! into [`MOST_BYTES`] is counted, and the page says where it stands. Memory: the page as text.

use base64::Engine;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::io::{Result, Write};

/// The parts of a page together, as they stand in it.
const MOST_BYTES: usize = 7 << 20;

/// The parts so far.
#[derive(Debug, Default)]
pub struct Parts {
    parts: BTreeMap<String, String>,
    bytes: usize,
}

impl Parts {
    /// Adds rows under a name, whatever they take.
    ///
    /// # Errors
    /// When they cannot be packed.
    pub fn add<T: Serialize>(
        &mut self,
        name: &str,
        rows: impl IntoIterator<Item = T>,
    ) -> Result<()> {
        let text = pack(rows)?;
        self.bytes += text.len();
        self.parts.insert(name.to_owned(), text);
        Ok(())
    }

    /// Adds rows under a name if there is room; says whether there was.
    ///
    /// # Errors
    /// As [`add`](Parts::add).
    pub fn try_add<T: Serialize>(
        &mut self,
        name: &str,
        rows: impl IntoIterator<Item = T>,
    ) -> Result<bool> {
        let text = pack(rows)?;
        let fits = self.bytes + text.len() <= MOST_BYTES;
        if fits {
            self.bytes += text.len();
            self.parts.insert(name.to_owned(), text);
        }
        Ok(fits)
    }

    /// Writes them as elements that a script reads and nothing runs.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn write(&self, out: &mut dyn Write) -> Result<()> {
        self.parts.iter().try_for_each(|(name, text)| {
            writeln!(out, "<script type=\"application/gzip\" id=\"part-{name}\">{text}</script>")
        })
    }
}

/// Rows as the names of their fields once and their values: `{"columns": [...], "rows": [[...]]}`.
pub fn packed<T: Serialize>(rows: impl IntoIterator<Item = T>) -> Value {
    let object = |row: T| match serde_json::to_value(row) {
        Ok(Value::Object(fields)) => fields,
        _ => Map::new(),
    };
    let mut columns = Vec::new();
    let values = |row: Map<String, Value>| {
        if columns.is_empty() {
            columns = row.keys().cloned().collect();
        }
        row.into_iter().map(|(_, value)| value).collect::<Vec<Value>>()
    };
    let rows: Vec<Vec<Value>> = rows.into_iter().map(object).map(values).collect();
    json!({ "columns": columns, "rows": rows })
}

fn pack<T: Serialize>(rows: impl IntoIterator<Item = T>) -> Result<String> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::default());
    serde_json::to_writer(&mut packer, &packed(rows))?;
    Ok(base64::engine::general_purpose::STANDARD.encode(packer.finish()?))
}
