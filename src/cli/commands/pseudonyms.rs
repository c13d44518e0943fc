//! `trace run --pseudonyms`: the key, and the list of who is behind which pseudonym.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use trace::base::error::{Error, Result};
use trace::base::problem::Problem;
use trace::ingest::Pseudonyms;
use trace::output::{self, OutputFolder};

/// The key in a file; where there is none, a new one is made and written there.
pub fn key(path: &Path) -> Result<Arc<Pseudonyms>> {
    let unreadable =
        |e: std::io::Error| Problem::ArgumentUnreadable { path: path.into(), what: e.to_string() };
    if !path.exists() {
        let mut random = [0; 32];
        getrandom::fill(&mut random).map_err(|e| Error::write(path, std::io::Error::other(e)))?;
        let mut text = String::new();
        random.iter().for_each(|byte| _ = write!(text, "{byte:02x}"));
        output::write_private(path, |out| writeln!(out, "{text}"))?;
    }
    let key = std::fs::read(path).map_err(unreadable)?;
    Ok(Arc::new(Pseudonyms::new(&key)?))
}

/// Writes the list beside the output folder: who takes the folder along does not take it.
pub fn write_lookup(ids: &BTreeMap<String, String>, output: &OutputFolder) -> Result<PathBuf> {
    output.write_beside(output::LOOKUP, |out| {
        let mut table = csv::Writer::from_writer(out);
        table.write_record(["pseudonym", "person_id"])?;
        ids.iter().try_for_each(|(pseudonym, id)| table.write_record([pseudonym, id]))?;
        table.flush()
    })
}
