//! Keywords with values of the wrong type, and missing, unknown and unsupported keywords.

use serde_json::{Map, Value};

use super::super::model::{Fate, Keyword, ObjectKind, ValueType};
use super::super::preserved;
use super::super::read::describe;
use super::super::walk::{DocumentObject, is_extension, is_reference, walk};
use super::Findings;
use crate::diagnostics::Diagnostic;
use crate::http::Method;
use crate::pointer;

const VALUE_HINT: &str = "fix the document, or correct it in the overlay";

pub(super) fn check(object: &DocumentObject<'_>, findings: &mut Findings<'_>) {
    let Some(properties) = object.properties() else {
        return not_an_object(object, findings);
    };
    if is_reference(object.kind, properties) && object.kind != ObjectKind::Schema {
        return siblings(object, properties, findings);
    }
    for (name, value) in properties {
        keyword(object, name, value, findings);
    }
    if !(object.kind == ObjectKind::Schema && properties.contains_key("$ref")) {
        missing(object, properties, findings);
    }
    if object.kind == ObjectKind::Schema {
        tuple(object, properties, findings);
    }
}

/// Errors about values of the wrong type, which no overlay can accept: for data that normalization produced or
/// received.
pub(in super::super) fn value_errors(document: &Value) -> Vec<Diagnostic> {
    let mut errors = Vec::new();
    walk(document, &mut |object| {
        let Some(properties) = object.properties() else {
            if !(object.kind == ObjectKind::Schema && object.value.is_boolean()) {
                errors.push(wrong(object.pointer.clone(), object.kind.name(), object.value, "an object"));
            }
            return;
        };
        for (name, value) in properties {
            let fits = match object.kind.keyword(name) {
                Some(keyword) => misfit(keyword, value),
                None => None,
            };
            errors.extend(
                fits.map(|expected| {
                    wrong(pointer::child(&object.pointer, name), &format!("`{name}`"), value, expected)
                }),
            );
        }
        if !is_reference(object.kind, properties) {
            let absent = absent(object, properties);
            errors.extend(absent.map(|name| Diagnostic::error(object.pointer.clone(), lacks(object.kind, name))));
        }
    });
    errors
}

fn wrong(pointer: String, what: &str, value: &Value, expected: &str) -> Diagnostic {
    Diagnostic::error(pointer, format!("{what} is {}, not {expected}", describe(value))).hint(VALUE_HINT)
}

fn not_an_object(object: &DocumentObject<'_>, findings: &mut Findings<'_>) {
    match (object.kind, object.value) {
        (ObjectKind::Schema, Value::Bool(true)) => {}
        (ObjectKind::Schema, Value::Bool(false)) => {
            findings.unsupported(
                object,
                object.pointer.clone(),
                "the schema `false`, which allows no value, is not supported".to_owned(),
            );
        }
        (kind, value) => findings.push(object, wrong(object.pointer.clone(), kind.name(), value, "an object")),
    }
}

/// OpenAPI 3.1 allows texts beside a `$ref`; the typed document has no field for them.
fn siblings(object: &DocumentObject<'_>, properties: &Map<String, Value>, findings: &mut Findings<'_>) {
    for name in properties.keys().filter(|name| *name != "$ref") {
        let message = format!("`{name}` beside the `$ref` of {} is not supported", object.kind.name());
        findings.unsupported(object, pointer::child(&object.pointer, name), message);
    }
}

fn keyword(object: &DocumentObject<'_>, name: &str, value: &Value, findings: &mut Findings<'_>) {
    let at = || pointer::child(&object.pointer, name);
    match object.kind.keyword(name) {
        // It replaces the schema, without which the object can't be kept.
        Some(_) if name == "content" && matches!(object.kind, ObjectKind::Parameter | ObjectKind::Header) => {
            let message = format!("`content` of {} is not supported", object.kind.name());
            if object.value.get("in").is_some_and(|location| location == "path") {
                let hint =
                    "describe the parameter by a schema in the overlay, as a string whose text the caller writes";
                findings.binding(object, object.pointer.clone(), message, hint);
            } else {
                findings.unsupported(object, object.pointer.clone(), message);
            }
        }
        Some(Keyword { fate: Fate::Unsupported, .. }) => {
            findings.unsupported(object, at(), format!("`{name}` of {} is not supported", object.kind.name()));
        }
        Some(keyword) => {
            if let Some(expected) = misfit(keyword, value) {
                findings.push(object, wrong(at(), &format!("`{name}`"), value, expected));
            }
            references_in_maps(object, keyword, value, &at, findings);
        }
        None if object.kind == ObjectKind::Schema && preserved::RESERVED.contains(&name) => {
            let message = format!("`{name}` is reserved by the generator");
            findings.error(object, at(), message, "rename it in the document, or remove it in the overlay");
        }
        None if name.starts_with("x-") => {}
        None => findings.unsupported(object, at(), format!("`{name}` is unknown in {}", object.kind.name())),
    }
}

/// Entries that the typed document would ignore silently.
fn references_in_maps(
    object: &DocumentObject<'_>,
    keyword: &Keyword,
    value: &Value,
    at: &dyn Fn() -> String,
    findings: &mut Findings<'_>,
) {
    let (ValueType::MapAndExtensions(kind), Value::Object(entries)) = (keyword.value_type, value) else {
        return;
    };
    for key in entries.keys().filter(|key| !is_extension(keyword.value_type, key)) {
        let (ok, expected) = match kind {
            ObjectKind::PathItem => (key.starts_with('/'), "a path that starts with `/`"),
            _ => (is_status(key), "a status code such as `200`, `2XX` or `default`"),
        };
        if !ok {
            findings.error(object, pointer::child(&at(), key), format!("`{key}` is not {expected}"), VALUE_HINT);
        }
    }
}

fn is_status(key: &str) -> bool {
    let in_range = |code: &str| code.parse::<u16>().is_ok_and(|code| (100..600).contains(&code));
    key == "default"
        || (key.len() == 3 && key.bytes().all(|byte| byte.is_ascii_digit()) && in_range(key))
        || key.strip_suffix("XX").is_some_and(|class| matches!(class, "1" | "2" | "3" | "4" | "5"))
}

/// Describes the expected value of a keyword, if it has another one. Objects are checked when the walk reaches them.
fn misfit(keyword: &Keyword, value: &Value) -> Option<&'static str> {
    let is_text_list = |value: &Value| value.as_array().is_some_and(|list| list.iter().all(Value::is_string));
    let (fits, expected) = match keyword.value_type {
        ValueType::Any | ValueType::One(_) => (true, "anything"),
        ValueType::Text => (value.is_string(), "a string"),
        ValueType::Flag => (value.is_boolean(), "a boolean"),
        ValueType::Count => (is_count(value), "a whole number from zero up"),
        ValueType::Number => (value.is_number(), "a number"),
        ValueType::NumberOrFlag => (value.is_number() || value.is_boolean(), "a number"),
        ValueType::Types => (value.is_string() || is_text_list(value), "the name of a type or a list of names"),
        ValueType::List | ValueType::Many(_) => (value.is_array(), "an array"),
        ValueType::Texts => (is_text_list(value), "an array of strings"),
        ValueType::TextMap => (
            value.as_object().is_some_and(|map| map.values().all(Value::is_string)),
            "an object whose values are strings",
        ),
        ValueType::Security => (is_security(value), "a list of objects that name lists of scopes"),
        ValueType::Map(_) | ValueType::MapAndExtensions(_) => (value.is_object(), "an object"),
    };
    (!fits).then_some(expected)
}

fn is_count(value: &Value) -> bool {
    let whole = |number: f64| number >= 0.0 && number.fract() == 0.0 && number < 9e15;
    value.is_u64() || value.as_f64().is_some_and(whole)
}

fn is_security(value: &Value) -> bool {
    let scopes = |value: &Value| value.as_array().is_some_and(|list| list.iter().all(Value::is_string));
    value.as_array().is_some_and(|alternatives| {
        alternatives.iter().all(|schemes| schemes.as_object().is_some_and(|schemes| schemes.values().all(scopes)))
    })
}

fn missing(object: &DocumentObject<'_>, properties: &Map<String, Value>, findings: &mut Findings<'_>) {
    for name in absent(object, properties) {
        let message = lacks(object.kind, name);
        findings.error(object, object.pointer.clone(), message, VALUE_HINT);
    }
    let methods = Method::ALL.iter().any(|method| properties.contains_key(method.keyword()));
    if object.kind == ObjectKind::PathItem && !methods && !properties.contains_key("$ref") {
        findings.push(object, Diagnostic::warning(object.pointer.clone(), "the path has no operation"));
    }
}

fn absent<'a>(
    object: &'a DocumentObject<'_>,
    properties: &'a Map<String, Value>,
) -> impl Iterator<Item = &'static str> + 'a {
    let by_type = match (object.kind, properties.get("type").and_then(Value::as_str)) {
        (ObjectKind::SecurityScheme, Some("apiKey")) => &["name", "in"][..],
        (ObjectKind::SecurityScheme, Some("http")) => &["scheme"],
        (ObjectKind::SecurityScheme, Some("oauth2")) => &["flows"],
        (ObjectKind::SecurityScheme, Some("openIdConnect")) => &["openIdConnectUrl"],
        _ => &[],
    };
    // The URLs that each OAuth flow needs, by its name in the document.
    let by_name = match (object.kind, object.pointer.rsplit('/').next()) {
        (ObjectKind::Flow, Some("implicit")) => &["authorizationUrl"][..],
        (ObjectKind::Flow, Some("authorizationCode")) => &["authorizationUrl", "tokenUrl"],
        (ObjectKind::Flow, Some("password" | "clientCredentials")) => &["tokenUrl"],
        _ => &[],
    };
    let names = object.kind.required().iter().chain(by_type).chain(by_name);
    names.copied().filter(|name| !properties.contains_key(*name))
}

fn lacks(kind: ObjectKind, name: &str) -> String {
    format!("{} has no `{name}`", kind.name())
}

/// After the elements of a tuple, others may follow, or not, or any: only a separate schema for them is more than the
/// IR can represent.
fn tuple(object: &DocumentObject<'_>, properties: &Map<String, Value>, findings: &mut Findings<'_>) {
    let follows = |items: &Value| !items.is_boolean() && items.as_object().is_none_or(|items| !items.is_empty());
    if properties.contains_key("prefixItems") && properties.get("items").is_some_and(follows) {
        let message = "`items` after `prefixItems` is not supported".to_owned();
        findings.unsupported(object, pointer::child(&object.pointer, "items"), message);
    }
}
