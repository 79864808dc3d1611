//! Preserved keywords: keys under which normalization keeps what the typed document has no field for, and how to read
//! them back.
//!
//! They are in the extensions of a schema. A schema of the input that has such a key is refused, so that it always means
//! what this module says.

use indexmap::IndexMap;
use openapiv3::{ReferenceOr, Schema};
use serde_json::Value;

/// `true`: the schema admits nothing but null.
pub const NULL_ONLY: &str = "x-null-only";
/// The one value that the schema admits. A scalar is also the only value of `enum`, which alone never means "constant".
pub const CONST: &str = "x-const";
/// The schemas of a tuple's elements, in order.
pub const PREFIX_ITEMS: &str = "x-prefix-items";
/// The schema of a map's keys.
pub const PROPERTY_NAMES: &str = "x-property-names";
/// How a text encodes bytes, such as `base64`.
pub const CONTENT_ENCODING: &str = "x-content-encoding";
/// The media type of what a text holds.
pub const CONTENT_MEDIA_TYPE: &str = "x-content-media-type";
/// The pointer of the schema in the document as it was read, if it is at another place now.
pub const POINTER: &str = "x-pointer";

/// All keys that a schema of the input can't have.
pub(super) const RESERVED: &[&str] =
    &[NULL_ONLY, CONST, PREFIX_ITEMS, PROPERTY_NAMES, CONTENT_ENCODING, CONTENT_MEDIA_TYPE, POINTER];

/// The extensions of an `openapiv3` object.
pub type Extensions = IndexMap<String, Value>;

/// Whether the schema admits nothing but null.
#[must_use]
pub fn is_null_only(extensions: &Extensions) -> bool {
    is_true(extensions, NULL_ONLY)
}

/// The constant that the schema is.
#[must_use]
pub fn constant(extensions: &Extensions) -> Option<&Value> {
    extensions.get(CONST)
}

/// The schemas of the tuple's elements. A schema that does not parse is left out; normalization lets none through.
#[must_use]
pub fn prefix_items(extensions: &Extensions) -> Option<Vec<ReferenceOr<Schema>>> {
    let items = extensions.get(PREFIX_ITEMS)?.as_array()?;
    Some(items.iter().filter_map(typed).collect())
}

/// The schema of the map's keys.
#[must_use]
pub fn property_names(extensions: &Extensions) -> Option<ReferenceOr<Schema>> {
    extensions.get(PROPERTY_NAMES).and_then(typed)
}

/// How the text encodes bytes.
#[must_use]
pub fn content_encoding(extensions: &Extensions) -> Option<&str> {
    text(extensions, CONTENT_ENCODING)
}

/// The media type of what the text holds.
#[must_use]
pub fn content_media_type(extensions: &Extensions) -> Option<&str> {
    text(extensions, CONTENT_MEDIA_TYPE)
}

/// The pointer of the schema in the document as it was read, if it is at another place now.
#[must_use]
pub fn pointer(extensions: &Extensions) -> Option<&str> {
    text(extensions, POINTER)
}

fn is_true(extensions: &Extensions, name: &str) -> bool {
    extensions.get(name) == Some(&Value::Bool(true))
}

fn text<'a>(extensions: &'a Extensions, name: &str) -> Option<&'a str> {
    extensions.get(name).and_then(Value::as_str)
}

fn typed(schema: &Value) -> Option<ReferenceOr<Schema>> {
    serde_json::from_value(schema.clone()).ok()
}
