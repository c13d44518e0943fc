//! `trace sensitivity`.

use super::explain::{answer, asked_for};
use super::{on_threads, open_folder, too_many};
use crate::cli::flags::SensitivityArgs;
use crate::cli::progress::Bars;
use trace::base::error::Result;
use trace::output::write_private;
use trace::pipeline::Outcome;
use trace::questions::sensitivity::{self, Sensitivity};
use trace::report::Lang;

pub fn sensitivity(args: SensitivityArgs, lang: Lang) -> Result<()> {
    let request = asked_for(&args.ask)?;
    let input = &args.ask.analysis.input;
    let (folder, _stream) = open_folder(input, &request.settings)?;
    let bars = Bars::new(input.quiet, lang);
    let work = || sensitivity::sensitivity(&folder, &request, &bars);
    let found = match on_threads(input.threads, work)?? {
        Outcome::Done(found) => *found,
        Outcome::TooManyRejects(rejected) => return Err(too_many(*rejected)),
    };
    let Sensitivity { lines, near, .. } = &found;
    if let Some(path) = &args.csv {
        write_private(path, |out| write(lines, out))?;
    }
    if let Some(path) = &args.svg {
        let picture = sensitivity::picture(&found, lang);
        write_private(path, |out| out.write_all(picture.as_bytes()))?;
    }
    if let Some(path) = &args.near {
        write_private(path, |out| write(near, out))?;
    }
    answer(&found, &args.ask.answer, lang)
}

/// Writes rows as CSV.
fn write<T: serde::Serialize>(
    rows: &[T],
    out: &mut (dyn std::io::Write + Send),
) -> std::io::Result<()> {
    let mut table = csv::Writer::from_writer(out);
    rows.iter().try_for_each(|row| table.serialize(row))?;
    table.flush()
}
