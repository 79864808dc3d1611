//! The part of a document without faults: it can be lowered, so that one run also finds the problems of lowering.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use crate::http::Method;
use crate::pointer;

/// Optional keywords of a document.
const OPTIONAL: &[&str] = &["servers", "security", "tags", "externalDocs"];

/// Returns the document without the operations, webhooks and components that have a fault or refer to one that does.
/// `None` if a fault affects the document as a whole.
pub(super) fn sound_part<'a>(document: &Value, faults: impl Iterator<Item = &'a str>) -> Option<Value> {
    let mut referrers: HashMap<String, Vec<String>> = HashMap::new();
    for (unit, value) in units(document) {
        let mut targets = HashSet::new();
        references(value, &mut targets);
        for target in targets {
            referrers.entry(target).or_default().push(unit.clone());
        }
    }
    let mut open: Vec<String> = faults.map(unit_of).collect();
    let mut removed = HashSet::new();
    while let Some(unit) = open.pop() {
        if removed.insert(unit.clone()) {
            open.extend(referrers.remove(&unit).into_iter().flatten());
        }
    }
    let is_needed = |unit: &String| match pointer::parse(unit).unwrap_or_default().as_slice() {
        [key] => !OPTIONAL.contains(&key.as_str()),
        names => names.is_empty(),
    };
    if removed.iter().any(is_needed) {
        return None;
    }
    let mut part = document.clone();
    removed.iter().for_each(|unit| drop(pointer::remove(&mut part, unit)));
    Some(part)
}

/// Parts that are removed as a whole, each with its content: components, operations, and everything around the
/// operations of a path.
fn units(document: &Value) -> Vec<(String, &Value)> {
    let mut found = Vec::new();
    for (section, components) in entries(document.get("components")) {
        let components = entries(Some(components));
        found.extend(components.map(|(name, component)| (pointer::to_component(section, name), component)));
    }
    for (base, key) in [(pointer::PATHS, "paths"), (pointer::WEBHOOKS, "webhooks")] {
        for (name, item) in entries(document.get(key)) {
            let item_pointer = pointer::child(base, name);
            for (keyword, value) in entries(Some(item)) {
                let pointer = pointer::child(&item_pointer, keyword);
                found.push((if is_method(keyword) { pointer } else { item_pointer.clone() }, value));
            }
        }
    }
    found
}

fn entries(value: Option<&Value>) -> impl Iterator<Item = (&String, &Value)> {
    value.and_then(Value::as_object).into_iter().flatten()
}

fn is_method(keyword: &str) -> bool {
    Method::ALL.iter().any(|method| method.keyword() == keyword)
}

/// Returns the part that contains a pointer.
fn unit_of(pointer: &str) -> String {
    let names = pointer::parse(pointer).unwrap_or_default();
    let depth = match names.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["components", _, _, ..] => 3,
        ["paths" | "webhooks", _, keyword, ..] if is_method(keyword) => 3,
        ["paths" | "webhooks", _, ..] => 2,
        names => names.len().min(1),
    };
    names.iter().take(depth).fold(pointer::ROOT.to_owned(), |unit, name| pointer::child(&unit, name))
}

/// Returns the parts that a value refers to: by `$ref`, or by the values of a mapping, which can be names of schemas.
fn references(value: &Value, targets: &mut HashSet<String>) {
    match value {
        Value::Object(properties) => {
            for (name, value) in properties {
                if name == "mapping" {
                    let names = value.as_object().into_iter().flatten().filter_map(|(_, target)| target.as_str());
                    targets.extend(names.map(pointer::to_schema));
                }
                references(value, targets);
            }
        }
        Value::Array(elements) => elements.iter().for_each(|element| references(element, targets)),
        Value::String(text) if text.starts_with("#/") => {
            targets.insert(unit_of(&pointer::decoded(text)));
        }
        _ => {}
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failing test may panic")]
mod tests {
    use serde_json::json;

    use super::sound_part;

    #[test]
    fn what_refers_to_a_fault_goes_with_it() {
        let operation =
            |name: &str| json!({"operationId": name, "x": {"$ref": format!("#/components/schemas/{name}")}});
        let document = json!({
            "openapi": "3.1.0",
            "servers": [],
            "paths": {"/a": {"get": operation("A"), "put": operation("B")}, "/c": {"get": operation("C")}},
            "components": {"schemas": {
                "A": {"items": {"$ref": "#/components/schemas/D"}},
                "B": {"discriminator": {"mapping": {"b": "E"}}},
                "C": {}, "D": {"$ref": "#/components/schemas/A"}, "E": {},
            }},
        });
        let part = |faults: &[&str]| sound_part(&document, faults.iter().copied());
        let left = part(&["#/components/schemas/D/items/0"]).unwrap();
        assert_eq!(left["paths"], json!({"/a": {"put": operation("B")}, "/c": {"get": operation("C")}}));
        let left = part(&["#/components/schemas/E", "#/paths/~1a/parameters/0"]).unwrap();
        assert_eq!(left["paths"], json!({"/c": {"get": operation("C")}}));
        assert!(left["components"]["schemas"].get("B").is_none());
        assert!(part(&["#/servers/0/url"]).unwrap().get("servers").is_none());
        assert_eq!(part(&["#/info"]), None);
        assert_eq!(part(&["#"]), None);
    }
}
