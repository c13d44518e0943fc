//! What knows nothing of epidemics and of formats: errors, time, spans, distance, texts,
//! sieves, stars in the middle of numbers.

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
