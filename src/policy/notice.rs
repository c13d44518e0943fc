//! The numbers of the Notice's other measures: arrivals, mass testing, the early clock.
//!
//! Each is a part of its own in the file of a policy; an authority without it has no such measure.

use crate::policy::phase::Phase;
use serde::{Deserialize, Serialize};

/// What people get who came from abroad (the Notice, measures 9 and 10, and section 3(3)).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ArrivalRules {
    /// The health code given meanwhile.
    pub code: String,
    /// The code of somebody who is past an infection.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub past_infection_code: Option<String>,
    /// A sample with a smaller Ct value is positive; without it no Ct value is judged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub positive_below_ct: Option<f64>,
    /// One with a Ct value from there up to this is taken again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retest_to_ct: Option<f64>,
    /// Hours after which it is taken again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retest_hours: Option<u32>,
    /// In order, from the day after the date of entry.
    pub phases: Vec<Phase>,
}

impl ArrivalRules {
    /// Whether its numbers can be reckoned with.
    pub(super) fn check(&self) -> Result<(), String> {
        match (self.positive_below_ct, self.retest_to_ct) {
            (None, Some(_)) => Err("`arrival.retest_to_ct` needs `positive_below_ct`".to_owned()),
            (Some(below), Some(to)) if to < below => {
                Err("`arrival.retest_to_ct` is not below `positive_below_ct`".to_owned())
            }
            _ if self.retest_hours.is_some_and(|hours| hours > 24 * 14) => {
                Err("`arrival.retest_hours` is 14 days at most".to_owned())
            }
            _ => Ok(()),
        }
    }
}

/// When source and chain of an outbreak are unclear (the Notice, measure 6).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MassTesting {
    /// At least this many cases of a county without a possible source are many.
    pub min_unlinked: u32,
    /// At least this share of its cases, 0 to 1, is large.
    pub min_unlinked_share: f64,
    /// At least this many days since the first of them are long.
    pub min_spread_days: u32,
}

impl MassTesting {
    /// Whether its numbers can be reckoned with.
    pub(super) fn check(&self) -> Result<(), String> {
        match self.min_unlinked_share {
            share if (0.0..=1.0).contains(&share) => Ok(()),
            share => Err(format!("`mass_testing.min_unlinked_share` is {share}, not 0 to 1")),
        }
    }
}

/// How fast cases are to be found and isolated (the Notice, measure 15).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Early {
    /// Hours from the sample to the confirmation.
    pub confirm_hours: u32,
    /// Hours from the confirmation to the isolation.
    pub isolate_hours: u32,
}
