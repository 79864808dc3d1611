//! What a maintainer sees when a document can be read and still can't become a crate, and what a run promises.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a failing test may panic")]

use polar_codegen::{Config, Coverage, Diagnostics, Input, OtherDocument, Output, Severity, Source, generate};
use serde_json::{Value, json};

mod combinations;
mod descriptions;
mod names;
mod overlays;
mod parameters;
mod rounds;
mod unions;
mod versions;

/// A document, and what goes with it.
#[derive(Clone, Copy, Default)]
struct Given<'a> {
    overlay: Option<&'a Value>,
    names: Option<&'a str>,
    /// Names and texts of files.
    docs: &'a [(&'a str, &'a str)],
    /// Other versions of the document.
    others: &'a [Value],
}

impl Given<'_> {
    fn generate(self, document: &Value) -> Result<Output, Diagnostics> {
        let document = document.to_string();
        let overlay = self.overlay.map(Value::to_string);
        let docs: Vec<_> = self.docs.iter().map(|(file, text)| Source { file, bytes: text.as_bytes() }).collect();
        let overlay = overlay.as_ref().map(|text| Source { file: "overlay.yaml", bytes: text.as_bytes() });
        let texts: Vec<_> = self.others.iter().map(Value::to_string).collect();
        let others = texts.iter().map(|text| OtherDocument {
            document: Source { file: "other.json", bytes: text.as_bytes() },
            source: "other.json",
            overlay,
            is_deprecated: false,
        });
        generate(&Input {
            document: Source { file: "shop.json", bytes: document.as_bytes() },
            others: &others.collect::<Vec<_>>(),
            overlay,
            names: self.names.map(|text| Source { file: "names.lock", bytes: text.as_bytes() }),
            docs: &docs,
            config: Config { source: "shop.json".to_owned(), agent: "shop/1.0".to_owned(), ..Config::default() },
        })
    }

    #[track_caller]
    fn fails(self, document: &Value, expected: &str) {
        let problems = self.generate(document).expect_err("the document is refused");
        assert_eq!(problems.to_string(), expected.trim());
        for problem in problems.iter().filter(|problem| problem.severity == Severity::Error) {
            assert!(problem.hint.is_some(), "no way out of: {problem}");
        }
    }

    #[track_caller]
    fn passes(self, document: &Value) -> Output {
        self.generate(document).unwrap_or_else(|problems| panic!("{problems}"))
    }
}

/// A document whose operations and schemas are given.
fn document(paths: Value, schemas: Value) -> Value {
    json!({
        "openapi": "3.1.0",
        "info": {"title": "Shop", "version": "2026-10"},
        "paths": paths,
        "components": {"schemas": schemas},
    })
}

/// A document with one operation, which answers with the schema `S`.
fn answering(schemas: Value) -> Value {
    document(json!({"/s": {"get": answers("things:get")}}), schemas)
}

/// An operation that answers with the schema `S`.
fn answers(id: &str) -> Value {
    let content = json!({"application/json": {"schema": {"$ref": "#/components/schemas/S"}}});
    json!({"operationId": id, "responses": {"200": {"content": content}}})
}

/// A document with one operation, whose answer has the given properties.
fn answering_thing(properties: Value) -> Value {
    document(json!({"/s": {"get": answers("things:get")}}), json!({"S": object(properties)}))
}

/// An operation that answers with nothing.
fn silent(id: &str) -> Value {
    json!({"operationId": id, "responses": {"204": {}}})
}

fn object(properties: Value) -> Value {
    json!({"type": "object", "properties": properties})
}

fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

fn overlay(actions: Value, accept: Value) -> Value {
    json!({
        "overlay": "1.0.0",
        "info": {"title": "Corrections", "version": "1"},
        "actions": actions,
        "x-accept": accept,
    })
}

fn text<'a>(output: &'a Output, path: &str) -> &'a str {
    let file = output.files.iter().find(|file| file.path == path);
    &file.unwrap_or_else(|| panic!("no file {path}")).text
}

#[test]
fn a_schema_that_never_ends_is_refused() {
    let required =
        |name: &str| json!({"type": "object", "required": ["next"], "properties": {"next": reference(name)}});
    Given::default().fails(
        &answering(json!({"S": required("B"), "B": required("S")})),
        "
error: every value of S contains another one, so that it never ends
  at shop.json#/components/schemas/S
  hint: make one property on the way back optional, nullable or a list
error: every value of B contains another one, so that it never ends
  at shop.json#/components/schemas/B
  hint: make one property on the way back optional, nullable or a list",
    );
    Given::default().fails(
        &answering(json!({"S": {"type": "array", "items": reference("S")}})),
        "
error: `S` contains itself without an object in between
  at shop.json#/components/schemas/S
  hint: #/components/schemas/S/items refers back to it; only objects can be recursive",
    );
}

#[test]
fn external_references_are_refused_with_their_operation() {
    let mut operation = silent("orders:create");
    operation["requestBody"] = json!({"content": {"application/json": {"schema": {"$ref": "other.yaml#/Order"}}}});
    Given::default().fails(
        &document(json!({"/a": {"post": operation}}), json!({})),
        "
error: `$ref` leads out of the document, to `other.yaml#/Order`
  at shop.json#/paths/~1a/post/requestBody/content/application~1json/schema/$ref
  in operation orders:create
  hint: bundle everything into one document first",
    );
}

/// A response with a body of this media type.
fn response(media: &str, schema: Value) -> Value {
    json!({"description": "", "content": {media: {"schema": schema}}})
}

#[test]
fn media_types_are_read_without_regard_to_case() {
    let mut operation = silent("orders:get");
    operation["responses"] = json!({
        "200": response("Application/JSON; charset=utf-8", json!({"type": "integer"})),
        "203": response("Text/Plain", json!({"type": "string"})),
    });
    let output = Given::default().passes(&document(json!({"/a": {"get": operation}}), json!({})));
    let resource = output.files.iter().find(|file| file.path == "resources/orders.rs").unwrap();
    assert!(resource.text.contains("    Ok(i64),\n"), "{}", resource.text);
    assert!(resource.text.contains("    NonAuthoritativeInformation(String),\n"), "{}", resource.text);
}

#[test]
fn a_second_json_body_of_another_type_is_refused() {
    let mut document = answering_thing(json!({"a": {"type": "string"}}));
    let other = object(json!({"b": {"type": "string"}}));
    document["paths"]["/s"]["get"]["responses"]["200"]["content"]["application/hal+json"] = json!({"schema": other});
    let pointer = "#/paths/~1s/get/responses/200/content/application~1hal+json";
    Given::default().fails(
        &document,
        &format!(
            "error: the response has another JSON body, as `application/hal+json`, which is not supported\n  \
             at shop.json{pointer}\n  in operation things:get\n  \
             hint: keep the one that the server sends in the overlay, or accept this pointer under x-accept: \
             `application/json` is read then"
        ),
    );
    let overlay = overlay(json!([]), json!([{"pointer": pointer, "reason": "A test."}]));
    Given { overlay: Some(&overlay), ..Given::default() }.passes(&document);
}

#[test]
fn a_lone_default_response_is_taken_as_success() {
    let mut operation = silent("orders:get");
    operation["responses"] = json!({"default": response("application/json", json!({"type": "integer"}))});
    let output = Given::default().passes(&document(json!({"/a": {"get": operation}}), json!({})));
    assert_eq!(
        output.diagnostics.to_string(),
        "note: no success is documented: `default` is taken as what a success contains\n  \
         at shop.json#/paths/~1a/get/responses/default\n  in operation orders:get\n  \
         hint: add the response of a success in the overlay"
    );
    let resource = output.files.iter().find(|file| file.path == "resources/orders.rs").unwrap();
    assert!(resource.text.contains("type Output = i64;"), "{}", resource.text);
}

#[test]
fn operations_without_a_success_are_warned_about() {
    let mut operation = silent("orders:get");
    operation["responses"] = json!({"404": {"description": ""}});
    let output = Given::default().passes(&document(json!({"/a": {"get": operation}}), json!({})));
    assert_eq!(
        output.diagnostics.to_string(),
        "warning: no success is documented: the operation gives nothing back\n  \
         at shop.json#/paths/~1a/get/responses\n  in operation orders:get\n  \
         hint: add the response of a success in the overlay"
    );
}

#[test]
fn all_problems_come_in_one_run() {
    let mut paged = answers("things:list");
    paged["x-polar-pagination"] = json!({"type": "cursor"});
    Given { names: Some("type\tx\n"), ..Given::default() }.fails(
        &document(
            json!({"/s": {"get": paged}}),
            json!({
                "S": object(json!({
                    "a-b": {"type": "string"},
                    "a_b": {"type": "string"},
                    "fixed": {"const": [1]},
                    "merged": {"allOf": [reference("A"), {"type": "string"}]},
                    "either": {"anyOf": [reference("A"), reference("B")]},
                })),
                "A": object(json!({"x": {"type": "string"}})),
                "B": object(json!({"x": {"type": "integer"}})),
            }),
        ),
        "
error: the line is not of three parts
  at names.lock:1:1
  hint: a line holds kind, key and name, with a tab in between
error: a const of this kind is not supported
  at shop.json#/components/schemas/S/properties/fixed
  hint: only strings, integers, booleans and null
error: this way of pagination is not supported
  at shop.json#/paths/~1s/get/x-polar-pagination
  in operation things:list
  hint: `type: page_limit` is known: query parameters `page` and `limit`
error: only objects with declared properties can be merged with others by allOf
  at shop.json#/components/schemas/S/properties/merged/allOf/1
  hint: write out the schema in the overlay, or accept the pointer under x-accept
error: `A` and `B` can't be told apart
  at shop.json#/components/schemas/S/properties/either
  hint: add a discriminator or a required property in the overlay, or accept the pointer under x-accept
error: `a_b` is also the name of the property `a-b`
  at shop.json#/components/schemas/S/properties/a_b
  hint: give it another name by a line in names.lock, with tabs in between: field\t#/components/schemas/S/properties/a_b\tNAME",
    );
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let union = json!({"anyOf": [{"type": "string"}, {"type": "integer"}, reference("T")]});
    let document = document(
        json!({"/s": {"get": answers("things:get"), "post": answers("parts:create")}, "/t": {"get": silent("things:count")}}),
        json!({"S": object(json!({"a": union, "t": {"type": "array", "items": reference("T")}})), "T": object(json!({"e": {"enum": ["x", "-x"]}}))}),
    );
    let (one, other) = (Given::default().passes(&document), Given::default().passes(&document));
    assert_eq!(one.files, other.files);
    assert_eq!(one.names.render(), other.names.render());
    assert_eq!((one.coverage, one.features), (other.coverage, other.features));
}

#[test]
fn coverage_accounts_for_every_schema() {
    let document = document(
        json!({"/s": {"get": answers("things:get"), "post": silent("things:touch")}}),
        json!({
            "S": {"allOf": [reference("Base"), object(json!({
                "kind": reference("Kind"),
                "name": reference("Name"),
                "either": {"anyOf": [{"type": "string"}, {"type": "integer"}]},
                "part": object(json!({"any": {}})),
            }))]},
            "Base": object(json!({"id": {"type": "string"}})),
            "Kind": {"type": "string", "enum": ["a", "b"]},
            "Name": {"type": "string"},
            "Alone": object(json!({"friend": reference("Friend")})),
            "Friend": {"type": "string"},
        }),
    );
    let Coverage {
        version,
        operations,
        webhooks,
        schemas,
        supported,
        structs,
        enums,
        unions,
        inline,
        aliases,
        merged,
        unreferenced,
        unaccounted,
        untyped,
        ..
    } = Given::default().passes(&document).coverage;
    assert_eq!((version.as_str(), operations, webhooks, schemas), ("2026-10", 2, 0, 6));
    assert_eq!((supported, structs, enums, unions, inline), (2, 2, 1, 1, 2));
    let aliases: Vec<_> = aliases.iter().map(|alias| (alias.schema.as_str(), alias.stands_for.as_str())).collect();
    assert_eq!(aliases, [("Name", "string")]);
    assert_eq!(merged, ["Base"]);
    assert_eq!(unreferenced, ["Alone", "Friend"]);
    assert_eq!(unaccounted, Vec::<String>::new());
    assert_eq!(untyped.iter().map(|place| place.place.as_str()).collect::<Vec<_>>(), ["SPart.any"]);
}
