//! `cargo xtask`: the one place with a command line and a disk.

mod bench;
mod cli;
mod coverage;
mod crate_manifest;
mod docs;
mod failure;
mod features;
mod fidelity;
mod fuzz;
mod generation;
mod hold;
mod instructions;
mod marked;
mod names;
mod ownership;
mod page;
mod readme;
mod regenerate;
mod scopes;
mod table;

use std::io::{self, ErrorKind, Write as _};
use std::process::ExitCode;

use clap::Parser as _;

use cli::{Cli, Command};
use failure::Failure;
use fidelity::Judge;

/// A third of what the generator does is to allocate small things, and to free them.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let text = match Cli::parse().command {
        Command::Regenerate(options) => regenerate::run(&options),
        Command::Coverage(options) => coverage::run(&options),
        Command::Docs(options) => docs::run(&options),
        Command::Names(options) => names::run(&options),
        Command::Scopes(options) => scopes::run(&options),
        Command::Features(options) => features::run(&options),
        Command::Conformance(options) => fidelity::run(Judge::Conformance, &options),
        Command::Instances(options) => fidelity::run(Judge::Instances, &options),
        Command::Fuzz(options) => fuzz::run(&options),
        Command::Official(options) => fidelity::run(Judge::Official, &options),
        Command::Recordings(options) => fidelity::run(Judge::Recordings, &options),
        Command::Bench(options) => bench::run(&options),
        Command::Instructions(options) => instructions::run(&options),
    };
    match text.and_then(|text| print(&text)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            // Where nobody reads messages, the exit code still tells.
            let _ = writeln!(io::stderr(), "{failure}");
            ExitCode::FAILURE
        }
    }
}

/// Prints what a command has to say. That its reader has seen enough, as `head` has, is no failure.
fn print(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::new(format!("can't print: {error}"), "all else is done; send the output elsewhere"))
        }
        _ => Ok(()),
    }
}
