//! `cargo xtask fuzz`: runs the fuzz targets.

use std::fs;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::cli;
use crate::error::CommandError;
use crate::generation::{root, target};
use crate::page::FIDELITY;

/// The package of the fuzz targets, relative to the repository. It has one program and one corpus for each target.
const PACKAGE: &str = "tests/fuzz";

/// The name of this command.
const COMMAND: &str = "cargo xtask fuzz";

pub(crate) fn run(options: &cli::Fuzz) -> Result<String, CommandError> {
    if let Some(missing) = missing() {
        return Ok(format!("skipped: {COMMAND}: {missing}\n"));
    }
    let targets = targets()?;
    if let Some(unknown) = options.only.iter().find(|name| !targets.contains(name)) {
        return Err(CommandError::new(
            format!("the target `{unknown}` does not exist"),
            format!("choose from: {}", targets.join(", ")),
        ));
    }
    let chosen = if options.only.is_empty() { &targets } else { &options.only };
    for target in chosen {
        fuzz(target, options.seconds)?;
    }
    if options.only.is_empty() {
        FIDELITY.publish("fuzz", COMMAND, &section(&targets, options.seconds), false)?;
    }
    Ok(format!("{} targets, {} seconds each: nothing found\n", chosen.len(), options.seconds))
}

/// What is missing on this machine, and how to install it.
fn missing() -> Option<&'static str> {
    let runs = |arguments: &[&str]| {
        let mut command = Command::new("cargo");
        command.args(arguments).stdout(Stdio::null()).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    };
    if !runs(&["+nightly", "--version"]) {
        return Some("the nightly toolchain is missing: run `rustup toolchain install nightly`");
    }
    (!runs(&["+nightly", "fuzz", "--version"])).then_some("cargo-fuzz is missing: run `cargo install cargo-fuzz`")
}

fn targets() -> Result<Vec<String>, CommandError> {
    let directory = root().join(PACKAGE).join("fuzz_targets");
    let hint = "restore it from version control";
    let listed = fs::read_dir(&directory).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let files = listed.map_err(|error| CommandError::file("list the directory", &directory, &error, hint))?;
    let names = files.iter().filter_map(|file| Some(file.path().file_stem()?.to_str()?.to_owned()));
    let mut names: Vec<_> = names.collect();
    names.sort();
    Ok(names)
}

/// The directory of the fuzzer's builds. It is separate because their compiler flags differ from all others.
fn build_directory() -> PathBuf {
    target().join("fuzz")
}

fn fuzz(target: &str, seconds: u64) -> Result<(), CommandError> {
    // If stderr is closed, the result still counts.
    let _ = writeln!(io::stderr(), "{target}: {seconds} seconds");
    let found = build_directory().join("corpus").join(target);
    fs::create_dir_all(&found)
        .map_err(|error| CommandError::file("create the directory", &found, &error, "make its parent writable"))?;
    let mut command = Command::new("cargo");
    command.args(["+nightly", "fuzz", "run", "--fuzz-dir"]).arg(root().join(PACKAGE));
    command.arg("--target-dir").arg(build_directory()).arg(target);
    // The fuzzer adds new inputs to the first directory only, so that the committed corpus does not change.
    command.arg(&found).arg(root().join(PACKAGE).join("corpus").join(target));
    let limits = [format!("-max_total_time={seconds}"), "-timeout=10".to_owned(), "-rss_limit_mb=2048".to_owned()];
    command.arg("--").args(limits).args(["-verbosity=0", "-print_funcs=0", "-print_final_stats=1"]);
    // The cargo that runs this command sets the variable, which would override `+nightly`.
    let status = command.env_remove("RUSTUP_TOOLCHAIN").current_dir(root()).status();
    match status.map_err(CommandError::cargo)?.success() {
        true => Ok(()),
        false => Err(CommandError::new(
            format!("{target} found an error, or does not build"),
            format!("fix the error above, then add the input to {PACKAGE}/corpus/{target}"),
        )),
    }
}

fn section(targets: &[String], seconds: u64) -> String {
    let minutes = targets.len() as u64 * seconds / 60;
    let names: Vec<String> = targets.iter().map(|name| format!("`{name}`")).collect();
    format!(
        "{} targets, {seconds} seconds each, {minutes} minutes in all, with at most 2 GB and 10 seconds for one input: {}.\n\n\
         Findings of this run: none.\n",
        targets.len(),
        names.join(", "),
    )
}
