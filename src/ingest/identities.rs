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

    /// The person for whom an id stands in a row of a moment; `None` where it is ambiguous.
    #[inline]
    pub fn at<'a>(&'a self, id: &'a [u8], at: Instant) -> Option<&'a [u8]> {
        let Some(validities) = self.aliases.get(id) else { return Some(id) };
        let valid = |validity: &&Validity| validity.span.start <= at && at < validity.span.end;
        validities.iter().find(valid).map_or(Some(id), |validity| validity.person.as_deref())
    }

    /// The person for whom an id stands in a row without a moment, if it is always the same one.
    pub fn always<'a>(&'a self, id: &'a [u8]) -> Option<&'a [u8]> {
        let Some(validities) = self.aliases.get(id) else { return Some(id) };
        let first = validities[0].person.as_deref();
        let same = validities.iter().all(|validity| validity.person.as_deref() == first);
        first.filter(|_| same)
    }

    /// Whether an id may stand for one of whom `is` says yes.
    pub fn may_be(&self, id: &[u8], is: impl Fn(&[u8]) -> bool) -> bool {
        is(id) || self.aliases.get(id).is_some_and(|of| is_any(of, &is))
    }

    /// The aliases that may stand for one of whom `is` says yes.
    pub fn aliases(&self, is: impl Fn(&[u8]) -> bool) -> impl Iterator<Item = &[u8]> {
        self.aliases.iter().filter(move |(_, of)| is_any(of, &is)).map(|(alias, _)| &**alias)
    }
}

fn is_any(validities: &[Validity], is: impl Fn(&[u8]) -> bool) -> bool {
    validities.iter().filter_map(|of| of.person.as_deref()).any(is)
}
