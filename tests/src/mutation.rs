//! What a server may add to an answer, and what it may not do: changes of an instance, made from its schema.

use serde_json::{Value, json};

use crate::document::Document;
use crate::instance::{Extent, instance};

/// A kind of change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// An object has one member more.
    NewMember,
    /// An enumeration has a value more.
    NewValue,
    /// A constant, which often is the tag of a union, is another one.
    NewConstant,
    /// A required member is not there.
    MissingMember,
    /// A required member is null, where null is not allowed.
    Null,
    /// A number comes as a string.
    Text,
}

impl Kind {
    /// Whether a reader has to take it.
    #[must_use]
    pub fn is_allowed(self) -> bool {
        matches!(self, Self::NewMember | Self::NewValue | Self::NewConstant)
    }
}

/// An instance with one change.
#[derive(Clone, Debug)]
pub struct Mutation {
    /// What was changed.
    pub kind: Kind,
    /// Where, and for a missing member which, as the message of an error begins.
    pub place: String,
    /// The instance.
    pub value: Value,
}

/// How many references below the schema are followed: each type has a turn of its own.
const DEPTH: usize = 1;

/// All changes of the instance that shows everything.
#[must_use]
pub fn mutations(document: &Document, schema: &Value) -> Vec<Mutation> {
    let whole = instance(document, schema, Extent::Most);
    let mut found = Vec::new();
    Walk { document, whole: &whole, found: &mut found }.at(schema, &whole, &Path::default(), DEPTH);
    found
}

#[derive(Clone, Debug, Default)]
struct Path {
    /// JSON pointer.
    pointer: String,
    /// As errors write it.
    shown: String,
}

impl Path {
    fn member(&self, name: &str) -> Self {
        let dot = if self.shown.is_empty() { "" } else { "." };
        let escaped = name.replace('~', "~0").replace('/', "~1");
        Self { pointer: format!("{}/{escaped}", self.pointer), shown: format!("{}{dot}{name}", self.shown) }
    }

    fn item(&self, index: usize) -> Self {
        Self { pointer: format!("{}/{index}", self.pointer), shown: format!("{}[{index}]", self.shown) }
    }
}

struct Walk<'a> {
    document: &'a Document,
    whole: &'a Value,
    found: &'a mut Vec<Mutation>,
}

impl Walk<'_> {
    fn at(&mut self, schema: &Value, value: &Value, path: &Path, depth: usize) {
        if schema.get("$ref").is_some() {
            if depth > 0 {
                let resolved = self.document.resolve(schema).clone();
                self.at(&resolved, value, path, depth - 1);
            }
            return;
        }
        if let Some(constant) = schema.get("const") {
            if constant.is_string() {
                self.change(Kind::NewConstant, path, |place| *place = json!("kind_of_tomorrow"));
            }
        } else if schema.get("enum").is_some() {
            self.change(Kind::NewValue, path, |place| *place = json!("value_of_tomorrow"));
        } else if let Some(members) = ["oneOf", "anyOf"].iter().find_map(|keyword| schema.get(keyword)?.as_array()) {
            // The member of which the instance is.
            if let Some(member) = members.iter().find(|member| member["type"] != "null") {
                self.at(member, value, path, depth);
            }
        } else if let (Some(items), Some(first)) = (schema.get("items"), value.get(0)) {
            self.at(items, first, &path.item(0), depth);
        } else if let Some(properties) = schema.get("properties").and_then(Value::as_object) {
            if !schema.get("additionalProperties").is_some_and(Value::is_object) {
                self.change(Kind::NewMember, path, |place| place["member_of_tomorrow"] = json!({"deep": [1, null]}));
            }
            for (name, property) in properties {
                let required = schema["required"].as_array().is_some_and(|all| all.iter().any(|n| n == name));
                self.member(name, property, required, path);
                if let Some(value) = value.get(name) {
                    self.at(property, value, &path.member(name), depth);
                }
            }
        }
    }

    fn member(&mut self, name: &str, property: &Value, required: bool, path: &Path) {
        let place = path.member(name);
        let resolved = self.document.resolve(property).clone();
        if resolved.get("const").is_some() {
            return;
        }
        if matches!(resolved["type"].as_str(), Some("integer" | "number")) {
            self.change(Kind::Text, &place, |place| *place = json!("7"));
        }
        let any = !["type", "anyOf", "oneOf"].iter().any(|keyword| resolved.get(keyword).is_some());
        let null = |schema: &Value| schema["type"] == "null";
        let nullable = null(&resolved) || resolved["anyOf"].as_array().is_some_and(|all| all.iter().any(null));
        if required && !any && !nullable {
            self.change(Kind::Null, &place, |place| *place = Value::Null);
            self.change(Kind::MissingMember, path, |place| {
                if let Some(object) = place.as_object_mut() {
                    object.remove(name);
                }
            });
            if let Some(last) = self.found.last_mut() {
                last.place.push_str(&format!("missing field `{name}`"));
            }
        }
    }

    fn change(&mut self, kind: Kind, path: &Path, change: impl FnOnce(&mut Value)) {
        let mut value = self.whole.clone();
        if let Some(place) = value.pointer_mut(&path.pointer) {
            change(place);
            let place = if path.shown.is_empty() { String::new() } else { format!("at `{}`: ", path.shown) };
            self.found.push(Mutation { kind, place, value });
        }
    }
}
