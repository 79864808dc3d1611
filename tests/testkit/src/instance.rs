//! Instances of schemas: the smallest that a schema allows, and complete ones.

use serde_json::{Map, Value, json};

use crate::document::Document;

/// How complete an instance is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// Only required properties, and null wherever that is allowed.
    Least,
    /// Every property, and never null.
    Most,
    /// Every property, and null wherever that is allowed.
    Nulls,
    /// Every property of the object itself, never null, and the smallest values below.
    Shallow,
}

/// Depth at which recursive schemas are cut off.
const DEPTH: usize = 12;

/// An instance of a schema.
#[must_use]
pub fn instance(document: &Document, schema: &Value, extent: Extent) -> Value {
    Maker { document, extent }.value(schema, DEPTH)
}

/// Returns an instance for each variant of the unions directly in a schema, through references; at least one.
#[must_use]
pub fn instances(document: &Document, schema: &Value, extent: Extent) -> Vec<Value> {
    let schema = document.resolve(schema);
    let members = ["oneOf", "anyOf"].iter().find_map(|keyword| schema.get(keyword)?.as_array());
    match members {
        Some(members) => {
            let wanted = members.iter().filter(|member| member["type"] != "null");
            wanted.flat_map(|member| instances(document, member, extent)).collect()
        }
        None => vec![instance(document, schema, extent)],
    }
}

struct Maker<'a> {
    document: &'a Document,
    extent: Extent,
}

impl Maker<'_> {
    fn value(&self, schema: &Value, depth: usize) -> Value {
        if self.extent == Extent::Shallow && depth < DEPTH {
            return self.below(schema, depth);
        }
        // Keywords beside a reference narrow it.
        for schema in [schema, self.document.resolve(schema)] {
            if let Some(fixed) = schema.get("const").or_else(|| schema.get("enum")?.get(0)) {
                return fixed.clone();
            }
        }
        let schema = self.document.resolve(schema);
        for keyword in ["oneOf", "anyOf"] {
            if let Some(members) = schema.get(keyword).and_then(Value::as_array) {
                return self.member(members, depth);
            }
        }
        match schema.get("type").and_then(Value::as_str) {
            Some("string") => string(schema),
            Some("integer") => json!(bound(schema, 7.0) as i64),
            Some("number") => json!(bound(schema, 1.0) + 0.5),
            Some("boolean") => json!(true),
            Some("array") => self.array(schema, depth),
            Some("object") => self.object(schema, depth),
            Some("null") => Value::Null,
            _ if schema.get("properties").is_some() => self.object(schema, depth),
            _ => json!({"any": ["thing", 1, null]}),
        }
    }

    /// A property of a shallow object: not null, not an empty list, and otherwise the smallest value.
    fn below(&self, schema: &Value, depth: usize) -> Value {
        let least = Maker { document: self.document, extent: Extent::Least };
        let schema = self.document.variants(schema).first().copied().unwrap_or(schema);
        match self.document.resolve(schema).get("items") {
            Some(items) => json!([least.value(items, depth)]),
            None => least.value(schema, depth),
        }
    }

    fn member(&self, members: &[Value], depth: usize) -> Value {
        let is_null = |member: &&Value| member["type"] == "null";
        if self.extent != Extent::Most && members.iter().any(|member| is_null(&member)) {
            return Value::Null;
        }
        let first = members.iter().find(|member| !is_null(member));
        first.map_or(Value::Null, |member| self.value(member, depth))
    }

    fn array(&self, schema: &Value, depth: usize) -> Value {
        let least = schema.get("minItems").and_then(Value::as_u64).unwrap_or_default();
        let wanted = if self.extent != Extent::Least && depth > 0 { least.max(1) } else { least };
        let items = schema.get("items").unwrap_or(&Value::Null);
        (0..wanted).map(|_| self.value(items, depth.saturating_sub(1))).collect()
    }

    fn object(&self, schema: &Value, depth: usize) -> Value {
        let mut members = Map::new();
        let required = |name: &str| {
            schema.get("required").and_then(Value::as_array).is_some_and(|names| names.iter().any(|n| n == name))
        };
        for (name, property) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
            if required(name) || (self.extent != Extent::Least && depth > 0) {
                members.insert(name.clone(), self.value(property, depth.saturating_sub(1)));
            }
        }
        if let Some(additional) = schema.get("additionalProperties").filter(|additional| additional.is_object())
            && self.extent != Extent::Least
            && depth > 0
        {
            let names = schema.get("propertyNames").map(|names| self.value(names, depth));
            let name = names.and_then(|name| name.as_str().map(str::to_owned));
            members.insert(name.unwrap_or_else(|| "key".to_owned()), self.value(additional, depth - 1));
        }
        Value::Object(members)
    }
}

fn bound(schema: &Value, usual: f64) -> f64 {
    let number = |name: &str| schema.get(name).and_then(Value::as_f64);
    let least = number("minimum").or(number("exclusiveMinimum").map(|least| least + 1.0));
    let most = number("maximum").or(number("exclusiveMaximum").map(|most| most - 1.0));
    usual.max(least.unwrap_or(usual)).min(most.unwrap_or(f64::MAX))
}

/// Texts for the patterns of the document.
const PATTERNS: [(&str, &str); 4] =
    [("[a-zA-Z]{2,3}(-", "de-AT"), ("[a-z0-9-_]+", "a-slug_2"), ("image\\/", "image/png"), ("usd", "usd")];

fn string(schema: &Value) -> Value {
    let pattern = schema.get("pattern").and_then(Value::as_str).unwrap_or_default();
    if let Some((_, text)) = PATTERNS.iter().find(|(part, _)| pattern.contains(part)) {
        return (*text).into();
    }
    let text = match schema.get("format").and_then(Value::as_str) {
        Some("uuid" | "uuid4") => "6ba7b810-9dad-41d1-80b4-00c04fd430c8",
        Some("date-time") => "2026-10-01T12:30:00.250Z",
        Some("date") => "2026-10-01",
        Some("email") => "ada@example.com",
        Some("uri") => "https://example.com/%C3%A4?q=1",
        _ => "tëxt & more",
    };
    let most = schema.get("maxLength").and_then(Value::as_u64).unwrap_or(u64::MAX);
    let least = schema.get("minLength").and_then(Value::as_u64).unwrap_or_default();
    let mut text: String = text.chars().take(usize::try_from(most).unwrap_or(usize::MAX)).collect();
    while (text.chars().count() as u64) < least {
        text.push('x');
    }
    text.into()
}
