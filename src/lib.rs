//! Contact tracing at first degree: from an export folder to close contacts, risk zones and
//! measures.
//!
//! Data flows one way, and each module uses only those before it:
//!
//! ```text
//! export folder ─> ingest ──(cases, places, persons)──────────────┐
//!                    │ pass A: the cases' own stays ─> index      │
//!                    │ pass B: every row ─> scan ─> evidence ──merge─> exposure ─> graph
//!                    │ pass C: the next rows of people with open stays ┘     │
//!                    └ rejects                                               │
//!                              output <── measures <── zones <── contacts <──┘
//! ```
//!
//! Between [`ingest`] and [`output`] nothing reads a file, a clock or a terminal. [`pipeline`] is
//! the whole way: prepare, scan, conclude; [`docs`] holds what users read.
//!
//! ```
//! use trace::pipeline::{Outcome, Request, analyse};
//! use trace::ingest::{Folder, Settings, Silent};
//! use trace::policy::Policy;
//! use trace::base::time::TimeZone;
//!
//! # fn main() -> trace::base::error::Result<()> {
//! let policy = Policy::preset("cn-2022-11")?;
//! let zone = TimeZone::get(&policy.timezone)?;
//! let settings =
//!     Settings::new(zone);
//! let folder = Folder::open(std::path::Path::new("data/samples/city"))?;
//! let request = Request::new(policy, settings);
//! if let Outcome::Done(analysis) = analyse(folder, request, &Silent)? {
//!     assert!(!analysis.contacts.close.is_empty());
//! }
//! # Ok(())
//! # }
//! ```

#![deny(unsafe_code)]
#![warn(missing_docs)]

pub mod base;
pub mod policy;

pub mod model;

pub mod ingest;
pub mod search;

pub mod rules;

pub mod pipeline;

pub mod questions;

pub mod output;

pub mod report;

pub mod synth;

/// What users read: the same texts as `trace help tables`, `trace help systems` and
/// `trace help rules`.
pub mod docs {
    #[doc = include_str!("docs/tables.md")]
    pub mod tables {}
    #[doc = include_str!("docs/systems.md")]
    pub mod systems {}
    #[doc = include_str!("docs/rules.md")]
    pub mod rules {}

    /// The tables, in and out.
    pub const TABLES: &str = include_str!("docs/tables.md");
    /// What other systems take, and what they give.
    pub const SYSTEMS: &str = include_str!("docs/systems.md");
    /// The rules, with their sources.
    pub const RULES: &str = include_str!("docs/rules.md");
}
