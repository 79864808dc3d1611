//! Comparing versions: every kind of change, directions, formats, and the public items.

use std::collections::BTreeSet;

use polar_maintain::changes::ChangeKind;
use serde_json::{Value, json};

use crate::import::shared;
use crate::sandbox::{Run, Sandbox, repository, shop, shop_with};

fn document(name: &str) -> String {
    repository().join("xtask/tests/documents").join(name).display().to_string()
}

fn diff(old: &str, new: &str, more: &[&str]) -> Run {
    Sandbox::new().run(&[&["diff", old, new], more].concat())
}

/// The changes between two versions of the shop, as JSON.
fn changes(old: &str, new: &str) -> Value {
    let sandbox = Sandbox::new();
    sandbox.write("old.json", old);
    sandbox.write("new.json", new);
    let text = sandbox.run(&["diff", "old.json", "new.json", "--format", "json"]).done();
    serde_json::from_str(&text).expect("one JSON value")
}

#[test]
fn every_kind_of_change_has_class_and_release() {
    let (old, new) = (document("shop-2026-04.yaml"), document("shop-2026-10.yaml"));
    let text = diff(&old, &new, &["--api-only", "--format", "json"]).done();
    let report: Value = serde_json::from_str(&text).expect("one JSON value");
    let found: BTreeSet<&str> =
        report["changes"].as_array().expect("a list").iter().filter_map(|change| change["kind"].as_str()).collect();
    let all: BTreeSet<&str> = ChangeKind::ALL.iter().map(|kind| kind.code()).collect();
    assert_eq!(found, all);
    insta::assert_snapshot!("diff_json", text);
    insta::assert_snapshot!("diff_table", diff(&old, &new, &["--api-only"]).done());
    insta::assert_snapshot!("diff_changelog", diff(&old, &new, &["--format", "changelog"]).done());
}

#[test]
fn equal_documents_have_no_changes() {
    let own = document("shop-2026-10.yaml");
    assert_eq!(diff(&own, &own, &["--api-only"]).done(), "2026-10 -> 2026-10: no changes of the API\n");
}

#[test]
fn a_change_breaks_the_direction_in_which_it_is_used() {
    let schema = json!({"type": "object", "required": ["size"], "properties": {
        "size": {"type": "integer"}, "colour": {"type": "string"},
    }});
    let with = |in_request: bool, change: &dyn Fn(&mut Value)| {
        let mut document = shop();
        document["components"]["schemas"]["Box"] = schema.clone();
        change(&mut document["components"]["schemas"]["Box"]);
        let reference = json!({"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Box"}}}});
        let operation = &mut document["paths"]["/v1/products/{id}"]["get"];
        if in_request {
            operation["requestBody"] = reference
        } else {
            operation["responses"]["200"] = reference
        }
        document.to_string()
    };
    let class = |in_request: bool, change: &dyn Fn(&mut Value)| {
        let report = changes(&with(in_request, &|_| {}), &with(in_request, change));
        let changes = report["changes"].as_array().expect("a list").clone();
        assert_eq!(changes.len(), 1, "{report}");
        (
            changes[0]["classes"][0].as_str().expect("a class").to_owned(),
            changes[0]["semver"].as_str().expect("a bump").to_owned(),
        )
    };
    let (requests, responses) = ("breaking for requests", "breaking for responses");
    /// A change, and its class and release in a request and in a response.
    type Case<'a> = (&'a str, &'a dyn Fn(&mut Value), (&'a str, &'a str), (&'a str, &'a str));
    let cases: [Case<'_>; 7] = [
        (
            "required",
            &|schema| schema["required"] = json!(["size", "colour"]),
            (requests, "major"),
            ("additive", "major"),
        ),
        ("optional", &|schema| schema["required"] = json!([]), ("additive", "major"), (responses, "major")),
        (
            "nullable",
            &|schema| schema["properties"]["size"] = json!({"type": ["integer", "null"]}),
            ("additive", "major"),
            (responses, "major"),
        ),
        (
            "wider",
            &|schema| schema["properties"]["size"] = json!({"type": "number"}),
            ("additive", "major"),
            (responses, "major"),
        ),
        (
            "narrower",
            &|schema| schema["properties"]["colour"] = json!({"const": "red"}),
            (requests, "major"),
            ("additive", "major"),
        ),
        (
            "new",
            &|schema| schema["properties"]["age"] = json!({"type": "integer"}),
            ("additive", "minor"),
            ("additive", "minor"),
        ),
        (
            "read only",
            &|schema| schema["properties"]["colour"]["readOnly"] = json!(true),
            (requests, "major"),
            ("", ""),
        ),
    ];
    for (name, change, in_request, in_response) in cases {
        let owned = |(class, bump): (&str, &str)| (class.to_owned(), bump.to_owned());
        assert_eq!(class(true, change), owned(in_request), "{name} in a request");
        if !in_response.0.is_empty() {
            assert_eq!(class(false, change), owned(in_response), "{name} in a response");
        }
    }
}

#[test]
fn optional_properties_of_responses_may_become_nullable() {
    let with = |schema: Value| shop_with(&[("/components/schemas/Product/properties/note", schema)]);
    let report = changes(&with(json!({"type": "string"})), &with(json!({"type": ["string", "null"]})));
    let change = &report["changes"][0];
    assert_eq!((&change["kind"], &change["semver"]), (&json!("became-nullable"), &json!("patch")));
    assert_eq!(report["rust"]["changed"], json!([]));
}

#[test]
fn idioms_of_openapi_are_not_changes() {
    let place = "/components/schemas/Product/properties/note";
    let with = |schema: Value| shop_with(&[(place, schema)]);
    for (old, new) in [
        (json!({"type": ["string", "null"]}), json!({"anyOf": [{"type": "null"}, {"type": "string"}]})),
        (json!({"type": "string", "maxLength": 5}), json!({"allOf": [{"type": "string", "maxLength": 5.0}]})),
        (json!({"type": "string", "format": "uuid4"}), json!({"type": "string", "format": "uuid"})),
        (json!({"oneOf": [{"type": "string"}, {"type": "integer"}]}), json!({"type": ["integer", "string"]})),
        (json!({"type": "object"}), json!({"type": "object", "additionalProperties": true})),
    ] {
        let report = changes(&with(old.clone()), &with(new.clone()));
        assert_eq!(report["changes"], json!([]), "{old} -> {new}");
    }
}

#[test]
fn a_type_with_another_name_is_a_rename() {
    let renamed = shop().to_string().replace("Product", "Article");
    let report = changes(&shop().to_string(), &renamed);
    assert_eq!(report["changes"].as_array().map(Vec::len), Some(1), "{report}");
    assert_eq!(report["changes"][0]["text"], json!("the type `Product` is now called `Article`"));
    let different = renamed.replace("\"name\"", "\"label\"");
    let kinds = changes(&shop().to_string(), &different);
    let kinds: Vec<_> =
        kinds["changes"].as_array().expect("a list").iter().map(|change| change["kind"].clone()).collect();
    assert!(kinds.contains(&json!("type-removed")) && kinds.contains(&json!("type-added")), "{kinds:?}");
}

#[test]
fn public_items_are_compared_without_the_features() {
    let second = json!({
        "operationId": "orders:get",
        "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
        "responses": {"200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Product"}}}}},
    });
    let new = shop_with(&[("/paths/~1v1~1orders~1{id}", json!({"get": second}))]);
    let report = changes(&shop().to_string(), &new);
    let rust = &report["rust"];
    assert_eq!((&rust["removed"], &rust["changed"], &rust["semver"]), (&json!([]), &json!([]), &json!("minor")));
    assert_eq!(
        rust["features"],
        json!([{"item": "models::Product", "before": "products", "after": "orders or products"}]),
        "{rust}"
    );
    let added = rust["added"].as_array().expect("a list");
    assert!(
        added.contains(&json!("resources::orders::Orders::get(&self, id: impl AsRef<str>) -> OrdersGetRequest")),
        "{rust}"
    );
    let back = changes(&new, &shop().to_string());
    assert_eq!(back["rust"]["semver"], json!("major"));
}

#[test]
fn two_generated_crates_are_compared_on_disk() {
    let sandbox = Sandbox::generated();
    sandbox
        .write("new.json", shop_with(&[("/components/schemas/Product/properties/size", json!({"type": "integer"}))]));
    sandbox.run(&["regenerate", "--spec", "new.json", "--out", "new"]).done();
    let text = sandbox.run(&["diff", "out", "new"]).done();
    let expected = "public items of the crate: 0 removed, 0 changed, 1 added, 0 with other features (minor)\n  \
                    + models::Product.size: Option<i64>\n";
    assert_eq!(text, expected);
    assert_eq!(sandbox.run(&["diff", "out", "out"]).done(), "public items of the crate: no changes\n");
}

#[test]
fn versions_of_polar_are_compared() {
    let overlay = repository().join("spec/overlay.yaml").display().to_string();
    for (old, new) in [("2026-04", "2026-10"), ("2026-10", "2027-01")] {
        let (Some(from), Some(to)) = (shared(&format!("spec/{old}.yaml")), shared(&format!("spec/{new}.yaml"))) else {
            continue;
        };
        let text = diff(&from.display().to_string(), &to.display().to_string(), &["--overlay", &overlay]).done();
        insta::assert_snapshot!(format!("diff_{old}_{new}"), text);
    }
}

#[test]
fn documents_that_give_no_crate_are_compared_nevertheless() {
    let broken = shop_with(&[("/components/schemas/Product/not", json!({}))]);
    let sandbox = Sandbox::new();
    sandbox.write("old.json", shop().to_string());
    sandbox.write("new.json", broken);
    let text = sandbox.run(&["diff", "old.json", "new.json"]).done();
    assert!(text.contains("\nskipped: the items of the crate: new.json gives none:\nerror: "), "{text}");
}

#[test]
fn what_is_not_a_document_is_an_error() {
    let sandbox = Sandbox::new();
    sandbox.write("old.json", shop().to_string());
    for (text, message) in [("{", "not valid JSON"), ("{}", "the document does not state its OpenAPI version")] {
        sandbox.write("new.json", text);
        let complaint = sandbox.refusal(&["diff", "old.json", "new.json"]);
        assert!(
            complaint.starts_with(&format!("error: {message}")) && complaint.contains("  at new.json"),
            "{complaint}"
        );
    }
}
