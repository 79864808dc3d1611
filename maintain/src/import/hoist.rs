//! Moves inline enumerations and objects with a title to components.
//!
//! The title is the name of the type in the server's code. Without it the generator would name the type after each
//! place that has it.

use std::collections::{BTreeMap, BTreeSet};

use polar_codegen::pointer;
use serde_json::{Map, Value};

use super::Summary;
use super::names::in_our_form;
use super::objects::{Content, METHODS, Object, children, references, visit_mut};

/// Longer titles are prose.
const MAX_TITLE: usize = 40;

/// Keywords that belong to the place and not to the type.
const OF_PLACE: &[&str] = &["default", "deprecated", "readOnly", "writeOnly", "nullable"];

/// Moves each such schema to `components`, and leaves a reference. Of schemas with the same title, the first one and
/// those equal to it are moved; the others stay. A component with this name in the document takes precedence.
pub(super) fn run(document: &mut Map<String, Value>, summary: &mut Summary) {
    let existing: BTreeMap<String, (String, Option<Value>)> = components(document)
        .into_iter()
        .map(|(name, schema)| (in_our_form(&name), (name, schema.as_object().map(body).map(Value::Object))))
        .collect();
    let mut bodies: BTreeMap<String, Value> = BTreeMap::new();
    let mut places: BTreeMap<String, String> = BTreeMap::new();
    for (name, body, at) in candidates(document) {
        match existing.get(&name) {
            Some((name, known)) if known.as_ref() == Some(&body) => {
                places.insert(at, name.clone());
            }
            Some(_) => {}
            None if bodies.entry(name.clone()).or_insert_with(|| body.clone()) == &body => {
                places.insert(at, name);
            }
            None => {}
        }
    }
    visit_mut(document, &mut |_, members, at| {
        if let Some(name) = places.get(at) {
            let reference = ("$ref".to_owned(), Value::String(pointer::child("#/components/schemas", name)));
            let of_place = std::mem::take(members).into_iter().filter(|(key, _)| OF_PLACE.contains(&key.as_str()));
            *members = [reference].into_iter().chain(of_place).collect();
        }
    });
    if bodies.is_empty() {
        return;
    }
    summary.hoisted.extend(bodies.keys().cloned());
    let components = document.entry("components").or_insert_with(|| Value::Object(Map::new()));
    let Some(components) = components.as_object_mut() else { return };
    let schemas = components.entry("schemas").or_insert_with(|| Value::Object(Map::new()));
    if let Some(schemas) = schemas.as_object_mut() {
        schemas.extend(bodies);
    }
}

fn components(document: &Map<String, Value>) -> Map<String, Value> {
    let schemas = document.get("components").and_then(|components| components.get("schemas"));
    schemas.and_then(Value::as_object).cloned().unwrap_or_default()
}

/// Inline schemas with a usable title: name, type and place, in the order in which sorted operations reach them.
fn candidates(document: &Map<String, Value>) -> Vec<(String, Value, String)> {
    let whole = Value::Object(document.clone());
    let mut search = Search { whole: &whole, seen: BTreeSet::new(), found: Vec::new() };
    for section in ["paths", "webhooks"] {
        let base = pointer::child(pointer::ROOT, section);
        let Some(Value::Object(items)) = document.get(section) else { continue };
        let mut sorted: Vec<_> = items.iter().filter_map(|(path, item)| Some((path, item.as_object()?))).collect();
        sorted.sort_by_key(|(path, _)| *path);
        for (path, item) in sorted {
            let at = pointer::child(&base, path);
            let operations = METHODS.iter().filter_map(|method| Some((method, item.get(*method)?.as_object()?)));
            for (method, operation) in operations {
                search.enter(Object::Operation, operation, &pointer::child(&at, method));
            }
            search.enter(Object::PathItem, item, &at);
        }
    }
    search.found
}

struct Search<'a> {
    whole: &'a Value,
    /// Components and places that were visited.
    seen: BTreeSet<String>,
    found: Vec<(String, Value, String)>,
}

impl<'a> Search<'a> {
    /// Visits an object and everything it refers to, in the order of the document.
    fn enter(&mut self, kind: Object, members: &'a Map<String, Value>, at: &str) {
        let mut open = vec![(kind, members, at.to_owned())];
        while let Some((kind, members, at)) = open.pop() {
            if !self.seen.insert(at.clone()) {
                continue;
            }
            let is_component = at.strip_prefix("#/components/schemas/").is_some_and(|rest| !rest.contains('/'));
            if let Some((name, body)) = candidate(members).filter(|_| kind == Object::Schema && !is_component) {
                self.found.push((name, body, at.clone()));
            }
            let next = open.len();
            for reference in references(kind, members) {
                let kind = if reference.starts_with("#/components/schemas/") { Object::Schema } else { kind };
                if let Some(members) = pointer::resolve(self.whole, &reference).and_then(Value::as_object) {
                    open.push((kind, members, reference));
                }
            }
            open.extend(children(kind, members, &at));
            // The last one is visited next.
            open[next..].reverse();
        }
    }
}

/// Name and type of a schema that is moved.
fn candidate(members: &Map<String, Value>) -> Option<(String, Value)> {
    let title = members.get("title")?.as_str()?;
    let is_type = |name: &str| members.get("type").and_then(Value::as_str) == Some(name);
    let is_enumeration = is_type("string") && members.get("enum").is_some_and(Value::is_array);
    let is_open = members.contains_key("additionalProperties") || members.contains_key("patternProperties");
    let is_object = is_type("object") && !is_open;
    let is_name = title.len() <= MAX_TITLE && title.chars().all(|c| c.is_alphanumeric() || " _-".contains(c));
    if !is_name || !(is_enumeration || is_object) {
        return None;
    }
    let mut body = body(members);
    if is_object {
        body.entry("properties").or_insert_with(|| Value::Object(Map::new()));
    }
    let name = in_our_form(title);
    name.starts_with(char::is_alphabetic).then_some((name, Value::Object(body)))
}

/// Returns the keywords of the type: without prose, and without those that belong to the place.
fn body(members: &Map<String, Value>) -> Map<String, Value> {
    let is_of_type = |key: &str| !OF_PLACE.contains(&key) && !matches!(Object::Schema.member(key), Content::Dropped(_));
    members.iter().filter(|(key, _)| is_of_type(key)).map(|(key, value)| (key.clone(), value.clone())).collect()
}
