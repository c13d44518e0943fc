//! Flags about an export: how it is read, and what is asked of it.

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueEnum};
use std::path::PathBuf;
use trace::report::Lang;

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
    /// Which comes first where years come last, as in 9/11/2022: the day (dmy) or the month (mdy);
    /// TABLE=ORDER for one table [default: told from the column, if that is beyond doubt].
    #[arg(long, value_name = "[TABLE=]ORDER")]
    pub dates: Vec<String>,
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

/// What is asked of an export. A `trace.toml` in it may set these and [`InputArgs`]: none of them
/// may name a file that is written.
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
    /// Look who is recorded in another county than one with a high-risk zone: who may leave, who is
    /// monitored. It costs a pass over the rows.
    #[arg(long)]
    pub visitors: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Dates {
    Dmy,
    Mdy,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Expand {
    Building,
}

/// The languages there are, by their codes.
pub fn languages() -> impl TypedValueParser<Value = Lang> {
    let of = |code: String| Lang::ALL.into_iter().find(|lang| lang.code() == code);
    PossibleValuesParser::new(Lang::ALL.map(Lang::code))
        .map(move |code| of(code).unwrap_or(Lang::En))
}
