//! Scan: everybody's rows against the cases' stays.
//!
//! Cost: a pass over the bulk tables; where an open stay may match, one more over the rows of the
//! people concerned.

use super::passes::Input;
use super::request::Request;
use crate::base::error::Result;
use crate::ingest::{Account, Folder, Progress, Table};
use crate::search::evidence::Found;
use crate::search::index::CaseIndex;

/// What a scan found, and what became of the rows it read.
#[derive(Debug, Clone, Default)]
pub struct Scanned {
    /// In no order.
    pub found: Found,
    /// Of the bulk tables.
    pub account: Account,
}

/// Everybody's rows in `trajectories` and `colocations` of a folder against the index: pass B, and
/// pass C where open stays may match. It needs all rows of the export: the person's next row tells
/// where an open stay ends. With only some of the rows use [`Scan`](crate::search::scan::Scan),
/// whose evidence keeps what is open.
///
/// # Errors
/// When a file cannot be used.
///
/// ```
/// use trace::base::time::TimeZone;
/// use trace::ingest::{Folder, Settings, Silent};
/// use trace::pipeline::{Outcome, Request, conclude, prepare, scan};
/// use trace::policy::Policy;
/// use trace::search::index::CaseIndex;
///
/// # fn main() -> trace::base::error::Result<()> {
/// let policy = Policy::preset("cn-2022-11")?;
/// let zone = TimeZone::get(&policy.timezone)?;
/// let settings =
///     Settings::new(zone);
/// let request = Request::new(policy, settings);
/// let folder = Folder::open(std::path::Path::new("data/samples/city"))?;
/// let Outcome::Done(prepared) = prepare(folder, request, &Silent)? else { panic!() };
///
/// // The index goes to a worker as a file, and the worker scans with it.
/// let mut file = Vec::new();
/// prepared.index.write(&mut file)?;
/// let index = CaseIndex::read(&file[..])?;
/// let scanned = scan(&prepared.folder, &prepared.request, &index, &Silent)?;
///
/// let Outcome::Done(analysis) = conclude(*prepared, scanned)? else { panic!() };
/// assert!(!analysis.contacts.close.is_empty());
/// # Ok(())
/// # }
/// ```
pub fn scan(
    folder: &Folder,
    request: &Request,
    index: &CaseIndex,
    progress: &dyn Progress,
) -> Result<Scanned> {
    let input = Input::new(folder, request, index.as_of(), progress);
    let mut account = Account::default();
    let evidence = input.scan_all(index, &mut account)?;
    let rows = account.of(Table::Trajectories).rows;
    let evidence = input.end_opens(index, evidence, rows)?;
    Ok(Scanned { found: evidence, account })
}
