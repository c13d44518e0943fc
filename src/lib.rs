//! x
#![deny(unsafe_code)]
#![warn(missing_docs)]

pub mod error;
pub mod time;
pub mod geo;
pub mod intern;
pub mod policy;
pub mod model;

pub mod ingest;

pub mod stays;
pub mod areas;
pub mod index;
pub mod scan;
pub mod exposure;
pub mod graph;
pub mod contacts;
pub mod zones;
pub mod measures;

pub mod output;
pub mod analysis;

/// The documentation for users, as `trace help` prints it.
pub mod docs {
    /// tables
    pub const TABLES: &str = "";
    /// rules
    pub const RULES: &str = "";
}
