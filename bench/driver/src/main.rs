//! Prints one section of docs/benchmarks.md.

use std::process::ExitCode;

use bench_driver::{Cli, run};
use clap::Parser as _;

fn main() -> ExitCode {
    match run(Cli::parse()) {
        Ok(text) => {
            print!("{text}");
            ExitCode::SUCCESS
        }
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}
