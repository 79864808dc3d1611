//! Recorded requests as the arguments of a call.

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use super::Request;
use crate::dispatch::Arguments;
use crate::document::{Document, Operation};
use crate::wire::pairs;

/// The arguments of a recorded request.
///
/// # Errors
/// The path is not that of the operation, or the request has a parameter that is not in the document.
pub(super) fn recorded_arguments(
    document: &Document,
    operation: &Operation<'_>,
    request: &Request,
) -> Result<Arguments, String> {
    let known = operation.parameters("query");
    let pairs = pairs(&request.query);
    if let Some((key, _)) = pairs.iter().find(|(key, _)| !known.iter().any(|(name, _, _)| belongs(key, name))) {
        return Err(format!("the document has no query parameter `{key}`"));
    }
    let given = known.iter().filter(|(name, _, _)| pairs.iter().any(|(key, _)| belongs(key, name)));
    let query = given.map(|(name, schema, _)| ((*name).to_owned(), parameter(document, schema, name, &pairs)));
    let form = || request.body_text.as_deref().map(|text| object(crate::wire::pairs(text)));
    Ok(Arguments {
        path: path(operation.path, &request.path)?,
        query: query.collect(),
        headers: Map::new(),
        body: request.body.clone().or_else(form),
    })
}

/// The path parameters.
fn path(template: &str, path: &str) -> Result<Map<String, Value>, String> {
    let (names, values): (Vec<&str>, Vec<&str>) = (template.split('/').collect(), path.split('/').collect());
    let mut found = Map::new();
    let fits = names.len() == values.len()
        && names.iter().zip(&values).all(|(name, value)| {
            match name.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
                Some(name) => {
                    found.insert(name.to_owned(), percent_decode_str(value).decode_utf8_lossy().into());
                    true
                }
                None => name == value,
            }
        });
    if fits { Ok(found) } else { Err(format!("the path is not that of `{template}`")) }
}

/// Returns whether a key of a query is a parameter, or a property of one that is an object: `metadata[plan]`.
fn belongs(key: &str, name: &str) -> bool {
    key.strip_prefix(name).is_some_and(|rest| rest.is_empty() || (rest.starts_with('[') && rest.ends_with(']')))
}

/// The value of a query parameter.
fn parameter(document: &Document, schema: &Value, name: &str, query: &[(String, String)]) -> Value {
    let mut members = Vec::new();
    let mut values = Vec::new();
    for (key, text) in query.iter().filter(|(key, _)| belongs(key, name)) {
        match key.strip_prefix(name).and_then(|rest| rest.strip_prefix('[')).and_then(|rest| rest.strip_suffix(']')) {
            Some(member) => members.push((member.to_owned(), text.clone())),
            None => values.push(scalar(document, schema, text)),
        }
    }
    if !members.is_empty() {
        return object(members);
    }
    match values.as_mut_slice() {
        [only] if !kinds(document, schema).iter().all(|kind| kind == "array" || kind == "null") => only.take(),
        _ => values.into(),
    }
}

/// An object of texts, or of lists of texts for repeated keys.
fn object(pairs: Vec<(String, String)>) -> Value {
    let mut members = Map::new();
    for (key, text) in pairs {
        match members.remove(&key) {
            None => members.insert(key, text.into()),
            Some(Value::Array(mut list)) => {
                list.push(text.into());
                members.insert(key, list.into())
            }
            Some(first) => members.insert(key, vec![first, text.into()].into()),
        };
    }
    members.into()
}

/// A text as the scalar of the schema, or unchanged.
fn scalar(document: &Document, schema: &Value, text: &str) -> Value {
    let parsed: Option<Value> = serde_json::from_str(text).ok();
    let kinds = kinds(document, schema);
    let has = |kind: &str| kinds.iter().any(|known| known == kind);
    match parsed {
        Some(Value::Bool(truth)) if has("boolean") => truth.into(),
        Some(Value::Number(number)) if has("integer") || has("number") => number.into(),
        _ => text.into(),
    }
}

/// The JSON types that a schema allows, and those of its elements.
fn kinds(document: &Document, schema: &Value) -> Vec<String> {
    let schema = document.resolve(schema);
    let mut found: Vec<String> = schema["type"].as_str().map(str::to_owned).into_iter().collect();
    let parts = ["anyOf", "oneOf"].iter().filter_map(|keyword| schema.get(keyword)?.as_array()).flatten();
    found.extend(parts.flat_map(|part| kinds(document, part)));
    found
}
