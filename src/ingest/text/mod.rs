//! Text files: their encoding, where rows and cells end, and the cutting of rows.

pub mod blocks;
pub mod cell_ends;
pub mod chunk;
pub mod context;
pub mod cut;
pub mod encoding;
mod order;
pub mod quotes;
pub mod sniff;
pub mod unpack;
