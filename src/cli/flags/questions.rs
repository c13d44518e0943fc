//! Flags of the commands that answer questions.

use super::input::{AnalysisArgs, InputArgs, languages};
use clap::Args;
use std::path::PathBuf;
use trace::report::Lang;

/// What is asked, and of what.
#[derive(Debug, Args)]
pub struct AskArgs {
    #[command(flatten)]
    pub analysis: AnalysisArgs,
    /// The output of a run: its policy and its as-of are taken.
    #[arg(long, value_name = "DIR", conflicts_with_all = ["policy", "as_of"])]
    pub results: Option<PathBuf>,
    #[command(flatten)]
    pub answer: AnswerArgs,
}

/// How an answer is given.
#[derive(Debug, Args)]
pub struct AnswerArgs {
    /// Print it for programs, as JSON. Its JSON Schema: `trace help schema-why-not`,
    /// `schema-audit`, `schema-sensitivity`, `schema-partition`, `schema-explain-person`, `-zone`
    /// or `-case`.
    #[arg(long)]
    pub json: bool,
    /// Language of the answer [default: from the locale].
    #[arg(long, value_parser = languages())]
    pub lang: Option<Lang>,
}

#[derive(Debug, Args)]
#[group(id = "about", required = true, multiple = false, args = ["person", "zone", "case"])]
pub struct ExplainArgs {
    #[command(flatten)]
    pub ask: AskArgs,
    /// Somebody by their id: their class, measure, exposures and plan.
    #[arg(long, value_name = "ID")]
    pub person: Option<String>,
    /// A zone, or an area that nearly became one, by its id in zone_options.csv.
    #[arg(long, value_name = "ID")]
    pub zone: Option<String>,
    /// A case by its id: its window, stays, contacts and possible sources.
    #[arg(long, value_name = "ID")]
    pub case: Option<String>,
}

#[derive(Debug, Args)]
pub struct WhyNotArgs {
    #[command(flatten)]
    pub ask: AskArgs,
    /// Somebody by their id.
    #[arg(long, value_name = "ID")]
    pub person: String,
    /// Only as to this case.
    #[arg(long, value_name = "ID")]
    pub case: Option<String>,
}

#[derive(Debug, Args)]
pub struct PartitionArgs {
    #[command(flatten)]
    pub ask: AskArgs,
    /// The compound, as its places name it.
    #[arg(long, value_name = "NAME")]
    pub compound: String,
    /// Write the areas and their cells into a file, too.
    #[arg(long, value_name = "FILE")]
    pub csv: Option<std::path::PathBuf>,
}

#[derive(Debug, Args)]
pub struct SensitivityArgs {
    #[command(flatten)]
    pub ask: AskArgs,
    /// Write the lines into a file, too.
    #[arg(long, value_name = "FILE")]
    pub csv: Option<PathBuf>,
    /// Draw who is held under each value into a file, too: SVG.
    #[arg(long, value_name = "FILE")]
    pub svg: Option<PathBuf>,
    /// Write who is within a fifth of the threshold into a file, too.
    #[arg(long, value_name = "FILE")]
    pub near: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct AuditArgs {
    #[command(flatten)]
    pub ask: AskArgs,
    /// The zones that were ordered: a list in the shape of zones.csv, in any form a table may have.
    #[arg(long, value_name = "FILE")]
    pub zones: Option<PathBuf>,
    /// The measures that were ordered: a list in the shape of measures.csv. Without one, the table
    /// orders of the export is it, where it has one.
    #[arg(long, value_name = "FILE")]
    pub people: Option<PathBuf>,
    /// Write what is wrong into a file, too.
    #[arg(long, value_name = "FILE")]
    pub csv: Option<PathBuf>,
}

/// How changes are told.
#[derive(Debug, Args)]
pub struct ChangesArgs {
    /// Write every change into a file, as changes.csv of a run.
    #[arg(long, value_name = "FILE")]
    pub csv: Option<PathBuf>,
    /// Print them for programs, as JSON. Its JSON Schema: `trace help schema-diff`.
    #[arg(long)]
    pub json: bool,
    /// Language of what it says [default: from the locale].
    #[arg(long, value_parser = languages())]
    pub lang: Option<Lang>,
}

#[derive(Debug, Args)]
pub struct DiffArgs {
    /// The earlier output folder.
    #[arg(value_name = "OLD")]
    pub old: PathBuf,
    /// The later one.
    #[arg(value_name = "NEW")]
    pub new: PathBuf,
    /// Write the page of the later output into a file, with what changed since the earlier one.
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// Show ids whole on the page, not with stars in the middle.
    #[arg(long, requires = "html")]
    pub full_ids: bool,
    #[command(flatten)]
    pub changes: ChangesArgs,
}

#[derive(Debug, Args)]
pub struct PolicyDiffArgs {
    /// A built-in policy or a TOML file; the time zone is its.
    #[arg(value_name = "OLD")]
    pub old: String,
    /// The other one.
    #[arg(value_name = "NEW")]
    pub new: String,
    #[command(flatten)]
    pub input: InputArgs,
    /// The moment the analysis speaks for: a time, `now`, or `today` for the end of today [default:
    /// the end of the day of the latest confirmation].
    #[arg(long, value_name = "TIME")]
    pub as_of: Option<String>,
    #[command(flatten)]
    pub changes: ChangesArgs,
}
