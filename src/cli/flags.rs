//! What can be typed: the flags as they are, before they mean anything.

#[cfg(feature = "parquet")]
mod distributed;
mod input;
mod questions;

#[cfg(feature = "parquet")]
pub use distributed::{FinishArgs, IndexArgs, ScanArgs};
pub use input::{AnalysisArgs, Dates, InputArgs};
pub use questions::{
    AnswerArgs, AskArgs, AuditArgs, ChangesArgs, DiffArgs, ExplainArgs, PartitionArgs,
    PolicyDiffArgs, SensitivityArgs, WhyNotArgs,
};

use clap::{Args, Parser, Subcommand, ValueEnum};
use input::languages;
use std::path::PathBuf;
use trace::report::Lang;

const EXAMPLES: &str = "\
Examples:
  trace check --input export                      what is in the folder, and can it be used?
  trace run --input export --output results       the whole analysis, Chinese policy of 2022-11-11
  trace run --input export --output results --policy who --as-of '2022-11-09 18:00'
  trace explain --input export --person 330102…   why are they a contact, down to the rows?
  trace why-not --input export --person 330102…   why are they none, and by how much?
  trace diff yesterday today                      what changed, whom it concerns, and why
  trace report --output results --formats svg,ics --lang zh
                                                  pictures and a test calendar of a finished run
  trace columns --input export -o columns.toml    then read it, mend it, and: trace run --columns columns.toml …
  trace policy show cn-2022-11 > mine.toml        then edit it, and: trace run --policy mine.toml …
  trace synth --output city --persons 100000      a synthetic city to try things on

`trace help tables` describes every table, `trace help rules` every rule and its source,
`trace help systems` what R, Go.Data, SORMAS, ODK and DHIS2 take.
Exit codes: 0 done; 1 unexpected; 2 usage; 3 input cannot be used; 4 too many rejected rows;
5 an audit has findings.";

/// Contact tracing at first degree: close contacts, risk zones and measures from an export folder.
///
/// Nothing leaves this machine. Contacts of contacts are never determined.
#[derive(Debug, Parser)]
#[command(name = "trace", version, after_help = EXAMPLES, disable_help_subcommand = true)]
pub struct Cli {
    /// Flags that are not typed each time: a TOML file with a line `flag = value` for each
    /// [default: trace.toml in the input folder, if it is there].
    #[arg(long, value_name = "FILE.toml", global = true)]
    pub config: Option<PathBuf>,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Analyse an export folder and write every table.
    Run(RunArgs),
    /// A run in pieces, first: the cases with their stays as an index file, with which scans go
    /// anywhere.
    #[cfg(feature = "parquet")]
    Index(IndexArgs),
    /// A run in pieces, then: files of the export against an index file; what is found is evidence.
    #[cfg(feature = "parquet")]
    Scan(ScanArgs),
    /// A run in pieces, last: every table, from an index file and the evidence of all files.
    #[cfg(feature = "parquet")]
    Finish(FinishArgs),
    /// Make the page, the workbook and the like again from a finished output folder.
    Report(ReportArgs),
    /// Read everything, write nothing, and say what is there.
    Check(CheckArgs),
    /// Why somebody is a contact, why an area is a zone, what follows from a case: down to the
    /// rows.
    Explain(ExplainArgs),
    /// Why somebody is no close contact: what came nearest, and the condition that failed.
    WhyNot(WhyNotArgs),
    /// A campus, a works or a park in cells, so that few ways of people are cut, instead of closing
    /// it as a whole.
    Partition(PartitionArgs),
    /// What a run would find if one number of the policy was another, and who is near a threshold.
    Sensitivity(SensitivityArgs),
    /// Measures and zones that were ordered against what the evidence supports, and the run itself.
    Audit(AuditArgs),
    /// What changed from one output to another, whom it concerns, and why.
    Diff(DiffArgs),
    /// What the columns are taken for, as a file for --columns to read, mend and give back.
    Columns(ColumnsArgs),
    /// Take an output away, and what interrupted runs have left beside it: ours, and nothing else.
    Purge(PurgeArgs),
    /// The built-in policies.
    #[command(subcommand)]
    Policy(PolicyCommand),
    /// Make a synthetic city with an outbreak, and the truth about it.
    Synth(SynthArgs),
    /// Print a completion script for a shell.
    Completions {
        /// For which shell.
        shell: clap_complete::Shell,
    },
    /// Print the manual page, or write one for each command into a folder.
    Man {
        /// Write all pages into this folder.
        #[arg(long, value_name = "DIR")]
        output: Option<PathBuf>,
    },
    /// Explain a topic (tables, rules, systems), a command, or the shape of an answer in JSON
    /// (schema-audit).
    Help {
        /// `tables`, `rules`, `systems`, `dhis2`, or a command.
        topic: Option<String>,
    },
}

#[derive(Debug, Subcommand)]
pub enum PolicyCommand {
    /// List the built-in policies.
    List {
        /// Print them for programs, as JSON.
        #[arg(long)]
        json: bool,
    },
    /// What an export would have under another policy: who changes class, plan and zone.
    Diff(Box<PolicyDiffArgs>),
    /// Print a policy as TOML, with the source of every value.
    Show {
        /// Its name, or a file.
        name: String,
    },
}

#[derive(Debug, Args)]
pub struct RunArgs {
    #[command(flatten)]
    pub analysis: AnalysisArgs,
    #[command(flatten)]
    pub results: ResultsArgs,
    /// Call people by pseudonyms, in everything that is written: HMAC-SHA-256 under the key in this
    /// file, which is made if it is not there. Who they are stands in OUTPUT.lookup.csv beside the
    /// output folder.
    #[arg(long, value_name = "KEYFILE", conflicts_with = "names")]
    pub pseudonyms: Option<PathBuf>,
    /// Print every flag with its value and where that comes from, and do nothing else.
    #[arg(long)]
    pub show_config: bool,
}

/// Where results go, and what is in them.
#[derive(Debug, Args)]
pub struct ResultsArgs {
    /// The folder for the results: new, empty, or the output of an earlier run, which is replaced.
    #[arg(long, short, value_name = "DIR")]
    pub output: PathBuf,
    #[command(flatten)]
    pub show: ShowArgs,
    /// Write into a folder that holds other files, too; they stay.
    #[arg(long)]
    pub force: bool,
    /// The earlier output to say what changed since [default: the newest of an earlier as-of, in
    /// the output folder or beside it].
    #[arg(long, value_name = "DIR")]
    pub since: Option<PathBuf>,
    /// Put the SHA-256 of every input file into summary.json, however large [default: of folders up
    /// to 64 MiB].
    #[arg(long)]
    pub digests: bool,
    /// Put name, phone, address and compound into every table with a row for a person; without it
    /// they stand in people.csv alone.
    #[arg(long, conflicts_with = "no_names")]
    pub names: bool,
    /// Read and write no names, phones and addresses: for what is passed on.
    #[arg(long)]
    pub no_names: bool,
    /// Columns of persons that nothing is made of, to go along into people.csv; may be given again.
    #[arg(long, value_name = "COLUMN,…", value_delimiter = ',', conflicts_with = "no_names")]
    pub keep: Vec<String>,
    /// Count whom looser practices would hold: everybody at a place of a case, contacts of
    /// contacts, companions within 800 m. Counted and never named; it costs two more passes over
    /// the rows.
    #[arg(long)]
    pub looser: bool,
    /// Print summary.json instead of the short summary.
    #[arg(long)]
    pub json: bool,
    /// Say on stderr how long each part took.
    #[arg(long, short)]
    pub verbose: bool,
}

/// What people look at. A `trace.toml` in an export may set these.
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// What to write beside the tables: html (a page for people), xlsx (a workbook), geojson (the
    /// zones on a map), graphml and dot (the exposure graph), ics (the tests by day and county),
    /// svg (pictures for slides), parquet (every table, typed), or none; and what other systems
    /// take: epiverse (line lists for R), godata, sormas, odk, dhis2.
    #[arg(long, value_name = "LIST", value_delimiter = ',', default_value = "html,xlsx")]
    pub formats: Vec<Extra>,
    /// Also write each table as NAME.excel.csv, which a spreadsheet opens well. Not to be read
    /// back.
    #[arg(long)]
    pub excel: bool,
    /// Also write zones-public.csv, for a notice board: zones, dates, and counts (under 5: `<5`).
    #[arg(long)]
    pub public: bool,
    /// Also write a workbook for each county or compound, with its own people and zones only.
    #[arg(long, value_name = "GRAIN", num_args = 0..=1, default_missing_value = "county")]
    pub handover: Option<HandoverBy>,
    /// Which comes first in the dates of a SORMAS server: the day, or the month (English as in the
    /// United States).
    #[arg(long, value_name = "ORDER")]
    pub sormas_dates: Option<Dates>,
    /// What things are called in a DHIS2: `trace help dhis2` prints a file to fill in.
    #[arg(long, value_name = "FILE.toml")]
    pub dhis2: Option<PathBuf>,
    /// Show ids whole in page and workbooks; without it the numbers of identity cards and phones
    /// have stars in the middle where a name or a phone stands beside them.
    #[arg(long)]
    pub full_ids: bool,
    /// Language of messages, page, workbooks and pictures; the page can be switched [default: from
    /// the locale].
    #[arg(long, value_parser = languages())]
    pub lang: Option<Lang>,
}

#[derive(Debug, Args)]
pub struct ReportArgs {
    /// The output folder of a finished run.
    #[arg(long, short, value_name = "DIR")]
    pub output: PathBuf,
    #[command(flatten)]
    pub show: ShowArgs,
    /// Print nothing but errors.
    #[arg(long, short)]
    pub quiet: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Extra {
    Html,
    Xlsx,
    Geojson,
    Graphml,
    Dot,
    Ics,
    Svg,
    Parquet,
    Epiverse,
    #[value(name = "godata")]
    GoData,
    Sormas,
    Odk,
    Dhis2,
    None,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum HandoverBy {
    County,
    Compound,
}

#[derive(Debug, Args)]
pub struct CheckArgs {
    #[command(flatten)]
    pub input: InputArgs,
    /// Write what to look at into a file: as `checks.csv` of a run, with what only a look at every
    /// row shows.
    #[arg(long, value_name = "FILE")]
    pub csv: Option<PathBuf>,
    /// Print it for programs, as JSON.
    #[arg(long)]
    pub json: bool,
    /// Language of what it says [default: from the locale].
    #[arg(long, value_parser = languages())]
    pub lang: Option<Lang>,
}

#[derive(Debug, Args)]
pub struct ColumnsArgs {
    #[command(flatten)]
    pub input: InputArgs,
    /// Write it into this file [default: print it].
    #[arg(long, short, value_name = "FILE.toml")]
    pub output: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct PurgeArgs {
    /// The output folder of a run.
    #[arg(value_name = "DIR")]
    pub output: PathBuf,
    /// Say what would be taken away, and leave it.
    #[arg(long)]
    pub dry_run: bool,
    /// Language of what it says [default: from the locale].
    #[arg(long, value_parser = languages())]
    pub lang: Option<Lang>,
}

#[derive(Debug, Args)]
pub struct SynthArgs {
    /// A new folder for the city.
    #[arg(long, short, value_name = "DIR")]
    pub output: PathBuf,
    /// How many people.
    #[arg(long, value_name = "N", default_value_t = 10_000)]
    pub persons: u32,
    /// How many days.
    #[arg(long, value_name = "D", default_value_t = 14)]
    pub days: u16,
    /// The same seed makes the same city.
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub seed: u64,
    /// Format of the files.
    #[arg(long, value_name = "FORMAT", default_value = "csv")]
    pub format: Format,
    /// Files for trajectories and for colocations.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub split: u32,
    /// Also people from abroad, under orders, in a closed loop and from elsewhere, and a campus,
    /// with the truth about who kept orders.
    #[arg(long)]
    pub further: bool,
    /// Headers and text: `en` in UTF-8, `zh` with Chinese headers in GB18030.
    #[arg(long, value_name = "LANG", default_value = "en")]
    pub headers: Headers,
    /// Threads to use [default: all cores].
    #[arg(long, value_name = "N")]
    pub threads: Option<usize>,
    /// Print nothing but errors.
    #[arg(long, short)]
    pub quiet: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Format {
    #[value(name = "csv")]
    Csv,
    #[value(name = "csv.gz")]
    Gz,
    #[value(name = "csv.zst")]
    Zst,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Headers {
    En,
    Zh,
}
