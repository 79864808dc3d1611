//! The normalized document as `openapiv3` types, with a proof that they represent all of it.

use indexmap::IndexMap;
use openapiv3::{OpenAPI, Operation, Parameter, PathItem, ReferenceOr, Response, Schema, SecurityScheme};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::super::preserved;
use crate::diagnostics::Diagnostic;
use crate::http::Method;
use crate::pointer;

/// Keywords that the typed document omits if they are false, which is their default.
const FALSE: &[&str] = &[
    "required",
    "deprecated",
    "nullable",
    "readOnly",
    "writeOnly",
    "uniqueItems",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "allowReserved",
];

/// Keywords that the typed document omits if they are empty, which is their default.
const EMPTY: &[&str] = &[
    "tags",
    "servers",
    "parameters",
    "required",
    "properties",
    "content",
    "headers",
    "examples",
    "mapping",
    "schemas",
    "responses",
    "requestBodies",
    "securitySchemes",
    "allOf",
    "anyOf",
    "oneOf",
    "enum",
];

/// Types the document. Reports every property that is lost.
pub(super) fn document(document: &Value, errors: &mut Vec<Diagnostic>) -> Option<OpenAPI> {
    typed(document, pointer::ROOT, errors)
}

/// Types the webhooks, for which the typed document has no place.
pub(super) fn webhooks(webhooks: Option<Value>, errors: &mut Vec<Diagnostic>) -> IndexMap<String, PathItem> {
    let entries = match webhooks {
        Some(Value::Object(entries)) => entries,
        _ => Map::new(),
    };
    let item = |(name, value): (String, Value)| {
        let at = pointer::child(pointer::WEBHOOKS, &name);
        typed(&value, &at, errors).map(|item| (name, item))
    };
    entries.into_iter().filter_map(item).collect()
}

fn typed<T: DeserializeOwned + Serialize>(value: &Value, at: &str, errors: &mut Vec<Diagnostic>) -> Option<T> {
    let result = T::deserialize(value).and_then(|typed| serde_json::to_value(&typed).map(|back| (typed, back)));
    match result {
        Ok((typed, back)) => {
            Comparison { errors }.value(value, &back, &ValuePath::At(at));
            Some(typed)
        }
        Err(error) => {
            let parts = misfits(value);
            let found = if parts.is_empty() { vec![(at.to_owned(), error.to_string())] } else { parts };
            errors.extend(found.into_iter().map(|(at, error)| {
                let message = format!("the typed document cannot hold this: {error}");
                Diagnostic::error(at, message).hint("fix the document, or extend the normalization")
            }));
            None
        }
    }
}

/// Returns the operations and components that can't be typed, each with a reason: the error of the whole document has
/// no place.
fn misfits(document: &Value) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut attempt = |at: String, result: Result<(), serde_json::Error>| {
        found.extend(result.err().map(|error| (at, error.to_string())));
    };
    let entries = |at: &str| document.pointer(at).and_then(Value::as_object).into_iter().flatten();
    for (path, item) in entries("/paths") {
        let at = pointer::child(pointer::PATHS, path);
        for method in Method::ALL.iter().filter(|method| item.get(method.keyword()).is_some()) {
            let operation = &item[method.keyword()];
            attempt(pointer::child(&at, method.keyword()), Operation::deserialize(operation).map(drop));
        }
    }
    for (name, scheme) in entries("/components/securitySchemes") {
        let result = ReferenceOr::<SecurityScheme>::deserialize(scheme).map(drop);
        attempt(pointer::to_component("securitySchemes", name), result);
    }
    for (name, schema) in entries("/components/schemas") {
        attempt(pointer::to_schema(name), ReferenceOr::<Schema>::deserialize(schema).map(drop));
    }
    for (name, parameter) in entries("/components/parameters") {
        let result = ReferenceOr::<Parameter>::deserialize(parameter).map(drop);
        attempt(pointer::to_component("parameters", name), result);
    }
    for (name, response) in entries("/components/responses") {
        let result = ReferenceOr::<Response>::deserialize(response).map(drop);
        attempt(pointer::to_component("responses", name), result);
    }
    found
}

/// Place of a value in the original document. It becomes a pointer only for a message.
#[derive(Clone, Copy)]
enum ValuePath<'a> {
    At(&'a str),
    Property(&'a ValuePath<'a>, &'a str),
    Element(&'a ValuePath<'a>, usize),
}

impl ValuePath<'_> {
    fn pointer(&self) -> String {
        match self {
            Self::At(pointer) => (*pointer).to_owned(),
            Self::Property(base, name) => pointer::child(&base.pointer(), name),
            Self::Element(base, index) => pointer::element(&base.pointer(), *index),
        }
    }
}

struct Comparison<'a> {
    errors: &'a mut Vec<Diagnostic>,
}

impl Comparison<'_> {
    /// Compares the input with the output.
    fn value(&mut self, before: &Value, after: &Value, origin: &ValuePath<'_>) {
        match (before, after) {
            (Value::Object(before), Value::Object(after)) => self.properties(before, after, origin),
            (Value::Array(before), Value::Array(after)) if before.len() == after.len() => {
                for (index, (before, after)) in before.iter().zip(after).enumerate() {
                    self.value(before, after, &ValuePath::Element(origin, index));
                }
            }
            (Value::Number(before), Value::Number(after)) if before.as_f64() == after.as_f64() => {}
            (before, after) if before == after => {}
            _ => self.lost(origin, "changed by the typed document"),
        }
    }

    fn properties(&mut self, before: &Map<String, Value>, after: &Map<String, Value>, origin: &ValuePath<'_>) {
        let noted = before.get(preserved::POINTER).and_then(Value::as_str).map(ValuePath::At);
        let origin = noted.as_ref().unwrap_or(origin);
        for (name, value) in before {
            let origin = ValuePath::Property(origin, name);
            match after.get(name) {
                Some(after) => self.value(value, after, &origin),
                None if is_default(name, value) => {}
                None => self.lost(&origin, "lost by the typed document"),
            }
        }
    }

    fn lost(&mut self, at: &ValuePath<'_>, message: &str) {
        let hint = "extend the normalization, so that this is preserved";
        self.errors.push(Diagnostic::error(at.pointer(), message).hint(hint));
    }
}

fn is_default(name: &str, value: &Value) -> bool {
    match value {
        Value::Bool(false) => FALSE.contains(&name),
        Value::Array(elements) => elements.is_empty() && EMPTY.contains(&name),
        Value::Object(properties) => properties.is_empty() && EMPTY.contains(&name),
        // A default or an example that is null only repeats that the schema allows null.
        Value::Null => matches!(name, "default" | "example" | "value"),
        _ => false,
    }
}
