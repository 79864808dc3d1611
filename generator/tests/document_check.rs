//! Errors in documents: wrong documents, and unsupported constructs.
#![allow(clippy::expect_used, clippy::panic, reason = "a failing test may panic")]

use polar_codegen::document::check::{UNSUPPORTED_HINT, check};
use polar_codegen::document::overlay;
use serde_json::{Value, json};

fn messages(document: &Value) -> Vec<String> {
    check(document, None).diagnostics.iter().map(ToString::to_string).collect()
}

/// A document with one operation and these properties.
fn operation(path: &str, properties: Value) -> Value {
    let mut operation = json!({"operationId": "a:get", "responses": {"204": {}}});
    merge(&mut operation, properties);
    json!({"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": {path: {"get": operation}}})
}

/// A document with one schema.
fn schema(schema: Value) -> Value {
    schemas(json!({"S": schema, "Other": {"type": "string"}}))
}

fn schemas(schemas: Value) -> Value {
    let mut document = operation("/a", json!({}));
    merge(&mut document, json!({"components": {"schemas": schemas}}));
    document
}

fn merge(into: &mut Value, properties: Value) {
    if let (Value::Object(into), Value::Object(properties)) = (into, properties) {
        into.extend(properties);
    }
}

/// A document for each kind of error, with all messages of the run.
fn mistakes() -> Vec<(&'static str, Value, &'static str)> {
    vec![
        (
            "a Swagger 2 document",
            json!({"swagger": "2.0"}),
            r##"
error: this is a Swagger 2 document, not an OpenAPI 3 one
  at #/swagger
  hint: convert it to OpenAPI 3.0 or 3.1
"##,
        ),
        (
            "no version",
            json!({}),
            r##"
error: the document does not state its OpenAPI version
  at #
  hint: use an OpenAPI document, which starts with a line such as `openapi: 3.1.0`
"##,
        ),
        (
            "a version of tomorrow",
            json!({"openapi": "3.2.0"}),
            r##"
error: OpenAPI 3.2.0 is not supported
  at #/openapi
  hint: use OpenAPI 3.0.x or 3.1.x
"##,
        ),
        (
            "a version without quotes",
            json!({"openapi": 3.1}),
            r##"
error: `openapi` is a number, not a string
  at #/openapi
  hint: put the version in quotes, as in "3.1.0"
"##,
        ),
        (
            "no paths",
            json!({"openapi": "3.1.0", "info": {"title": "", "version": ""}}),
            r##"
error: the document has neither paths nor webhooks
  at #
  hint: check that the document is complete
"##,
        ),
        (
            "empty paths",
            json!({"openapi": "3.0.3", "info": {"title": ""}, "paths": {"x-a": 1}, "webhooks": {}}),
            r##"
error: the document has neither paths nor webhooks
  at #/paths
  hint: check that the document is complete
error: `info` has no `version`
  at #/info
  hint: fix the document, or correct it in the overlay
"##,
        ),
        (
            "references to nowhere",
            schemas(
                json!({"A": {"$ref": "#/components/schemas/Gone"}, "B": {"$ref": "other.yaml#/X"}, "C": {"$ref": 7}, "D": {"$ref": "#/components/schemas/A/properties"}, "E": {"$ref": "#/info"}}),
            ),
            r##"
error: `$ref` has no target: `#/components/schemas/Gone` does not exist
  at #/components/schemas/A/$ref
  hint: correct the name, or add the component
error: `$ref` refers to another document: `other.yaml#/X`
  at #/components/schemas/B/$ref
  hint: bundle everything into one document first
error: `$ref` is a number, not a string
  at #/components/schemas/C/$ref
  hint: fix the document, or correct it in the overlay
error: `$ref` has no target: `#/components/schemas/A/properties` does not exist
  at #/components/schemas/D/$ref
  hint: correct the name, or add the component
error: `$ref` refers to `#/info`, which is not under `#/components/schemas`
  at #/components/schemas/E/$ref
  hint: move the target into components
"##,
        ),
        (
            "references in a circle",
            schemas(
                json!({"A": {"$ref": "#/components/schemas/B"}, "B": {"$ref": "#/components/schemas/A"}, "T": {"properties": {"c": {"$ref": "#/components/schemas/T"}}}, "U": {"anyOf": [{"type": "string"}, {"$ref": "#/components/schemas/U"}]}}),
            ),
            r##"
error: the references form a circle: #/components/schemas/A -> #/components/schemas/B -> #/components/schemas/A
  at #/components/schemas/A
  hint: replace one of them by a schema
error: the references form a circle: #/components/schemas/U -> #/components/schemas/U
  at #/components/schemas/U
  hint: replace one of them by a schema
"##,
        ),
        (
            "braces that do not match",
            operation("/a/{id", json!({})),
            r##"
error: the braces of the path `/a/{id` do not match
  at #/paths/~1a~1{id
  hint: write each parameter as `{name}`
"##,
        ),
        (
            "empty braces",
            operation("/a/{}", json!({})),
            r##"
error: the path `/a/{}` has empty braces
  at #/paths/~1a~1{}
  hint: write each parameter as `{name}`
"##,
        ),
        (
            "a path parameter that nothing declares",
            operation("/a/{id}", json!({})),
            r##"
error: the path contains `{id}`, but no parameter declares it
  at #/paths/~1a~1{id}/get
  in operation a:get
  hint: declare the parameter with `in: path`
"##,
        ),
        (
            "parameters",
            operation(
                "/a/{id}",
                json!({"parameters": [
        {"name": "id", "in": "path", "schema": {"type": "string"}}, {"name": "x", "in": "path", "required": true, "schema": {}},
        {"name": "q", "in": "query", "schema": {}}, {"name": "q", "in": "query", "schema": {}},
        {"name": "c", "in": "cookie", "schema": {}}, {"name": "d", "in": "query", "content": {}}, {"name": "e", "in": "query", "style": "pipeDelimited", "schema": {}},
        {"name": "f", "in": "body", "schema": {}}, {"name": "g", "in": "header"}, {"in": "query", "schema": {}}, {"$ref": "#/components/parameters/Gone"}]}),
            ),
            r##"
error: the query parameter `q` is already declared at #/paths/~1a~1{id}/get/parameters/2
  at #/paths/~1a~1{id}/get/parameters/3
  in operation a:get
  hint: keep one of them
error: the path parameter `id` is not required
  at #/paths/~1a~1{id}/get/parameters/0
  in operation a:get
  hint: add `required: true`; path parameters are always required
error: the path parameter `x` is not in the path
  at #/paths/~1a~1{id}/get/parameters/1
  in operation a:get
  hint: add it to the path, or remove it
error: the cookie parameter `c` is not supported
  at #/paths/~1a~1{id}/get/parameters/4
  in operation a:get
  hint: extend the generator, or accept this pointer in the overlay under x-accept
error: `content` of a parameter is not supported
  at #/paths/~1a~1{id}/get/parameters/5
  in operation a:get
  hint: extend the generator, or accept this pointer in the overlay under x-accept
error: the style `pipeDelimited` of the query parameter `e` is not supported
  at #/paths/~1a~1{id}/get/parameters/6/style
  in operation a:get
  hint: if the server also reads the default style, remove this one in the overlay; else describe the parameter as a string, and the caller writes the text
error: a parameter can't be in `body`
  at #/paths/~1a~1{id}/get/parameters/7/in
  in operation a:get
  hint: use path, query or header
error: the header parameter `g` has no schema
  at #/paths/~1a~1{id}/get/parameters/8
  in operation a:get
  hint: add one, if only `{}`
error: a parameter has no `name`
  at #/paths/~1a~1{id}/get/parameters/9
  in operation a:get
  hint: fix the document, or correct it in the overlay
error: `$ref` has no target: `#/components/parameters/Gone` does not exist
  at #/paths/~1a~1{id}/get/parameters/10/$ref
  in operation a:get
  hint: correct the name, or add the component
"##,
        ),
        (
            "an operation",
            operation(
                "/a",
                json!({"callbacks": {}, "servers": [], "requestBody": {"content": {"multipart/form-data": {"encoding": {}}}}, "security": [{"gone": []}],
        "responses": {"2000": {}, "200": {"links": {}, "content": {"image/png": {}, "application/problem+json; charset=utf-8": {}}}}, "operationID": "x"}),
            ),
            r##"
error: `2000` is not a status code such as `200`, `2XX` or `default`
  at #/paths/~1a/get/responses/2000
  in operation a:get
  hint: fix the document, or correct it in the overlay
error: `callbacks` of an operation is not supported
  at #/paths/~1a/get/callbacks
  in operation a:get
  hint: extend the generator, or accept this pointer in the overlay under x-accept
error: `servers` of an operation is not supported
  at #/paths/~1a/get/servers
  in operation a:get
  hint: extend the generator, or accept this pointer in the overlay under x-accept
error: `operationID` is unknown in an operation
  at #/paths/~1a/get/operationID
  in operation a:get
  hint: extend the generator, or accept this pointer in the overlay under x-accept
error: the security scheme `gone` does not exist
  at #/paths/~1a/get/security/0/gone
  in operation a:get
  hint: declare it under `components/securitySchemes`
error: `links` of a response is not supported
  at #/paths/~1a/get/responses/200/links
  in operation a:get
  hint: extend the generator, or accept this pointer in the overlay under x-accept
error: the media type `image/png` of a response is not supported
  at #/paths/~1a/get/responses/200/content/image~1png
  in operation a:get
  hint: extend the generator, or accept this pointer in the overlay under x-accept
error: the media type `multipart/form-data` of a request is not supported
  at #/paths/~1a/get/requestBody/content/multipart~1form-data
  in operation a:get
  hint: extend the generator, or accept this pointer in the overlay under x-accept
error: `encoding` of a media type is not supported
  at #/paths/~1a/get/requestBody/content/multipart~1form-data/encoding
  in operation a:get
  hint: extend the generator, or accept this pointer in the overlay under x-accept
"##,
        ),
        (
            "contradictory bounds",
            schemas(
                json!({"A": {"minimum": 2, "maximum": 1}, "B": {"minimum": 1, "exclusiveMaximum": 1}, "C": {"minLength": 2, "maxLength": 1}, "D": {"minItems": 2, "maxItems": 1}, "E": {"minProperties": 2, "maxProperties": 1}, "F": {"enum": []},
        "G": {"minimum": 1, "maximum": 1, "exclusiveMinimum": true}, "H": {"exclusiveMinimum": 1, "exclusiveMaximum": 0}, "I": {"type": "string", "const": 1}, "J": {"type": "integer", "enum": [1, "a", null, 2.0]}, "K": {"type": "text"}}),
            ),
            r##"
error: `minimum` 2 leaves no value below `maximum` 1
  at #/components/schemas/A/minimum
  hint: fix the document, or correct it in the overlay
error: `minimum` 1 leaves no value below `exclusiveMaximum` 1
  at #/components/schemas/B/minimum
  hint: fix the document, or correct it in the overlay
error: `minLength` 2 is above `maxLength` 1
  at #/components/schemas/C/minLength
  hint: fix the document, or correct it in the overlay
error: `minItems` 2 is above `maxItems` 1
  at #/components/schemas/D/minItems
  hint: fix the document, or correct it in the overlay
error: `minProperties` 2 is above `maxProperties` 1
  at #/components/schemas/E/minProperties
  hint: fix the document, or correct it in the overlay
error: the enum is empty, so no value is valid
  at #/components/schemas/F/enum
  hint: fix the document, or correct it in the overlay
error: `minimum` 1 leaves no value below `maximum` 1
  at #/components/schemas/G/minimum
  hint: fix the document, or correct it in the overlay
error: `exclusiveMinimum` 1 leaves no value below `exclusiveMaximum` 0
  at #/components/schemas/H/exclusiveMinimum
  hint: fix the document, or correct it in the overlay
error: the constant 1 is not of type string
  at #/components/schemas/I/const
  hint: fix the document, or correct it in the overlay
error: the enum's value "a" is not of type integer
  at #/components/schemas/J/enum
  hint: fix the document, or correct it in the overlay
error: `text` is not a type
  at #/components/schemas/K/type
  hint: use string, number, integer, boolean, object, array or null
"##,
        ),
        (
            "required properties that are not declared",
            schemas(
                json!({"A": {"properties": {}, "required": ["a"], "additionalProperties": false}, "B": {"properties": {}, "required": ["b"]}}),
            ),
            r##"
error: the required property `a` is not declared, and no others are allowed
  at #/components/schemas/A/required/0
  hint: declare it, or do not require it
note: the required property `b` is not declared
  at #/components/schemas/B/required/0
"##,
        ),
        (
            "values of the wrong type",
            schema(
                json!({"minLength": -1, "required": "a", "anyOf": {}, "properties": {"a": 7, "b": false}, "x-const": 1, "colour": 1, "type": 5}),
            ),
            r##"
error: `minLength` is a number, not a whole number from zero up
  at #/components/schemas/S/minLength
  hint: fix the document, or correct it in the overlay
error: `required` is a string, not an array of strings
  at #/components/schemas/S/required
  hint: fix the document, or correct it in the overlay
error: `anyOf` is an object, not an array
  at #/components/schemas/S/anyOf
  hint: fix the document, or correct it in the overlay
error: `x-const` is reserved by the generator
  at #/components/schemas/S/x-const
  hint: rename it in the document, or remove it in the overlay
error: `colour` is unknown in a schema
  at #/components/schemas/S/colour
  hint: extend the generator, or accept this pointer in the overlay under x-accept
error: `type` is a number, not the name of a type or a list of names
  at #/components/schemas/S/type
  hint: fix the document, or correct it in the overlay
error: a schema is a number, not an object
  at #/components/schemas/S/properties/a
  hint: fix the document, or correct it in the overlay
error: the schema `false`, which allows no value, is not supported
  at #/components/schemas/S/properties/b
  hint: extend the generator, or accept this pointer in the overlay under x-accept
"##,
        ),
        (
            "a tuple with more to follow",
            schema(json!({"prefixItems": [{}], "items": {"type": "string"}})),
            r##"
error: `items` after `prefixItems` is not supported
  at #/components/schemas/S/items
  hint: extend the generator, or accept this pointer in the overlay under x-accept
"##,
        ),
        (
            "path items",
            json!({"openapi": "3.1.0", "info": {"title": "", "version": ""}, "paths": {"/a": {"$ref": "#/components/pathItems/A"}, "b": {"get": {"responses": {}}}, "/c": {}, "/d": {"get": {"operationId": "x", "responses": {}}}, "/e": {"get": {"operationId": "x", "responses": {}}}}}),
            r##"
error: `b` is not a path that starts with `/`
  at #/paths/b
  hint: fix the document, or correct it in the overlay
error: `$ref` of a path item is not supported
  at #/paths/~1a/$ref
  hint: extend the generator, or accept this pointer in the overlay under x-accept
error: the operation has no operationId
  at #/paths/b/get
  hint: add one in the overlay; the function is named after it
warning: the path has no operation
  at #/paths/~1c
error: the operationId `x` is already used by #/paths/~1d/get
  at #/paths/~1e/get/operationId
  in operation x
  hint: give each operation a different id
"##,
        ),
    ]
}

#[test]
fn every_error_has_a_place_and_a_hint() {
    for (name, document, expected) in mistakes() {
        assert_eq!(messages(&document).join("\n"), expected.trim(), "{name}");
    }
}

#[test]
fn keywords_beyond_the_model_are_told_or_accepted() {
    let keywords = [
        "if",
        "then",
        "else",
        "not",
        "contains",
        "dependentRequired",
        "dependentSchemas",
        "unevaluatedProperties",
        "$dynamicRef",
        "$defs",
        "$anchor",
    ];
    for keyword in keywords {
        let document = schema(json!({keyword: {"$ref": "#/nowhere"}}));
        let pointer = format!("#/components/schemas/S/{keyword}");
        let message = format!("`{keyword}` of a schema is not supported");
        assert_eq!(messages(&document), [format!("error: {message}\n  at {pointer}\n  hint: {UNSUPPORTED_HINT}")]);

        let accepting = accepting(&[&pointer]);
        let checked = check(&document, Some(&accepting));
        let told: Vec<_> = checked.diagnostics.iter().map(ToString::to_string).collect();
        assert_eq!(told, [format!("note: {message}; left out, because the overlay accepts it\n  at {pointer}")]);
        assert!(checked.accepted.iter().eq([&pointer]));
    }
}

#[test]
fn accepting_a_construct_accepts_what_is_inside() {
    let media = "#/paths/~1a/get/requestBody/content/multipart~1form-data";
    let content = json!({"multipart/form-data": {"encoding": {}, "schema": {"not": {}}}});
    let document = operation("/a", json!({"requestBody": {"content": content}}));
    let checked = check(&document, Some(&accepting(&[media])));
    assert!(checked.accepted.iter().eq([media]));
    assert_eq!(checked.diagnostics.len(), 1);
}

#[test]
fn what_is_no_unsupported_construct_cannot_be_accepted() {
    let pointer = "#/components/schemas/S/$ref";
    let document = schema(json!({"$ref": "#/components/schemas/Gone"}));
    let checked = check(&document, Some(&accepting(&[pointer])));
    assert!(checked.accepted.is_empty());
    assert_eq!(checked.diagnostics.len(), 1);
}

#[test]
fn a_chain_of_references_may_be_long() {
    let link = |index: usize| (format!("S{index}"), json!({"$ref": format!("#/components/schemas/S{}", index + 1)}));
    let mut chain: serde_json::Map<String, Value> = (0..20_000).map(link).collect();
    chain.insert("S20000".to_owned(), json!({"type": "string"}));
    assert_eq!(messages(&schemas(Value::Object(chain))), Vec::<String>::new());
}

fn accepting(pointers: &[&str]) -> overlay::Overlay {
    let entries: Vec<_> = pointers.iter().map(|pointer| json!({"pointer": pointer, "reason": "a test"})).collect();
    let overlay =
        json!({"overlay": "1.0.0", "info": {"title": "t", "version": "1"}, "actions": [], "x-accept": entries});
    overlay::parse("overlay.yaml", overlay).expect("an overlay")
}
