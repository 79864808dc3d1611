//! Unions whose variants can't be distinguished.

use super::*;

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
error: `A` and `B` can't be distinguished
  at shop.json#/components/schemas/S/properties/of
  hint: add a discriminator or a required property in the overlay, or accept the pointer under x-accept",
    );
    let accept = json!([{"pointer": "#/components/schemas/S/properties/of", "reason": "The server sends only A."}]);
    let overlay = overlay(json!([]), accept);
    let output = Given { overlay: Some(&overlay), ..Given::default() }.passes(&document);
    assert_eq!(
        output.diagnostics.to_string(),
        "note: `A` and `B` can't be distinguished; left out, because the overlay accepts it\n  \
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
error: no value of the discriminator refers to the schema at #/components/schemas/S/oneOf/1
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
error: `a` refers to both `A` and `B`
  at shop.json#/components/schemas/S/discriminator
  hint: map the value to one of them in the overlay",
    );
}
