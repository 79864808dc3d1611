//! The repository's own documents.

use polar_codegen::repository::{DOCUMENT, VERSIONS};
use serde_json::Value;

use crate::sandbox::{Sandbox, repository, shop};

/// A document of the repository.
fn path(document: &str) -> String {
    repository().join(document).display().to_string()
}

#[test]
fn coverage_accounts_for_every_schema_of_every_version() {
    let sandbox = Sandbox::new();
    for version in VERSIONS {
        let text = sandbox.run(&["coverage", "--spec", &path(version.document), "--format", "json"]).done();
        let coverage: Value = serde_json::from_str(&text).expect("one JSON value");
        assert_eq!((&coverage["operations"], &coverage["webhooks"]), (&191.into(), &42.into()));
        assert_eq!(coverage["unaccounted"], Value::Array(Vec::new()));
        let count = |name: &str| match &coverage[name] {
            Value::Array(list) => list.len() as u64,
            number => number.as_u64().unwrap_or_else(|| panic!("{name} is {number}")),
        };
        assert_eq!(count("schemas"), count("supported") + count("aliases") + count("unreferenced"));
    }
    assert!(sandbox.listing().is_empty());
}

#[test]
fn coverage_lists_the_other_versions_of_a_repository() {
    let sandbox = Sandbox::new();
    sandbox.write_versions(&shop().to_string());
    let text = sandbox.run(&["coverage", "--format", "json"]).done();
    let coverage: Value = serde_json::from_str(&text).expect("one JSON value");
    let versions = coverage["versions"].as_array().expect("versions");
    let names: Vec<_> = versions.iter().map(|version| &version["version"]).collect();
    assert_eq!(names, ["2026-04", "2027-01"]);
    assert!(versions.iter().all(|version| version["own_types"] == 0 && version["operations"] == 1));
    let table = sandbox.run(&["coverage"]).done();
    assert!(table.contains("\nOther versions\n"), "{table}");
}

#[test]
fn names_have_a_place_in_the_document() {
    let names = Sandbox::new().run(&["names", "--spec", &path(DOCUMENT)]).done();
    let stands =
        |kind: &str, name: &str, key: &str| names.lines().any(|line| line.split_whitespace().eq([kind, name, key]));
    assert!(stands("method", "list", "products:list"));
    assert!(stands("type", "Product", "#/components/schemas/Product"));
}
