//! The API as plain data: what the document means, before and after names are given.
//!
//! Imports nothing of ours. Identifiers are empty until the naming pass fills them.

mod api;
mod operations;
mod responses;
mod types;
mod unions;

pub use api::{
    Alias, Api, Feature, ListInfo, Page, PageShape, Resource, RetryableError, Server, Session, WebhookEvent,
};
pub use operations::{Body, Documented, Idempotency, MediaType, Method, Operation, Pagination, Parameter, Security};
pub use responses::{Output, ResponseBody, Status, Success};
pub use types::{
    Const, Direction, Docs, Enum, EnumValue, FeatureSet, Field, ParentCase, ParentTag, Presence, Preset, Shape, Struct,
    Type, TypeDef, TypeId, Usage,
};
pub use unions::{Case, Decision, JsonKind, SharedField, Signature, Tag, Union, Variant};
