//! What a run writes: the tables, the summary, and the folder they are swapped in with.
//!
//! How findings look on disk is decided here. The report reads the finished folder back.

#[cfg(feature = "parquet")]
mod batches;
mod changes;
pub mod checks;
mod current;
pub mod description;
mod digest;
mod earlier;
mod files;
mod folder;
pub mod leftovers;
mod names;
mod notice;
mod options;
mod people;
mod private;
mod provenance;
mod purge;
mod report_data;
mod row_writer;
mod stage;
mod states;
mod summary;
mod swap;
pub mod tables;
mod today;

#[cfg(feature = "parquet")]
pub use batches::write_batches;
pub use changes::{
    Cause, Change, Changed, Compared, RunOf, changes, changes_in_short, write_changes,
};
pub use current::states;
pub use description::{CellKind, is_of_people, kind};
pub use digest::digest_of;
pub use files::{is_ours, table_names};
pub use folder::{OutputFolder, write_private};
pub use names::{CHANGES, LOOKUP, MARK, REJECTS, REPORT_DATA};
pub use notice::NAMES as NOTICE;
pub use provenance::Provenance;
pub use purge::purge;
pub use row_writer::Findings;
pub use stage::Stage;
pub use states::{State, States, What};
pub use summary::summary;
pub use today::Task;

use crate::base::error::Result;
use crate::ingest::{Account, Folder};
use crate::pipeline::{self, Analysis};
use files::{TABLES, WriteTable};
use rayon::prelude::*;
use std::path::PathBuf;

/// Writes all tables, the summary and what a report needs into a stage that is not yet swapped in.
/// O(n) over what the tables hold; memory: a buffer for each table.
///
/// # Errors
/// When something cannot be written; the previous output is then as it was.
///
/// ```
/// use std::path::Path;
/// use trace::base::time::TimeZone;
/// use trace::ingest::{Folder, Settings, Silent};
/// use trace::output::{OutputFolder, Provenance, write};
/// use trace::pipeline::{Outcome, Request, analyse};
/// use trace::policy::Policy;
///
/// # fn main() -> trace::base::error::Result<()> {
/// let policy = Policy::preset("cn-2022-11")?;
/// let zone = TimeZone::get(&policy.timezone)?;
/// let settings =
///     Settings::new(zone);
/// let request = Request::new(policy, settings);
/// let input = Path::new("data/samples/city");
/// let Outcome::Done(analysis) = analyse(Folder::open(input)?, request, &Silent)? else {
///     panic!("too many rejects")
/// };
/// # let scratch = tempfile::tempdir().expect("a folder");
/// # let results = scratch.path().join("results");
/// let output = OutputFolder::claim(&results, input, false)?;
/// let (stage, summary) = write(&analysis, &output, &Provenance::default())?;
/// stage.commit()?;
/// assert!(results.join("contacts.csv").exists());
/// assert_eq!(summary["as_of"], "2022-11-08T00:00:00+08:00");
/// # Ok(())
/// # }
/// ```
pub fn write<'f>(
    analysis: &Analysis,
    folder: &'f OutputFolder,
    asked: &Provenance,
) -> Result<(Stage<'f>, serde_json::Value)> {
    let stage = folder.stage()?;
    let digests = provenance::digests(&analysis.folder, asked)?;
    let mut findings = Findings::new(analysis);
    (findings.particulars, findings.key_people) = pipeline::particulars(analysis)?;
    let earlier = earlier::earlier(folder, asked.since.as_deref(), analysis)?;
    // Which other output it is compared with is said.
    let compared = earlier.as_ref().and_then(|since| {
        let folder = since.folder.as_ref()?;
        Some(serde_json::json!({ "as_of": since.states.run().0, "folder": folder }))
    });
    findings.since = earlier.map(|since| {
        let now = current::current(&findings, &summary::policy_digest(analysis));
        let changed = changes::changes(&since.states, &now);
        (since.states, changed)
    });
    let findings = findings;
    let tables = || {
        let write =
            |(name, table): &(&str, WriteTable)| stage.file(name, |out| table(&findings, out));
        TABLES.par_iter().chain(&notice::asked(analysis)).try_for_each(write)
    };
    let others = || -> Result<()> {
        let rejects = &analysis.account.rejects;
        stage.file(REJECTS, |out| tables::rejects(&analysis.folder, rejects, out))?;
        let since = findings.since.as_ref();
        let in_short = since.map(|(since, changed)| changes::changes_in_short(since, changed));
        stage.file(REPORT_DATA, |out| {
            serde_json::to_writer(&mut *out, &report_data::ReportData::new(&findings, in_short))?;
            out.write_all(b"\n")
        })?;
        if let Some((since, changed)) = since {
            stage.file(CHANGES, |out| write_changes(changed, out))?;
            stage.file(names::BEFORE, |out| since.write(out))?;
        }
        Ok(())
    };
    let (tables, others) = rayon::join(tables, others);
    tables?;
    others?;
    let package =
        description::package(&analysis.zone().show(analysis.as_of), &stage.digests(), |table| {
            findings.further(table)
        });
    stage.file(names::PACKAGE, |out| {
        serde_json::to_writer_pretty(&mut *out, &package)?;
        out.write_all(b"\n")
    })?;
    let mut summary = summary(&findings, &asked.arguments, &digests);
    summary["compared_with"] = compared.unwrap_or_default();
    // Who reads the folder can see that its tables are those of one run, and whole.
    let files = stage.digests().into_iter().map(|(name, (bytes, sha256))| {
        (name, serde_json::json!({ "bytes": bytes, "sha256": sha256 }))
    });
    summary["files"] = files.collect::<serde_json::Map<_, _>>().into();
    // The mark of a finished folder comes last.
    stage.file(names::MARK, |out| {
        serde_json::to_writer_pretty(&mut *out, &summary)?;
        out.write_all(b"\n")
    })?;
    Ok((stage, summary))
}

/// Writes the rejects beside the folder, for a run that stopped at too many of them; what is in the
/// folder stays. Returns where they are.
///
/// # Errors
/// When they cannot be written.
pub fn write_rejects(input: &Folder, account: &Account, folder: &OutputFolder) -> Result<PathBuf> {
    folder.write_beside(REJECTS, |out| tables::rejects(input, &account.rejects, out))
}
