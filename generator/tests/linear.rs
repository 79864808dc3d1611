//! Large documents take linear time. The test compares processor time, which other programs hardly affect. It is the
//! only test of its program, so that no other one runs at the same time.
#![cfg(unix)]
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a failing test may panic")]

use std::time::Duration;

use polar_codegen::{Config, Diagnostics, Input, Source, generate};
use rustix::time::{ClockId, clock_gettime};
use serde_json::{Map, Value, json};

/// Maximum ratio of the time for four times the document. It is four for linear and sixteen for quadratic growth.
const MOST: f64 = 9.0;

/// How often a case is measured before it fails: other programs can only make it slower.
const TRIES: usize = 4;

/// Maximum size of a report in bytes, for any number of errors.
const REPORT_BYTES: usize = 20_000;

fn map(count: usize, entry: impl Fn(usize) -> (String, Value)) -> Value {
    Value::Object((0..count).map(entry).collect::<Map<_, _>>())
}

fn reference(name: impl std::fmt::Display) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

/// A document whose operations return these schemas. Two more with the same name end the run before files are written.
fn answering(schemas: Value) -> Value {
    let response = |name: &str| {
        let content = json!({"application/json": {"schema": reference(name)}});
        json!({"get": {"operationId": format!("shop:get_{name}"), "responses": {"200": {"content": content}}}})
    };
    let mut all = json!({"Same-Name": {"type": "object", "properties": {"a": {}}}, "Same_Name": {"type": "string", "enum": ["a"]}});
    all.as_object_mut().unwrap().extend(schemas.as_object().unwrap().clone());
    json!({
        "openapi": "3.1.0",
        "info": {"title": "Many", "version": "1"},
        "paths": {"/a": response("Thing"), "/b": response("Same-Name"), "/c": response("Same_Name")},
        "components": {"schemas": all},
    })
}

fn properties(count: usize) -> Value {
    let names: Vec<_> = (0..count).map(|index| format!("p{index}")).collect();
    answering(json!({"Thing": {
        "type": "object",
        "required": names,
        "properties": map(count, |index| (format!("p{index}"), json!({"type": "string", "enum": [format!("v{index}")]}))),
    }}))
}

fn clashes(count: usize) -> Value {
    let name = |index: usize| format!("p{}{}", if index.is_multiple_of(2) { "_" } else { "-" }, index / 2);
    answering(json!({"Thing": {"type": "object", "properties": map(count, |index| (name(index), json!({})))}}))
}

fn references(count: usize) -> Value {
    let mut schemas = map(count, |index| (format!("C{index}"), reference(format!("C{}", index + 1))));
    schemas["Thing"] = reference("C0");
    schemas[format!("C{count}")] = json!({"type": "string"});
    answering(schemas)
}

fn parts(count: usize) -> Value {
    let part = |index: usize| json!({"type": "object", "required": ["p0"], "properties": {format!("p{index}"): {"type": "string"}}});
    answering(json!({"Thing": {"allOf": (0..count).map(part).collect::<Vec<_>>()}}))
}

fn all_of_chain(count: usize) -> Value {
    let own = json!({"type": "object", "required": ["a"], "properties": {"a": {"type": "string"}}});
    let mut schemas =
        map(count, |index| (format!("C{index}"), json!({"allOf": [reference(format!("C{}", index + 1)), own]})));
    schemas["Thing"] = reference("C0");
    schemas[format!("C{count}")] = own.clone();
    answering(schemas)
}

fn variants(count: usize) -> Value {
    let variant = |index: usize| json!({"type": "object", "required": ["type"], "properties": {"type": {"const": format!("v{index}")}}});
    let mut schemas = map(count, |index| (format!("V{index}"), variant(index)));
    schemas["Thing"] = json!({"oneOf": (0..count).map(|index| reference(format!("V{index}"))).collect::<Vec<_>>()});
    answering(schemas)
}

fn constants(count: usize) -> Value {
    answering(json!({"Thing": {"oneOf": (0..count).map(|index| json!({"const": index})).collect::<Vec<_>>()}}))
}

fn operations(count: usize) -> Value {
    let mut document = answering(json!({"Thing": {"type": "object", "properties": {"a": {"type": "string"}}}}));
    let response = json!({"200": {"content": {"application/json": {"schema": reference("Thing")}}}});
    let paths = map(count, |index| {
        (format!("/r{index}"), json!({"get": {"operationId": format!("r{index}:get"), "responses": response}}))
    });
    document["paths"].as_object_mut().unwrap().extend(paths.as_object().unwrap().clone());
    document
}

fn unsupported(count: usize) -> Value {
    answering(
        json!({"Thing": {"type": "object", "properties": map(count, |index| (format!("p{index}"), json!({"not": {}})))}}),
    )
}

fn run(document: &Value) -> (Diagnostics, Duration) {
    let bytes = document.to_string().into_bytes();
    let input = Input {
        document: Source { file: "many.json", bytes: &bytes },
        overlay: None,
        names: None,
        docs: &[],
        config: Config { source: "many.json".to_owned(), agent: "many/1.0".to_owned(), ..Config::default() },
    };
    let now = || {
        let time = clock_gettime(ClockId::ProcessCPUTime);
        Duration::new(time.tv_sec.try_into().unwrap(), time.tv_nsec.try_into().unwrap())
    };
    let begin = now();
    let problems = generate(&input).expect_err("two types of one name");
    (problems, now() - begin)
}

#[test]
fn time_grows_in_proportion_to_the_document() {
    type Case = (&'static str, fn(usize) -> Value, usize);
    let cases: [Case; 9] = [
        ("properties", properties, 1_000),
        ("names that clash", clashes, 2_000),
        ("references in a chain", references, 5_000),
        ("parts of an allOf", parts, 1_000),
        ("allOf in a chain", all_of_chain, 400),
        ("variants with a tag", variants, 500),
        ("constants", constants, 1_000),
        ("resources", operations, 1_000),
        ("keywords that are not supported", unsupported, 2_000),
    ];
    for (name, document, count) in cases {
        let (few, many) = (document(count), document(4 * count));
        let measured = || {
            let ((_, short), (problems, long)) = (run(&few), run(&many));
            assert!(problems.report().len() < REPORT_BYTES, "{name}: {}", problems.report());
            long.as_secs_f64() / short.as_secs_f64()
        };
        let mut ratios = Vec::new();
        while ratios.len() < TRIES && ratios.iter().all(|ratio| *ratio >= MOST) {
            ratios.push(measured());
        }
        let is_linear = ratios.iter().any(|ratio| *ratio < MOST);
        assert!(is_linear, "{name}: four times as many take {ratios:.1?} times as long");
    }
}
