//! External programs, and files that are exchanged with them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

/// The directory of the scripts and their packages.
pub(crate) fn home() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../conformance")
}

/// The version of an installed npm package, from its manifest.
pub(crate) fn npm_version(package: &str) -> Result<String, String> {
    let manifest = home().join("node_modules").join(package).join("package.json");
    let value: Value = serde_json::from_slice(&read(&manifest)?).map_err(|error| format!("{package}: {error}"))?;
    value["version"].as_str().map(str::to_owned).ok_or_else(|| format!("{package} has no version"))
}

/// The version of a PyPI package, from the list of requirements.
pub(crate) fn pip_version(package: &str) -> Result<String, String> {
    let list = String::from_utf8_lossy(&read(&home().join("requirements.txt"))?).into_owned();
    let pinned = list.lines().find_map(|line| line.strip_prefix(package)?.strip_prefix("=="));
    pinned.map(str::to_owned).ok_or_else(|| format!("requirements.txt does not pin {package}"))
}

/// Runs a program of `home` to its end; its stderr is passed on.
pub(crate) fn run(program: &Path, arguments: &[&str]) -> Result<Vec<u8>, String> {
    let mut command = Command::new(program);
    let output = command.args(arguments).current_dir(home()).stderr(Stdio::inherit()).output();
    let output = output.map_err(|error| format!("can't run {}: {error}", program.display()))?;
    if output.status.success() { Ok(output.stdout) } else { Err(format!("{} failed", arguments.join(" "))) }
}

pub(crate) fn read(path: &Path) -> Result<Vec<u8>, String> {
    fs::read(path).map_err(|error| format!("can't read {}: {error}", path.display()))
}

pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), String> {
    fs::write(path, bytes).map_err(|error| format!("can't write {}: {error}", path.display()))
}

/// The values of a file of JSON lines.
pub(crate) fn lines(path: &Path) -> Result<Vec<Value>, String> {
    let text = String::from_utf8(read(path)?).map_err(|error| format!("{}: {error}", path.display()))?;
    text.lines()
        .map(|line| serde_json::from_str(line).map_err(|error| format!("{}: {error}", path.display())))
        .collect()
}

/// A directory for one run, next to this program in the target directory. It is removed at the end.
pub(crate) fn scratch() -> Result<tempfile::TempDir, String> {
    let program = std::env::current_exe().map_err(|error| format!("can't find this program: {error}"))?;
    let parent = program.parent().unwrap_or(Path::new("."));
    tempfile::tempdir_in(parent).map_err(|error| format!("can't create a directory in {}: {error}", parent.display()))
}
