//! Scans on workers: files of the export, or rows that an engine hands over.
//!
//! Pure: a scan may run twice, anywhere, in any order. On the threads of the current rayon pool.
//! Cost: that of a pass over the rows.

use super::account;
use super::index_file::IndexFile;
use super::rows::Parts;
use crate::base::error::Result;
use crate::ingest::{Account, Folder, Piece, Progress, Silent, Table};
use crate::pipeline::passes::Input;
use crate::search::evidence::Found;
use crate::search::evidence::wire::EvidenceWriter;
use arrow_array::RecordBatch;
use std::path::Path;

/// Scans files of the export, which are below `root` on this machine, by their names in the index,
/// or pieces of them ([`Piece::name`]); returns the evidence, and what became of the rows.
///
/// # Errors
/// When a file is none of the index, has changed since, or cannot be used.
pub fn scan_files(
    of: &IndexFile,
    root: &Path,
    names: &[String],
    progress: &dyn Progress,
) -> Result<Vec<RecordBatch>> {
    let (mut out, mut found) = (EvidenceWriter::default(), Found::default());
    for (folder, piece) in of.folders(root, names)? {
        let mut account = Account::default();
        let input = Input::new(&folder, &of.request, of.index.as_of(), progress);
        found = found.merge(input.scan_all(&of.index, &mut account)?);
        folder.unchanged()?;
        account::write(&account, (&of.hash, piece), &mut out);
    }
    found.write(&of.index, &mut out);
    Ok(out.finish())
}

/// Scans rows of a table, batch by batch.
#[derive(Debug)]
pub struct RowScan<'i> {
    of: &'i IndexFile,
    parts: Parts,
    found: Found,
    account: Account,
}

impl<'i> RowScan<'i> {
    /// Of `trajectories` or `colocations`.
    pub fn new(of: &'i IndexFile, table: Table) -> RowScan<'i> {
        let (found, account) = (Found::default(), Account::default());
        RowScan { of, parts: Parts::of_index(of, table), found, account }
    }

    /// Scans a batch: its columns by the names of the table, and which file and row each is.
    ///
    /// # Errors
    /// When it lacks a column.
    pub fn add(&mut self, batch: &RecordBatch) -> Result<()> {
        let files = self.parts.of(batch)?;
        let folder = Folder::of_parts(files);
        let of = self.of;
        let input = Input::new(&folder, &of.request, of.index.as_of(), &Silent);
        let mut account = Account::default();
        let found = input.scan_all(&of.index, &mut account)?;
        // A file comes in many parts, and has one account.
        for part in account.files {
            let known = self.account.files.iter_mut().find(|file| file.file == part.file);
            match known {
                Some(known) => known.tally.add(&part.tally),
                None => self.account.files.push(part),
            }
        }
        self.account.rejects.append(account.rejects);
        self.found = std::mem::take(&mut self.found).merge(found);
        Ok(())
    }

    /// The evidence, and what became of the rows.
    pub fn finish(self) -> Vec<RecordBatch> {
        let mut out = EvidenceWriter::default();
        account::write(&self.account, (&self.of.hash, Piece::WHOLE), &mut out);
        self.found.write(&self.of.index, &mut out);
        out.finish()
    }
}
