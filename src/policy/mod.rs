//! The numbers of an authority: what counts as exposure, what is a zone, what a person gets.
//!
//! A policy is a TOML file. The presets are files of `src/policy/presets/`, built in; `trace policy
//! show` prints them, and an edited copy is given back with `--policy FILE`. Each value has a
//! source in the file's `[sources]` table. The Notice fixes days, tests and tiers; it leaves
//! minutes and metres to the investigator, and those are marked `operational`.

mod notice;
mod phase;
mod zone;

pub use notice::{ArrivalRules, Early, MassTesting};
pub use phase::Phase;
pub use zone::ZoneRules;

use crate::base::error::Result;
use crate::base::problem::Problem;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The built-in policies: name and file.
pub const PRESETS: [(&str, &str); 8] = [
    ("cn-2022-11", include_str!("presets/cn-2022-11.toml")),
    ("cn-shanxi-2022-11", include_str!("presets/cn-shanxi-2022-11.toml")),
    ("cn-9", include_str!("presets/cn-9.toml")),
    ("who", include_str!("presets/who.toml")),
    ("cdc", include_str!("presets/cdc.toml")),
    ("ecdc", include_str!("presets/ecdc.toml")),
    ("uk-2021", include_str!("presets/uk-2021.toml")),
    ("sg-2020", include_str!("presets/sg-2020.toml")),
];

/// The policy of a run that names none.
pub const DEFAULT: &str = "cn-2022-11";

/// Every number a run depends on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// Short name, as given to `--policy`.
    pub name: String,
    /// One line for people.
    pub title: String,
    /// Times without an offset are in this zone, and days are its days.
    pub timezone: String,
    /// When two people are exposed to each other.
    pub exposure: Exposure,
    /// When an area is high-risk, and for how long; an authority without this draws no zones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zone: Option<ZoneRules>,
    /// For close contacts (密切接触者).
    pub close_contact: Option<Plan>,
    /// For people who left a high-risk zone (高风险区外溢人员).
    pub spillover: Option<Spillover>,
    /// For venue-exposed people (涉疫场所暴露人员).
    pub venue_exposed: Option<Plan>,
    /// For workers whose closed loop has ended (结束闭环作业的高风险岗位从业人员).
    pub closed_loop: Option<Plan>,
    /// For people who came from abroad (入境人员).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arrival: Option<ArrivalRules>,
    /// For people who were in a county with a high-risk zone, outside the zones, and live in
    /// another (低风险区旅居史).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub low_risk_traveller: Option<Spillover>,
    /// When it is unclear where an outbreak stands (疫情底数不清).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mass_testing: Option<MassTesting>,
    /// How fast cases are found and isolated (四早).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub early: Option<Early>,
    /// Where each value comes from.
    pub sources: BTreeMap<String, String>,
}

/// The rules of exposure (`docs/rules.md`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exposure {
    /// Days before the anchor on which the window opens.
    pub lookback_days: u16,
    /// Days after the anchor at whose end it closes, if the policy says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after_days: Option<u16>,
    /// Minutes inside one sliding window that make a close contact.
    pub min_minutes: u32,
    /// Length of the sliding window; 0 counts the longest unbroken stretch.
    pub window_hours: u32,
    /// The same threshold at places where people crowd.
    pub dense_min_minutes: u32,
    /// A co-location farther apart than this is none.
    pub proximity_m: f64,
    /// Two positions no farther apart than this are together.
    pub gps_m: f64,
    /// Positions less accurate than this are used for nothing.
    pub max_accuracy_m: f64,
    /// How long a visit without an end lasts at most.
    pub checkin_minutes: u32,
    /// How long a position without an end lasts at most, unless it is held until the next.
    pub ping_seconds: u32,
    /// Rows in front and behind, on transport.
    pub transport_rows: u32,
    /// Rows of one person in `cases` whose anchors are so many days apart are two illnesses;
    /// without it they are one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reinfection_days: Option<u16>,
    /// An onset or a sampling more than so many days before the confirmation is set aside.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_onset_days: Option<u16>,
    /// Days after the confirmation at whose end the window closes of a case without an isolation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unisolated_days: Option<u16>,
    /// A position is held until the next one if that comes within so many minutes, and near it; 0
    /// holds none.
    pub ping_gap_minutes: u32,
    /// More people than this at a place with a case are a crowd.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub room_persons: Option<u32>,
    /// More people than this at the very same coordinate are not there but at a mast.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shared_position_persons: Option<u32>,
    /// More people than this with one recorded residence are no household.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub household_max: Option<u32>,
    /// Whether a stay of which only the date is known counts as one of the whole day.
    pub date_only_counts: bool,
    /// How far a place can reach, whatever its `radius_m`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_radius_m: Option<f64>,
    /// A co-location with a weaker signal is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_rssi_dbm: Option<f64>,
}

/// What a person gets: phases one after the other, with a health code.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// The health code given meanwhile.
    pub code: String,
    /// In order, from the day after day 0.
    pub phases: Vec<Phase>,
}

/// The plan of spillover people, and how far back their stay may lie.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spillover {
    /// Days before as-of within which they were in the zone.
    pub lookback_days: u16,
    /// The health code given meanwhile.
    pub code: String,
    /// In order, from the day after day 0.
    pub phases: Vec<Phase>,
}

impl Policy {
    /// A built-in policy.
    ///
    /// # Errors
    /// A usage error that lists the names there are.
    pub fn preset(name: &str) -> Result<Policy> {
        let Some((_, text)) = PRESETS.iter().find(|(preset, _)| *preset == name) else {
            let names: Vec<&str> = PRESETS.iter().map(|&(preset, _)| preset).collect();
            let known = names.join(", ");
            return Err(Problem::NoPolicy { name: name.to_owned(), known }.into());
        };
        Policy::read(text, name)
    }

    /// A policy from the text of a TOML file; `origin` is named in messages. One that was changed
    /// by hand says so: a built-in name gets `(changed)` behind it, and no source stands beside a
    /// value that is not the source's.
    ///
    /// ```
    /// use trace::policy::{PRESETS, Policy};
    /// let text = PRESETS[0].1.replace("min_minutes = 10\n", "min_minutes = 20\n");
    /// let policy = Policy::parse(&text, "mine.toml").unwrap();
    /// assert_eq!(policy.name, "cn-2022-11 (changed)");
    /// assert!(!policy.sources.contains_key("exposure.min_minutes"));
    /// ```
    ///
    /// # Errors
    /// A usage error for an unknown key, a wrong type, or numbers that make no plan.
    pub fn parse(text: &str, origin: &str) -> Result<Policy> {
        let mut policy = Policy::read(text, origin)?;
        policy.note_changes()?;
        Ok(policy)
    }

    /// The same policy with one number changed, which its name and its sources say: `change` is as
    /// in `exposure.min_minutes=15`; `none` takes a number away that need not be there.
    ///
    /// ```
    /// use trace::policy::Policy;
    /// let policy = Policy::preset("cn-2022-11").unwrap();
    /// let other = policy.with("exposure.min_minutes=15").unwrap();
    /// assert_eq!(other.exposure.min_minutes, 15);
    /// assert_eq!(other.name, "cn-2022-11 (exposure.min_minutes=15)");
    /// assert!(policy.with("exposure.min_minuts=15").is_err());
    /// ```
    ///
    /// # Errors
    /// A usage error when there is no such number, or it cannot be this.
    pub fn with(&self, change: &str) -> Result<Policy> {
        let wrong = |what: String| Problem::PolicyWrong { origin: format!("--set {change}"), what };
        let form = || {
            let key = name_of(change);
            let part = |(name, _): &(String, serde_json::Value)| {
                name.rsplit_once('.').is_some_and(|(_, own)| own == key)
            };
            // A name that is missing its part is known all the same.
            let named = self.values().into_iter().find(part);
            let value = change.split_once('=').map_or("…", |(_, value)| value.trim());
            wrong(match named {
                Some((name, _)) => format!("write it as {name}={value}"),
                None => "write it as exposure.min_minutes=15".to_owned(),
            })
        };
        let (name, value) = change.split_once('=').ok_or_else(form)?;
        let (name, value) = (name.trim(), value.trim());
        let (section, key) = name.split_once('.').ok_or_else(form)?;
        let mut all = serde_json::to_value(self).expect("a policy is plain data");
        let Some(section) = all.get_mut(section).and_then(serde_json::Value::as_object_mut) else {
            return Err(wrong(format!("the policy has no part [{section}]")).into());
        };
        if value == "none" {
            section.remove(key);
        } else {
            let read: toml::Table = toml::from_str(&format!("value = {value}"))
                .map_err(|_| wrong(format!("`{value}` is no number")))?;
            let value = serde_json::to_value(&read["value"]).expect("TOML fits into JSON");
            section.insert(key.to_owned(), value);
        }
        let read = Policy::deserialize(all).map_err(|e| wrong(e.to_string()));
        let mut policy: Policy = read?;
        policy.check().map_err(wrong)?;
        if policy.values() != self.values() {
            policy.name = match policy.name.strip_suffix(')') {
                Some(name) if name.contains(" (") => {
                    format!("{name}, {}={value})", name_of(change))
                }
                _ => format!("{} ({}={value})", policy.name, name_of(change)),
            };
            policy.sources.insert(name.to_owned(), "set for this run (--set)".to_owned());
        }
        Ok(policy)
    }

    /// Marks what differs from the built-in policies, in the name and in the sources.
    fn note_changes(&mut self) -> Result<()> {
        let own = self.values();
        let mut borrowed: BTreeMap<String, bool> = BTreeMap::new();
        for (name, text) in PRESETS {
            let preset = Policy::read(text, name)?;
            let theirs = preset.values();
            if self.name == name && own != theirs {
                self.name.push_str(" (changed)");
            }
            for (value, source) in &preset.sources {
                if self.sources.get(value) == Some(source) {
                    let fits = own.get(value) == theirs.get(value);
                    *borrowed.entry(value.clone()).or_default() |= fits;
                }
            }
        }
        self.sources.retain(|value, _| borrowed.get(value) != Some(&false));
        Ok(())
    }

    /// The values by their names, as `sources` calls them: `exposure.min_minutes`.
    pub fn values(&self) -> BTreeMap<String, serde_json::Value> {
        let all = serde_json::to_value(self).expect("a policy is plain data");
        let mut values = BTreeMap::new();
        for (key, value) in all.as_object().into_iter().flatten() {
            match (key.as_str(), value.as_object()) {
                ("name" | "title" | "sources", _) => {}
                (_, None) => _ = values.insert(key.clone(), value.clone()),
                (_, Some(section)) => {
                    values.extend(section.iter().map(|(k, v)| (format!("{key}.{k}"), v.clone())));
                }
            }
        }
        values.retain(|_, value| !value.is_null());
        values
    }

    fn read(text: &str, origin: &str) -> Result<Policy> {
        let policy: Policy = toml::from_str(text).map_err(|e| {
            let (origin, what) = (origin.to_owned(), e.to_string().trim_end().to_owned());
            Problem::PolicyUnreadable { origin, what }
        })?;
        let wrong = |what| Problem::PolicyWrong { origin: origin.to_owned(), what };
        policy.check().map_err(wrong)?;
        Ok(policy)
    }

    fn check(&self) -> std::result::Result<(), String> {
        self.exposure.check()?;
        let hours = self.zone.as_ref().and_then(|zone| zone.announce_hours);
        if hours.is_some_and(|hours| hours > 24 * 365) {
            return Err("`announce_hours` is a year at most".to_owned());
        }
        if self.spillover.is_some() && self.zone.is_none() {
            return Err("`spillover` needs zones: add a part [zone], or take it out".to_owned());
        }
        if self.low_risk_traveller.is_some() && self.zone.is_none() {
            return Err(
                "`low_risk_traveller` needs zones: add a part [zone], or take it out".to_owned()
            );
        }
        self.arrival.as_ref().map_or(Ok(()), ArrivalRules::check)?;
        self.mass_testing.as_ref().map_or(Ok(()), MassTesting::check)?;
        let plans = [
            ("close_contact", self.close_contact.as_ref().map(|p| &p.phases)),
            ("spillover", self.spillover.as_ref().map(|p| &p.phases)),
            ("venue_exposed", self.venue_exposed.as_ref().map(|p| &p.phases)),
            ("closed_loop", self.closed_loop.as_ref().map(|p| &p.phases)),
            ("arrival", self.arrival.as_ref().map(|p| &p.phases)),
            ("low_risk_traveller", self.low_risk_traveller.as_ref().map(|p| &p.phases)),
        ];
        for (name, phases) in plans {
            for phase in phases.into_iter().flatten() {
                phase.check(name)?;
            }
        }
        crate::base::time::TimeZone::get(&self.timezone).map(drop).map_err(|e| e.to_string())
    }
}

impl Exposure {
    /// Whether its numbers can be reckoned with.
    pub(crate) fn check(&self) -> std::result::Result<(), String> {
        let e = self;
        let metres = [
            ("proximity_m", e.proximity_m),
            ("gps_m", e.gps_m),
            ("max_accuracy_m", e.max_accuracy_m),
            ("max_radius_m", e.max_radius_m.unwrap_or(0.0)),
        ];
        for (name, value) in metres {
            if !(0.0..=10_000.0).contains(&value) {
                return Err(format!("`exposure.{name}` is {value}, not between 0 and 10000"));
            }
        }
        if e.checkin_minutes == 0 || e.ping_seconds == 0 {
            return Err("`checkin_minutes` and `ping_seconds` are at least 1".to_owned());
        }
        if e.checkin_minutes > 1440 || e.ping_seconds > 86_400 || e.window_hours > 24 * 365 {
            return Err("a stay without an end lasts a day at most, a window a year".to_owned());
        }
        if e.ping_gap_minutes > 1440 {
            return Err("`ping_gap_minutes`: a position is held for a day at most".to_owned());
        }
        if e.reinfection_days == Some(0) {
            return Err(
                "`reinfection_days` is at least 1; without it there is one illness".to_owned()
            );
        }
        if e.min_rssi_dbm.is_some_and(f64::is_nan) {
            return Err("`min_rssi_dbm` is no number".to_owned());
        }
        Ok(())
    }
}

/// The name of the number that a change is about.
fn name_of(change: &str) -> &str {
    change.split('=').next().unwrap_or(change).trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(prefix: &str, value: &toml::Value, found: &mut Vec<String>) {
        match value {
            toml::Value::Table(table) => {
                for (key, value) in table {
                    let name =
                        if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
                    if name != "sources" {
                        values(&name, value, found);
                    }
                }
            }
            _ => found.push(prefix.to_owned()),
        }
    }

    #[test]
    fn every_value_of_every_preset_has_a_source() {
        for (name, text) in PRESETS {
            let policy = Policy::preset(name).unwrap();
            assert_eq!(policy.name, name);
            let mut found = Vec::new();
            values("", &toml::from_str(text).unwrap(), &mut found);
            for value in found.iter().filter(|v| !["name", "title"].contains(&v.as_str())) {
                assert!(policy.sources.contains_key(value), "{name}: `{value}` has no source");
            }
            for source in policy.sources.keys() {
                assert!(found.contains(source), "{name}: source of `{source}`, which is no value");
            }
        }
    }

    #[test]
    fn an_edited_policy_is_checked() {
        let text = PRESETS[0].1;
        for (from, to, says) in [
            ("min_minutes = 10\n", "min_minuts = 10\n", "min_minuts"),
            ("min_minutes = 10\n", "min_minutes = \"ten\"\n", "invalid type"),
            ("timezone = \"Asia/Shanghai\"", "timezone = \"Asia/Atlantis\"", "no time zone"),
            ("tests = [1, 2, 3, 5]", "tests = [1, 2, 3, 6]", "1 to 5"),
            ("gps_m = 10", "gps_m = -1", "not between"),
            ("kind = \"monitor\"", "kind = \"monitoring\"", "central, home or monitor"),
        ] {
            let edited = text.replacen(from, to, 1);
            assert_ne!(edited, text);
            let error = Policy::parse(&edited, "mine.toml").unwrap_err();
            assert!(error.to_string().contains(says), "{error}");
            assert_eq!(error.exit_code(), 2);
        }
    }
}
