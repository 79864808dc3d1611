//! References without a target, to other files, to the wrong kind of object, or in a circle.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value};

use super::super::model::ObjectKind;
use super::super::read::describe;
use super::super::walk::DocumentObject;
use super::Findings;
use crate::pointer;

pub(super) fn check(document: &Value, object: &DocumentObject<'_>, findings: &mut Findings<'_>) {
    let Some(properties) = object.properties() else { return };
    if object.kind == ObjectKind::Discriminator {
        mapping(document, object, properties, findings);
    }
    let Some(target) = properties.get("$ref").filter(|_| object.kind.can_be_reference()) else {
        return;
    };
    let at = pointer::child(&object.pointer, "$ref");
    match target.as_str() {
        Some(target) => reference(document, object, at, target, findings),
        // The values of all keywords of schemas are checked elsewhere.
        None if object.kind == ObjectKind::Schema => {}
        None => findings.error(
            object,
            at,
            format!("`$ref` is {}, not a string", describe(target)),
            "fix the document, or correct it in the overlay",
        ),
    }
}

fn reference(document: &Value, object: &DocumentObject<'_>, at: String, target: &str, findings: &mut Findings<'_>) {
    if !target.starts_with('#') {
        let message = format!("`$ref` refers to another document: `{target}`");
        return findings.error(object, at, message, "bundle everything into one document first");
    }
    if pointer::resolve(document, &pointer::decoded(target)).is_none() {
        let message = format!("`$ref` has no target: `{target}` does not exist");
        return findings.error(object, at, message, "correct the name, or add the component");
    }
    let section = section(object.kind);
    if pointer::component(target, section).is_none() {
        let message = format!("`$ref` refers to `{target}`, which is not under `#/components/{section}`");
        findings.error(object, at, message, "move the target into components");
    }
}

const fn section(kind: ObjectKind) -> &'static str {
    match kind {
        ObjectKind::Parameter => "parameters",
        ObjectKind::RequestBody => "requestBodies",
        ObjectKind::Response => "responses",
        ObjectKind::Header => "headers",
        ObjectKind::Example => "examples",
        ObjectKind::SecurityScheme => "securitySchemes",
        _ => "schemas",
    }
}

/// The values of a mapping are references, or names of schemas.
fn mapping(
    document: &Value,
    object: &DocumentObject<'_>,
    properties: &Map<String, Value>,
    findings: &mut Findings<'_>,
) {
    let Some(mapping) = properties.get("mapping").and_then(Value::as_object) else {
        return;
    };
    let base = pointer::child(&object.pointer, "mapping");
    for (tag, target) in mapping {
        let Some(target) = target.as_str() else { continue };
        let at = pointer::child(&base, tag);
        let named = pointer::to_schema(target);
        if pointer::resolve(document, &named).is_none() {
            reference(document, object, at, target, findings);
        }
    }
}

/// Reports references that form a circle without a value: `$ref` to `$ref`, or a schema that is a part of itself by
/// `allOf`, `anyOf` or `oneOf`. With a property or an element in between, the circle is a recursive type, which is
/// fine.
///
/// `names` are the components, as [`is_component`] selects them.
pub(super) fn cycles(document: &Value, names: &[String], findings: &mut Findings<'_>) {
    let mut edges: HashMap<&str, Vec<&str>> = HashMap::new();
    for name in names {
        if let Some(value) = pointer::resolve(document, name) {
            let mut targets = Vec::new();
            same_value(value, &mut targets);
            edges.insert(name, targets);
        }
    }
    let mut done: HashSet<&str> = HashSet::new();
    for name in names {
        if let Some(circle) = circle(name, &edges, &mut done) {
            let first = circle.first().copied().unwrap_or_default();
            let message = format!("the references form a circle: {} -> {first}", circle.join(" -> "));
            let object = DocumentObject {
                kind: ObjectKind::Schema,
                value: document,
                pointer: first.to_owned(),
                operation: None,
            };
            findings.error(&object, first.to_owned(), message, "replace one of them by a schema");
        }
    }
}

pub(super) fn is_component(object: &DocumentObject<'_>) -> bool {
    object.kind.can_be_reference() && pointer::is_component(&object.pointer)
}

/// Returns the references that stand for the value itself.
fn same_value<'a>(value: &'a Value, targets: &mut Vec<&'a str>) {
    targets.extend(value.get("$ref").and_then(Value::as_str));
    for keyword in ["allOf", "anyOf", "oneOf"] {
        for part in value.get(keyword).and_then(Value::as_array).into_iter().flatten() {
            same_value(part, targets);
        }
    }
}

/// Returns the first circle that can be reached from `start` through names that are not yet `done`. It uses a stack of
/// its own, because a chain of references may be as long as the document.
fn circle<'a>(
    start: &'a str,
    edges: &HashMap<&'a str, Vec<&'a str>>,
    done: &mut HashSet<&'a str>,
) -> Option<Vec<&'a str>> {
    if !done.insert(start) {
        return None;
    }
    let mut path: Vec<(&str, usize)> = vec![(start, 0)];
    let mut on_path: HashSet<&str> = HashSet::from([start]);
    let mut found = None;
    while let Some((name, next)) = path.last_mut() {
        let target = edges.get(name).and_then(|targets| targets.get(*next)).copied();
        *next += 1;
        match target {
            Some(target) if on_path.contains(target) => {
                if found.is_none() {
                    found = Some(path.iter().map(|(name, _)| *name).skip_while(|name| *name != target).collect());
                }
            }
            Some(target) => {
                if done.insert(target) {
                    on_path.insert(target);
                    path.push((target, 0));
                }
            }
            None => {
                if let Some((name, _)) = path.pop() {
                    on_path.remove(name);
                }
            }
        }
    }
    found
}
