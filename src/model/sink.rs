//! Who takes what a reader hands on. Traits and not closures, so that they can be inlined.

use super::colocation::Colocation;
use super::interest::Interest;
use super::stay::Stay;

/// Takes stays.
pub trait TakeStays: Interest {
    /// A stay.
    fn stay(&mut self, stay: &Stay<'_>);
    /// Several. Whoever has to look them up in something large can do so for many at once.
    fn stays(&mut self, stays: &[Stay<'_>]) {
        stays.iter().for_each(|stay| self.stay(stay));
    }
}

/// Takes co-locations.
pub trait TakeColocations: Interest {
    /// A co-location.
    fn colocation(&mut self, row: &Colocation<'_>);
}
