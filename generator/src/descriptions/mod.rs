//! Descriptions of the API in words of our own: read from files of their own, and put into the API's docs.
//!
//! A file is an object with these sections, each of which may be left out:
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

use crate::document::pointer;
use crate::ir::TypeDef;

/// Pointer of the component schemas, which keys of types leave out.
const COMPONENTS: &str = "#/components/schemas/";

/// The key of a type in a file of descriptions.
#[must_use]
pub fn key(def: &TypeDef) -> &str {
    if def.pointer == pointer::ROOT {
        return def.context.first().map_or("", String::as_str);
    }
    let pointer = def.pointer.strip_prefix(COMPONENTS).or_else(|| def.pointer.strip_prefix("#/"));
    def.component.as_deref().or(pointer).unwrap_or(&def.pointer)
}
