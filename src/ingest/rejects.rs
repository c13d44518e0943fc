//! Rows that cannot be used, each with its file, line, column, value and reason.
//!
//! A bad row is data, not an error.

use crate::base::texts::beginning;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Why a row was rejected. The order is the contract's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Another number of fields than the header, a stray quote, or too long.
    BadRow,
    /// Bytes that are no text in the file's encoding.
    BadEncoding,
    /// A cell that must not be blank is.
    MissingValue,
    /// No moment in any accepted style.
    BadTime,
    /// No finite number.
    BadNumber,
    /// Neither yes nor no.
    BadBool,
    /// A number that cannot be.
    OutOfRange,
    /// The end lies before the start.
    EndBeforeStart,
    /// The same person on both sides.
    SelfContact,
    /// Another row of the case was kept.
    DuplicateCase,
    /// The place was there before.
    DuplicatePlace,
    /// The person was there before.
    DuplicatePerson,
    /// An id that a spreadsheet has cut.
    MangledId,
    /// An error of a spreadsheet, or a formula that was not calculated.
    BadValue,
    /// An alias of two persons at one time.
    AmbiguousAlias,
    /// It begins, or was confirmed, more than a day from now.
    InFuture,
    /// An id of more than a kilobyte.
    TooLong,
}

impl Reason {
    /// The code in `rejects.csv`.
    pub fn code(self) -> &'static str {
        match self {
            Reason::BadRow => "bad_row",
            Reason::BadEncoding => "bad_encoding",
            Reason::MissingValue => "missing_value",
            Reason::BadTime => "bad_time",
            Reason::BadNumber => "bad_number",
            Reason::BadBool => "bad_bool",
            Reason::OutOfRange => "out_of_range",
            Reason::EndBeforeStart => "end_before_start",
            Reason::SelfContact => "self_contact",
            Reason::DuplicateCase => "duplicate_case",
            Reason::DuplicatePlace => "duplicate_place",
            Reason::DuplicatePerson => "duplicate_person",
            Reason::MangledId => "mangled_id",
            Reason::BadValue => "bad_value",
            Reason::AmbiguousAlias => "ambiguous_alias",
            Reason::InFuture => "in_future",
            Reason::TooLong => "too_long",
        }
    }

    /// Whether the row is left out because another one counts.
    pub fn is_duplicate(self) -> bool {
        matches!(self, Reason::DuplicateCase | Reason::DuplicatePlace | Reason::DuplicatePerson)
    }

    /// What a person can do about it in a column.
    pub fn hint(self, column: &str) -> &'static str {
        match self {
            Reason::BadRow => "count the separators and look for a stray quote",
            Reason::BadEncoding => "save the file in one encoding (UTF-8), or say --encoding",
            Reason::MissingValue => "fill the cell in, or take the row out",
            Reason::BadTime => "write times as 2022-11-09 08:30:00",
            Reason::BadNumber => "write digits with a point, without units",
            Reason::BadBool => "write 1 or 0 (yes/no, true/false, 是/否)",
            Reason::OutOfRange if matches!(column, "lon" | "lat") => {
                "positions are degrees: turn metres of a map, or degrees times 10 000 000, into \
                 degrees; and see that longitude and latitude are not exchanged"
            }
            Reason::OutOfRange => {
                "no such number can be: leave the cell blank where it is not known"
            }
            Reason::EndBeforeStart => {
                "check both times: are the columns swapped, or does the end lie on the next day?"
            }
            Reason::SelfContact => "the same person stands on both sides",
            Reason::DuplicateCase | Reason::DuplicatePlace | Reason::DuplicatePerson => {
                "another row with this id was kept; merge them at the source"
            }
            Reason::MangledId => {
                "a spreadsheet has cut this number: export it again with the column as text"
            }
            Reason::AmbiguousAlias => {
                "one number cannot be two persons at a time: say from when to when it was whose"
            }
            Reason::InFuture => "check the year, and the clock of this machine (--now TIME)",
            Reason::TooLong => "no id is so long: a quote or a separator is missing before it",
            Reason::BadValue if column == "datum" => "write wgs84, gcj02 or bd09",
            Reason::BadValue if column == "kind" => "write central, home, monitor or bubble",
            Reason::BadValue if column == "result" => "write negative or positive",
            Reason::BadValue => {
                "open the workbook, have it calculated, mend the cell, and save it again"
            }
        }
    }
}

/// What became of a row with a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// It does not count.
    LeftOut,
    /// It counts, with the bad cell blank: a case is never lost over a side note.
    Used,
}

impl Fate {
    /// The word in `rejects.csv`.
    pub fn name(self) -> &'static str {
        match self {
            Fate::LeftOut => "left_out",
            Fate::Used => "used",
        }
    }
}

/// A rejected row, or one with a bad cell.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reject {
    /// Number of the file.
    pub file: u32,
    /// The line, as an editor counts it.
    pub line: u64,
    /// The column's name in the contract; blank when the row as a whole is bad.
    pub column: &'static str,
    /// What stood there, shortened when it is very long.
    pub value: Box<str>,
    /// Why.
    pub reason: Reason,
    /// What became of the row.
    pub fate: Fate,
}

/// The most bytes of a bad value that are kept.
const LONGEST_VALUE: usize = 200;

impl Reject {
    /// By file and line; of two entries for a row, the one that leaves it out comes first.
    fn order(&self) -> (u32, u64, Fate, &Reject) {
        (self.file, self.line, self.fate, self)
    }

    /// A row that is left out; `value` is shown as text whatever its bytes are.
    pub fn new(file: u32, line: u64, fault: Fault, value: &[u8]) -> Reject {
        let text = String::from_utf8_lossy(value);
        let value = if text.len() <= LONGEST_VALUE {
            text.into()
        } else {
            format!("{}…", beginning(&text, LONGEST_VALUE)).into()
        };
        let Fault { column, reason } = fault;
        Reject { file, line, column, value, reason, fate: Fate::LeftOut }
    }
}

/// Rejected rows: the first ones by file and line, up to a limit; of the others the number and the
/// first of each kind. The result does not depend on which worker found which row. Memory: twice
/// what is kept.
#[derive(Debug, Clone)]
pub struct Rejects {
    kept: Vec<Reject>,
    /// By file, fate and reason.
    cut: BTreeMap<RejectKind, (Reject, u64)>,
    most: usize,
    /// Whether what stood in a cell is nobody's business.
    values_hidden: bool,
}

type RejectKind = (u32, Fate, Reason);

impl Default for Rejects {
    fn default() -> Rejects {
        Rejects { kept: Vec::new(), cut: BTreeMap::new(), most: usize::MAX, values_hidden: false }
    }
}

impl Rejects {
    /// Keeps at most so many.
    pub fn keep(&mut self, most: usize) {
        self.most = self.most.min(most);
    }

    /// Keeps no values from here on.
    pub fn hide_values(&mut self) {
        self.values_hidden = true;
    }

    /// Adds one.
    pub fn push(&mut self, mut reject: Reject) {
        if self.values_hidden {
            reject.value = Box::default();
        }
        self.kept.push(reject);
        if self.kept.len() / 2 > self.most.saturating_add(500) {
            self.cut();
        }
    }

    /// Adds those of another.
    pub fn append(&mut self, other: Rejects) {
        self.keep(other.most);
        self.values_hidden |= other.values_hidden;
        for (kind, (first, count)) in other.cut {
            self.add(kind, first, count);
        }
        other.kept.into_iter().for_each(|reject| self.push(reject));
    }

    /// Forgets all of them.
    pub fn clear(&mut self) {
        self.kept.clear();
        self.cut.clear();
    }

    /// Puts them in order, and keeps no more than they may be.
    pub fn sort(&mut self) {
        // Cut first, as `push` does: else what is kept would depend on the order of adding.
        self.cut();
        self.kept.sort_unstable_by(|a, b| a.order().cmp(&b.order()));
        // A row that is left out needs no word about one of its cells.
        self.kept.dedup_by(|next, kept| {
            (next.file, next.line) == (kept.file, kept.line) && next.fate == Fate::Used
        });
    }

    fn cut(&mut self) {
        if self.kept.len() > self.most {
            self.kept.select_nth_unstable_by(self.most, |a, b| a.order().cmp(&b.order()));
            for reject in self.kept.split_off(self.most) {
                self.add((reject.file, reject.fate, reject.reason), reject, 1);
            }
        }
    }

    fn add(&mut self, kind: RejectKind, reject: Reject, count: u64) {
        let (first, all) = self.cut.entry(kind).or_insert_with(|| (reject.clone(), 0));
        *all += count;
        if reject.order() < first.order() {
            *first = reject;
        }
    }

    /// Those that are kept.
    pub fn iter(&self) -> std::slice::Iter<'_, Reject> {
        self.kept.iter()
    }

    /// Of those that are not kept the first of each kind, and how many there are of it.
    pub fn cut_kinds(&self) -> impl Iterator<Item = (&Reject, u64)> {
        self.cut.values().map(|(first, count)| (first, *count))
    }

    /// Adds so many of a kind of which only the first is known.
    pub fn push_cut(&mut self, first: Reject, count: u64) {
        self.add((first.file, first.fate, first.reason), first, count);
    }

    /// How many are not kept.
    pub fn not_kept(&self) -> u64 {
        self.cut.values().map(|(_, count)| count).sum()
    }

    /// By file, fate and reason: the first of each kind, and how many there are.
    pub fn kinds(&self) -> Vec<(&Reject, u64)> {
        let mut kinds: BTreeMap<RejectKind, (&Reject, u64)> = BTreeMap::new();
        let cut = self.cut.values().map(|(first, count)| (first, *count));
        for (reject, count) in self.kept.iter().map(|reject| (reject, 1)).chain(cut) {
            let kind = (reject.file, reject.fate, reject.reason);
            let (first, all) = kinds.entry(kind).or_insert((reject, 0));
            *all += count;
            if reject.order() < first.order() {
                *first = reject;
            }
        }
        kinds.into_values().collect()
    }
}

/// What is wrong with a row, and in which column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    /// The column's name in the contract.
    pub column: &'static str,
    /// Why.
    pub reason: Reason,
}
