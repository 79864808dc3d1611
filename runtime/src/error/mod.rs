//! Errors: why a call failed or a client could not be built.
//!
//! Owns [`Error`] with its predicates, the message that is read from error bodies, and hints. Leaves to others when a
//! call is retried (`retry`) and the errors of transports and responses (`transport`, `response`).
//!
//! Invariant: neither `Display` nor `Debug` shows a token, a header or a whole body.

use std::any::Any;
use std::fmt;
use std::marker::PhantomData;
use std::sync::OnceLock;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};

use crate::response::{RateLimit, request_id, retry_after};
use crate::transport::TransportErrorKind;

mod body;
mod detail;
mod hint;
mod inner;

pub use body::{ApiErrorBody, ErrorBody};
pub(crate) use hint::SentWith;
pub(crate) use inner::ErrorInner;
use inner::ErrorKind;

/// Why a call failed, or why a client could not be built.
///
/// It is opaque, so that it can grow. Its predicates say what happened. `B` is the type of the API's error bodies,
/// which [`body`](Error::body) decodes on demand.
///
/// `Display` has one line with the operation, the host and the cause; the source chain has the underlying errors.
/// Neither `Display` nor `Debug` shows a token, a header or a body, except for the message in the body that says what
/// is wrong.
#[doc(alias("PolarError", "SDKError", "ResourceNotFound"))]
pub struct Error<B = serde_json::Value> {
    inner: Box<Inner>,
    body: PhantomData<fn() -> B>,
}

/// Independent of the type of the body, so that it is compiled once.
struct Inner {
    failure: ErrorInner,
    /// The body, if it was decoded: a `B`.
    body: OnceLock<Option<Box<dyn Any + Send + Sync>>>,
}

impl Inner {
    fn new(failure: ErrorInner) -> Box<Self> {
        Box::new(Self { failure, body: OnceLock::new() })
    }
}

impl<B> Error<B> {
    /// Returns whether the client's settings are invalid. Nothing was sent.
    pub fn is_config(&self) -> bool {
        matches!(self.failure().kind, ErrorKind::Config { .. })
    }

    /// Returns whether the request is invalid, for example because a path parameter is empty. Nothing was sent.
    pub fn is_request(&self) -> bool {
        matches!(self.failure().kind, ErrorKind::Request { .. })
    }

    /// Returns whether the connection to the server failed, or there is no async runtime to open it. Nothing was sent.
    pub fn is_connect(&self) -> bool {
        matches!(
            self.transport(),
            Some(TransportErrorKind::Connect | TransportErrorKind::Certificate | TransportErrorKind::Runtime)
        )
    }

    /// Returns whether the timeout of the call or of the attempt ended.
    ///
    /// If the request was still waiting to be sent, for example because of the limit of concurrent requests, `Display`
    /// says so. Otherwise the server may have carried it out: see [`outcome_is_unknown`](Self::outcome_is_unknown).
    pub fn is_timeout(&self) -> bool {
        self.transport() == Some(TransportErrorKind::Timeout) || self.failure().is_not_sent_in_time()
    }

    /// Returns whether the request may have been carried out although the call failed, and sending it again may carry it
    /// out twice.
    ///
    /// It is `false` if the request is idempotent, if nothing of it was sent, or if the API rejected it. It is `true`
    /// if another request was sent and one of these happened: the timeout ended, the connection broke, the response was
    /// a redirect or could not be read, or its status is 408 or 5xx. The client does not retry such a request.
    ///
    /// # What to do
    ///
    /// Look for the result before you send the request again:
    ///
    /// 1. Before the request, create a unique id and save it with your own record of the action.
    /// 2. Put the id into the request: into `metadata` if the operation has it, or into `external_id` or
    ///    `external_customer_id`.
    /// 3. If the outcome is unknown, list the resource with a filter for that id, or with the filters that the list has
    ///    (customer, product, order), and compare the id in the items. A change that the server still processes
    ///    appears a little later, so look several times within a minute.
    /// 4. Send the request again, with the same id, only if nothing was found.
    ///
    /// An operation without such a property that only changes a resource, for example one that cancels a subscription,
    /// needs no id: read the resource and compare.
    pub fn outcome_is_unknown(&self) -> bool {
        self.failure().outcome_is_unknown()
    }

    /// Returns whether the server reported success, but the response could not be read. The server has carried out the
    /// request.
    pub fn is_decode(&self) -> bool {
        matches!(self.failure().kind, ErrorKind::Unreadable { .. })
    }

    /// Returns whether the API rejected the token (401).
    pub fn is_unauthorized(&self) -> bool {
        self.error_status() == Some(StatusCode::UNAUTHORIZED)
    }

    /// Returns whether the token lacks a scope, or its owner lacks a permission (403).
    pub fn is_forbidden(&self) -> bool {
        self.error_status() == Some(StatusCode::FORBIDDEN)
    }

    /// Returns whether the token lacks a scope (403, RFC 6750, section 3.1). `Display` lists the scopes, of which it
    /// needs one.
    pub fn is_insufficient_scope(&self) -> bool {
        self.failure().is_insufficient_scope()
    }

    /// Returns whether the resource was not found (404). The API also returns 404 for a version that it does not
    /// support, and for a path parameter that contains a slash.
    pub fn is_not_found(&self) -> bool {
        self.error_status() == Some(StatusCode::NOT_FOUND)
    }

    /// Returns whether the response is the 404 for a version (`Polar-Version`) that the API does not support: it has no
    /// [`code`](Self::code), and lacks the version header that all other responses echo.
    pub fn is_unknown_version(&self) -> bool {
        self.failure().is_unknown_version()
    }

    /// Returns whether the API rejected values of the request (422).
    pub fn is_validation(&self) -> bool {
        self.error_status() == Some(StatusCode::UNPROCESSABLE_ENTITY)
    }

    /// Returns whether there were too many requests (429).
    pub fn is_rate_limited(&self) -> bool {
        self.error_status() == Some(StatusCode::TOO_MANY_REQUESTS)
    }

    /// Returns whether the server, or a proxy in front of it, failed (5xx).
    pub fn is_server_error(&self) -> bool {
        self.error_status().is_some_and(|status| status.is_server_error())
    }

    /// Returns whether the same request may succeed later and can't be carried out twice:
    ///
    /// - The connection could not be established, unless the certificate of the server was not accepted.
    /// - The server said over HTTP/2 that it did not process the request (`REFUSED_STREAM`, `GOAWAY`); recognized with
    ///   the feature `http2`.
    /// - The request is idempotent, and there was no response in time, the connection broke, or the status is 408, 502,
    ///   503, 504 or 520 to 524. A request is idempotent by its method (RFC 9110, section 9.2.2), or because the server
    ///   recognizes duplicates, as it does for events that all have an `external_id`.
    /// - The status is 429 with a `Retry-After`. Without that header the limit does not pass with time.
    /// - The error is one that the API returns before it does anything, such as 409 `CheckoutLocked`: see
    ///   [`Api::retryable_errors`](crate::Api::retryable_errors).
    pub fn is_retryable(&self) -> bool {
        self.failure().is_retryable()
    }

    /// Returns the number of attempts to send the request. A failed connection counts. An error before that, such as a
    /// missing token, does not.
    pub fn attempts(&self) -> u32 {
        self.failure().attempts
    }

    /// Returns the limits that the response reports.
    pub fn rate_limit(&self) -> Option<RateLimit> {
        RateLimit::from_headers(self.headers()?)
    }

    /// Returns the status, if there was a response.
    pub fn status(&self) -> Option<StatusCode> {
        self.failure().answer().map(|answer| answer.status)
    }

    /// Returns the error code: the property `error` of the body, as in `ResourceNotFound`. It is read from every JSON
    /// object, whether the API documents its structure or not. It has at most 100 characters.
    pub fn code(&self) -> Option<&str> {
        self.failure().problem()?.code.as_deref()
    }

    /// Returns the API's message: the text of the body, or the paths of the first rejected values with the reasons. Of
    /// an HTML page it is the title. `None` if the body is empty or contains no message.
    ///
    /// It can be logged: it has at most 500 characters, none of which is a control or format character, and tokens in it
    /// are replaced by their kind. [`raw_body`](Self::raw_body) has the text as received.
    pub fn detail(&self) -> Option<&str> {
        self.failure().problem()?.detail.as_deref()
    }

    /// Returns the HTTP headers, if there was a response.
    pub fn headers(&self) -> Option<&HeaderMap> {
        self.failure().answer().map(|answer| &answer.headers)
    }

    /// Returns the server's id of this request, for its support. `None` if there is none, or if it does not look like
    /// an id: it contains whitespace, has more than 100 characters, or is a token.
    pub fn request_id(&self) -> Option<&str> {
        request_id(self.headers()?)
    }

    /// Returns the time that the server asks to wait before the next attempt (RFC 9110, section 10.2.3).
    ///
    /// A date is compared with the `Date` of the response, so that a wrong local clock has no effect.
    pub fn retry_after(&self) -> Option<Duration> {
        retry_after::read(self.headers()?)
    }

    /// Returns the operation id, as in `products:get`. `None` for an error of [`is_config`](Self::is_config).
    pub fn operation_id(&self) -> Option<&'static str> {
        self.failure().operation.map(|operation| operation.id)
    }

    /// Returns the path of the value that could not be decoded, as in `items[3].prices[0]`.
    pub fn path(&self) -> Option<&str> {
        match &self.failure().kind {
            ErrorKind::Unreadable { error, .. } => error.path(),
            _ => None,
        }
    }

    /// Returns the body as received, if there was a response. It may contain secrets.
    pub fn raw_body(&self) -> Option<&Bytes> {
        self.failure().answer().map(|answer| &answer.body)
    }

    fn failure(&self) -> &ErrorInner {
        &self.inner.failure
    }

    fn transport(&self) -> Option<TransportErrorKind> {
        self.failure().transport_kind()
    }

    /// Returns the status of an error response.
    fn error_status(&self) -> Option<StatusCode> {
        self.failure().error_status()
    }
}

impl<B: ApiErrorBody> Error<B> {
    /// Returns the body of an error response: typed if the API documents its structure.
    ///
    /// The API also returns errors that its document does not list, and a proxy may answer in its place. Such a body is
    /// [`ErrorBody::Undocumented`]; [`code`](Self::code) and [`detail`](Self::detail) are read from it as well.
    pub fn body(&self) -> ErrorBody<'_, B> {
        let ErrorKind::Status { answer, .. } = &self.failure().kind else {
            return ErrorBody::Absent;
        };
        if answer.body.is_empty() {
            return ErrorBody::Absent;
        }
        let body = self.inner.body.get_or_init(|| B::decode(&answer.body).map(|body| Box::new(body) as _));
        match body.as_ref().and_then(|body| body.downcast_ref::<B>()) {
            Some(body) if body.is_documented() => ErrorBody::Documented(body),
            _ => ErrorBody::Undocumented(&answer.body),
        }
    }
}

impl<B> From<Box<ErrorInner>> for Error<B> {
    fn from(failure: Box<ErrorInner>) -> Self {
        Self { inner: Inner::new(*failure), body: PhantomData }
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
