//! What zones and measures are made from, besides evidence.

use crate::base::time::{Instant, TimeZone};
use crate::model::persons::Persons;
use crate::model::registers::Registers;
use crate::model::{Cases, Places};
use crate::policy::Policy;

/// What is known of an analysis.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// The cases.
    pub cases: &'a Cases,
    /// The persons.
    pub persons: &'a Persons,
    /// The places.
    pub places: &'a Places,
    /// What else the export holds.
    pub registers: &'a Registers,
    /// The policy.
    pub policy: &'a Policy,
    /// The analysis time zone.
    pub zone: &'a TimeZone,
    /// The moment the analysis speaks for.
    pub as_of: Instant,
    /// Whether every unit zone is raised to its building.
    pub expand: bool,
}
