//! The rules: from evidence to exposures, contacts, zones and measures, each with its source.

pub mod areas;
pub mod contacts;
pub mod crowds;
pub mod exposure;
pub mod facts;
pub mod graph;
pub mod measures;
pub mod watch;
pub mod zones;
