//! Descriptions of the API in our own words: read from files, and added to the API's docs.
//!
//! A file is an object with these optional sections:
//!
//! ```yaml
//! operations:
//!   products:list: {summary: ..., description: ..., parameters: {page: ...}}
//! types:                # by name of the component schema; an inline schema by its pointer below components/schemas
//!   Product: {description: ..., properties: {name: ...}, values: {archived: ...}}
//! webhooks:
//!   order.paid: {description: ...}
//! properties: {id: ...} # valid for each type that has no text of its own for the property
//! parameters: {page: ...}
//! ```

mod apply;
mod read;
mod report;

pub use apply::apply;
pub use read::{Descriptions, Text, read};
pub use report::{Entry, Report, Subject, report};

use crate::ir::{Origin, TypeDef};
use crate::pointer;

/// The key of a type in a file of descriptions.
#[must_use]
pub fn key(def: &TypeDef) -> &str {
    match &def.origin {
        Origin::Component { name, .. } | Origin::Synthesized(name) => name,
        Origin::Inline(pointer) => pointer::below_schemas(pointer),
    }
}
