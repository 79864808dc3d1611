//! What can go wrong between calling an operation and having its answer.

use std::fmt;
use std::sync::OnceLock;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use serde::de::DeserializeOwned;

use crate::codec;
use crate::rate_limit::RateLimit;
use crate::retry_after;
use crate::transport::TransportErrorKind;

mod failure;
mod problem;

pub(crate) use failure::Failure;
use failure::Kind;

/// Why a call failed, or why a client could not be built.
///
/// It is opaque, so that it can grow: ask it with its predicates. `B` is the API's error body, which
/// [`body`](Error::body) reads on demand.
///
/// `Display` says in one line which operation failed, where and why; the source chain holds what lies beneath.
/// Neither `Display` nor `Debug` shows a token, a header or a body, but for the few words of the body that say what
/// is wrong.
pub struct Error<B = serde_json::Value>(Box<Inner<B>>);

struct Inner<B> {
    failure: Failure,
    body: OnceLock<Option<B>>,
}

impl<B> Error<B> {
    /// The client's settings can't be used; nothing was sent.
    pub fn is_config(&self) -> bool {
        matches!(self.failure().kind, Kind::Config { .. })
    }

    /// The request can't be sent as it is, an empty path parameter for instance; nothing was sent.
    pub fn is_request(&self) -> bool {
        matches!(self.failure().kind, Kind::Request { .. })
    }

    /// No connection to the server came about; nothing was sent.
    pub fn is_connect(&self) -> bool {
        self.transport() == Some(TransportErrorKind::Connect)
    }

    /// There was no answer in time. The server may have acted on the request.
    pub fn is_timeout(&self) -> bool {
        self.transport() == Some(TransportErrorKind::Timeout)
    }

    /// The server answered with success, but the answer could not be read. The server has acted on the request.
    pub fn is_decode(&self) -> bool {
        matches!(self.failure().kind, Kind::Unreadable { .. })
    }

    /// The API refused the token (401).
    pub fn is_unauthorized(&self) -> bool {
        self.refused() == Some(StatusCode::UNAUTHORIZED)
    }

    /// The token lacks a scope, or its owner a right (403).
    pub fn is_forbidden(&self) -> bool {
        self.refused() == Some(StatusCode::FORBIDDEN)
    }

    /// The token lacks a scope (403, RFC 6750, section 3.1). `Display` names those of which it needs one.
    pub fn is_insufficient_scope(&self) -> bool {
        self.failure().is_insufficient_scope()
    }

    /// There is no such thing (404). The API answers so as well when it does not know the version asked for.
    pub fn is_not_found(&self) -> bool {
        self.refused() == Some(StatusCode::NOT_FOUND)
    }

    /// The API answers 404 as it does where it does not know the version asked for (`Polar-Version`): without the name
    /// that its answers about a missing resource carry.
    pub fn is_unknown_version(&self) -> bool {
        self.failure().is_unknown_version()
    }

    /// The API refused values of the request (422).
    pub fn is_validation(&self) -> bool {
        self.refused() == Some(StatusCode::UNPROCESSABLE_ENTITY)
    }

    /// Too many requests (429).
    pub fn is_rate_limited(&self) -> bool {
        self.refused() == Some(StatusCode::TOO_MANY_REQUESTS)
    }

    /// The server, or a proxy before it, failed (5xx).
    pub fn is_server_error(&self) -> bool {
        self.refused().is_some_and(|status| status.is_server_error())
    }

    /// Whether the same request may well succeed later without being carried out twice:
    ///
    /// - there was no connection;
    /// - there was no answer in time, the connection broke, or the answer is 502, 503 or 504, and the request can be
    ///   repeated: its method is idempotent (RFC 9110, section 9.2.2), or the server tells copies of it apart, as it
    ///   does with events that all have an `external_id`;
    /// - 429 with a `Retry-After` (one without is a limit that does not pass);
    /// - 409 `SubscriptionLocked`.
    pub fn is_retryable(&self) -> bool {
        self.failure().is_retryable()
    }

    /// How often it was tried to send the request: a connection that did not come about counts, what kept the request
    /// from being sent at all does not.
    pub fn attempts(&self) -> u32 {
        self.failure().attempts
    }

    /// What the answer says about the server's limits.
    pub fn rate_limit(&self) -> Option<RateLimit> {
        RateLimit::from_headers(self.headers()?)
    }

    /// The status, if there was an answer.
    pub fn status(&self) -> Option<StatusCode> {
        self.failure().answer().map(|answer| answer.status)
    }

    /// The API's name for what went wrong: the member `error` of the body, as in `ResourceNotFound`.
    pub fn code(&self) -> Option<&str> {
        self.failure().problem()?.code.as_deref()
    }

    /// What the API says went wrong, in words: the text of the body, or where and why the first values were refused.
    /// Of an HTML page it is the title.
    pub fn detail(&self) -> Option<&str> {
        self.failure().problem()?.detail.as_deref()
    }

    /// HTTP headers, if there was an answer.
    pub fn headers(&self) -> Option<&HeaderMap> {
        self.failure().answer().map(|answer| &answer.headers)
    }

    /// The server's name for this request, where it gives one: worth quoting to its support.
    pub fn request_id(&self) -> Option<&str> {
        request_id(self.headers()?)
    }

    /// How long the server asks to wait before the next try (RFC 9110, section 10.2.3).
    ///
    /// A point in time is counted from the answer's own `Date`, so that a wrong clock does no harm.
    pub fn retry_after(&self) -> Option<Duration> {
        retry_after::read(self.headers()?)
    }

    /// The operation's id, as in `products:get`; `None` for an error of [`is_config`](Self::is_config).
    pub fn operation_id(&self) -> Option<&'static str> {
        self.failure().operation.map(|operation| operation.id)
    }

    /// Where in the JSON of an answer the decoding failed, as in `items[3].prices[0]`.
    pub fn path(&self) -> Option<&str> {
        match &self.failure().kind {
            Kind::Unreadable { error, .. } => error.path(),
            _ => None,
        }
    }

    /// The body as it came, if there was an answer. It may hold secrets.
    pub fn raw_body(&self) -> Option<&Bytes> {
        self.failure().answer().map(|answer| &answer.body)
    }

    fn failure(&self) -> &Failure {
        &self.0.failure
    }

    fn transport(&self) -> Option<TransportErrorKind> {
        self.failure().transport_kind()
    }

    /// The status of an answer that is no success.
    fn refused(&self) -> Option<StatusCode> {
        self.failure().refused()
    }
}

impl<B: DeserializeOwned> Error<B> {
    /// The API's typed error body; `None` if there was no answer, or if it has none of the shapes that the API
    /// documents, as when a proxy answers.
    pub fn body(&self) -> Option<&B> {
        let Kind::Status { answer, .. } = &self.failure().kind else {
            return None;
        };
        self.0.body.get_or_init(|| codec::decode(&answer.body).ok()).as_ref()
    }
}

impl<B> From<Box<Failure>> for Error<B> {
    fn from(failure: Box<Failure>) -> Self {
        Self(Box::new(Inner { failure: *failure, body: OnceLock::new() }))
    }
}

impl<B> fmt::Display for Error<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.failure().fmt(f)
    }
}

impl<B> fmt::Debug for Error<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.failure(), f)
    }
}

impl<B> std::error::Error for Error<B> {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.failure().source()
    }
}

pub(crate) fn request_id(headers: &HeaderMap) -> Option<&str> {
    ["x-request-id", "request-id", "cf-ray"].iter().find_map(|name| headers.get(*name)?.to_str().ok())
}
