//! Converts one schema of 3.1 (or 3.0) to what the typed document can represent.
//!
//! It works on [`Keywords`]: those of one schema, whose subschemas are still as in the document and know their original
//! place. Steps move keywords between them. Writing the result normalizes the subschemas, and marks each schema that
//! has moved with `x-pointer`.

use serde_json::{Map, Value};

use super::super::model::{Fate, ObjectKind, ValueType};
use super::super::preserved;
use super::{numbers, types};
use crate::diagnostics::Diagnostic;
use crate::pointer;

/// Keywords about the schema, not about its values.
const ANNOTATIONS: &[&str] =
    &["title", "description", "default", "deprecated", "readOnly", "writeOnly", "example", "externalDocs", "nullable"];

/// Keywords for the structure of a schema. Beside `allOf`, `anyOf` or `oneOf` they are moved to a separate schema.
const STRUCTURE: &[&str] = &[
    "type",
    "enum",
    "properties",
    "required",
    "additionalProperties",
    preserved::PROPERTY_NAMES,
    "items",
    preserved::PREFIX_ITEMS,
];

const COMBINATORS: &[&str] = &["allOf", "oneOf", "anyOf"];

/// A schema inside of another one.
#[derive(Clone, Debug)]
pub(super) enum Child {
    /// As in the document, with its place.
    Raw(Value, String),
    Done(Keywords),
}

/// The value of a keyword.
#[derive(Clone, Debug)]
pub(super) enum KeywordValue {
    Plain(Value),
    One(Box<Child>),
    Many(Vec<Child>),
    Map(Vec<(String, Child)>),
}

/// A schema as keywords, in order.
#[derive(Clone, Debug)]
pub(super) struct Keywords {
    /// Place of the schema in the original document.
    pub(super) origin: String,
    pub(super) entries: Vec<(String, KeywordValue)>,
}

/// Normalizes the schema that was read at `origin` for its new place, `place`.
pub(super) fn normalize(schema: Value, place: &str, origin: &str, errors: &mut Vec<Diagnostic>) -> Value {
    match schema {
        Value::Object(properties) => write(normal(properties, origin), place, errors),
        Value::Bool(true) => write(Keywords::new(origin), place, errors),
        Value::Bool(false) => {
            let message = "the schema `false`, which allows no value, is not supported";
            errors.push(Diagnostic::error(origin, message).hint(super::super::check::UNSUPPORTED_HINT));
            Value::Object(Map::new())
        }
        // The check of values, which runs later, reports it.
        other => other,
    }
}

impl Keywords {
    pub(super) fn new(origin: &str) -> Self {
        Self { origin: origin.to_owned(), entries: Vec::new() }
    }

    /// Returns the keywords of a schema; an origin that an earlier step has recorded takes precedence.
    fn read(mut properties: Map<String, Value>, origin: &str) -> Self {
        let noted = properties.shift_remove(preserved::POINTER);
        let origin = noted.as_ref().and_then(Value::as_str).unwrap_or(origin);
        let entries = properties.into_iter().map(|(name, value)| {
            let value = KeywordValue::read(&name, value, origin);
            (name, value)
        });
        Self { origin: origin.to_owned(), entries: entries.collect() }
    }

    pub(super) fn get(&self, name: &str) -> Option<&KeywordValue> {
        self.entries.iter().find(|(other, _)| other == name).map(|(_, value)| value)
    }

    pub(super) fn plain(&self, name: &str) -> Option<&Value> {
        match self.get(name) {
            Some(KeywordValue::Plain(value)) => Some(value),
            _ => None,
        }
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    pub(super) fn take(&mut self, name: &str) -> Option<KeywordValue> {
        let index = self.entries.iter().position(|(other, _)| other == name)?;
        Some(self.entries.remove(index).1)
    }

    pub(super) fn set(&mut self, name: &str, value: KeywordValue) {
        match self.entries.iter_mut().find(|(other, _)| other == name) {
            Some((_, old)) => *old = value,
            None => self.entries.push((name.to_owned(), value)),
        }
    }

    pub(super) fn set_plain(&mut self, name: &str, value: impl Into<Value>) {
        self.set(name, KeywordValue::Plain(value.into()));
    }

    pub(super) fn is_true(&self, name: &str) -> bool {
        self.plain(name) == Some(&Value::Bool(true))
    }

    /// Returns whether the schema is only a `$ref`, which can't have a mark.
    fn is_bare_reference(&self) -> bool {
        self.entries.len() == 1 && self.has("$ref")
    }

    fn many(&mut self, name: &str) -> Option<Vec<Child>> {
        match self.take(name) {
            Some(KeywordValue::Many(children)) => Some(children),
            Some(other) => {
                self.set(name, other);
                None
            }
            None => None,
        }
    }

    /// Removes the keywords for which `choose` returns true.
    pub(super) fn split(&mut self, choose: impl Fn(&str) -> bool) -> Vec<(String, KeywordValue)> {
        let entries = std::mem::take(&mut self.entries);
        let (chosen, kept) = entries.into_iter().partition(|(name, _)| choose(name));
        self.entries = kept;
        chosen
    }
}

impl KeywordValue {
    fn read(name: &str, value: Value, owner: &str) -> Self {
        let keyword = ObjectKind::Schema.keyword(name);
        let value_type = keyword.filter(|keyword| keyword.fate != Fate::Unsupported).map(|keyword| keyword.value_type);
        let at = || pointer::child(owner, name);
        match (value_type, value) {
            (Some(ValueType::One(ObjectKind::Schema)), Value::Bool(open)) if name == "additionalProperties" => {
                Self::Plain(open.into())
            }
            (Some(ValueType::One(ObjectKind::Schema)), schema) => Self::One(Box::new(Child::Raw(schema, at()))),
            (Some(ValueType::Many(ObjectKind::Schema)), Value::Array(schemas)) => {
                let base = at();
                let child = |(index, schema)| Child::Raw(schema, pointer::element(&base, index));
                Self::Many(schemas.into_iter().enumerate().map(child).collect())
            }
            (Some(ValueType::Map(ObjectKind::Schema)), Value::Object(schemas)) => {
                let base = at();
                let child = |(name, schema): (String, Value)| {
                    let at = pointer::child(&base, &name);
                    (name, Child::Raw(schema, at))
                };
                Self::Map(schemas.into_iter().map(child).collect())
            }
            (_, value) => Self::Plain(value),
        }
    }
}

impl Child {
    /// Returns the child's keywords. Anything but an object has none.
    fn keywords(self) -> Result<Keywords, Self> {
        match self {
            Self::Raw(Value::Object(properties), origin) => Ok(normal(properties, &origin)),
            Self::Done(schema) => Ok(schema),
            other => Err(other),
        }
    }
}

/// All steps, in an order in which each finds what it needs.
fn normal(properties: Map<String, Value>, origin: &str) -> Keywords {
    let mut schema = Keywords::read(properties, origin);
    if schema.is_bare_reference() {
        return schema;
    }
    reference(&mut schema);
    patterns(&mut schema);
    preserve(&mut schema);
    types::null(&mut schema);
    types::constant(&mut schema);
    variants_with_null(&mut schema, "anyOf");
    variants_with_null(&mut schema, "oneOf");
    types::infer(&mut schema);
    numbers::bounds(&mut schema);
    tuple(&mut schema);
    types::split(&mut schema);
    nest(&mut schema);
    schema
}

/// A `$ref` with other keywords becomes the first part of `allOf`.
fn reference(schema: &mut Keywords) {
    let Some(KeywordValue::Plain(target)) = schema.take("$ref") else {
        return;
    };
    let mut only = Keywords::new(&schema.origin);
    only.set_plain("$ref", target);
    let mut children = vec![Child::Done(only)];
    children.extend(schema.many("allOf").unwrap_or_default());
    schema.entries.insert(0, ("allOf".to_owned(), KeywordValue::Many(children)));
}

/// Properties whose names match a pattern become additional ones: the typed document has no patterns for names.
fn patterns(schema: &mut Keywords) {
    let Some(KeywordValue::Map(children)) = schema.take("patternProperties") else {
        return;
    };
    let mut schemas: Vec<Child> = children.into_iter().map(|(_, child)| child).collect();
    match schema.get("additionalProperties") {
        // Names that match no pattern are not allowed, or nothing is said about them.
        None | Some(KeywordValue::Plain(Value::Bool(false))) => {
            schema.take("additionalProperties");
        }
        Some(_) => {
            if let Some(KeywordValue::One(others)) = schema.take("additionalProperties") {
                schemas.push(*others);
            } else {
                schemas.push(Child::Done(Keywords::new(&schema.origin)));
            }
        }
    }
    if !schema.has("type") {
        schema.set_plain("type", "object");
    }
    let all = match <[Child; 1]>::try_from(schemas) {
        Ok([only]) => only,
        Err(schemas) => {
            let mut any = Keywords::new(&schema.origin);
            any.set("anyOf", KeywordValue::Many(schemas));
            Child::Done(any)
        }
    };
    schema.set("additionalProperties", KeywordValue::One(Box::new(all)));
}

/// Keywords without a field in the typed document are renamed or removed.
fn preserve(schema: &mut Keywords) {
    for (name, value) in std::mem::take(&mut schema.entries) {
        match ObjectKind::Schema.keyword(&name).map(|keyword| keyword.fate) {
            Some(Fate::Dropped) => {}
            // No schema of the input has such a key.
            Some(Fate::Preserved(key)) => schema.entries.push((key.to_owned(), value)),
            _ => schema.entries.push((name, value)),
        }
    }
}

/// Null as a variant of a union makes the whole union nullable, and so does a nullable variant.
fn variants_with_null(schema: &mut Keywords, keyword: &str) {
    let Some(children) = schema.many(keyword) else { return };
    let count = children.len();
    let mut kept = Vec::new();
    let mut nullable = false;
    for child in children {
        match child.keywords() {
            Ok(variant) if variant.is_true(preserved::NULL_ONLY) => nullable = true,
            Ok(mut variant) => {
                nullable |= variant.is_true("nullable");
                if variant.is_true("nullable") {
                    variant.take("nullable");
                }
                kept.push(Child::Done(variant));
            }
            Err(other) => kept.push(other),
        }
    }
    let dropped = kept.len() < count;
    if kept.is_empty() && dropped {
        schema.set_plain(preserved::NULL_ONLY, true);
        return;
    }
    if nullable {
        schema.set_plain("nullable", true);
    }
    if kept.len() == 1 && nullable && !schema.has("discriminator") {
        if let Some(only) = kept.pop() {
            merge_up(schema, only);
        }
        return;
    }
    let kept = if keyword == "anyOf" { flatten(kept) } else { kept };
    schema.set(keyword, KeywordValue::Many(kept));
}

/// A variant that is only an `anyOf` adds its variants to the outer one.
fn flatten(children: Vec<Child>) -> Vec<Child> {
    let mut flat = Vec::new();
    for child in children {
        match child {
            Child::Done(Keywords { entries, .. }) if matches!(entries.as_slice(), [(name, KeywordValue::Many(_))] if name == "anyOf") => {
                for (_, value) in entries {
                    if let KeywordValue::Many(inner) = value {
                        flat.extend(inner);
                    }
                }
            }
            other => flat.push(other),
        }
    }
    flat
}

/// The last variant of a union is merged into the schema around it, if their keywords do not conflict.
fn merge_up(schema: &mut Keywords, variant: Child) {
    let joins = match &variant {
        Child::Done(variant) if !variant.has("$ref") => {
            let bare = schema.entries.iter().all(|(name, _)| is_annotation(name));
            bare && variant.entries.iter().all(|(name, _)| !schema.has(name))
        }
        _ => false,
    };
    match variant {
        Child::Done(variant) if joins => {
            let own = std::mem::replace(&mut schema.entries, variant.entries);
            schema.entries.extend(own);
        }
        variant => {
            let mut children = schema.many("allOf").unwrap_or_default();
            children.push(variant);
            schema.entries.insert(0, ("allOf".to_owned(), KeywordValue::Many(children)));
        }
    }
}

fn is_annotation(name: &str) -> bool {
    ANNOTATIONS.contains(&name) || (name.starts_with("x-") && !preserved::RESERVED.contains(&name))
}

/// A tuple: the typed document has an array of anything, and the schemas of its elements in a preserved keyword.
fn tuple(schema: &mut Keywords) {
    let Some(children) = schema.many("prefixItems") else {
        return;
    };
    let length = children.len();
    let closed = matches!(schema.take("items"), Some(KeywordValue::One(child)) if matches!(*child, Child::Raw(Value::Bool(false), _)));
    if closed && !schema.has("maxItems") {
        schema.set_plain("maxItems", length);
    }
    schema.set_plain("items", Map::new());
    schema.set(preserved::PREFIX_ITEMS, KeywordValue::Many(children));
    if !schema.has("type") {
        schema.set_plain("type", "array");
    }
}

/// The typed document has a type, or one kind of combination: if there are several, each becomes a part of one `allOf`,
/// which has the same meaning.
fn nest(schema: &mut Keywords) {
    let structured = schema.entries.iter().any(|(name, _)| STRUCTURE.contains(&name.as_str()));
    let present = COMBINATORS.iter().filter(|name| schema.has(name)).count();
    if present == 0 || present + usize::from(structured) < 2 {
        return;
    }
    let mut children = schema.many("allOf").unwrap_or_default();
    if structured {
        let entries =
            schema.split(|name| !is_annotation(name) && !COMBINATORS.contains(&name) && name != "discriminator");
        let mut part = Keywords { origin: schema.origin.clone(), entries };
        types::infer(&mut part);
        children.push(Child::Done(part));
    }
    for keyword in ["oneOf", "anyOf"] {
        if schema.has(keyword) {
            // The discriminator belongs to the first union, so it moves with it.
            let entries = schema.split(|name| name == keyword || name == "discriminator");
            children.push(Child::Done(Keywords { origin: schema.origin.clone(), entries }));
        }
    }
    schema.entries.insert(0, ("allOf".to_owned(), KeywordValue::Many(children)));
}

fn write(schema: Keywords, place: &str, errors: &mut Vec<Diagnostic>) -> Value {
    let moved = schema.origin != place && !schema.is_bare_reference();
    let origin = schema.origin;
    let mut properties = Map::new();
    for (name, value) in schema.entries {
        let at = || pointer::child(place, &name);
        let value = match value {
            KeywordValue::Plain(value) => value,
            KeywordValue::One(child) => write_child(*child, &at(), errors),
            KeywordValue::Many(children) => {
                let at = at();
                let child = |(index, child)| write_child(child, &pointer::element(&at, index), errors);
                Value::Array(children.into_iter().enumerate().map(child).collect())
            }
            KeywordValue::Map(children) => {
                let at = at();
                let child = |(name, child): (String, Child)| {
                    let value = write_child(child, &pointer::child(&at, &name), errors);
                    (name, value)
                };
                Value::Object(children.into_iter().map(child).collect())
            }
        };
        properties.insert(name, value);
    }
    if moved {
        properties.insert(preserved::POINTER.to_owned(), origin.into());
    }
    Value::Object(properties)
}

fn write_child(child: Child, place: &str, errors: &mut Vec<Diagnostic>) -> Value {
    match child {
        Child::Raw(schema, origin) => normalize(schema, place, &origin, errors),
        Child::Done(schema) => write(schema, place, errors),
    }
}
