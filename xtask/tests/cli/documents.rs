//! Errors in inputs: all of them in one run, each with its place and a hint.

use std::fs;

use serde_json::json;

use crate::sandbox::{Sandbox, shop, shop_with};

const GET: &str = "/paths/~1v1~1products~1{id}/get";
const PROPERTY: &str = "/components/schemas/Product/properties/a";
const FIX: &str = "fix the document, or correct it in the overlay";
const EXTEND: &str = "extend the generator, or accept this pointer in the overlay under x-accept";
const FILE: &str = "check that this is the right file; it must be an object in JSON or YAML";
const SYNTAX: &str = "fix the syntax; text that starts with `{` or `[` is parsed as JSON, any other as YAML";

/// A message as it is printed. `place` may go on with a line that names the operation.
fn said(message: &str, place: &str, hint: &str) -> String {
    format!("error: {message}\n  at {place}\n  hint: {hint}\n")
}

fn in_get(place: &str) -> String {
    format!("shop.json#{GET}{place}\n  in operation products:get")
}

fn at_property(place: &str) -> String {
    format!("shop.json#{PROPERTY}{place}")
}

#[track_caller]
fn assert_said(complaint: &str, messages: &[String]) {
    let count = messages.len();
    let end = format!("\n{count} error{}; nothing was written\n", if count == 1 { "" } else { "s" });
    assert_eq!(complaint, messages.concat() + &end);
}

#[track_caller]
fn assert_refused(document: &str, messages: &[String]) {
    let sandbox = Sandbox::with(document);
    assert_said(&sandbox.regenerate_refusal(), messages);
    assert_said(&sandbox.refusal(&["coverage", "--spec", "shop.json"]), messages);
    assert_said(&sandbox.refusal(&["names", "--spec", "shop.json"]), messages);
}

#[test]
fn files_that_cannot_be_read() {
    let sandbox = Sandbox::new();
    let hint = "name an OpenAPI document with --spec FILE";
    let complaint = sandbox.regenerate_refusal();
    assert_eq!(complaint, said("can't read the file: No such file or directory (os error 2)", "shop.json", hint));
    fs::create_dir(sandbox.path("shop.json")).expect("a directory");
    let complaint = sandbox.regenerate_refusal();
    assert_eq!(complaint, said("can't read the file: Is a directory (os error 21)", "shop.json", hint));
    let complaint = sandbox.refusal(&["names", "--spec", "shop.json/api.yaml"]);
    assert!(complaint.starts_with("error: can't read the file: "), "{complaint}");
}

#[test]
fn files_that_are_not_documents() {
    let top = |kind: &str| said(&format!("the top level is {kind}, not an object"), "shop.json", FILE);
    assert_refused("", &[said("the file is empty", "shop.json", FILE)]);
    assert_refused("just text", &[top("a string")]);
    assert_refused("[]", &[top("an array")]);
    let yaml = "not valid YAML: mapping values are not allowed in this context";
    assert_refused("a: 1\nb: c: d", &[said(yaml, "shop.json:2:5", SYNTAX)]);
    assert_refused("{\"a\": 1,\n}", &[said("not valid JSON: trailing comma", "shop.json:2:1", SYNTAX)]);
}

#[test]
fn documents_of_another_kind() {
    let swagger = said(
        "this is a Swagger 2 document, not an OpenAPI 3 one",
        "shop.json#/swagger",
        "convert it to OpenAPI 3.0 or 3.1",
    );
    assert_refused(r#"{"swagger": "2.0", "info": {"title": "a", "version": "1"}, "paths": {}}"#, &[swagger]);
    let whole = "check that the document is complete";
    let empty = |place: &str| said("the document has neither paths nor webhooks", place, whole);
    assert_refused(&shop_with(&[("/paths", json!({}))]), &[empty("shop.json#/paths")]);
    assert_refused(r#"{"openapi": "3.1.0", "info": {"title": "a", "version": "1"}}"#, &[empty("shop.json#")]);
}

#[test]
fn references_that_cannot_be_resolved() {
    let dangling = said(
        "`$ref` has no target: `#/components/schemas/Nope` does not exist",
        &at_property("/$ref"),
        "correct the name, or add the component",
    );
    assert_refused(&shop_with(&[(PROPERTY, json!({"$ref": "#/components/schemas/Nope"}))]), &[dangling]);
    let external = said(
        "`$ref` refers to another document: `other.yaml#/A`",
        &at_property("/$ref"),
        "bundle everything into one document first",
    );
    assert_refused(&shop_with(&[(PROPERTY, json!({"$ref": "other.yaml#/A"}))]), &[external]);
}

#[test]
fn operations_without_a_unique_id() {
    let other = "/paths/~1v1~1other";
    let answers = json!({"204": {"description": "Nothing."}});
    let missing = said(
        "the operation has no operationId",
        "shop.json#/paths/~1v1~1other/get",
        "add one in the overlay; the function is named after it",
    );
    assert_refused(&shop_with(&[(other, json!({"get": {"responses": answers}}))]), &[missing]);
    let twice = said(
        &format!("the operationId `products:get` is already used by #{GET}"),
        "shop.json#/paths/~1v1~1other/get/operationId\n  in operation products:get",
        "give each operation a different id",
    );
    let operation = json!({"get": {"operationId": "products:get", "responses": answers}});
    assert_refused(&shop_with(&[(other, operation)]), &[twice]);
}

#[test]
fn path_parameters_that_are_not_declared() {
    let undeclared = said(
        "the path contains `{id}`, but no parameter declares it",
        &in_get(""),
        "declare the parameter with `in: path`",
    );
    assert_refused(&shop_with(&[(&format!("{GET}/parameters"), json!([]))]), &[undeclared]);
}

#[test]
fn names_that_collide() {
    let complaint = Sandbox::with(&shop_with(&[
        (PROPERTY, json!({"type": "string"})),
        ("/components/schemas/Product/properties/A", json!({"type": "string"})),
    ]))
    .regenerate_refusal();
    let expected = [
        "error: `a` is also the name of the property `a`",
        "  at shop.json#/components/schemas/Product/properties/A\n",
        "  hint: choose another name by a line in names.lock",
        "field\t#/components/schemas/Product/properties/A\tNAME\n",
    ];
    for part in expected {
        assert!(complaint.contains(part), "{part} in {complaint}");
    }
}

#[test]
fn schemas_that_never_end() {
    let circle = said(
        "the references form a circle: #/components/schemas/Loop -> #/components/schemas/Loop",
        "shop.json#/components/schemas/Loop",
        "replace one of them by a schema",
    );
    let itself = json!({"$ref": "#/components/schemas/Loop"});
    let document = [("/components/schemas/Loop", json!({"allOf": [itself]})), (PROPERTY, itself.clone())];
    assert_refused(&shop_with(&document), &[circle]);
    let endless = said(
        "every value of Loop contains another one, so no finite value exists",
        "shop.json#/components/schemas/Loop",
        "make one of the properties in the circle optional, nullable or a list",
    );
    let object = json!({"type": "object", "required": ["next"], "properties": {"next": itself}});
    assert_refused(&shop_with(&[("/components/schemas/Loop", object), (PROPERTY, itself)]), &[endless]);
}

#[test]
fn all_errors_of_a_document_in_one_run() {
    let document = shop_with(&[
        (&format!("{GET}/wobble"), json!(1)),
        (&format!("{GET}/parameters/0/schema"), json!({"type": "string", "minLength": 5, "maxLength": 2})),
        (PROPERTY, json!({"type": "integer", "minimum": 5, "maximum": 2, "wibble": 1, "not": {}})),
    ]);
    assert_refused(
        &document,
        &[
            said("`wobble` is unknown in an operation", &in_get("/wobble"), EXTEND),
            said("`minLength` 5 is above `maxLength` 2", &in_get("/parameters/0/schema/minLength"), FIX),
            said("`wibble` is unknown in a schema", &at_property("/wibble"), EXTEND),
            said("`not` of a schema is not supported", &at_property("/not"), EXTEND),
            said("`minimum` 5 leaves no value below `maximum` 2", &at_property("/minimum"), FIX),
        ],
    );
}

#[test]
fn an_overlay_without_effect() {
    let sandbox = Sandbox::with(&shop().to_string());
    let overlay = "overlay: 1.0.0\n\
        info: {title: Corrections, version: '1'}\n\
        actions:\n\
        - {target: $.paths.nope, description: It is wrong., remove: true}\n\
        - {target: $.info, description: It is bare., update: {description: Things to buy.}}\n\
        - {target: $.info.nope, description: It is wrong., remove: true}\n";
    sandbox.write("overlay.yaml", overlay);
    let stale = |target: &str, index: usize| {
        said(
            &format!("the target `{target}` matches nothing"),
            &format!("overlay.yaml#/actions/{index}"),
            "remove the action if the document was fixed; otherwise correct the path",
        )
    };
    assert_said(&sandbox.regenerate_refusal(), &[stale("$.paths.nope", 0), stale("$.info.nope", 2)]);
}

#[test]
fn files_that_are_not_overlays() {
    let sandbox = Sandbox::with(&shop().to_string());
    sandbox.write("fix.yaml", "actions: []\n");
    let arguments = ["regenerate", "--spec", "shop.json", "--overlay", "fix.yaml", "--out", "out"];
    assert_said(
        &sandbox.refusal(&arguments),
        &[
            said("this is not an overlay of version 1.0", "fix.yaml#/overlay", "start the file with `overlay: 1.0.0`"),
            said("the overlay has no `info` object", "fix.yaml#/info", "add `info` with `title` and `version`"),
        ],
    );
    sandbox.write("fix.yaml", "");
    assert_said(&sandbox.refusal(&arguments), &[said("the file is empty", "fix.yaml", FILE)]);
    sandbox.remove("fix.yaml");
    let complaint = sandbox.refusal(&arguments);
    assert!(complaint.ends_with("  at fix.yaml\n  hint: name an overlay with --overlay FILE\n"), "{complaint}");
    fs::create_dir(sandbox.path("overlay.yaml")).expect("a directory");
    let complaint = sandbox.regenerate_refusal();
    assert!(complaint.contains("  at overlay.yaml\n"), "one beside the document is not passed over: {complaint}");
}

#[test]
fn a_malformed_names_lock() {
    let sandbox = Sandbox::with(&shop().to_string());
    sandbox.write("names.lock", "# Names.\nwhat\n");
    let hint = "a line has kind, key and name, separated by tabs";
    assert_said(&sandbox.regenerate_refusal(), &[said("the line does not have three parts", "names.lock:2:1", hint)]);
}

#[test]
fn a_document_of_openapi_3_0() {
    let document = shop_with(&[("/openapi", json!("3.0.3")), (PROPERTY, json!({"type": "string", "nullable": true}))]);
    let sandbox = Sandbox::with(&document);
    sandbox.regenerate(&[]).done();
    assert!(sandbox.read("out/src/models/products.rs").contains("pub a: Option<String>,"));
}

#[test]
fn errors_name_line_and_column() {
    let sandbox =
        Sandbox::with("openapi: 3.1.0\ninfo: {title: a, version: '1'}\npaths:\n  /a:\n    get: {responses: {}}\n");
    let complaint = sandbox.run(&["regenerate", "--spec", "shop.json", "--out", "out"]).err;
    assert!(complaint.contains("\n  at shop.json:5:5#/paths/~1a/get\n"), "{complaint}");
}
