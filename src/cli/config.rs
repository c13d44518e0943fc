//! `trace.toml`: flags that are not typed each time, from the input folder or from `--config FILE`.
//!
//! A key is the name of a flag, a list gives it again. What is typed counts before what is written.
//! A file in an export may come from somebody else: it can say how the export is read, what is
//! asked of it and what is shown, and nothing else. It never names a file that is written. What a
//! file sets is said. A value that names a file beside it means that file.

use crate::cli::flags::{AnalysisArgs, Cli, ShowArgs};
use crate::cli::guard;
use clap::{ArgMatches, Args, Command, CommandFactory, parser::ValueSource};
use std::ffi::{OsStr, OsString};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use toml::Value;
use trace::base::error::Result;
use trace::base::problem::Problem;
use trace::report::Lang;

/// The name of the file in an input folder.
const NAME: &str = "trace.toml";

/// Of the flags about an export and about what is shown, those that the person at the machine
/// decides: where from and where to, and how much of people is seen.
const OURS: [&str; 3] = ["input", "show-values", "full-ids"];

/// Of the other flags, those that a file in an export may set: none of them writes a file or
/// replaces one.
const ALSO: [&str; 10] = [
    "since", "digests", "no-names", "keep", "looser", "json", "verbose", "results", "zones",
    "people",
];

/// Whether a file in an export may set a flag: a new flag is one that it may not.
fn may_come_along(name: &str) -> bool {
    let about_an_export = ShowArgs::augment_args(AnalysisArgs::augment_args(Command::new("")));
    let mut known = about_an_export.get_arguments();
    !OURS.contains(&name) && (ALSO.contains(&name) || known.any(|arg| arg.get_long() == Some(name)))
}

/// What a file set.
#[derive(Debug, Clone, Default)]
pub struct Config {
    /// The file.
    pub file: Option<PathBuf>,
    /// The names of the flags that it set.
    pub flags: Vec<String>,
    /// The command line with them.
    pub arguments: Vec<OsString>,
}

static CONFIG: OnceLock<Config> = OnceLock::new();

/// What the configuration of this command was.
pub fn config() -> &'static Config {
    CONFIG.get_or_init(Config::default)
}

/// The command line with what a file says behind the name of the command.
///
/// # Errors
/// When the file cannot be read, or sets what is no flag.
pub fn arguments(typed: Vec<OsString>) -> Result<Vec<OsString>> {
    let config = with_file(typed)?;
    Ok(CONFIG.get_or_init(|| config).arguments.clone())
}

fn with_file(typed: Vec<OsString>) -> Result<Config> {
    let without = |arguments| Config { arguments, ..Config::default() };
    let commands = Cli::command();
    let Some((command, own, at)) = command_of(&commands, &typed) else {
        return Ok(without(typed));
    };
    let path = |id: &str| own.try_get_one::<PathBuf>(id).ok().flatten().cloned();
    let named = path("config");
    let is_ours = named.is_some();
    let beside = path("input").map(|dir| dir.join(NAME)).filter(|file| file.is_file());
    let Some(file) = named.or(beside) else {
        return Ok(without(typed));
    };
    let origin = file.display().to_string();
    let wrong = |what: String| Problem::ConfigWrong { origin: origin.clone(), what };
    let text = std::fs::read_to_string(&file).map_err(|e| wrong(e.to_string()))?;
    let table: toml::Table = text.parse().map_err(|e: toml::de::Error| wrong(e.to_string()))?;
    let (mut flags, mut set) = (Vec::new(), Vec::new());
    for (key, value) in &table {
        let name = key.replace('_', "-");
        if !is_flag(&commands, &name) {
            return Err(wrong(format!("`{key}` is no flag")).into());
        }
        if !is_ours && !may_come_along(&name) {
            return Err(wrong(format!("a file in an export must not set `{key}`")).into());
        }
        let known = command.get_arguments().find(|arg| arg.get_long() == Some(&name));
        let Some(arg) = known else { continue };
        if own.value_source(arg.get_id().as_str()) == Some(ValueSource::CommandLine) {
            continue;
        }
        let of = words(&name, value, file.parent().unwrap_or(Path::new("")));
        let neither = || wrong(format!("`{key}` is neither text, number, truth nor list"));
        let of = of.ok_or_else(neither)?;
        // A switch that is off is as if it was not there.
        if !of.is_empty() {
            set.extend(of);
            flags.push(name);
        }
    }
    let mut arguments = typed;
    arguments.splice(at..at, set);
    Ok(Config { file: Some(file), flags, arguments })
}

/// The command that is typed, its flags as typed, and behind which word its flags may stand;
/// `None` where no command is typed, or help is asked for.
fn command_of<'c>(
    commands: &'c Command,
    typed: &[OsString],
) -> Option<(&'c Command, ArgMatches, usize)> {
    // What is wrong with the line is said when it is read with the flags of the file in it.
    let lenient = commands.clone().ignore_errors(true);
    let mut own = lenient.try_get_matches_from(typed).ok()?;
    let (mut command, mut at) = (commands, 1);
    while let Some((name, of_command)) = own.remove_subcommand() {
        // What stands behind --config is a file.
        let is_name = |n: &usize| *typed[*n] == *name && typed[n - 1] != "--config";
        at = 1 + (at..typed.len()).find(is_name)?;
        (command, own) = (command.find_subcommand(&name)?, of_command);
    }
    (at > 1).then_some((command, own, at))
}

/// Whether some command has a flag.
fn is_flag(command: &Command, name: &str) -> bool {
    command.get_arguments().any(|arg| arg.get_long() == Some(name))
        || command.get_subcommands().any(|of| is_flag(of, name))
}

/// Says what a file set, unless the command is to be quiet.
pub fn tell(matches: &ArgMatches, lang: Lang) {
    let (mut own, config) = (matches, config());
    while let Some((_, of_command)) = own.subcommand() {
        own = of_command;
    }
    // A file that asks for quiet is not quiet about itself.
    let is_quiet = own.try_get_one::<bool>("quiet").ok().flatten() == Some(&true);
    if is_quiet && !config.flags.iter().any(|flag| flag == "quiet") {
        return;
    }
    if let Some(file) = config.file.as_ref().filter(|_| !config.flags.is_empty()) {
        let flags = config.flags.join(", ");
        guard::tell(&lang.fill("{} sets {}", &[&file.display(), &flags]));
    }
}

/// What is typed behind a flag, or nothing when it is not typed.
pub fn value_of(typed: &[OsString], name: &str) -> Option<OsString> {
    let at = typed.iter().position(|word| {
        let word = word.to_string_lossy();
        word == name || word.strip_prefix(name).is_some_and(|rest| rest.starts_with('='))
    })?;
    let word = typed[at].to_string_lossy();
    match word.split_once('=') {
        Some((_, value)) => Some(value.into()),
        None => Some(typed.get(at + 1).cloned().unwrap_or_default()),
    }
}

/// A flag as it is typed.
fn words(name: &str, value: &Value, dir: &Path) -> Option<Vec<OsString>> {
    let one = |text: String| {
        // A file beside the configuration is that file, from wherever the command runs.
        let beside = dir.join(&text);
        let text = if beside.is_file() { beside.into_os_string() } else { text.into() };
        let mut word = OsString::from(format!("--{name}="));
        word.push(text);
        word
    };
    Some(match value {
        Value::String(text) => vec![one(text.clone())],
        Value::Integer(number) => vec![one(number.to_string())],
        Value::Float(number) => vec![one(number.to_string())],
        Value::Datetime(at) => vec![one(at.to_string())],
        Value::Boolean(true) => vec![format!("--{name}").into()],
        Value::Boolean(false) => Vec::new(),
        Value::Array(all) => {
            let each = all.iter().map(|of| words(name, of, dir));
            each.collect::<Option<Vec<_>>>()?.into_iter().flatten().collect()
        }
        Value::Table(_) => return None,
    })
}

/// Every flag of a command with its value and where that comes from, as such a file.
pub fn shown(matches: &ArgMatches) -> String {
    let config = config();
    let Some((name, own)) = matches.subcommand() else { return String::new() };
    let commands = Cli::command();
    let Some(command) = commands.find_subcommand(name) else { return String::new() };
    let mut text = String::new();
    for arg in command.get_arguments() {
        let Some(long) = arg.get_long().filter(|long| !["help", "show-config"].contains(long))
        else {
            continue;
        };
        let id = arg.get_id().as_str();
        let from = match own.value_source(id) {
            Some(ValueSource::DefaultValue) | None => "default",
            Some(_) if config.flags.iter().any(|flag| flag == long) => NAME,
            Some(_) => "typed",
        };
        let raw: Vec<&OsStr> = own.get_raw(id).into_iter().flatten().collect();
        let quoted = |word: &&OsStr| Value::String(word.to_string_lossy().into_owned()).to_string();
        let is_switch = !arg.get_action().takes_values();
        let value = match raw.as_slice() {
            _ if is_switch => own.get_flag(id).to_string(),
            [] => {
                let _ = writeln!(text, "# {long} is not set");
                continue;
            }
            [one] => quoted(one),
            all => format!("[{}]", all.iter().map(quoted).collect::<Vec<_>>().join(", ")),
        };
        let _ = writeln!(text, "{long} = {value}  # {from}");
    }
    text
}
