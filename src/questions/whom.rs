//! Whom a name, a phone or an id with stars means: people are asked about by what stands in a
//! list.
//!
//! Cost: a light pass over `persons` and `cases`.

use super::question::Question;
use crate::base::error::Result;
use crate::base::mask::masked;
use crate::base::problem::Problem;
use crate::pipeline::{particulars, shown};

/// The ids of the people in the tables of a run who go by a text: their name, their phone, or
/// their id with stars in the middle. O(n) over these people.
///
/// # Errors
/// When the input cannot be read any more.
fn whom(question: &Question, text: &str) -> Result<Vec<String>> {
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

/// The id of whom a text means: an id as it stands, or else the one person in the tables of the run
/// who goes by that name, phone, or id with stars.
///
/// # Errors
/// When several people go by it, or the input cannot be read any more.
pub fn who(question: &Question, text: &str) -> Result<String> {
    let id = question.person_of(text);
    let analysis = &question.analysis;
    let is_known = analysis.evidence.find(id).is_some()
        || analysis.cases.find(id).is_some()
        || analysis.persons.find(id).is_some();
    let named = if is_known { Vec::new() } else { whom(question, text)? };
    match &named[..] {
        [] => Ok(id.to_owned()),
        [one] => Ok(one.clone()),
        ids => Err(Problem::SeveralPeople { text: text.to_owned(), ids: ids.join(", ") }.into()),
    }
}
