//! `cargo xtask features`

use std::fs;
use std::io::{self, Write as _};
use std::process::Command;

use toml_edit::DocumentMut;

use crate::cli;
use crate::failure::Failure;
use crate::generation::{CRATE, root};

/// The crate's manifest, from the repository's root.
const MANIFEST: &str = "generated/Cargo.toml";

pub(crate) fn run(options: &cli::Features) -> Result<String, Failure> {
    let known = features()?;
    if let Some(unknown) = options.only.iter().find(|name| !known.contains(name)) {
        return Err(Failure::new(
            format!("there is no feature `{unknown}`"),
            format!("known are: {}", known.join(", ")),
        ));
    }
    let mut sets: Vec<Vec<&str>> =
        if options.only.is_empty() { vec![vec!["--no-default-features"], vec!["--all-features"]] } else { Vec::new() };
    let chosen = if options.only.is_empty() { &known } else { &options.only };
    sets.extend(chosen.iter().map(|name| vec!["--no-default-features", "--features", name.as_str()]));
    for set in &sets {
        check(set)?;
    }
    Ok(format!("{} sets of features compile without a warning\n", sets.len()))
}

fn features() -> Result<Vec<String>, Failure> {
    let path = root().join(MANIFEST);
    let hint = "run `cargo xtask regenerate`";
    let text = fs::read_to_string(&path).map_err(|error| Failure::file("read the file", &path, &error, hint))?;
    let manifest: DocumentMut = text.parse().map_err(|error| Failure::at(format!("no TOML: {error}"), &path, hint))?;
    let table = manifest.get("features").and_then(|features| features.as_table());
    Ok(table.map(|table| table.iter().map(|(name, _)| name.to_owned()).collect()).unwrap_or_default())
}

/// Cargo says nothing in quiet mode unless there is a warning or an error.
fn check(set: &[&str]) -> Result<(), Failure> {
    let arguments = [&["check", "--quiet", "--package", CRATE][..], set].concat();
    let shown = format!("cargo {}", arguments.join(" "));
    // Where nobody reads the progress, the result still counts.
    let _ = writeln!(io::stderr(), "{shown}");
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo).args(&arguments).current_dir(root()).output();
    let output = output.map_err(|error| Failure::new(format!("can't run cargo: {error}"), "run this through cargo"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    if output.status.success() && said.trim().is_empty() {
        return Ok(());
    }
    Err(Failure::new(
        format!("the crate does not compile, or warns, with these features:\n{said}"),
        format!("run `{shown}`"),
    ))
}
