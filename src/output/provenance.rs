//! Where a result comes from: what was asked for, and what each file held.
//!
//! Cost: the digest of an input file is that of SHA-256 over all of it, on all threads.

use super::digest::digest_of;
use crate::base::error::Result;
use crate::ingest::Folder;
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// What `summary.json` says of a run besides what was found.
#[derive(Debug, Default)]
pub struct Provenance {
    /// The command line.
    pub arguments: Vec<String>,
    /// Whether every input file is digested, however large; those of a small folder are anyway.
    pub digest_all: bool,
    /// The earlier output to compare with; one that is at hand when it is not named.
    pub since: Option<PathBuf>,
}

/// Bytes that are digested while nobody notices.
const SMALL: u64 = 64 << 20;

/// The SHA-256 of each input file, by its path; of none where they are large and nobody asks.
///
/// # Errors
/// When a file cannot be read any more.
pub(super) fn digests(folder: &Folder, asked: &Provenance) -> Result<BTreeMap<PathBuf, String>> {
    let files = folder.files.iter().filter(|file| !file.is_held());
    // A workbook has several sheets, and one digest.
    let files: BTreeMap<&PathBuf, u64> = files.map(|file| (&file.path, file.bytes)).collect();
    if !asked.digest_all && files.values().sum::<u64>() > SMALL {
        return Ok(BTreeMap::new());
    }
    let digest = |(path, _): (&PathBuf, u64)| Ok((path.clone(), digest_of(path)?.1));
    let digests = files.into_par_iter().map(digest).collect::<Result<_>>()?;
    // Of what was read before, and not of what came since.
    folder.unchanged()?;
    Ok(digests)
}
