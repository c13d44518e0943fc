//! Headers: which row is one, which cell names which column, and what to say where that is not
//! clear.

pub mod aliases;
pub mod guess;
pub mod layout;
pub mod notes;
pub mod sample;
pub mod unit;
