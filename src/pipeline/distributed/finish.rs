//! The end: evidence of all workers put together, and concluded.
//!
//! The small tables are read again: they must be what the index was made of. Cost: that of reading
//! them, and of the evidence.

use super::account::Accounts;
use super::index_file::IndexFile;
use super::{next, rows};
use crate::base::error::Result;
use crate::base::problem::Problem;
use crate::ingest::{
    Account, Encoding, Folder, InputFile, Piece, Progress, Table, Tally, account_of,
};
use crate::pipeline::end;
use crate::pipeline::passes::Input;
use crate::pipeline::prepare::{Prepared, prepare_with};
use crate::pipeline::request::{Outcome, Request};
use crate::pipeline::scan::Scanned;
use crate::search::evidence::Found;
use crate::search::evidence::wire::EvidenceBatch;
use crate::search::next_rows::NextRows;
use crate::search::scan;
use arrow_array::RecordBatch;
use std::collections::BTreeMap;
use std::time::Instant;

/// What workers found.
#[derive(Debug, Clone, Default)]
pub struct Evidence {
    /// Of the first round.
    pub found: Vec<RecordBatch>,
    /// Of the second round, where there was one.
    pub next: Option<Vec<RecordBatch>>,
    /// How many rows there are of files whose rows are elsewhere, if the engine counted them.
    pub counted: Option<Vec<Counted>>,
}

/// How many rows a file has at its source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted {
    /// The file, as the engine or the index calls it.
    pub file: String,
    /// All its rows.
    pub rows: u64,
    /// Whether those were left there that are not needed ([`PushDown`](super::PushDown)).
    pub some_left: bool,
}

/// Whether some of the evidence is open: then a second round is needed, or the files here.
///
/// # Errors
/// When it is no evidence.
pub fn has_opens(found: &[RecordBatch]) -> Result<bool> {
    for batch in found {
        let batch = EvidenceBatch::new(batch)?;
        if batch.rows().any(|row| matches!(row.kind, "open" | "sighting")) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Concludes from the evidence of workers: the same as a run over the same export. `request` says
/// what is asked besides what the index holds (names, looser practices).
///
/// # Errors
/// When the export is another one than the index was made of, evidence is missing, there twice or
/// of another index, or rows are needed that are not here.
pub fn finish(
    of: &IndexFile,
    folder: Folder,
    request: Request,
    evidence: &Evidence,
    progress: &dyn Progress,
) -> Result<Outcome> {
    let begin = Instant::now();
    let names: Vec<&str> = of.files.iter().map(|listed| &*listed.name).collect();
    if folder.files.iter().map(|file| &*file.name).ne(names) {
        return Err(Problem::ExportChanged.into());
    }
    let prepared = match prepare_with(folder, request, progress, |cases, _| of.gathered(cases))? {
        Outcome::Done(prepared) => prepared,
        Outcome::TooManyRejects(rejected) => return Ok(Outcome::TooManyRejects(rejected)),
    };
    if !of.is_of(&prepared)? {
        return Err(Problem::ExportChanged.into());
    }
    let prepared_at = Instant::now();
    let scanned = scanned(of, &prepared, evidence, progress)?;
    let laps = [("prepare", prepared_at - begin), ("evidence", prepared_at.elapsed())];
    end::end(*prepared, scanned, laps, progress)
}

/// How many rows each file has, by its number, and whether some were left.
fn counted(of: &IndexFile, all: &[Counted]) -> Result<BTreeMap<u32, (u64, bool)>> {
    let mut by_file: BTreeMap<u32, (u64, bool)> = BTreeMap::new();
    for Counted { file, rows, some_left } in all {
        let names = of.bulk().map(|(number, listed)| (number, &*listed.name));
        let unknown = || Problem::FileNotOfIndex { file: file.clone() };
        let (number, _) = rows::called(names, file).ok_or_else(unknown)?;
        let known = by_file.entry(number).or_default();
        *known = (known.0 + rows, known.1 | some_left);
    }
    Ok(by_file)
}

/// What all workers found, with the ends of what was open.
fn scanned(
    of: &IndexFile,
    prepared: &Prepared,
    evidence: &Evidence,
    progress: &dyn Progress,
) -> Result<Scanned> {
    let Prepared { request, folder, index, .. } = prepared;
    let tables: Vec<Table> = folder.files.iter().map(|file| file.table).collect();
    let (mut found, mut accounts) = (Found::default(), Accounts::default());
    accounts.rejects.keep(request.settings.max_reject_rows);
    for batch in &evidence.found {
        for row in EvidenceBatch::new(batch)?.rows() {
            found.take(&row, index)?;
            accounts.take(&row, &of.hash, &tables)?;
        }
    }
    let files = || of.bulk().filter(|(_, listed)| !listed.is_held());
    accounts.once(files().map(|(number, listed)| (number, &*listed.name)))?;
    let counted = evidence.counted.as_deref().map(|all| counted(of, all)).transpose()?;
    let mut account = Account::default();
    for (number, listed) in of.bulk() {
        let file = &folder.files[number as usize];
        let said = accounts.sum(number).map(|said| said.found());
        let mut said = said.unwrap_or((Tally::default(), Encoding::Utf8, false));
        let scanned = said.0.rows;
        let elsewhere = counted.as_ref().filter(|_| file.is_elsewhere());
        let elsewhere = elsewhere.map(|all| all.get(&number).copied().unwrap_or_default());
        let known = file.held_count().map(|rows| (rows, false)).or(elsewhere);
        if let Some((rows, some_left)) = known {
            if scanned > rows || (scanned < rows && !some_left) {
                let file = listed.name.clone();
                return Err(Problem::RowsNotOnce { file, scanned, rows }.into());
            }
            // What was left where it is was ordinary.
            said.0.rows = rows;
        }
        account.files.push(account_of(file, &request.settings, said)?);
    }
    account.rejects = accounts.rejects;
    for table in tables.iter().filter(|table| table.is_bulk()) {
        // Nobody knows how many rows are elsewhere; but none at all means that none were scanned.
        if folder.of(*table).all(InputFile::is_elsewhere) && account.of(*table).rows == 0 {
            let file = table.name().to_owned();
            return Err(Problem::FileNotOnce { file, times: 0 }.into());
        }
    }
    let input = Input::new(folder, request, index.as_of(), progress);
    let Some(next) = &evidence.next else {
        if !folder.has_all_rows() && found.has_opens() {
            return Err(Problem::OpenStaysLeft.into());
        }
        let rows = account.of(Table::Trajectories).rows;
        return Ok(Scanned { found: input.end_opens(index, found, rows)?, account });
    };
    let opens = found.take_opens().ordered(&index.open);
    let mut seen = NextRows::new(&opens, index.cases(), index.open);
    let gone_through = next::take(of, &mut seen, (next, opens.digest()))?;
    if gone_through.is_empty() && !opens.is_empty() {
        return Err(Problem::OpenStaysLeft.into());
    }
    for (number, listed) in files() {
        let pieces = gone_through.get(&number).map_or(&[][..], Vec::as_slice);
        if let Err((piece, times)) = Piece::cover(pieces, true) {
            return Err(Problem::FileNotOnce { file: piece.name(&listed.name), times }.into());
        }
    }
    let ended = scan::settle_opens(index, &opens, &seen.finish());
    Ok(Scanned { found: found.merge(ended), account })
}
