//! Converts data in terms of 3.1 or 3.0 to the typed document of `openapiv3`. See [`super`] for the conversions.
//!
//! `schema` converts schemas to the terms of 3.0, this module everything around them, and `typed` proves that nothing
//! was lost.

mod numbers;
mod schema;
mod typed;
mod types;

use indexmap::{IndexMap, IndexSet};
use serde_json::{Map, Value};

use super::check::value_errors;
use super::model::{Fate, Keyword, ObjectKind, ValueType};
use super::preserved;
use super::walk::{is_extension, is_reference};
use crate::diagnostics::Diagnostic;
use crate::pointer;

/// A typed document.
#[derive(Clone, Debug, PartialEq)]
pub struct TypedDocument {
    /// Everything except the webhooks.
    pub openapi: openapiv3::OpenAPI,
    /// The webhooks by name, in the order of the document.
    pub webhooks: IndexMap<String, openapiv3::PathItem>,
}

/// Normalizes and types a document.
///
/// It relies on [`super::check::check`] having found no error. A remaining error is reported here too, with less
/// detail.
///
/// # Errors
/// Everything that the typed document can't represent, each with the pointer into the original document.
pub fn normalize(document: Value) -> Result<TypedDocument, Vec<Diagnostic>> {
    let mut errors = Vec::new();
    let mut document = object(ObjectKind::Document, document, pointer::ROOT, pointer::ROOT, &mut errors);
    // Typing is slow on errors, and its messages have no place, so data with wrong types must not reach it.
    errors.extend(value_errors(&document));
    if !errors.is_empty() {
        return Err(errors);
    }
    let webhooks = document.as_object_mut().and_then(|properties| properties.shift_remove("webhooks"));
    let webhooks = typed::webhooks(webhooks, &mut errors);
    match typed::document(&document, &mut errors) {
        Some(openapi) if errors.is_empty() => Ok(TypedDocument { openapi, webhooks }),
        _ => Err(errors),
    }
}

/// Removes constructs that the overlay accepts from a document. Elements of an array that move up are marked with their
/// original place; later ones are removed first, so that the pointers of earlier ones stay valid.
pub(super) fn without(document: &mut Value, accepted: &IndexSet<String>) {
    for accepted in accepted.iter().rev() {
        if let Some((array, index)) = accepted.rsplit_once('/')
            && let (Some(index), Some(Value::Array(elements))) = (pointer::index(index), resolve_mut(document, array))
        {
            for (index, element) in elements.iter_mut().enumerate().skip(index + 1) {
                mark(element, &pointer::element(array, index));
            }
        }
        pointer::remove(document, accepted);
    }
}

fn mark(element: &mut Value, origin: &str) {
    if let Value::Object(properties) = element
        && !properties.contains_key("$ref")
        && !properties.contains_key(preserved::POINTER)
    {
        properties.insert(preserved::POINTER.to_owned(), origin.into());
    }
}

fn resolve_mut<'a>(document: &'a mut Value, at: &str) -> Option<&'a mut Value> {
    pointer::parse(at)?.iter().try_fold(document, |value, name| match value {
        Value::Object(properties) => properties.get_mut(name),
        Value::Array(elements) => elements.get_mut(pointer::index(name)?),
        _ => None,
    })
}

fn object(kind: ObjectKind, value: Value, place: &str, origin: &str, errors: &mut Vec<Diagnostic>) -> Value {
    if kind == ObjectKind::Schema {
        return schema::normalize(value, place, origin, errors);
    }
    let Value::Object(mut properties) = value else {
        return value;
    };
    if is_reference(kind, &properties) {
        return Value::Object(properties);
    }
    fill(kind, &mut properties);
    let noted = properties.get(preserved::POINTER).and_then(Value::as_str).map(str::to_owned);
    let origin = noted.as_deref().unwrap_or(origin);
    let mut normalized = Map::new();
    for (name, value) in properties {
        let at = (pointer::child(place, &name), pointer::child(origin, &name));
        match kind.keyword(&name) {
            Some(Keyword { fate: Fate::Dropped, .. }) => {}
            Some(keyword) => {
                let value = inside(keyword.value_type, value, &at.0, &at.1, errors);
                let name = if let Fate::Preserved(key) = keyword.fate { key.to_owned() } else { name };
                normalized.insert(name, value);
            }
            None => {
                normalized.insert(name, value);
            }
        }
    }
    Value::Object(normalized)
}

/// Adds keywords that are optional in 3.1 and required in the typed document.
fn fill(kind: ObjectKind, properties: &mut Map<String, Value>) {
    let (name, value) = match kind {
        ObjectKind::Document => ("paths", Value::Object(Map::new())),
        ObjectKind::Operation => ("responses", Value::Object(Map::new())),
        ObjectKind::Response => ("description", Value::String(String::new())),
        _ => return,
    };
    properties.entry(name).or_insert(value);
}

fn inside(value_type: ValueType, value: Value, place: &str, origin: &str, errors: &mut Vec<Diagnostic>) -> Value {
    match (value_type, value) {
        (ValueType::One(kind), value) => object(kind, value, place, origin, errors),
        (ValueType::Many(kind), Value::Array(elements)) => {
            let element = |(index, value)| {
                object(kind, value, &pointer::element(place, index), &pointer::element(origin, index), errors)
            };
            Value::Array(elements.into_iter().enumerate().map(element).collect())
        }
        (ValueType::Map(kind) | ValueType::MapAndExtensions(kind), Value::Object(entries)) => {
            let entry = |(key, value): (String, Value)| {
                if is_extension(value_type, &key) {
                    return (key, value);
                }
                let value = object(kind, value, &pointer::child(place, &key), &pointer::child(origin, &key), errors);
                (key, value)
            };
            Value::Object(entries.into_iter().map(entry).collect())
        }
        (_, value) => value,
    }
}
