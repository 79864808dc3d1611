//! The typed body of an error response, and whether the API documents its structure.

use std::fmt;

use bytes::Bytes;
use serde::de::DeserializeOwned;

use crate::codec::decode_with_serde;

/// The type of an API's error bodies. The generated crate implements it for the union of all documented bodies.
pub trait ApiErrorBody: DeserializeOwned + Send + Sync + 'static {
    /// Returns whether the API documents this value.
    ///
    /// A union returns `false` for a variant that it does not know.
    fn is_documented(&self) -> bool {
        true
    }

    /// Decodes a body. `None` if it has another structure.
    #[must_use]
    fn decode(body: &[u8]) -> Option<Self> {
        decode_with_serde(body).ok()
    }
}

/// For an API without documented error bodies: any JSON counts as documented.
impl ApiErrorBody for serde_json::Value {}

/// The body of an error response, as [`Error::body`](crate::Error::body) returns it.
///
/// Code and message of an error are read from any body: see [`Error::code`](crate::Error::code) and
/// [`Error::detail`](crate::Error::detail).
#[derive(PartialEq)]
pub enum ErrorBody<'a, B> {
    /// There is no body: no response was received, the response is not an error, or its body is empty.
    Absent,
    /// The body has a structure that the API documents.
    Documented(&'a B),
    /// The API does not document the structure of the body: it is an error that the document does not list, or the page
    /// of a proxy. The bytes are the body as received. They may contain secrets; `Debug` shows only their number.
    Undocumented(&'a Bytes),
}

impl<'a, B> ErrorBody<'a, B> {
    /// Returns the typed body, or `None` if there is no body or its structure is not documented.
    #[must_use]
    pub fn documented(self) -> Option<&'a B> {
        match self {
            Self::Documented(body) => Some(body),
            Self::Absent | Self::Undocumented(_) => None,
        }
    }

    /// Returns the bytes of a body with an undocumented structure, or `None` if there is no body or it is typed.
    #[must_use]
    pub fn undocumented(self) -> Option<&'a Bytes> {
        match self {
            Self::Undocumented(bytes) => Some(bytes),
            Self::Absent | Self::Documented(_) => None,
        }
    }
}

impl<B> Clone for ErrorBody<'_, B> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<B> Copy for ErrorBody<'_, B> {}

impl<B: fmt::Debug> fmt::Debug for ErrorBody<'_, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent => f.write_str("Absent"),
            Self::Documented(body) => f.debug_tuple("Documented").field(body).finish(),
            Self::Undocumented(bytes) => {
                f.debug_tuple("Undocumented").field(&format_args!("{} bytes", bytes.len())).finish()
            }
        }
    }
}
