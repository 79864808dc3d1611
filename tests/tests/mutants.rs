//! Crates of documents with faults: if Rust is generated, it compiles.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a failing test may panic")]

mod crates;
#[path = "../../generator/tests/mutants/mutate/mod.rs"]
mod mutate;

use std::path::Path;

use mutate::{Mutants, generated};

/// Number of crates: each takes a quarter of a second.
const COUNT: usize = 40;

/// The first document. Others are in the tests of the generator.
const FIRST: u64 = 10_000;

#[test]
fn mutants_compile_without_a_warning() {
    let mutants = Mutants::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("golden"));
    let output = |number: u64| {
        let mutant = mutants.mutant(number);
        // The number identifies the changes of the document.
        Some((format!("{}-{number}", mutant.case), generated(&mutant.document, |_| {})?))
    };
    let crates: Vec<_> = (FIRST..).filter_map(output).take(COUNT).collect();
    crates::check("mutants", &crates);
}
