//! Who stands behind an alias, and when: a phone, a device, a card.
//!
//! An alias of two persons at one time stands for nobody. Where pseudonyms are asked for, a person
//! is their pseudonym from here on. Cost: a look-up a row.

use crate::base::time::{Instant, Span};
use crate::ingest::pseudonyms::{Pseudonym, Pseudonyms};
use crate::model::RowRef;
use hashbrown::HashMap;
use serde::{Deserialize, Serialize};
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

/// Whose an alias is, and when.
#[derive(Debug, Clone)]
pub(in crate::ingest) struct Validity {
    pub span: Span,
    /// `None` when it is ambiguous.
    pub person: Option<Box<[u8]>>,
    pub row: RowRef,
}

/// An alias as a line of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IdentityLine {
    alias: String,
    /// Nobody, where it is ambiguous.
    person: Option<String>,
    start: i64,
    end: i64,
    /// Number of the file, and the line.
    row: (u32, u64),
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

    /// All of them as lines, in order.
    pub fn lines(&self) -> Vec<IdentityLine> {
        let text = |id: &[u8]| String::from_utf8_lossy(id).into_owned();
        let mut aliases: Vec<_> = self.aliases.iter().collect();
        aliases.sort_unstable_by_key(|(alias, _)| *alias);
        let line = |alias: &[u8], of: &Validity| IdentityLine {
            alias: text(alias),
            person: of.person.as_deref().map(text),
            start: of.span.start.0,
            end: of.span.end.0,
            row: (of.row.file(), of.row.line()),
        };
        let lines = aliases.into_iter();
        lines.flat_map(|(alias, all)| all.iter().map(move |of| line(alias, of))).collect()
    }

    /// The aliases of lines: of one in the order of the lines.
    pub fn of_lines(lines: Vec<IdentityLine>) -> Identities {
        let mut aliases: HashMap<Box<[u8]>, Vec<Validity>> = HashMap::new();
        for IdentityLine { alias, person, start, end, row } in lines {
            let person = person.map(|id| id.into_bytes().into());
            let span = Span { start: Instant(start), end: Instant(end) };
            let of = Validity { span, person, row: RowRef::new(row.0, row.1) };
            aliases.entry(alias.into_bytes().into()).or_default().push(of);
        }
        Identities { aliases, pseudonyms: None }
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
