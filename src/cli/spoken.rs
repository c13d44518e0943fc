//! The help of the command line in the language of whoever reads it.
//!
//! clap holds the English texts, which stand beside the flags; the dictionaries have the others,
//! found by the English. Cost: a walk over all commands.

use clap::builder::StyledStr;
use clap::{Arg, ArgAction, Command};
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::flags::Cli;
    use clap::CommandFactory;

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
