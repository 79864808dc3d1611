//! `cargo xtask perf bench`: the tables of docs/benchmarks.md.

use std::ffi::OsString;
use std::io::{self, Write as _};
use std::path::{self, Path, PathBuf};
use std::process::{Command, Stdio};

use clap::ValueEnum as _;

use super::instructions::growth;
use crate::cli::{self, Section};
use crate::error::CommandError;
use crate::generation::{cargo, root, target};
use crate::page::BENCHMARKS;

/// The workspace of the measurements, relative to the repository. It is separate because it needs many packages that
/// nothing else needs.
const WORKSPACE: &str = "bench";

pub(crate) fn run(options: &cli::Bench) -> Result<String, CommandError> {
    let official = options.official.as_deref().map(absolute).transpose()?;
    let driver = build("bench-driver")?;
    let chosen = if options.only.is_empty() { Section::value_variants() } else { &options.only };
    let mut text = String::new();
    for section in chosen {
        let name = name(*section);
        // If stderr is closed, the measurement still counts.
        let _ = writeln!(io::stderr(), "{name}: measuring");
        let tables = measure(&driver, &name, options, official.as_deref())?;
        if !options.print {
            BENCHMARKS.publish(&name, &command(&name), &tables, false)?;
        }
        text.push_str(&format!("== {name}\n\n{tables}\n"));
    }
    Ok(text)
}

/// The command that measures a section.
fn command(section: &str) -> String {
    format!("cargo xtask perf bench {section}")
}

/// The name of the driver's subcommand, and of the section of the page.
fn name(section: Section) -> String {
    section.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
}

/// The path of a file that exists. The driver runs in another directory.
fn absolute(path: &Path) -> Result<PathBuf, CommandError> {
    let found = path.metadata().and_then(|_| path::absolute(path));
    found.map_err(|error| {
        CommandError::file("read the file", path, &error, "name an OpenAPI document with --official FILE")
    })
}

fn measure(driver: &Path, name: &str, options: &cli::Bench, official: Option<&Path>) -> Result<String, CommandError> {
    let mut process = Command::new(driver);
    process.args(arguments(name, options, official, growth()?)).current_dir(root()).stderr(Stdio::inherit());
    let output = process.output();
    let output =
        output.map_err(|error| CommandError::file("run the program", driver, &error, "run the command again"))?;
    if !output.status.success() {
        let hint = format!("fix the error above; `{} --print` measures this section alone", command(name));
        return Err(CommandError::new(format!("the section {name} could not be measured"), hint));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn arguments(name: &str, options: &cli::Bench, official: Option<&Path>, growth: Option<f64>) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = vec![name.into()];
    arguments.extend(["--root".into(), root().into(), "--target".into(), build_directory().into()]);
    if let Some(official) = official {
        arguments.extend(["--official".into(), official.into()]);
    }
    if let Some(rounds) = options.rounds {
        arguments.extend(["--rounds".into(), rounds.to_string().into()]);
    }
    if let Some(growth) = growth {
        arguments.extend(["--growth".into(), growth.to_string().into()]);
    }
    if options.peers {
        arguments.push("--peers".into());
    }
    arguments
}

/// The directory of all builds of [`WORKSPACE`]. It is separate because the sections clean packages and build them
/// again.
fn build_directory() -> PathBuf {
    target().join(WORKSPACE)
}

/// Builds a package of [`WORKSPACE`] and returns the path of its program.
pub(super) fn build(package: &str) -> Result<PathBuf, CommandError> {
    let mut cargo = cargo();
    cargo.args(["build", "--quiet", "--release", "--package", package, "--target-dir"]).arg(build_directory());
    let status = cargo.current_dir(root().join(WORKSPACE)).status();
    match status.map_err(CommandError::cargo)?.success() {
        true => Ok(build_directory().join("release").join(format!("{package}{}", std::env::consts::EXE_SUFFIX))),
        false => Err(CommandError::new(
            format!("{package} does not build"),
            "fix the error above; the first build needs the network",
        )),
    }
}
