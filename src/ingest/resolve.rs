//! Rows on their way to whoever takes rows of persons, where ids are aliases or get pseudonyms.
//!
//! Used only where there are aliases or pseudonyms; else rows do not come through here.

use crate::ingest::account::Account;
use crate::ingest::identities::Identities;
use crate::ingest::pseudonyms::NO_PSEUDONYM;
use crate::model::{Colocation, Interest, Stay, TakeColocations, TakeStays};
use std::collections::BTreeMap;

/// Takes rows and hands them on with the persons that their ids stand for.
pub struct Resolving<'i, T> {
    identities: &'i Identities,
    /// Rows that stand for nobody, by file.
    nobody: BTreeMap<u32, u64>,
    taker: T,
}

impl<'i, T> Resolving<'i, T> {
    /// For whoever takes them.
    pub fn new(identities: &'i Identities, taker: T) -> Resolving<'i, T> {
        Resolving { identities, nobody: BTreeMap::new(), taker }
    }

    /// Who took the rows; those that stand for nobody are entered into the account.
    pub fn finish(self, account: &mut Account) -> T {
        self.nobody.into_iter().for_each(|(file, rows)| account.nobody(file, rows));
        self.taker
    }
}

/// Every row matters, for every row must be counted.
impl<T> Interest for Resolving<'_, T> {}

impl<T: TakeStays> TakeStays for Resolving<'_, T> {
    fn stay(&mut self, stay: &Stay<'_>) {
        let identities = self.identities;
        let Some(person) = identities.at(stay.person, stay.span.start) else {
            *self.nobody.entry(stay.row.file()).or_default() += 1;
            return;
        };
        let mut room = NO_PSEUDONYM;
        let person = identities.called(person, &mut room);
        let stay = Stay { person, ..*stay };
        // With pseudonyms the reader cannot look for ids, so rows are chosen here.
        let unsought = identities.gives_pseudonyms()
            && self.taker.persons().is_some_and(|wanted| !wanted.is(person));
        if !unsought
            && self.taker.may_matter(stay.at, stay.span)
            && self.taker.may_concern(person, stay.span.start)
        {
            self.taker.stay(&stay);
        }
    }
}

impl<T: TakeColocations> TakeColocations for Resolving<'_, T> {
    fn colocation(&mut self, row: &Colocation<'_>) {
        let (identities, at) = (self.identities, row.span.start);
        let both = identities.at(row.person_a, at).zip(identities.at(row.person_b, at));
        // Two numbers of one person meet nobody.
        let Some((person_a, person_b)) = both.filter(|(a, b)| a != b) else {
            *self.nobody.entry(row.row.file()).or_default() += 1;
            return;
        };
        let mut rooms = [NO_PSEUDONYM; 2];
        let [room_a, room_b] = &mut rooms;
        let person_a = identities.called(person_a, room_a);
        let person_b = identities.called(person_b, room_b);
        if self.taker.may_matter_to([person_a, person_b]) {
            self.taker.colocation(&Colocation { person_a, person_b, ..*row });
        }
    }
}
