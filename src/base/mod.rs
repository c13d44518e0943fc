//! What all rooms share: problems and what to do about them, the words of each language, time and
//! spans, datums and distance, texts (interner), sieves (Bloom filter), stars in the middle of
//! numbers. No rule of epidemics, and no format.

pub mod datum;
pub mod error;
pub mod geo;
mod hints;
pub mod mask;
pub mod problem;
pub mod sealed;
pub mod sieve;
pub mod spans;
pub mod texts;
pub mod time;
pub mod words;
