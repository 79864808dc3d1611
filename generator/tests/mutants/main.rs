//! Thousands of documents with faults: each becomes Rust or errors with a place, also if the overlay accepts all errors
//! that it can accept. `tests/tests/mutants.rs` compiles the Rust of some of them.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a failing test may panic")]

mod mutate;

use std::path::Path;

use mutate::{Mutant, Mutants, generated};
use polar_codegen::{Output, Severity};

/// Number of documents.
const COUNT: u64 = 2_000;

/// Maximum bytes of output for each byte of a document, and for an empty document.
const FILES_BYTES: (usize, usize) = (100, 100_000);

/// Maximum size of a report in bytes.
const REPORT_BYTES: usize = 40_000;

/// Returns the files of a mutant, after its errors were accepted if necessary, or nothing.
fn files(number: u64, Mutant { case, changes, document }: Mutant) -> Option<Output> {
    let context = format!("mutant {number} of {case}: {changes:?}");
    let output = generated(&document, |problems| {
        assert!(problems.has_errors(), "{context}: refused without a reason");
        assert!(problems.report().len() < REPORT_BYTES, "{context}: {}", problems.report());
        for problem in problems.iter().filter(|problem| problem.severity == Severity::Error) {
            let is_located = problem.pointer.starts_with('#') && problem.hint.is_some();
            assert!(is_located, "{context}: no place or hint: {problem}");
        }
    })?;
    check(&context, document.to_string().len(), &output);
    Some(output)
}

fn check(context: &str, bytes: usize, output: &Output) {
    let files = output.files.iter().filter(|file| file.path.ends_with(".rs"));
    for file in files {
        let parsed = syn::parse_file(&file.text);
        assert!(parsed.is_ok(), "{context}: {} is not Rust: {:?}", file.path, parsed.err());
    }
    assert!(output.coverage.unaccounted.is_empty(), "{context}: lost sight of {:?}", output.coverage.unaccounted);
    let written: usize = output.files.iter().map(|file| file.text.len()).sum();
    assert!(written < FILES_BYTES.0 * bytes + FILES_BYTES.1, "{context}: {written} bytes out of {bytes}");
}

#[test]
fn mutants_become_rust_or_located_errors() {
    let mutants = Mutants::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/golden"));
    let written = (0..COUNT).filter(|number| files(*number, mutants.mutant(*number)).is_some()).count();
    assert!(written > 500, "only {written} mutants became Rust");
}
