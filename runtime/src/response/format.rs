//! The formats in which responses are read.

use bytes::Bytes;
use serde::de::DeserializeOwned;

use super::excerpt::{heading, is_page};
use super::{RawResponse, ResponseError};
use crate::codec::{self, DecodeError};

/// A form in which answers travel, and which can be read into a `T`.
pub trait ResponseFormat<T> {
    /// Reads the answer.
    ///
    /// # Errors
    /// The body has another shape.
    fn read(answer: &RawResponse) -> Result<T, ResponseError>;
}

/// A body of JSON, read by [`json`].
#[derive(Debug)]
pub enum Json {}

impl<T: DeserializeOwned> ResponseFormat<T> for Json {
    fn read(answer: &RawResponse) -> Result<T, ResponseError> {
        json(answer)
    }
}

/// A body of text, read by [`text`].
#[derive(Debug)]
pub enum Text {}

impl ResponseFormat<String> for Text {
    fn read(answer: &RawResponse) -> Result<String, ResponseError> {
        text(answer)
    }
}

/// A body that says nothing, read by [`empty`].
#[derive(Debug)]
pub enum Empty {}

impl ResponseFormat<()> for Empty {
    fn read(answer: &RawResponse) -> Result<(), ResponseError> {
        empty(answer)
    }
}

/// A body that depends on the status, read by [`StatusOutput`].
#[derive(Debug)]
pub enum ByStatus {}

impl<T: StatusOutput> ResponseFormat<T> for ByStatus {
    fn read(answer: &RawResponse) -> Result<T, ResponseError> {
        T::read(answer)
    }
}

/// An operation's output that has a variant for each documented status.
pub trait StatusOutput: Sized {
    /// Reads the response as the variant of its status.
    ///
    /// # Errors
    /// The status is not documented, or the body has another shape than the variant.
    fn read(response: &RawResponse) -> Result<Self, ResponseError>;
}

/// Reads a JSON body. An empty body reads as `null`.
///
/// # Errors
///
/// The body is not JSON, or not of this shape.
pub fn json<T: DeserializeOwned>(answer: &RawResponse) -> Result<T, ResponseError> {
    codec::decode(json_text(answer)).map_err(|error| not_json(answer, error))
}

fn json_text(answer: &RawResponse) -> &[u8] {
    if answer.body.is_empty() { b"null" } else { &answer.body }
}

/// What the body is instead says more than where its decoding failed.
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
        None if text.is_some() => ResponseError::unexpected(format!("the body is a page, expected JSON{title}")),
        None => ResponseError::decode(error),
    }
}

fn encoded(encoding: &str) -> ResponseError {
    ResponseError::unexpected(format!("its content encoding is `{encoding}`, which was not asked for"))
}

/// Reads a text, such as CSV.
///
/// # Errors
///
/// The body is not UTF-8.
pub fn text(answer: &RawResponse) -> Result<String, ResponseError> {
    match std::str::from_utf8(&answer.body) {
        Ok(text) => Ok(text.to_owned()),
        Err(error) => Err(answer.encoding().map_or_else(
            || ResponseError::unexpected(format!("the text is not UTF-8 from byte {} on", error.valid_up_to())),
            encoded,
        )),
    }
}

/// Reads an answer that says all with its status. A body is passed over.
///
/// # Errors
///
/// None.
pub fn empty(_: &RawResponse) -> Result<(), ResponseError> {
    Ok(())
}

/// Takes the body as it came.
///
/// # Errors
///
/// None.
pub fn bytes(answer: &RawResponse) -> Result<Bytes, ResponseError> {
    Ok(answer.body.clone())
}
