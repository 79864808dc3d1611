//! Operations, their parameters and bodies.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value};

use super::super::model::ObjectKind;
use super::super::server;
use super::super::walk::{DocumentObject, is_reference};
use super::{Findings, UNSUPPORTED_HINT};
use crate::diagnostics::Diagnostic;
use crate::http::{MediaType, Method};
use crate::pointer;

const SCHEME_HINT: &str = "a token is sent as `Authorization: Bearer`: if the server takes that, describe the scheme so in the overlay, or remove it from `security`; \
                           to send a header of your own with each request, accept this pointer in the overlay under x-accept";

const JSON_HINT: &str = "JSON is sent as `application/json`: if the server takes that, call the media type so in the overlay; \
                         else accept this pointer under x-accept, and the body is left out";

const STYLE_HINT: &str = "if the server also reads the default style, remove this one in the overlay; \
                          else describe the parameter as a string, and the caller writes the text";

/// Maximum number of parameters of a path: a function with more arguments could not be called.
const MAX_PATH_PARAMETERS: usize = 200;

/// What was found in the operations of a document so far.
pub(super) struct Operations<'a> {
    document: &'a Value,
    seen: HashMap<&'a str, String>,
    /// Security schemes that the document or an operation requires.
    asked: HashSet<&'a str>,
}

impl<'a> Operations<'a> {
    pub(super) fn new(document: &'a Value) -> Self {
        Self { document, seen: HashMap::new(), asked: asked(document) }
    }

    pub(super) fn check(&mut self, object: &DocumentObject<'a>, findings: &mut Findings<'_>) {
        let Some(properties) = object.properties() else { return };
        if is_reference(object.kind, properties) {
            return;
        }
        match object.kind {
            ObjectKind::Document => security(self.document, object, properties, findings),
            ObjectKind::PathItem => self.path(object, properties, findings),
            ObjectKind::Operation => {
                self.id(object, properties, findings);
                security(self.document, object, properties, findings);
            }
            ObjectKind::Parameter => parameter(object, properties, findings),
            ObjectKind::RequestBody => body(object, properties, findings),
            ObjectKind::Response => media_types(object, properties, is_response_type, "a response", findings),
            ObjectKind::Server => server_url(object, properties, findings),
            ObjectKind::SecurityScheme => self.scheme(object, properties, findings),
            _ => {}
        }
    }

    fn id(&mut self, object: &DocumentObject<'a>, properties: &'a Map<String, Value>, findings: &mut Findings<'_>) {
        match properties.get("operationId").map(Value::as_str) {
            Some(Some(id)) => {
                if let Some(first) = self.seen.get(id) {
                    let message = format!("the operationId `{id}` is already used by {first}");
                    let at = pointer::child(&object.pointer, "operationId");
                    findings.error(object, at, message, "give each operation a different id");
                } else {
                    self.seen.insert(id, object.pointer.clone());
                }
            }
            // A webhook is identified by its own name.
            None if !is_webhook(&object.pointer) => {
                let hint = "add one in the overlay; the function is named after it";
                findings.error(object, object.pointer.clone(), "the operation has no operationId".to_owned(), hint);
            }
            _ => {}
        }
    }

    /// Checks that a token is sent as `Authorization: Bearer`, for each scheme that is required somewhere.
    fn scheme(&self, object: &DocumentObject<'a>, properties: &'a Map<String, Value>, findings: &mut Findings<'_>) {
        let name = pointer::parse(&object.pointer).and_then(|names| names.last().cloned()).unwrap_or_default();
        let text = |name: &str| properties.get(name).and_then(Value::as_str).unwrap_or_default();
        let is_asked = self.asked.contains(name.as_str());
        let Some(ty) = properties.get("type").and_then(Value::as_str) else { return };
        let kind = match (ty, text("scheme"), text("in")) {
            ("oauth2" | "openIdConnect", _, _) => None,
            ("http", scheme, _) if scheme.is_empty() || scheme.eq_ignore_ascii_case("bearer") => None,
            ("http", scheme, _) => is_asked.then(|| format!("HTTP authentication with the scheme `{scheme}`")),
            ("apiKey", _, at) => is_asked.then(|| format!("a key in the {at} `{}`", text("name"))),
            // The typed document has no such type, so it can't represent the scheme.
            (other, _, _) => Some(format!("the type `{other}`")),
        };
        let Some(kind) = kind else { return foreign_keywords(object, properties, ty, findings) };
        let message = format!("the security scheme `{name}` is {kind}, which is not supported");
        findings.unsupported_but(object, object.pointer.clone(), message, SCHEME_HINT);
    }

    fn path(&self, object: &DocumentObject<'a>, properties: &'a Map<String, Value>, findings: &mut Findings<'_>) {
        let common = self.parameters(object, properties);
        duplicates(object, &common, findings);
        let path = pointer::parse(&object.pointer).filter(|names| names.first().is_some_and(|name| name == "paths"));
        let path = path.and_then(|names| names.get(1).cloned());
        let template = path.as_deref().map(|path| template(object, path, findings));
        for method in Method::ALL {
            let Some(operation) = properties.get(method.keyword()) else {
                continue;
            };
            let Some(properties) = operation.as_object() else { continue };
            let below = DocumentObject {
                kind: ObjectKind::Operation,
                value: operation,
                pointer: pointer::child(&object.pointer, method.keyword()),
                operation: operation.get("operationId").and_then(Value::as_str),
            };
            let own = self.parameters(&below, properties);
            duplicates(&below, &own, findings);
            if let Some(names) = &template {
                against_template(&below, names, &common, &own, findings);
            }
        }
    }

    /// Returns the parameters of a path item or an operation, with references resolved.
    fn parameters(&self, object: &DocumentObject<'_>, properties: &'a Map<String, Value>) -> Vec<Declared<'a>> {
        let base = pointer::child(&object.pointer, "parameters");
        let list = properties.get("parameters").and_then(Value::as_array).into_iter().flatten();
        list.enumerate()
            .filter_map(|(index, value)| {
                let properties = follow(self.document, value)?;
                Some(Declared {
                    pointer: pointer::element(&base, index),
                    name: properties.get("name")?.as_str()?,
                    location: properties.get("in")?.as_str()?,
                    required: properties.get("required") == Some(&Value::Bool(true)),
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

/// Keywords that have a meaning only in security schemes of another type.
fn foreign_keywords(
    object: &DocumentObject<'_>,
    properties: &Map<String, Value>,
    ty: &str,
    findings: &mut Findings<'_>,
) {
    const OWNERS: &[(&str, &str)] = &[
        ("name", "apiKey"),
        ("in", "apiKey"),
        ("scheme", "http"),
        ("bearerFormat", "http"),
        ("flows", "oauth2"),
        ("openIdConnectUrl", "openIdConnect"),
    ];
    for (name, owner) in OWNERS.iter().filter(|(name, owner)| *owner != ty && properties.contains_key(*name)) {
        let message = format!("`{name}` says nothing about a security scheme of the type `{ty}`, only about `{owner}`");
        let hint = "remove it in the overlay, or accept this pointer there under x-accept: it is left out then";
        findings.unsupported_but(object, pointer::child(&object.pointer, name), message, hint);
    }
}

/// Returns whether a pointer refers to an operation of a webhook.
fn is_webhook(operation: &str) -> bool {
    pointer::parent(pointer::parent(operation)) == pointer::WEBHOOKS
}

/// Follows a chain of references. Circles have their own message, so a long chain just ends here.
fn follow<'a>(document: &'a Value, mut value: &'a Value) -> Option<&'a Map<String, Value>> {
    for _ in 0..16 {
        let properties = value.as_object()?;
        match properties.get("$ref") {
            Some(target) => value = pointer::resolve(document, target.as_str()?)?,
            None => return Some(properties),
        }
    }
    None
}

fn duplicates(object: &DocumentObject<'_>, declared: &[Declared<'_>], findings: &mut Findings<'_>) {
    let mut seen = HashMap::new();
    for parameter in declared {
        if let Some(first) = seen.get(&(parameter.name, parameter.location)) {
            let message =
                format!("the {} parameter `{}` is already declared at {first}", parameter.location, parameter.name);
            findings.error(object, parameter.pointer.clone(), message, "keep one of them");
        } else {
            seen.insert((parameter.name, parameter.location), &parameter.pointer);
        }
    }
}

fn against_template(
    object: &DocumentObject<'_>,
    names: &[String],
    common: &[Declared<'_>],
    own: &[Declared<'_>],
    findings: &mut Findings<'_>,
) {
    let in_path = |parameter: &&Declared<'_>| parameter.location == "path";
    let declared: HashSet<&str> = own.iter().chain(common).filter(in_path).map(|parameter| parameter.name).collect();
    let named: HashSet<&str> = names.iter().map(String::as_str).collect();
    for name in names {
        if !declared.contains(name.as_str()) {
            let message = format!("the path contains `{{{name}}}`, but no parameter declares it");
            findings.error(object, object.pointer.clone(), message, "declare the parameter with `in: path`");
        }
    }
    for parameter in own.iter().chain(common).filter(in_path) {
        if !named.contains(parameter.name) {
            let message = format!("the path parameter `{}` is not in the path", parameter.name);
            findings.error(object, parameter.pointer.clone(), message, "add it to the path, or remove it");
        }
        if !parameter.required {
            let message = format!("the path parameter `{}` is not required", parameter.name);
            findings.error(
                object,
                parameter.pointer.clone(),
                message,
                "add `required: true`; path parameters are always required",
            );
        }
    }
}

/// Returns the names in the braces of a path.
fn template(object: &DocumentObject<'_>, path: &str, findings: &mut Findings<'_>) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let mut seen = HashSet::new();
    let mut rest = path;
    literal(object, path, findings);
    let mut complain = |message: String| {
        findings.error(object, object.pointer.clone(), message, "write each parameter as `{name}`");
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
            complain(format!("the path `{path}` contains `{{{name}}}` twice"));
        } else {
            names.push(name.to_owned());
        }
        rest = inner.get(name.len() + 1..).unwrap_or_default();
    }
    if names.len() > MAX_PATH_PARAMETERS {
        complain(format!(
            "the path `{}...` has more than {MAX_PATH_PARAMETERS} parameters",
            &path[..path.len().min(40)]
        ));
    }
    names
}

/// The text between the parameters of a path is sent unchanged, so it must be valid in a URL (RFC 3986).
fn literal(object: &DocumentObject<'_>, path: &str, findings: &mut Findings<'_>) {
    let mut inside = false;
    let mut outside = String::with_capacity(path.len());
    for character in path.chars() {
        match character {
            '{' => inside = true,
            '}' => inside = false,
            _ if inside => continue,
            other => outside.push(other),
        }
    }
    let is_literal = |c: char| c.is_ascii_alphanumeric() || "/-._~!$&'()*+,;=:@".contains(c);
    let is_encoded = |at: usize| {
        let digits = outside.as_bytes().get(at + 1..at + 3);
        digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    };
    let odd = outside.char_indices().find(|&(at, c)| !(is_literal(c) || (c == '%' && is_encoded(at))));
    if let Some((_, odd)) = odd {
        let hint = match odd {
            '?' | '#' => "describe the query by parameters; a fragment is never sent",
            _ => "write it percent-encoded in the overlay, as in `%20` for a space",
        };
        findings.error(
            object,
            object.pointer.clone(),
            format!("the path `{path}` contains {odd:?}, which is not valid in a URL"),
            hint,
        );
    }
    if path.split('/').any(|segment| matches!(segment, "." | "..")) {
        let message = format!("the path `{path}` contains the segment `.` or `..`, which URLs resolve");
        findings.error(object, object.pointer.clone(), message, "write the resolved path in the overlay");
    }
}

fn parameter(object: &DocumentObject<'_>, properties: &Map<String, Value>, findings: &mut Findings<'_>) {
    let name = properties.get("name").and_then(Value::as_str).unwrap_or_default();
    let (styles, location): (&[&str], _) = match properties.get("in").and_then(Value::as_str) {
        Some("query") => (&["form", "deepObject"], "query"),
        Some("path") => (&["simple"], "path"),
        Some("header") => (&["simple"], "header"),
        Some("cookie") => {
            let message = format!("the cookie parameter `{name}` is not supported");
            return findings.unsupported(object, object.pointer.clone(), message);
        }
        Some(other) => {
            let message = format!("a parameter can't be in `{other}`");
            let at = pointer::child(&object.pointer, "in");
            return findings.error(object, at, message, "use path, query or header");
        }
        None => return,
    };
    if let Some(style) = properties.get("style").and_then(Value::as_str).filter(|style| !styles.contains(style)) {
        let message = format!("the style `{style}` of the {location} parameter `{name}` is not supported");
        findings.binding(object, pointer::child(&object.pointer, "style"), message, STYLE_HINT);
    }
    if properties.get("allowReserved") == Some(&Value::Bool(true)) {
        let message = format!("`allowReserved` of the {location} parameter `{name}` is not supported");
        findings.unsupported(object, pointer::child(&object.pointer, "allowReserved"), message);
    }
    if !properties.contains_key("schema") && !properties.contains_key("content") {
        let message = format!("the {location} parameter `{name}` has no schema");
        findings.error(object, object.pointer.clone(), message, "add one, if only `{}`");
    }
}

fn body(object: &DocumentObject<'_>, properties: &Map<String, Value>, findings: &mut Findings<'_>) {
    media_types(object, properties, is_request_type, "a request", findings);
    if properties.get("content").and_then(Value::as_object).is_none_or(Map::is_empty) {
        findings.push(object, Diagnostic::warning(object.pointer.clone(), "the request body has no content"));
    }
}

fn media_types(
    object: &DocumentObject<'_>,
    properties: &Map<String, Value>,
    is_supported: fn(&MediaType) -> bool,
    what: &str,
    findings: &mut Findings<'_>,
) {
    let base = pointer::child(&object.pointer, "content");
    for name in properties.get("content").and_then(Value::as_object).into_iter().flat_map(Map::keys) {
        let media = MediaType::parse(name);
        if media.is_form() {
            form_encoding(object, name, &properties["content"][name], findings);
        }
        if !is_supported(&media) {
            let message = format!("the media type `{name}` of {what} is not supported");
            let hint = if media.is_json() { JSON_HINT } else { UNSUPPORTED_HINT };
            findings.unsupported_but(object, pointer::child(&base, name), message, hint);
        }
    }
}

/// Reports a property of a form that has another style.
fn form_encoding(object: &DocumentObject<'_>, name: &str, media: &Value, findings: &mut Findings<'_>) {
    let at = pointer::child(&pointer::child(&pointer::child(&object.pointer, "content"), name), "encoding");
    for (property, encoding) in media.get("encoding").and_then(Value::as_object).into_iter().flatten() {
        if ["style", "explode"].iter().any(|keyword| encoding.get(keyword).is_some()) {
            let message = format!("the style of the property `{property}` of a form is not supported");
            findings.binding(object, pointer::child(&at, property), message, STYLE_HINT);
        }
    }
}

fn is_request_type(media: &MediaType) -> bool {
    media.is_plain_json() || media.is_form()
}

fn is_response_type(media: &MediaType) -> bool {
    media.is_json() || media.is_text()
}

/// A base URL must be absolute: the generator does not know where the document came from.
fn server_url(object: &DocumentObject<'_>, properties: &Map<String, Value>, findings: &mut Findings<'_>) {
    let Some(template) = properties.get("url").and_then(Value::as_str) else { return };
    let variables = properties.get("variables").and_then(Value::as_object);
    let variable = |name: &str| variables.and_then(|variables| variables.get(name));
    let at = pointer::child(&object.pointer, "url");
    let url = match server::url(template, |name| variable(name)?.get("default")?.as_str()) {
        Ok(url) => url,
        Err(name) => {
            let message = format!("the variable `{name}` of the server `{template}` has no default");
            return findings.error(object, at, message, "add a default, or write the whole URL in the overlay");
        }
    };
    if !server::is_absolute(&url) {
        let message =
            format!("the server `{url}` is not an absolute URL, so the client does not know where to send requests");
        let hint = "write it as in `https://api.example.com` in the overlay, or accept the server under x-accept: \
                    it is left out then, and each client sets its base URL";
        findings.unsupported_but(object, object.pointer.clone(), message, hint);
    }
    for (name, variable) in variables.into_iter().flatten() {
        let values = variable.get("enum").and_then(Value::as_array);
        if let (Some(values), Some(default)) = (values, variable.get("default"))
            && !values.contains(default)
        {
            let at = pointer::child(&pointer::child(&object.pointer, "variables"), name);
            let message = format!("the default {default} of the variable `{name}` is not in its `enum`");
            findings.error(object, at, message, "correct one of them in the overlay");
        }
    }
}

/// The names of the schemes in all lists of security requirements.
fn asked(document: &Value) -> HashSet<&str> {
    let items = document.get("paths").and_then(Value::as_object).into_iter().flat_map(Map::values);
    let operations = items
        .filter_map(Value::as_object)
        .flat_map(|item| Method::ALL.iter().filter_map(|method| item.get(method.keyword())));
    let lists = operations.chain([document]).filter_map(|value| value.get("security")?.as_array());
    lists.flatten().filter_map(Value::as_object).flat_map(Map::keys).map(String::as_str).collect()
}

fn security(
    document: &Value,
    object: &DocumentObject<'_>,
    properties: &Map<String, Value>,
    findings: &mut Findings<'_>,
) {
    let base = pointer::child(&object.pointer, "security");
    let alternatives = properties.get("security").and_then(Value::as_array).into_iter().flatten();
    for (index, alternative) in alternatives.enumerate() {
        if let Some(schemes) = alternative.as_object().filter(|schemes| schemes.len() > 1) {
            let names: Vec<_> = schemes.keys().map(|name| format!("`{name}`")).collect();
            let message = format!("the security schemes {} at the same time are not supported", names.join(" and "));
            let hint = "one token is sent: list the schemes as alternatives in the overlay, or accept this pointer under x-accept";
            findings.unsupported_but(object, pointer::element(&base, index), message, hint);
        }
        for name in alternative.as_object().into_iter().flat_map(Map::keys) {
            if pointer::resolve(document, &pointer::to_component("securitySchemes", name)).is_none() {
                let at = pointer::child(&pointer::element(&base, index), name);
                let message = format!("the security scheme `{name}` does not exist");
                findings.error(object, at, message, "declare it under `components/securitySchemes`");
            }
        }
    }
}
