//! The walk over an untyped document, by the tables of [`super::model`].

use serde_json::{Map, Value};

use super::model::{Fate, ObjectKind, ValueType};
use crate::pointer;

/// An object of the document, with its kind and its place.
pub(super) struct DocumentObject<'a> {
    pub(super) kind: ObjectKind,
    pub(super) value: &'a Value,
    pub(super) pointer: String,
    /// `operationId` of the operation that contains it.
    pub(super) operation: Option<&'a str>,
}

impl<'a> DocumentObject<'a> {
    /// Returns the properties of the object; `None` if the value is not an object.
    pub(super) fn properties(&self) -> Option<&'a Map<String, Value>> {
        self.value.as_object()
    }
}

/// Calls `visit` for each object of the document, outer ones first, in the order of the document. A value that should
/// be an object is visited too. Unsupported and unknown properties are not entered.
pub(super) fn walk<'a>(document: &'a Value, visit: &mut dyn FnMut(&DocumentObject<'a>)) {
    enter(
        DocumentObject {
            kind: ObjectKind::Document,
            value: document,
            pointer: pointer::ROOT.to_owned(),
            operation: None,
        },
        visit,
    );
}

/// The same as [`walk`], from an object inside of a document.
pub(super) fn enter<'a>(mut object: DocumentObject<'a>, visit: &mut dyn FnMut(&DocumentObject<'a>)) {
    if object.kind == ObjectKind::Operation {
        object.operation = object.value.get("operationId").and_then(Value::as_str);
    }
    visit(&object);
    let Some(properties) = object.properties() else { return };
    if is_reference(object.kind, properties) && object.kind != ObjectKind::Schema {
        return;
    }
    for (name, value) in properties {
        let Some(keyword) = object.kind.keyword(name).filter(|keyword| keyword.fate != Fate::Unsupported) else {
            continue;
        };
        let at = || pointer::child(&object.pointer, name);
        let mut below =
            |kind, value, pointer| enter(DocumentObject { kind, value, pointer, operation: object.operation }, visit);
        match (keyword.value_type, value) {
            // Here a boolean is not a schema, but means whether anything may follow.
            (ValueType::One(ObjectKind::Schema), Value::Bool(_)) if closes(name, properties) => {}
            (ValueType::One(kind), value) => below(kind, value, at()),
            (ValueType::Many(kind), Value::Array(elements)) => {
                let base = at();
                for (index, element) in elements.iter().enumerate() {
                    below(kind, element, pointer::element(&base, index));
                }
            }
            (ValueType::Map(kind) | ValueType::MapAndExtensions(kind), Value::Object(entries)) => {
                let base = at();
                for (key, entry) in entries {
                    if !is_extension(keyword.value_type, key) {
                        below(kind, entry, pointer::child(&base, key));
                    }
                }
            }
            _ => {}
        }
    }
}

fn closes(name: &str, properties: &Map<String, Value>) -> bool {
    name == "additionalProperties" || (name == "items" && properties.contains_key("prefixItems"))
}

/// Returns whether the object is a reference.
pub(super) fn is_reference(kind: ObjectKind, properties: &Map<String, Value>) -> bool {
    kind.can_be_reference() && properties.contains_key("$ref")
}

/// Returns whether an entry of a map is an extension.
pub(super) fn is_extension(value_type: ValueType, key: &str) -> bool {
    matches!(value_type, ValueType::MapAndExtensions(_)) && key.starts_with("x-")
}
