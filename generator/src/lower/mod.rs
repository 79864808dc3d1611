//! Converts the typed document into the API as plain data. What can't be converted is a diagnostic.

mod all_of;
mod decisions;
mod facts;
mod idempotency;
mod operations;
mod pagination;
mod parameters;
mod parent_tags;
mod place;
mod responses;
mod schemas;
mod security;
mod unions;
mod variants;
mod webhooks;

use std::collections::{BTreeSet, HashSet};

use indexmap::{IndexMap, IndexSet};
use openapiv3::{Components, ReferenceOr, SecurityRequirement};

use self::parameters::Placed;
use self::place::Place;
use self::schemas::Schemas;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::document::TypedDocument;
use crate::document::server;
use crate::ir::{
    Api, Const, Decision, Docs, Enum, EnumValue, Operation, Reading, Server, Shape, Type, TypeId, Union, Variant,
    WebhookEvent,
};
use crate::pointer::{self, child};

/// Extension of a server with the name of its environment.
const ENVIRONMENT: [&str; 2] = ["x-polar-environment", "x-speakeasy-server-id"];

/// Name of the component enumeration that lists the scopes.
const SCOPE: &str = "Scope";

/// Name of the union of all webhook payloads.
const WEBHOOK_PAYLOAD: &str = "WebhookPayload";

/// Name of the union of all error bodies.
const API_ERROR: &str = "ApiError";

struct Lowering<'a> {
    components: Option<&'a Components>,
    default_security: Option<&'a [SecurityRequirement]>,
    schemas: Schemas<'a>,
    /// Parameters and forms, until all types are known.
    placed: Vec<Placed>,
}

/// Converts the typed document.
pub fn lower(document: &TypedDocument, diagnostics: &mut Diagnostics) -> Api {
    let openapi = &document.openapi;
    let components = openapi.components.as_ref();
    let mut lowering = Lowering {
        components,
        default_security: openapi.security.as_deref(),
        schemas: Schemas::new(components.map(|c| &c.schemas), &openapi.info.version),
        placed: Vec::new(),
    };
    let mut operations = Vec::new();
    for (path, item) in &openapi.paths.paths {
        let ReferenceOr::Item(item) = item else {
            lowering
                .schemas
                .diagnostics
                .push(Diagnostic::error(child(pointer::PATHS, path), "a path item by reference is not supported"));
            continue;
        };
        for (method, operation) in operations::methods(item) {
            operations.push(lowering.operation(path, item, method, operation));
        }
    }
    let retryable_errors = idempotency::retryable_errors(openapi, &mut lowering.schemas.diagnostics);
    let webhooks = lowering.webhooks(&document.webhooks);
    lowering.schemas.merge_objects();
    let webhooks = lowering.told_events(webhooks);
    let webhook_union = lowering.webhook_union(&webhooks);
    let scopes = lowering.scopes(&operations);
    let errors = lowering.error_union(&operations);
    lowering.schemas.merge_objects();
    let unreferenced = lowering.schemas.unreferenced();
    let Schemas { mut types, aliases, discriminators, told_by_parent, diagnostics: mut found, .. } = lowering.schemas;
    decisions::decide_all(&mut types, &discriminators, &told_by_parent, &mut found);
    parent_tags::resolve(&mut types, &mut found);
    lowering.placed.iter().for_each(|placed| placed.check(&types, &mut found));
    for diagnostic in &found {
        diagnostics.push(diagnostic.clone());
    }
    Api {
        title: openapi.info.title.clone(),
        version: openapi.info.version.clone(),
        is_version_sent: is_calendar_version(&openapi.info.version),
        servers: openapi.servers.iter().map(server_of).collect(),
        retryable_errors,
        types,
        operations,
        resources: Vec::new(),
        webhooks,
        webhook_union,
        scopes,
        errors,
        aliases,
        unreferenced,
        pages: Vec::new(),
        pagination_parameters: Vec::new(),
        sessions: Vec::new(),
        features: Vec::new(),
        webhooks_feature: None,
        oauth2_feature: None,
    }
}

/// Returns whether a header can request the document's version: `YYYY-MM`.
fn is_calendar_version(version: &str) -> bool {
    let digits = |text: &str, count: usize| text.len() == count && text.bytes().all(|b| b.is_ascii_digit());
    version.split_once('-').is_some_and(|(year, month)| digits(year, 4) && digits(month, 2))
}

fn server_of(server: &openapiv3::Server) -> Server {
    let named = ENVIRONMENT.iter().find_map(|name| server.extensions.get(*name)?.as_str());
    let environment = named.map_or_else(
        || server.description.clone().unwrap_or_else(|| "production".to_owned()).to_lowercase(),
        str::to_owned,
    );
    let default = |name: &str| Some(server.variables.as_ref()?.get(name)?.default.as_str());
    // The check of the document has ensured that each variable has a default.
    let url = server::url(&server.url, default).unwrap_or_else(|_| server.url.clone());
    Server { environment, url }
}

impl Lowering<'_> {
    /// Returns the enumeration of scopes: those that the document lists, and others in operations.
    fn scopes(&mut self, operations: &[Operation]) -> Option<TypeId> {
        let asked: BTreeSet<_> = operations.iter().flat_map(|o| &o.security).flat_map(|s| &s.scopes).collect();
        let is_listed = |id: &TypeId, schemas: &Schemas<'_>| matches!(schemas.types[id.0].shape, Shape::Enum(_));
        let listed = self.schemas.named_component(SCOPE).filter(|id| is_listed(id, &self.schemas));
        if asked.is_empty() && listed.is_none() {
            return None;
        }
        let id = listed.unwrap_or_else(|| {
            let docs = Docs { description: Some("What a token may do.".to_owned()), ..Docs::default() };
            self.schemas.synthesize(SCOPE, docs, Shape::Enum(Enum::default()))
        });
        let def = &mut self.schemas.types[id.0];
        def.feature_set.always = true;
        if let Shape::Enum(listed) = &mut def.shape {
            let known: HashSet<String> = listed.values.iter().map(|value| value.wire.clone()).collect();
            let others = asked.into_iter().filter(|scope| !known.contains(*scope));
            let value = |wire: &String| EnumValue { wire: wire.clone(), name: String::new(), description: None };
            listed.values.extend(others.map(value));
        }
        Some(id)
    }

    /// Defines one union of all events.
    fn webhook_union(&mut self, webhooks: &[WebhookEvent]) -> Option<TypeId> {
        if webhooks.is_empty() {
            return None;
        }
        let docs = Docs {
            description: Some("An event that the server sends to a webhook endpoint.".to_owned()),
            ..Docs::default()
        };
        let variants = webhooks
            .iter()
            .map(|webhook| Variant { context: webhook.event.clone(), ..variant(Type::Named(webhook.payload)) });
        let union =
            Union { variants: variants.collect(), decision: Decision::Structure(Vec::new()), shared: Vec::new() };
        Some(self.schemas.synthesize(WEBHOOK_PAYLOAD, docs, Shape::Union(union)))
    }

    /// Defines one union of all error bodies in operations.
    fn error_union(&mut self, operations: &[Operation]) -> Option<TypeId> {
        let mut found = IndexSet::new();
        for ty in operations.iter().flat_map(|o| &o.errors).filter_map(|error| error.ty.as_ref()) {
            self.flatten(ty, &mut found);
        }
        let is_body = |id: &TypeId| matches!(self.schemas.types[id.0].shape, Shape::Struct(_));
        let variants: Vec<_> = found.into_iter().filter(is_body).map(Type::Named).collect();
        if variants.is_empty() {
            return None;
        }
        let docs = Docs {
            description: Some("Body of an error response: any of those that the operations document.".to_owned()),
            ..Docs::default()
        };
        let variants = variants.into_iter().map(variant).collect();
        let union = Union { variants, decision: Decision::Structure(Vec::new()), shared: Vec::new() };
        let id = self.schemas.synthesize(API_ERROR, docs, Shape::Union(union));
        self.schemas.types[id.0].feature_set.always = true;
        Some(id)
    }

    /// Collects a definition, and those of its variants.
    fn flatten(&self, ty: &Type, found: &mut IndexSet<TypeId>) {
        let Type::Named(id) = ty else { return };
        if found.insert(*id)
            && let Shape::Union(union) = &self.schemas.types[id.0].shape
        {
            union.variants.iter().for_each(|variant| self.flatten(&variant.ty, found));
        }
    }
}

fn variant(ty: Type) -> Variant {
    Variant {
        name: String::new(),
        context: String::new(),
        ty,
        constant: None,
        boxed: false,
        reading: Reading::default(),
        conversions: Vec::new(),
        description: None,
    }
}

/// Resolves a reference to a component of a section, also through other references.
fn component<'a, T>(
    components: Option<&'a IndexMap<String, ReferenceOr<T>>>,
    section: &str,
    mut reference: &'a str,
) -> Option<&'a T> {
    let components = components?;
    // The check of the document reports circles.
    for _ in 0..components.len() {
        match components.get(&pointer::component(reference, section)?)? {
            ReferenceOr::Item(component) => return Some(component),
            ReferenceOr::Reference { reference: next } => reference = next,
        }
    }
    None
}

/// The check of the document reports the same in more detail.
fn not_a_component(place: &Place, reference: &str) -> Diagnostic {
    place.error(format!("`{reference}` does not refer to a component")).hint("correct the name, or add the component")
}

/// Returns the text of a constant that names an event or an error.
fn tag_text(constant: &Const) -> Option<&str> {
    match constant {
        Const::String(text) => Some(text),
        _ => None,
    }
}
