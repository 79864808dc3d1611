//! Members that have the wrong shape, are missing, unknown, or not modelled.

use serde_json::{Map, Value};

use super::super::model::{Fate, Kind, Member, Shape};
use super::super::pointer;
use super::super::preserved;
use super::super::read::describe;
use super::super::walk::{Place, is_extension, is_reference, walk};
use super::Findings;
use crate::diagnostics::Diagnostic;

const SHAPE_HINT: &str = "fix the document, or correct it in the overlay";
const METHODS: &[&str] = &["get", "put", "post", "delete", "options", "head", "patch", "trace"];

pub(super) fn check(place: &Place<'_>, findings: &mut Findings<'_>) {
    let Some(members) = place.members() else {
        return not_an_object(place, findings);
    };
    if is_reference(place.kind, members) && place.kind != Kind::Schema {
        return siblings(place, members, findings);
    }
    for (name, value) in members {
        member(place, name, value, findings);
    }
    if !(place.kind == Kind::Schema && members.contains_key("$ref")) {
        missing(place, members, findings);
    }
    if place.kind == Kind::Schema {
        tuple(place, members, findings);
    }
}

/// Messages about shapes only, with no way to accept any: for data that normalization has made or been handed.
pub(in super::super) fn shape_errors(document: &Value) -> Vec<Diagnostic> {
    let mut errors = Vec::new();
    walk(document, &mut |place| {
        let Some(members) = place.members() else {
            if !(place.kind == Kind::Schema && place.value.is_boolean()) {
                errors.push(wrong(place.pointer.clone(), place.kind.name(), place.value, "an object"));
            }
            return;
        };
        for (name, value) in members {
            let fits = match place.kind.member(name) {
                Some(member) => misfit(member, value),
                None => None,
            };
            errors.extend(
                fits.map(|expected| wrong(pointer::child(&place.pointer, name), &format!("`{name}`"), value, expected)),
            );
        }
        if !is_reference(place.kind, members) {
            let absent = absent(place, members);
            errors.extend(absent.map(|name| Diagnostic::error(place.pointer.clone(), lacks(place.kind, name))));
        }
    });
    errors
}

fn wrong(pointer: String, what: &str, value: &Value, expected: &str) -> Diagnostic {
    Diagnostic::error(pointer, format!("{what} is {}, not {expected}", describe(value))).hint(SHAPE_HINT)
}

fn not_an_object(place: &Place<'_>, findings: &mut Findings<'_>) {
    match (place.kind, place.value) {
        (Kind::Schema, Value::Bool(true)) => {}
        (Kind::Schema, Value::Bool(false)) => {
            findings.unmodelled(
                place,
                place.pointer.clone(),
                "the schema `false`, which admits no value, is not modelled".to_owned(),
            );
        }
        (kind, value) => findings.push(place, wrong(place.pointer.clone(), kind.name(), value, "an object")),
    }
}

/// OpenAPI 3.1 allows texts beside a `$ref`; the typed document has no place for them.
fn siblings(place: &Place<'_>, members: &Map<String, Value>, findings: &mut Findings<'_>) {
    for name in members.keys().filter(|name| *name != "$ref") {
        let message = format!("`{name}` beside the `$ref` of {} is not modelled", place.kind.name());
        findings.unmodelled(place, pointer::child(&place.pointer, name), message);
    }
}

fn member(place: &Place<'_>, name: &str, value: &Value, findings: &mut Findings<'_>) {
    let at = || pointer::child(&place.pointer, name);
    match place.kind.member(name) {
        Some(Member { fate: Fate::Unmodelled, .. }) => {
            findings.unmodelled(place, at(), format!("`{name}` of {} is not modelled", place.kind.name()));
        }
        Some(member) => {
            if let Some(expected) = misfit(member, value) {
                findings.push(place, wrong(at(), &format!("`{name}`"), value, expected));
            }
            references_in_maps(place, member, value, &at, findings);
        }
        None if place.kind == Kind::Schema && preserved::RESERVED.contains(&name) => {
            let message = format!("`{name}` is a name that the generator keeps for itself");
            findings.error(place, at(), message, "rename it in the document, or remove it in the overlay");
        }
        None if name.starts_with("x-") => {}
        None => findings.unmodelled(place, at(), format!("`{name}` is unknown in {}", place.kind.name())),
    }
}

/// Entries that the typed document would pass over in silence.
fn references_in_maps(
    place: &Place<'_>,
    member: &Member,
    value: &Value,
    at: &dyn Fn() -> String,
    findings: &mut Findings<'_>,
) {
    let (Shape::MapAndExtensions(kind), Value::Object(entries)) = (member.shape, value) else {
        return;
    };
    for key in entries.keys().filter(|key| !is_extension(member.shape, key)) {
        let (ok, expected) = match kind {
            Kind::PathItem => (key.starts_with('/'), "a path that starts with `/`"),
            _ => (is_status(key), "a status code such as `200`, `2XX` or `default`"),
        };
        if !ok {
            findings.error(place, pointer::child(&at(), key), format!("`{key}` is not {expected}"), SHAPE_HINT);
        }
    }
}

fn is_status(key: &str) -> bool {
    let in_range = |code: &str| code.parse::<u16>().is_ok_and(|code| (100..600).contains(&code));
    key == "default"
        || (key.len() == 3 && key.bytes().all(|byte| byte.is_ascii_digit()) && in_range(key))
        || key.strip_suffix("XX").is_some_and(|class| matches!(class, "1" | "2" | "3" | "4" | "5"))
}

/// What the member's value should have been, if it is something else. Objects are checked at their own place.
fn misfit(member: &Member, value: &Value) -> Option<&'static str> {
    let is_text_list = |value: &Value| value.as_array().is_some_and(|list| list.iter().all(Value::is_string));
    let (fits, expected) = match member.shape {
        Shape::Any | Shape::One(_) => (true, "anything"),
        Shape::Text => (value.is_string(), "a string"),
        Shape::Flag => (value.is_boolean(), "a boolean"),
        Shape::Count => (is_count(value), "a whole number from zero up"),
        Shape::Number => (value.is_number(), "a number"),
        Shape::NumberOrFlag => (value.is_number() || value.is_boolean(), "a number"),
        Shape::Types => (value.is_string() || is_text_list(value), "the name of a type or a list of names"),
        Shape::List | Shape::Many(_) => (value.is_array(), "an array"),
        Shape::Texts => (is_text_list(value), "an array of strings"),
        Shape::TextMap => (
            value.as_object().is_some_and(|map| map.values().all(Value::is_string)),
            "an object whose values are strings",
        ),
        Shape::Security => (is_security(value), "a list of objects that name lists of scopes"),
        Shape::Map(_) | Shape::MapAndExtensions(_) => (value.is_object(), "an object"),
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

fn missing(place: &Place<'_>, members: &Map<String, Value>, findings: &mut Findings<'_>) {
    for name in absent(place, members) {
        let message = lacks(place.kind, name);
        findings.error(place, place.pointer.clone(), message, SHAPE_HINT);
    }
    let methods = METHODS.iter().any(|method| members.contains_key(*method));
    if place.kind == Kind::PathItem && !methods && !members.contains_key("$ref") {
        findings.push(place, Diagnostic::warning(place.pointer.clone(), "the path has no operation"));
    }
}

fn absent<'a>(place: &'a Place<'_>, members: &'a Map<String, Value>) -> impl Iterator<Item = &'static str> + 'a {
    let by_type = match (place.kind, members.get("type").and_then(Value::as_str)) {
        (Kind::SecurityScheme, Some("apiKey")) => &["name", "in"][..],
        (Kind::SecurityScheme, Some("http")) => &["scheme"],
        (Kind::SecurityScheme, Some("oauth2")) => &["flows"],
        (Kind::SecurityScheme, Some("openIdConnect")) => &["openIdConnectUrl"],
        _ => &[],
    };
    // The URLs that each OAuth flow needs, by the name under which it stands.
    let by_name = match (place.kind, place.pointer.rsplit('/').next()) {
        (Kind::Flow, Some("implicit")) => &["authorizationUrl"][..],
        (Kind::Flow, Some("authorizationCode")) => &["authorizationUrl", "tokenUrl"],
        (Kind::Flow, Some("password" | "clientCredentials")) => &["tokenUrl"],
        _ => &[],
    };
    let names = place.kind.required().iter().chain(by_type).chain(by_name);
    names.copied().filter(|name| !members.contains_key(*name))
}

fn lacks(kind: Kind, name: &str) -> String {
    format!("{} has no `{name}`", kind.name())
}

/// After a tuple's elements others may follow, or not, or any: only a schema of their own is more than the model holds.
fn tuple(place: &Place<'_>, members: &Map<String, Value>, findings: &mut Findings<'_>) {
    let follows = |items: &Value| !items.is_boolean() && items.as_object().is_none_or(|items| !items.is_empty());
    if members.contains_key("prefixItems") && members.get("items").is_some_and(follows) {
        let message = "`items` after `prefixItems` is not modelled".to_owned();
        findings.unmodelled(place, pointer::child(&place.pointer, "items"), message);
    }
}
