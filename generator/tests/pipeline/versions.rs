//! Several versions of a document: what they share, and what one of them alone may have.

use super::*;

/// Another version of a document.
fn version(document: &Value, version: &str, change: impl FnOnce(&mut Value)) -> Value {
    let mut other = document.clone();
    other["info"]["version"] = json!(version);
    change(&mut other);
    other
}

/// A shop in which everything names everything, with the schemas of one version.
fn shop() -> Value {
    document(
        json!({"/s": {"get": answers("things:get")}, "/t": {"get": silent("others:get")}}),
        json!({
            "S": object(json!({"next": reference("T"), "size": reference("Size")})),
            "T": object(json!({"back": reference("S")})),
            "Size": {"type": "string", "enum": ["small", "large"]},
        }),
    )
}

fn own(output: &Output) -> Vec<(usize, usize)> {
    output.versions.iter().map(|version| (version.own.operations, version.own.types)).collect()
}

#[test]
fn a_version_that_only_says_more_shares_everything() {
    let other = version(&shop(), "2027-01", |other| {
        other["paths"]["/t"]["get"]["description"] = json!("Says something.");
        other["components"]["schemas"]["S"]["properties"]["size"]["deprecated"] = json!(true);
        other["components"]["schemas"]["S"]["description"] = json!("A thing.");
    });
    let output = Given { others: &[other], ..Given::default() }.passes(&shop());
    assert_eq!(own(&output), [(0, 0)]);
    let files: Vec<_> = output.files.iter().filter(|file| file.path.starts_with("v2027_01/")).collect();
    let names: Vec<_> = files.iter().map(|file| file.path.trim_start_matches("v2027_01/")).collect();
    assert_eq!(names, ["client.rs", "mod.rs", "models/mod.rs", "prelude.rs", "resources/mod.rs"]);
    assert_eq!(output.versions[0].feature, "v2027-01");
}

#[test]
fn a_difference_reaches_what_names_it_and_nothing_else() {
    let change = |path: &'static str, value: Value| {
        let other = version(&shop(), "2027-01", |other| *other.pointer_mut(path).unwrap() = value);
        own(&Given { others: &[other], ..Given::default() }.passes(&shop()))
    };
    // `Size` is named by `S`, `S` by `T`.
    assert_eq!(change("/components/schemas/Size/enum", json!(["small", "huge"])), [(1, 3)]);
    assert_eq!(change("/components/schemas/T/properties", json!({"back": {"type": "string"}})), [(1, 2)]);
    assert_eq!(change("/paths/~1t/get/operationId", json!("others:find")), [(1, 0)]);
    assert_eq!(change("/paths/~1t", json!({})), [(0, 0)], "what is gone is not written");
}

#[test]
fn all_versions_together_have_to_use_what_goes_with_them() {
    let other = version(&shop(), "2027-01", |other| {
        other["components"]["schemas"]["S"]["properties"]["weight"] = json!({"type": "number"});
    });
    let others = [other];
    let docs = [("docs.yaml", "types:\n  S:\n    properties: {weight: Grams., length: Meters.}\n")];
    Given { others: &others, docs: &docs, ..Given::default() }.fails(
        &shop(),
        "
error: `S` has no property `length`
  at docs.yaml:3:34#/types/S/properties/length
  hint: remove the entry, or correct its name; `cargo xtask names` lists all names",
    );
    let lock = "field\t#/components/schemas/S/properties/weight\tmass\nfield\t#/components/schemas/S/properties/x\ty\n";
    let output = Given { others: &others, names: Some(lock), ..Given::default() }.passes(&shop());
    assert_eq!(output.names.unused().collect::<Vec<_>>(), [("field", "#/components/schemas/S/properties/x", "y")]);
    assert!(text(&output, "v2027_01/models/things.rs").contains("pub mass: Option<f64>,"));
    let accept = |pointer: &str| overlay(json!([]), json!([{"pointer": pointer, "reason": "A test."}]));
    let others = [version(&shop(), "2027-01", |other| other["components"]["schemas"]["T"]["not"] = json!({}))];
    let used = accept("#/components/schemas/T/not");
    Given { others: &others, overlay: Some(&used), ..Given::default() }.passes(&shop());
    let unused = accept("#/components/schemas/S/not");
    let problems = Given { others: &[], overlay: Some(&unused), ..Given::default() }.generate(&shop()).unwrap_err();
    assert!(
        problems.to_string().contains("nothing needs to be accepted at `#/components/schemas/S/not`"),
        "{problems}"
    );
}

#[test]
fn a_later_version_renames_nothing() {
    let values = |values: Value| move |other: &mut Value| other["components"]["schemas"]["Size"]["enum"] = values;
    let first = version(&shop(), "2026-10", values(json!(["a_b"])));
    // Two values of one name are spoken; the one that is known keeps its name.
    let second = version(&shop(), "2027-01", values(json!(["a_b", "a-b"])));
    let output = Given { others: &[second], ..Given::default() }.passes(&first);
    assert!(text(&output, "models/things.rs").contains("    AB,\n"), "{}", text(&output, "models/things.rs"));
    let later = text(&output, "v2027_01/models/things.rs");
    assert!(later.contains("    AB,\n") && later.contains("    AMinusB,\n"), "{later}");
    let again = Given { names: Some(&output.names.render()), ..Given::default() }.passes(&first);
    assert_eq!(text(&again, "models/things.rs"), text(&output, "models/things.rs"), "also with the names pinned");
}

#[test]
fn an_action_is_for_the_versions_that_it_names() {
    let typed = |range: Value| {
        let target = "$.components.schemas.S.properties";
        let update = json!({"size": {"deprecated": true}, "color": {"type": "string"}});
        overlay(json!([{"target": target, "description": "Seen.", "x-versions": range, "update": update}]), json!([]))
    };
    let others = [version(&shop(), "2027-01", |_| {})];
    let has_color = |range: Value| {
        let overlay = typed(range);
        let output = Given { others: &others, overlay: Some(&overlay), ..Given::default() }.passes(&shop());
        let in_file = |path: &str| output.files.iter().any(|file| file.path == path && file.text.contains("pub color"));
        (in_file("models/things.rs"), in_file("v2027_01/models/things.rs"))
    };
    assert_eq!(has_color(json!({"from": "2026-10"})), (true, false), "both have it, so that it is written once");
    assert_eq!(has_color(json!({"from": "2027-01"})), (false, true));
    assert_eq!(has_color(json!({"to": "2026-10"})), (true, false));
    let needless = typed(json!({"from": "2026-11", "to": "2026-12"}));
    Given { others: &others, overlay: Some(&needless), ..Given::default() }.fails(
        &shop(),
        "
error: the action is for none of the versions 2026-10, 2027-01
  at overlay.yaml#/actions/0/x-versions
  hint: remove the action, or correct its range of versions",
    );
    // The version of a document alone is one of several.
    Given { overlay: Some(&needless), ..Given::default() }.passes(&shop());
    for range in [json!("2026-10"), json!({}), json!({"from": 2026}), json!({"since": "2026-10"})] {
        let problems = Given { overlay: Some(&typed(range)), ..Given::default() }.generate(&shop()).unwrap_err();
        let expected = "error: `x-versions` is not a range of versions\n  at overlay.yaml#/actions/0/x-versions\n  \
                        hint: write `{from: 2026-10}`, `{to: 2026-10}` or both; the ends are included";
        assert_eq!(problems.to_string(), expected);
    }
}

#[test]
fn an_action_without_a_place_in_a_version_it_is_for_is_an_error() {
    let others = [version(&shop(), "2027-01", |other| {
        other["components"]["schemas"]["S"]["properties"] = json!({"next": reference("T")});
    })];
    let action = json!([{
        "target": "$.components.schemas.S.properties.size", "description": "Seen.", "update": {"deprecated": true},
    }]);
    let overlay = overlay(action, json!([]));
    Given { others: &others, overlay: Some(&overlay), ..Given::default() }.fails(
        &shop(),
        "
error: the target `$.components.schemas.S.properties.size` matches nothing, in other.json
  at overlay.yaml#/actions/0
  hint: remove the action if the document was fixed; otherwise correct the path",
    );
}

#[test]
fn mistakes_of_several_versions_are_said_once() {
    let broken = version(&shop(), "2026-10", |other| other["components"]["schemas"]["T"]["not"] = json!({}));
    let others = [version(&broken, "2027-01", |_| {})];
    let problems = Given { others: &others, ..Given::default() }.generate(&broken).unwrap_err();
    assert_eq!(problems.iter().count(), 1, "{problems}");
    let others = [version(&broken, "2027-01", |_| {})];
    let problems = Given { others: &others, ..Given::default() }.generate(&shop()).unwrap_err();
    assert!(problems.to_string().contains("at other.json#/components/schemas/T/not"), "{problems}");
}

#[test]
fn versions_of_one_name_are_refused() {
    Given { others: &[shop()], ..Given::default() }.fails(
        &shop(),
        "
error: two documents have the version `2026-10`
  at #/info/version
  hint: set a different version in the `info` of each document",
    );
}
