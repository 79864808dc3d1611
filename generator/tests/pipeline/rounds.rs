//! How many runs a person needs to see all errors, and the origin of the errors.

use super::*;

fn operation(id: &str, schema: &str) -> Value {
    let content = json!({"application/json": {"schema": reference(schema)}});
    json!({"get": {"operationId": id, "responses": {"200": {"content": content}}}})
}

/// An overlay with these actions, each with a reason.
fn corrections(mut actions: Value) -> Value {
    for action in actions.as_array_mut().unwrap() {
        action["description"] = "A test.".into();
    }
    overlay(actions, json!([]))
}

fn problems(document: &Value, overlay: Option<&Value>) -> String {
    Given { overlay, ..Given::default() }.generate(document).expect_err("the document is refused").to_string()
}

#[test]
fn faults_of_the_check_and_of_lowering_come_in_one_run() {
    let document = document(
        json!({"/a": operation("one:get", "A"), "/b": operation("two:get", "B"), "/c": operation("three:get", "C")}),
        json!({
            // An unsupported keyword: found by the check.
            "A": object(json!({"a": {"type": "string", "not": {}}})),
            // Variants that can't be distinguished: found by lowering. The second union may be fine without the fault
            // of A.
            "B": {"oneOf": [reference("X"), reference("Y")]},
            "C": {"oneOf": [reference("A"), reference("Y")]},
            "X": object(json!({"a": {"type": "string"}})),
            "Y": object(json!({"a": {"type": "integer"}})),
        }),
    );
    assert_eq!(
        problems(&document, None),
        "error: `not` of a schema is not supported\n  \
         at shop.json#/components/schemas/A/properties/a/not\n  \
         hint: extend the generator, or accept this pointer in the overlay under x-accept\n\
         error: `X` and `Y` can't be distinguished\n  \
         at shop.json#/components/schemas/B\n  \
         hint: add a discriminator or a required property in the overlay, or accept the pointer under x-accept"
    );
}

#[test]
fn errors_that_the_overlay_makes_are_at_its_actions() {
    let thing = object(json!({"a": {"type": "string"}, "b": reference("Part")}));
    let document = answering(json!({"S": thing, "Part": object(json!({}))}));
    for (actions, expected) in [
        // Inside of a value that an action wrote.
        (
            json!([{"target": "$.components.schemas.S.properties", "update": {"c": {"type": "text"}}}]),
            "error: `text` is not a type (in the document at #/components/schemas/S/properties/c/type)\n  \
             at overlay.yaml#/actions/0/update/c/type\n",
        ),
        (
            json!([{"target": "$.components.schemas.S.properties.a", "update": {"type": "text"}}]),
            "error: `text` is not a type (in the document at #/components/schemas/S/properties/a/type)\n  \
             at overlay.yaml#/actions/0/update/type\n",
        ),
        // Elsewhere, because of something that an action removed.
        (
            json!([
                {"target": "$.info", "update": {"description": "A shop."}},
                {"target": "$.components.schemas.Part", "remove": true},
                {"target": "$.info", "update": {"summary": "A shop."}},
            ]),
            "error: `$ref` has no target: `#/components/schemas/Part` does not exist (in the document at \
             #/components/schemas/S/properties/b/$ref)\n  at overlay.yaml#/actions/1\n",
        ),
        // Found by lowering: an action adds a second property with the same name.
        (
            json!([
                {"target": "$.info", "update": {"description": "A shop."}},
                {"target": "$.components.schemas.S.properties", "update": {"B": {"type": "string"}}},
            ]),
            "error: `b` is also the name of the property `b` (in the document at \
             #/components/schemas/S/properties/B)\n  at overlay.yaml#/actions/1/update/B\n",
        ),
        // Found by lowering at a schema of the document that an action changed elsewhere.
        (
            json!([
                {"target": "$.info", "update": {"description": "A shop."}},
                {"target": "$.components.schemas.Part", "update": {"required": ["s"], "properties": {"s": reference("S")}}},
                {"target": "$.components.schemas.S", "update": {"required": ["b"]}},
            ]),
            "error: every value of S contains another one, so no finite value exists (in the document at \
             #/components/schemas/S)\n  at overlay.yaml#/actions/2\n",
        ),
    ] {
        let problems = problems(&document, Some(&corrections(actions)));
        assert!(problems.starts_with(expected), "{problems}");
    }
}

#[test]
fn errors_of_the_document_stay_there_whatever_the_overlay_does() {
    let document = answering(json!({"S": object(json!({"a": {"type": "text"}}))}));
    let actions = json!([{"target": "$.components.schemas.S.properties", "update": {"b": {"type": "string"}}}]);
    let problems = problems(&document, Some(&corrections(actions)));
    assert!(problems.starts_with("error: `text` is not a type\n  at shop.json#/components/"), "{problems}");
}
