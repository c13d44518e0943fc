//! One function a command.

mod audit;
mod check;
mod columns;
mod diff;
#[cfg(feature = "parquet")]
mod distributed;
mod explain;
mod help;
mod messages;
mod partition;
mod policy;
mod pseudonyms;
mod purge;
mod report;
mod run;
mod sensitivity;
mod show;
mod synth;
mod why_not;

pub use messages::{error as say, has_colours, painted};

use crate::cli::config;
use crate::cli::flags::{AnalysisArgs, Cli, Command, InputArgs, PolicyCommand};
use clap::CommandFactory;
use std::ffi::OsString;
use std::io::Write;
use std::path::Path;
use std::time::SystemTime;
use trace::base::error::{Error, Result};
use trace::base::problem::Problem;
use trace::base::time::Instant;
use trace::ingest::{Asked, Folder, Settings};
use trace::output::leftovers;
use trace::pipeline::{Parameters, Rejected, Request};
use trace::policy::Policy;
use trace::report::Lang;

/// Runs a command, which speaks a language.
pub fn run(command: Command, lang: Lang) -> Result<()> {
    match command {
        Command::Run(args) => run::run(args, lang),
        #[cfg(feature = "parquet")]
        Command::Index(args) => distributed::index(&args, lang),
        #[cfg(feature = "parquet")]
        Command::Scan(args) => distributed::scan(&args, lang),
        #[cfg(feature = "parquet")]
        Command::Finish(args) => distributed::finish(args, lang),
        Command::Report(args) => report::report(args, lang),
        Command::Check(args) => check::check(args, lang),
        Command::Explain(args) => explain::explain(args, lang),
        Command::WhyNot(args) => why_not::why_not(args, lang),
        Command::Partition(args) => partition::partition(args, lang),
        Command::Diff(args) => diff::diff(&args, lang),
        Command::Sensitivity(args) => sensitivity::sensitivity(args, lang),
        Command::Audit(args) => audit::audit(args, lang),
        Command::Columns(args) => columns::columns(&args),
        Command::Purge(args) => purge::purge(&args, lang),
        Command::Policy(command) => policy::policy(command, lang),
        Command::Synth(args) => synth::synth(args),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "trace", &mut script);
            print(&String::from_utf8_lossy(&script))
        }
        Command::Man { output } => help::man(output.as_deref()),
        Command::Help { topic } => help::help(topic.as_deref(), lang),
    }
}

/// The language of what a command says.
pub fn lang(command: &Command) -> Lang {
    match command {
        Command::Run(args) => show::lang(args.results.show.lang),
        #[cfg(feature = "parquet")]
        Command::Index(args) => show::lang(args.lang),
        #[cfg(feature = "parquet")]
        Command::Scan(args) => show::lang(args.lang),
        #[cfg(feature = "parquet")]
        Command::Finish(args) => show::lang(args.results.show.lang),
        Command::Report(args) => show::lang(args.show.lang),
        Command::Check(args) => show::lang(args.lang),
        Command::Explain(args) => show::lang(args.ask.answer.lang),
        Command::WhyNot(args) => show::lang(args.ask.answer.lang),
        Command::Partition(args) => show::lang(args.ask.answer.lang),
        Command::Diff(args) => show::lang(args.changes.lang),
        Command::Audit(args) => show::lang(args.ask.answer.lang),
        Command::Sensitivity(args) => show::lang(args.ask.answer.lang),
        Command::Purge(args) => show::lang(args.lang),
        Command::Policy(PolicyCommand::Diff(args)) => show::lang(args.changes.lang),
        _ => show::lang(None),
    }
}

/// The language of the help: what is typed, or else that of the locale.
pub fn lang_typed(words: &[OsString]) -> Lang {
    let typed = config::value_of(words, "--lang");
    let typed = typed.and_then(|code| Lang::ALL.into_iter().find(|lang| code == lang.code()));
    show::lang(typed)
}

/// The language of the locale.
pub fn lang_of_locale() -> Lang {
    show::lang(None)
}

/// Whether a command only shows its flags.
pub fn shows_config(command: &Command) -> bool {
    matches!(command, Command::Run(args) if args.show_config)
}

/// Whether messages of a command show ids as they are.
pub fn shows_values(command: &Command) -> bool {
    match command {
        Command::Run(args) => args.analysis.input.show_values,
        Command::Explain(args) => args.ask.analysis.input.show_values,
        Command::WhyNot(args) => args.ask.analysis.input.show_values,
        Command::Partition(args) => args.ask.analysis.input.show_values,
        Command::Audit(args) => args.ask.analysis.input.show_values,
        Command::Sensitivity(args) => args.ask.analysis.input.show_values,
        #[cfg(feature = "parquet")]
        Command::Index(args) => args.analysis.input.show_values,
        #[cfg(feature = "parquet")]
        Command::Finish(args) => args.show_values,
        Command::Check(args) => args.input.show_values,
        Command::Columns(args) => args.input.show_values,
        Command::Policy(PolicyCommand::Diff(args)) => args.input.show_values,
        _ => false,
    }
}

/// Writes to stdout, control characters made visible: no cell can steer a terminal.
fn print(text: &str) -> Result<()> {
    let text = messages::visible(text);
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .map_err(|e| Error::write(Path::new("stdout"), e))
}

/// Whether a command ended because nobody reads its output any more.
pub fn is_broken_pipe(error: &Error) -> bool {
    let source = std::error::Error::source(error);
    let source = source.and_then(|source| source.downcast_ref::<std::io::Error>());
    source.is_some_and(|source| source.kind() == std::io::ErrorKind::BrokenPipe)
}

fn read_text(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).map_err(|e| {
        Problem::ArgumentUnreadable { path: path.to_owned(), what: e.to_string() }.into()
    })
}

/// A policy by name, or from a file when the name looks like a path.
fn load_policy(name: &str) -> Result<Policy> {
    let (policy, policy_text) = (name.to_owned(), policy_text(name)?);
    Parameters { policy, policy_text, ..Parameters::default() }.policy()
}

/// The text of a policy whose name looks like a path.
fn policy_text(name: &str) -> Result<Option<String>> {
    let is_file = name.ends_with(".toml") || Path::new(name).is_file();
    is_file.then(|| read_text(Path::new(name))).transpose()
}

/// How to read, as it was typed.
fn reading(args: &InputArgs) -> Result<Parameters> {
    Ok(Parameters {
        timezone: args.timezone.clone(),
        datum: args.datum.clone(),
        dates: args.dates.clone(),
        columns: args.columns.as_ref().map(|path| path.display().to_string()),
        columns_text: args.columns.as_deref().map(read_text).transpose()?,
        now: args.now.clone(),
        encoding: args.encoding.clone(),
        accept_mangled_ids: args.accept_mangled_ids,
        max_rejects: args.max_rejects.clone(),
        max_reject_rows: args.max_reject_rows,
        max_unpacked: args.max_unpacked,
        table: args.table.clone(),
        ..Parameters::default()
    })
}

fn settings(args: &InputArgs, policy: &Policy) -> Result<Settings> {
    reading(args)?.settings(policy, clock())
}

/// What is asked of an export, as it was typed.
fn parameters(args: &AnalysisArgs) -> Result<Parameters> {
    Ok(Parameters {
        policy: args.policy.clone(),
        policy_text: policy_text(&args.policy)?,
        set: args.set.clone(),
        as_of: args.as_of.clone(),
        because: args.because.clone().filter(|_| args.expand.is_some()),
        visitors: args.visitors,
        ..reading(&args.input)?
    })
}

/// What is asked of an export, and what `now` is.
fn request(args: &AnalysisArgs) -> Result<(Request, Instant)> {
    let request = parameters(args)?.request(clock())?;
    let now = request.settings.now.unwrap_or_default();
    Ok((request, now))
}

/// Why nothing is answered of an export of which too many rows cannot be used.
fn too_many(rejected: Rejected) -> Error {
    rejected.error.hint("`trace check` shows them; --max-rejects PERCENT lets more pass")
}

/// What the clock says.
fn clock() -> Instant {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    Instant(since.map_or(0, |since| since.as_secs() as i64))
}

/// Opens the input folder as it was asked for. A stream is kept in a file while the answer lives:
/// tables are read more than once.
fn open_folder(
    args: &InputArgs,
    settings: &Settings,
) -> Result<(Folder, Option<tempfile::NamedTempFile>)> {
    let (mut set, mut stream) = (reading(args)?, None);
    for text in &mut set.table {
        if let Some(name) = text.strip_suffix("=-") {
            let spooled = spool()?;
            *text = format!("{name}={}", spooled.path().display());
            stream = Some(spooled);
        }
    }
    let asked = Asked { aliases: settings.aliases.clone(), ..set.asked()? };
    Ok((Folder::open_as(&args.input, &asked)?, stream))
}

/// Keeps what comes on standard input in a file that its owner alone can read.
fn spool() -> Result<tempfile::NamedTempFile> {
    let failed = |e| Error::write(&std::env::temp_dir(), e);
    // Nor does a signal leave it behind.
    let make = || {
        let file = tempfile::Builder::new().prefix("trace-stream-").tempfile()?;
        let path = file.path().to_owned();
        Ok((file, path))
    };
    let mut file = leftovers::make(make).map_err(failed)?;
    std::io::copy(&mut std::io::stdin().lock(), &mut file).map_err(failed)?;
    Ok(file)
}

/// Runs on a pool of `threads` threads.
fn on_threads<T: Send>(threads: Option<usize>, job: impl FnOnce() -> T + Send) -> Result<T> {
    if threads == Some(0) {
        return Err(Problem::NoThreads.into());
    }
    // More do not make it faster, and thousands take all memory for their stacks.
    let most = 4 * std::thread::available_parallelism().map_or(1, usize::from);
    let threads = threads.unwrap_or(0).min(most);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    Ok(pool.map_err(|e| Problem::ThreadsFailed { what: e.to_string() })?.install(job))
}
