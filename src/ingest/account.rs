//! The account of all rows: read = used + left out + rejected.

use crate::base::error::Result;
use crate::base::problem::Problem;
use crate::ingest::contract::Table;
use crate::ingest::folder::Folder;
use crate::ingest::header::layout::Layout;
use crate::ingest::header::notes::Note;
use crate::ingest::input::InputFile;
use crate::ingest::rejects::{Fate, Fault, Reason, Reject, Rejects};
use crate::ingest::text::encoding::Encoding;
use crate::ingest::text::sniff::Format;
use crate::model::RowRef;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What became of the rows of a file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Rows read.
    pub rows: u64,
    /// Rejected: left out for a fault.
    pub rejected: u64,
    /// Of these, those that are left out because another row of the case, place or person counts.
    pub duplicates: u64,
    /// Rows of a case's earlier illness.
    pub earlier_episode: u64,
    /// Repeats of a kept row: left out and counted, not rejected.
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
    /// Rows that stand for nobody: of an ambiguous alias, or of two numbers of one person.
    pub nobody: u64,
    /// Rows of people of whom the list of cases says itself that they are none.
    pub no_case: u64,
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
        self.nobody += other.nobody;
        self.no_case += other.no_case;
    }

    /// Rows that count: read, less all others.
    pub fn used(&self) -> u64 {
        let others = self.repeated + self.after_as_of + self.inaccurate + self.earlier_episode;
        let no_rows = self.blank + self.headers + self.totals + self.nobody + self.no_case;
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
    /// Of a Parquet file: whether some of its pages have no checksum.
    pub unchecked: bool,
    /// Its rows.
    pub tally: Tally,
}

impl FileAccount {
    /// Of a file that is no text: it has cells, and no encoding or separator of its own.
    pub(in crate::ingest) fn of_cells(
        file: &InputFile,
        layout: &Layout,
        tally: Tally,
    ) -> FileAccount {
        FileAccount {
            file: file.number,
            table: file.table,
            encoding: Encoding::Utf8,
            format: Format { separator: b',', newline: b'\n' },
            layout: layout.clone(),
            unchecked: false,
            tally,
        }
    }
}

/// Words that rows have and a person should know of: the first file of each, and how many rows.
#[derive(Debug, Default)]
pub(in crate::ingest) struct Words(BTreeMap<String, (u32, u64)>);

/// How many of them are told.
const MOST_WORDS: usize = 10;

impl Words {
    /// Counts the word of a row.
    pub fn add(&mut self, row: RowRef, word: &str) {
        match self.0.get_mut(word) {
            Some((_, rows)) => *rows += 1,
            None => _ = self.0.insert(word.to_owned(), (row.file(), 1)),
        }
    }

    /// Those of most rows, and the others as one.
    fn told(self) -> Vec<(String, (u32, u64))> {
        let mut all: Vec<_> = self.0.into_iter().collect();
        all.sort_by_key(|(_, (_, rows))| std::cmp::Reverse(*rows));
        let rest = all.split_off(all.len().min(MOST_WORDS));
        let rows = rest.iter().map(|(_, (_, rows))| rows).sum();
        all.extend(rest.first().map(|(_, (file, _))| ("…".to_owned(), (*file, rows))));
        all
    }
}

/// A table with fewer rows than this may have a few bad ones, whatever their share.
const SMALL_TABLE: u64 = 100;

/// How many bad rows such a small table may have.
const FEW_ROWS: u64 = 5;

/// What reading a table leaves besides its rows.
#[derive(Debug, Clone, Default)]
pub struct Account {
    /// The files, by number.
    pub files: Vec<FileAccount>,
    /// The rejected rows.
    pub rejects: Rejects,
}

impl Account {
    fn file(&mut self, number: u32) -> &mut FileAccount {
        let of_file = self.files.iter_mut().find(|of_file| of_file.file == number);
        of_file.expect("a file of the account")
    }

    /// What became of the rows of a file.
    fn tally(&mut self, file: u32) -> &mut Tally {
        &mut self.file(file).tally
    }

    /// Takes a used row back because another with its id counts: as a repeat of that, or rejected.
    pub fn take_back(&mut self, row: RowRef, id: &[u8], repeats: bool, fault: Fault) {
        if repeats {
            self.tally(row.file()).repeated += 1;
        } else {
            self.tally(row.file()).duplicates += 1;
            self.reject(row, fault, id);
        }
    }

    /// Takes used rows of a file back because they stand for nobody.
    pub fn nobody(&mut self, file: u32, rows: u64) {
        self.tally(file).nobody += rows;
    }

    /// Rejects a used row.
    pub fn reject(&mut self, row: RowRef, fault: Fault, value: &[u8]) {
        self.tally(row.file()).rejected += 1;
        self.rejects.push(Reject::new(row.file(), row.line(), fault, value));
    }

    /// Takes a used row back because it speaks of an earlier illness of the case.
    pub fn earlier_episode(&mut self, row: RowRef) {
        self.tally(row.file()).earlier_episode += 1;
    }

    /// Notes the words that a person should know of, each at the first file that has it.
    pub(in crate::ingest) fn note(&mut self, words: Words, note: impl Fn(String, u64) -> Note) {
        for (word, (file, count)) in words.told() {
            self.file(file).layout.notes.push(note(word, count));
        }
    }

    /// Adds what another table left.
    pub fn add(&mut self, other: Account) {
        self.files.extend(other.files);
        self.rejects.append(other.rejects);
    }

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
        self.rejects.sort();
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
            let kinds = self.rejects.kinds();
            let of_table = kinds.iter().filter(|(reject, _)| {
                let lost = reject.fate == Fate::LeftOut && !reject.reason.is_duplicate();
                lost && files.contains(&reject.file)
            });
            let mut reasons = BTreeMap::<Reason, (u64, &Reject)>::new();
            for (reject, count) in of_table {
                reasons.entry(reject.reason).or_insert((0, reject)).0 += count;
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
                remedy: reason.hint(first.column),
            }
            .into());
        }
        Ok(())
    }
}
