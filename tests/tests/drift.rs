//! What is committed is what the document gives, and the public API changes only on purpose.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failing test may panic")]

use std::fs;
use std::path::{Path, PathBuf};

use polar_codegen::repository::NAMES;
use polar_codegen::{File, Output, generate, public_api};
use polar_testkit::inputs::Inputs;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn output() -> Output {
    Inputs::load().unwrap().run(generate).unwrap_or_else(|diagnostics| panic!("{diagnostics}"))
}

#[test]
fn the_committed_crate_is_what_the_document_gives() {
    let output = output();
    for File { path, text, .. } in &output.files {
        let committed = fs::read_to_string(root().join("generated/src").join(path)).unwrap_or_default();
        assert!(committed == *text, "generated/src/{path} is stale: run `cargo xtask regenerate`");
    }
    let lock = fs::read_to_string(root().join(NAMES)).unwrap();
    assert!(lock == output.names.render(), "{NAMES} is stale: run `cargo xtask regenerate`");
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    assert_eq!(output().files, output().files);
}

#[test]
fn the_public_api_is_the_reviewed_one() {
    insta::assert_snapshot!("public_api", public_api(&output().files).join("\n"));
}

#[test]
fn the_items_of_a_file_are_those_of_its_text() {
    let files = output().files;
    let items: Vec<_> = files.iter().flat_map(|file| file.items.clone()).collect();
    for (item, of_text) in items.iter().zip(public_api(&files)) {
        assert_eq!(*item, of_text);
    }
    assert_eq!(items.len(), public_api(&files).len());
}

#[test]
fn every_place_of_any_json_is_one_that_the_document_leaves_open() {
    let document = polar_testkit::document::Document::load().unwrap();
    for untyped in &output().coverage.untyped {
        let schema = document.at(&untyped.pointer).to_string();
        // An extension says nothing about the value.
        let schema = schema.replace(r#"{"x-redacted":true}"#, "{}");
        let open = ["{}", r#""items":{}"#, r#""additionalProperties":{}"#, r#""additionalProperties":true"#];
        assert!(open.iter().any(|open| schema.contains(open)), "{}: {schema}", untyped.pointer);
    }
}
