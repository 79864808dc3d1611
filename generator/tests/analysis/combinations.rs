//! allOf, oneOf and anyOf that can't become a type, or whose variants nothing tells apart.

use serde_json::{Value, json};

use super::{Given, answering, answering_thing, object, reference};

#[test]
fn parts_that_no_value_fits_are_refused() {
    Given::default().fails(
        &answering(json!({"S": {"allOf": [
            {"type": "object", "properties": {"a": {"type": "string"}}},
            {"type": "object", "properties": {"a": {"type": "integer"}}},
        ]}})),
        "
error: no type fits both `String` and `Integer`
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
error: oneOf lists no schemas
  at shop.json#/components/schemas/S/properties/a/oneOf
  hint: list what the value may be, or leave the keyword out
error: anyOf lists no schemas
  at shop.json#/components/schemas/S/properties/b/anyOf
  hint: list what the value may be, or leave the keyword out
error: allOf lists no schemas
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
error: a discriminator tells variants apart, and there are none beside it
  at shop.json#/components/schemas/S/discriminator
  hint: list the variants in a oneOf beside it in the overlay, or remove it there",
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
        (json!(["kind", "of"]), "`kind` is neither a string nor the tag of a union with one value for each variant"),
        (json!(["kind"]), "`of` may be absent"),
    ] {
        Given::default().fails(
            &schemas(required),
            &format!(
                "
error: {problem}
  at shop.json#/components/schemas/S/properties/of/x-parent-discriminator
  hint: give it the members `path`, a list of property names, and `mapping`, component schemas by tag value"
            ),
        );
    }
}
