//! Descriptions of the API in our own words: read from files, and added to the API's docs.
//!
//! A file is an object with these optional sections:
//!
//! ```yaml
//! operations:
//!   products:list: {summary: ..., description: ..., parameters: {page: ...}, example: ..., examples: {limit: 100}}
//! types:                # by name of the component schema; an inline schema by its pointer below components/schemas
//!   Product: {description: ..., properties: {name: ...}, values: {archived: ...}, examples: {name: Pro}}
//! webhooks:
//!   order.paid: {description: ...}
//! resources:            # groups of operations, by the first parts of their ids with `_` for `-`
//!   products: {description: ...}
//! properties: {id: ...} # valid for each type that has no text of its own for the property
//! parameters: {page: ...}
//! examples: {email: jane@example.com}
//! ```
//!
//! `examples` has values that stand in the examples of operations. Those of a type or operation are shown also if they are
//! optional; the others only give the value for a name wherever it is needed. For a union the value can be the name of
//! the variant to show. `aliases` are words, separated by `, `, under which the search of the documentation finds an
//! operation too. `example` is a whole program part in place of the one that the generator makes.

mod apply;
mod read;
mod report;

pub use apply::{Used, apply, stale};
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
