//! Removes prose, samples and presentation, and checks that each object is an object.

use polar_codegen::Diagnostic;
use polar_codegen::pointer;
use serde_json::{Map, Value};

use super::Summary;
use super::objects::{Content, Object, Reason};

/// Tags that group operations by audience and not by subject.
const AUDIENCES: &[&str] = &["public", "private", "mcp"];

/// The tag of operations that only Polar's own programs use.
pub(super) const PRIVATE: &str = "private";

/// Returns a document without the parts that an import removes.
pub(super) fn document(document: Map<String, Value>, summary: &mut Summary) -> Result<Map<String, Value>, Diagnostic> {
    Cleaner { summary }.members(Object::Document, document, pointer::ROOT)
}

struct Cleaner<'a> {
    summary: &'a mut Summary,
}

impl Cleaner<'_> {
    fn object(&mut self, kind: Object, value: Value, at: &str) -> Result<Value, Diagnostic> {
        match value {
            Value::Object(members) => self.members(kind, members, at).map(Value::Object),
            // `true` allows anything, like an empty schema.
            Value::Bool(true) if kind == Object::Schema => Ok(Value::Object(Map::new())),
            Value::Bool(false) if kind == Object::Schema => Ok(Value::Bool(false)),
            other => Err(wrong(at, &other, kind.name())),
        }
    }

    fn members(
        &mut self,
        kind: Object,
        members: Map<String, Value>,
        at: &str,
    ) -> Result<Map<String, Value>, Diagnostic> {
        let mut kept = Map::new();
        for (key, value) in members {
            let here = pointer::child(at, &key);
            if let Some(value) = self.member(kind.member(&key), &key, value, &here)? {
                kept.insert(key, value);
            }
        }
        Ok(ordered(kept, kind.order()))
    }

    fn member(&mut self, content: Content, key: &str, value: Value, at: &str) -> Result<Option<Value>, Diagnostic> {
        Ok(Some(match content {
            Content::Value => value,
            Content::One(kind) => self.object(kind, value, at)?,
            Content::Many(kind) => self.many(kind, value, at)?,
            Content::Map(kind) => self.map(kind, value, at)?,
            Content::Tags => tags(value, at)?,
            Content::Described => names_only(value, at)?,
            Content::Dropped(reason) => {
                *self.summary.dropped.entry((reason, key.to_owned())).or_default() += 1;
                return Ok(None);
            }
        }))
    }

    fn many(&mut self, kind: Object, value: Value, at: &str) -> Result<Value, Diagnostic> {
        let Value::Array(elements) = value else { return Err(wrong(at, &value, "a list")) };
        let elements = elements.into_iter().enumerate();
        elements.map(|(index, element)| self.object(kind, element, &pointer::element(at, index))).collect()
    }

    fn map(&mut self, kind: Object, value: Value, at: &str) -> Result<Value, Diagnostic> {
        let Value::Object(entries) = value else { return Err(wrong(at, &value, "an object")) };
        let mut kept = Map::new();
        for (key, entry) in entries {
            // In a map of paths or responses, `x-` begins an extension; elsewhere it is part of an ordinary name.
            if key.starts_with("x-") && matches!(kind, Object::PathItem | Object::Response) && at != "#/webhooks" {
                *self.summary.dropped.entry((Reason::UnknownExtension, key)).or_default() += 1;
                continue;
            }
            let here = pointer::child(at, &key);
            kept.insert(key, self.object(kind, entry, &here)?);
        }
        Ok(Value::Object(kept))
    }
}

fn wrong(at: &str, value: &Value, expected: &str) -> Diagnostic {
    let found = match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    };
    Diagnostic::error(at, format!("expected {expected}, found {found}")).hint("fix the document, or download it again")
}

/// Returns the first tag that names a subject, in the form of identifiers.
fn tags(value: Value, at: &str) -> Result<Value, Diagnostic> {
    let Value::Array(tags) = value else { return Err(wrong(at, &value, "a list")) };
    let mut subjects = tags.iter().filter_map(Value::as_str).filter(|tag| !AUDIENCES.contains(tag));
    Ok(subjects.next().map(|tag| tag.replace('-', "_")).into_iter().collect())
}

/// Names without their texts.
fn names_only(value: Value, at: &str) -> Result<Value, Diagnostic> {
    let Value::Object(entries) = value else { return Err(wrong(at, &value, "an object")) };
    Ok(Value::Object(entries.into_iter().map(|(name, _)| (name, Value::String(String::new()))).collect()))
}

/// Sorts keywords in a fixed order; others follow.
pub(super) fn ordered(mut members: Map<String, Value>, order: &[&str]) -> Map<String, Value> {
    let first: Vec<_> = order.iter().filter_map(|key| members.shift_remove_entry(*key)).collect();
    first.into_iter().chain(members).collect()
}
