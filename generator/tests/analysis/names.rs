//! Names that are pinned in `names.lock`.

use serde_json::json;

use super::{Given, answering_thing, text};

#[test]
fn mistakes_in_names_lock_are_named_by_line() {
    let lock = "# A comment.\n\ntype #/components/schemas/S Thing\n\
                field\t#/components/schemas/S/properties/a\tnot a name\n\
                field\t#/components/schemas/S/properties/b\ttype\n\
                field\t#/components/schemas/S/properties/c\tr#self\n\
                field\t#/components/schemas/S/properties/d\tr#\n\
                method\tthings:get\tget\nmethod\tthings:get\tfetch\n";
    Given { names: Some(lock), ..Given::default() }.fails(
        &answering_thing(json!({})),
        "
error: the line is not of three parts
  at names.lock:3:1
  hint: a line holds kind, key and name, with a tab in between
error: `not a name` is no Rust identifier
  at names.lock:4:1
  hint: a name is made of letters, digits and `_`; a keyword takes `r#` in front
error: `type` is no Rust identifier
  at names.lock:5:1
  hint: a name is made of letters, digits and `_`; a keyword takes `r#` in front
error: `r#self` is no Rust identifier
  at names.lock:6:1
  hint: a name is made of letters, digits and `_`; a keyword takes `r#` in front
error: `r#` is no Rust identifier
  at names.lock:7:1
  hint: a name is made of letters, digits and `_`; a keyword takes `r#` in front
error: method things:get is pinned twice
  at names.lock:9:1
  hint: keep one of the lines",
    );
}

#[test]
fn pinned_names_win_and_new_ones_are_pinned() {
    let document = answering_thing(json!({"ref": {"type": "string"}}));
    let lock = "field\t#/components/schemas/S/properties/ref\treference\n\
                type\t#/components/schemas/Gone\tForgotten\ntype\t#/components/schemas/S\tThing\n";
    let output = Given { names: Some(lock), ..Given::default() }.passes(&document);
    let models = text(&output, "models/things.rs");
    assert!(models.contains("pub struct Thing {"), "{models}");
    assert!(models.contains("pub reference: Option<String>,"), "{models}");
    assert!(models.contains("members: &[\"ref\"]"), "the wire keeps its name: {models}");
    let pinned: Vec<_> = output.names.used().collect();
    assert_eq!(
        pinned,
        [
            ("field", "#/components/schemas/S/properties/ref", "reference"),
            ("method", "things:get", "get"),
            ("request", "things:get", "ThingsGetRequest"),
            ("type", "#/components/schemas/S", "Thing"),
        ]
    );
    let again = Given { names: Some(&output.names.render()), ..Given::default() }.passes(&document);
    assert_eq!((again.names.render(), again.files), (output.names.render(), output.files));
}

#[test]
fn invalid_pinned_names_are_refused() {
    Given { names: Some("type\t#/components/schemas/S\tVec\n"), ..Given::default() }.fails(
        &answering_thing(json!({})),
        "
error: `Vec` is also the name of something that every generated file uses
  at shop.json#/components/schemas/S
  hint: give it another name by a line in names.lock, with tabs in between: type\t#/components/schemas/S\tNAME",
    );
}
