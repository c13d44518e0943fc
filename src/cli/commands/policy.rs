//! `trace policy`.

use super::{load_policy, print, read_text};
use crate::cli::flags::PolicyCommand;
use std::path::Path;
use trace::base::error::Result;
use trace::policy::{PRESETS, Policy};

pub fn policy(command: PolicyCommand) -> Result<()> {
    match command {
        PolicyCommand::List => {
            let mut text = String::new();
            for (name, _) in PRESETS {
                text.push_str(&format!("{name:20}{}\n", Policy::preset(name)?.title));
            }
            print(&text)
        }
        PolicyCommand::Show { name } => {
            load_policy(&name)?;
            match PRESETS.iter().find(|(preset, _)| *preset == name) {
                Some((_, text)) => print(text),
                None => print(&read_text(Path::new(&name))?),
            }
        }
    }
}
