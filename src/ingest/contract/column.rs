//! A column of a table: what it is called, and what its cells are.

/// A column: its name, what else it may be called, whether a file must have it.
#[derive(Debug)]
pub struct Column {
    /// The name in the contract.
    pub name: &'static str,
    /// Other accepted names.
    pub aliases: &'static [&'static str],
    /// Names that are accepted when none of the others is there.
    pub spare: &'static [&'static str],
    /// Whether a file without it cannot be used.
    pub required: bool,
    /// What its cells are.
    pub holds: Holds,
}

/// What the cells of a column are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// Ids of people or places: read as `cells::ids` says.
    Ids,
    /// Times, in any style.
    Times,
    /// Words, numbers, truths.
    Others,
}

impl Column {
    /// Whether it holds times.
    pub fn is_time(&self) -> bool {
        self.holds == Holds::Times
    }

    /// Whether it holds ids.
    pub fn is_id(&self) -> bool {
        self.holds == Holds::Ids
    }

    /// Whether the first of two filled columns for it counts; for others the file is refused.
    pub fn is_told_twice(&self) -> bool {
        PARTICULARS.contains(&self.name) || self.name == "classification"
    }
}

/// The columns of `persons` and `cases` that say how to find somebody and what they need.
pub const PARTICULARS: [&str; 6] = ["name", "phone", "address", "compound", "groups", "age"];

/// A column that must be there.
pub(super) const fn must(name: &'static str, aliases: &'static [&'static str]) -> Column {
    Column { name, aliases, spare: &[], required: true, holds: Holds::Others }
}

/// A column that may be there.
pub(super) const fn may(name: &'static str, aliases: &'static [&'static str]) -> Column {
    Column { required: false, ..must(name, aliases) }
}

impl Column {
    /// It holds times.
    pub(super) const fn of_times(self) -> Column {
        Column { holds: Holds::Times, ..self }
    }

    /// It holds ids.
    pub(super) const fn of_ids(self) -> Column {
        Column { holds: Holds::Ids, ..self }
    }
}
