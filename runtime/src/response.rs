//! Answers, and how they are read into an operation's type.

use std::fmt;

use bytes::Bytes;
use http::StatusCode;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderMap};
use serde::de::DeserializeOwned;

use crate::api::Operation;
use crate::codec::{self, DecodeError, Field};
use crate::excerpt::{heading, is_page};

/// The whole answer to one request. `Debug` does not show its body.
#[derive(Clone)]
pub struct RawResponse {
    pub(crate) operation: &'static Operation,
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// Which try brought it.
    pub(crate) attempts: u32,
}

impl RawResponse {
    /// HTTP status.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// HTTP headers.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The body as it came.
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// The media type without its parameters, as in `text/html`.
    fn media_type(&self) -> Option<&str> {
        let value = self.headers.get(CONTENT_TYPE)?.to_str().ok()?;
        value.split(';').next().map(str::trim)
    }

    /// How the body is encoded, where it is: no request asks for it, but a proxy may do it all the same.
    fn encoding(&self) -> Option<&str> {
        let value = self.headers.get(CONTENT_ENCODING)?.to_str().ok()?.trim();
        Some(value).filter(|value| !value.is_empty() && !value.eq_ignore_ascii_case("identity"))
    }

    fn claims_other_than_json(&self) -> Option<&str> {
        self.media_type().filter(|media_type| {
            let media_type = media_type.to_ascii_lowercase();
            media_type != "application/json" && !media_type.ends_with("+json")
        })
    }
}

impl fmt::Debug for RawResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawResponse")
            .field("operation", &self.operation.id)
            .field("status", &self.status.as_u16())
            .field("body", &format_args!("{} bytes", self.body.len()))
            .finish_non_exhaustive()
    }
}

/// Reads a JSON body into a type of a generated crate. An empty body reads as `null`.
///
/// # Errors
///
/// The body is not JSON, or not of this shape.
pub fn model<T: Field>(response: &RawResponse) -> Result<T, ResponseError> {
    let mut value = T::blank();
    model_into(response, &mut value)?;
    Ok(value)
}

fn model_into(response: &RawResponse, value: &mut dyn Field) -> Result<(), ResponseError> {
    codec::decode_into(value, json_text(response)).map_err(|error| not_json(response, error))
}

/// Reads a JSON body into a type that serde reads. An empty body reads as `null`.
///
/// # Errors
///
/// The body is not JSON, or not of this shape.
pub fn json<T: DeserializeOwned>(answer: &RawResponse) -> Result<T, ResponseError> {
    codec::decode_with_serde(json_text(answer)).map_err(|error| not_json(answer, error))
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
        None => ResponseError(ResponseErrorKind::Decode(error)),
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

/// Why an answer could not be read.
#[derive(Debug)]
pub struct ResponseError(ResponseErrorKind);

#[derive(Debug)]
enum ResponseErrorKind {
    Decode(DecodeError),
    Unexpected(String),
}

impl ResponseError {
    pub(crate) fn unexpected(message: impl Into<String>) -> Self {
        Self(ResponseErrorKind::Unexpected(message.into()))
    }

    /// The status is a success that the API does not document; `documented` lists those that it does.
    pub fn undocumented_status(documented: &str) -> Self {
        Self::unexpected(format!("the API documents no success with this status, only {documented}"))
    }

    /// Where in the JSON the decoding failed, as in `items[3].prices[0]`; `None` where the body is no JSON at all.
    pub fn path(&self) -> Option<&str> {
        match &self.0 {
            ResponseErrorKind::Decode(error) => Some(error.path()),
            ResponseErrorKind::Unexpected(_) => None,
        }
    }
}

impl fmt::Display for ResponseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            ResponseErrorKind::Decode(error) => error.fmt(f),
            ResponseErrorKind::Unexpected(message) => f.write_str(message),
        }
    }
}

impl std::error::Error for ResponseError {}
