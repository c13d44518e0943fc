//! Is it unclear where an outbreak stands (疫情底数不清)? The figures on which people decide whether
//! everybody of an area is tested; the Notice, measure 6: not as a rule, only when source and chain
//! are unclear or the spread in the community is long.
//!
//! Never a bare yes: a county is `not_indicated`, or `unclear` with the reasons. Its cases are
//! those who live there. Cost: O(cases log cases), and the clusters.

use super::{Drawn, name};
use crate::base::time::Date;
use crate::model::CaseIdx;
use std::collections::{BTreeMap, BTreeSet};

/// Why it is unclear.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unclear {
    /// The first of many cases without a source is long ago.
    LongSpread,
    /// Many cases, and a large share, have no possible source.
    SourcesUnknown,
}

impl Unclear {
    /// All of them.
    pub const ALL: [Unclear; 2] = [Unclear::LongSpread, Unclear::SourcesUnknown];

    /// The name in the output.
    pub fn name(self) -> &'static str {
        match self {
            Unclear::LongSpread => "long_spread",
            Unclear::SourcesUnknown => "sources_unknown",
        }
    }
}

/// The figures of a county.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountyTesting {
    /// The number of its name; 0: it is not known where they live.
    pub county: u32,
    /// Cases who live there.
    pub cases: u32,
    /// Those of them without a possible source: no link leads to them, and they are not imported.
    pub unlinked: Vec<CaseIdx>,
    /// Clusters with one of its cases.
    pub clusters: u32,
    /// Its cases in the largest of them.
    pub largest: u32,
    /// Days from the earliest anchor of a cluster with one of its cases until as-of.
    pub oldest_days: i32,
    /// The earliest anchor of a case without a source.
    pub first_unlinked: Option<Date>,
    /// Days from there until as-of.
    pub spread_days: Option<i32>,
    /// Cases without a source who live in no zone of another case that was confirmed before them.
    pub outside_zones: u32,
    /// Why it is unclear; nothing: mass testing is not indicated.
    pub because: BTreeSet<Unclear>,
}

/// The figures of every county with a case, by its name; nothing under a policy without such
/// numbers.
pub fn testing(drawn: &Drawn<'_>) -> Vec<CountyTesting> {
    let (facts, cases) = (&drawn.facts, drawn.facts.cases);
    let Some(rules) = &facts.policy.mass_testing else { return Vec::new() };
    let today = facts.zone.date(facts.as_of);
    let mut counties: BTreeMap<&str, CountyTesting> = BTreeMap::new();
    for (case, _) in cases.iter() {
        let county = drawn.county(case);
        let empty = || CountyTesting {
            county,
            cases: 0,
            unlinked: Vec::new(),
            clusters: 0,
            largest: 0,
            oldest_days: 0,
            first_unlinked: None,
            spread_days: None,
            outside_zones: 0,
            because: BTreeSet::new(),
        };
        counties.entry(name(facts.places, county)).or_insert_with(empty).cases += 1;
    }
    for cluster in drawn.graph.clusters() {
        let first = cluster.iter().map(|&case| cases.anchor(case)).min().expect("it has a case");
        let mut here: BTreeMap<&str, u32> = BTreeMap::new();
        for &case in &cluster {
            *here.entry(name(facts.places, drawn.county(case))).or_default() += 1;
        }
        for (county, of_it) in here {
            let county = counties.get_mut(county).expect("a county of a case");
            county.clusters += 1;
            county.largest = county.largest.max(of_it);
            county.oldest_days = county.oldest_days.max(today.0 - first.0);
        }
    }
    for case in drawn.graph.without_source(cases) {
        let county = counties.get_mut(name(facts.places, drawn.county(case)));
        let county = county.expect("a county of a case");
        let anchor = cases.anchor(case);
        county.unlinked.push(case);
        county.outside_zones += u32::from(!is_in_known_zone(drawn, case));
        county.first_unlinked = Some(county.first_unlinked.map_or(anchor, |at| at.min(anchor)));
    }
    for county in counties.values_mut() {
        let unlinked = county.unlinked.len() as u32;
        county.spread_days = county.first_unlinked.map(|first| today.0 - first.0);
        let many = unlinked > 0 && unlinked >= rules.min_unlinked;
        if many && f64::from(unlinked) >= rules.min_unlinked_share * f64::from(county.cases) {
            county.because.insert(Unclear::SourcesUnknown);
        }
        let is_long = |days: i32| days >= 0 && days as u32 >= rules.min_spread_days;
        if many && county.spread_days.is_some_and(is_long) {
            county.because.insert(Unclear::LongSpread);
        }
    }
    counties.into_values().collect()
}

/// Whether a case lives in a zone of somebody else who was confirmed before them.
fn is_in_known_zone(drawn: &Drawn<'_>, case: CaseIdx) -> bool {
    let cases = drawn.facts.cases;
    let Some(residence) = drawn.residences[case.position() as usize] else { return false };
    let confirmed = cases.get(case).confirmed;
    let is_known = |&other: &CaseIdx| other != case && cases.get(other).confirmed < confirmed;
    let of_home = |zone: &&super::RiskZone| zone.contains(drawn.facts.places, residence.place);
    drawn.zones.iter().filter(of_home).any(|zone| zone.cases.iter().any(is_known))
}
