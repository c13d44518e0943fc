//! One file a table: what its rows say.

pub mod cases;
pub mod colocations;
pub mod identities;
pub mod labels;
pub mod particulars;
pub mod persons;
pub mod places;
pub mod records;
pub mod stay_rows;
pub mod stays;
