//! Positions under another datum than the rest of the export: the same people, at about the same
//! time, some hundred metres apart in the way in which GCJ-02 and BD-09 are moved.
//!
//! The positions of a file are compared with the places of `places` where the person is at that
//! time, and with the positions of another file. Cost: the people of a sample, in order of time.

use super::{Check, Weight};
use crate::base::datum::Datum;
use crate::base::geo::Coord;
use crate::ingest::{Folder, Table};
use crate::pipeline::survey::{Fix, Survey, first_of};
use std::collections::BTreeMap;

const SHIFTED: &str = "positions look shifted against the places where the same people are at the \
     same time: name their datum with --datum trajectories=NAME";
const MOVED: &str = "the places of `places` look shifted against positions of the people who are \
     there: name their datum with --datum places=NAME";
const APART: &str = "positions of this file look shifted against those of another: name the datum of \
     each row in a column `datum`";

/// How long a position holds for this comparison, in seconds.
const NEAR: i64 = 600;
/// Pairs from which on a shift means something.
const ENOUGH: usize = 20;
/// From how many metres on two sources are apart, and to what share a datum must bring them.
const APART_M: f64 = 150.0;
const CLOSER: f64 = 3.0;

/// Two positions of one person at about one time.
type Pair = [Coord; 2];

/// The datums that bring the sources of the export together, where nothing else does.
pub fn checks(folder: &Folder, survey: &Survey<'_>) -> Vec<Check> {
    let mut pairs: BTreeMap<[Option<u32>; 2], Vec<Pair>> = BTreeMap::new();
    for (_, fixes) in survey.fixes.iter() {
        of_person(fixes, &mut pairs);
    }
    let mut checks: Vec<Check> = Vec::new();
    for (sources, pairs) in &pairs {
        checks.extend(shift(*sources, pairs, folder));
    }
    checks
}

/// The pairs of one person: each position with the last one from the places or another file.
fn of_person(fixes: &[Fix], pairs: &mut BTreeMap<[Option<u32>; 2], Vec<Pair>>) {
    let mut fixes = fixes.to_vec();
    first_of(&mut fixes);
    let coord = |bits: [u64; 2]| {
        let [lon, lat] = bits.map(f64::from_bits);
        Coord { lon, lat }
    };
    let mut last: BTreeMap<Option<u32>, Fix> = BTreeMap::new();
    for fix @ (span, at, source) in fixes {
        // Places, and the first of the other files: a person has few sources.
        for (other, (seen, there, _)) in last.iter().filter(|(other, _)| **other != source).take(4)
        {
            if seen.end.0 + NEAR >= span.start.0 {
                let ordered = *other < source;
                let pair =
                    if ordered { [coord(*there), coord(at)] } else { [coord(at), coord(*there)] };
                let sources = if ordered { [*other, source] } else { [source, *other] };
                pairs.entry(sources).or_default().push(pair);
            }
        }
        last.insert(source, fix);
    }
}

/// What is shifted of two sources.
fn shift([one, other]: [Option<u32>; 2], pairs: &[Pair], folder: &Folder) -> Option<Check> {
    let as_is = middle(pairs, Datum::Wgs84, Datum::Wgs84);
    if pairs.len() < ENOUGH || as_is < APART_M {
        return None;
    }
    let datums = [("gcj02", Datum::Gcj02), ("bd09", Datum::Bd09)];
    let of_other = datums.map(|(name, datum)| (middle(pairs, Datum::Wgs84, datum), false, name));
    let of_one = datums.map(|(name, datum)| (middle(pairs, datum, Datum::Wgs84), true, name));
    let all = of_other.into_iter().chain(of_one);
    let (metres, is_one, name) = all.min_by(|a, b| a.0.total_cmp(&b.0))?;
    if metres * CLOSER > as_is {
        return None;
    }
    let file = if is_one { one } else { other };
    let (table, what) = match (one, is_one) {
        (None, true) => (Table::Places, MOVED),
        (None, false) => (Table::Trajectories, SHIFTED),
        (Some(_), _) => (Table::Trajectories, APART),
    };
    let value = format!("{name}: {metres:.0} m apart instead of {as_is:.0} m");
    let check = Check::new("datum_shifted", table.name(), Weight::Care, what).value(value);
    let name = file.map_or("", |file| &folder.files[file as usize].name);
    Some(check.at(name, 0).count(pairs.len() as u64))
}

/// The middle one of the distances of all pairs, read in these datums.
fn middle(pairs: &[Pair], one: Datum, other: Datum) -> f64 {
    let distance = |pair: &Pair| one.to_wgs84(pair[0]).distance_m(other.to_wgs84(pair[1]));
    let mut distances: Vec<f64> = pairs.iter().map(distance).collect();
    distances.sort_unstable_by(f64::total_cmp);
    distances.get(distances.len() / 2).copied().unwrap_or(0.0)
}
