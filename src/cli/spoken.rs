//! The help of the command line in the language of whoever reads it.
//!
//! clap holds the English texts, which stand beside the flags; the dictionaries have the others,
//! found by the English. Cost: a walk over all commands.

use super::commands;
use super::guard;
use clap::builder::StyledStr;
use clap::error::{ContextKind, ErrorKind};
use clap::{Arg, ArgAction, Command};
use std::process::ExitCode;
use trace::report::Lang;

/// A command with its texts, and those of its flags and commands, in a language.
pub fn spoken(command: Command, lang: Lang) -> Command {
    if lang == Lang::En {
        return command;
    }
    let own = |text: Option<&StyledStr>| text.and_then(|text| lang.of_help(&text.to_string()));
    let word = |english: &'static str| lang.of_help(english).unwrap_or(english);
    let texts = (own(command.get_about()), own(command.get_long_about()));
    // The one text that keeps its lines: it is found by its first word.
    let after = command.get_after_help().and_then(|_| lang.of_help("Examples:"));
    let names: Vec<String> = command.get_subcommands().map(|of| of.get_name().to_owned()).collect();
    let mut command = command.mut_args(|arg| {
        let heading = if arg.is_positional() { "Arguments" } else { "Options" };
        let help = own(arg.get_help());
        let arg = arg.help_heading(word(heading));
        if let Some(help) = help { arg.help(help).long_help(help) } else { arg }
    });
    for name in names {
        command = command.mut_subcommand(name, |of| spoken(of, lang));
    }
    if let Some(about) = texts.0 {
        command = command.about(about).long_about(texts.1.unwrap_or(about));
    }
    if let Some(after) = after {
        command = command.after_help(after);
    }
    // What clap adds by itself speaks English only.
    let help = Arg::new("help").short('h').long("help").action(ArgAction::Help);
    let help = help.help(word("Print help")).help_heading(word("Options"));
    if command.get_version().is_some() {
        let version = Arg::new("version").short('V').long("version").action(ArgAction::Version);
        let version = version.help(word("Print version")).help_heading(word("Options"));
        command = command.disable_version_flag(true).arg(version);
    }
    let usage = word("Usage:");
    let parts = format!("{{about-with-newline}}\n{usage} {{usage}}\n\n{{all-args}}{{after-help}}");
    let command = command.disable_help_flag(true).arg(help).help_template(parts);
    command.subcommand_help_heading(word("Commands"))
}

/// Says what is wrong with the words that were typed, or shows the help that was asked for, and how
/// the process ends.
pub fn tell(error: &clap::Error, lang: Lang) -> ExitCode {
    match usage(error, lang) {
        Some(text) if commands::has_colours() => guard::tell(&commands::painted(&text)),
        Some(text) => guard::tell(&text),
        None => _ = error.print(),
    }
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
}

/// An error of usage in another language than clap's own; `None` for what clap shows itself.
fn usage(error: &clap::Error, lang: Lang) -> Option<String> {
    if lang == Lang::En {
        return None;
    }
    let of = |kind| error.get(kind).map(ToString::to_string).unwrap_or_default();
    let (arg, value) = (of(ContextKind::InvalidArg), of(ContextKind::InvalidValue));
    let what = match error.kind() {
        ErrorKind::UnknownArgument => lang.fill("there is no flag `{}` here", &[&arg]),
        ErrorKind::InvalidSubcommand => {
            lang.fill("there is no command `{}`", &[&of(ContextKind::InvalidSubcommand)])
        }
        ErrorKind::MissingRequiredArgument => lang.fill("{} has to be said", &[&arg]),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation if value.is_empty() => {
            lang.fill("`{}` needs a value", &[&arg])
        }
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            lang.fill("`{}` cannot be `{}`", &[&arg, &value])
        }
        ErrorKind::ArgumentConflict => {
            lang.fill("`{}` and `{}` exclude each other", &[&arg, &of(ContextKind::PriorArg)])
        }
        _ => return None,
    };
    let hints = [
        ("it can be {}", of(ContextKind::ValidValue)),
        ("perhaps `{}` is meant", of(ContextKind::SuggestedArg)),
        ("perhaps `{}` is meant", of(ContextKind::SuggestedSubcommand)),
    ];
    let mut hints: Vec<String> = hints
        .iter()
        .filter(|(_, text)| !text.is_empty())
        .map(|(say, text)| lang.fill(say, &[text]))
        .collect();
    hints.push(lang.say("--help lists all flags").to_owned());
    let hint = hints.join(lang.say("; "));
    Some(format!("{}\n\n{}", lang.fill("error: {}", &[&what]), lang.fill("hint: {}", &[&hint])))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::flags::Cli;
    use clap::CommandFactory;

    #[test]
    fn errors_of_usage_are_put_into_chinese() {
        let said = |words: &[&str]| {
            let error = Cli::command().try_get_matches_from(words).unwrap_err();
            usage(&error, Lang::Zh).unwrap_or_default()
        };
        let run = |more: &[&'static str]| {
            said(&[&["trace", "run", "--input", "a", "--output", "b"], more].concat())
        };
        assert!(run(&["--formats", "foo"]).contains("不能是 `foo`"));
        assert!(run(&["--formats", "foo"]).contains("可以是 html"));
        assert!(run(&["--threads", "x"]).contains("不能是 `x`"));
        assert!(run(&["--expand", "building"]).contains("--because"));
        assert!(run(&["--therads", "2"]).contains("`--threads`"));
        assert!(said(&["trace", "run"]).contains("--input"));
        assert!(said(&["trace", "rn"]).contains("没有命令 `rn`"));
        assert_eq!(said(&["trace", "run", "--help"]), "");
    }

    fn texts(command: &Command, all: &mut Vec<String>) {
        let own = [command.get_about(), command.get_long_about()];
        all.extend(own.into_iter().flatten().map(ToString::to_string));
        for arg in command.get_arguments() {
            all.extend(
                [arg.get_help(), arg.get_long_help()]
                    .into_iter()
                    .flatten()
                    .map(ToString::to_string),
            );
        }
        command.get_subcommands().for_each(|of| texts(of, all));
    }

    #[test]
    fn every_text_has_words_in_chinese() {
        let mut all = Vec::new();
        texts(&Cli::command(), &mut all);
        all.extend(
            [
                "Examples:",
                "Print help",
                "Print version",
                "Options",
                "Arguments",
                "Commands",
                "Usage:",
            ]
            .map(str::to_owned),
        );
        all.sort();
        all.dedup();
        assert!(all.len() > 80, "{}", all.len());
        let missing: Vec<&String> =
            all.iter().filter(|text| Lang::Zh.of_help(text).is_none()).collect();
        assert!(missing.is_empty(), "{missing:#?}");
    }
}
