//! The API as a whole.

use std::collections::BTreeMap;

use super::operations::{Operation, Parameter};
use super::types::{Docs, Type, TypeDef, TypeId};

/// The API as a whole.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Api {
    /// `info.title`.
    pub title: String,
    /// `info.version`.
    pub version: String,
    /// Whether requests ask for this version by a header.
    pub is_version_sent: bool,
    /// The servers.
    pub servers: Vec<Server>,
    /// Errors after which any request can be sent again.
    pub retryable_errors: Vec<RetryableError>,
    /// All definitions that are referred to.
    pub types: Vec<TypeDef>,
    /// All operations, in the order of the document.
    pub operations: Vec<Operation>,
    /// The tree of resources that contains the operations; the first levels have no parent.
    pub resources: Vec<Resource>,
    /// Payloads that the server sends.
    pub webhooks: Vec<WebhookEvent>,
    /// The union of all webhook payloads.
    pub webhook_union: Option<TypeId>,
    /// The enumeration of scopes.
    pub scopes: Option<TypeId>,
    /// The union of all error bodies.
    pub errors: Option<TypeId>,
    /// Component schemas that are another name for a type.
    pub aliases: Vec<Alias>,
    /// Component schemas that nothing refers to.
    pub unreferenced: Vec<String>,
    /// Responses that are pages of a list.
    pub pages: Vec<Page>,
    /// Query parameters of all paged operations, with their common docs.
    pub pagination_parameters: Vec<Parameter>,
    /// Responses whose token opens a resource.
    pub sessions: Vec<Session>,
    /// Feature names, sorted.
    pub features: Vec<String>,
    /// The feature with the payloads of webhooks, if there are any. The runtime verifies them under the same feature
    /// name.
    pub webhooks_feature: Option<String>,
    /// The feature with the operations of OAuth, if there are any. The runtime signs users in under the same feature
    /// name.
    pub oauth2_feature: Option<String>,
}

impl Api {
    /// Returns a definition.
    #[must_use]
    pub fn get(&self, id: TypeId) -> &TypeDef {
        &self.types[id.0]
    }

    /// Returns the features and the content of each.
    #[must_use]
    pub fn feature_list(&self) -> Vec<Feature> {
        let always = self.types.iter().filter(|def| def.feature_set.always).count();
        let operations = count(self.operations.iter().map(|operation| &self.resources[operation.resource].feature));
        let types =
            count(self.types.iter().filter(|def| !def.feature_set.always).flat_map(|def| &def.feature_set.features));
        let feature = |name: &String| Feature {
            name: name.clone(),
            operations: operations.get(name.as_str()).copied().unwrap_or_default(),
            types: always + types.get(name.as_str()).copied().unwrap_or_default(),
        };
        self.features.iter().map(feature).collect()
    }

    /// Describes a type; `name` returns the name of a definition in the description.
    #[must_use]
    pub fn type_words(&self, ty: &Type, name: &dyn Fn(&TypeDef) -> String) -> String {
        match ty {
            Type::Any => "any JSON".to_owned(),
            Type::String => "string".to_owned(),
            Type::Secret => "secret".to_owned(),
            Type::Uuid => "UUID".to_owned(),
            Type::DateTime => "date and time".to_owned(),
            Type::Date => "date".to_owned(),
            Type::Integer => "integer".to_owned(),
            Type::Number | Type::IntegerOrNumber => "number".to_owned(),
            Type::Boolean => "boolean".to_owned(),
            Type::List(inner) => format!("list: {}", self.type_words(inner, name)),
            Type::Tuple(items) => {
                let items: Vec<_> = items.iter().map(|item| self.type_words(item, name)).collect();
                format!("list of {}: {}", items.len(), items.join(", "))
            }
            Type::Map(_, value) => format!("map: {}", self.type_words(value, name)),
            Type::OneOrMany(inner) => format!("one or several: {}", self.type_words(inner, name)),
            Type::Nullable(inner) => format!("{} or null", self.type_words(inner, name)),
            Type::Named(id) => name(self.get(*id)),
        }
    }
}

fn count<'a>(names: impl Iterator<Item = &'a String>) -> BTreeMap<&'a str, usize> {
    let mut counts = BTreeMap::new();
    names.for_each(|name| *counts.entry(name.as_str()).or_default() += 1);
    counts
}

/// A Cargo feature of the generated crate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feature {
    /// Name of the feature.
    pub name: String,
    /// Number of operations.
    pub operations: usize,
    /// Number of types that are compiled with it alone.
    pub types: usize,
}

/// A response that is a page of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    /// The page: an object with the properties `items` and `pagination`, or a union of such objects.
    pub ty: TypeId,
    /// The type of the items.
    pub item: Type,
    /// Where the page has facts about the whole list.
    pub source: PageSource,
    /// Whether it has only `items` and `pagination`, so that the type of the runtime is enough.
    pub is_plain: bool,
}

/// A response with the properties `token` and `expires_at`: until then, the token opens a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Session {
    /// The response.
    pub ty: TypeId,
    /// Position in [`Api::resources`].
    pub resource: usize,
}

/// Where a page has facts about the whole list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageSource {
    /// In the property `pagination`, which has this type.
    Object(TypeId, ListInfo),
    /// In the variant of the union.
    Union,
}

/// The content of `pagination`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListInfo {
    /// `total_count` and `max_page`.
    Counted,
    /// `has_next_page`.
    HasNext,
}

/// A component schema that is another name for a type.
#[derive(Clone, Debug, PartialEq)]
pub struct Alias {
    /// Name of the component schema.
    pub component: String,
    /// The type.
    pub ty: Type,
}

/// A server of the API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// `production`, `sandbox` or what else the document calls it.
    pub environment: String,
    /// Base URL.
    pub url: String,
}

/// An error that the server returns before it does anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetryableError {
    /// HTTP status.
    pub status: u16,
    /// The code in the body.
    pub code: String,
}

/// A resource: a group of operations such as `customers` or, below it, `members`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resource {
    /// Path of segments as in `operationId`, without repetition.
    pub path: Vec<String>,
    /// Position of the parent.
    pub parent: Option<usize>,
    /// Identifier of the accessor.
    pub accessor: String,
    /// Identifier of the handle type.
    pub name: String,
    /// Module below `resources`; that of the topmost ancestor.
    pub module: String,
    /// Cargo feature.
    pub feature: String,
}

/// A webhook.
#[derive(Clone, Debug, PartialEq)]
pub struct WebhookEvent {
    /// Type of the event, as sent.
    pub event: String,
    /// Where the document defines it.
    pub pointer: String,
    /// Doc comment.
    pub docs: Docs,
    /// Payload.
    pub payload: TypeId,
    /// Identifier of the variant.
    pub name: String,
}
