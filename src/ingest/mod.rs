//! An export folder in: tables found by name, read in any of their forms, every row accounted for.
//!
//! The small tables become [`crate::model`] values; the bulk tables are handed on chunk by chunk
//! and never kept. A bad row becomes a [`Reject`]; only what makes a file unusable is an error.
//! What the rows mean for anybody is not decided here.

pub mod account;
mod books;
pub mod cells;
pub mod contract;
mod explore;
pub mod folder;
pub mod header;
mod identities;
pub mod input;
mod listing;
#[cfg(feature = "parquet")]
mod memory;
mod names;
mod open;
pub mod orders;
#[cfg(feature = "parquet")]
mod parquet;
mod pass;
mod pseudonyms;
mod quotes;
mod read;
mod read_at;
pub mod rejects;
mod resolve;
mod rows;
pub mod settings;
mod tables;
mod text;
mod workbook;

pub use account::{Account, FileAccount, Tally};
pub use contract::{Column, Table};
pub use explore::{Explored, explore};
pub use folder::Folder;
pub use header::aliases::{Aliases, is_same_name};
pub use header::layout::Layout;
pub use header::notes::Note;
pub use identities::{Identities, IdentityLine};
pub use input::{Asked, InputFile};
pub use names::{Packing, is_called_as_a_table};
pub use open::{account_of, layout_of};
#[cfg(feature = "parquet")]
pub use parquet::batches::{evidence_files, read_batches};
#[cfg(feature = "parquet")]
pub use parquet::piece::Piece;
pub use pseudonyms::{Pseudonym, Pseudonyms};
pub use quotes::{Quote, quote, without_end};
pub use read::{SmallTables, read_colocations, read_small, read_stays};
pub use rejects::{Fate, Fault, Reason, Reject, Rejects};
#[cfg(feature = "parquet")]
pub use rows::held::HeldRows;
pub use settings::{Names, Progress, Settings, Silent};
pub use tables::cases::{Episode, latest as latest_episodes};
pub use tables::home_counties::read as read_home_counties;
pub use tables::labels::{Label, read as read_labels};
pub use tables::orders::kind_of as kind_of_order;
pub use tables::particulars::{Particulars, read as read_particulars};
pub use tables::stays::StayLimits;
pub use text::encoding::Encoding;
pub use text::sniff::Format;
