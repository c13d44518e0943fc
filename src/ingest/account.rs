//! Rows that cannot be used, and the account of all rows: read = used + left out + rejected.
//!
//! A bad row is data, not an error: it is kept with its file, line, column, value and reason.

use crate::base::error::Result;
use crate::base::problem::Problem;
use crate::ingest::cells;
use crate::ingest::contract::Table;
use crate::ingest::folder::Folder;
use crate::ingest::header::layout::Layout;
use crate::ingest::rows::row::{BadRow, Row};
use crate::ingest::text::encoding::Encoding;
use crate::ingest::text::sniff::Format;
use crate::model::RowRef;
use std::collections::BTreeMap;

/// Why a row was rejected. The order is the contract's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
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
        }
    }

    /// Whether the row is left out because another one counts.
    pub fn is_duplicate(self) -> bool {
        matches!(self, Reason::DuplicateCase | Reason::DuplicatePlace | Reason::DuplicatePerson)
    }

    /// What a person can do about it.
    pub fn hint(self) -> &'static str {
        match self {
            Reason::BadRow => "count the separators and look for a stray quote",
            Reason::BadEncoding => "save the file in one encoding (UTF-8), or say --encoding",
            Reason::MissingValue => "fill the cell in, or take the row out",
            Reason::BadTime => "write times as 2022-11-09 08:30:00",
            Reason::BadNumber => "write digits with a point, without units",
            Reason::BadBool => "write 1 or 0 (yes/no, true/false, 是/否)",
            Reason::OutOfRange => "check longitude, latitude, and the sign",
            Reason::EndBeforeStart => "check both times; are the columns swapped?",
            Reason::SelfContact => "the same person stands on both sides",
            Reason::DuplicateCase | Reason::DuplicatePlace | Reason::DuplicatePerson => {
                "another row with this id was kept; merge them at the source"
            }
            Reason::MangledId => {
                "a spreadsheet has cut this number: export it again with the column as text"
            }
            Reason::BadValue => {
                "open the workbook, have it calculated, mend the cell, and save it again"
            }
        }
    }
}

/// What became of a row with a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
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
    /// A row that is left out; `value` is shown as text whatever its bytes are.
    pub fn new(file: u32, line: u64, fault: Fault, value: &[u8]) -> Reject {
        let text = String::from_utf8_lossy(value);
        let value = if text.len() <= LONGEST_VALUE {
            text.into()
        } else {
            let cut = (0..=LONGEST_VALUE).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
            format!("{}…", &text[..cut]).into()
        };
        let Fault { column, reason } = fault;
        Reject { file, line, column, value, reason, fate: Fate::LeftOut }
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

/// What became of the rows of a file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Rows read.
    pub rows: u64,
    /// Rejected: left out for a fault.
    pub rejected: u64,
    /// Of these, those that are left out because another row of the case, place or person counts.
    pub duplicates: u64,
    /// Rows of a case's earlier illness.
    pub earlier_episode: u64,
    /// Repeats of a kept row, dropped silently.
    pub repeated: u64,
    /// Stays that begin at or after as-of.
    pub after_as_of: u64,
    /// Positions too inaccurate to use.
    pub inaccurate: u64,
    /// Rows without any value.
    pub blank: u64,
    /// Rows that are the header again, where files were put together.
    pub headers: u64,
    /// Rows of totals.
    pub totals: u64,
}

impl Tally {
    /// Adds another tally.
    pub fn add(&mut self, other: &Tally) {
        self.rows += other.rows;
        self.rejected += other.rejected;
        self.duplicates += other.duplicates;
        self.earlier_episode += other.earlier_episode;
        self.repeated += other.repeated;
        self.after_as_of += other.after_as_of;
        self.inaccurate += other.inaccurate;
        self.blank += other.blank;
        self.headers += other.headers;
        self.totals += other.totals;
    }

    /// Rows that count: read, less all others.
    pub fn used(&self) -> u64 {
        let others = self.repeated + self.after_as_of + self.inaccurate + self.earlier_episode;
        let no_rows = self.blank + self.headers + self.totals;
        self.rows - self.rejected - others - no_rows
    }
}

/// What was found out about a file, and what became of its rows.
#[derive(Debug, Clone)]
pub struct FileAccount {
    /// Number of the file.
    pub file: u32,
    /// The table it is part of.
    pub table: Table,
    /// Its encoding; ASCII reads as UTF-8.
    pub encoding: Encoding,
    /// Its separator and line ends.
    pub format: Format,
    /// Which column is called what.
    pub layout: Layout,
    /// Its rows.
    pub tally: Tally,
}

/// What reading a table leaves besides its rows.
#[derive(Debug, Default)]
pub struct Account {
    /// The files, by number.
    pub files: Vec<FileAccount>,
    /// The rejected rows, in no order.
    pub rejects: Vec<Reject>,
}

impl Account {
    /// Takes a used row back because another with its id counts: as a repeat of that, or rejected.
    pub fn take_back(&mut self, row: RowRef, id: &[u8], repeats: bool, fault: Fault) {
        let of_file = self.files.iter_mut().find(|of_file| of_file.file == row.file());
        let tally = &mut of_file.expect("the file of the row").tally;
        if repeats {
            tally.repeated += 1;
        } else {
            tally.rejected += 1;
            tally.duplicates += 1;
            self.rejects.push(Reject::new(row.file(), row.line(), fault, id));
        }
    }

    /// Takes a used row back because it speaks of an earlier illness of the case.
    pub fn earlier_episode(&mut self, row: RowRef) {
        let of_file = self.files.iter_mut().find(|of_file| of_file.file == row.file());
        of_file.expect("the file of the row").tally.earlier_episode += 1;
    }

    /// Adds what another table left.
    pub fn add(&mut self, other: Account) {
        self.files.extend(other.files);
        self.rejects.extend(other.rejects);
    }
}

/// The book a worker keeps of the rows of a file.
#[derive(Debug, Default)]
pub struct Book {
    /// Number of the file.
    pub file: u32,
    /// What became of the rows.
    pub tally: Tally,
    /// The rejected ones.
    pub rejects: Vec<Reject>,
    /// The header of the file.
    header: Vec<String>,
}

impl Book {
    /// The rows to come are of this file.
    pub fn begin(&mut self, file: u32, layout: &Layout) {
        self.file = file;
        self.header.clone_from(&layout.header);
    }

    /// Enters a row that is none, if it is one: the header again, no value, or a total.
    pub fn no_row(&mut self, row: &Row<'_>) -> bool {
        let cells = || (0..row.width()).map(|cell| cells::trim(row.at(cell)));
        let mut header = cells().zip(&self.header);
        let count = if header.all(|(cell, name)| cell == name.as_bytes()) {
            &mut self.tally.headers
        } else {
            match cells().find(|cell| !cell.is_empty()) {
                None => &mut self.tally.blank,
                Some(first) if is_total(first) => &mut self.tally.totals,
                Some(_) => return false,
            }
        };
        *count += 1;
        true
    }

    /// Enters the rows of a batch that are ordinary.
    pub fn ordinary(&mut self, ordinary: &[bool]) {
        self.tally.rows += ordinary.iter().map(|&is| u64::from(is)).sum::<u64>();
    }

    /// Enters a row that could not be cut into cells.
    pub fn bad_row(&mut self, row: &BadRow) {
        self.tally.rows += 1;
        let fault = Fault { column: "", reason: Reason::BadRow };
        self.reject(row.line, fault, row.what.as_bytes());
    }

    /// Enters a bad cell of a row that counts without it.
    pub fn blank(&mut self, line: u64, fault: Fault, value: &[u8]) {
        let reject = Reject::new(self.file, line, fault, value);
        self.rejects.push(Reject { fate: Fate::Used, ..reject });
    }

    /// Enters a row with a fault that is counted as read already: rejected, unless it is no row.
    pub fn fault(&mut self, row: &Row<'_>, fault: Fault, value: &[u8]) {
        if !self.no_row(row) {
            self.reject(row.line, fault, value);
        }
    }

    /// Enters a rejected row that is counted as read already.
    pub fn reject(&mut self, line: u64, fault: Fault, value: &[u8]) {
        self.tally.rejected += 1;
        self.rejects.push(Reject::new(self.file, line, fault, value));
    }

    /// Enters what cutting a block already cost.
    pub fn broken_rows(&mut self, broken: &[Reject]) {
        self.tally.rows += broken.len() as u64;
        self.tally.rejected += broken.len() as u64;
        self.rejects.extend_from_slice(broken);
    }
}

/// What stands before the totals of a list.
const TOTALS: [&str; 7] = ["合计", "总计", "小计", "共计", "Total", "Subtotal", "Sum"];

/// Whether a cell says that its row is one of totals.
pub fn is_total(cell: &[u8]) -> bool {
    cell.len() < 9 && TOTALS.iter().any(|word| word.as_bytes().eq_ignore_ascii_case(cell))
}

/// Rows of a table in which a few may be bad whatever their share.
const SMALL_TABLE: u64 = 100;

/// So many.
const FEW_ROWS: u64 = 5;

impl Account {
    /// The sum over the files of a table.
    pub fn of(&self, table: Table) -> Tally {
        let mut sum = Tally::default();
        for file in self.files.iter().filter(|file| file.table == table) {
            sum.add(&file.tally);
        }
        sum
    }

    /// Puts files and rejects into the order of names and lines.
    pub fn sort(&mut self) {
        self.files.sort_by_key(|file| file.file);
        self.rejects.sort_unstable_by(|a, b| {
            let key = |reject: &Reject| (reject.file, reject.line, reject.fate);
            key(a).cmp(&key(b)).then_with(|| a.cmp(b))
        });
        // A row that is left out needs no word about one of its cells.
        self.rejects.dedup_by(|next, kept| {
            (next.file, next.line) == (kept.file, kept.line) && next.fate == Fate::Used
        });
    }

    /// The rejects by file, fate and reason: the first of each kind, and how many there are. The
    /// account must be sorted.
    pub fn reject_groups(&self) -> Vec<(&Reject, u64)> {
        let mut groups: BTreeMap<(u32, Fate, Reason), (&Reject, u64)> = BTreeMap::new();
        for reject in &self.rejects {
            let key = (reject.file, reject.fate, reject.reason);
            groups.entry(key).or_insert((reject, 0)).1 += 1;
        }
        groups.into_values().collect()
    }

    /// Whether every table has few enough rejects.
    ///
    /// # Errors
    /// `TooManyRejects` for the first table that has not; it names the most frequent reason.
    pub fn check(&self, folder: &Folder, max_rejects: f64) -> Result<()> {
        for table in Table::ALL {
            let tally = self.of(table);
            let lost = tally.rejected - tally.duplicates;
            // A few bad rows of a small table are no sign of a wrong export.
            let few = tally.rows < SMALL_TABLE && lost <= FEW_ROWS && max_rejects > 0.0;
            if few || lost as f64 <= max_rejects * tally.rows as f64 {
                continue;
            }
            let files: Vec<u32> = folder.of(table).map(|file| file.number).collect();
            let of_table = self.rejects.iter().filter(|reject| {
                let lost = reject.fate == Fate::LeftOut && !reject.reason.is_duplicate();
                lost && files.contains(&reject.file)
            });
            let mut reasons = BTreeMap::<Reason, (u64, &Reject)>::new();
            for reject in of_table {
                reasons.entry(reject.reason).or_insert((0, reject)).0 += 1;
            }
            let Some((reason, (count, first))) = reasons.iter().max_by_key(|(_, (n, _))| *n) else {
                continue;
            };
            return Err(Problem::TooManyRejects {
                table: table.name(),
                lost,
                rows: tally.rows,
                percent: max_rejects * 100.0,
                reason: reason.code(),
                count: *count,
                file: folder.files[first.file as usize].name.clone(),
                line: first.line,
                column: first.column,
                value: first.value.to_string(),
                remedy: reason.hint(),
            }
            .into());
        }
        Ok(())
    }
}
