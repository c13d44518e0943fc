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
//! [`model`], [`search`] and [`rules`] read no file, no clock and no terminal. [`pipeline`] is the
//! whole way, with its passes over the files: prepare, scan, conclude; [`docs`] holds what users
//! read.
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

/// The crate whose batches evidence and tables in memory are.
#[cfg(feature = "parquet")]
pub use arrow_array as arrow;

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

    use crate::base::words::Lang;

    /// The tables that are read, and the files that are written.
    pub fn tables(lang: Lang) -> &'static str {
        match lang {
            Lang::En => include_str!("docs/tables.md"),
            Lang::Zh => include_str!("docs/tables.zh.md"),
        }
    }

    /// What other systems take, and what they give.
    pub fn systems(lang: Lang) -> &'static str {
        match lang {
            Lang::En => include_str!("docs/systems.md"),
            Lang::Zh => include_str!("docs/systems.zh.md"),
        }
    }

    /// The rules, with their sources.
    pub fn rules(lang: Lang) -> &'static str {
        match lang {
            Lang::En => include_str!("docs/rules.md"),
            Lang::Zh => include_str!("docs/rules.zh.md"),
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;
        use std::collections::BTreeSet;

        /// What a text names: what stands between backticks and in its blocks, without the words
        /// of its language.
        fn names(text: &str) -> BTreeSet<&str> {
            let is_name = |word: &&str| {
                let plain = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
                word.contains('_') && word.chars().all(plain)
            };
            text.split(|c: char| !c.is_ascii() || " \n`*,;:()'=[]|<>/\"".contains(c))
                .filter(is_name)
                .collect()
        }

        #[test]
        fn both_languages_speak_of_the_same_things() {
            for text in [tables, systems, rules] {
                let [english, chinese] = [Lang::En, Lang::Zh].map(|lang| names(text(lang)));
                let missing: Vec<_> = english.difference(&chinese).collect();
                assert!(missing.is_empty(), "not in Chinese: {missing:?}");
                let more: Vec<_> = chinese.difference(&english).collect();
                assert!(more.is_empty(), "only in Chinese: {more:?}");
            }
        }
    }
}
