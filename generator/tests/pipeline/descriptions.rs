//! Files of descriptions: errors in them, and their precedence.

use serde_json::{Value, json};

use super::{Given, answering, object, text};

fn shop() -> Value {
    answering(json!({"S": {
        "type": "object",
        "required": ["kind"],
        "properties": {"kind": {"type": "string", "enum": ["one", "two"]}, "size": {"type": "integer"}}
    }}))
}

#[test]
fn descriptions_of_nothing_are_located_errors() {
    let docs = "\
operations:
  things:get: {summary: Returns a thing.}
  things:drop:
    summary: Removes a thing.
    description: For good.
types:
  S:
    properties:
      size: Grams.
      weight: Grams.
  S/properties/kind:
    values:
      one: First.
      three: Third.
  T: {description: Nothing.}
webhooks:
  thing.made: {description: Sent when a thing is made.}
properties:
  color: Color as a hex code.
parameters:
  page: Page to return.
";
    let hint = "\n  hint: remove the entry, or correct its name; `cargo xtask names` lists all names";
    let problem = |message: &str, place: &str| format!("error: {message}\n  at docs.yaml:{place}{hint}\n");
    let expected = [
        problem("unknown operation `things:drop`", "3:3#/operations/things:drop"),
        problem("no operation has a parameter `page`", "21:3#/parameters/page"),
        problem("no type has a property `color`", "19:3#/properties/color"),
        problem("`S` has no property `weight`", "10:7#/types/S/properties/weight"),
        problem("`S/properties/kind` has no value `three`", "14:7#/types/S~1properties~1kind/values/three"),
        problem("unknown type `T`", "15:3#/types/T"),
        problem("unknown webhook `thing.made`", "17:3#/webhooks/thing.made"),
    ];
    Given { docs: &[("docs.yaml", docs)], ..Given::default() }.fails(&shop(), &expected.concat());
}

#[test]
fn files_of_another_form_are_located_errors() {
    let docs = "\
operations:
  things:get: Returns a thing.
types:
  S:
    description: 5
    fields: {size: Grams.}
    properties:
      size: ' '
enums: {}
";
    let other = "types:\n  S:\n    properties:\n      kind: One of two.\n";
    Given { docs: &[("a.yaml", other), ("b.yaml", docs), ("c.yaml", other)], ..Given::default() }.fails(
        &shop(),
        "
error: `things:get` is a string, not an object
  at b.yaml:2:3#/operations/things:get
  hint: add entries below it, or remove it
error: `description` is a number, not a text
  at b.yaml:5:5#/types/S/description
  hint: write a text; one that contains `: ` or ` #` needs quotes
error: unknown keyword `fields`
  at b.yaml:6:5#/types/S/fields
  hint: known are: description, properties, values
error: the text of `size` is empty
  at b.yaml:8:7#/types/S/properties/size
  hint: write it, or remove the entry
error: unknown section `enums`
  at b.yaml:9:1#/enums
  hint: known are: operations, types, webhooks, properties, parameters
error: `kind` is described twice, also in a.yaml
  at c.yaml:4:7#/types/S/properties/kind
  hint: keep one of the two texts",
    );
}

#[test]
fn an_entry_outranks_the_document_and_the_glossary() {
    let document = answering(json!({"S": object(json!({
        "a": {"type": "string", "description": "Of the document."},
        "b": {"type": "string", "description": "Of the document."},
        "c": {"type": "string"},
    }))}));
    let docs = "types: {S: {properties: {a: Of the entry.}}}\nproperties: {a: Common a., b: Common b., c: Common c.}\n";
    let output = Given { docs: &[("docs.yaml", docs)], ..Given::default() }.passes(&document);
    let models = text(&output, "models/things.rs");
    for lines in ["/// Of the entry.\n    pub a:", "/// Of the document.\n    pub b:", "/// Common c.\n    pub c:"] {
        assert!(models.contains(lines), "{lines} in {models}");
    }
}
