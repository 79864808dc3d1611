//! Names under which normalization keeps what the typed document has no field for, and how to read them back.
//!
//! Everything here stands in the extensions of an `openapiv3` object. The names are reserved: a document that
//! brings one of them along is refused, so that such a key always means what this module says.

use indexmap::IndexMap;
use openapiv3::{ReferenceOr, Schema};
use serde_json::Value;

/// `true`: the schema admits nothing but null.
pub const NULL_ONLY: &str = "x-null-only";
/// The one value that the schema admits. Scalars also stand in `enum`, which alone never means "constant".
pub const CONST: &str = "x-const";
/// The schemas of a tuple's elements, in order.
pub const PREFIX_ITEMS: &str = "x-prefix-items";
/// The schema of a map's keys.
pub const PROPERTY_NAMES: &str = "x-property-names";
/// The list `examples` of a schema.
pub const EXAMPLES: &str = "x-examples";
/// `true`: the schema's default is null.
pub const DEFAULT_NULL: &str = "x-default-null";
/// How a text encodes bytes, such as `base64`.
pub const CONTENT_ENCODING: &str = "x-content-encoding";
/// The media type of what a text holds.
pub const CONTENT_MEDIA_TYPE: &str = "x-content-media-type";
/// Words for the values of an enum.
pub const ENUM_NAMES: &str = "x-enum-names";
/// How the schema would look in XML.
pub const XML: &str = "x-xml";
/// Where the schema stands in the document as it was read, when that is not where it stands now.
pub const POINTER: &str = "x-pointer";
/// `summary` of the document's `info`.
pub const SUMMARY: &str = "x-summary";
/// `identifier` of the document's licence.
pub const IDENTIFIER: &str = "x-identifier";
/// `jsonSchemaDialect` of the document.
pub const DIALECT: &str = "x-json-schema-dialect";

/// All names that a schema of the input must not bring along.
pub(super) const RESERVED: &[&str] = &[
    NULL_ONLY,
    CONST,
    PREFIX_ITEMS,
    PROPERTY_NAMES,
    EXAMPLES,
    DEFAULT_NULL,
    CONTENT_ENCODING,
    CONTENT_MEDIA_TYPE,
    ENUM_NAMES,
    XML,
    POINTER,
];

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

/// The schema's examples, none where it has none.
#[must_use]
pub fn examples(extensions: &Extensions) -> &[Value] {
    extensions.get(EXAMPLES).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// Whether the schema's default is null.
#[must_use]
pub fn default_is_null(extensions: &Extensions) -> bool {
    is_true(extensions, DEFAULT_NULL)
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

/// Where the schema stood in the document as it was read, when that differs from where it stands now.
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
