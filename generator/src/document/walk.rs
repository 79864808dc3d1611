//! The one walk over a raw document, by the tables of [`super::model`].

use serde_json::{Map, Value};

use super::model::{Fate, Kind, Shape};
use super::pointer;

/// An object of the document, and where it stands.
pub(super) struct Place<'a> {
    pub(super) kind: Kind,
    pub(super) value: &'a Value,
    pub(super) pointer: String,
    /// `operationId` of the operation around it.
    pub(super) operation: Option<&'a str>,
}

impl<'a> Place<'a> {
    /// The members of the object; none where something else stands in its place.
    pub(super) fn members(&self) -> Option<&'a Map<String, Value>> {
        self.value.as_object()
    }
}

/// Shows each place of the document to `visit`, outer ones first, in the order of the document. Whatever stands in
/// the place of an object is shown too; unmodelled and unknown members are not entered.
pub(super) fn walk<'a>(document: &'a Value, visit: &mut dyn FnMut(&Place<'a>)) {
    enter(Place { kind: Kind::Document, value: document, pointer: pointer::ROOT.to_owned(), operation: None }, visit);
}

/// Like [`walk`], from a place inside of a document.
pub(super) fn enter<'a>(mut place: Place<'a>, visit: &mut dyn FnMut(&Place<'a>)) {
    if place.kind == Kind::Operation {
        place.operation = place.value.get("operationId").and_then(Value::as_str);
    }
    visit(&place);
    let Some(members) = place.members() else { return };
    if is_reference(place.kind, members) && place.kind != Kind::Schema {
        return;
    }
    for (name, value) in members {
        let Some(member) = place.kind.member(name).filter(|member| member.fate != Fate::Unmodelled) else {
            continue;
        };
        let at = || pointer::child(&place.pointer, name);
        let mut below = |kind, value, pointer| enter(Place { kind, value, pointer, operation: place.operation }, visit);
        match (member.shape, value) {
            // Here a boolean is no schema of its own, but says whether anything may follow.
            (Shape::One(Kind::Schema), Value::Bool(_)) if closes(name, members) => {}
            (Shape::One(kind), value) => below(kind, value, at()),
            (Shape::Many(kind), Value::Array(elements)) => {
                let base = at();
                for (index, element) in elements.iter().enumerate() {
                    below(kind, element, pointer::element(&base, index));
                }
            }
            (Shape::Map(kind) | Shape::MapAndExtensions(kind), Value::Object(entries)) => {
                let base = at();
                for (key, entry) in entries {
                    if !is_extension(member.shape, key) {
                        below(kind, entry, pointer::child(&base, key));
                    }
                }
            }
            _ => {}
        }
    }
}

fn closes(name: &str, members: &Map<String, Value>) -> bool {
    name == "additionalProperties" || (name == "items" && members.contains_key("prefixItems"))
}

/// Whether a `$ref` stands in the place of the object.
pub(super) fn is_reference(kind: Kind, members: &Map<String, Value>) -> bool {
    kind.can_be_reference() && members.contains_key("$ref")
}

/// Whether an entry of a map is no entry but an extension.
pub(super) fn is_extension(shape: Shape, key: &str) -> bool {
    matches!(shape, Shape::MapAndExtensions(_)) && key.starts_with("x-")
}
