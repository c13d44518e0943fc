//! The binary as a user runs it: files, exit codes, messages.

mod bad_input;
mod checks;
mod config;
#[cfg(feature = "parquet")]
mod distributed;
mod extras;
mod folder;
mod folders;
mod forms;
mod headers;
mod identities;
mod ids;
mod notice;
mod output;
mod people;
mod questions;
mod real_logs;
mod same;
mod samples;
mod swaps;
mod systems;
mod times;
mod trust;
mod workbooks;
