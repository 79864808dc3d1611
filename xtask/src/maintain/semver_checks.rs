//! cargo-semver-checks, on two outputs of the generator.

use std::fs;
use std::path::Path;

use polar_codegen::Output;

use crate::crate_manifest;
use crate::error::CommandError;
use crate::generation::{cargo, target};

/// Runs cargo-semver-checks on both crates and returns its findings, or a line that begins with `skipped:`.
pub(crate) fn run(old: &Output, new: &Output) -> Result<String, CommandError> {
    let version = cargo().args(["semver-checks", "--version"]).output();
    if !version.is_ok_and(|output| output.status.success()) {
        let hint = "`cargo install cargo-semver-checks` installs it";
        return Ok(format!("skipped: cargo-semver-checks is not installed: {hint}\n"));
    }
    let directory = target().join("diff");
    let (before, after) = (directory.join("old"), directory.join("new"));
    write(&before, old)?;
    write(&after, new)?;
    let output = cargo()
        .args(["semver-checks", "check-release", "--all-features", "--manifest-path"])
        .arg(after.join("Cargo.toml"))
        .arg("--baseline-root")
        .arg(&before)
        .output()
        .map_err(CommandError::cargo)?;
    // It fails if it finds something, which is its purpose.
    let text = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    Ok(format!("cargo-semver-checks\n{}", text.concat()))
}

/// Writes a crate in place of the one that was there.
fn write(directory: &Path, output: &Output) -> Result<(), CommandError> {
    let failed = |path: &Path, error| CommandError::file("write the file", path, &error, "make the directory writable");
    if directory.exists() {
        fs::remove_dir_all(directory).map_err(|error| failed(directory, error))?;
    }
    let features: Vec<&str> = output.features.iter().map(|feature| feature.name.as_str()).collect();
    let manifest = ("Cargo.toml".to_owned(), crate_manifest::whole(directory, &features));
    let files = output.files.iter().map(|file| (format!("src/{}", file.path), file.text.clone()));
    for (path, text) in files.chain([manifest]) {
        let path = directory.join(path);
        let parent = path.parent().unwrap_or(directory);
        fs::create_dir_all(parent).map_err(|error| failed(parent, error))?;
        fs::write(&path, text).map_err(|error| failed(&path, error))?;
    }
    Ok(())
}
