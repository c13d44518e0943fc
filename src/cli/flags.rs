//! What can be typed: the flags as they are, before they mean anything.

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;
use trace::report::Lang;

const EXAMPLES: &str = "\
Examples:
  trace check --input export                      what is in the folder, and can it be used?
  trace run --input export --output results       the whole analysis, Chinese policy of 2022-11-11
  trace run --input export --output results --policy who --as-of '2022-11-09 18:00'
  trace report --output results --formats svg,ics --lang zh
                                                  pictures and a test calendar of a finished run
  trace columns --input export -o columns.toml    then read it, mend it, and: trace run --columns columns.toml …
  trace policy show cn-2022-11 > mine.toml        then edit it, and: trace run --policy mine.toml …
  trace synth --output city --persons 100000      a synthetic city to try things on

`trace help tables` describes every table, `trace help rules` every rule and its source.
Exit codes: 0 done; 1 unexpected; 2 usage; 3 input cannot be used; 4 too many rejected rows.";

/// Contact tracing at first degree: close contacts, risk zones and measures from an export folder.
///
/// Nothing leaves this machine. Contacts of contacts are never determined.
#[derive(Debug, Parser)]
#[command(name = "trace", version, after_help = EXAMPLES, disable_help_subcommand = true)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Analyse an export folder and write every table.
    Run(RunArgs),
    /// Make the page, the workbook and the like again from a finished output folder.
    Report(ReportArgs),
    /// Read everything, write nothing, and say what is there.
    Check(CheckArgs),
    /// Why somebody is a contact, why an area is a zone, what follows from a case: down to the rows.
    Explain(ExplainArgs),
    /// Why somebody is no close contact: what came nearest, and the condition that failed.
    WhyNot(WhyNotArgs),
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
    /// Explain a topic (tables, rules) or a command.
    Help {
        /// `tables`, `rules`, or a command.
        topic: Option<String>,
    },
}

#[derive(Debug, Subcommand)]
pub enum PolicyCommand {
    /// List the built-in policies.
    List,
    /// Print a policy as TOML, with the source of every value.
    Show {
        /// Its name, or a file.
        name: String,
    },
}

/// How to read an export.
#[derive(Debug, Args)]
pub struct InputArgs {
    /// The export folder: cases.csv, and trajectories or colocations, and what else there is.
    #[arg(long, short, value_name = "DIR")]
    pub input: PathBuf,
    /// The files of a table, whatever they are called: a path or a pattern in the input folder, or
    /// from here; `-` for a stream on standard input. May be given again.
    #[arg(long, value_name = "TABLE=FILE|GLOB|-")]
    pub table: Vec<String>,
    /// Time zone of times without an offset, and of days [default: the policy's]; TABLE=ZONE for
    /// the times of one table.
    #[arg(long, value_name = "[TABLE=]ZONE", allow_hyphen_values = true)]
    pub timezone: Vec<String>,
    /// What coordinates are measured in where no column `datum` says so: wgs84, gcj02 (Amap,
    /// Tencent) or bd09 (Baidu); TABLE=NAME for one table.
    #[arg(long, value_name = "[TABLE=]NAME")]
    pub datum: Vec<String>,
    /// Which comes first where years come last, as in 9/11/2022: the day (dmy) or the month (mdy)
    /// [default: told from the column, if that is beyond doubt].
    #[arg(long, value_name = "ORDER")]
    pub dates: Option<Dates>,
    /// More names for columns: a TOML file of [table] sections with column = ["name", …].
    #[arg(long, value_name = "FILE.toml")]
    pub columns: Option<PathBuf>,
    /// What `now` is, if not what the clock says: what begins more than a day later is a mistake.
    #[arg(long, value_name = "TIME")]
    pub now: Option<String>,
    /// Encoding of files without a byte-order mark: utf-8, gb18030, utf-16le or utf-16be [default:
    /// detected per file].
    #[arg(long, value_name = "NAME")]
    pub encoding: Option<String>,
    /// Read long numbers that end in 000 as ids, although a spreadsheet seems to have cut them:
    /// people with one number are then one person.
    #[arg(long)]
    pub accept_mangled_ids: bool,
    /// Stop when more than this percentage of a table's rows are rejected.
    #[arg(long, value_name = "PERCENT", default_value = "5")]
    pub max_rejects: String,
    /// List at most so many rejected rows; the others are counted.
    #[arg(long, value_name = "N", default_value_t = 100_000)]
    pub max_reject_rows: usize,
    /// Stop when a packed file unpacks to more than so many times its size.
    #[arg(long, value_name = "TIMES", default_value_t = 1000)]
    pub max_unpacked: u64,
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

/// What is asked of an export.
#[derive(Debug, Args)]
pub struct AnalysisArgs {
    #[command(flatten)]
    pub input: InputArgs,
    /// A built-in policy or a TOML file.
    #[arg(long, short, value_name = "NAME|FILE", default_value = trace::policy::DEFAULT)]
    pub policy: String,
    /// Change one number of the policy; may be given again.
    #[arg(long, value_name = "NUMBER=VALUE")]
    pub set: Vec<String>,
    /// The moment the analysis speaks for: a time, `now`, or `today` for the end of today [default:
    /// the end of the day of the latest confirmation].
    #[arg(long, value_name = "TIME")]
    pub as_of: Option<String>,
    /// Raise every unit zone to its building: for spread that is unclear or wide.
    #[arg(long, value_name = "TO", requires = "because")]
    pub expand: Option<Expand>,
    /// Why zones are raised; kept in summary.json.
    #[arg(long, value_name = "TEXT", requires = "expand")]
    pub because: Option<String>,
}

#[derive(Debug, Args)]
pub struct RunArgs {
    #[command(flatten)]
    pub analysis: AnalysisArgs,
    /// The folder for the results: new, empty, or the output of an earlier run, which is replaced.
    #[arg(long, short, value_name = "DIR")]
    pub output: PathBuf,
    #[command(flatten)]
    pub show: ShowArgs,
    /// Write into a folder that holds other files, too; they stay.
    #[arg(long)]
    pub force: bool,
    /// The earlier output to say what changed since [default: the newest of an earlier as-of, in the
    /// output folder or beside it].
    #[arg(long, value_name = "DIR")]
    pub since: Option<PathBuf>,
    /// Put the SHA-256 of every input file into summary.json, however large [default: of folders up
    /// to 64 MiB].
    #[arg(long)]
    pub digests: bool,
    /// Call people by pseudonyms, in everything that is written: HMAC-SHA-256 under the key in this
    /// file, which is made if it is not there. Who they are stands in OUTPUT.lookup.csv beside the
    /// output folder.
    #[arg(long, value_name = "KEYFILE")]
    pub pseudonyms: Option<PathBuf>,
    /// Print summary.json instead of the short summary.
    #[arg(long, conflicts_with = "quiet")]
    pub json: bool,
}

/// What people look at.
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// What to write beside the tables: html (a page for people), xlsx (a workbook), geojson (the
    /// zones on a map), graphml and dot (the exposure graph), ics (the tests by day and county),
    /// svg (pictures for slides), parquet (every table, typed), or none.
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

#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Dates {
    Dmy,
    Mdy,
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
    None,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum HandoverBy {
    County,
    Compound,
}

/// The languages there are, by their codes.
fn languages() -> impl TypedValueParser<Value = Lang> {
    let of = |code: String| Lang::ALL.into_iter().find(|lang| lang.code() == code);
    PossibleValuesParser::new(Lang::ALL.map(Lang::code))
        .map(move |code| of(code).unwrap_or(Lang::En))
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Expand {
    Building,
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
    #[arg(long, conflicts_with = "quiet")]
    pub json: bool,
    /// Language of what it says [default: from the locale].
    #[arg(long, value_parser = languages())]
    pub lang: Option<Lang>,
}

/// How an answer is given.
#[derive(Debug, Args)]
pub struct AnswerArgs {
    /// Print it for programs, as JSON; `trace help schema-COMMAND` prints its JSON Schema.
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
    pub analysis: AnalysisArgs,
    /// Somebody by their id: their class, measure, exposures and plan.
    #[arg(long, value_name = "ID")]
    pub person: Option<String>,
    /// A zone, or an area that nearly became one, by its id in zone_options.csv.
    #[arg(long, value_name = "ID")]
    pub zone: Option<String>,
    /// A case by its id: its window, stays, contacts and possible sources.
    #[arg(long, value_name = "ID")]
    pub case: Option<String>,
    /// The output of a run: its policy and its as-of are taken.
    #[arg(long, value_name = "DIR", conflicts_with_all = ["policy", "as_of"])]
    pub results: Option<PathBuf>,
    #[command(flatten)]
    pub answer: AnswerArgs,
}

#[derive(Debug, Args)]
pub struct WhyNotArgs {
    #[command(flatten)]
    pub analysis: AnalysisArgs,
    /// Somebody by their id.
    #[arg(long, value_name = "ID")]
    pub person: String,
    /// Only as to this case.
    #[arg(long, value_name = "ID")]
    pub case: Option<String>,
    /// The output of a run: its policy and its as-of are taken.
    #[arg(long, value_name = "DIR", conflicts_with_all = ["policy", "as_of"])]
    pub results: Option<PathBuf>,
    #[command(flatten)]
    pub answer: AnswerArgs,
}

#[derive(Debug, Args)]
pub struct SensitivityArgs {
    #[command(flatten)]
    pub analysis: AnalysisArgs,
    /// Write the lines into a file, too.
    #[arg(long, value_name = "FILE")]
    pub csv: Option<PathBuf>,
    /// Write who is within a fifth of the threshold into a file, too.
    #[arg(long, value_name = "FILE")]
    pub near: Option<PathBuf>,
    #[command(flatten)]
    pub answer: AnswerArgs,
}

#[derive(Debug, Args)]
pub struct AuditArgs {
    #[command(flatten)]
    pub analysis: AnalysisArgs,
    /// The zones that were ordered: a list in the shape of zones.csv, in any form a table may have.
    #[arg(long, value_name = "FILE")]
    pub zones: Option<PathBuf>,
    /// The measures that were ordered: a list in the shape of measures.csv.
    #[arg(long, value_name = "FILE")]
    pub people: Option<PathBuf>,
    /// The output of a run: its policy and its as-of are taken.
    #[arg(long, value_name = "DIR", conflicts_with_all = ["policy", "as_of"])]
    pub results: Option<PathBuf>,
    /// Write what is wrong into a file, too.
    #[arg(long, value_name = "FILE")]
    pub csv: Option<PathBuf>,
    #[command(flatten)]
    pub answer: AnswerArgs,
}

#[derive(Debug, Args)]
pub struct DiffArgs {
    /// The earlier output folder.
    #[arg(value_name = "OLD")]
    pub old: PathBuf,
    /// The later one.
    #[arg(value_name = "NEW")]
    pub new: PathBuf,
    /// Write every change into a file, as changes.csv of a run.
    #[arg(long, value_name = "FILE")]
    pub csv: Option<PathBuf>,
    /// Print them for programs, as JSON.
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
