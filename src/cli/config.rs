//! `trace.toml`: flags that are not typed each time, from the input folder or from `--config FILE`.
//!
//! A key is the name of a flag, a list gives it again. What is typed counts before what is written.
//! A file in an export cannot say where results go, or what may be replaced: the folder may come
//! from somebody else; and what it sets is said. Paths are those beside the file.

use crate::cli::flags::Cli;
use clap::{ArgMatches, CommandFactory, parser::ValueSource};
use std::ffi::{OsStr, OsString};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use toml::Value;
use trace::base::error::Result;
use trace::base::problem::Problem;

/// The name of the file in an input folder.
const NAME: &str = "trace.toml";

/// What a file that came with an export must not decide.
const OURS: [&str; 8] =
    ["input", "output", "force", "pseudonyms", "names", "full-ids", "show-values", "config"];

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
    let command = typed.get(1).and_then(|name| name.to_str());
    let commands = Cli::command();
    let Some(command) = command.and_then(|name| commands.find_subcommand(name)) else {
        return Ok(without(typed));
    };
    let flag = |name: &str| value_of(&typed, name);
    let named = flag("--config").map(PathBuf::from);
    let is_ours = named.is_some();
    let beside = flag("--input").or_else(|| flag("-i")).map(|dir| Path::new(&dir).join(NAME));
    let Some(file) = named.or(beside.filter(|file| file.is_file())) else {
        return Ok(without(typed));
    };
    let origin = file.display().to_string();
    let wrong = |what: String| Problem::ConfigWrong { origin: origin.clone(), what };
    let text = std::fs::read_to_string(&file).map_err(|e| wrong(e.to_string()))?;
    let table: toml::Table = text.parse().map_err(|e: toml::de::Error| wrong(e.to_string()))?;
    let (mut flags, mut set) = (Vec::new(), Vec::new());
    for (key, value) in &table {
        let name = key.replace('_', "-");
        let has = |of: &clap::Command| of.get_arguments().any(|arg| arg.get_long() == Some(&name));
        if !commands.get_subcommands().any(has) {
            return Err(wrong(format!("`{key}` is no flag")).into());
        }
        if !is_ours && OURS.contains(&name.as_str()) {
            return Err(wrong(format!("a file in an export must not set `{key}`")).into());
        }
        let short = command.get_arguments().find(|arg| arg.get_long() == Some(&name));
        let Some(arg) = short else { continue };
        let short = arg.get_short().map(|short| format!("-{short}"));
        let typed_too = value_of(&typed, &format!("--{name}")).is_some()
            || short.is_some_and(|short| value_of(&typed, &short).is_some());
        if typed_too {
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
    arguments.splice(2..2, set);
    Ok(Config { file: Some(file), flags, arguments })
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
