//! What people are called in what people look at: name, phone, where they live, and their id with
//! stars in the middle.
//!
//! From `people.csv`. Cost: the people who are shown, in memory.

use crate::base::mask::masked;
use hashbrown::HashMap;
use std::io::Result;

/// What stands before the id of a person.
pub const FIRST: [&str; 4] = ["name", "phone", "address", "compound"];

/// Digits from which on an id is the number of a phone or of an identity card.
const DIGITS: usize = 11;

/// Somebody.
#[derive(Debug, Clone, Default, serde::Deserialize)]
pub struct Known {
    pub person_id: String,
    pub name: String,
    pub phone: String,
    pub address: String,
    pub compound: String,
    pub building: String,
    pub unit: String,
    pub county: String,
    pub groups: String,
    pub age: String,
}

impl Known {
    /// One of the cells that stand first, or building and unit.
    pub fn cell(&self, column: &str) -> &str {
        match column {
            "name" => &self.name,
            "phone" => &self.phone,
            "address" => &self.address,
            "building" => &self.building,
            "unit" => &self.unit,
            _ => &self.compound,
        }
    }
}

/// Whether an id is or holds the number of a phone or of an identity card, by its digits. A
/// pseudonym of ours has as many, and is nobody's.
pub fn is_identity(id: &str) -> bool {
    let hex = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
    let is_pseudonym = |rest: &str| rest.len() == 32 && rest.chars().all(hex);
    !id.strip_prefix('p').is_some_and(is_pseudonym)
        && id.bytes().filter(u8::is_ascii_digit).count() >= DIGITS
}

/// Everybody of whom something is known.
#[derive(Debug, Default)]
pub struct People {
    known: HashMap<String, Known>,
    first: Vec<&'static str>,
    full_ids: bool,
}

impl People {
    /// Those of a table; `full_ids` for ids without stars.
    ///
    /// # Errors
    /// When a row cannot be read.
    pub fn new(rows: impl Iterator<Item = Result<Known>>, full_ids: bool) -> Result<People> {
        let known = rows.map(|row| row.map(|of| (of.person_id.clone(), of)));
        let known: HashMap<String, Known> = known.collect::<Result<_>>()?;
        let says = |column: &&str| known.values().any(|of| !of.cell(column).is_empty());
        // Where nobody has a name, a compound alone says nothing that other columns do not.
        let named = known.values().any(|of| !of.name.is_empty() || !of.phone.is_empty());
        let first =
            if named { FIRST.into_iter().filter(|c| says(c)).collect() } else { Vec::new() };
        Ok(People { known, first, full_ids })
    }

    /// The columns that stand before an id: those that say something of somebody.
    pub fn first(&self) -> &[&'static str] {
        &self.first
    }

    /// What is known of somebody.
    pub fn find(&self, id: &str) -> Option<&Known> {
        self.known.get(id)
    }

    /// Ids that are joined with `;`, as they are shown.
    pub fn ids(&self, ids: &str) -> String {
        ids.split(';').map(|id| self.id(id)).collect::<Vec<_>>().join(";")
    }

    /// The id as it is shown: the number of an identity card or a phone has stars in the middle
    /// where a name or a phone says whose it is. The number of a register is nobody's secret.
    pub fn id(&self, id: &str) -> String {
        let named = self.find(id).is_some_and(|of| !of.name.is_empty() || !of.phone.is_empty());
        if named && is_identity(id) && !self.full_ids { masked(id) } else { id.to_owned() }
    }
}
