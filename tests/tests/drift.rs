//! What is committed is what the document gives, and the public face changes only on purpose.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failing test may panic")]

use std::fs;
use std::path::{Path, PathBuf};

use polar_codegen::{Config, File, Input, Output, Source, generate, surface};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn output() -> Output {
    let read = |name: &str| fs::read(root().join("spec").join(name)).unwrap();
    let (document, overlay, names) = (read("polar-2026-10.yaml"), read("overlay.yaml"), read("names.lock"));
    let docs: Vec<_> =
        docs().into_iter().map(|name| (format!("spec/docs/{name}"), read(&format!("docs/{name}")))).collect();
    let docs: Vec<_> = docs.iter().map(|(file, bytes)| Source { file, bytes }).collect();
    let input = Input {
        document: Source { file: "spec/polar-2026-10.yaml", bytes: &document },
        overlay: Some(Source { file: "spec/overlay.yaml", bytes: &overlay }),
        names: Some(Source { file: "spec/names.lock", bytes: &names }),
        docs: &docs,
        config: Config {
            source: "spec/polar-2026-10.yaml".to_owned(),
            agent: concat!("polar-client/", env!("CARGO_PKG_VERSION")).to_owned(),
        },
    };
    generate(&input).unwrap_or_else(|diagnostics| panic!("{diagnostics}"))
}

/// Names of the files with descriptions.
fn docs() -> Vec<String> {
    let entries = fs::read_dir(root().join("spec/docs")).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.retain(|name| name.ends_with(".yaml"));
    names.sort();
    names
}

#[test]
fn the_committed_crate_is_what_the_document_gives() {
    let output = output();
    for File { path, text, .. } in &output.files {
        let committed = fs::read_to_string(root().join("generated/src").join(path)).unwrap_or_default();
        assert!(committed == *text, "generated/src/{path} is stale: run `cargo xtask regenerate`");
    }
    let lock = fs::read_to_string(root().join("spec/names.lock")).unwrap();
    assert!(lock == output.names.render(), "spec/names.lock is stale: run `cargo xtask regenerate`");
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    assert_eq!(output().files, output().files);
}

#[test]
fn the_public_surface_is_the_one_that_was_reviewed() {
    insta::assert_snapshot!("public_surface", surface(&output().files).join("\n"));
}

#[test]
fn the_items_of_a_file_are_those_of_its_text() {
    let files = output().files;
    let items: Vec<_> = files.iter().flat_map(|file| file.items.clone()).collect();
    assert_eq!(items, surface(&files));
}

#[test]
fn every_place_of_any_json_is_one_that_the_document_leaves_open() {
    let document = polar_testkit::document::Document::load().unwrap();
    for untyped in &output().coverage.untyped {
        let schema = document.at(&untyped.pointer).to_string();
        let open = ["{}", r#""items":{}"#, r#""additionalProperties":{}"#, r#""additionalProperties":true"#];
        assert!(open.iter().any(|open| schema.contains(open)), "{}: {schema}", untyped.pointer);
    }
}
