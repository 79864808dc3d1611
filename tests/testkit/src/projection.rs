//! The part of the document that `polar-mock` compiles in: operations, and the schemas of these and of webhooks,
//! without prose.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::document::{Document, Operation};

/// Keywords that do not restrict values, or are for the generator only.
const PROSE: [&str; 9] =
    ["description", "title", "summary", "deprecated", "readOnly", "writeOnly", "externalDocs", "default", "nullable"];

/// The part of the document that `polar-mock` compiles in, as JSON with a line for each operation, webhook and schema.
#[must_use]
pub fn text(document: &Document) -> String {
    let projected = projection(document);
    let lines = |values: &mut dyn Iterator<Item = String>| values.collect::<Vec<_>>().join(",\n");
    let members = |pointer: &str| {
        let members = projected.pointer(pointer).and_then(Value::as_object).into_iter().flatten();
        lines(&mut members.map(|(name, value)| format!("{}:{value}", json!(name))))
    };
    let operations = lines(&mut projected["operations"].as_array().into_iter().flatten().map(Value::to_string));
    format!(
        "{{\"version\":{},\n\"operations\":[\n{operations}\n],\n\"webhooks\":{{\n{}\n}},\n\"components\":{{\"schemas\":{{\n{}\n}}}}}}\n",
        document.at("#/info/version"),
        members("/webhooks"),
        members("/components/schemas"),
    )
}

/// The same as data.
#[must_use]
pub fn projection(document: &Document) -> Value {
    let operations: Vec<Value> = document.operations().map(|operation| project(&operation)).collect();
    let webhooks: Map<String, Value> =
        document.webhooks().map(|(name, schema)| (name.to_owned(), plain(schema))).collect();
    let mut root = json!({"operations": operations, "webhooks": webhooks});
    let mut schemas = Map::new();
    let mut wanted = references(&root);
    while let Some(reference) = wanted.pop_first() {
        if let Some(name) = reference.strip_prefix("#/components/schemas/").filter(|name| !schemas.contains_key(*name))
        {
            let schema = plain(document.at(&reference));
            wanted.append(&mut references(&schema));
            schemas.insert(name.to_owned(), schema);
        }
    }
    schemas.sort_keys();
    root["components"] = json!({"schemas": schemas});
    root
}

/// Everything about an operation that a server needs.
fn project(operation: &Operation<'_>) -> Value {
    let mut projected = json!({
        "id": operation.id, "method": operation.method, "path": operation.path, "schemes": operation.schemes(),
    });
    for (place, key) in [("path", "path_parameters"), ("query", "query")] {
        let parameters: Vec<Value> = operation
            .parameters(place)
            .into_iter()
            .map(|(name, schema, required)| json!({"name": name, "schema": plain(schema), "required": required}))
            .collect();
        if !parameters.is_empty() {
            projected[key] = parameters.into();
        }
    }
    if let Some((media, schema)) = operation.body() {
        let required = operation.data["requestBody"]["required"] == true;
        projected["body"] = json!({"media": media, "schema": plain(schema), "required": required});
    }
    let successes = operation.successes().into_iter().map(|(status, body)| match body {
        Some((media, schema)) => json!({"status": status, "media": media, "schema": plain(schema)}),
        None => json!({"status": status}),
    });
    projected["successes"] = successes.collect();
    let responses = operation.data["responses"].as_object().into_iter().flatten();
    let errors = responses.filter_map(|(status, response)| {
        let status: u16 = status.parse().ok().filter(|status| *status >= 400)?;
        let schema = response.pointer("/content/application~1json/schema")?;
        Some(json!({"status": status, "schema": plain(schema)}))
    });
    projected["errors"] = errors.collect();
    projected
}

/// Returns a schema without prose. Names of properties are not keywords.
fn plain(schema: &Value) -> Value {
    match schema {
        Value::Array(items) => items.iter().map(plain).collect(),
        Value::Object(members) => {
            let is_left_out =
                |key: &str| PROSE.contains(&key) || (key.starts_with("x-") && key != "x-parent-discriminator");
            let kept = members.iter().filter(|(key, _)| !is_left_out(key));
            let plain_member = |key: &str, value: &Value| match (key, value) {
                ("const" | "enum" | "examples" | "mapping", value) => value.clone(),
                ("properties", Value::Object(properties)) => {
                    properties.iter().map(|(name, property)| (name.clone(), plain(property))).collect()
                }
                (_, value) => plain(value),
            };
            kept.map(|(key, value)| (key.clone(), plain_member(key, value))).collect()
        }
        other => other.clone(),
    }
}

/// References in a part of the document.
fn references(value: &Value) -> BTreeSet<String> {
    match value {
        Value::Array(items) => items.iter().flat_map(references).collect(),
        Value::Object(members) => {
            let own = members.get("$ref").and_then(Value::as_str).map(str::to_owned);
            own.into_iter().chain(members.values().flat_map(references)).collect()
        }
        _ => BTreeSet::new(),
    }
}
