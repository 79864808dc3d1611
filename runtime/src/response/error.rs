//! Errors of reading a response.

use std::fmt;

use crate::codec::DecodeError;
use crate::redact;

/// Why a response could not be read.
///
/// `Display` and `Debug` have a bounded length and show no token.
pub struct ResponseError(ResponseErrorKind);

enum ResponseErrorKind {
    Decode(DecodeError),
    Unexpected(String),
}

impl ResponseError {
    pub(super) fn decode(error: DecodeError) -> Self {
        Self(ResponseErrorKind::Decode(error))
    }

    pub(crate) fn unexpected(message: impl Into<String>) -> Self {
        Self(ResponseErrorKind::Unexpected(message.into()))
    }

    /// The status is a success that the API does not document; `documented` lists the documented ones.
    pub fn undocumented_status(documented: &str) -> Self {
        Self::unexpected(format!("the API does not document success with this status, only {documented}"))
    }

    /// The path of the value that could not be decoded, as in `items[3].prices[0]`. `None` if the body is not JSON.
    pub fn path(&self) -> Option<&str> {
        match &self.0 {
            ResponseErrorKind::Decode(error) => Some(error.path()),
            ResponseErrorKind::Unexpected(_) => None,
        }
    }
}

impl fmt::Display for ResponseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A path, a media type or the title of a page is a text of the server.
        f.write_str(&match &self.0 {
            ResponseErrorKind::Decode(error) => redact::message(&error.to_string()),
            ResponseErrorKind::Unexpected(message) => redact::message(message),
        })
    }
}

impl fmt::Debug for ResponseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ResponseError").field(&self.to_string()).finish()
    }
}

impl std::error::Error for ResponseError {}
