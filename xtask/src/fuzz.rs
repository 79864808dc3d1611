//! `cargo xtask fuzz`

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::cli;
use crate::failure::Failure;
use crate::generation::{root, target};
use crate::page::FIDELITY;

/// The fuzzer's package, from the repository's root: a file for each target, and a corpus for each.
const HOME: &str = "tests/fuzz";

pub(crate) fn run(options: &cli::Fuzz) -> Result<String, Failure> {
    if let Some(missing) = missing() {
        return Ok(format!("skipped: cargo xtask fuzz: {missing}\n"));
    }
    let targets = targets()?;
    if let Some(unknown) = options.only.iter().find(|name| !targets.contains(name)) {
        return Err(Failure::new(
            format!("there is no target `{unknown}`"),
            format!("known are: {}", targets.join(", ")),
        ));
    }
    let chosen = if options.only.is_empty() { &targets } else { &options.only };
    for target in chosen {
        fuzz(target, options.seconds)?;
    }
    if options.only.is_empty() {
        FIDELITY.publish("fuzz", &section(&targets, options.seconds), false)?;
    }
    Ok(format!("{} targets, {} seconds each: nothing found\n", chosen.len(), options.seconds))
}

/// What this machine lacks.
fn missing() -> Option<&'static str> {
    let runs = |arguments: &[&str]| {
        let mut command = Command::new("cargo");
        command.args(arguments).stdout(Stdio::null()).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    };
    if !runs(&["+nightly", "--version"]) {
        return Some("the nightly toolchain is missing: rustup toolchain install nightly");
    }
    (!runs(&["+nightly", "fuzz", "--version"])).then_some("cargo-fuzz is missing: cargo install cargo-fuzz")
}

fn targets() -> Result<Vec<String>, Failure> {
    let directory = root().join(HOME).join("fuzz_targets");
    let hint = "take it from the last commit";
    let listed = fs::read_dir(&directory).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let files = listed.map_err(|error| Failure::file("list the targets", &directory, &error, hint))?;
    let names = files.iter().filter_map(|file| Some(file.path().file_stem()?.to_str()?.to_owned()));
    let mut names: Vec<_> = names.collect();
    names.sort();
    Ok(names)
}

/// Builds are kept apart from all others: their flags differ.
fn build_directory() -> PathBuf {
    target().join("fuzz")
}

fn fuzz(target: &str, seconds: u64) -> Result<(), Failure> {
    // Where nobody reads the progress, the result still counts.
    let _ = writeln!(io::stderr(), "{target}: {seconds} seconds");
    let found = build_directory().join("corpus").join(target);
    fs::create_dir_all(&found)
        .map_err(|error| Failure::file("create the directory", &found, &error, "make it writable"))?;
    let mut command = Command::new("cargo");
    command.args(["+nightly", "fuzz", "run", "--fuzz-dir"]).arg(root().join(HOME));
    command.arg("--target-dir").arg(build_directory()).arg(target);
    // New inputs go into the first directory; the committed ones stay as they are.
    command.arg(&found).arg(Path::new(&root()).join(HOME).join("corpus").join(target));
    let limits = [format!("-max_total_time={seconds}"), "-timeout=10".to_owned(), "-rss_limit_mb=2048".to_owned()];
    command.arg("--").args(limits).args(["-verbosity=0", "-print_funcs=0", "-print_final_stats=1"]);
    // A variable of the cargo that called this would take the place of the nightly one.
    let status = command.env_remove("RUSTUP_TOOLCHAIN").current_dir(root()).status();
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(_) => Err(Failure::new(
            format!("{target} found something, or does not build"),
            format!("the input stands above; mend what it shows, and keep it in {HOME}/corpus/{target}"),
        )),
        Err(error) => Err(Failure::new(format!("can't run cargo: {error}"), "run this through cargo")),
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
