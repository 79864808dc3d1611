//! What the generator writes for each idiom of OpenAPI and JSON Schema, and that all of it compiles.
//!
//! A case is a folder below `golden/`, named after its idiom, with `document.yaml` or `document.json`, with
//! `overlay.yaml`, `docs.yaml`, `names.lock` and `other.yaml`, another version, if the idiom is about them, and with `expected.snap`: the code that the case is about,
//! without what is the same for every type. A few cases show whole files, so that each kind of code is compared once.
//! `INSTA_UPDATE=always cargo test -p polar-tests --test golden` writes the snapshots anew.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a failing test may panic")]

mod crates;
mod outline;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use polar_codegen::{Config, Diagnostics, File, Input, OtherDocument, Output, Source, generate};

/// The cases, each with the parts of the output that it is about: the path of a file; a folder, which ends in `/`;
/// `path#name` for a type or function of a file; or [`NAMES`].
const CASES: &[(&str, &[&str])] = &[
    ("additional-properties", MODELS),
    ("additional-properties-beside-properties", MODELS),
    ("all-of", MODELS),
    ("all-of-intersection", MODELS),
    ("all-of-recursive", MODELS),
    ("all-of-scalars", MODELS),
    ("annotations", &["models/", "resources/"]),
    ("any-of-date-time-or-const", MODELS),
    ("any-of-disjoint-types", MODELS),
    ("any-of-integer-number", MODELS),
    ("any-of-marker", MODELS),
    ("any-of-nested-tag", MODELS),
    ("any-of-null", MODELS),
    ("any-of-objects-and-scalars", MODELS),
    ("any-of-open-tag", MODELS),
    ("any-of-required-properties", MODELS),
    ("any-of-undeclared-tag", MODELS),
    ("any-of-value-or-array", RESOURCES),
    ("bounds", MODELS),
    ("component-references", RESOURCES),
    ("const", MODELS),
    ("default-api-version", MODELS),
    ("description-markup", MODELS),
    ("descriptions", &["models/", "resources/", "webhooks.rs"]),
    ("discriminator", MODELS),
    ("discriminator-nested", MODELS),
    ("discriminator-several-values", MODELS),
    ("empty-schema", MODELS),
    ("enum-colliding-values", MODELS),
    ("enum-sort-order", MODELS),
    ("enum-values", MODELS),
    ("error-responses", &["errors.rs", "errors/", "models/", "resources/orders.rs"]),
    ("form-body", RESOURCES),
    ("format-password", MODELS),
    ("formats", MODELS),
    ("inline-enums-of-one-name", MODELS),
    ("inline-schemas", MODELS),
    ("names-lock", &["models/", "resources/orders.rs"]),
    ("names-that-rust-keeps", MODELS),
    ("no-content", RESOURCES),
    ("one-of-const-tag", MODELS),
    ("openapi-3-0", MODELS),
    ("overlay", MODELS),
    ("pagination", &["models/", "resources/"]),
    ("parameters", RESOURCES),
    ("parent-discriminator", MODELS),
    ("pattern-properties", MODELS),
    ("prefix-items", MODELS),
    ("property-keywords", MODELS),
    ("property-names", MODELS),
    ("read-only-write-only", MODELS),
    ("recursive-schema", MODELS),
    ("ref-narrowed-by-enum", MODELS),
    ("ref-siblings", MODELS),
    ("request-body", RESOURCES),
    ("required-and-nullable", MODELS),
    ("reserved-names", &[NAMES, "models/orders.rs#EverythingState", "resources/orders.rs"]),
    ("resource-names", &[NAMES, "models/", "resources/caf_ue9_s.rs"]),
    ("responses-body-or-empty", RESOURCES),
    ("responses-default", &["errors.rs", "resources/"]),
    ("responses-different-bodies", RESOURCES),
    ("responses-same-body", RESOURCES),
    ("retries", &["client.rs", "resources/orders.rs"]),
    ("schema-names", MODELS),
    ("security-scopes", &["scopes.rs", "scopes/", "resources/orders.rs"]),
    ("servers", &["client.rs", "lib.rs", "prelude.rs", "rustfmt.toml"]),
    ("session", &["client.rs#customer_portal", "models/"]),
    ("text-response", RESOURCES),
    ("type-array", MODELS),
    ("typed-parameters", &["client.rs", "resources/"]),
    ("unreferenced-schema", MODELS),
    ("versions", &["lib.rs", "v2027_01/", "webhooks/any_version.rs"]),
    ("versions-without-shared-requests", &["v2027_01/"]),
    ("webhooks", &["webhooks.rs", "webhooks/", "models/webhooks.rs", "models/webhooks/"]),
];

/// Cases that show whole files: one for each kind of code.
const WHOLE: &[&str] = &[
    "additional-properties-beside-properties",
    "const",
    "discriminator",
    "enum-values",
    "parameters",
    "required-and-nullable",
    "servers",
];

/// The names that a line of names.lock can change, in place of code.
const NAMES: &str = "names";

const MODELS: &[&str] = &["models/"];
const RESOURCES: &[&str] = &["resources/"];

/// Index files of folders, which say nothing about an idiom.
const INDEX: &str = "mod.rs";

#[test]
fn each_idiom_is_written_as_before() {
    for (case, wanted) in CASES {
        let output = generated(case).unwrap_or_else(|problems| panic!("{case}:\n{problems}"));
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path(folder(case));
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.bind(|| insta::assert_snapshot!("expected", shown(case, &output, wanted)));
    }
}

#[test]
fn each_folder_is_a_case() {
    let folders = fs::read_dir(folder("")).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert_eq!(folders.collect::<BTreeSet<_>>(), CASES.iter().map(|(case, _)| (*case).to_owned()).collect());
}

#[test]
fn each_idiom_compiles_without_a_warning() {
    let output = |case: &str| generated(case).unwrap_or_else(|problems| panic!("{case}:\n{problems}"));
    let crates: Vec<_> = CASES.iter().map(|(case, _)| ((*case).to_owned(), output(case))).collect();
    crates::check("golden", &crates);
}

/// The diagnostics of a case, and the parts of the output that it is about.
fn shown(case: &str, output: &Output, wanted: &[&str]) -> String {
    let mut text = String::new();
    for diagnostic in &output.diagnostics {
        text.push_str(&format!("{diagnostic}\n\n"));
    }
    if !output.coverage.unreferenced.is_empty() {
        text.push_str(&format!("unreferenced: {}\n\n", output.coverage.unreferenced.join(", ")));
    }
    for part in wanted {
        if *part == NAMES {
            let names = output.names.used().map(|(kind, key, name)| format!("{kind} {name}: {key}\n"));
            text.push_str(&format!("==== {NAMES}\n{}\n", names.collect::<String>()));
            continue;
        }
        let (path, name) = part.split_once('#').map_or((*part, None), |(path, name)| (path, Some(name)));
        let matters = |file: &&File| file.path == path || (path.ends_with('/') && file.path.starts_with(path));
        let says_nothing = |file: &&File| file.path.ends_with(INDEX) && output.versions.is_empty();
        for file in output.files.iter().filter(matters).filter(|file| !says_nothing(file)) {
            let code = match name {
                Some(name) => outline::about(&file.text, name),
                None if WHOLE.contains(&case) || file.path.ends_with(INDEX) => file.text.clone(),
                None if file.path.contains("resources/") => outline::resources(&file.text),
                None => outline::types(&file.text),
            };
            text.push_str(&format!("==== {}\n{code}\n", file.path));
        }
    }
    text
}

fn generated(case: &str) -> Result<Output, Diagnostics> {
    let folder = folder(case);
    let optional = |name: &str| fs::read(folder.join(name)).ok();
    let (overlay, names) = (optional("overlay.yaml"), optional("names.lock"));
    let docs = optional("docs.yaml");
    let docs: Vec<_> = docs.iter().map(|bytes| Source { file: "docs.yaml", bytes }).collect();
    let (file, document) = match optional("document.yaml") {
        Some(document) => ("document.yaml", document),
        None => ("document.json", fs::read(folder.join("document.json")).expect("a case has a document")),
    };
    let overlay = overlay.as_deref().map(|bytes| Source { file: "overlay.yaml", bytes });
    let other = optional("other.yaml");
    let others = other.iter().map(|bytes| OtherDocument {
        document: Source { file: "other.yaml", bytes },
        source: "other.yaml",
        overlay,
        is_deprecated: true,
    });
    generate(&Input {
        document: Source { file, bytes: &document },
        others: &others.collect::<Vec<_>>(),
        overlay,
        names: names.as_deref().map(|bytes| Source { file: "names.lock", bytes }),
        docs: &docs,
        config: Config { source: file.to_owned(), agent: "golden/1.0".to_owned(), ..Config::default() },
    })
}

fn folder(case: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("golden").join(case)
}
