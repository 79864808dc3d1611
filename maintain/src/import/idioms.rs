//! Converts idioms of the official documents to the form of the files in `spec/`.

use serde_json::{Map, Value, json};

use super::Summary;
use super::clean::{PRIVATE, ordered};
use super::objects::{METHODS, Object, visit_mut};

/// Extensions with the environment of a server.
const ENVIRONMENT: &str = "x-polar-environment";
const SERVER_ID: &str = "x-speakeasy-server-id";

/// Extensions of operations that return a list in pages.
const PAGINATION: &str = "x-polar-pagination";
const PAGINATION_OF_TOOLS: &str = "x-speakeasy-pagination";

/// Extracts the facts from extensions for tools, and reduces webhooks to what the API sends. Runs before cleaning.
pub(super) fn adapt(mut document: Map<String, Value>, summary: &mut Summary) -> Map<String, Value> {
    drop_internal(&mut document, summary);
    if let Some(Value::Object(webhooks)) = document.get_mut("webhooks") {
        for (event, item) in webhooks.iter_mut() {
            let operations = METHODS
                .iter()
                .filter_map(|method| item.get_mut(*method).map(std::mem::take).map(|operation| (*method, operation)));
            let operations: Vec<_> = operations.collect();
            for (method, operation) in operations {
                item[method] = webhook(event, operation);
            }
        }
    }
    visit_mut(&mut document, &mut |kind, members, _| match kind {
        Object::Server => environment(members),
        Object::Operation => pagination(members),
        _ => {}
    });
    document
}

/// Removes operations that only Polar's own programs use.
fn drop_internal(document: &mut Map<String, Value>, summary: &mut Summary) {
    let Some(Value::Object(paths)) = document.get_mut("paths") else { return };
    let is_private = |operation: &Value| {
        let tags = operation.get("tags").and_then(Value::as_array);
        tags.is_some_and(|tags| tags.iter().any(|tag| tag == PRIVATE))
    };
    paths.retain(|path, item| {
        let Value::Object(item) = item else { return true };
        let before = summary.internal_operations.len();
        item.retain(|method, operation| {
            let is_internal = METHODS.contains(&method.as_str()) && is_private(operation);
            if is_internal {
                summary.internal_operations.push(format!("{} {path}", method.to_uppercase()));
            }
            !is_internal
        });
        let has_operation = METHODS.iter().any(|method| item.contains_key(*method));
        has_operation || summary.internal_operations.len() == before
    });
}

/// Converts the operation of a webhook. Its id is derived from the event, and the response of a receiver is not part of
/// the API.
fn webhook(event: &str, operation: Value) -> Value {
    let Value::Object(mut members) = operation else { return operation };
    members.shift_remove("tags");
    let id: String = event.chars().map(|c| if c.is_alphanumeric() { c } else { '_' }).collect();
    members.insert("operationId".to_owned(), id.into());
    let responses = members.get("responses").and_then(Value::as_object).cloned().unwrap_or_default();
    let successes = responses.into_iter().filter(|(status, _)| status.starts_with('2'));
    let mut successes: Map<String, Value> = successes.map(|(status, _)| (status, json!({}))).collect();
    if successes.is_empty() {
        successes.insert("200".to_owned(), json!({}));
    }
    members.insert("responses".to_owned(), successes.into());
    Value::Object(members)
}

fn environment(server: &mut Map<String, Value>) {
    let named = server.get(SERVER_ID).cloned();
    if let Some(name) = named.filter(|_| !server.contains_key(ENVIRONMENT)) {
        server.insert(ENVIRONMENT.to_owned(), name);
    }
}

/// Pages have a number and a size; their elements follow from the response.
fn pagination(operation: &mut Map<String, Value>) {
    let of_tools = operation.get(PAGINATION_OF_TOOLS);
    let inputs = of_tools.and_then(|pagination| pagination.get("inputs")).and_then(Value::as_array);
    let types: Option<Vec<_>> =
        inputs.map(|inputs| inputs.iter().filter_map(|input| input.get("type")?.as_str()).collect());
    if types.is_some_and(|types| types == ["page", "limit"]) && !operation.contains_key(PAGINATION) {
        operation.insert(PAGINATION.to_owned(), json!({"type": "page_limit"}));
    }
    if let Some(Value::Object(pagination)) = operation.get_mut(PAGINATION) {
        pagination.shift_remove("item_schema");
    }
}

/// Flattens `anyOf` in `anyOf`, and removes repeated alternatives. Runs after cleaning, which makes alternatives equal.
pub(super) fn flatten(document: &mut Map<String, Value>) {
    visit_mut(document, &mut |kind, members, _| {
        if kind != Object::Schema {
            return;
        }
        if let Some(Value::Array(alternatives)) = members.get_mut("anyOf") {
            let mut flat: Vec<Value> = Vec::new();
            for alternative in std::mem::take(alternatives).into_iter().flat_map(alternatives_of) {
                if !flat.contains(&alternative) {
                    flat.push(alternative);
                }
            }
            *alternatives = flat;
        }
    });
}

/// Returns the alternatives of a schema that consists only of them, or else the schema itself.
fn alternatives_of(schema: Value) -> Vec<Value> {
    match &schema {
        Value::Object(members) if members.len() == 1 => match members.get("anyOf") {
            Some(Value::Array(inner)) => inner.iter().cloned().flat_map(alternatives_of).collect(),
            _ => vec![schema],
        },
        _ => vec![schema],
    }
}

/// Sorts paths, webhooks and components by name.
pub(super) fn sort(document: &mut Map<String, Value>) {
    for section in ["paths", "webhooks"] {
        sort_entries(document.get_mut(section));
    }
    if let Some(Value::Object(components)) = document.get_mut("components") {
        for (section, entries) in components.iter_mut() {
            if section != "securitySchemes" {
                sort_entries(Some(entries));
            }
        }
    }
    let components = document.get_mut("components").and_then(Value::as_object_mut);
    if let Some(components) = components {
        *components = ordered(std::mem::take(components), Object::Components.order());
    }
}

fn sort_entries(entries: Option<&mut Value>) {
    if let Some(Value::Object(entries)) = entries {
        entries.sort_keys();
    }
}
