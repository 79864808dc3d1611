//! allOf, oneOf and anyOf that can't become a type, or whose variants can't be distinguished.

use serde_json::{Value, json};

use super::{Given, answering, answering_thing, object, overlay, reference, text};

#[test]
fn parts_that_no_value_fits_are_refused() {
    Given::default().fails(
        &answering(json!({"S": {"allOf": [
            {"type": "object", "properties": {"a": {"type": "string"}}},
            {"type": "object", "properties": {"a": {"type": "integer"}}},
        ]}})),
        "
error: no type allows the values of both `String` and `Integer`
  at shop.json#/components/schemas/S/allOf/1/properties/a
  hint: write out the schema in the overlay, or accept the pointer under x-accept",
    );
}

#[test]
fn combinations_of_nothing_are_refused() {
    let empty = json!({"a": {"oneOf": []}, "b": {"anyOf": []}, "c": {"allOf": []}});
    Given::default().fails(
        &answering_thing(empty),
        "
error: oneOf is empty
  at shop.json#/components/schemas/S/properties/a/oneOf
  hint: list the allowed schemas, or remove the keyword
error: anyOf is empty
  at shop.json#/components/schemas/S/properties/b/anyOf
  hint: list the allowed schemas, or remove the keyword
error: allOf is empty
  at shop.json#/components/schemas/S/properties/c/allOf
  hint: write out the schema in the overlay, or accept the pointer under x-accept",
    );
}

#[test]
fn a_discriminator_without_variants_is_refused() {
    let mut base = object(json!({"kind": {"type": "string"}}));
    base["discriminator"] = json!({"propertyName": "kind", "mapping": {"a": "#/components/schemas/A"}});
    Given::default().fails(
        &answering(json!({"S": base, "A": {"allOf": [reference("S")]}})),
        "
error: a discriminator distinguishes variants, and the schema has none
  at shop.json#/components/schemas/S/discriminator
  hint: add a oneOf with the variants in the overlay, or remove the discriminator there",
    );
}

#[test]
fn a_variant_without_its_discriminator_is_refused() {
    let tag = |name: &str| json!({"type": "object", "required": ["kind"], "properties": {"kind": {"const": name}}});
    let union = json!({
        "oneOf": [reference("A"), reference("B")],
        "discriminator": {"propertyName": "kind", "mapping": {"a": "#/components/schemas/A", "b": "#/components/schemas/B"}},
    });
    Given::default().fails(
        &answering(json!({"S": union, "A": object(json!({"x": {"type": "string"}})), "B": tag("b")})),
        "
error: `A` does not declare the discriminator `kind`
  at shop.json#/components/schemas/S/discriminator
  hint: declare it there as a required property, in the overlay",
    );
}

#[test]
fn a_tag_beside_a_union_must_be_able_to_tell() {
    let properties = json!({
        "anyOf": [reference("A"), reference("B")],
        "x-parent-discriminator": {"path": ["kind"], "mapping": {"a": "#/components/schemas/A"}},
    });
    let parent = |required: Value| json!({"type": "object", "required": required, "properties": {"kind": {"type": "integer"}, "of": properties}});
    let schemas = |required: Value| {
        let (a, b) = (json!({"a": {"type": "string"}}), json!({"b": {"type": "string"}}));
        answering(json!({"S": parent(required), "A": object(a), "B": object(b)}))
    };
    for (required, problem) in [
        (json!(["of"]), "`kind` is not a required property of the object"),
        (json!(["kind", "of"]), "`kind` is neither a string nor the tag of a union"),
        (json!(["kind"]), "`of` may be absent"),
    ] {
        Given::default().fails(
            &schemas(required),
            &format!(
                "
error: {problem}
  at shop.json#/components/schemas/S/properties/of/x-parent-discriminator
  hint: add the properties `path`, a list of property names, and `mapping`, component schemas by tag value"
            ),
        );
    }
}

#[test]
fn a_long_chain_of_schemas_is_refused() {
    const LENGTH: usize = 5_000;
    let chained: [fn(Value) -> Value; 4] = [
        |next| next,
        |next| json!({"allOf": [next]}),
        |next| json!({"type": "array", "items": next}),
        |next| json!({"type": "object", "required": ["next"], "properties": {"next": next}}),
    ];
    for chained in chained {
        let link = |index: usize| (format!("A{index}"), chained(reference(&format!("A{}", index + 1))));
        let mut schemas: serde_json::Map<_, _> = (0..LENGTH).map(link).collect();
        schemas.insert(format!("A{LENGTH}"), json!({"type": "string"}));
        schemas.insert("S".to_owned(), object(json!({"a": reference("A0")})));
        let problems = Given::default().generate(&answering(schemas.into())).expect_err("it is refused");
        let problems = problems.to_string();
        assert!(problems.contains("is nested in 2000 other schemas, the maximum\n  at shop.json#/"), "{problems}");
    }
}

#[test]
fn many_properties_take_lines_in_proportion() {
    let lines = |count: usize| {
        let properties: serde_json::Map<_, _> =
            (0..count).map(|i| (format!("p{i}"), json!({"type": "string"}))).collect();
        let output = Given::default().passes(&answering(json!({"S": object(properties.into())})));
        output.files.iter().map(|file| file.text.lines().count()).sum::<usize>()
    };
    let (few, many) = (lines(500), lines(2_000));
    assert!(many < 5 * few, "{few} lines for 500 properties, {many} for 2000");
}

#[test]
fn what_the_overlay_accepts_leaves_boxes_where_they_were() {
    let schemas = || json!({"S": object(json!({"a": {"const": {}}, "parent": reference("S")}))});
    let accept =
        overlay(json!([]), json!([{"pointer": "#/components/schemas/S/properties/a", "reason": "Any object."}]));
    let output = Given { overlay: Some(&accept), ..Given::default() }.passes(&answering(schemas()));
    let models = text(&output, "models/things.rs");
    assert!(models.contains("pub parent: Option<Box<S>>,"), "{models}");
}
