//! Whom a name, a phone or an id with stars means: people are asked about by what stands in a
//! list.
//!
//! Cost: a light pass over `persons` and `cases`.

use super::question::Question;
use crate::base::error::Result;
use crate::base::mask::masked;
use crate::pipeline::{particulars, shown};

/// The ids of the people in the tables of a run who go by a text: their name, their phone, or
/// their id with stars in the middle. O(n) over these people.
///
/// # Errors
/// When the input cannot be read any more.
pub fn whom(question: &Question, text: &str) -> Result<Vec<String>> {
    let analysis = &question.analysis;
    let (names, _) = particulars(analysis)?;
    let at = |name: &str| names.columns().position(|column| column == name);
    let columns = [at("name"), at("phone")];
    let is = |id: &&str| {
        let cells = names.find(id);
        let of = columns.iter().filter_map(|column| Some(cells?.get((*column)?)?.as_str()));
        of.into_iter().any(|cell| cell == text) || text.contains('*') && masked(id) == text
    };
    let ids = shown(analysis).into_iter().filter_map(|id| std::str::from_utf8(id).ok());
    let mut found: Vec<String> = ids.filter(is).map(str::to_owned).collect();
    found.sort_unstable();
    Ok(found)
}
