//! The reasons for a zone.

/// Why an area is a zone. In alphabetical order of their names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ZoneBasis {
    /// Cases were there often, and people were infected or exposed there.
    Activity,
    /// Enough units of the building are zones by residence.
    Escalated,
    /// Raised from unit to building by the user, with a reason given.
    Expanded,
    /// A case lives there.
    Residence,
}

impl ZoneBasis {
    /// The name in the output.
    pub fn name(self) -> &'static str {
        match self {
            ZoneBasis::Activity => "activity",
            ZoneBasis::Escalated => "escalated",
            ZoneBasis::Expanded => "expanded",
            ZoneBasis::Residence => "residence",
        }
    }
}
