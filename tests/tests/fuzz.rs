//! The first inputs of the fuzzer: its corpus, and changes of it, the same ones in each run.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failing test may panic")]

#[path = "../fuzz/targets.rs"]
#[allow(unreachable_pub, reason = "it is the fuzzer's library too")]
mod targets;

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use proptest::collection::vec;
use proptest::prelude::{Strategy, any};
use proptest::sample::{Index, select};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use targets::{TARGETS, run};

/// Time limit of one input, for a build without optimization on a busy machine.
const LONGEST: Duration = Duration::from_secs(10);

/// Number of changes of the corpus for each target.
const CASES: u32 = 200;

fn corpus(name: &str) -> Vec<Vec<u8>> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(name);
    let mut files: Vec<_> = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.iter().map(|path| fs::read(path).unwrap()).collect()
}

fn timed(name: &str, bytes: &[u8]) {
    let begin = Instant::now();
    run(name, bytes);
    assert!(begin.elapsed() < LONGEST, "{name} takes too long for {:?}", String::from_utf8_lossy(bytes));
}

/// An input with a part replaced.
type Edit = (Index, usize, Vec<u8>);

fn edited(mut bytes: Vec<u8>, edits: Vec<Edit>) -> Vec<u8> {
    for (at, length, with) in edits {
        let at = at.index(bytes.len() + 1);
        bytes.splice(at..bytes.len().min(at + length), with);
    }
    bytes
}

/// Parts with a meaning for one of the readers.
fn pieces() -> impl Strategy<Value = Vec<u8>> {
    let tokens = [
        "null",
        "{}",
        "[",
        "]",
        "\"",
        ":",
        ",",
        "-1",
        "1e999",
        "9223372036854775808",
        "\\u0000",
        "\u{feff}",
        "é",
        "$ref",
        "*",
        "&a ",
        "- ",
        "\n",
        "type",
        "\\ud800",
        "",
    ];
    let token = select(tokens.to_vec()).prop_map(|token| token.as_bytes().to_vec());
    proptest::prop_oneof![3 => token, 1 => vec(any::<u8>(), 0..6)]
}

#[test]
fn every_target_takes_its_corpus_and_changes_of_it() {
    for (name, _) in TARGETS {
        let corpus = corpus(name);
        assert!(!corpus.is_empty(), "{name} has no corpus");
        corpus.iter().for_each(|bytes| timed(name, bytes));
        let edits = vec((any::<Index>(), 0..40_usize, pieces()), 1..4);
        let changed = (select(corpus), edits).prop_map(|(bytes, edits)| edited(bytes, edits));
        let config = Config { cases: CASES, failure_persistence: None, ..Config::default() };
        let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
        runner
            .run(&changed, |bytes| {
                timed(name, &bytes);
                Ok(())
            })
            .unwrap_or_else(|failure| panic!("{name}: {failure}"));
    }
}
