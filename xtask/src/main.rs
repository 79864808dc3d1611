//! `cargo xtask`: the only part of the workspace with a command line and access to the disk.

mod cli;
mod coverage;
mod crate_manifest;
mod disk;
mod docs;
mod error;
mod features;
mod fuzz;
mod generation;
mod maintain;
mod markers;
mod names;
mod ownership;
mod page;
mod perf;
mod platforms;
mod readme;
mod regenerate;
mod scopes;
mod staging;
mod table;
mod tools;
mod verify;

use std::io::{self, ErrorKind, Write as _};
use std::process::ExitCode;

use clap::Parser as _;

use cli::{Cli, Command};
use error::CommandError;

/// The generator allocates many small values. It has to be faster than every peer on the same document (see
/// docs/benchmarks.md): it takes 0.30 s of processor time, 0.40 s with the system's allocator, the fastest peer 0.33 s.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let text = match Cli::parse().command {
        Command::Regenerate(options) => regenerate::run(&options),
        Command::Import(options) => maintain::import::run(&options),
        Command::Diff(options) => maintain::diff::run(&options),
        Command::Update(options) => maintain::update::run(&options),
        Command::Release(options) => maintain::release::run(&options),
        Command::Coverage(options) => coverage::run(&options),
        Command::Docs(options) => docs::run(&options),
        Command::Names(options) => names::run(&options),
        Command::Scopes(options) => scopes::run(&options),
        Command::Features(options) => features::run(&options),
        Command::Platforms(options) => platforms::run(&options),
        Command::Verify(command) => verify::run(&command),
        Command::Fuzz(options) => fuzz::run(&options),
        Command::Perf(command) => perf::run(&command),
    };
    match text.and_then(|text| print(&text)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // If stderr is closed, the exit code still reports the failure.
            let _ = writeln!(io::stderr(), "{error}");
            ExitCode::FAILURE
        }
    }
}

/// Prints the output of a command. A reader that closes the pipe early, such as `head`, is not an error.
fn print(text: &str) -> Result<(), CommandError> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(CommandError::new(
            format!("can't print: {error}"),
            "the command itself succeeded; run it again with its output redirected to a place that can be written",
        )),
        _ => Ok(()),
    }
}
