//! The sections of docs/benchmarks.md. `cargo xtask perf bench` builds this program, runs it for each section, and
//! writes the output into the page.

mod baseline;
mod budget;
mod child;
mod clients;
mod competitors;
pub mod counted;
mod machine;
mod sections;
mod server;
mod spread;

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::{Args, Parser, Subcommand};

/// The program's command line.
#[derive(Debug, Parser)]
#[command(name = "bench-driver", about = "Measures one section of docs/benchmarks.md.")]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// The generator as a whole process.
    Generate(Options),
    /// The compiler on the generated crate.
    Compile(Options),
    /// The compiler on each version of the API.
    Versions(Options),
    /// Reading and writing JSON.
    Decode(Options),
    /// One call over loopback.
    Call(Options),
    /// Stripped programs.
    Size(Options),
    /// Long lists.
    Stream(Options),
    /// Runs a program and prints what it took.
    #[command(hide = true)]
    Run {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        words: Vec<OsString>,
    },
    /// Answers everything with a page of so many products, out of so many in all.
    #[command(hide = true)]
    Serve { count: usize, total: usize },
}

/// What a section is told.
#[derive(Args, Clone, Debug)]
struct Options {
    /// The repository.
    #[arg(long, value_name = "DIR")]
    root: PathBuf,
    /// Where all that is measured gets built.
    #[arg(long, value_name = "DIR")]
    target: PathBuf,
    /// How often each figure is taken [default: what the section thinks right].
    #[arg(long, value_name = "N")]
    rounds: Option<usize>,
    /// Another OpenAPI document to generate from.
    #[arg(long, value_name = "FILE")]
    official: Option<PathBuf>,
    /// Instructions for generating from 16 times the document, to those for it, as they were counted last.
    #[arg(long, value_name = "RATIO")]
    growth: Option<f64>,
    /// Also measure the generators of others.
    #[arg(long)]
    peers: bool,
}

impl Options {
    fn rounds(&self, default: usize) -> usize {
        self.rounds.unwrap_or(default).max(1)
    }

    /// The workspace of what is measured here.
    fn bench(&self) -> PathBuf {
        self.root.join("bench")
    }

    /// The first lines of a section: how to get it again, and on what it was taken.
    fn heading(&self, command: &str, rounds: usize, packages: &[&str]) -> String {
        let plural = if rounds == 1 { "" } else { "s" };
        let versions = machine::versions(&self.bench().join("Cargo.lock"), packages);
        format!(
            "`cargo xtask perf bench {command}`, {rounds} round{plural}; of each figure the median, and in brackets the \
             smallest and the largest.\n{}; {}{}{versions}.\n",
            machine::facts(),
            machine::rustc(),
            if packages.is_empty() { "" } else { ", " },
        )
    }

    fn cargo(&self, workspace: &Path) -> std::process::Command {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut command = std::process::Command::new(cargo);
        command.current_dir(workspace).env("CARGO_TERM_COLOR", "never");
        command
    }
}

/// Does what the command line says; gives what is to be printed.
///
/// # Errors
/// Something can't be measured; the text says what.
pub fn run(cli: Cli) -> Result<String, String> {
    match cli.command {
        Command::Generate(options) => sections::generate::run(&options),
        Command::Compile(options) => sections::compile::run(&options),
        Command::Versions(options) => sections::versions::run(&options),
        Command::Decode(options) => sections::decode::run(&options),
        Command::Call(options) => sections::call::run(&options),
        Command::Size(options) => sections::size::run(&options),
        Command::Stream(options) => sections::stream::run(&options),
        Command::Run { words } => child::run(&words),
        Command::Serve { count, total } => {
            server::serve(count, total).map(|()| String::new()).map_err(|error| format!("can't serve: {error}"))
        }
    }
}
