//! `trace policy`.

use super::{load_policy, print, read_text};
use crate::cli::flags::PolicyCommand;
use serde_json::json;
use std::path::Path;
use trace::base::error::Result;
use trace::policy::{PRESETS, Policy};

pub fn policy(command: &PolicyCommand) -> Result<()> {
    match command {
        PolicyCommand::List { json: true } => {
            let about = |(name, _): &(&str, &str)| {
                let policy = Policy::preset(name)?;
                Ok(json!({ "name": name, "title": policy.title, "timezone": policy.timezone }))
            };
            let all = PRESETS.iter().map(about).collect::<Result<Vec<_>>>()?;
            print(&format!("{:#}\n", json!(all)))
        }
        PolicyCommand::List { json: false } => {
            let mut text = String::new();
            for (name, _) in PRESETS {
                text.push_str(&format!("{name:20}{}\n", Policy::preset(name)?.title));
            }
            print(&text)
        }
        PolicyCommand::Show { name } => {
            load_policy(name)?;
            match PRESETS.iter().find(|(preset, _)| preset == name) {
                Some((_, text)) => print(text),
                None => print(&read_text(Path::new(name))?),
            }
        }
    }
}
