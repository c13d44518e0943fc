//! What people look at: pages, workbooks, maps, graphs, pictures, calendars.
//!
//! All of it is made from the files of a finished output folder and nothing else, so that it can be
//! made again without the input. Nothing is decided here: what a table does not say is not shown.
//! Cost: a pass over the tables that a file needs.

mod brief;
mod calendar;
mod caught;
#[cfg(feature = "parquet")]
pub mod columnar;
mod finished;
mod graph;
mod handover;
mod map;
mod page;
mod page_notice;
mod page_parts;
mod page_people;
mod page_rows;
mod people;
mod picture;
mod public;
mod spreadsheet;
mod systems;
mod todo;
mod words;
mod workbook;

pub use caught::is_caught;
pub use finished::Finished;
pub use handover::HandoverBy;
pub use systems::{DHIS2_TEMPLATE, DateOrder, Mapping, System};
pub use words::{Lang, moment};

use crate::base::error::Result;
use crate::output::Stage;
use rayon::prelude::*;
use std::io::Write;

/// A file, or some, beside the tables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Extra {
    /// `report.html`.
    Html,
    /// `report.xlsx`.
    Xlsx,
    /// `zones.geojson`.
    Geojson,
    /// `graph.graphml`.
    Graphml,
    /// `graph.dot`.
    Dot,
    /// `tests.ics`.
    Ics,
    /// `picture-curve.svg`, `picture-graph.svg`, and `picture-zones.svg` where the policy draws
    /// zones.
    Svg,
    /// Every table as Parquet.
    #[cfg(feature = "parquet")]
    Parquet,
    /// Every table as a CSV that a spreadsheet opens well.
    Excel,
    /// `zones-public.csv`: zones and nobody.
    Public,
    /// A workbook for each county or compound with its own people only.
    Handover(HandoverBy),
    /// What another system takes.
    For(System),
}

type Writer = fn(&Finished, Lang, &mut dyn Write) -> std::io::Result<()>;

/// Writes the page of a finished folder, as it stands.
///
/// # Errors
/// When a table cannot be read or the page cannot be written.
pub fn page(finished: &Finished, lang: Lang, out: &mut dyn Write) -> std::io::Result<()> {
    page::page(finished, lang, out)
}

/// Makes `extras` from a finished folder and puts them into `stage`, in parallel.
///
/// # Errors
/// When a table cannot be read or a file cannot be written.
pub fn make(finished: &Finished, extras: &[Extra], lang: Lang, stage: &Stage<'_>) -> Result<()> {
    let (mut files, mut of_systems): (Vec<(&str, Writer)>, _) = (Vec::new(), Vec::new());
    for extra in extras {
        match extra {
            Extra::Html => files.push(("report.html", page::page)),
            Extra::Xlsx => files.push(("report.xlsx", workbook::workbook)),
            Extra::Geojson => files.push(("zones.geojson", map::geojson)),
            Extra::Graphml => files.push(("graph.graphml", graph::graphml)),
            Extra::Dot => files.push(("graph.dot", graph::dot)),
            Extra::Ics => files.push(("tests.ics", calendar::calendar)),
            Extra::Svg => {
                let zones = finished.draws_zones();
                files.push(("picture-curve.svg", picture::curve));
                files.extend(zones.then_some(("picture-zones.svg", picture::zones as Writer)));
                files.push(("picture-graph.svg", picture::graph));
            }
            #[cfg(feature = "parquet")]
            Extra::Parquet => columnar::write(finished, stage)?,
            Extra::Public => {
                let zones = finished.draws_zones();
                files.extend(zones.then_some(("zones-public.csv", public::zones as Writer)));
            }
            Extra::Excel => spreadsheet::write(finished, stage)?,
            Extra::For(system) => of_systems.push(system),
            Extra::Handover(grain) => handover::write(finished, *grain, lang, stage)?,
        }
    }
    systems::write(finished, &of_systems, stage)?;
    files
        .par_iter()
        .try_for_each(|(name, write)| stage.file(name, |out| write(finished, lang, out)))
}
