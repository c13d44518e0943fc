//! One phase of a plan: where people are, how long, and when they are tested.

use serde::{Deserialize, Serialize};

/// One phase of a plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Phase {
    /// `central`, `home` or `monitor`.
    pub kind: String,
    /// Its length.
    pub days: u16,
    /// Days of the phase, from 1, with a test.
    pub tests: Vec<u16>,
}

impl Phase {
    /// Whether people stay in for it: in central isolation or at home. Who is monitored may go out.
    pub fn holds(&self) -> bool {
        self.kind != "monitor"
    }

    /// Whether it can be part of the plan with this name.
    pub(super) fn check(&self, plan: &str) -> Result<(), String> {
        let Phase { kind, days, tests } = self;
        if !["central", "home", "monitor"].contains(&kind.as_str()) {
            return Err(format!("`{plan}`: a phase is central, home or monitor, and not `{kind}`"));
        }
        if *days == 0 {
            return Err(format!("`{plan}`: a phase has at least one day"));
        }
        let ascending = tests.windows(2).all(|pair| pair[0] < pair[1]);
        if !ascending || tests.iter().any(|day| !(1..=*days).contains(day)) {
            return Err(format!(
                "`{plan}`: tests of phase `{kind}` are days of the phase, 1 to {days}, ascending"
            ));
        }
        Ok(())
    }
}
