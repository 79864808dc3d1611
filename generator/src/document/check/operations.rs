//! Operations, their parameters and bodies.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value};

use super::super::model::Kind;
use super::super::pointer;
use super::super::walk::{Place, is_reference};
use super::Findings;
use crate::diagnostics::Diagnostic;

const METHODS: &[&str] = &["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// What the operations of a document have said so far.
pub(super) struct Operations<'a> {
    document: &'a Value,
    seen: HashMap<&'a str, String>,
}

impl<'a> Operations<'a> {
    pub(super) fn new(document: &'a Value) -> Self {
        Self { document, seen: HashMap::new() }
    }

    pub(super) fn check(&mut self, place: &Place<'a>, findings: &mut Findings<'_>) {
        let Some(members) = place.members() else { return };
        if is_reference(place.kind, members) {
            return;
        }
        match place.kind {
            Kind::Document => security(self.document, place, members, findings),
            Kind::PathItem => self.path(place, members, findings),
            Kind::Operation => {
                self.id(place, members, findings);
                security(self.document, place, members, findings);
            }
            Kind::Parameter => parameter(place, members, findings),
            Kind::RequestBody => body(place, members, findings),
            Kind::Response => media_types(place, members, is_response_type, "a response", findings),
            Kind::SecurityScheme => scheme(place, members, findings),
            _ => {}
        }
    }

    fn id(&mut self, place: &Place<'a>, members: &'a Map<String, Value>, findings: &mut Findings<'_>) {
        match members.get("operationId").map(Value::as_str) {
            Some(Some(id)) => {
                if let Some(first) = self.seen.get(id) {
                    let message = format!("the operationId `{id}` is taken by {first}");
                    let at = pointer::child(&place.pointer, "operationId");
                    findings.error(place, at, message, "give each operation an id of its own");
                } else {
                    self.seen.insert(id, place.pointer.clone());
                }
            }
            // A webhook goes by its own name.
            None if !place.pointer.starts_with("#/webhooks/") => {
                let hint = "add one in the overlay; the name of the function comes from it";
                findings.error(place, place.pointer.clone(), "the operation has no operationId".to_owned(), hint);
            }
            _ => {}
        }
    }

    fn path(&self, place: &Place<'a>, members: &'a Map<String, Value>, findings: &mut Findings<'_>) {
        let common = self.parameters(place, members);
        duplicates(place, &common, findings);
        let path = pointer::parse(&place.pointer).filter(|names| names.first().is_some_and(|name| name == "paths"));
        let path = path.and_then(|names| names.get(1).cloned());
        let template = path.as_deref().map(|path| template(place, path, findings));
        for method in METHODS {
            let Some(operation) = members.get(*method) else {
                continue;
            };
            let Some(members) = operation.as_object() else { continue };
            let below = Place {
                kind: Kind::Operation,
                value: operation,
                pointer: pointer::child(&place.pointer, method),
                operation: operation.get("operationId").and_then(Value::as_str),
            };
            let own = self.parameters(&below, members);
            duplicates(&below, &own, findings);
            if let Some(names) = &template {
                against_template(&below, names, &common, &own, findings);
            }
        }
    }

    /// The parameters of a path item or an operation, references followed.
    fn parameters(&self, place: &Place<'_>, members: &'a Map<String, Value>) -> Vec<Declared<'a>> {
        let base = pointer::child(&place.pointer, "parameters");
        let list = members.get("parameters").and_then(Value::as_array).into_iter().flatten();
        list.enumerate()
            .filter_map(|(index, value)| {
                let members = follow(self.document, value)?;
                Some(Declared {
                    pointer: pointer::element(&base, index),
                    name: members.get("name")?.as_str()?,
                    location: members.get("in")?.as_str()?,
                    required: members.get("required") == Some(&Value::Bool(true)),
                })
            })
            .collect()
    }
}

struct Declared<'a> {
    pointer: String,
    name: &'a str,
    location: &'a str,
    required: bool,
}

/// What a chain of references leads to. Circles have their own message, so a long chain just ends here.
fn follow<'a>(document: &'a Value, mut value: &'a Value) -> Option<&'a Map<String, Value>> {
    for _ in 0..16 {
        let members = value.as_object()?;
        match members.get("$ref") {
            Some(target) => value = pointer::resolve(document, target.as_str()?)?,
            None => return Some(members),
        }
    }
    None
}

fn duplicates(place: &Place<'_>, declared: &[Declared<'_>], findings: &mut Findings<'_>) {
    let mut seen = HashMap::new();
    for parameter in declared {
        if let Some(first) = seen.get(&(parameter.name, parameter.location)) {
            let message =
                format!("the {} parameter `{}` is declared before, at {first}", parameter.location, parameter.name);
            findings.error(place, parameter.pointer.clone(), message, "keep one of them");
        } else {
            seen.insert((parameter.name, parameter.location), &parameter.pointer);
        }
    }
}

fn against_template(
    place: &Place<'_>,
    names: &[String],
    common: &[Declared<'_>],
    own: &[Declared<'_>],
    findings: &mut Findings<'_>,
) {
    let in_path = |parameter: &&Declared<'_>| parameter.location == "path";
    for name in names {
        if !own.iter().chain(common).filter(in_path).any(|parameter| parameter.name == name) {
            let message = format!("the path names `{{{name}}}`, but no parameter declares it");
            findings.error(place, place.pointer.clone(), message, "declare the parameter with `in: path`");
        }
    }
    for parameter in own.iter().chain(common).filter(in_path) {
        if !names.iter().any(|name| name == parameter.name) {
            let message = format!("the path parameter `{}` is not in the path", parameter.name);
            findings.error(place, parameter.pointer.clone(), message, "put it into the path, or remove it");
        }
        if !parameter.required {
            let message = format!("the path parameter `{}` is not required", parameter.name);
            findings.error(
                place,
                parameter.pointer.clone(),
                message,
                "add `required: true`; a path cannot go without it",
            );
        }
    }
}

/// The names in the braces of a path.
fn template(place: &Place<'_>, path: &str, findings: &mut Findings<'_>) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let mut seen = HashSet::new();
    let mut rest = path;
    let mut complain = |message: String| {
        findings.error(place, place.pointer.clone(), message, "write each parameter as `{name}`");
    };
    while let Some(start) = rest.find(['{', '}']) {
        let (open, after) = rest.split_at(start);
        debug_assert!(open.len() == start);
        let name =
            after.strip_prefix('{').and_then(|inner| inner.split_once(['{', '}']).map(|(name, _)| (name, inner)));
        let closed = name.filter(|(name, inner)| inner.get(name.len()..).is_some_and(|end| end.starts_with('}')));
        let Some((name, inner)) = closed else {
            complain(format!("the braces of the path `{path}` do not match"));
            return names;
        };
        if name.is_empty() {
            complain(format!("the path `{path}` has empty braces"));
        } else if !seen.insert(name) {
            complain(format!("the path `{path}` names `{{{name}}}` twice"));
        } else {
            names.push(name.to_owned());
        }
        rest = inner.get(name.len() + 1..).unwrap_or_default();
    }
    names
}

fn parameter(place: &Place<'_>, members: &Map<String, Value>, findings: &mut Findings<'_>) {
    let name = members.get("name").and_then(Value::as_str).unwrap_or_default();
    let (styles, location): (&[&str], _) = match members.get("in").and_then(Value::as_str) {
        Some("query") => (&["form", "deepObject"], "query"),
        Some("path") => (&["simple"], "path"),
        Some("header") => (&["simple"], "header"),
        Some("cookie") => {
            let message = format!("the cookie parameter `{name}` is not modelled");
            return findings.unmodelled(place, place.pointer.clone(), message);
        }
        Some(other) => {
            let message = format!("`{other}` is no place for a parameter");
            let at = pointer::child(&place.pointer, "in");
            return findings.error(place, at, message, "use path, query or header");
        }
        None => return,
    };
    if let Some(style) = members.get("style").and_then(Value::as_str).filter(|style| !styles.contains(style)) {
        let message = format!("the style `{style}` of the {location} parameter `{name}` is not modelled");
        findings.unmodelled(place, pointer::child(&place.pointer, "style"), message);
    }
    if members.get("allowReserved") == Some(&Value::Bool(true)) {
        let message = format!("`allowReserved` of the {location} parameter `{name}` is not modelled");
        findings.unmodelled(place, pointer::child(&place.pointer, "allowReserved"), message);
    }
    if !members.contains_key("schema") && !members.contains_key("content") {
        let message = format!("the {location} parameter `{name}` has no schema");
        findings.error(place, place.pointer.clone(), message, "add one, if only `{}`");
    }
}

fn body(place: &Place<'_>, members: &Map<String, Value>, findings: &mut Findings<'_>) {
    media_types(place, members, is_request_type, "a request", findings);
    if members.get("content").and_then(Value::as_object).is_none_or(Map::is_empty) {
        findings.push(place, Diagnostic::warning(place.pointer.clone(), "the request body has no content"));
    }
}

fn media_types(
    place: &Place<'_>,
    members: &Map<String, Value>,
    is_modelled: fn(&str) -> bool,
    what: &str,
    findings: &mut Findings<'_>,
) {
    let base = pointer::child(&place.pointer, "content");
    for name in members.get("content").and_then(Value::as_object).into_iter().flat_map(Map::keys) {
        let essence = name.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        if !is_modelled(&essence) {
            let message = format!("the media type `{name}` of {what} is not modelled");
            findings.unmodelled(place, pointer::child(&base, name), message);
        }
    }
}

fn is_json(essence: &str) -> bool {
    essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"))
}

fn is_request_type(essence: &str) -> bool {
    is_json(essence) || essence == "application/x-www-form-urlencoded"
}

fn is_response_type(essence: &str) -> bool {
    is_json(essence) || matches!(essence, "text/csv" | "text/plain")
}

fn scheme(place: &Place<'_>, members: &Map<String, Value>, findings: &mut Findings<'_>) {
    if let Some(other) = members.get("type").and_then(Value::as_str)
        && !matches!(other, "apiKey" | "http" | "oauth2" | "openIdConnect")
    {
        let message = format!("the security scheme's type `{other}` is not modelled");
        findings.unmodelled(place, place.pointer.clone(), message);
    }
}

fn security(document: &Value, place: &Place<'_>, members: &Map<String, Value>, findings: &mut Findings<'_>) {
    let base = pointer::child(&place.pointer, "security");
    let alternatives = members.get("security").and_then(Value::as_array).into_iter().flatten();
    for (index, alternative) in alternatives.enumerate() {
        for name in alternative.as_object().into_iter().flat_map(Map::keys) {
            if pointer::resolve(document, &pointer::child("#/components/securitySchemes", name)).is_none() {
                let at = pointer::child(&pointer::element(&base, index), name);
                let message = format!("there is no security scheme `{name}`");
                findings.error(place, at, message, "declare it under `components/securitySchemes`");
            }
        }
    }
}
