//! What a maintainer sees when a document can be read and still can't become a crate, and what a run promises.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a failing test may panic")]

use polar_codegen::{Config, Coverage, Diagnostics, Input, Output, Severity, Source, generate};
use serde_json::{Value, json};

mod combinations;
mod descriptions;
mod names;
mod parameters;

/// A document, and what goes with it.
#[derive(Clone, Copy, Default)]
struct Given<'a> {
    overlay: Option<&'a Value>,
    names: Option<&'a str>,
    /// Names and texts of files.
    docs: &'a [(&'a str, &'a str)],
}

impl Given<'_> {
    fn generate(self, document: &Value) -> Result<Output, Diagnostics> {
        let document = document.to_string();
        let overlay = self.overlay.map(Value::to_string);
        let docs: Vec<_> = self.docs.iter().map(|(file, text)| Source { file, bytes: text.as_bytes() }).collect();
        generate(&Input {
            document: Source { file: "shop.json", bytes: document.as_bytes() },
            overlay: overlay.as_ref().map(|text| Source { file: "overlay.yaml", bytes: text.as_bytes() }),
            names: self.names.map(|text| Source { file: "names.lock", bytes: text.as_bytes() }),
            docs: &docs,
            config: Config { source: "shop.json".to_owned(), agent: "shop/1.0".to_owned() },
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
fn types_of_one_name_are_refused() {
    Given::default().fails(
        &answering(json!({
            "S": object(json!({"a": reference("Cost-Input"), "b": reference("Cost_Input")})),
            "Cost-Input": object(json!({})),
            "Cost_Input": object(json!({})),
        })),
        "
error: `CostInput` is also the name of the schema at #/components/schemas/Cost-Input
  at shop.json#/components/schemas/Cost_Input
  hint: give it another name by a line in names.lock, with tabs in between: type\t#/components/schemas/Cost_Input\tNAME",
    );
}

#[test]
fn members_of_one_name_are_refused() {
    Given::default().fails(
        &answering(json!({"S": object(json!({"a/b": {"type": "string"}, "a_b": {"type": "string"}, "aB": {}}))})),
        "
error: `a_b` is also the name of the property `a/b`
  at shop.json#/components/schemas/S/properties/a_b
  hint: give it another name by a line in names.lock, with tabs in between: field\t#/components/schemas/S/properties/a_b\tNAME
error: `a_b` is also the name of the property `a_b`
  at shop.json#/components/schemas/S/properties/aB
  hint: give it another name by a line in names.lock, with tabs in between: field\t#/components/schemas/S/properties/aB\tNAME",
    );
}

#[test]
fn enum_values_with_the_same_name_are_refused() {
    Given::default().fails(
        &answering(json!({"S": {"type": "string", "enum": ["a b", "a  b", "a-b"]}})),
        "
error: `a  b`: `AB` is also the name of the value `a b`
  at shop.json#/components/schemas/S/enum
  hint: give it another name by a line in names.lock, with tabs in between: variant\t#/components/schemas/S/enum/a  b\tNAME",
    );
}

#[test]
fn events_of_one_name_are_refused() {
    let webhook = |event: &str| {
        let schema = json!({"type": "object", "required": ["type"], "properties": {"type": {"const": event}}});
        json!({"post": {"requestBody": {"content": {"application/json": {"schema": schema}}}, "responses": {"200": {}}}})
    };
    let document = json!({
        "openapi": "3.1.0",
        "info": {"title": "Shop", "version": "2026-10"},
        "webhooks": {"order.paid": webhook("order.paid"), "order_paid": webhook("order_paid")},
    });
    let problems = Given::default().generate(&document).expect_err("the document is refused").to_string();
    assert!(
        problems.starts_with(
            "error: `OrderPaid` is also the name of the variant `order.paid`\n  \
             at shop.json#/webhooks/order_paid/post/requestBody/content/application~1json/schema\n  \
             hint: give it another name by a line in names.lock"
        ),
        "{problems}"
    );
}

#[test]
fn methods_and_parameters_of_one_name_are_refused() {
    let query = |name: &str| json!({"name": name, "in": "query", "schema": {"type": "string"}});
    let mut list = silent("shop:list");
    list["parameters"] = json!([query("customer_id"), query("customer-id")]);
    Given::default().fails(
        &document(
            json!({
                "/a": {"get": list, "post": silent("shop.list")},
                "/b": {"get": silent("shop:orders:list"), "post": silent("shop:orders")},
                "/c": {"get": silent("shop:order-items:list"), "post": silent("shop:order:items:list")},
            }),
            json!({}),
        ),
        "
error: `ShopOrderItems` is the name of the resources `shop:order_items` and `shop:order:items`
  at shop.json#/paths/~1c/post
  in operation shop:order:items:list
  hint: give the operations other ids in the overlay
error: `customer_id` is also the name of the parameter `customer_id`
  at shop.json#/paths/~1a/get/parameters/1
  in operation shop:list
  hint: give it another name by a line in names.lock, with tabs in between: parameter\tshop:list/customer-id\tNAME
error: `list` is also the name of the operation `shop:list`
  at shop.json#/paths/~1a/post
  in operation shop.list
  hint: give it another name by a line in names.lock, with tabs in between: method\tshop.list\tNAME
error: `ShopListRequest` is also the name of the request of `shop:list`
  at shop.json#/paths/~1a/post
  in operation shop.list
  hint: give it another name by a line in names.lock, with tabs in between: request\tshop.list\tNAME
error: `orders` is also the name of the resource `shop:orders`
  at shop.json#/paths/~1b/post
  in operation shop:orders
  hint: give it another name by a line in names.lock, with tabs in between: method\tshop:orders\tNAME
error: `ShopOrderItemsListRequest` is also the name of the request of `shop:order-items:list`
  at shop.json#/paths/~1c/post
  in operation shop:order:items:list
  hint: give it another name by a line in names.lock, with tabs in between: request\tshop:order:items:list\tNAME",
    );
}

#[test]
fn a_type_named_like_its_resource_is_refused() {
    Given::default().fails(
        &document(json!({"/s": {"get": answers("s:get")}}), json!({"S": object(json!({}))})),
        "
error: `S` is also the name of the resource `s`
  at shop.json#/components/schemas/S
  hint: give it another name by a line in names.lock, with tabs in between: type\t#/components/schemas/S\tNAME",
    );
    Given { names: Some("type\t#/components/schemas/S\tThing\n"), ..Given::default() }
        .passes(&document(json!({"/s": {"get": answers("s:get")}}), json!({"S": object(json!({}))})));
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
fn a_union_that_nobody_can_decide_is_refused() {
    let document = answering(json!({
        "S": object(json!({"of": {"anyOf": [reference("A"), reference("B")]}})),
        "A": object(json!({"x": {"type": "string"}})),
        "B": object(json!({"x": {"type": "integer"}})),
    }));
    Given::default().fails(
        &document,
        "
error: `A` and `B` can't be told apart
  at shop.json#/components/schemas/S/properties/of
  hint: add a discriminator or a required property in the overlay, or accept the pointer under x-accept",
    );
    let accept = json!([{"pointer": "#/components/schemas/S/properties/of", "reason": "The server sends only A."}]);
    let overlay = overlay(json!([]), accept);
    let output = Given { overlay: Some(&overlay), ..Given::default() }.passes(&document);
    assert_eq!(
        output.diagnostics.to_string(),
        "note: `A` and `B` can't be told apart; left out, as the overlay accepts\n  \
         at shop.json#/components/schemas/S/properties/of"
    );
}

#[test]
fn a_discriminator_that_leads_nowhere_is_refused() {
    let tagged = json!({"type": "object", "required": ["t"], "properties": {"t": {"type": "string"}}});
    Given::default().fails(
        &answering(json!({
            "S": {
                "oneOf": [reference("A"), tagged],
                "discriminator": {"propertyName": "t", "mapping": {"a": "#/components/schemas/A", "b": "B"}},
            },
            "A": tagged,
            "B": tagged,
        })),
        "
error: the discriminator maps `b` to `B`, which is not a variant of the union
  at shop.json#/components/schemas/S/discriminator/mapping
  hint: correct the mapping in the overlay
error: no value of the discriminator leads to the schema at #/components/schemas/S/oneOf/1
  at shop.json#/components/schemas/S/discriminator
  hint: make it a component schema and map a value to it in the overlay",
    );
}

#[test]
fn ambiguous_discriminators_are_refused() {
    let tagged = json!({"type": "object", "required": ["t"], "properties": {"t": {"const": "a"}}});
    Given::default().fails(
        &answering(json!({
            "S": {"oneOf": [reference("A"), reference("B")], "discriminator": {"propertyName": "t"}},
            "A": tagged,
            "B": tagged,
        })),
        "
error: `a` leads to both `A` and `B`
  at shop.json#/components/schemas/S/discriminator
  hint: map the value to one of them in the overlay",
    );
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
error: the API version can't be the default: the property does not list `2026-10`, the version of the document
  at shop.json#/components/schemas/S/properties/a/x-default-api-version
  hint: an optional string that admits the version of the document can have it as default
error: the API version can't be the default: the property is not a string
  at shop.json#/components/schemas/S/properties/b/x-default-api-version
  hint: an optional string that admits the version of the document can have it as default
error: the API version can't be the default: its value is not `true`
  at shop.json#/components/schemas/S/properties/c/x-default-api-version
  hint: an optional string that admits the version of the document can have it as default
error: the API version can't be the default: the property is not optional
  at shop.json#/components/schemas/S/properties/r/x-default-api-version
  hint: an optional string that admits the version of the document can have it as default",
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
fn variants_with_one_name_need_a_line_in_the_lock() {
    let mut operation = silent("orders:get");
    operation["responses"] = json!({"200": response("application/json", json!({})), "202": {"description": ""}});
    let document = document(json!({"/a": {"get": operation}}), json!({}));
    Given { names: Some("variant\torders:get 202\tOk\n"), ..Given::default() }.fails(
        &document,
        "
error: `Ok` is also the name of the status `200`
  at shop.json#/paths/~1a/get/responses/202
  in operation orders:get
  hint: give it another name by a line in names.lock, with tabs in between: variant\torders:get 202\tNAME",
    );
    let names = "output\torders:get\tInvoice\nvariant\torders:get 202\tNotReady\n";
    let output = Given { names: Some(names), ..Given::default() }.passes(&document);
    let resource = output.files.iter().find(|file| file.path == "resources/orders.rs").unwrap();
    assert!(resource.text.contains("202 => Ok(Self::NotReady)"), "{}", resource.text);
    let pinned = output.names.render();
    assert!(names.lines().all(|line| pinned.lines().any(|other| other == line)), "{pinned}");
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
  hint: give it `each` and `has`: the name of a list in the body, and of a property of its elements
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
        "note: `not` of a schema is not supported; left out, as the overlay accepts\n  \
         at shop.json#/components/schemas/S/properties/a/not\n\
         note: a const of this kind is not supported; left out, as the overlay accepts\n  \
         at shop.json#/components/schemas/S/properties/b"
    );
    assert_eq!(output.coverage.notes.len(), 2, "the report shows them");
}

/// A document with one operation, whose answer has the given properties.
fn answering_thing(properties: Value) -> Value {
    document(json!({"/s": {"get": answers("things:get")}}), json!({"S": object(properties)}))
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
  hint: remove the action if the document is fixed by now; otherwise correct the path",
    );
    let stale = overlay(
        json!([]),
        json!([{"pointer": "#/components/schemas/S/properties/a/not", "reason": "Nobody sends x."}]),
    );
    Given { overlay: Some(&stale), ..Given::default() }.fails(
        &document,
        "
error: nothing is left to accept at `#/components/schemas/S/properties/a/not`
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
error: there is no resource `portal` for a session to open
  at shop.json#/components/schemas/S
  hint: name the first part of operation ids, in lower case with underscores",
    );
    Given::default().fails(
        &session(json!(true)),
        "
error: this is not the name of a resource
  at shop.json#/components/schemas/S/x-session
  hint: give it the name of a resource, as a string",
    );
    let output = Given::default().passes(&session(json!("things")));
    assert!(text(&output, "models/things.rs").contains("pub fn things(&self, polar: &Polar)"));
}
