//! Preserved keywords: normalization stores what the typed document has no field for under these keys, and later layers
//! read them.
//!
//! They are in the extensions of a schema. A schema of the input with such a key is rejected, so that it always has the
//! meaning described here.

use indexmap::IndexMap;
use openapiv3::{ReferenceOr, Schema};
use serde_json::Value;

/// `true`: the schema allows only null.
pub const NULL_ONLY: &str = "x-null-only";
/// The only value that the schema allows. A scalar is also the only value of `enum`, which alone never means
/// "constant".
pub const CONST: &str = "x-const";
/// The schemas of a tuple's elements, in order.
pub const PREFIX_ITEMS: &str = "x-prefix-items";
/// The schema of a map's keys.
pub const PROPERTY_NAMES: &str = "x-property-names";
/// How a text encodes bytes, such as `base64`.
pub const CONTENT_ENCODING: &str = "x-content-encoding";
/// The media type of the content of a text.
pub const CONTENT_MEDIA_TYPE: &str = "x-content-media-type";
/// The pointer of the schema in the original document, if it has moved.
pub const POINTER: &str = "x-pointer";

/// All keys that a schema of the input can't have.
pub(super) const RESERVED: &[&str] =
    &[NULL_ONLY, CONST, PREFIX_ITEMS, PROPERTY_NAMES, CONTENT_ENCODING, CONTENT_MEDIA_TYPE, POINTER];

/// The extensions of an `openapiv3` object.
pub type Extensions = IndexMap<String, Value>;

/// Returns whether the schema allows only null.
#[must_use]
pub fn is_null_only(extensions: &Extensions) -> bool {
    is_true(extensions, NULL_ONLY)
}

/// Returns the constant of the schema.
#[must_use]
pub fn constant(extensions: &Extensions) -> Option<&Value> {
    extensions.get(CONST)
}

/// Returns the schemas of the tuple's elements. A schema that can't be parsed is left out; normalization lets none
/// through.
#[must_use]
pub fn prefix_items(extensions: &Extensions) -> Option<Vec<ReferenceOr<Schema>>> {
    let items = extensions.get(PREFIX_ITEMS)?.as_array()?;
    Some(items.iter().filter_map(typed).collect())
}

/// Returns the schema of the map's keys.
#[must_use]
pub fn property_names(extensions: &Extensions) -> Option<ReferenceOr<Schema>> {
    extensions.get(PROPERTY_NAMES).and_then(typed)
}

/// Returns how the text encodes bytes.
#[must_use]
pub fn content_encoding(extensions: &Extensions) -> Option<&str> {
    text(extensions, CONTENT_ENCODING)
}

/// Returns the media type of the content of the text.
#[must_use]
pub fn content_media_type(extensions: &Extensions) -> Option<&str> {
    text(extensions, CONTENT_MEDIA_TYPE)
}

/// Returns the pointer of the schema in the original document, if it has moved.
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
