//! What a person should look at before acting. None of it changes a verdict by itself.
//!
//! `trace run` has what the analysis shows; `trace check` also looks at every row. Cost: the cases
//! and the files; for `trace check` a pass over the rows.

pub mod alike;
pub mod cases;
pub mod files;
pub mod rows;
pub mod shifted;
pub mod zones;

/// How much depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// Good to know.
    Know,
    /// Results may be wrong for it: look before acting.
    Care,
    /// The input cannot be used as it is.
    Stop,
}

impl Weight {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Weight::Know => "know",
            Weight::Care => "care",
            Weight::Stop => "stop",
        }
    }
}

/// Something to look at.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Check {
    /// What kind of thing it is.
    pub check: &'static str,
    /// Whose it is, if it is somebody's or some place's.
    pub id: String,
    /// What stands there.
    pub value: String,
    /// The file; blank where it is about several.
    pub file: String,
    /// The line; 0 where it is about several.
    pub line: u64,
    /// The table.
    pub table: &'static str,
    /// How many there are.
    pub count: u64,
    /// What it is and what to do, as a sentence.
    pub what: &'static str,
    /// How much depends on it.
    pub weight: Weight,
}

impl Check {
    /// About a table as a whole; the rest is blank.
    pub fn new(
        check: &'static str,
        table: &'static str,
        weight: Weight,
        what: &'static str,
    ) -> Check {
        let (id, value, file) = (String::new(), String::new(), String::new());
        Check { check, id, value, file, line: 0, table, count: 1, what, weight }
    }

    /// With how many there are.
    pub fn count(self, count: u64) -> Check {
        Check { count, ..self }
    }

    /// With what stands there.
    pub fn value(self, value: impl Into<String>) -> Check {
        Check { value: value.into(), ..self }
    }

    /// With whose it is.
    pub fn id(self, id: impl Into<String>) -> Check {
        Check { id: id.into(), ..self }
    }

    /// With where it is.
    pub fn at(self, file: impl Into<String>, line: u64) -> Check {
        Check { file: file.into(), line, ..self }
    }
}

/// Whether an export can be used, in a word.
pub fn verdict(checks: &[Check]) -> &'static str {
    match weight(checks) {
        Weight::Know => "can be used",
        Weight::Care => "can be used with care",
        Weight::Stop => "cannot be used as it is",
    }
}

/// Of what needs care, the first of each kind, and how many more there are of it.
pub fn kinds(checks: &[Check]) -> Vec<(&Check, usize)> {
    let mut kinds: Vec<(&Check, usize)> = Vec::new();
    for check in checks.iter().filter(|check| check.weight > Weight::Know) {
        match kinds.iter_mut().find(|(first, _)| first.check == check.check) {
            Some((_, more)) => *more += 1,
            None => kinds.push((check, 0)),
        }
    }
    kinds
}

/// The heaviest weight of some checks.
pub fn weight(checks: &[Check]) -> Weight {
    checks.iter().map(|check| check.weight).max().unwrap_or(Weight::Know)
}
