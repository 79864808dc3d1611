//! `cargo xtask bench`

use std::ffi::OsString;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use clap::ValueEnum as _;

use crate::cli::{self, Section};
use crate::failure::Failure;
use crate::generation::{root, target};
use crate::instructions::growth;
use crate::page::BENCHMARKS;

/// A workspace of its own, from the repository's root: it builds what nobody else needs.
const HOME: &str = "bench";

pub(crate) fn run(options: &cli::Bench) -> Result<String, Failure> {
    let driver = build("bench-driver")?;
    let chosen = if options.only.is_empty() { Section::value_variants() } else { &options.only };
    let mut text = String::new();
    for section in chosen {
        let name = name(*section);
        // Where nobody reads the progress, the result still counts.
        let _ = writeln!(io::stderr(), "{name}: measuring");
        let said = measure(&driver, &name, options)?;
        if !options.print {
            BENCHMARKS.publish(&name, &said, false)?;
        }
        text.push_str(&format!("== {name}\n\n{said}\n"));
    }
    Ok(text)
}

/// The name of the driver's subcommand, and of the part of the page.
fn name(section: Section) -> String {
    section.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
}

fn measure(driver: &Path, name: &str, options: &cli::Bench) -> Result<String, Failure> {
    let mut command = Command::new(driver);
    command.args(arguments(name, options, growth()?)).current_dir(root()).stderr(Stdio::inherit());
    let output = command.output();
    let output = output.map_err(|error| Failure::file("run the program", driver, &error, "run the command again"))?;
    if !output.status.success() {
        let hint = format!("what is wrong stands above; `cargo xtask bench --print {name}` runs it alone");
        return Err(Failure::new(format!("the section {name} could not be measured"), hint));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn arguments(name: &str, options: &cli::Bench, growth: Option<f64>) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = vec![name.into()];
    arguments.extend(["--root".into(), root().into(), "--target".into(), build_directory().into()]);
    arguments.extend(["--official".into(), root().join(&options.official).into()]);
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

/// Builds are kept apart from all others: cleaning a package is part of what is measured.
fn build_directory() -> PathBuf {
    target().join(HOME)
}

/// Builds a package of the bench workspace; gives its program.
pub(crate) fn build(package: &str) -> Result<PathBuf, Failure> {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["build", "--quiet", "--release", "--package", package, "--target-dir"]).arg(build_directory());
    let status = cargo.current_dir(root().join(HOME)).status();
    let hint = "what is wrong stands above; the first build needs the network";
    match status {
        Ok(status) if status.success() => {
            Ok(build_directory().join("release").join(format!("{package}{}", std::env::consts::EXE_SUFFIX)))
        }
        Ok(_) => Err(Failure::new(format!("{package} does not build"), hint)),
        Err(error) => Err(Failure::new(format!("can't run cargo: {error}"), "run this through cargo")),
    }
}
