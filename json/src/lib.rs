#![doc = include_str!("../README.md")]

mod arguments;
mod constant;
mod enums;
mod error;
mod extra;
mod field;
mod macros;
mod nullable;
mod number;
mod object;
mod one_or_many;
mod reader;
mod scan;
mod secret;
mod serde_impls;
mod shapes;
mod timestamp;
mod unions;
mod unknown;
mod view;
mod writer;

use std::borrow::Cow;

use serde::de::DeserializeOwned;
use serde_json::Value;

pub use arguments::{list, map};
pub use constant::{Const, Constant};
pub use enums::{UnknownValue, position, show_value};
pub use error::{DecodeError, ReadError};
pub use extra::Extra;
pub use field::Field;
pub use nullable::Nullable;
pub use number::Number;
pub use object::{Model, Object, ParentTag, Parts, Property, Rest, are_plain, read_object, show, show_variant};
pub use one_or_many::OneOrMany;
pub use reader::Reader;
pub use secret::Secret;
pub use serde_impls::{deserialize, serialize};
pub use shapes::{JsonKind, VariantShape};
pub use unions::{Decision, Tag, Union, Unlisted, Variants, read_union};
pub use unknown::Unknown;
pub use view::{List, Map, View};
pub use writer::to_vec;

#[doc(hidden)]
pub use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Decodes a JSON text.
///
/// # Errors
/// The text is not UTF-8, not JSON, or not of the shape of `T`. The error names the place.
pub fn decode<T: Field>(body: &[u8]) -> Result<T, DecodeError> {
    let mut value = T::blank();
    decode_into(&mut value, body)?;
    Ok(value)
}

/// Decodes a JSON text into a [blank](Field::blank) value.
///
/// # Errors
/// Those of [`decode`].
pub fn decode_into(value: &mut dyn Field, body: &[u8]) -> Result<(), DecodeError> {
    read_text_into(value, text(body)?)
}

fn read_text_into(value: &mut dyn Field, text: &str) -> Result<(), DecodeError> {
    let mut reader = Reader::new(text);
    let read = value.read(&mut reader).and_then(|()| reader.finish());
    read.map_err(|error| DecodeError::new(error, text))
}

/// Decodes a text that is a value.
fn decode_text<T: Field>(text: &str) -> Result<T, DecodeError> {
    let mut value = T::blank();
    read_text_into(&mut value, text)?;
    Ok(value)
}

/// Decodes a JSON text as a type that is not one of ours.
///
/// # Errors
/// The text is not UTF-8, not JSON, or not of the shape of `T`. The error names the place.
pub fn decode_with_serde<T: DeserializeOwned>(body: &[u8]) -> Result<T, DecodeError> {
    let text = text(body)?;
    serde_json::from_str(text).map_err(|error| DecodeError::of_serde(&error, text))
}

/// The string property `name` of an object. Nothing else is decoded, and the rest of the text may be malformed.
#[must_use]
pub fn string_property<'a>(body: &'a [u8], name: &str) -> Option<Cow<'a, str>> {
    scan::property(text(body).ok()?, name).and_then(scan::string)
}

/// Reads JSON of any kind, by one copy of the code for all of a program.
///
/// # Errors
/// The text is not JSON.
pub fn any_json(text: &str) -> serde_json::Result<Value> {
    serde_json::from_str(text)
}

/// Reads a value of a variant.
///
/// # Errors
/// It has another shape.
#[doc(hidden)]
pub fn read_value<T: Field>(reader: &mut Reader<'_>) -> Result<T, ReadError> {
    field::read(reader)
}

/// Reads a string.
///
/// # Errors
/// The value is not a string.
#[doc(hidden)]
pub fn read_text<'a>(reader: &mut Reader<'a>) -> Result<Cow<'a, str>, ReadError> {
    reader.string()
}

/// The text of a body. A byte order mark before it is skipped, as RFC 8259 (8.1) allows.
fn text(body: &[u8]) -> Result<&str, DecodeError> {
    let text = std::str::from_utf8(body)
        .map_err(|error| DecodeError::whole(format!("not UTF-8 from byte {}", error.valid_up_to())))?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failing test may panic")]
mod tests {
    use super::scan::steps;
    use super::*;

    struct Group {
        items: Vec<Part>,
        extra: Extra,
    }

    struct Leaf {
        leaf: i64,
        extra: Extra,
    }

    enum Part {
        Group(Group),
        Leaf(Leaf),
        Unknown(Unknown),
    }

    model! {
        Group {
            items: "items",
            ..extra
        }
    }

    model! {
        Leaf {
            leaf: "leaf",
            ..extra
        }
    }

    union! {
        Part {
            0 => Group,
            1 => Leaf,
        }
        decision: Decision::Structure(&[
            VariantShape { variant: 0, required: &["items"], ..VariantShape::EMPTY },
            VariantShape { variant: 1, required: &["leaf"], ..VariantShape::EMPTY },
        ]),
    }

    /// Groups in groups, with so many leaves in the innermost one and `last` after them.
    fn nested(depth: usize, leaves: usize, last: &str) -> String {
        let leaves = "{\"leaf\":1},".repeat(leaves);
        format!("{}{leaves}{last}{}", "{\"items\":[".repeat(depth), "]}".repeat(depth))
    }

    fn steps(text: &str) -> (usize, String) {
        let mut error = String::new();
        let steps = steps::of(|| error = decode::<Part>(text.as_bytes()).unwrap_err().to_string());
        (steps, error)
    }

    #[test]
    fn errors_cost_in_proportion_to_the_text() {
        for last in ["{\"leaf\":null}", "{}", "[]", "{\"leaf\":tru}", "{\"leaf\":\"\\ud800\"}", "{\"leaf\":1"] {
            let (few, error) = steps(&nested(20, 1000, last));
            let (many, _) = steps(&nested(20, 16000, last));
            assert!(many < 17 * few, "{few} and {many} for {error}");
            assert!(error.contains("items[0].items[0]"), "{error}");
        }
    }

    #[test]
    fn deep_texts_cost_no_more_than_wide_ones() {
        let (few, error) = steps(&nested(1_000, 1, "{}"));
        assert!(error.contains("recursion limit exceeded"), "{error}");
        let (many, _) = steps(&nested(16_000, 1, "{}"));
        assert!(many < 17 * few, "{few} and {many}");
    }
}
