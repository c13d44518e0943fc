//! Flags of a run in pieces: `trace index`, `trace scan`, `trace finish`.

use super::ResultsArgs;
use super::input::{AnalysisArgs, languages};
use clap::Args;
use std::path::PathBuf;
use trace::report::Lang;

#[derive(Debug, Args)]
pub struct IndexArgs {
    #[command(flatten)]
    pub analysis: AnalysisArgs,
    /// The index file to write; only its owner can read it, for it has ids and whereabouts of
    /// cases.
    #[arg(long, short, value_name = "FILE")]
    pub output: PathBuf,
    /// Language of messages [default: from the locale].
    #[arg(long, value_parser = languages())]
    pub lang: Option<Lang>,
}

#[derive(Debug, Args)]
pub struct ScanArgs {
    /// The index file.
    pub index: PathBuf,
    /// The files to scan, as the export calls them below the input folder [default: all with rows
    /// of stays and co-locations].
    pub files: Vec<String>,
    /// The export folder, wherever it is on this machine.
    #[arg(long, short, value_name = "DIR")]
    pub input: PathBuf,
    /// The evidence to write: a Parquet file that only its owner can read.
    #[arg(long, short, value_name = "FILE")]
    pub output: PathBuf,
    /// The second round: look when the open stays in this evidence ended, which has to be that of
    /// all files; may be given again.
    #[arg(long, value_name = "EVIDENCE", num_args = 1..)]
    pub next: Vec<PathBuf>,
    /// Threads to use [default: all cores].
    #[arg(long, value_name = "N")]
    pub threads: Option<usize>,
    /// Print nothing but errors.
    #[arg(long, short)]
    pub quiet: bool,
    /// Language of messages [default: from the locale].
    #[arg(long, value_parser = languages())]
    pub lang: Option<Lang>,
}

#[derive(Debug, Args)]
pub struct FinishArgs {
    /// The index file.
    pub index: PathBuf,
    /// The export folder: its small tables are read again, and must be what they were.
    #[arg(long, short, value_name = "DIR")]
    pub input: PathBuf,
    /// The evidence of all files: Parquet files, or folders of them; may be given again.
    #[arg(long, value_name = "EVIDENCE", num_args = 1.., required = true)]
    pub evidence: Vec<PathBuf>,
    /// The evidence of the second round, where there was one [default: the files are gone through
    /// here]; may be given again.
    #[arg(long, value_name = "EVIDENCE", num_args = 1..)]
    pub next: Vec<PathBuf>,
    #[command(flatten)]
    pub results: ResultsArgs,
    /// Threads to use [default: all cores].
    #[arg(long, value_name = "N")]
    pub threads: Option<usize>,
    /// Show ids in messages whole, not masked in the middle.
    #[arg(long)]
    pub show_values: bool,
    /// Print nothing but errors.
    #[arg(long, short)]
    pub quiet: bool,
}
