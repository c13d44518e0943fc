//! One file a table: what its rows say.

pub mod announcements;
pub mod arrivals;
pub mod cases;
pub mod colocations;
mod glance;
pub mod home_counties;
pub mod identities;
pub mod labels;
pub mod orders;
pub mod particulars;
pub mod persons;
pub mod places;
pub mod records;
pub mod screenings;
pub mod stay_rows;
pub mod stays;
