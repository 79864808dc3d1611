//! The maintainer's round: what is written, what has to be decided, and the rounds of Polar's own versions.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::import::shared;
use crate::sandbox::{Run, Sandbox, XTASK, repository, shop};

/// The shop in version 2026-10.
fn current() -> Value {
    let mut document = shop();
    document["info"]["version"] = json!("2026-10");
    document["components"]["schemas"]["Size"] = json!({"type": "string", "enum": ["small", "large"]});
    document["components"]["schemas"]["Product"]["properties"]["size"] = json!({"$ref": "#/components/schemas/Size"});
    document
}

/// The shop in a version that is new: `Size` is renamed, `name` is gone, an operation is new.
fn next() -> Value {
    let mut document = current();
    document["info"]["version"] = json!("2027-04");
    let schemas = document["components"]["schemas"].as_object_mut().expect("schemas");
    let size = schemas.remove("Size").expect("a schema");
    schemas.insert("Extent".to_owned(), size);
    schemas["Product"]["properties"] = json!({
        "label": {"type": "string", "title": "Label", "description": "What it is called."},
        "size": {"$ref": "#/components/schemas/Extent"},
    });
    schemas["Product"]["required"] = json!([]);
    document["paths"]["/v1/orders"] = json!({"get": {
        "tags": ["orders", "public"],
        "summary": "List orders",
        "operationId": "orders:list",
        "responses": {"204": {"description": "Nothing."}},
    }});
    document
}

const OVERLAY: &str = "\
overlay: 1.0.0
info: {title: Corrections, version: '1'}
actions:
- target: $.components.schemas.Size
  description: It is deprecated.
  update: {deprecated: true}
- target: $.components.schemas.Product.properties['name', 'size']
  description: They are read only.
  update: {readOnly: true}
- target: $.components.schemas.Nothing.properties.at.all
  description: It was wrong once.
  update: {type: string}
";

const DOCS: &str = "\
operations:
  products:get: {summary: Returns a product., description: Archived products are returned too.}
types:
  Product:
    description: Something for sale.
    properties: {name: Shown to customers., size: Of the box.}
  Size: {description: How much room it takes., values: {small: Fits a pocket., large: Fits a car.}}
parameters: {id: Identifier that the shop assigned.}
resources: {products: {description: What the shop sells.}}
examples: {id: p_1}
";

/// A repository with a generated crate, and the next document beside it.
fn sandbox(overlay: &str, names: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write_versions(&current().to_string());
    sandbox.write("spec/overlay.yaml", overlay.split("- target: $.components.schemas.Nothing").next().expect("a part"));
    sandbox.write("spec/docs/all.yaml", DOCS);
    sandbox.run(&["regenerate"]).done();
    sandbox.write("spec/overlay.yaml", overlay);
    let lock = sandbox.read("spec/names.lock");
    sandbox.write("spec/names.lock", lock + names);
    sandbox.write("next.json", next().to_string());
    sandbox
}

const NO_OVERLAY: &str = "overlay: 1.0.0\ninfo: {title: Corrections, version: '1'}\nactions: []\n";

#[test]
fn a_round_writes_one_file_and_reports_what_to_decide() {
    let sandbox = sandbox(OVERLAY, "");
    let mut before = sandbox.listing();
    let report = sandbox.run(&["update", "next.json"]).done();
    insta::assert_snapshot!("update_report", report);
    let mut after = sandbox.listing();
    assert!(after.remove("spec/polar-2027-04.yaml").is_some());
    assert_eq!(before.keys().collect::<Vec<_>>(), after.keys().collect::<Vec<_>>());
    assert!(before == after, "another file changed");
    before.clear();
    let again = sandbox.run(&["update", "next.json"]).done();
    assert!(again.contains("\n  nothing changed\n"), "{again}");
}

#[test]
fn a_dry_run_writes_nothing() {
    let sandbox = sandbox(OVERLAY, "");
    let before = sandbox.listing();
    sandbox.run(&["update", "next.json", "--dry-run"]).done();
    assert!(before == sandbox.listing());
}

#[test]
fn names_chosen_by_hand_that_are_lost_are_errors() {
    let sandbox = sandbox(NO_OVERLAY, "");
    // No other version has the type either.
    let mut newer = next();
    for (file, version) in [("spec/polar-2026-04.yaml", "2026-04"), ("spec/polar-2026-10.yaml", "2026-10")] {
        newer["info"]["version"] = json!(version);
        sandbox.write(file, newer.to_string());
    }
    newer["info"]["version"] = json!("2027-01");
    sandbox.write("next.json", newer.to_string());
    let lock = sandbox.read("spec/names.lock").replace("Size\tProductSize", "Size\tBoxSize");
    sandbox.write("spec/names.lock", format!("{lock}method\tproducts:gett\tfetch\n"));
    let complaint = sandbox.run(&["update", "next.json"]).failed();
    for part in [
        "  error: pinned names have a place that was not in the former document either: 1\n    \
         spec/names.lock: method products:gett fetch\n      nearest: products:get\n",
        "  error: pinned names that were chosen by hand no longer have a place: 1\n    \
         spec/names.lock: type #/components/schemas/Size BoxSize\n      nearest: #/components/schemas/Extent\n",
        "\n  1. edit spec/names.lock\n",
        "\n  hint: correct what begins with `error`, then run the command again\n",
    ] {
        assert!(complaint.contains(part), "{part}\nin {complaint}");
    }
}

#[test]
fn without_decisions_the_report_says_so() {
    let sandbox = sandbox(NO_OVERLAY, "");
    let mut same = current();
    same["info"]["version"] = json!("2027-04");
    sandbox.write("next.json", same.to_string());
    let report = sandbox.run(&["update", "next.json"]).done();
    assert!(report.contains("\nDecide\n  nothing\n"), "{report}");
    assert!(report.contains("  API 2027-01 -> 2027-04: 0 changes, 0 of them breaking\n"), "{report}");
    assert!(report.contains("  0.1.0 -> 0.1.1 as a version next to the default one\n"), "{report}");
}

#[test]
fn a_newer_document_of_the_default_version_replaces_it() {
    let sandbox = sandbox(NO_OVERLAY, "");
    let mut newer = next();
    newer["info"]["version"] = json!("2026-10");
    sandbox.write("next.json", newer.to_string());
    let report = sandbox.run(&["update", "next.json"]).done();
    assert!(report.contains("next.json -> spec/polar-2026-10.yaml\n"), "{report}");
    assert!(report.contains("\nRelease\n  0.1.0 -> 0.2.0 (major)\n"), "{report}");
    assert!(!report.contains("generator/src/repository.rs"), "{report}");
}

#[test]
fn a_document_that_gives_no_crate_is_reported() {
    let sandbox = sandbox(NO_OVERLAY, "");
    let mut broken = next();
    broken["components"]["schemas"]["Product"]["not"] = json!({});
    sandbox.write("next.json", broken.to_string());
    let complaint = sandbox.run(&["update", "next.json"]).failed();
    assert!(
        complaint.contains(
            "\n  no crate can be generated from the document:\n    error: `not` of a schema is not supported\n"
        ),
        "{complaint}"
    );
    assert!(complaint.contains("#/components/schemas/Product/not"), "{complaint}");
}

#[test]
fn unusable_documents_write_nothing() {
    let sandbox = sandbox(NO_OVERLAY, "");
    sandbox.write("next.json", "{");
    let complaint = sandbox.refusal(&["update", "next.json"]);
    assert!(
        complaint.starts_with("error: not valid JSON: EOF while parsing an object\n  at next.json:1:1\n"),
        "{complaint}"
    );
}

/// A round with the files of the repository, without writing anything.
fn round_of_repository(file: &Path, base: &Path, version: &str) -> String {
    let sandbox = Sandbox::new();
    let mut command = sandbox.command(XTASK);
    command.env("CARGO_MANIFEST_DIR", repository().join("xtask")).current_dir(repository());
    command.arg("update").arg(file).arg("--base").arg(base).args(["--version", version, "--dry-run"]);
    let run = Run::of(command.output().expect("the command"));
    assert!(run.code == Some(0) || run.err.starts_with("error: the round is not complete\n"), "{}", run.err);
    let text = if run.code == Some(0) { run.out } else { run.err };
    without_lines(&text.replace(&format!("{}/", repository().display()), ""))
}

/// A report without the lines of our own files, which change often.
fn without_lines(report: &str) -> String {
    let shorten = |line: &str| match line.split_once(".yaml:") {
        Some((file, rest)) if file.trim_start().starts_with("spec/") => {
            format!("{file}.yaml:{}", rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == ':'))
        }
        _ => line.to_owned(),
    };
    report.lines().map(shorten).collect::<Vec<_>>().join("\n")
}

#[test]
fn rounds_of_polars_versions() {
    for (old, new) in [("2026-04", "2026-10"), ("2026-10", "2027-01")] {
        let (Some(base), Some(file)) = (shared(&format!("spec/{old}.yaml")), shared(&format!("spec/{new}.yaml")))
        else {
            continue;
        };
        insta::assert_snapshot!(format!("update_{old}_{new}"), round_of_repository(&file, &base, new));
    }
}

#[test]
fn rounds_of_official_documents() {
    let base = repository().join("spec/polar-2026-10.yaml");
    for (name, version) in [("polar-2026-10.openapi.json", "2026-10"), ("polar-2026-04-16.openapi.json", "2026-04")] {
        let Some(file) = shared(&format!("official/{name}")) else { continue };
        let report = round_of_repository(&file, &base, version);
        let (decisions, entry) = report.split_once("\nEntry for CHANGELOG.md").expect("an entry");
        assert!(entry.contains("\n### Added\n") && entry.contains("\nNext\n"), "{entry}");
        insta::assert_snapshot!(format!("update_official_{version}"), decisions);
    }
}

#[test]
fn documents_are_compared_without_the_disk_of_others() {
    // The report names no path of this machine.
    let sandbox = sandbox(OVERLAY, "");
    let report = sandbox.run(&["update", "next.json"]).done();
    let here = fs::canonicalize(sandbox.path("")).expect("a directory").display().to_string();
    assert!(!report.contains(&here), "{report}");
}
