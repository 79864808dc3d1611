//! Schemas that contradict themselves.

use serde_json::{Map, Value};

use super::super::model::ObjectKind;
use super::super::walk::DocumentObject;
use super::Findings;
use crate::diagnostics::Diagnostic;
use crate::pointer;

const TYPES: &[&str] = &["string", "number", "integer", "boolean", "object", "array", "null"];
const COUNTS: &[(&str, &str)] =
    &[("minLength", "maxLength"), ("minItems", "maxItems"), ("minProperties", "maxProperties")];

pub(super) fn check(object: &DocumentObject<'_>, findings: &mut Findings<'_>) {
    let Some(properties) = object.properties().filter(|_| object.kind == ObjectKind::Schema) else {
        return;
    };
    types(object, properties, findings);
    counts(object, properties, findings);
    range(object, properties, findings);
    values(object, properties, findings);
    required(object, properties, findings);
}

fn types(object: &DocumentObject<'_>, properties: &Map<String, Value>, findings: &mut Findings<'_>) {
    let names = names(properties);
    for name in names.iter().filter(|name| !TYPES.contains(name)) {
        let message = format!("`{name}` is not a type");
        let hint = "use string, number, integer, boolean, object, array or null";
        findings.error(object, pointer::child(&object.pointer, "type"), message, hint);
    }
    if properties.get("type").is_some_and(|types| types.as_array().is_some_and(Vec::is_empty)) {
        let message = "the list of types is empty, so no value is valid".to_owned();
        findings.error(object, pointer::child(&object.pointer, "type"), message, "name a type, or leave `type` out");
    }
}

fn names(properties: &Map<String, Value>) -> Vec<&str> {
    match properties.get("type") {
        Some(Value::String(name)) => vec![name],
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

fn counts(object: &DocumentObject<'_>, properties: &Map<String, Value>, findings: &mut Findings<'_>) {
    for (low, high) in COUNTS {
        let (Some(least), Some(most)) = (properties.get(*low), properties.get(*high)) else {
            continue;
        };
        if least.as_f64() > most.as_f64() && least.is_number() && most.is_number() {
            contradiction(object, &format!("`{low}` {least} is above `{high}` {most}"), low, findings);
        }
    }
}

fn range(object: &DocumentObject<'_>, properties: &Map<String, Value>, findings: &mut Findings<'_>) {
    let (low, high) =
        (limit(properties, "minimum", "exclusiveMinimum"), limit(properties, "maximum", "exclusiveMaximum"));
    for least in &low {
        for most in &high {
            if least.value > most.value || (least.value == most.value && (least.exclusive || most.exclusive)) {
                let message =
                    format!("`{}` {} leaves no value below `{}` {}", least.name, least.value, most.name, most.value);
                contradiction(object, &message, least.name, findings);
            }
        }
    }
}

struct Limit {
    name: &'static str,
    value: f64,
    exclusive: bool,
}

/// The limits on one side. In 3.0 a flag makes the inclusive limit exclusive; 3.1 has a separate number for it.
fn limit(properties: &Map<String, Value>, inclusive: &'static str, exclusive: &'static str) -> Vec<Limit> {
    let flag = properties.get(exclusive).and_then(Value::as_bool).unwrap_or_default();
    let plain = properties.get(inclusive).and_then(Value::as_f64);
    let sharp = properties.get(exclusive).and_then(Value::as_f64);
    let plain = plain.map(|value| Limit { name: inclusive, value, exclusive: flag });
    plain.into_iter().chain(sharp.map(|value| Limit { name: exclusive, value, exclusive: true })).collect()
}

fn values(object: &DocumentObject<'_>, properties: &Map<String, Value>, findings: &mut Findings<'_>) {
    let names = names(properties);
    let fits = |value: &Value| names.is_empty() || names.iter().any(|name| is_of(value, name));
    let nullable = properties.get("nullable") == Some(&Value::Bool(true));
    match properties.get("enum").and_then(Value::as_array) {
        Some(values) if values.is_empty() => {
            contradiction(object, "the enum is empty, so no value is valid", "enum", findings);
        }
        Some(values) => {
            // Null among the values of another type is the usual way to express "or null".
            for value in values.iter().filter(|value| !value.is_null() && !fits(value)) {
                contradiction(
                    object,
                    &format!("the enum's value {value} is not of type {}", names.join(" or ")),
                    "enum",
                    findings,
                );
            }
        }
        None => {}
    }
    if let Some(value) = properties.get("const").filter(|value| !(fits(value) || nullable && value.is_null())) {
        contradiction(
            object,
            &format!("the constant {value} is not of type {}", names.join(" or ")),
            "const",
            findings,
        );
    }
}

fn is_of(value: &Value, name: &str) -> bool {
    match name {
        "string" => value.is_string(),
        "number" => value.is_number(),
        "integer" => value.is_i64() || value.is_u64() || value.as_f64().is_some_and(|number| number.fract() == 0.0),
        "boolean" => value.is_boolean(),
        "object" => value.is_object(),
        "array" => value.is_array(),
        "null" => value.is_null(),
        // An unknown type has its own message.
        _ => true,
    }
}

fn required(object: &DocumentObject<'_>, properties: &Map<String, Value>, findings: &mut Findings<'_>) {
    let (Some(required), Some(declared)) =
        (properties.get("required").and_then(Value::as_array), properties.get("properties").and_then(Value::as_object))
    else {
        return;
    };
    let closed = properties.get("additionalProperties") == Some(&Value::Bool(false));
    for (index, name) in required.iter().enumerate() {
        let Some(name) = name.as_str().filter(|name| !declared.contains_key(*name)) else {
            continue;
        };
        let at = pointer::element(&pointer::child(&object.pointer, "required"), index);
        if closed {
            let message = format!("the required property `{name}` is not declared, and no others are allowed");
            findings.error(object, at, message, "declare it, or do not require it");
        } else {
            findings.push(object, Diagnostic::note(at, format!("the required property `{name}` is not declared")));
        }
    }
}

fn contradiction(object: &DocumentObject<'_>, message: &str, keyword: &str, findings: &mut Findings<'_>) {
    let hint = "fix the document, or correct it in the overlay";
    findings.error(object, pointer::child(&object.pointer, keyword), message.to_owned(), hint);
}
