//! `cargo xtask perf`: measurements.

mod bench;
mod instructions;

use crate::cli;
use crate::error::CommandError;

pub(crate) fn run(command: &cli::Perf) -> Result<String, CommandError> {
    match command {
        cli::Perf::Bench(options) => bench::run(options),
        cli::Perf::Instructions(options) => instructions::run(options),
    }
}
