//! Additions of the overlay: types, our extensions, and accepted diagnostics.

use super::*;

#[test]
fn what_the_overlay_accepts_becomes_a_note() {
    let document = answering_thing(json!({"a": {"type": "string", "not": {"const": "x"}}, "b": {"const": {}}}));
    let accept = json!([
        {"pointer": "#/components/schemas/S/properties/a/not", "reason": "Nobody sends x."},
        {"pointer": "#/components/schemas/S/properties/b", "reason": "We read it as it comes."},
    ]);
    let overlay = overlay(json!([]), accept);
    let output = Given { overlay: Some(&overlay), ..Given::default() }.passes(&document);
    assert_eq!(
        output.diagnostics.to_string(),
        "note: `not` of a schema is not supported; left out, because the overlay accepts it\n  \
         at shop.json#/components/schemas/S/properties/a/not\n\
         note: a const of this type is not supported; left out, because the overlay accepts it\n  \
         at shop.json#/components/schemas/S/properties/b"
    );
    assert_eq!(output.coverage.notes.len(), 2, "the report shows them");
}

#[test]
fn corrections_without_a_use_are_refused() {
    let document = answering_thing(json!({"a": {"type": "string"}}));
    let stale = overlay(
        json!([{"target": "$.components.schemas.Gone", "description": "It was wrong.", "remove": true}]),
        json!([]),
    );
    Given { overlay: Some(&stale), ..Given::default() }.fails(
        &document,
        "
error: the target `$.components.schemas.Gone` matches nothing
  at overlay.yaml#/actions/0
  hint: remove the action if the document was fixed; otherwise correct the path",
    );
    let stale = overlay(
        json!([]),
        json!([{"pointer": "#/components/schemas/S/properties/a/not", "reason": "Nobody sends x."}]),
    );
    Given { overlay: Some(&stale), ..Given::default() }.fails(
        &document,
        "
error: nothing needs to be accepted at `#/components/schemas/S/properties/a/not`
  at overlay.yaml#/x-accept/0
  hint: remove the entry",
    );
}

#[test]
fn an_overlay_types_what_the_document_leaves_open() {
    let document = answering_thing(json!({"data": {}}));
    let open = Given::default().passes(&document);
    let places: Vec<_> =
        open.coverage.untyped.iter().map(|place| (place.pointer.as_str(), place.place.as_str())).collect();
    assert_eq!(places, [("#/components/schemas/S/properties/data", "S.data")]);
    assert!(text(&open, "models/things.rs").contains("pub data: Option<serde_json::Value>,"));

    let update = json!({"data": {"type": "object", "additionalProperties": {"type": "integer"}}});
    let action = json!({"target": "$.components.schemas.S.properties", "description": "Seen so.", "update": update});
    let overlay = overlay(json!([action]), json!([]));
    let typed = Given { overlay: Some(&overlay), ..Given::default() }.passes(&document);
    assert_eq!(typed.coverage.untyped, []);
    assert!(text(&typed, "models/things.rs").contains("pub data: Option<BTreeMap<String, i64>>,"));
}

/// A document with one operation, which sends the schema `S`.
fn sending(schemas: Value) -> Value {
    let mut operation = silent("things:create");
    operation["requestBody"] = json!({"content": {"application/json": {"schema": reference("S")}}});
    document(json!({"/s": {"post": operation}}), schemas)
}

#[test]
fn an_api_version_that_can_not_be_a_default_is_refused() {
    let property = |schema: Value| json!({"S": {"type": "object", "required": ["r"], "properties": schema}});
    let mark = "x-default-api-version";
    Given::default().fails(
        &sending(property(json!({
            "a": {"type": "string", "enum": ["2026-04"], mark: true},
            "b": {"type": "integer", mark: true},
            "c": {"type": "string", mark: "2026-10"},
            "r": {"type": "string", mark: true},
        }))),
        "
error: the API version can't be the default: the property does not allow `2026-10`, the version of the document
  at shop.json#/components/schemas/S/properties/a/x-default-api-version
  hint: only an optional string that allows the version of the document can have this default
error: the API version can't be the default: the property is not a string
  at shop.json#/components/schemas/S/properties/b/x-default-api-version
  hint: only an optional string that allows the version of the document can have this default
error: the API version can't be the default: its value is not `true`
  at shop.json#/components/schemas/S/properties/c/x-default-api-version
  hint: only an optional string that allows the version of the document can have this default
error: the API version can't be the default: the property is not optional
  at shop.json#/components/schemas/S/properties/r/x-default-api-version
  hint: only an optional string that allows the version of the document can have this default",
    );
    Given::default().fails(
        &answering(property(json!({"r": {"type": "string"}, "a": {"type": "string", mark: true}}))),
        "
error: a default for requests in a schema that no request sends
  at shop.json#/components/schemas/S/properties/a
  hint: mark the property in the schema of a request body",
    );
}

#[test]
fn retry_data_that_says_nothing_is_an_error() {
    let mut operation = silent("orders:create");
    operation["x-idempotent-when"] = json!({"each": "orders"});
    let mut document = document(json!({"/a": {"post": operation}}), json!({}));
    document["x-retryable-errors"] = json!([
        {"status": 409, "error": "OrderLocked"},
        {"status": 200, "error": "OrderLocked"},
        {"status": 409},
    ]);
    let hint = "list objects with `status`, a status from 400 to 599, and `error`, the code in the body";
    let expected = format!(
        "
error: this condition is not supported
  at shop.json#/paths/~1a/post/x-idempotent-when
  in operation orders:create
  hint: add `each` and `has`: the name of a list in the body, and of a property of its elements
error: this is not a retryable error
  at shop.json#/x-retryable-errors/1
  hint: {hint}
error: this is not a retryable error
  at shop.json#/x-retryable-errors/2
  hint: {hint}"
    );
    Given::default().fails(&document, &expected);
}

#[test]
fn sessions_need_a_secret_token_and_an_end() {
    let date = json!({"type": "string", "format": "date-time"});
    for (token, required) in [
        (json!({"type": "string"}), json!(["token", "expires_at"])),
        (json!({"type": "string", "format": "password"}), json!(["token"])),
    ] {
        let mut session = object(json!({"token": token, "expires_at": date}));
        session["required"] = required;
        session["x-session"] = json!("things");
        Given::default().fails(
            &answering(json!({"S": session})),
            "
error: a session has no token or no end
  at shop.json#/components/schemas/S
  hint: `token` is a string with `format: password`, `expires_at` one with `date-time`, both required",
        );
    }
}

#[test]
fn a_session_opens_a_resource_that_exists() {
    let properties = json!({
        "token": {"type": "string", "format": "password"},
        "expires_at": {"type": "string", "format": "date-time"},
    });
    let session = |opens: Value| {
        let mut session = object(properties.clone());
        session["required"] = json!(["token", "expires_at"]);
        session["x-session"] = opens;
        answering(json!({"S": session}))
    };
    Given::default().fails(
        &session(json!("portal")),
        "
error: the session opens the resource `portal`, which does not exist
  at shop.json#/components/schemas/S
  hint: use the first part of operation ids, in lower case with underscores",
    );
    Given::default().fails(
        &session(json!(true)),
        "
error: this is not the name of a resource
  at shop.json#/components/schemas/S/x-session
  hint: set it to the name of a resource, as a string",
    );
    let output = Given::default().passes(&session(json!("things")));
    assert!(text(&output, "models/things/methods.rs").contains("pub fn things(&self, polar: &Polar)"));
}
