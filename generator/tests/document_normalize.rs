//! What becomes of the idioms of 3.1, each in the smallest document that shows it.
#![allow(clippy::expect_used, clippy::panic, reason = "a failing test may panic")]

use polar_codegen::document::normalize::{TypedDocument, normalize};
use polar_codegen::document::preserved;
use polar_codegen::document::{Source, load};
use polar_codegen::{Config, Diagnostics, Input, generate};
use serde_json::{Value, json};

fn document(schema: Value) -> Value {
    json!({
        "openapi": "3.1.0",
        "info": {"title": "t", "version": "1"},
        "paths": {},
        "components": {"schemas": {"S": schema, "R": {"type": "string"}, "Q": {"type": "object"}}},
    })
}

fn typed(document: Value) -> TypedDocument {
    match normalize(document) {
        Ok(typed) => typed,
        Err(errors) => panic!("{}", errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")),
    }
}

/// What the typed document holds of a schema, written back.
fn written(schema: Value) -> Value {
    let components = typed(document(schema)).openapi.components.expect("components");
    serde_json::to_value(&components.schemas["S"]).expect("a schema")
}

/// A schema as it is read, and as the typed document holds it.
fn idioms() -> Vec<(Value, Value)> {
    vec![
        (json!({"type":["string","null"],"minLength":1}), json!({"nullable":true,"type":"string","minLength":1})),
        (
            json!({"anyOf":[{"type":"string","format":"uuid4"},{"type":"null"}],"description":"d","default":null}),
            json!({"nullable":true,"description":"d","type":"string","format":"uuid4"}),
        ),
        (
            json!({"oneOf":[{"type":"null"},{"$ref":"#/components/schemas/R"}],"deprecated":true}),
            json!({"nullable":true,"deprecated":true,"allOf":[{"$ref":"#/components/schemas/R"}]}),
        ),
        (
            json!({"anyOf":[{"$ref":"#/components/schemas/R"},{"type":"null"}]}),
            json!({"nullable":true,"allOf":[{"$ref":"#/components/schemas/R"}]}),
        ),
        (
            json!({"anyOf":[{"anyOf":[{"type":"string"},{"type":"null"}]},{"type":"null"}],"title":"t"}),
            json!({"nullable":true,"title":"t","type":"string"}),
        ),
        (
            json!({"anyOf":[{"anyOf":[{"$ref":"#/components/schemas/R"},{"type":"object","properties":{"a":{"type":"string"}}}]},{"type":"null"},{"type":"boolean"}]}),
            json!({"nullable":true,"anyOf":[{"$ref":"#/components/schemas/R"},{"x-pointer":"#/components/schemas/S/anyOf/0/anyOf/1","type":"object","properties":{"a":{"x-pointer":"#/components/schemas/S/anyOf/0/anyOf/1/properties/a","type":"string"}}},{"type":"boolean"}]}),
        ),
        (
            json!({"anyOf":[{"type":"null"},{"$ref":"#/components/schemas/R"},{"type":"array","items":{"type":"string"}}]}),
            json!({"nullable":true,"anyOf":[{"$ref":"#/components/schemas/R"},{"x-pointer":"#/components/schemas/S/anyOf/2","type":"array","items":{"x-pointer":"#/components/schemas/S/anyOf/2/items","type":"string"}}]}),
        ),
        (
            json!({"anyOf":[{"type":"string","title":"inner"},{"type":"null"}],"title":"outer"}),
            json!({"nullable":true,"title":"outer","allOf":[{"title":"inner","x-pointer":"#/components/schemas/S/anyOf/0","type":"string"}]}),
        ),
        (
            json!({"anyOf":[{"type":"array","items":{"type":"string"}},{"type":"null"}]}),
            json!({"nullable":true,"type":"array","items":{"x-pointer":"#/components/schemas/S/anyOf/0/items","type":"string"}}),
        ),
        (json!({"type":"string","enum":["a",null]}), json!({"nullable":true,"type":"string","enum":["a"]})),
        (json!({"type":"null"}), json!({"x-null-only":true})),
        (json!({"const":null,"title":"t"}), json!({"title":"t","x-null-only":true})),
        (json!({"enum":[null]}), json!({"x-null-only":true})),
        (json!({"anyOf":[{"type":"null"},{"type":"null"}]}), json!({"x-null-only":true})),
        (
            json!({"oneOf":[{"$ref":"#/components/schemas/R"},{"$ref":"#/components/schemas/Q"},{"type":"null"}],"discriminator":{"propertyName":"k"}}),
            json!({"nullable":true,"discriminator":{"propertyName":"k"},"oneOf":[{"$ref":"#/components/schemas/R"},{"$ref":"#/components/schemas/Q"}]}),
        ),
        (json!({"const":"a"}), json!({"x-const":"a","type":"string","enum":["a"]})),
        (json!({"type":"integer","const":1.0}), json!({"x-const":1,"type":"integer","enum":[1]})),
        (json!({"const":true,"default":true}), json!({"default":true,"x-const":true,"type":"boolean","enum":[true]})),
        (json!({"const":{"a":1}}), json!({"x-const":{"a":1},"type":"object"})),
        (json!({"const":1.5}), json!({"x-const":1.5,"type":"number","enum":[1.5]})),
        (json!({"enum":["a"]}), json!({"type":"string","enum":["a"]})),
        (
            json!({"type":"array","prefixItems":[{"type":"string"},{"$ref":"#/components/schemas/R"}],"minItems":2,"maxItems":2}),
            json!({"x-prefix-items":[{"type":"string","x-pointer":"#/components/schemas/S/prefixItems/0"},{"$ref":"#/components/schemas/R"}],"type":"array","items":{},"minItems":2,"maxItems":2}),
        ),
        (
            json!({"prefixItems":[{"type":["string","null"]}],"items":false}),
            json!({"x-prefix-items":[{"type":"string","nullable":true,"x-pointer":"#/components/schemas/S/prefixItems/0"}],"type":"array","items":{},"maxItems":1}),
        ),
        (
            json!({"type":"object","propertyNames":{"const":"a"},"additionalProperties":true}),
            json!({"x-property-names":{"enum":["a"],"type":"string","x-const":"a","x-pointer":"#/components/schemas/S/propertyNames"},"type":"object","additionalProperties":true}),
        ),
        (
            json!({"$ref":"#/components/schemas/R","minLength":1,"description":"d"}),
            json!({"description":"d","minLength":1,"allOf":[{"$ref":"#/components/schemas/R"}]}),
        ),
        (
            json!({"$ref":"#/components/schemas/Q","allOf":[{"type":"object","properties":{"x":{"type":"string"}}}]}),
            json!({"allOf":[{"$ref":"#/components/schemas/Q"},{"x-pointer":"#/components/schemas/S/allOf/0","type":"object","properties":{"x":{"x-pointer":"#/components/schemas/S/allOf/0/properties/x","type":"string"}}}]}),
        ),
        (
            json!({"type":["string","integer","null"],"minLength":1,"maximum":5,"format":"date","description":"d","enum":["a",1,null]}),
            json!({"nullable":true,"description":"d","anyOf":[{"x-pointer":"#/components/schemas/S","type":"string","format":"date","enum":["a"],"minLength":1},{"x-pointer":"#/components/schemas/S","type":"integer","maximum":5,"enum":[1]}]}),
        ),
        (
            json!({"type":["array","string"],"items":{"type":"string"}}),
            json!({"anyOf":[{"x-pointer":"#/components/schemas/S","type":"array","items":{"x-pointer":"#/components/schemas/S/items","type":"string"}},{"x-pointer":"#/components/schemas/S","type":"string"}]}),
        ),
        (
            json!({"type":"integer","exclusiveMinimum":0,"maximum":50.0}),
            json!({"type":"integer","exclusiveMinimum":true,"minimum":0,"maximum":50}),
        ),
        (
            json!({"type":"integer","minimum":1.5,"exclusiveMaximum":7.5}),
            json!({"type":"integer","minimum":2,"maximum":7}),
        ),
        (json!({"type":"integer","minimum":5,"exclusiveMinimum":4}), json!({"type":"integer","minimum":5})),
        (
            json!({"type":"integer","minimum":4,"exclusiveMinimum":4}),
            json!({"type":"integer","exclusiveMinimum":true,"minimum":4}),
        ),
        (
            json!({"type":"number","exclusiveMaximum":1,"maximum":2}),
            json!({"type":"number","exclusiveMaximum":true,"maximum":1.0}),
        ),
        (
            json!({"type":"integer","minimum":3,"exclusiveMinimum":true}),
            json!({"type":"integer","exclusiveMinimum":true,"minimum":3}),
        ),
        (
            json!({"type":"string","examples":["a",null],"contentEncoding":"base64","contentMediaType":"text/plain","$comment":"c","$id":"i","$schema":"s","enumNames":{"a":"A"},"x-other":1,"maxLength":5.0}),
            json!({"x-content-encoding":"base64","x-content-media-type":"text/plain","x-other":1,"type":"string","maxLength":5}),
        ),
        (json!({"enum":[1,2]}), json!({"type":"integer","enum":[1,2]})),
        (json!({"enum":[1,2.5]}), json!({"type":"number","enum":[1.0,2.5]})),
        (json!({"enum":[1,"a"]}), json!({"enum":[1,"a"]})),
        (json!({"format":"uuid4"}), json!({"type":"string","format":"uuid4"})),
        (json!({"format":"int64"}), json!({"type":"integer","format":"int64"})),
        (json!(true), json!({})),
        (
            json!({"type":"object","properties":{"a":{"type":"string"}},"oneOf":[{"$ref":"#/components/schemas/R"}],"anyOf":[{"type":"object","properties":{"b":{}}}],"discriminator":{"propertyName":"k"},"description":"d","x-other":1}),
            json!({"description":"d","x-other":1,"allOf":[{"x-pointer":"#/components/schemas/S","type":"object","properties":{"a":{"x-pointer":"#/components/schemas/S/properties/a","type":"string"}}},{"discriminator":{"propertyName":"k"},"x-pointer":"#/components/schemas/S","oneOf":[{"$ref":"#/components/schemas/R"}]},{"x-pointer":"#/components/schemas/S","anyOf":[{"x-pointer":"#/components/schemas/S/anyOf/0","type":"object","properties":{"b":{"x-pointer":"#/components/schemas/S/anyOf/0/properties/b"}}}]}]}),
        ),
        (
            json!({"allOf":[{"$ref":"#/components/schemas/R"}],"type":"object","properties":{"a":{"items":{"type":"string"},"type":"array"}},"nullable":true}),
            json!({"nullable":true,"allOf":[{"$ref":"#/components/schemas/R"},{"x-pointer":"#/components/schemas/S","type":"object","properties":{"a":{"x-pointer":"#/components/schemas/S/properties/a","type":"array","items":{"x-pointer":"#/components/schemas/S/properties/a/items","type":"string"}}}}]}),
        ),
        (
            json!({"allOf":[{"type":"object"},{"$ref":"#/components/schemas/R"}],"description":"d"}),
            json!({"description":"d","allOf":[{"type":"object"},{"$ref":"#/components/schemas/R"}]}),
        ),
        (
            json!({"type":"object","properties":{"type":{"const":"a"},"default":{"type":["null"]},"$ref":{"type":"string"}},"additionalProperties":{"$ref":"#/components/schemas/R","description":"d"},"default":{"const":1,"type":["string","null"]},"example":null}),
            json!({"default":{"const":1,"type":["string","null"]},"type":"object","properties":{"type":{"x-const":"a","type":"string","enum":["a"]},"default":{"x-null-only":true},"$ref":{"type":"string"}},"additionalProperties":{"description":"d","allOf":[{"$ref":"#/components/schemas/R"}]}}),
        ),
    ]
}

#[test]
fn idioms_of_schemas() {
    for (read, expected) in idioms() {
        assert_eq!(written(read.clone()), expected, "{read}");
    }
}

#[test]
fn preserved_keywords_are_read_back_as_they_were_written() {
    let schema = |schema: Value| {
        let components = typed(document(schema)).openapi.components.expect("components");
        let schema = components.schemas["S"].clone().into_item().expect("a schema");
        schema.schema_data.extensions
    };
    let extensions = schema(json!({"const": {"a": null}}));
    assert_eq!(preserved::constant(&extensions), Some(&json!({"a": null})));
    let extensions = schema(json!({"prefixItems": [{"type": "string"}, {"type": "integer"}]}));
    assert_eq!(preserved::prefix_items(&extensions).map(|items| items.len()), Some(2));
    let extensions = schema(json!({"type": "object", "propertyNames": {"$ref": "#/components/schemas/R"}}));
    assert_eq!(preserved::property_names(&extensions), Some(openapiv3::ReferenceOr::ref_("#/components/schemas/R")));
    assert!(preserved::is_null_only(&schema(json!({"type": "null"}))));
    let extensions = schema(json!({"type": "string", "contentEncoding": "base64", "contentMediaType": "image/png"}));
    assert_eq!(preserved::content_encoding(&extensions), Some("base64"));
    assert_eq!(preserved::content_media_type(&extensions), Some("image/png"));
}

#[test]
fn keywords_unknown_to_3_0_are_dropped_or_kept() {
    let typed = typed(json!({
        "openapi": "3.1.0",
        "jsonSchemaDialect": "d",
        "info": {"title": "t", "version": "1", "summary": "s", "license": {"name": "l", "identifier": "i"}},
        "webhooks": {
            "b.created": {"post": {"requestBody": {"content": {"application/json": {"schema": {"const": "b"}}}}}},
            "a": {},
        },
        "paths": {"/a": {"get": {"responses": {"200": {"headers": {"X-A": {"schema": {"type": ["string", "null"]}}}}}}}},
    }));
    assert!(typed.openapi.extensions.is_empty() && typed.openapi.info.extensions.is_empty());
    assert_eq!(typed.webhooks.keys().collect::<Vec<_>>(), ["b.created", "a"]);
    let webhook = serde_json::to_value(&typed.webhooks["b.created"]).expect("JSON");
    let schema = &webhook["post"]["requestBody"]["content"]["application/json"]["schema"];
    assert_eq!(schema, &json!({"type": "string", "enum": ["b"], "x-const": "b"}));
    let paths = serde_json::to_value(&typed.openapi.paths).expect("JSON");
    let response = &paths["/a"]["get"]["responses"]["200"];
    assert_eq!(response["description"], "");
    assert_eq!(response["headers"]["X-A"]["schema"], json!({"type": "string", "nullable": true}));
}

#[test]
fn a_3_0_document_stays_unchanged() {
    let document = json!({
        "openapi": "3.0.3",
        "info": {"title": "t", "description": "d", "version": "1", "contact": {"name": "n"}, "x-info": 1},
        "servers": [{"url": "https://{a}", "variables": {"a": {"default": "b", "enum": ["b"], "description": "v"}}}],
        "tags": [{"name": "a", "externalDocs": {"url": "u"}}],
        "security": [{"key": []}, {}],
        "paths": {
            "/z/{id}": {
                "parameters": [{"$ref": "#/components/parameters/Id"}],
                "post": {
                    "tags": ["a"], "operationId": "z", "deprecated": true, "security": [], "x-op": {"a": [1]},
                    "parameters": [
                        {"name": "q", "in": "query", "style": "deepObject", "explode": true, "schema": {"type": "object"}},
                        {"name": "h", "in": "header", "style": "simple", "schema": {"type": "integer", "format": "int64"}},
                    ],
                    "requestBody": {"$ref": "#/components/requestBodies/B"},
                    "responses": {
                        "200": {"description": "d", "content": {"application/json": {"schema": {
                            "type": "object",
                            "required": ["a"],
                            "properties": {
                                "a": {"type": "number", "minimum": 1.0, "exclusiveMinimum": true, "nullable": true},
                                "b": {"type": "array", "items": {"$ref": "#/components/schemas/S"}, "uniqueItems": true},
                                "c": {"type": "string", "format": "byte", "default": "", "example": "e", "readOnly": true},
                                "d": {},
                            },
                            "additionalProperties": {"type": "boolean"},
                        }}}},
                        "4XX": {"$ref": "#/components/responses/E"},
                        "default": {"description": ""},
                    },
                },
            },
            "x-paths": true,
        },
        "components": {
            "schemas": {
                "S": {"oneOf": [{"$ref": "#/components/schemas/T"}], "discriminator": {"propertyName": "k", "mapping": {"t": "T"}}},
                "T": {"allOf": [{"type": "object"}], "externalDocs": {"url": "u"}},
            },
            "parameters": {"Id": {"name": "id", "in": "path", "style": "simple", "required": true, "schema": {"type": "string"}}},
            "requestBodies": {"B": {"required": true, "content": {"application/json": {}}}},
            "responses": {"E": {"description": "e", "headers": {"R": {"style": "simple", "schema": {"type": "integer"}}}}},
            "securitySchemes": {
                "key": {"type": "apiKey", "in": "header", "name": "k"},
                "oauth": {"type": "oauth2", "flows": {"implicit": {"authorizationUrl": "a", "scopes": {"s": "t"}}}},
            },
        },
    });
    let back = serde_json::to_value(typed(document.clone()).openapi).expect("JSON");
    assert_eq!(back, document);
}

#[test]
fn what_the_typed_document_loses_is_an_error() {
    let mut document = document(json!({"type": "object", "properties": {"a": {"type": "string", "colour": "red"}}}));
    document["info"]["motto"] = json!("m");
    let errors = normalize(document).expect_err("a loss");
    let told: Vec<_> = errors.iter().map(ToString::to_string).collect();
    let hint = "hint: extend the normalization, so that this is preserved";
    assert_eq!(
        told,
        [
            format!("error: lost by the typed document\n  at #/info/motto\n  {hint}"),
            format!("error: lost by the typed document\n  at #/components/schemas/S/properties/a/colour\n  {hint}"),
        ]
    );
}

#[test]
fn ill_shaped_data_is_refused_early() {
    let mut deep = json!({"type": "string", "minLength": "x"});
    for _ in 0..40 {
        deep = json!({"type": "object", "properties": {"a": deep}});
    }
    let errors = normalize(document(deep)).expect_err("a wrong shape");
    assert_eq!(errors.len(), 1);
    let message = errors.first().map(ToString::to_string).unwrap_or_default();
    assert!(
        message.starts_with(
            "error: `minLength` is a string, not a whole number from zero up\n  at #/components/schemas/S/"
        )
    );
}

#[test]
fn the_deepest_documents_fit_the_stack() {
    for keyword in ["items", "not", "additionalProperties"] {
        let schema = format!("{}{{}}{}", format!("{{\"{keyword}\":").repeat(90), "}".repeat(90));
        let text = format!(
            r##"{{"openapi":"3.1.0","info":{{"title":"t","version":"1"}},"components":{{"schemas":{{"S":{schema}}}}},
            "webhooks":{{"a":{{"post":{{"operationId":"a","requestBody":{{"content":{{"application/json":{{"schema":
            {{"type":"object","required":["type"],"properties":{{"type":{{"const":"a"}},"s":{{"$ref":"#/components/schemas/S"}}}}}}}}}}}}}}}}}}}}"##,
        );
        let config = Config { source: "deep".to_owned(), agent: "deep/1".to_owned(), ..Config::default() };
        let document = Source { file: "deep", bytes: text.as_bytes() };
        let output = generate(&Input { document, others: &[], overlay: None, names: None, docs: &[], config });
        assert_eq!(output.is_ok(), keyword != "not", "{keyword}: {:?}", output.err().map(|e| e.to_string()));
    }
    let nullable = (0..30).fold(
        json!({"type": "string"}),
        |schema, _| json!({"anyOf": [{"type": "array", "items": schema}, {"type": "null"}]}),
    );
    assert!(normalize(document(nullable)).is_ok());
}

#[test]
fn long_chains_of_objects_fit_the_stack() {
    const LENGTH: usize = 1000;
    let refer = |index: usize| json!({"$ref": format!("#/components/schemas/S{index}")});
    let link = |index: usize| {
        let schema = json!({"type": "object", "required": ["next"], "properties": {"next": refer(index + 1)}});
        (format!("S{index}"), schema)
    };
    let mut schemas: serde_json::Map<String, Value> = (0..LENGTH).map(link).collect();
    schemas.insert(format!("S{LENGTH}"), json!({"type": "object", "properties": {"end": {"type": "boolean"}}}));
    let document = json!({
        "openapi": "3.1.0",
        "info": {"title": "t", "version": "1"},
        "paths": {"/a": {"get": {
            "operationId": "a:get",
            "responses": {"200": {"content": {"application/json": {"schema": refer(0)}}}},
        }}},
        "components": {"schemas": schemas},
    });
    let text = document.to_string();
    let config = Config { source: "long".to_owned(), agent: "long/1".to_owned(), ..Config::default() };
    let document = Source { file: "long", bytes: text.as_bytes() };
    let output = generate(&Input { document, others: &[], overlay: None, names: None, docs: &[], config });
    assert_eq!(output.map(|output| output.coverage.structs).map_err(|errors| errors.to_string()), Ok(LENGTH + 1));
}

#[test]
fn neighbours_of_accepted_constructs_keep_their_pointers() {
    let document = json!({
        "openapi": "3.1.0",
        "info": {"title": "t", "version": "1"},
        "paths": {"/a": {"get": {
            "operationId": "a",
            "parameters": [
                {"name": "c", "in": "cookie", "schema": {"type": "string"}},
                {"name": "q", "in": "query", "schema": {"type": "string"}},
                {"name": "d", "in": "cookie", "schema": {"type": "string"}},
                {"name": "r", "in": "query", "schema": {"type": "string"}},
            ],
            "responses": {"204": {}},
        }}},
    });
    let base = "#/paths/~1a/get/parameters";
    let entry = |index: usize| json!({"pointer": format!("{base}/{index}"), "reason": "browsers only"});
    let overlay = json!({
        "overlay": "1.0.0", "info": {"title": "t", "version": "1"}, "actions": [],
        "x-accept": [entry(0), entry(2), entry(7)],
    });
    let (document, overlay) = (document.to_string(), overlay.to_string());
    let overlay = Source { file: "overlay.yaml", bytes: overlay.as_bytes() };
    let loaded =
        load(Source { file: "api.json", bytes: document.as_bytes() }, Some(overlay), None).expect("a document");
    let paths = serde_json::to_value(&loaded.typed.openapi.paths).expect("JSON");
    let kept: Vec<_> = paths["/a"]["get"]["parameters"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|parameter| (parameter["name"].clone(), parameter["schema"]["x-pointer"].clone()))
        .collect();
    assert_eq!(
        kept,
        [(json!("q"), json!(format!("{base}/1/schema"))), (json!("r"), json!(format!("{base}/3/schema"))),]
    );
    assert_eq!(loaded.diagnostics.len(), 2);
    let stale: Vec<_> = loaded.accept(Diagnostics::default()).1.iter().map(ToString::to_string).collect();
    assert_eq!(
        stale,
        [format!(
            "error: nothing is left to accept at `{base}/7`\n  at overlay.yaml#/x-accept/2\n  hint: remove the entry"
        )]
    );
}
