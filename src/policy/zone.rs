//! The numbers of zones: when an area is high-risk, and for how long.
//!
//! Source: the Notice, measure 4, and readings of it that a policy may take.

use serde::{Deserialize, Serialize};

/// The rules of zones (`docs/rules.md`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ZoneRules {
    /// Days of one case in an area that make it frequented.
    pub min_days: u32,
    /// Minutes of one case in an area that make it frequented.
    pub min_minutes: u64,
    /// Close contacts met there that make it risky.
    pub min_contacts: u32,
    /// Links made there that make it risky.
    pub min_secondary: u32,
    /// Units high-risk by residence that raise their building.
    pub building_units: u32,
    /// Days without a new case after which a zone is released.
    pub downgrade_days: u16,
    /// Hours after the first confirmation within which a zone is announced.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub announce_hours: Option<u32>,
    /// Whether a zone is released only when the round of tests on the last day found nobody.
    #[serde(default, skip_serializing_if = "is_false")]
    pub screening: bool,
    /// Whether a case who was isolated before they were found does not begin the days anew.
    #[serde(default, skip_serializing_if = "is_false")]
    pub reset_excludes_isolated: bool,
    /// Kinds of place whose unit is an area of its own where no building is known: a class of a
    /// school, a workshop, a household of a village.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unit_kinds: Vec<String>,
}

fn is_false(value: &bool) -> bool {
    !value
}
