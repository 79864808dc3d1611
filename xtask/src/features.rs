//! `cargo xtask features`: the crate compiles without warnings for each set of its features.

use std::fs;
use std::io::{self, Write as _};

use toml_edit::DocumentMut;

use crate::cli;
use crate::error::CommandError;
use crate::generation::{CRATE, CRATE_DIRECTORY, cargo, root};
use crate::ownership::MANIFEST;

pub(crate) fn run(options: &cli::Features) -> Result<String, CommandError> {
    let known = names()?;
    if let Some(unknown) = options.only.iter().find(|name| !known.contains(name)) {
        return Err(CommandError::new(
            format!("the crate has no feature `{unknown}`"),
            format!("choose from: {}", known.join(", ")),
        ));
    }
    let mut sets: Vec<Vec<&str>> =
        if options.only.is_empty() { vec![vec!["--no-default-features"], vec!["--all-features"]] } else { Vec::new() };
    let chosen = if options.only.is_empty() { &known } else { &options.only };
    sets.extend(chosen.iter().map(|name| vec!["--no-default-features", "--features", name.as_str()]));
    for set in &sets {
        check(set)?;
    }
    Ok(format!("{} sets of features compile without warnings\n", sets.len()))
}

/// The features of the crate.
pub(crate) fn names() -> Result<Vec<String>, CommandError> {
    let path = root().join(CRATE_DIRECTORY).join(MANIFEST);
    let hint = "run `cargo xtask regenerate`";
    let text = fs::read_to_string(&path).map_err(|error| CommandError::file("read the file", &path, &error, hint))?;
    let manifest: DocumentMut =
        text.parse().map_err(|error| CommandError::at(format!("not valid TOML: {error}"), &path, hint))?;
    let table = manifest.get("features").and_then(|features| features.as_table());
    Ok(table.map(|table| table.iter().map(|(name, _)| name.to_owned()).collect()).unwrap_or_default())
}

/// Checks one set of features. In quiet mode cargo prints nothing unless there is a warning or an error.
fn check(set: &[&str]) -> Result<(), CommandError> {
    let arguments = [&["check", "--quiet", "--package", CRATE][..], set].concat();
    let shown = format!("cargo {}", arguments.join(" "));
    // If stderr is closed, the result still counts.
    let _ = writeln!(io::stderr(), "{shown}");
    let output = cargo().args(&arguments).current_dir(root()).output().map_err(CommandError::cargo)?;
    let messages = String::from_utf8_lossy(&output.stderr);
    if output.status.success() && messages.trim().is_empty() {
        return Ok(());
    }
    Err(CommandError::new(
        format!("the crate does not compile without warnings for a set of features:\n{messages}"),
        format!("fix the errors and warnings; `{shown}` shows them again"),
    ))
}
