//! Small documents with one idiom each, outside of the repository: each becomes files or errors with a place.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a failing test may panic")]

use std::fs;
use std::path::{Path, PathBuf};

use polar_codegen::{Config, Input, Severity, Source, generate};

fn documents() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/documents");
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let is_document = |path: &PathBuf| path.extension().is_some_and(|end| end == "yaml" || end == "json");
    let mut found: Vec<_> = entries.map(|entry| entry.unwrap().path()).filter(is_document).collect();
    found.sort();
    found
}

#[test]
fn each_document_becomes_rust_or_located_errors() {
    let documents = documents();
    if documents.is_empty() {
        println!("skipped: there is no ../shared/documents");
    }
    for path in documents {
        let name = path.file_name().unwrap().to_str().unwrap();
        let bytes = fs::read(&path).unwrap();
        let input = Input {
            document: Source { file: name, bytes: &bytes },
            overlay: None,
            names: None,
            docs: &[],
            config: Config { source: name.to_owned(), agent: "shop/1.0".to_owned(), ..Config::default() },
        };
        match generate(&input) {
            Ok(output) => {
                for file in output.files.iter().filter(|file| file.path.ends_with(".rs")) {
                    let parsed = syn::parse_file(&file.text);
                    assert!(parsed.is_ok(), "{name}: {} is no Rust: {:?}", file.path, parsed.err());
                }
            }
            Err(problems) => {
                assert!(problems.has_errors(), "{name} is refused without a reason");
                for problem in problems.iter().filter(|problem| problem.severity == Severity::Error) {
                    assert!(problem.file == name && problem.pointer.starts_with("#/"), "no place of: {problem}");
                    assert!(problem.hint.is_some(), "no way out of: {problem}");
                }
            }
        }
    }
}
