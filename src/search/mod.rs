//! The search: (index of the cases' stays) × (rows) → evidence. First degree only: an index can be
//! built from cases only.

pub mod evidence;
pub mod index;
pub mod next_rows;
pub mod open;
pub mod opens;
pub mod own_stays;
pub mod person_stay;
pub mod scan;
pub mod watched;
