//! The second round: the next row of everybody with an open stay that may match.
//!
//! Cost: the open stays, held on each worker; a pass over the rows of the people concerned.

use super::index_file::IndexFile;
use super::rows::Parts;
use crate::base::error::Result;
use crate::base::problem::Problem;
use crate::base::time::Instant;
use crate::ingest::{Folder, Piece, Progress, Silent, Table};
use crate::model::{At, RowRef};
use crate::pipeline::passes::Input;
use crate::search::evidence::Found;
use crate::search::evidence::wire::{
    EvidenceBatch, EvidenceRow, EvidenceWriter, bad, of_bits, place_or_position,
};
use crate::search::next_rows::{NextRows, OrderedOpens};
use crate::search::open::Next;
use crate::search::opens::OpenGroup;
use arrow_array::RecordBatch;
use std::collections::BTreeMap;
use std::path::Path;

/// What is open in all evidence of the first round.
#[derive(Debug)]
pub struct Opened<'i> {
    of: &'i IndexFile,
    opens: OrderedOpens,
}

impl<'i> Opened<'i> {
    /// Of the evidence of the first round, or of its rows that are open.
    ///
    /// # Errors
    /// When it is not of the index.
    pub fn new(of: &'i IndexFile, evidence: &[RecordBatch]) -> Result<Opened<'i>> {
        let mut found = Found::default();
        for batch in evidence {
            let batch = EvidenceBatch::new(batch)?;
            let open = batch.rows().filter(|row| matches!(row.kind, "open" | "sighting"));
            open.into_iter().try_for_each(|row| found.take(&row, &of.index))?;
        }
        Ok(Opened { of, opens: found.take_opens().ordered(&of.index.open) })
    }

    /// The ids under which the rows that are needed may stand: of the people concerned, and their
    /// aliases.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        let identities = &self.of.request.settings.identities;
        let aliases = identities.aliases(|person| self.opens.concerns(person));
        self.opens.people().chain(aliases).filter_map(|id| std::str::from_utf8(id).ok())
    }

    fn rows(&self) -> NextRows<'_> {
        NextRows::new(&self.opens, self.of.index.cases(), self.of.index.open)
    }

    /// A scan for next rows, which has seen none.
    pub fn scan(&self, table: Table) -> NextScan<'_> {
        let (parts, seen) = (Parts::of_index(self.of, table), self.rows());
        NextScan { of: self, parts, seen, files: Vec::new() }
    }

    /// Looks through files of the export, as [`scan_files`](super::scan_files()).
    ///
    /// # Errors
    /// When a file is none of the index, has changed since, or cannot be used.
    pub fn scan_files(
        &self,
        root: &Path,
        names: &[String],
        progress: &dyn Progress,
    ) -> Result<Vec<RecordBatch>> {
        let mut scan = self.scan(Table::Trajectories);
        for (folder, _) in self.of.folders(root, names)? {
            scan.see(&folder, progress)?;
            folder.unchanged()?;
        }
        Ok(scan.finish())
    }
}

/// Looks for next rows.
#[derive(Debug)]
pub struct NextScan<'o> {
    of: &'o Opened<'o>,
    parts: Parts,
    seen: NextRows<'o>,
    files: Vec<(u32, Piece)>,
}

impl NextScan<'_> {
    fn see(&mut self, folder: &Folder, progress: &dyn Progress) -> Result<()> {
        let file = self.of.of;
        let input = Input::new(folder, &file.request, file.index.as_of(), progress);
        let seen = input.next_rows(&file.index, &self.of.opens, false)?;
        self.seen = std::mem::replace(&mut self.seen, self.of.rows()).merge(seen);
        self.files.extend(folder.files.iter().map(|file| (file.number, file.piece)));
        Ok(())
    }

    /// Looks through a batch of rows, as [`RowScan`](super::RowScan).
    ///
    /// # Errors
    /// When it lacks a column.
    pub fn add(&mut self, batch: &RecordBatch) -> Result<()> {
        let folder = Folder::of_parts(self.parts.of(batch)?);
        self.see(&folder, &Silent)
    }

    /// What was found.
    pub fn finish(mut self) -> Vec<RecordBatch> {
        let mut out = EvidenceWriter::default();
        self.files.sort_unstable();
        self.files.dedup();
        for (file, piece) in self.files {
            out.push(&EvidenceRow {
                kind: "seen",
                text: Some(&*self.of.of.hash),
                number: Some(self.of.opens.digest() as i64),
                start: Some(piece.number.into()),
                end: Some(piece.of.into()),
                row: Some(RowRef::new(file, 0)),
                ..EvidenceRow::default()
            });
        }
        for (of, next) in self.seen.found() {
            out.push(&EvidenceRow {
                kind: "next",
                case_id: of.with.map(|case| &*self.of.of.index.cases().get(case).id),
                person_id: Some(of.person),
                start: Some(of.start.0),
                at: of.position.and_then(|at| place_or_position(At::Coord(at)).1),
                number: next.seconds(),
                more: Some(next.is_near().into()),
                ..EvidenceRow::default()
            });
        }
        out.finish()
    }
}

/// Takes in the rows of evidence of the second round; returns which files were gone through, and
/// which pieces of them.
///
/// # Errors
/// When a row is not of the index, or of what is open.
pub(super) fn take(
    of: &IndexFile,
    seen: &mut NextRows<'_>,
    (evidence, opens): (&[RecordBatch], u64),
) -> Result<BTreeMap<u32, Vec<Piece>>> {
    let mut files: BTreeMap<u32, Vec<Piece>> = BTreeMap::new();
    for batch in evidence {
        for row in EvidenceBatch::new(batch)?.rows() {
            match row.kind {
                "seen" if row.text == Some(&of.hash) => {
                    if row.number != Some(opens as i64) {
                        return Err(Problem::OpenStaysOfOther.into());
                    }
                    let (file, piece) = seen_of(&row).ok_or_else(|| bad(&row))?;
                    files.entry(file).or_default().push(piece);
                }
                "next" => enter(of, seen, &row).ok_or_else(|| bad(&row))?,
                _ => return Err(bad(&row)),
            }
        }
    }
    Ok(files)
}

/// The file that a row says was gone through, and which piece of it.
fn seen_of(row: &EvidenceRow<'_>) -> Option<(u32, Piece)> {
    let (number, of) = (u32::try_from(row.start?).ok()?, u32::try_from(row.end?).ok()?);
    Some((row.row?.file(), Piece { number, of }))
}

/// Enters a next row; nothing when it is of nothing that is open.
fn enter(of: &IndexFile, seen: &mut NextRows<'_>, row: &EvidenceRow<'_>) -> Option<()> {
    let with = match row.case_id {
        Some(id) => Some(of.index.cases().find(id)?),
        None => None,
    };
    let (person, start) = (row.person_id?, Instant(row.start?));
    let group = OpenGroup { person, with, start, position: row.at.map(of_bits) };
    seen.enter(&group, Next::new(row.number?, row.more == Some(1)))
}
