//! Questions to a run: why somebody has a verdict, why not, and what it would be otherwise.
//!
//! A question runs prepare → scan → conclude as `trace run` does, writes nothing, and answers with
//! plain data: as JSON for programs (each answer has a JSON Schema), or as lines for people. Cost:
//! that of a run without its tables, and a light pass over the files whose rows are quoted.

pub mod audit;
pub mod case;
pub mod misses;
pub mod noted;
pub mod partition;
pub mod parts;
pub mod person;
pub mod question;
pub mod sensitivity;
mod told;
pub mod whom;
pub mod why_not;
pub mod zone;

pub use question::{Question, ask};
pub use told::Told;
