//! Ids that differ only by case, leading zeros, blanks, `-` or `_` once they are read.

use super::{Check, Weight};
use crate::base::sieve::fingerprint;
use crate::ingest::Table;
use rayon::prelude::*;

/// Why two ids are shown.
pub const ALIKE: &str = "two ids differ only in case, leading zeros or blanks: if they are one person, \
     write them the same way and run again";

/// An id in lower case, without blanks, `-`, `_`, leading zeros.
pub fn normal(id: &str) -> String {
    let kept = id.chars().filter(|c| !c.is_whitespace() && !matches!(c, '-' | '_'));
    let lower: String = kept.flat_map(char::to_lowercase).collect();
    // Zeros before the number of an id, whatever letters stand before it.
    let letters = lower.find(|c: char| c.is_ascii_digit()).unwrap_or(lower.len());
    let (head, number) = lower.split_at(letters);
    format!("{head}{}", number.trim_start_matches('0'))
}

/// A line for each pair of ids that look alike, the first of each kind with every other.
/// Cost: a hash of each, on all threads, and sorting them.
pub fn pairs(ids: &[&str]) -> Vec<Check> {
    let hash = |(number, id): (usize, &&str)| (fingerprint(normal(id).as_bytes()), number);
    let mut hashes: Vec<(u64, usize)> = ids.par_iter().enumerate().map(hash).collect();
    hashes.par_sort_unstable();
    let mut found = Vec::new();
    for kind in hashes.chunk_by(|a, b| a.0 == b.0).filter(|kind| kind.len() > 1) {
        let mut of_kind: Vec<&str> = kind.iter().map(|(_, number)| ids[*number]).collect();
        of_kind.sort_unstable();
        of_kind.dedup();
        let (first, others) = of_kind.split_first().expect("a kind has ids");
        let alike = others.iter().filter(|other| normal(other) == normal(first));
        found.extend(alike.map(|other| pair(first, other)));
    }
    found
}

/// The line of a pair.
pub fn pair(one: &str, other: &str) -> Check {
    Check::new("ids_alike", Table::Persons.name(), Weight::Care, ALIKE)
        .id(one)
        .value(other)
        .count(2)
}

/// Why two places are shown.
pub const PLACES_ALIKE: &str = "two places differ only in case, leading zeros or blanks, and a case was \
     at one of them: if they are one place, write them the same way and run again";

/// The line of two places.
pub fn places(one: &str, other: &str) -> Check {
    let table = Table::Trajectories.name();
    Check::new("places_alike", table, Weight::Care, PLACES_ALIKE).id(one).value(other).count(2)
}

#[cfg(test)]
mod tests {
    #[test]
    fn ids_that_differ_in_case_zeros_or_blanks_are_alike() {
        let pairs = |ids: &[&str]| {
            let found = super::pairs(ids);
            found.into_iter().map(|check| (check.id, check.value)).collect::<Vec<_>>()
        };
        assert_eq!(pairs(&["p1", "P1"]), [("P1".to_owned(), "p1".to_owned())]);
        assert_eq!(pairs(&["0012", "12"]).len(), 1);
        assert_eq!(pairs(&["P 12", "P0012", "P12"]).len(), 2);
        assert!(pairs(&["P1", "P2", "P10", "P1"]).is_empty());
    }
}
