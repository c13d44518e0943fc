//! What became of the rows of a worker, as rows of evidence, and back.
//!
//! A row for each file with its tally and the hash of the index; a row for each rejected row that
//! is kept; of the others, the first of each kind and how many there are. Cost: these rows.

use crate::base::error::Result;
use crate::base::problem::Problem;
use crate::ingest::{
    Account, Encoding, Fate, Fault, FileAccount, Piece, Reason, Reject, Rejects, Table, Tally,
};
use crate::model::RowRef;
use crate::search::evidence::wire::{EvidenceRow, EvidenceWriter, bad};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a worker says of a file.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct OfFile {
    /// The hash of the index.
    index: String,
    pub tally: Tally,
    encoding: String,
    unchecked: bool,
    /// Which piece of the file it read.
    piece: Piece,
}

impl OfFile {
    /// What it was found to be.
    pub fn found(&self) -> (Tally, Encoding, bool) {
        let encoding = Encoding::from_name(&self.encoding).unwrap_or(Encoding::Utf8);
        (self.tally, encoding, self.unchecked)
    }

    fn add(&mut self, other: &OfFile) {
        self.tally.add(&other.tally);
        self.unchecked |= other.unchecked;
    }
}

#[derive(Serialize, Deserialize)]
struct Rejected {
    column: String,
    value: String,
    reason: Reason,
    fate: Fate,
    /// How many there are, of those of which only the first is kept.
    cut: Option<u64>,
}

/// Writes an account, which has each file once: whole, or the piece.
pub(super) fn write(account: &Account, (index, piece): (&str, Piece), out: &mut EvidenceWriter) {
    for FileAccount { file, tally, encoding, unchecked, .. } in &account.files {
        let (index, encoding) = (index.to_owned(), encoding.name().to_owned());
        let of = OfFile { index, tally: *tally, encoding, unchecked: *unchecked, piece };
        push("file", (*file, 0), &of, out);
    }
    let rejected = |of: &Reject, cut: Option<u64>| Rejected {
        column: of.column.to_owned(),
        value: of.value.to_string(),
        reason: of.reason,
        fate: of.fate,
        cut,
    };
    for of in account.rejects.iter() {
        push("reject", (of.file, of.line), &rejected(of, None), out);
    }
    for (of, count) in account.rejects.cut_kinds() {
        push("reject", (of.file, of.line), &rejected(of, Some(count)), out);
    }
}

fn push(kind: &str, (file, line): (u32, u64), of: &impl Serialize, out: &mut EvidenceWriter) {
    let text = serde_json::to_string(of).expect("plain data");
    let (text, row) = (Some(&*text), Some(RowRef::new(file, line)));
    out.push(&EvidenceRow { kind, text, row, ..EvidenceRow::default() });
}

/// What workers say.
#[derive(Debug, Default)]
pub(super) struct Accounts {
    /// By file: what each worker said that read it.
    pub files: BTreeMap<u32, Vec<OfFile>>,
    /// The rejected rows.
    pub rejects: Rejects,
}

impl Accounts {
    /// Takes in a row of evidence; `hash` is that of the index, and `tables` are those of the
    /// files.
    ///
    /// # Errors
    /// When it was made with another index.
    pub fn take(&mut self, row: &EvidenceRow<'_>, hash: &str, tables: &[Table]) -> Result<()> {
        let text = || row.text.unwrap_or_default();
        let at = || row.row.ok_or_else(|| bad(row));
        match row.kind {
            "file" => {
                let of: OfFile = serde_json::from_str(text()).map_err(|_| bad(row))?;
                if of.index != hash {
                    return Err(bad(row));
                }
                self.files.entry(at()?.file()).or_default().push(of);
            }
            "reject" => {
                let of: Rejected = serde_json::from_str(text()).map_err(|_| bad(row))?;
                let (reject, cut) = of.known(at()?, tables).ok_or_else(|| bad(row))?;
                match cut {
                    None => self.rejects.push(reject),
                    Some(count) => self.rejects.push_cut(reject, count),
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// What all workers together say of a file.
    pub fn sum(&self, file: u32) -> Option<OfFile> {
        let mut all = self.files.get(&file)?.iter().cloned();
        let mut sum = all.next()?;
        all.for_each(|of| sum.add(&of));
        Some(sum)
    }

    /// Checks that each of these files was read once, whole or in all its pieces.
    ///
    /// # Errors
    /// For the first that was not.
    pub fn once<'f>(&self, files: impl Iterator<Item = (u32, &'f str)>) -> Result<()> {
        for (number, name) in files {
            let said = self.files.get(&number).map_or(&[][..], Vec::as_slice);
            let pieces: Vec<Piece> = said.iter().map(|of| of.piece).collect();
            if let Err((piece, times)) = Piece::cover(&pieces, false) {
                return Err(Problem::FileNotOnce { file: piece.name(name), times }.into());
            }
        }
        Ok(())
    }
}

impl Rejected {
    fn known(&self, at: RowRef, tables: &[Table]) -> Option<(Reject, Option<u64>)> {
        let table = tables.get(at.file() as usize)?;
        let columns = table.columns().iter().map(|column| column.name);
        let column = columns.chain([""]).find(|name| *name == self.column)?;
        let (fault, fate) = (Fault { column, reason: self.reason }, self.fate);
        let reject = Reject::new(at.file(), at.line(), fault, self.value.as_bytes());
        Some((Reject { fate, value: self.value.as_str().into(), ..reject }, self.cut))
    }
}
