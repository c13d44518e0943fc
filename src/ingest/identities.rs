//! Who stands behind an alias, and when: a phone, a device, a card.
//!
//! An alias of two persons at one time stands for nobody. Where pseudonyms are asked for, a person
//! is their pseudonym from here on. Cost: a look-up a row.

use crate::base::time::{Instant, Span};
use crate::ingest::pseudonyms::{Pseudonym, Pseudonyms};
use crate::model::RowRef;
use hashbrown::HashMap;
use std::sync::Arc;

/// Since ever, and for ever.
pub(in crate::ingest) const EVER: Span =
    Span { start: Instant(i64::MIN / 4), end: Instant(i64::MAX / 4) };

/// Who an id stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who<'a> {
    /// This person.
    Person(&'a [u8]),
    /// Nobody: it is ambiguous.
    Nobody,
}

/// When an alias is whose.
#[derive(Debug, Clone)]
pub(in crate::ingest) struct Validity {
    pub span: Span,
    /// `None` when it is ambiguous.
    pub person: Option<Box<[u8]>>,
    pub row: RowRef,
}

/// The aliases.
#[derive(Debug, Clone, Default)]
pub struct Identities {
    aliases: HashMap<Box<[u8]>, Vec<Validity>>,
    pseudonyms: Option<Arc<Pseudonyms>>,
}

impl Identities {
    /// Of aliases with what is known of each; where several are valid the first counts.
    pub(in crate::ingest) fn new(
        aliases: HashMap<Box<[u8]>, Vec<Validity>>,
        pseudonyms: Option<Arc<Pseudonyms>>,
    ) -> Identities {
        Identities { aliases, pseudonyms }
    }

    /// Whether everybody is who their id says.
    pub fn is_empty(&self) -> bool {
        self.aliases.is_empty() && self.pseudonyms.is_none()
    }

    /// Whether persons have other ids behind here than in the rows.
    pub fn gives_pseudonyms(&self) -> bool {
        self.pseudonyms.is_some()
    }

    /// What a person is called from here on; `room` is where a pseudonym is written.
    #[inline]
    pub fn called<'a>(&self, person: &'a [u8], room: &'a mut Pseudonym) -> &'a [u8] {
        let Some(pseudonyms) = &self.pseudonyms else { return person };
        *room = pseudonyms.of(person);
        room
    }

    /// Who an id stands for in a row of a moment.
    #[inline]
    pub fn at<'a>(&'a self, id: &'a [u8], at: Instant) -> Who<'a> {
        let Some(validities) = self.aliases.get(id) else { return Who::Person(id) };
        let valid = |validity: &&Validity| validity.span.start <= at && at < validity.span.end;
        match validities.iter().find(valid) {
            None => Who::Person(id),
            Some(validity) => validity.person.as_deref().map_or(Who::Nobody, Who::Person),
        }
    }

    /// Who an id stands for in a row without a moment: its person, if it is always the same one's.
    pub fn always<'a>(&'a self, id: &'a [u8]) -> Who<'a> {
        let Some(validities) = self.aliases.get(id) else { return Who::Person(id) };
        let first = validities[0].person.as_deref();
        let same = validities.iter().all(|validity| validity.person.as_deref() == first);
        first.filter(|_| same).map_or(Who::Nobody, Who::Person)
    }

    /// Whether an id may stand for one of whom `is` says yes.
    pub fn may_be(&self, id: &[u8], is: impl Fn(&[u8]) -> bool) -> bool {
        let of_alias = |validities: &Vec<Validity>| {
            validities.iter().filter_map(|of| of.person.as_deref()).any(&is)
        };
        is(id) || self.aliases.get(id).is_some_and(of_alias)
    }

    /// The aliases that may stand for one of whom `is` says yes.
    pub fn aliases(&self, is: impl Fn(&[u8]) -> bool) -> impl Iterator<Item = &[u8]> {
        let of = move |validities: &Vec<Validity>| {
            validities.iter().filter_map(|of| of.person.as_deref()).any(&is)
        };
        self.aliases.iter().filter(move |(_, validities)| of(validities)).map(|(alias, _)| &**alias)
    }
}
