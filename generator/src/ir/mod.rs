//! The API as plain data: what the document means, before and after names are given.
//!
//! Imports nothing of ours but the vocabulary of HTTP and JSON pointers. Identifiers are empty until the naming pass fills them.

mod api;
mod arguments;
mod operations;
mod responses;
mod types;
mod unions;

pub use api::{
    Alias, Api, EventContent, Feature, ListInfo, Page, PageSource, Resource, RetryableError, Server, Session,
    WebhookEvent,
};
pub use arguments::{Argument, Conversion, TextForm};
pub use operations::{Body, Documented, Encoding, Idempotency, Operation, Pagination, Parameter, Security};
pub use responses::{Output, ResponseBody, Status, Success};
pub use types::{
    Const, DefaultImpl, Direction, Docs, Enum, EnumValue, FeatureSet, Field, Module, Origin, ParentCase, ParentTag,
    Presence, Preset, Shape, Struct, Type, TypeDef, TypeId, Usage, Wrapper,
};
pub use unions::{
    Accessor, Case, Decision, JsonKind, Reading, Returned, Signature, Source, Subject, Tag, Union, Unlisted, Variant,
};
