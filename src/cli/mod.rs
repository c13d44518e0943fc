//! The command line: flags, commands, bars, messages. A thin shell over the library.

pub mod commands;
pub mod config;
pub mod flags;
pub mod guard;
pub mod memory;
pub mod progress;
pub mod spoken;
