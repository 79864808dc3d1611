//! Runs independent validators on requests and responses of the generated crate. `cargo xtask verify` installs and
//! calls them.
//!
//! Prints a section of docs/fidelity.md, and errors to stderr. The exit code is 1 if there is an error.

mod instances;
mod official;
mod prism;
mod recordings;
mod tool;

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use polar_testkit::document::Document;

/// The result of a validator.
struct Report {
    /// The section of docs/fidelity.md. The same crate and document give the same text.
    section: String,
    /// The errors, each with its place.
    problems: Vec<String>,
}

fn main() -> io::Result<ExitCode> {
    let directory = |index| std::env::args_os().nth(index).map(PathBuf::from).unwrap_or_default();
    let report = Document::load().and_then(|document| match std::env::args().nth(1).as_deref() {
        Some("conformance") => prism::run(&document),
        Some("instances") => instances::run(&document),
        Some("official") => official::run(&document),
        Some("recordings") => recordings::run(&document, &directory(2), &directory(3)),
        other => {
            let known = "conformance, instances, official or recordings";
            Err(format!("unknown validator `{}`: name {known}", other.unwrap_or_default()))
        }
    });
    match report {
        Ok(report) => {
            io::stdout().write_all(report.section.as_bytes())?;
            let mut err = io::stderr().lock();
            report.problems.iter().try_for_each(|problem| writeln!(err, "error: {problem}"))?;
            Ok(if report.problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
        Err(message) => {
            writeln!(io::stderr(), "error: {message}")?;
            Ok(ExitCode::FAILURE)
        }
    }
}
