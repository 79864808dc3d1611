//! What a document contains, and what the generator made of it.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::diagnostics::{Diagnostics, Severity};
use crate::document::TypedDocument;
use crate::ir::{Api, Decision, Field, Operation, Origin, Shape, Struct, Type, TypeDef, Union};
use crate::pointer::child;

/// What a document contains, and what the generator made of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Coverage {
    /// `info.version` of the document.
    pub version: String,
    /// Operations, each a request type and a method.
    pub operations: usize,
    /// Webhooks, each a variant of the event union.
    pub webhooks: usize,
    /// Component schemas of the document: supported, aliases, merged, unreferenced and unaccounted together.
    pub schemas: usize,
    /// Component schemas with a definition of their own.
    pub supported: usize,
    /// Definitions in the crate that are structs, from component schemas and inline ones.
    pub structs: usize,
    /// Definitions in the crate that are enumerations.
    pub enums: usize,
    /// Definitions in the crate that are unions.
    pub unions: usize,
    /// Definitions of schemas without a name in the document.
    pub inline: usize,
    /// How the variants of unions are distinguished, and in how many unions.
    pub decisions: Decisions,
    /// Component schemas that are another name for a type.
    pub aliases: Vec<Alias>,
    /// Component schemas that are used only as a part of others by `allOf`, which have their properties.
    pub merged: Vec<String>,
    /// Component schemas that no operation or webhook refers to, and that are left out.
    pub unreferenced: Vec<String>,
    /// Component schemas that the generator lost. Any entry is a fault of the generator.
    pub unaccounted: Vec<String>,
    /// Places where the document allows any JSON, so that the crate uses `serde_json::Value`.
    pub untyped: Vec<Untyped>,
    /// Unsupported constructs that the overlay accepts, and other decisions for a review.
    pub notes: Vec<Note>,
}

/// Unions by the way in which their variants are distinguished.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Decisions {
    /// By the value of a property.
    pub tag: usize,
    /// By the value of a property of a property.
    pub nested_tag: usize,
    /// By the type of the JSON value alone.
    pub kind: usize,
    /// By the properties that are present.
    pub properties: usize,
}

/// A component schema that is another name for a type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Alias {
    /// Name of the component schema.
    pub schema: String,
    /// The type, in words.
    pub stands_for: String,
}

/// A place that allows any JSON.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Untyped {
    /// JSON pointer into the document.
    pub pointer: String,
    /// The place in the crate: a field, a parameter, a body or a response.
    pub place: String,
}

/// A note or a warning.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Note {
    /// JSON pointer into the document.
    pub pointer: String,
    /// The decision.
    pub message: String,
}

/// Counts what the document contains and how the API models it.
#[must_use]
pub fn coverage(document: &TypedDocument, api: &Api, diagnostics: &Diagnostics) -> Coverage {
    let components: Vec<&String> =
        document.openapi.components.iter().flat_map(|components| components.schemas.keys()).collect();
    let (used, merged): (Vec<&TypeDef>, Vec<&TypeDef>) = api.types.iter().partition(|def| def.is_used());
    let count = |wanted: fn(&TypeDef) -> bool| used.iter().filter(|def| wanted(def)).count();
    let mut seen: BTreeSet<&str> = used.iter().filter_map(|def| def.component()).collect();
    let supported = seen.len();
    let merged: Vec<&str> = merged.into_iter().filter_map(|def| def.component()).collect();
    seen.extend(&merged);
    seen.extend(api.aliases.iter().map(|alias| alias.component.as_str()));
    seen.extend(api.unreferenced.iter().map(String::as_str));
    Coverage {
        version: api.version.clone(),
        operations: api.operations.len(),
        webhooks: api.webhooks.len(),
        schemas: components.len(),
        supported,
        structs: count(|def| matches!(def.shape, Shape::Struct(_))),
        enums: count(|def| matches!(def.shape, Shape::Enum(_))),
        unions: count(|def| matches!(def.shape, Shape::Union(_))),
        inline: count(|def| matches!(def.origin, Origin::Inline(_))),
        decisions: decisions(api),
        aliases: api.aliases.iter().map(|alias| self::alias(api, alias)).collect(),
        merged: merged.into_iter().map(str::to_owned).collect(),
        unreferenced: api.unreferenced.clone(),
        unaccounted: components.into_iter().filter(|name| !seen.contains(name.as_str())).cloned().collect(),
        untyped: untyped(api),
        notes: notes(diagnostics),
    }
}

fn decisions(api: &Api) -> Decisions {
    let mut counts = Decisions::default();
    for def in api.types.iter().filter(|def| def.is_used()) {
        let Shape::Union(Union { decision, .. }) = &def.shape else {
            continue;
        };
        match decision {
            Decision::Tag(tag) if tag.path.len() > 1 => {
                counts.nested_tag += 1;
            }
            Decision::Tag(_) | Decision::ByKind { .. } | Decision::Variant(_) => counts.tag += 1,
            Decision::Structure(signatures)
                if signatures.iter().all(|s| s.required.is_empty() && s.values.is_empty()) =>
            {
                counts.kind += 1;
            }
            Decision::Structure(_) => counts.properties += 1,
        }
    }
    counts
}

fn alias(api: &Api, alias: &crate::ir::Alias) -> Alias {
    let name = |def: &TypeDef| def.name.clone();
    Alias { schema: alias.component.clone(), stands_for: api.type_words(&alias.ty, &name) }
}

fn notes(diagnostics: &Diagnostics) -> Vec<Note> {
    let notes = diagnostics.iter().filter(|diagnostic| diagnostic.severity != Severity::Error);
    notes.map(|note| Note { pointer: note.pointer.clone(), message: note.message.clone() }).collect()
}

fn untyped(api: &Api) -> Vec<Untyped> {
    let mut found = Vec::new();
    for def in api.types.iter().filter(|def| def.is_used()) {
        if let Shape::Struct(object) = &def.shape {
            properties(def, object, &mut found);
        }
    }
    for operation in &api.operations {
        parts(operation, &mut found);
    }
    found.sort();
    found.dedup();
    found
}

fn properties(def: &TypeDef, object: &Struct, found: &mut Vec<Untyped>) {
    let any = |field: &&Field| field.constant.is_none() && is_any(&field.ty);
    found.extend(object.fields.iter().filter(any).map(|field| Untyped {
        pointer: child(&child(def.pointer(), "properties"), &field.wire),
        place: format!("{}.{}", def.name, field.name),
    }));
    if object.additional.as_ref().is_some_and(is_any) {
        let pointer = child(def.pointer(), "additionalProperties");
        found.push(Untyped { pointer, place: format!("{}.additional_properties", def.name) });
    }
}

fn parts(operation: &Operation, found: &mut Vec<Untyped>) {
    let mut push = |pointer: String, what: &str| {
        found.push(Untyped { pointer, place: format!("{what} of {}", operation.id) });
    };
    let parameters = operation.path_parameters.iter().chain(&operation.query).chain(&operation.headers);
    for parameter in parameters.filter(|parameter| is_any(&parameter.ty)) {
        push(parameter.pointer.clone(), &format!("parameter {}", parameter.wire));
    }
    if operation.body.as_ref().is_some_and(|body| is_any(&body.ty)) {
        push(child(&operation.pointer, "requestBody"), "body");
    }
    for success in operation.successes.iter().filter(|success| success.body.json().is_some_and(is_any)) {
        push(child(&child(&operation.pointer, "responses"), &success.status.to_string()), "answer");
    }
}

/// Returns whether a part of a type is any JSON, outside of definitions.
fn is_any(ty: &Type) -> bool {
    match ty {
        Type::Any => true,
        Type::List(inner) | Type::OneOrMany(inner) | Type::Nullable(inner) => is_any(inner),
        Type::Map(_, value) => is_any(value),
        Type::Tuple(items) => items.iter().any(is_any),
        _ => false,
    }
}
