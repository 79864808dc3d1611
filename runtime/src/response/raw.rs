//! A response before its body is read.

use std::fmt;

use bytes::Bytes;
use http::StatusCode;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderMap};

use super::deprecation::Deprecation;
use crate::api::Operation;
use crate::redact;

/// The complete response to one request. `Debug` does not show its body.
#[derive(Clone)]
pub struct RawResponse {
    pub(crate) operation: &'static Operation,
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// Number of the attempt.
    pub(crate) attempts: u32,
    /// The request body, if it decides whether the request can be sent twice.
    pub(crate) request_body: Option<Box<Bytes>>,
    /// Whether it comes from the target of a redirect.
    pub(crate) was_redirected: bool,
}

impl RawResponse {
    /// Returns the HTTP status.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// Returns the HTTP headers.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// Returns the body as received.
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// Returns whether the request can be sent twice with the effect of one.
    pub(crate) fn is_idempotent(&self) -> bool {
        let body = self.request_body.as_deref().map(|body| &**body).unwrap_or_default();
        self.operation.idempotency.is_safe(&self.operation.method, body)
    }

    /// Returns what the response says about the end of the operation.
    pub(crate) fn deprecation(&self) -> Option<Deprecation> {
        Deprecation::read(&self.headers)
    }

    /// Returns the media type without its parameters, as in `text/html`.
    fn media_type(&self) -> Option<&str> {
        let value = self.headers.get(CONTENT_TYPE)?.to_str().ok()?;
        value.split(';').next().map(str::trim)
    }

    /// Returns the content encoding, if there is one. Requests do not ask for one, but a proxy may add one.
    pub(super) fn encoding(&self) -> Option<&str> {
        let value = self.headers.get(CONTENT_ENCODING)?.to_str().ok()?.trim();
        Some(value).filter(|value| !value.is_empty() && !value.eq_ignore_ascii_case("identity"))
    }

    pub(super) fn claims_other_than_json(&self) -> Option<&str> {
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

/// Returns the server's identifier of a request, from the headers of its response.
pub(crate) fn request_id(headers: &HeaderMap) -> Option<&str> {
    ["x-request-id", "request-id", "cf-ray"].iter().find_map(|name| redact::request_id(headers.get(*name)?))
}
