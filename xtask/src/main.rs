//! `cargo xtask`: the one place with a command line and a disk.

mod cli;
mod coverage;
mod crate_manifest;
mod failure;
mod generation;
mod names;
mod ownership;
mod regenerate;
mod table;

use std::process::ExitCode;

use clap::Parser as _;

use cli::{Cli, Command};

fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Regenerate(options) => regenerate::run(&options),
        Command::Coverage(options) => coverage::run(&options),
        Command::Names(options) => names::run(&options),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}
