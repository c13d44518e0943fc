//! Ids in an export that look like one that is not there.
//!
//! Cost: a pass over persons, trajectories and co-locations; few ids are looked at closely.

use super::checks::alike::normal;
use super::passes::{EVERYBODY, Input};
use super::request::Analysis;
use crate::base::error::Result;
use crate::ingest::Progress;
use crate::model::{Colocation, Interest, Stay, TakeColocations, TakeStays};
use std::collections::BTreeSet;

/// The ids that differ from `id` only by case, leading zeros, blanks, `-` or `_`, in order.
///
/// # Errors
/// When the input cannot be read any more.
pub fn looks_alike(analysis: &Analysis, id: &str, progress: &dyn Progress) -> Result<Vec<String>> {
    let sought = normal(id);
    let start = || Alike { sought: &sought, found: BTreeSet::new() };
    let input = Input::new(&analysis.folder, &analysis.request, analysis.as_of, progress);
    let mut all = start();
    analysis.persons.iter().for_each(|(id, _)| all.look(id.as_bytes()));
    analysis.cases.iter().for_each(|(_, case)| all.look(case.id.as_bytes()));
    for of in input.everybody(EVERYBODY, start)? {
        all.found.extend(of.found);
    }
    Ok(all.found.into_iter().collect())
}

struct Alike<'s> {
    sought: &'s str,
    found: BTreeSet<String>,
}

impl Alike<'_> {
    fn look(&mut self, id: &[u8]) {
        // Nearly all differ in the last letter that counts.
        let last = |id: &[u8]| id.iter().rfind(|byte| byte.is_ascii_alphanumeric()).copied();
        let same = |a: u8, b: u8| a.eq_ignore_ascii_case(&b);
        let may_be = match (last(id), last(self.sought.as_bytes())) {
            (Some(one), Some(other)) => same(one, other),
            _ => true,
        };
        if may_be {
            let id = String::from_utf8_lossy(id);
            if normal(&id) == self.sought {
                self.found.insert(id.into_owned());
            }
        }
    }
}

impl Interest for Alike<'_> {}

impl TakeStays for Alike<'_> {
    fn stay(&mut self, stay: &Stay<'_>) {
        self.look(stay.person);
    }
}

impl TakeColocations for Alike<'_> {
    fn colocation(&mut self, row: &Colocation<'_>) {
        self.look(row.person_a);
        self.look(row.person_b);
    }
}
