//! x
use crate::cli::SynthArgs;
use trace::error::Result;
pub fn synth(_args: SynthArgs) -> Result<()> { Ok(()) }
