//! The committed crate is the one of the document, and the public API changes only on purpose.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failing test may panic")]

use std::fs;
use std::path::{Path, PathBuf};

use polar_codegen::repository::{DOCS, DOCUMENT, NAMES, OVERLAY};
use polar_codegen::{Config, File, Input, Output, Source, generate, public_api};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn output() -> Output {
    let read = |name: &str| fs::read(root().join(name)).unwrap();
    let (document, overlay, names) = (read(DOCUMENT), read(OVERLAY), read(NAMES));
    let docs: Vec<_> = docs().into_iter().map(|name| (name.clone(), read(&name))).collect();
    let docs: Vec<_> = docs.iter().map(|(file, bytes)| Source { file, bytes }).collect();
    let input = Input {
        document: Source { file: DOCUMENT, bytes: &document },
        overlay: Some(Source { file: OVERLAY, bytes: &overlay }),
        names: Some(Source { file: NAMES, bytes: &names }),
        docs: &docs,
        config: Config {
            source: DOCUMENT.to_owned(),
            agent: concat!("polar-client/", env!("CARGO_PKG_VERSION")).to_owned(),
            guides: guides(),
        },
    };
    generate(&input).unwrap_or_else(|diagnostics| panic!("{diagnostics}"))
}

/// The pages of the guide, by name.
fn guides() -> Vec<String> {
    let pages = fs::read_dir(root().join("generated/guide")).unwrap().map(|entry| entry.unwrap().path());
    let mut names: Vec<_> = pages.map(|page| page.file_stem().unwrap().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// The files with descriptions.
fn docs() -> Vec<String> {
    let entries = fs::read_dir(root().join(DOCS)).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = names.map(|name| format!("{DOCS}/{name}")).collect();
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
    assert_eq!(items, public_api(&files));
}

#[test]
fn every_place_of_any_json_is_one_that_the_document_leaves_open() {
    let document = polar_testkit::document::Document::load().unwrap();
    for untyped in &output().coverage.untyped {
        let schema = document.at(&untyped.pointer).to_string();
        // An extension does not describe the value.
        let schema = schema.replace(r#"{"x-redacted":true}"#, "{}");
        let open = ["{}", r#""items":{}"#, r#""additionalProperties":{}"#, r#""additionalProperties":true"#];
        assert!(open.iter().any(|open| schema.contains(open)), "{}: {schema}", untyped.pointer);
    }
}
