//! Warnings that a client logs once, with the feature `tracing`.

#[cfg(feature = "tracing")]
use crate::client::Notice;
use crate::error::ErrorInner;
use crate::request::Request;
use crate::response::RawResponse;

/// Warns if the API announces the end of the operation.
#[cfg(feature = "tracing")]
pub(super) fn of_response(request: &Request, response: &RawResponse) {
    if let Some(deprecation) = response.deprecation()
        && request.client().notices().is_new(Notice::Deprecation)
    {
        tracing::warn!(operation = request.operation().id, "{deprecation}");
    }
}

/// Warns if the API rejects the token, because every other call will fail too.
#[cfg(feature = "tracing")]
pub(super) fn of_failure(request: &Request, failure: &ErrorInner) {
    if let Some(hint) = failure.hint().filter(|_| failure.is_invalid_token())
        && request.client().notices().is_new(Notice::RejectedToken)
    {
        tracing::warn!(operation = request.operation().id, "the API rejected the access token: {hint}");
    }
}

#[cfg(not(feature = "tracing"))]
pub(super) fn of_response(_: &Request, _: &RawResponse) {}

#[cfg(not(feature = "tracing"))]
pub(super) fn of_failure(_: &Request, _: &ErrorInner) {}
