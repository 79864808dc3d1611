//! Importing documents: what stays, what goes, and documents that cannot be imported.

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::sandbox::{Sandbox, repository};

/// A small document in the form of the official ones.
fn official() -> String {
    fs::read_to_string(repository().join("xtask/tests/documents/official.json")).expect("the document")
}

fn import(sandbox: &Sandbox, more: &[&str]) -> String {
    sandbox.run(&[&["import", "official.json", "--out", "spec.yaml"], more].concat()).done()
}

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("official.json", official());
    sandbox
}

/// A file that is not part of the repository.
pub(crate) fn shared(name: &str) -> Option<PathBuf> {
    let path = repository().join("../shared").join(name);
    if !path.exists() {
        println!("skipped: {name} is missing");
        return None;
    }
    Some(path)
}

#[test]
fn facts_stay_and_prose_goes() {
    let sandbox = sandbox();
    let summary = import(&sandbox, &[]);
    insta::assert_snapshot!("import_summary", summary);
    insta::assert_snapshot!("import_document", sandbox.read("spec.yaml"));
}

#[test]
fn importing_twice_changes_nothing() {
    let sandbox = sandbox();
    import(&sandbox, &[]);
    let first = sandbox.read("spec.yaml");
    assert!(import(&sandbox, &[]).ends_with("  nothing changed\n"));
    let again = sandbox.run(&["import", "spec.yaml", "--out", "spec.yaml"]).done();
    assert!(again.ends_with("  nothing changed\n"), "{again}");
    assert_eq!(sandbox.read("spec.yaml"), first);
    import(&sandbox, &["--check"]);
}

#[test]
fn check_writes_nothing_and_fails() {
    let sandbox = sandbox();
    let complaint = sandbox.refusal(&["import", "official.json", "--out", "spec.yaml", "--check"]);
    let expected = "error: spec.yaml is not what official.json gives\n  hint: run `cargo xtask import official.json --out spec.yaml`\n";
    assert_eq!(complaint, expected);
}

#[test]
fn our_own_documents_do_not_change() {
    let sandbox = Sandbox::new();
    let own = [Some(repository().join("spec/polar-2026-10.yaml"))];
    let versions = ["2026-04", "2026-10", "2027-01"].map(|version| shared(&format!("spec/{version}.yaml")));
    for path in own.into_iter().chain(versions).flatten() {
        sandbox.run(&["import", &path.display().to_string(), "--out", "spec.yaml"]).done();
        assert!(sandbox.read("spec.yaml").into_bytes() == fs::read(&path).expect("the document"), "{}", path.display());
    }
}

#[test]
fn the_version_comes_from_the_option_the_document_or_a_server() {
    let with = |change: &dyn Fn(&mut Value), more: &[&str]| {
        let sandbox = Sandbox::new();
        let mut document: Value = serde_json::from_str(&official()).expect("JSON");
        change(&mut document);
        sandbox.write("official.json", document.to_string());
        import(&sandbox, more);
        let text = sandbox.read("spec.yaml");
        text.lines().nth(3).expect("a version").trim().to_owned()
    };
    let unstated = |document: &mut Value| document["info"]["version"] = json!("0.1.0");
    let in_server = |document: &mut Value| {
        unstated(document);
        document["servers"][0]["url"] = json!("https://api.example.com/2027-01");
    };
    assert_eq!(with(&|_| {}, &[]), "version: \"2026-10\"");
    assert_eq!(with(&in_server, &[]), "version: \"2027-01\"");
    assert_eq!(with(&unstated, &["--version", "2026-04"]), "version: \"2026-04\"");
}

#[test]
fn unusable_documents_are_one_error_with_its_place() {
    let valid: Value = serde_json::from_str(&official()).expect("JSON");
    let with = |pointer: &str, value: Value| {
        let mut document = valid.clone();
        *document.pointer_mut(pointer).expect(pointer) = value;
        document.to_string()
    };
    let get = "/paths/~1v1~1things/get";
    for (document, message, place) in [
        (String::new(), "the file is empty", "official.json"),
        ("{".to_owned(), "not valid JSON: EOF while parsing an object", "official.json:1:1"),
        ("a: [".to_owned(), "not valid YAML", "official.json"),
        ("[]".to_owned(), "the top level is an array, not an object", "official.json"),
        ("swagger: '2.0'".to_owned(), "the document does not state its OpenAPI version", "official.json#"),
        (with("/openapi", json!("3.2.0")), "OpenAPI 3.2.0 is not supported", "official.json#/openapi"),
        (with("/info/version", json!("0.1.0")), "\"0.1.0\" is not an API version", "official.json#/info/version"),
        (with("/paths", json!([])), "`paths` is not an object", "official.json#/paths"),
        (with(get, json!([])), "expected an operation, found a list", &format!("official.json#{get}")),
        (
            with("/components/schemas/Shape", json!("round")),
            "expected a schema, found a text",
            "official.json#/components/schemas/Shape",
        ),
        (
            with("/components/schemas/Shape/oneOf/0/$ref", json!("#/components/schemas/Square")),
            "the reference `#/components/schemas/Square` has no target",
            "official.json#/components/schemas/Shape/oneOf/0/$ref",
        ),
        (
            with("/components/schemas/Shape/oneOf/0/$ref", json!("other.json#/Square")),
            "the reference `other.json#/Square` is not to a place in this document",
            "official.json#/components/schemas/Shape/oneOf/0/$ref",
        ),
    ] {
        let sandbox = Sandbox::new();
        sandbox.write("official.json", &document);
        let complaint = sandbox.refusal(&["import", "official.json", "--out", "new/spec.yaml"]);
        assert!(complaint.starts_with(&format!("error: {message}")), "{complaint}");
        assert!(complaint.contains(&format!("\n  at {place}")) && complaint.contains("\n  hint: "), "{complaint}");
        assert!(complaint.ends_with("\n1 error; nothing was written\n"), "{complaint}");
    }
}

#[test]
fn schemas_whose_names_become_the_same_keep_their_own() {
    let sandbox = Sandbox::new();
    let mut document: Value = serde_json::from_str(&official()).expect("JSON");
    let schemas = document["components"]["schemas"].as_object_mut().expect("schemas");
    schemas.insert(
        "ThingInput".to_owned(),
        json!({"type": "object", "properties": {"other": {"$ref": "#/components/schemas/Thing-Input"}}}),
    );
    schemas["ListResource_Thing_"]["properties"]["first"] = json!({"$ref": "#/components/schemas/ThingInput"});
    sandbox.write("official.json", document.to_string());
    let summary = import(&sandbox, &[]);
    let line = "  names that are kept, because another schema has the converted name: 1\n    Thing-Input\n";
    assert!(summary.contains(line), "{summary}");
    let text = sandbox.read("spec.yaml");
    assert!(text.contains("\n    Thing-Input:\n") && text.contains("\n    ThingInput:\n"), "{text}");
    assert!(import(&sandbox, &[]).contains("nothing changed"));
}

#[test]
fn official_documents_are_imported_without_prose() {
    for (name, version) in [("polar-2026-10.openapi.json", "2026-10"), ("polar-2026-04-16.openapi.json", "2026-04")] {
        let Some(path) = shared(&format!("official/{name}")) else { continue };
        let sandbox = Sandbox::new();
        sandbox.run(&["import", &path.display().to_string(), "--version", version, "--out", "spec.yaml"]).done();
        let text = sandbox.read("spec.yaml");
        for keyword in ["summary: ", "x-codeSamples", "x-speakeasy", "examples:\n      -"] {
            assert!(!text.contains(keyword), "{name}: {keyword}");
        }
        // A sentence has spaces; the only texts with spaces are the title, a list of scopes, and values of enumerations.
        let texts =
            text.lines().filter_map(|line| line.split_once("description: ")).filter(|(_, text)| text.contains(' '));
        assert_eq!(texts.count(), 0, "{name}");
        let again = sandbox.run(&["import", "spec.yaml", "--out", "spec.yaml"]).done();
        assert!(again.ends_with("  nothing changed\n"), "{again}");
    }
}
