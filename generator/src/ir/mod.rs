//! The API as plain data: the meaning of the document, before and after it is named.
//!
//! Imports nothing from this crate except the terms of HTTP and JSON pointers. Identifiers are empty until the naming
//! pass sets them.

mod api;
mod arguments;
mod examples;
mod operations;
mod responses;
mod types;
mod unions;
mod versions;

pub use api::{
    Alias, Api, EventContent, Feature, ListInfo, Page, PageSource, Resource, RetryableError, Server, Session,
    WebhookEvent,
};
pub use arguments::{Argument, Conversion, TextForm};
pub use examples::{Example, ExampleCall, ExampleField, ExampleResult, ExampleValue, ExampleVariable};
pub use operations::{Body, Documented, Encoding, Idempotency, Operation, Pagination, Parameter, Security};
pub use responses::{Output, ResponseBody, Status, Success};
pub use types::{
    Const, DefaultImpl, Direction, Docs, Enum, EnumValue, ExampleText, FeatureSet, Field, Module, Origin, ParentCase,
    ParentTag, Presence, Preset, Shape, Struct, Type, TypeDef, TypeId, Usage, Wrapper,
};
pub use unions::{
    Accessor, Case, Decision, JsonKind, Reading, Returned, Signature, Source, Subject, Tag, Union, Unlisted, Variant,
};
pub use versions::{OtherVersion, OwnItems, Place, Shared, Versions};
