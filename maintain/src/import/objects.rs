//! The kinds of objects in an OpenAPI document, and the keywords that an import keeps.

use polar_codegen::pointer;
use serde_json::{Map, Value};

/// A kind of object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Object {
    Document,
    Info,
    Server,
    ServerVariable,
    PathItem,
    Operation,
    Parameter,
    RequestBody,
    MediaType,
    Response,
    Header,
    Link,
    Callback,
    Components,
    Schema,
    Discriminator,
    SecurityScheme,
    Flows,
    Flow,
}

/// The content of a keyword.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    /// A value that is kept unchanged.
    Value,
    One(Object),
    Many(Object),
    Map(Object),
    /// A list of texts, of which some may be removed.
    Tags,
    /// A map from names to texts: the names are kept.
    Described,
    Dropped(Reason),
}

/// Why a keyword is removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// Text for people. `spec/docs` has our own texts.
    Prose,
    /// Sample values, requests and code.
    Sample,
    /// Presentation and settings for generators.
    Presentation,
    /// An extension that the import does not know. A person should check whether it contains facts.
    UnknownExtension,
}

/// Extensions that contain facts about the API.
const KEPT_EXTENSIONS: &[&str] = &["x-polar-environment", "x-polar-pagination"];

/// Extensions that are known to contain no facts beyond the document.
const PRESENTATION: &[&str] = &["x-mint", "x-polar-allowed-subjects", "x-polar-selector-widget"];

impl Object {
    /// Returns the content of the keyword `key`.
    pub(crate) fn member(self, key: &str) -> Content {
        if key.starts_with("x-") {
            return extension(key);
        }
        match (self, key) {
            (_, "externalDocs") | (Self::Document, "tags") => Content::Dropped(Reason::Prose),
            (Self::Info, "title" | "version") => Content::Value,
            (Self::Info, _) => Content::Dropped(Reason::Prose),
            (Self::Schema, "title" | "$comment" | "enumNames") | (_, "description" | "summary") => {
                Content::Dropped(Reason::Prose)
            }
            (
                Self::Schema | Self::Parameter | Self::Header | Self::MediaType | Self::Components,
                "example" | "examples",
            ) => Content::Dropped(Reason::Sample),
            (Self::Document, "info") => Content::One(Self::Info),
            (Self::Document, "servers") => Content::Many(Self::Server),
            (Self::Document, "paths" | "webhooks") => Content::Map(Self::PathItem),
            (Self::Document, "components") => Content::One(Self::Components),
            (Self::Server, "variables") => Content::Map(Self::ServerVariable),
            (Self::Components | Self::Operation, "callbacks") => Content::Map(Self::Callback),
            (Self::Components | Self::Response, "links") => Content::Map(Self::Link),
            (Self::Components, "pathItems") => Content::Map(Self::PathItem),
            (Self::Components, "schemas") => Content::Map(Self::Schema),
            (Self::Components, "responses") => Content::Map(Self::Response),
            (Self::Components, "parameters") => Content::Map(Self::Parameter),
            (Self::Components, "requestBodies") => Content::Map(Self::RequestBody),
            (Self::Components, "headers") => Content::Map(Self::Header),
            (Self::Components, "securitySchemes") => Content::Map(Self::SecurityScheme),
            (Self::PathItem | Self::Operation, "parameters") => Content::Many(Self::Parameter),
            (Self::PathItem, key) if METHODS.contains(&key) => Content::One(Self::Operation),
            (Self::Operation, "tags") => Content::Tags,
            (Self::Operation, "requestBody") => Content::One(Self::RequestBody),
            (Self::Operation, "responses") => Content::Map(Self::Response),
            (Self::Parameter | Self::Header | Self::RequestBody | Self::Response, "content") => {
                Content::Map(Self::MediaType)
            }
            (Self::Response, "headers") => Content::Map(Self::Header),
            (Self::Parameter | Self::Header | Self::MediaType, "schema") => Content::One(Self::Schema),
            (Self::Schema, "properties" | "patternProperties" | "$defs" | "definitions" | "dependentSchemas") => {
                Content::Map(Self::Schema)
            }
            (Self::Schema, "allOf" | "anyOf" | "oneOf" | "prefixItems") => Content::Many(Self::Schema),
            (
                Self::Schema,
                "items"
                | "additionalProperties"
                | "propertyNames"
                | "not"
                | "if"
                | "then"
                | "else"
                | "contains"
                | "unevaluatedProperties"
                | "unevaluatedItems",
            ) => Content::One(Self::Schema),
            (Self::Schema, "discriminator") => Content::One(Self::Discriminator),
            (Self::SecurityScheme, "flows") => Content::One(Self::Flows),
            (Self::Callback, _) => Content::One(Self::PathItem),
            (Self::Flows, _) => Content::One(Self::Flow),
            (Self::Flow, "scopes") => Content::Described,
            _ => Content::Value,
        }
    }

    /// The order in which keywords are written; others follow in the order of the document.
    pub(crate) fn order(self) -> &'static [&'static str] {
        match self {
            Self::Document => {
                &["openapi", "jsonSchemaDialect", "info", "servers", "security", "paths", "webhooks", "components"]
            }
            Self::Info => &["title", "version"],
            Self::PathItem => METHODS,
            Self::Operation => {
                &["tags", "operationId", "deprecated", "security", "parameters", "requestBody", "responses"]
            }
            Self::Parameter => &["name", "in", "required"],
            Self::Components => &["schemas"],
            _ => &[],
        }
    }

    /// The kind's name, with an article.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Document => "the document",
            Self::Info => "`info`",
            Self::Server => "a server",
            Self::ServerVariable => "a server variable",
            Self::PathItem => "a path item",
            Self::Operation => "an operation",
            Self::Parameter => "a parameter",
            Self::RequestBody => "a request body",
            Self::MediaType => "a media type",
            Self::Response => "a response",
            Self::Header => "a header",
            Self::Link => "a link",
            Self::Callback => "a callback",
            Self::Components => "`components`",
            Self::Schema => "a schema",
            Self::Discriminator => "a discriminator",
            Self::SecurityScheme => "a security scheme",
            Self::Flows => "`flows`",
            Self::Flow => "an OAuth flow",
        }
    }
}

/// Keywords of a path item that are operations, in the order of the specification.
pub(crate) const METHODS: &[&str] = &["get", "put", "post", "delete", "options", "head", "patch", "trace"];

fn extension(key: &str) -> Content {
    if KEPT_EXTENSIONS.contains(&key) {
        Content::Value
    } else if key.eq_ignore_ascii_case("x-codeSamples") {
        Content::Dropped(Reason::Sample)
    } else if key.starts_with("x-speakeasy-") || PRESENTATION.contains(&key) {
        Content::Dropped(Reason::Presentation)
    } else {
        Content::Dropped(Reason::UnknownExtension)
    }
}

/// The argument of a visit: the kind of an object, its keywords and its place.
pub(crate) type Visit<'a> = dyn FnMut(Object, &mut Map<String, Value>, &str) + 'a;

/// Calls `visit` for each object of a document with its kind and place, outer ones first. Anything else is skipped.
/// out.
pub(crate) fn visit_mut(document: &mut Map<String, Value>, visit: &mut Visit<'_>) {
    enter_mut(Object::Document, document, pointer::ROOT, visit);
}

fn enter_mut(kind: Object, members: &mut Map<String, Value>, at: &str, visit: &mut Visit<'_>) {
    visit(kind, members, at);
    for (key, value) in members.iter_mut() {
        let here = || pointer::child(at, key);
        match (kind.member(key), value) {
            (Content::One(kind), Value::Object(members)) => enter_mut(kind, members, &here(), visit),
            (Content::Many(kind), Value::Array(elements)) => {
                for (index, element) in elements.iter_mut().enumerate() {
                    if let Value::Object(members) = element {
                        enter_mut(kind, members, &pointer::element(&here(), index), visit);
                    }
                }
            }
            (Content::Map(kind), Value::Object(entries)) => {
                let base = here();
                for (key, entry) in entries.iter_mut() {
                    if let Value::Object(members) = entry {
                        enter_mut(kind, members, &pointer::child(&base, key), visit);
                    }
                }
            }
            _ => {}
        }
    }
}

/// The objects directly in an object, with their kinds and places, in the order of the document.
pub(crate) fn children<'a>(
    kind: Object,
    members: &'a Map<String, Value>,
    at: &str,
) -> Vec<(Object, &'a Map<String, Value>, String)> {
    let mut found = Vec::new();
    for (key, value) in members {
        let here = pointer::child(at, key);
        match (kind.member(key), value) {
            (Content::One(kind), Value::Object(members)) => found.push((kind, members, here)),
            (Content::Many(kind), Value::Array(elements)) => {
                let objects = elements.iter().enumerate();
                let objects = objects.filter_map(|(index, element)| Some((index, element.as_object()?)));
                found.extend(objects.map(|(index, members)| (kind, members, pointer::element(&here, index))));
            }
            (Content::Map(kind), Value::Object(entries)) => {
                let objects = entries.iter().filter_map(|(key, entry)| Some((key, entry.as_object()?)));
                found.extend(objects.map(|(key, members)| (kind, members, pointer::child(&here, key))));
            }
            _ => {}
        }
    }
    found
}

/// The references of an object itself: its `$ref`, and those in the mapping of a discriminator.
pub(crate) fn references(kind: Object, members: &Map<String, Value>) -> Vec<String> {
    let own = members.get("$ref").and_then(Value::as_str).map(str::to_owned);
    let mapping = members.get("mapping").and_then(Value::as_object).filter(|_| kind == Object::Discriminator);
    let targets = mapping.into_iter().flat_map(Map::values).filter_map(Value::as_str);
    own.into_iter().chain(targets.map(full_reference)).collect()
}

/// The mapping of a discriminator may name a schema without its path.
pub(crate) fn full_reference(target: &str) -> String {
    if target.contains(['/', '#']) { target.to_owned() } else { pointer::child("#/components/schemas", target) }
}
