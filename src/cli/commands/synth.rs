//! `trace synth`.

use super::{on_threads, print};
use crate::cli::flags::{Format, Headers, SynthArgs};
use trace::base::error::Result;
use trace::synth::{self, Options, Packed};

pub fn synth(args: SynthArgs) -> Result<()> {
    let packed = match args.format {
        Format::Csv => Packed::Csv,
        Format::Gz => Packed::Gzip,
        Format::Zst => Packed::Zstd,
    };
    let options = Options {
        output: args.output,
        persons: args.persons,
        days: args.days,
        seed: args.seed,
        packed,
        split: args.split,
        chinese: matches!(args.headers, Headers::Zh),
        further: args.further,
    };
    let made = on_threads(args.threads, || synth::make(&options))??;
    if args.quiet {
        return Ok(());
    }
    print(&format!(
        "{} persons over {} days in {}\n{} stays, {} co-locations; {} infections, {} of them confirmed cases\n",
        options.persons,
        options.days,
        options.output.display(),
        made.stays,
        made.colocations,
        made.infections,
        made.cases
    ))
}
