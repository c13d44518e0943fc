//! `datapackage.json`: the description of an output for programs that read data packages.
//!
//! Source: the Data Package standard, version 2 (datapackage.org), with Table Schemas. What is in
//! it depends on the tables only. Cost: none.

use super::{CellKind, Column, TABLES, TableShape};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The description of the tables in `files` (by name: size and SHA-256), of which some have more
/// columns than theirs: `further` says which.
pub(in crate::output) fn package(
    as_of: &str,
    files: &BTreeMap<String, (u64, String)>,
    further: impl Fn(&TableShape) -> Vec<String>,
) -> Value {
    let resources = TABLES.iter().filter_map(|table| {
        let path = format!("{}.csv", table.name);
        let (bytes, sha256) = files.get(&path)?;
        Some(json!({
            "name": table.name,
            "type": "table",
            "path": path,
            "description": table.what,
            "format": "csv",
            "mediatype": "text/csv",
            "encoding": "utf-8",
            "bytes": bytes,
            "hash": format!("sha256:{sha256}"),
            "dialect": { "delimiter": ",", "lineTerminator": "\n", "header": true },
            "schema": schema(table, &further(table), files),
        }))
    });
    json!({
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": "contact-tracing",
        "title": format!("Contact tracing as of {as_of}"),
        "description": "Close contacts, risk zones and measures at first degree, with the input \
                        rows that prove them.",
        "resources": resources.collect::<Vec<_>>(),
    })
}

fn schema(
    table: &TableShape,
    further: &[String],
    files: &BTreeMap<String, (u64, String)>,
) -> Value {
    let own = table.columns.iter().map(field);
    // Names beside a person, and columns that were kept, are text whatever they are called.
    let others = further.iter().map(|name| json!({ "name": name, "type": "string" }));
    let mut schema = json!({
        "$schema": "https://datapackage.org/profiles/2.0/tableschema.json",
        "fields": own.chain(others).collect::<Vec<_>>(),
        "missingValues": [""],
    });
    if !table.key.is_empty() {
        schema["primaryKey"] = json!(table.key);
    }
    let there = |of: &str| files.contains_key(&format!("{of}.csv"));
    let keys = table.refers.iter().filter(|(_, of)| there(of)).map(|(column, of)| {
        json!({ "fields": [column], "reference": { "resource": of, "fields": [column] } })
    });
    let keys: Vec<Value> = keys.collect();
    if !keys.is_empty() {
        schema["foreignKeys"] = keys.into();
    }
    schema
}

fn field(column: &Column) -> Value {
    let mut constraints = Map::new();
    if column.filled {
        constraints.insert("required".to_owned(), true.into());
    }
    if !column.words.is_empty() {
        constraints.insert("enum".to_owned(), json!(column.words));
    }
    let mut field = json!({
        "name": column.name,
        "type": type_of(column.kind),
        "description": column.what,
    });
    if !constraints.is_empty() {
        field["constraints"] = constraints.into();
    }
    field
}

/// What a Table Schema calls it.
fn type_of(kind: CellKind) -> &'static str {
    match kind {
        CellKind::Text => "string",
        CellKind::Number => "integer",
        CellKind::Date => "date",
        CellKind::Instant => "datetime",
    }
}
