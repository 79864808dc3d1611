//! Schemas that contradict themselves.

use serde_json::{Map, Value};

use super::super::model::Kind;
use super::super::pointer;
use super::super::walk::Place;
use super::Findings;
use crate::diagnostics::Diagnostic;

const TYPES: &[&str] = &["string", "number", "integer", "boolean", "object", "array", "null"];
const COUNTS: &[(&str, &str)] =
    &[("minLength", "maxLength"), ("minItems", "maxItems"), ("minProperties", "maxProperties")];

pub(super) fn check(place: &Place<'_>, findings: &mut Findings<'_>) {
    let Some(members) = place.members().filter(|_| place.kind == Kind::Schema) else {
        return;
    };
    types(place, members, findings);
    counts(place, members, findings);
    range(place, members, findings);
    values(place, members, findings);
    required(place, members, findings);
}

fn types(place: &Place<'_>, members: &Map<String, Value>, findings: &mut Findings<'_>) {
    let names = names(members);
    for name in names.iter().filter(|name| !TYPES.contains(name)) {
        let message = format!("`{name}` is no type");
        let hint = "use string, number, integer, boolean, object, array or null";
        findings.error(place, pointer::child(&place.pointer, "type"), message, hint);
    }
    if members.get("type").is_some_and(|types| types.as_array().is_some_and(Vec::is_empty)) {
        let message = "the list of types is empty, so that no value fits".to_owned();
        findings.error(place, pointer::child(&place.pointer, "type"), message, "name a type, or leave `type` out");
    }
}

fn names(members: &Map<String, Value>) -> Vec<&str> {
    match members.get("type") {
        Some(Value::String(name)) => vec![name],
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

fn counts(place: &Place<'_>, members: &Map<String, Value>, findings: &mut Findings<'_>) {
    for (low, high) in COUNTS {
        let (Some(least), Some(most)) = (members.get(*low), members.get(*high)) else {
            continue;
        };
        if least.as_f64() > most.as_f64() && least.is_number() && most.is_number() {
            contradiction(place, &format!("`{low}` {least} is above `{high}` {most}"), low, findings);
        }
    }
}

fn range(place: &Place<'_>, members: &Map<String, Value>, findings: &mut Findings<'_>) {
    let (low, high) = (limit(members, "minimum", "exclusiveMinimum"), limit(members, "maximum", "exclusiveMaximum"));
    for least in &low {
        for most in &high {
            if least.value > most.value || (least.value == most.value && (least.exclusive || most.exclusive)) {
                let message =
                    format!("`{}` {} leaves nothing below `{}` {}", least.name, least.value, most.name, most.value);
                contradiction(place, &message, least.name, findings);
            }
        }
    }
}

struct Limit {
    name: &'static str,
    value: f64,
    exclusive: bool,
}

/// The limits on one side: 3.0 turns the inclusive one exclusive by a flag, 3.1 has a number of its own for it.
fn limit(members: &Map<String, Value>, inclusive: &'static str, exclusive: &'static str) -> Vec<Limit> {
    let flag = members.get(exclusive).and_then(Value::as_bool).unwrap_or_default();
    let plain = members.get(inclusive).and_then(Value::as_f64);
    let sharp = members.get(exclusive).and_then(Value::as_f64);
    let plain = plain.map(|value| Limit { name: inclusive, value, exclusive: flag });
    plain.into_iter().chain(sharp.map(|value| Limit { name: exclusive, value, exclusive: true })).collect()
}

fn values(place: &Place<'_>, members: &Map<String, Value>, findings: &mut Findings<'_>) {
    let names = names(members);
    let fits = |value: &Value| names.is_empty() || names.iter().any(|name| is_of(value, name));
    let nullable = members.get("nullable") == Some(&Value::Bool(true));
    match members.get("enum").and_then(Value::as_array) {
        Some(values) if values.is_empty() => {
            contradiction(place, "the enum is empty, so that no value fits", "enum", findings);
        }
        Some(values) => {
            // Null among the values of another type is the usual way to say "or null".
            for value in values.iter().filter(|value| !value.is_null() && !fits(value)) {
                contradiction(
                    place,
                    &format!("the enum's value {value} is not of type {}", names.join(" or ")),
                    "enum",
                    findings,
                );
            }
        }
        None => {}
    }
    if let Some(value) = members.get("const").filter(|value| !(fits(value) || nullable && value.is_null())) {
        contradiction(place, &format!("the constant {value} is not of type {}", names.join(" or ")), "const", findings);
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

fn required(place: &Place<'_>, members: &Map<String, Value>, findings: &mut Findings<'_>) {
    let (Some(required), Some(properties)) =
        (members.get("required").and_then(Value::as_array), members.get("properties").and_then(Value::as_object))
    else {
        return;
    };
    let closed = members.get("additionalProperties") == Some(&Value::Bool(false));
    for (index, name) in required.iter().enumerate() {
        let Some(name) = name.as_str().filter(|name| !properties.contains_key(*name)) else {
            continue;
        };
        let at = pointer::element(&pointer::child(&place.pointer, "required"), index);
        if closed {
            let message = format!("the required property `{name}` is not declared, and no others are allowed");
            findings.error(place, at, message, "declare it, or do not require it");
        } else {
            findings.push(place, Diagnostic::note(at, format!("the required property `{name}` is not declared")));
        }
    }
}

fn contradiction(place: &Place<'_>, message: &str, keyword: &str, findings: &mut Findings<'_>) {
    let hint = "fix the document, or correct it in the overlay";
    findings.error(place, pointer::child(&place.pointer, keyword), message.to_owned(), hint);
}
