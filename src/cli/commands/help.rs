//! `trace help` and `trace man`.

use super::print;
use crate::cli::flags::Cli;
use crate::cli::spoken::spoken;
use clap::CommandFactory;
use std::path::Path;
use trace::base::error::{Error, Result};
use trace::base::problem::Problem;
use trace::docs;
use trace::output::{Compared, description};
use trace::questions::{audit, case, partition, person, sensitivity, why_not, zone};
use trace::report::{self, Lang};

pub fn help(topic: Option<&str>, lang: Lang) -> Result<()> {
    let mut command = spoken(Cli::command(), lang);
    let Some(topic) = topic else {
        return print(&command.render_long_help().to_string());
    };
    match topic {
        "tables" => {
            print(&format!("{}{}\n", docs::tables(lang), description::told(lang).trim_end()))
        }
        "systems" => print(docs::systems(lang)),
        "dhis2" => print(report::DHIS2_TEMPLATE),
        "rules" => print(docs::rules(lang)),
        _ if topic.starts_with("schema-") => schema(topic),
        _ => match command.find_subcommand_mut(topic) {
            Some(sub) => {
                let mut named = sub.clone().bin_name(format!("trace {topic}"));
                print(&named.render_long_help().to_string())
            }
            None => Err(Problem::NoHelp { topic: topic.to_owned() }.into()),
        },
    }
}

/// The JSON Schema of an answer.
fn schema(topic: &str) -> Result<()> {
    let schema = match topic {
        "schema-explain-person" => schemars::schema_for!(person::PersonExplained),
        "schema-explain-zone" => schemars::schema_for!(zone::ZoneExplained),
        "schema-explain-case" => schemars::schema_for!(case::CaseExplained),
        "schema-why-not" => schemars::schema_for!(why_not::WhyNot),
        "schema-audit" => schemars::schema_for!(audit::Audit),
        "schema-diff" => schemars::schema_for!(Compared),
        "schema-partition" => schemars::schema_for!(partition::Partition),
        "schema-sensitivity" => schemars::schema_for!(sensitivity::Sensitivity),
        _ => return Err(Problem::NoHelp { topic: topic.to_owned() }.into()),
    };
    print(&format!("{:#}\n", schema.as_value()))
}

pub fn man(output: Option<&Path>) -> Result<()> {
    let command = Cli::command();
    match output {
        Some(dir) => {
            std::fs::create_dir_all(dir).map_err(|e| Error::write(dir, e))?;
            clap_mangen::generate_to(command, dir).map_err(|e| Error::write(dir, e))
        }
        None => {
            let mut page = Vec::new();
            let rendered = clap_mangen::Man::new(command).render(&mut page);
            rendered.map_err(|e| Error::write(Path::new("stdout"), e))?;
            print(&String::from_utf8_lossy(&page))
        }
    }
}
