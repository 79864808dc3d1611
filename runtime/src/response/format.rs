//! Functions that read response bodies, one for each format.

use bytes::Bytes;
use serde::de::DeserializeOwned;

use super::excerpt::{heading, is_page};
use super::{RawResponse, ResponseError};
use crate::codec::{self, DecodeError, Field};

/// Reads a JSON body into a type of a generated crate. An empty body reads as `null`.
///
/// # Errors
///
/// The body is not JSON, or does not have this structure.
pub fn model<T: Field>(response: &RawResponse) -> Result<T, ResponseError> {
    let mut value = T::blank();
    match model_into(response, &mut value) {
        Ok(()) => Ok(value),
        Err(error) => Err(error),
    }
}

fn model_into(response: &RawResponse, value: &mut dyn Field) -> Result<(), ResponseError> {
    codec::decode_into(value, json_text(response)).map_err(|error| not_json(response, error))
}

/// Reads a JSON body into a type that serde reads. An empty body reads as `null`.
///
/// # Errors
///
/// The body is not JSON, or does not have this structure.
pub fn json<T: DeserializeOwned>(answer: &RawResponse) -> Result<T, ResponseError> {
    codec::decode_with_serde(json_text(answer)).map_err(|error| not_json(answer, error))
}

fn json_text(answer: &RawResponse) -> &[u8] {
    if answer.body.is_empty() { b"null" } else { &answer.body }
}

/// The format of the body explains more than the position at which decoding failed.
fn not_json(answer: &RawResponse, error: DecodeError) -> ResponseError {
    if answer.body.is_empty() {
        return ResponseError::unexpected("the body is empty, expected JSON");
    }
    if let Some(encoding) = answer.encoding() {
        return encoded(encoding);
    }
    let text = std::str::from_utf8(&answer.body).ok().filter(|text| is_page(text));
    let title = text.and_then(heading).map(|title| format!(" (the page is titled {title:?})")).unwrap_or_default();
    match answer.claims_other_than_json() {
        Some(media_type) => {
            ResponseError::unexpected(format!("its content type is `{media_type}`, expected JSON{title}"))
        }
        None if text.is_some() => ResponseError::unexpected(format!("the body is an HTML page, expected JSON{title}")),
        None => ResponseError::decode(error),
    }
}

fn encoded(encoding: &str) -> ResponseError {
    ResponseError::unexpected(format!("its content encoding is `{encoding}`, which was not requested"))
}

/// Reads text, such as CSV.
///
/// # Errors
///
/// The body is not UTF-8.
pub fn text(answer: &RawResponse) -> Result<String, ResponseError> {
    match std::str::from_utf8(&answer.body) {
        Ok(text) => Ok(text.to_owned()),
        Err(error) => Err(answer.encoding().map_or_else(
            || ResponseError::unexpected(format!("the text is not valid UTF-8 at byte {}", error.valid_up_to())),
            encoded,
        )),
    }
}

/// Reads a response without a body. If there is one, it is ignored.
///
/// # Errors
///
/// None.
pub fn empty(_: &RawResponse) -> Result<(), ResponseError> {
    Ok(())
}

/// Returns the body as received.
///
/// # Errors
///
/// None.
pub fn bytes(answer: &RawResponse) -> Result<Bytes, ResponseError> {
    Ok(answer.body.clone())
}
