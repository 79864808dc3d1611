//! Functions that decode a whole text.

use std::borrow::Cow;

use serde::de::DeserializeOwned;

use crate::error::DecodeError;
use crate::field::Field;
use crate::reader::Reader;
use crate::scan;

/// Decodes a JSON text.
///
/// # Errors
/// The text is not valid UTF-8 or JSON, or does not have the structure of `T`. The error has the path of the value.
pub fn decode<T: Field>(body: &[u8]) -> Result<T, DecodeError> {
    let mut value = T::blank();
    match decode_into(&mut value, body) {
        Ok(()) => Ok(value),
        Err(error) => Err(error),
    }
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

/// Decodes a text that is a single value.
pub(crate) fn decode_text<T: Field>(text: &str) -> Result<T, DecodeError> {
    let mut value = T::blank();
    read_text_into(&mut value, text)?;
    Ok(value)
}

/// Decodes a JSON text as a type from another crate.
///
/// # Errors
/// The text is not valid UTF-8 or JSON, or does not have the structure of `T`. The error has the path of the value.
pub fn decode_with_serde<T: DeserializeOwned>(body: &[u8]) -> Result<T, DecodeError> {
    let text = text(body)?;
    serde_json::from_str(text).map_err(|error| DecodeError::of_serde(&error, text))
}

/// Returns the string property `name` of an object. Nothing else is decoded, and the rest of the text may be malformed.
#[must_use]
pub fn string_property<'a>(body: &'a [u8], name: &str) -> Option<Cow<'a, str>> {
    scan::property(text(body).ok()?, name).and_then(scan::string)
}

/// Returns the text of a body. A leading byte order mark is skipped, as RFC 8259 (8.1) allows.
fn text(body: &[u8]) -> Result<&str, DecodeError> {
    let text = std::str::from_utf8(body)
        .map_err(|error| DecodeError::whole(format!("not valid UTF-8 at byte {}", error.valid_up_to())))?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}
