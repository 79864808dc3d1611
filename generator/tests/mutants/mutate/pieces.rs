//! The parts that changes add to documents: schemas, keywords and names.

use serde_json::{Value, json};

use super::{Names, Random, reference};

pub(super) const TYPES: &[&str] = &["string", "integer", "number", "boolean", "object", "array", "null"];

pub(super) const MEDIA_TYPES: &[&str] = &[
    "application/json",
    "Application/JSON; charset=utf-8",
    "application/problem+json",
    "application/x-www-form-urlencoded",
    "multipart/form-data",
    "text/plain",
    "text/csv",
    "*/*",
    "",
];

pub(super) const STATUSES: &[&str] =
    &["200", "201", "204", "2XX", "4XX", "404", "422", "default", "099", "600", "x-200"];

pub(super) const ODD_NAMES: &[&str] = &[
    "",
    " ",
    "_",
    "-",
    "--",
    "$",
    "/",
    "~",
    "a/b",
    "a~b",
    "a b",
    "a_b",
    "aB",
    "A",
    "1",
    "2fa",
    "self",
    "Self",
    "super",
    "crate",
    "type",
    "Type",
    "r#type",
    "fn",
    "async",
    "gen",
    "true",
    "new",
    "New",
    "clone",
    "extra",
    "Extra",
    "Unknown",
    "unknown",
    "Vec",
    "Option",
    "Some",
    "Ok",
    "Err",
    "String",
    "Box",
    "Items",
    "Pages",
    "Page",
    "Request",
    "Response",
    "Polar",
    "Client",
    "Operation",
    "Error",
    "Nullable",
    "Secret",
    "Value",
    "DateTime",
    "Default",
    "default",
    "Codec",
    "codec",
    "response",
    "http",
    "prelude",
    "models",
    "con",
    "aux",
    "nul",
    "COM1",
    "webhooks",
    "oauth2",
    "all",
    "mock",
    "tracing",
    "default",
    "items",
    "pagination",
    "total_count",
    "body",
    "header",
    "pages",
    "limit",
    "page",
    "raw",
    "additional_properties",
    "größe",
    "价格",
    "🎉",
    "x²",
    "ﬁ",
    "\u{0}",
    "\r\n",
    "\"",
    "\\",
    "`",
    "{",
    "}",
    "#",
    "\u{202e}",
    "aVeryLongNameThatGoesOnAndOnAndOnAndOnAndOnAndOnAndOnAndOnAndOnAndOnAndOnAndOnAndOnAndOnAndOnAndOnAndOn",
    "data",
    "fields",
    "value",
    "source",
    "name",
    "tag",
    "read",
    "serialize",
    "as_str",
    "VARIANTS",
    "OPERATION",
    "SCOPES",
    "error",
    "variant",
    "S",
    "T",
    "bool",
    "i64",
    "str",
    "f64",
    "u8",
    "core",
    "std",
    "alloc",
    "serde",
    "uuid",
    "Uuid",
    "Utc",
];

pub(super) fn odd_values() -> Vec<Value> {
    vec![
        Value::Null,
        json!(true),
        json!(0),
        json!(-1),
        json!(1.5),
        json!(1e300),
        json!(u64::MAX),
        json!(""),
        json!("a"),
        json!([]),
        json!([1, "a"]),
        json!({}),
        json!({"a": null}),
        json!({"type": "string"}),
    ]
}

/// A schema that contains another one.
pub(super) fn wrapped(inner: Value, random: &mut Random) -> Value {
    match random.below(13) {
        0 => json!({"anyOf": [inner, {"type": "null"}]}),
        1 => json!({"allOf": [inner]}),
        2 => json!({"oneOf": [inner, {"type": "integer"}]}),
        3 => json!({"type": "array", "items": inner}),
        4 => json!({"type": "object", "properties": {"inner": inner}}),
        5 => json!({"type": "object", "additionalProperties": inner}),
        6 => json!({"prefixItems": [inner, {"type": "string"}]}),
        7 => json!({"patternProperties": {"^a": inner}}),
        8 => json!({"allOf": [inner, {"type": "object", "properties": {"more": {"type": "string"}}}]}),
        9 => json!({"anyOf": [inner.clone(), {"type": "array", "items": inner}]}),
        10 => json!({"type": "object", "propertyNames": inner}),
        11 => json!({"anyOf": [{"type": "array", "items": inner}, {"type": "array", "items": {"type": "integer"}}]}),
        _ => json!({"oneOf": [inner.clone(), inner], "discriminator": {"propertyName": "type"}}),
    }
}

/// A keyword of a schema with a value that may be valid.
pub(super) fn keyword(random: &mut Random, names: &Names) -> (&'static str, Value) {
    let odd = |random: &mut Random| (*random.one(ODD_NAMES)).to_owned();
    match random.below(25) {
        0 => ("const", random.one(&odd_values()).clone()),
        1 => ("enum", (0..=random.below(4)).map(|_| Value::from(odd(random))).collect()),
        2 => ("enum", (0..=random.below(3)).map(|_| random.one(&odd_values()).clone()).collect()),
        3 => ("type", json!(["string", "null"])),
        4 => ("type", json!([*random.one(TYPES), *random.one(TYPES), *random.one(TYPES)])),
        5 => ("type", json!(*random.one(TYPES))),
        6 => ("nullable", json!(true)),
        7 => {
            ("format", json!(*random.one(&["uuid", "date", "date-time", "password", "byte", "binary", "int32", "odd"])))
        }
        8 => ("default", random.one(&odd_values()).clone()),
        9 => ("required", json!([odd(random), "type", "id"])),
        10 => ("additionalProperties", random.one(&[json!(true), json!(false), json!({"type": "string"})]).clone()),
        11 => ("readOnly", json!(true)),
        12 => ("writeOnly", json!(true)),
        13 => ("deprecated", json!(true)),
        14 => (
            "description",
            json!(*random.one(&["```\nfn", "*/", "a\r\nb", "[x](", "\\", "/// \"", "", "{}", "\u{202e}"])),
        ),
        15 => ("title", json!(odd(random))),
        16 => ("discriminator", json!({"propertyName": *random.one(&["type", "kind", "", "a/b"])})),
        17 => {
            let target = reference(random, names).unwrap_or_default();
            ("discriminator", json!({"propertyName": "type", "mapping": {odd(random): target}}))
        }
        18 => ("pattern", json!("`[")),
        19 => ("minimum", json!([0, -1, 5][random.below(3)])),
        20 => ("exclusiveMaximum", json!([0.5, 9e99][random.below(2)])),
        21 => ("$ref", json!(reference(random, names).unwrap_or_default())),
        22 => ("x-session", json!(odd(random))),
        23 => ("x-redacted", json!(true)),
        _ => (
            "x-parent-discriminator",
            json!({"path": ["type"], "mapping": {odd(random): reference(random, names).unwrap_or_default()}}),
        ),
    }
}

pub(super) fn parameter(random: &mut Random) -> (&'static str, Value) {
    match random.below(9) {
        8 => ("content", json!({"application/json": {"schema": {"type": *random.one(TYPES)}}})),
        0 => (
            "style",
            json!(*random.one(&["form", "simple", "deepObject", "spaceDelimited", "pipeDelimited", "label", "matrix"])),
        ),
        1 => ("explode", json!(random.below(2) == 0)),
        2 => ("in", json!(*random.one(&["query", "path", "header", "cookie", "body"]))),
        3 => ("required", json!(random.below(2) == 0)),
        4 => ("name", json!(*random.one(ODD_NAMES))),
        5 => ("schema", json!({"type": "array", "items": {"type": *random.one(TYPES)}})),
        6 => ("schema", json!({"type": "object", "properties": {"a": {"type": *random.one(TYPES)}}})),
        _ => ("schema", json!({"type": *random.one(TYPES), "format": "date-time"})),
    }
}
