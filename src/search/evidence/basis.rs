//! Bases: by what rule two people match, and what each rule is worth.

/// By what rule two people match. In alphabetical order of their names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Basis {
    /// The same place, in a crowd: weak.
    Crowd,
    /// The same place or near it, on the same date, at an hour nobody knows: weak.
    DateOnly,
    /// Two positions near each other.
    Gps,
    /// The same recorded residence.
    Household,
    /// A co-location row.
    Proximity,
    /// The same transport, a seat row missing: weak.
    SeatUnknown,
    /// The very same coordinate as many others: weak.
    SharedPosition,
    /// The same transport, seat rows near each other.
    Transport,
    /// The same enclosed or dense place.
    Venue,
}

impl Basis {
    /// All, in order.
    pub const ALL: [Basis; 9] = [
        Basis::Crowd,
        Basis::DateOnly,
        Basis::Gps,
        Basis::Household,
        Basis::Proximity,
        Basis::SeatUnknown,
        Basis::SharedPosition,
        Basis::Transport,
        Basis::Venue,
    ];

    /// The name in the output.
    pub fn name(self) -> &'static str {
        match self {
            Basis::Crowd => "crowd",
            Basis::DateOnly => "date_only",
            Basis::Gps => "gps",
            Basis::Household => "household",
            Basis::Proximity => "proximity",
            Basis::SeatUnknown => "seat_unknown",
            Basis::SharedPosition => "shared_position",
            Basis::Transport => "transport",
            Basis::Venue => "venue",
        }
    }

    /// Whether it is for somebody to check, and never enough to isolate a person.
    pub fn is_weak(self) -> bool {
        use Basis::{Crowd, DateOnly, SeatUnknown, SharedPosition};
        matches!(self, Crowd | DateOnly | SeatUnknown | SharedPosition)
    }

    /// Whether its time is time spent together.
    pub fn counts(self) -> bool {
        !self.is_weak() && self != Basis::Household
    }
}

/// A set of bases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Bases(u16);

impl Bases {
    /// Adds one.
    pub fn insert(&mut self, basis: Basis) {
        self.0 |= 1 << basis as u8;
    }

    /// Adds all of another set.
    pub fn extend(&mut self, other: Bases) {
        self.0 |= other.0;
    }

    /// Whether it holds one.
    pub fn contains(self, basis: Basis) -> bool {
        self.0 & (1 << basis as u8) != 0
    }

    /// In alphabetical order of their names.
    pub fn iter(self) -> impl Iterator<Item = Basis> {
        Basis::ALL.into_iter().filter(move |&basis| self.contains(basis))
    }
}
