//! The repository's own document.

use polar_codegen::repository::DOCUMENT;
use serde_json::Value;

use crate::sandbox::{Sandbox, repository};

fn document() -> String {
    repository().join(DOCUMENT).display().to_string()
}

#[test]
fn coverage_accounts_for_every_schema() {
    let sandbox = Sandbox::new();
    let text = sandbox.run(&["coverage", "--spec", &document(), "--format", "json"]).done();
    let coverage: Value = serde_json::from_str(&text).expect("one JSON value");
    assert_eq!((&coverage["operations"], &coverage["webhooks"]), (&191.into(), &42.into()));
    assert_eq!(coverage["unaccounted"], Value::Array(Vec::new()));
    let count = |name: &str| match &coverage[name] {
        Value::Array(list) => list.len() as u64,
        number => number.as_u64().unwrap_or_else(|| panic!("{name} is {number}")),
    };
    assert_eq!(count("schemas"), count("supported") + count("aliases") + count("unreferenced"));
    assert!(sandbox.listing().is_empty());
}

#[test]
fn names_have_a_place_in_the_document() {
    let names = Sandbox::new().run(&["names", "--spec", &document()]).done();
    let stands =
        |kind: &str, name: &str, key: &str| names.lines().any(|line| line.split_whitespace().eq([kind, name, key]));
    assert!(stands("method", "list", "products:list"));
    assert!(stands("type", "Product", "#/components/schemas/Product"));
}
