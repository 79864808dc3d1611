//! The API as plain data: the meaning of the document, before and after it is named.
//!
//! Imports nothing from this crate except the terms of HTTP and JSON pointers. Identifiers are empty until the naming
//! pass sets them.

mod api;
mod arguments;
mod operations;
mod responses;
mod types;
mod unions;

pub use api::{
    Alias, Api, Feature, ListInfo, Page, PageSource, Resource, RetryableError, Server, Session, WebhookEvent,
};
pub use arguments::{Argument, Conversion, TextForm};
pub use operations::{Body, Documented, Encoding, Idempotency, Operation, Pagination, Parameter, Security};
pub use responses::{Output, ResponseBody, Status, Success};
pub use types::{
    Const, DefaultImpl, Direction, Docs, Enum, EnumValue, FeatureSet, Field, Module, Origin, ParentCase, ParentTag,
    Presence, Preset, Shape, Struct, Type, TypeDef, TypeId, Usage, Wrapper,
};
pub use unions::{Case, Decision, JsonKind, Reading, SharedField, Signature, Tag, Union, Unlisted, Variant};
